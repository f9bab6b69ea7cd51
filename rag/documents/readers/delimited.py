"""CSV and TSV: rows as lines of a table, located by their number.

The delimiter is the one that gives the most rows the same number of cells; a header row is found
as in any table. Quoted cells may hold delimiters and line ends.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice

from rag.documents.decoding import decode
from rag.documents.readers.extracting import Extracted, UnreadableError, Writer
from rag.documents.readers.sheets import write_sheet

_DELIMITERS = ",;\t|"
_SAMPLE = 100  # rows looked at
_LONGEST_CELL = 1_000_000


def read(data: bytes) -> Extracted:
    """Return the rows of a file as a table.

    Raises:
        UnreadableError: the bytes are no text, or one cell never ends.
    """
    text, encoding, note = decode(data)
    if "\0" in text:
        raise UnreadableError("binary: no text in it")
    csv.field_size_limit(_LONGEST_CELL)
    delimiter = max(_DELIMITERS, key=lambda mark: _regular(text, mark))
    writer = Writer()
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        title = write_sheet(writer, enumerate(rows, start=1))
    except csv.Error as error:
        raise UnreadableError(f"damaged: {error} (is a quotation mark left open?)") from None
    return writer.finish(encoding, note, title)


def _regular(text: str, delimiter: str) -> tuple[float, int]:
    """Return how many of the first rows have the same number of cells, and that number.

    A cell that begins with a blank is more likely the rest of a sentence, and counts less.
    """
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    weights: Counter[int] = Counter()
    try:
        for row in islice(rows, _SAMPLE):
            loose = any(cell.startswith(" ") for cell in row[1:])
            weights[len(row)] += 2 if loose else 5
    except csv.Error:
        return 0, 0
    wide = [width for width in weights if width > 1]
    best = max(wide, key=lambda width: weights[width], default=0)
    return weights[best], best

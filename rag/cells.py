"""The cells of a table row with what stands above them, and the scale of its bare figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from rag.figures import find_figures, find_periods
from rag.reading import quote_of
from rag.types import Passage, Span

_IN_SCALE: Final = re.compile(
    r"(?i)(?:\b[A-Z]{2,3}\$?|[$€£¥₩₹])? ?\bin (?:[\w.$€£¥]+ ){0,3}"
    r"(?:thousands?|millions?|billions?|['’]?000s?)\b[^|\n)]{0,60}"
)
_HEAD_SCALE: Final = re.compile(
    r"(?:[$€£¥₩₹]|\b[A-Z]{2,3}\$?) ?(?:(?:thousand|million|billion|mn?|bn|['’]000s?)\b|['’]000)"
    r"|(?<![\w'’])['’]000s?\b|\((?:thousand|million|billion)s?\)"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell behind the first of its row; offsets of the document, header as one text."""

    start: int
    end: int
    header: str


def _split(row: str) -> list[tuple[int, str]]:
    """Return (offset, text) of the cells of a pipe or tab row."""
    mark = "|" if "|" in row else "\t"
    cells, place = [], 0
    for part in row.split(mark):
        cells.append((place, part))
        place += len(part) + 1
    if mark == "|" and row.lstrip().startswith("|"):
        cells = cells[1:]
    if mark == "|" and row.rstrip().endswith("|"):
        cells = cells[:-1]
    return cells


def label_of(passage: Passage, span: Span) -> str:
    """Return the first cell of a row, which says what the row is about."""
    return _split(quote_of(passage, span.start, span.end))[0][1].strip()


def cells_of(passage: Passage, span: Span) -> list[Cell]:
    """Return the cells of a row behind its first, each with what stands above it."""
    cells = _split(quote_of(passage, span.start, span.end))
    headers = _headers(passage, span, len(cells))
    start = span.start
    return [
        Cell(start + place, start + place + len(text), header)
        for (place, text), header in zip(cells[1:], headers[1:], strict=True)
    ]


def _headers(passage: Passage, span: Span, width: int) -> list[str]:
    """Return for each column the header cells above it, joined; blanks where there are none."""
    lead = span.lead
    if lead and passage.start <= lead[0] and lead[1] <= passage.end:
        lines = quote_of(passage, *lead).splitlines()
        rows = [[cell.strip() for _, cell in _split(line)] for line in lines]
    else:
        parts = [part for part in passage.heading.split(" › ") if " | " in part]
        rows = [line.split(" | ") for line in parts[-1].split(" / ")] if parts else []
    first = max(passage.start, lead[1]) if lead else span.start
    between = quote_of(passage, first, span.start).splitlines() if first < span.start else []
    rows += [row for line in between if _dates(row := [cell.strip() for _, cell in _split(line)])]
    full = [_spread(row, width) for row in rows if any(map(str.isalnum, "".join(row)))]
    return [" ".join(filter(None, above)) for above in zip(*full, strict=True)] or [""] * width


def _dates(row: Sequence[str]) -> bool:
    """Whether a row below the header goes on with it: "| (in thousands) | 2019 | 2018 |"."""
    named = [cell for cell in row[1:] if cell]
    return len(named) > 1 and all(
        [figure.kind for figure in find_figures(cell)] in ([], ["year"]) and find_periods(cell)
        for cell in named
    )


def _spread(row: Sequence[str], width: int) -> list[str]:
    """Lay a header row over the columns: one cell alone is above all, others reach to the next."""
    named = [cell for cell in row if cell]
    if len(named) == 1 and (len(row) != width or not row[0]):
        return ["", *named * (width - 1)]
    if len(row) == width - 1:
        row = ["", *row]
    if len(row) != width:
        return [""] * width
    spread = [row[0]]
    for cell in row[1:]:
        spread.append(cell or (spread[-1] if len(spread) > 1 else ""))
    return spread


def scale_hint(passage: Passage, span: Span) -> str:
    """Return what header or caption says of the scale of a row's bare figures; "" if nothing."""
    above = _above(quote_of(passage, passage.start, span.start).splitlines())
    inside = span.lead and passage.start <= span.lead[0]
    header = quote_of(passage, *span.lead) if span.lead and inside else ""
    name = quote_of(passage, span.start, span.end).strip("| \t").split("|")[0]
    for text, patterns in (
        (name, (_HEAD_SCALE, _IN_SCALE)),
        (header, (_IN_SCALE, _HEAD_SCALE)),
        (above, (_IN_SCALE,)),
        (passage.heading, (_IN_SCALE, _HEAD_SCALE)),
    ):
        for pattern in patterns:
            if matches := pattern.findall(text):
                return str(matches[-1])
    return ""


def _above(lines: Sequence[str]) -> str:
    """Return the rows of the same table and what stands between it and the table before."""
    rows = list(takewhile(_is_row, reversed(lines)))
    prose = takewhile(lambda line: not _is_row(line), reversed(lines[: len(lines) - len(rows)]))
    return "\n".join([*rows, *prose][::-1])


def _is_row(line: str) -> bool:
    return "|" in line or "\t" in line

"""PDF: the text of each page in reading order, with headings, paragraphs and tables.

Places of letters decide (pypdfium2 gives them): larger letters are headings, parts of lines below
one another are tables, text in columns is read column by column. Page numbers and repeated running
heads are left out; paragraphs and tables go on over page breaks.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from rag.documents.readers.extracting import Extracted, Field, UnreadableError, Writer
from rag.documents.readers.grids import table_of
from rag.documents.readers.pdf_layout import (
    Paragraph,
    joined,
    paragraphs,
    reading_order,
    without_furniture,
    words_of,
)
from rag.documents.readers.pdf_tables import Grid, table_at
from rag.documents.readers.pdf_words import Line, Rule, lines_of, rules_of

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_LONGEST_HEADING = 150
_LARGER = 1.15  # times the size of the text that a heading has at least
_NO_TITLE = re.compile(r"untitled.*|\(anonymous\)|microsoft \w+ -.*|.*\.\w{2,5}|\W*", re.IGNORECASE)
_FULL_STOP = tuple(".!?:;。！？")
_UNKNOWN = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08]")
_MOST_NAMED = 10
_XMP = re.compile(rb"<x:xmpmeta.{0,200000}?</x:xmpmeta>", re.DOTALL)
_LISTED_VALUE = rb"<%s>\s*<rdf:(?:Seq|Bag|Alt)>\s*<rdf:li[^>]{0,80}>([^<]{1,200})<"
_XMP_FIELDS: tuple[tuple[Literal["published", "source", "language"], str, re.Pattern[bytes]], ...]
_XMP_FIELDS = (
    ("published", "dc:date", re.compile(_LISTED_VALUE % b"dc:date")),
    ("source", "dc:publisher", re.compile(_LISTED_VALUE % b"dc:publisher")),
    ("source", "dc:creator", re.compile(_LISTED_VALUE % b"dc:creator")),
    ("language", "dc:language", re.compile(_LISTED_VALUE % b"dc:language")),
)

Block = Paragraph | Grid


def read(data: bytes) -> Extracted:
    """Return the text of a PDF, located by its pages.

    Raises:
        UnreadableError: damaged, encrypted, or without text.
    """
    document = opened(data)
    pages, rules, heights, broken = _pages(document)
    kept = without_furniture(pages, heights)
    letters = sum(len(line.text) for lines in kept for line in lines)
    if not letters:
        raise UnreadableError(
            "no text layer: its pages are pictures; run text recognition (OCR) on it first"
        )
    known = words_of(kept)
    blocks: list[list[Block]] = []
    for lines, rule in zip(kept, rules, strict=True):
        before = blocks[-1][-1] if blocks and blocks[-1] else None
        blocks.append(_blocks(reading_order(lines), rule, before, known))
    writer = _Writing(_sizes(kept), known)
    for number, found in enumerate(blocks, start=1):
        writer.page(number, found)
    text = writer.finish()
    if 10 * len(_UNKNOWN.findall(text.text)) > 3 * len(text.text):
        raise UnreadableError("no text layer: its fonts do not say which letters they show")
    empty = [i for i, lines in enumerate(kept, start=1) if not lines]
    return text._replace(
        title=_title(document), note=_note(empty, broken), fields=tuple(_fields(document, data))
    )


def opened(data: bytes) -> PdfDocument:
    """Return the document that a file holds.

    Raises:
        UnreadableError: damaged, or encrypted.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        if not len(document):
            raise UnreadableError("damaged: a PDF without pages")
        return document
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableError("encrypted: save it without a password") from None
        raise UnreadableError("damaged: no readable PDF") from None


def _pages(
    document: PdfDocument,
) -> tuple[list[list[Line]], list[list[Rule]], list[float], list[int]]:
    """Return lines, rules and height of each page, and the numbers of those that are broken."""
    import pypdfium2

    pages, rules, heights, broken = [], [], [], []
    for i in range(len(document)):
        lines: list[Line] = []
        drawn: list[Rule] = []
        height = 800.0
        try:
            page = document[i]
            height = page.get_height()
            lines = lines_of(page, i + 1)
            drawn = rules_of(page) if lines else []
            page.close()
        except pypdfium2.PdfiumError:
            broken.append(i + 1)
        pages.append(lines)
        rules.append(drawn)
        heights.append(height)
    return pages, rules, heights, broken


def _blocks(
    lines: Sequence[Line], rules: Sequence[Rule], before: Block | None, known: Container[str]
) -> list[Block]:
    """Return the tables and paragraphs of a page, in order; ``before`` ends the page before."""
    found: list[Block] = []
    waiting: list[Line] = []
    above = before if isinstance(before, Grid) else None
    i = int(above is not None and bool(lines) and lines[0].text == " ".join(above.rows[0]).strip())
    while i < len(lines):
        table = table_at(lines, i, rules, None if found or waiting else above)
        if table is None:
            waiting.append(lines[i])
            i += 1
            continue
        found += paragraphs(waiting, known)
        waiting = []
        found.append(table[0])
        i = table[1]
    return found + paragraphs(waiting, known)


def _sizes(pages: Sequence[Sequence[Line]]) -> dict[float, int]:
    """Return the level of each size of letters that headings have: {points: level from 1}."""
    letters: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            letters[_rounded(line.size)] += len(line.text)
    body = letters.most_common(1)[0][0]
    larger = sorted((size for size in letters if size >= _LARGER * body), reverse=True)
    return {size: min(level, 4) for level, size in enumerate(larger, start=1)}


def _rounded(size: float) -> float:
    return round(2 * size) / 2


class _Writing:
    """The text in the making; the last block waits for what the next page may add to it."""

    def __init__(self, levels: dict[float, int], known: Container[str]) -> None:
        self._known = known
        self._writer = Writer()
        self._levels = levels
        self._waiting: Block | None = None
        self._starts: dict[int, int] = {}

    def page(self, number: int, blocks: Sequence[Block]) -> None:
        """Add the blocks of a page."""
        for i, block in enumerate(blocks):
            if not i and self._continued(block):
                continue
            self._write()
            self._waiting = block
        if blocks:
            self._starts.setdefault(number, -1)

    def finish(self) -> Extracted:
        """Return the text, each page located from its first word to the next page's."""
        self._write()
        starts = sorted((start, number) for number, start in self._starts.items() if start >= 0)
        ends = [start for start, _ in starts[1:]] + [self._writer.length]
        for (start, number), end in zip(starts, ends, strict=True):
            self._writer.locate(start, end, "page", str(number))
        return self._writer.finish("PDF")

    def _continued(self, block: Block) -> bool:
        """Join the first block of a page to the last one before, if that goes on."""
        above = self._waiting
        if isinstance(above, Grid) and isinstance(block, Grid) and block.continues(above):
            above.extend(block)
            return True
        if not isinstance(above, Paragraph) or not isinstance(block, Paragraph):
            return False
        open_ = not above.text.endswith(_FULL_STOP) and block.text[:1].islower()
        if open_ and not self._level(above) and above.lines[-1].size == block.lines[0].size:
            above.lines += block.lines
            above.text = joined(above.text, block.text, self._known)
            return True
        return False

    def _write(self) -> None:
        block, self._waiting = self._waiting, None
        if isinstance(block, Grid):
            self._write_table(block)
        elif block is not None and any(map(str.isalnum, block.text)):
            self._write_paragraph(block)

    def _write_table(self, grid: Grid) -> None:
        table = table_of(grid.rows)
        ranges = self._writer.add(*table.lines) if table.lines else []
        for (start, _), row in zip(ranges, table.rows, strict=True):
            if row is not None:
                self._page_at(grid.pages[row], start)

    def _write_paragraph(self, block: Paragraph) -> None:
        if level := self._level(block):
            start = self._writer.length + (2 if self._writer.length else 0)
            self._writer.heading(level, block.text)
        else:
            bold = all(line.bold for line in block.lines) and len(block.text) <= _LONGEST_HEADING
            named = bold and not block.text.endswith(_FULL_STOP) and block.text[:1].isalnum()
            [(start, _)] = self._writer.add(f"**{block.text}**" if named else block.text)
        place = start
        for line in block.lines:  # the page changes inside, where the line of the next one begins
            self._page_at(line.page, place)
            place += len(line.text) + 1

    def _level(self, block: Paragraph) -> int:
        """Return the level of a paragraph as a heading, 0 if it is none."""
        words = any(map(str.isalpha, block.text)) and len(block.text) <= _LONGEST_HEADING
        return self._levels.get(_rounded(block.lines[0].size), 0) if words else 0

    def _page_at(self, number: int, start: int) -> None:
        if self._starts.get(number, -1) < 0:
            self._starts[number] = start


def _title(document: PdfDocument) -> str | None:
    """Return the title that the file gives itself, None where it is the mark of some program."""
    title = _information(document, "Title")
    return None if len(title) < 4 or _NO_TITLE.fullmatch(title) else title


def _fields(document: PdfDocument, data: bytes) -> Iterator[Field]:
    """Yield what the file says of itself: in its XMP packet, which is text within it, and Info."""
    if packet := _XMP.search(data):
        for kind, name, pattern in _XMP_FIELDS:
            if match := pattern.search(packet[0]):
                words = html.unescape(match[1].decode("utf-8", "replace"))
                yield Field(kind, f"XMP {name}", " ".join(words.split()))
    yield Field("source", "Author", _information(document, "Author"))
    for name in ("CreationDate", "ModDate"):
        yield Field("saved", name, _information(document, name))


def _information(document: PdfDocument, name: str) -> str:
    import pypdfium2

    try:
        return " ".join(document.get_metadata_value(name).split())
    except pypdfium2.PdfiumError:
        return ""


def _note(empty: Sequence[int], broken: Sequence[int]) -> str:
    said = [("without text", empty), ("damaged", broken)]
    return "; ".join(f"pages {what}: {_listed(pages)}" for what, pages in said if pages)


def _listed(pages: Sequence[int]) -> str:
    first = ", ".join(map(str, pages[:_MOST_NAMED]))
    return first if len(pages) <= _MOST_NAMED else f"{first} and {len(pages) - _MOST_NAMED} more"

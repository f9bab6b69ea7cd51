"""Rows of a sheet -> paragraphs and tables, each located by its row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rag.documents.readers.extracting import Writer
from rag.documents.readers.grids import clean, table_of

Row = tuple[int, Sequence[str]]
"""Number of a row, from 1, and its cells."""

_LONGEST_TITLE = 150
_NOTE = 80  # characters from which a cell alone in its row is a note, no label of a table


def write_sheet(writer: Writer, rows: Iterable[Row]) -> str:
    """Write the rows of one sheet; return its title: a short text alone in the first row, or "".

    An empty row ends a table. Cells alone in their row above a table are its caption.
    """
    title, first = "", True
    for region in _regions(rows):
        if first and _alone(region[0]):
            title = next(cell for cell in region[0][1] if cell.strip()).strip()
        first = False
        _write_region(writer, region)
    return title if len(title) <= _LONGEST_TITLE else ""


def _regions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield runs of rows that are not empty."""
    region: list[Row] = []
    for number, cells in rows:
        if any(map(str.strip, cells)):
            region.append((number, cells))
        elif region:
            yield region
            region = []
    if region:
        yield region


def _write_region(writer: Writer, region: list[Row]) -> None:
    """Write what stands above the table, the table, and the notes below it."""
    first, last = 0, len(region)
    while first < last and _alone(region[first]):
        first += 1
    while last > first and _alone(region[last - 1], _NOTE):
        last -= 1
    if last - first < 2:
        first = last = len(region)
    for row in region[:first]:
        _write_line(writer, row)
    if first < last:
        _write_table(writer, region[first:last])
    for row in region[last:]:
        _write_line(writer, row)


def _alone(row: Row, least: int = 0) -> bool:
    filled = [cell for cell in row[1] if cell.strip()]
    return len(filled) == 1 and len(filled[0]) >= least


def _write_line(writer: Writer, row: Row) -> None:
    number, cells = row
    first, *others = (cell.strip() for cell in cells if cell.strip())
    words = f"{first}: {'; '.join(others)}" if others else first
    for start, end in writer.add(words):
        writer.locate(start, end, "row", str(number))


def _write_table(writer: Writer, region: list[Row]) -> None:
    table = table_of([[clean(cell) for cell in cells] for _, cells in region])
    for (start, end), row in zip(writer.add(*table.lines), table.rows, strict=True):
        if row is not None:
            writer.locate(start, end, "row", str(region[row][0]))

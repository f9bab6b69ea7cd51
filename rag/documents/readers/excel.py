"""Excel: the visible sheets, values as the sheet shows them, located by sheet and row."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from rag.documents.readers.cell_formats import displayed
from rag.documents.readers.extracting import Extracted, UnreadableError, Writer
from rag.documents.readers.office_properties import fields_of
from rag.documents.readers.sheets import Row, write_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_CELLS = 4_000_000
_MOST_COLUMNS = 1_000


def read(data: bytes) -> Extracted:
    """Return the sheets of a workbook, each below its name; figures as stored, none computed.

    Raises:
        UnreadableError: damaged, or too large.
    """
    import warnings

    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out: drawings, validation
            book = load_workbook(io.BytesIO(data), data_only=True)
    except (MemoryError, UnreadableError):
        raise
    except Exception as error:  # whatever a broken file makes it stumble over
        raise UnreadableError(f"damaged: {_said(error)}") from None
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if sum((s.max_row or 0) * (s.max_column or 0) for s in sheets) > _MOST_CELLS:
        raise UnreadableError(f"more than {_MOST_CELLS:,} cells: split it, or save it as CSV")
    writer, title = Writer(), str(book.properties.title or "")
    for sheet in sheets:
        start = writer.length
        if len(sheets) > 1:
            writer.heading(2, sheet.title)
        above = write_sheet(writer, _rows(sheet))
        title = title or above
        writer.locate(start, writer.length, "sheet", sheet.title)
    hidden = len(book.worksheets) - len(sheets)
    note = f"{hidden} hidden sheet{'s' * (hidden > 1)} left out" if hidden else ""
    fields = fields_of(book.properties, book.properties.creator)
    return writer.finish("Excel", note, title, fields)


def _rows(sheet: Any) -> Iterator[Row]:
    """Yield the rows; a merged cell's value stands in each cell that names rows or columns."""
    merged = _merged(sheet)
    for number, row in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), start=1):
        shown = [displayed(cell.value, cell.number_format) for cell in row]
        for column, text in merged.get(number, {}).items():
            if column <= len(shown):
                shown[column - 1] = text
        yield number, shown


def _merged(sheet: Any) -> dict[int, dict[int, str]]:
    """Return what merged cells say where they are empty: {row: {column: text}}.

    A name over all columns is a title of the sheet and is said once.
    """
    found: dict[int, dict[int, str]] = {}
    for area in sheet.merged_cells.ranges:
        top = sheet.cell(area.min_row, area.min_col)
        text = displayed(top.value, top.number_format)
        whole = area.max_col - area.min_col + 1 >= min(sheet.max_column or 0, _MOST_COLUMNS)
        small = (area.max_row - area.min_row + 1) * (area.max_col - area.min_col + 1) <= 10_000
        if not text or isinstance(top.value, int | float) or whole or not small:
            continue
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                found.setdefault(row, {})[column] = text
    return found


def _said(error: Exception) -> str:
    """Return the words of an error on one line."""
    if isinstance(error, zipfile.BadZipFile | KeyError):
        return "a part of the file is missing or broken"
    return " ".join(str(error).split())[:120] or type(error).__name__

"""Word: paragraphs, headings, lists and tables in the order of the file."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rag.documents.readers.extracting import Extracted, UnreadableError, Writer
from rag.documents.readers.grids import table_of
from rag.documents.readers.office_properties import fields_of

if TYPE_CHECKING:
    from docx.table import Table
    from docx.text.paragraph import Paragraph

_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_LIST = re.compile(r"list (?:bullet|paragraph|number)", re.IGNORECASE)
_LONGEST_HEADING = 150


def read(data: bytes) -> Extracted:
    """Return the text of a document without headers, footers, notes and pictures.

    Paragraphs are numbered from 1 as they stand, empty ones included, tables left out.

    Raises:
        UnreadableError: damaged.
    """
    from docx import Document

    try:
        document = Document(io.BytesIO(data))
        writer = Writer()
        _write(writer, document)
        core = document.core_properties
        title = core.title or None
        fields = fields_of(core, core.author)
    except (MemoryError, RecursionError, UnreadableError):
        raise
    except Exception as error:  # whatever a broken file makes it stumble over
        said = " ".join(str(error).split())[:120] or type(error).__name__
        raise UnreadableError(f"damaged: {said}") from None
    return writer.finish("Word", title=title, fields=fields)


def _write(writer: Writer, document: Any) -> None:
    number, in_list = 0, False
    for block in document.iter_inner_content():
        if not hasattr(block, "runs"):
            _write_table(writer, block)
            in_list = False
            continue
        number += 1
        text = block.text.strip()
        if not text:
            continue
        level = _level(block)
        listed = not level and _is_item(block)
        start = writer.length + (2 if writer.length else 0)
        if level:
            writer.heading(level, text)
        elif listed:
            writer.add(f"- {' '.join(text.split())}", apart=not in_list)
            start -= in_list
        else:
            writer.add(_paragraph(block, text))
        in_list = listed
        writer.locate(start, writer.length, "paragraph", str(number))


def _level(block: Paragraph) -> int:
    """Return the level of a paragraph as a heading, 0 if it is none."""
    name = (block.style.name if block.style is not None else "") or ""
    if len(block.text) > _LONGEST_HEADING:
        return 0
    if match := _HEADING.match(name):
        return min(int(match[1]) + 1, 6)  # below the title
    return {"title": 1, "subtitle": 2}.get(name.lower(), 0)


def _is_item(block: Paragraph) -> bool:
    properties = block._p.pPr
    numbered = properties is not None and properties.numPr is not None
    name = (block.style.name if block.style is not None else "") or ""
    return numbered or bool(_LIST.match(name))


def _paragraph(block: Paragraph, text: str) -> str:
    """Return a paragraph; one that is bold throughout is a heading of its own."""
    runs = [run for run in block.runs if run.text.strip()]
    bold = runs and all(run.bold for run in runs) and len(text) <= _LONGEST_HEADING
    return f"**{text}**" if bold and "\n" not in text and text[-1] not in ".:;," else text


def _write_table(writer: Writer, table: Table) -> None:
    rows = [list(_cells(row)) for row in table.rows]
    if max(map(len, rows), default=0) < 2:  # a frame around text
        for row in rows:
            for text in filter(str.strip, row):
                writer.add(text.strip())
        return
    lines = table_of(rows).lines
    if lines:
        writer.add(*lines)


def _cells(row: Any) -> Iterator[str]:
    """Yield the cells of a row; one that spans columns is said in the first, names in each."""
    before = None
    for cell in row.cells:
        text = cell.text
        merged = cell._tc is before
        yield "" if merged and any(map(str.isdigit, text)) and len(text) < 20 else text
        before = cell._tc

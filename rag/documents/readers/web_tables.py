"""HTML tables -> rows of cells: spans filled in, captions and header rows known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.documents.readers.web_furniture import children

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_BLOCKS = frozenset(["p", "div", "li", "ul", "ol", "td", "th", "tr", "h1", "h2", "h3", "h4"])
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_TOP = 4  # rows that may be a header
_MOST_SPAN = 100
_LONGEST_CELL = 600
_MOST_ROWS = 20_000


def is_data(table: LexborNode) -> bool:
    """Return whether a table without tables inside holds data, or only places text on the page."""
    if (table.attributes or {}).get("role") in ("presentation", "none"):
        return False
    rows = table.css("tr")
    if len(rows) < 2:
        return False
    widths = [len([cell for cell in _cells(row) if words_of(cell)]) for row in rows[:_MOST_ROWS]]
    longest = max((len(words_of(cell)) for row in rows[:50] for cell in _cells(row)), default=0)
    return max(widths) > 1 and longest <= _LONGEST_CELL


def rows_of(table: LexborNode) -> tuple[str, list[list[str]], int | None]:
    """Return caption, rows of cells, and how many of them are marked as header, None if none.

    A header cell stands in each column that it spans, a name in each row; a figure stands once.
    """
    caption = table.css_first("caption")
    grid: list[list[str]] = []
    hanging: dict[int, dict[int, str]] = {}  # what cells of rows above say further down
    headers = 0
    for i, row in enumerate(table.css("tr")[:_MOST_ROWS]):
        cells, line = _cells(row), hanging.pop(i, {})
        head = i == headers and bool(cells) and all(map(_is_header, cells))
        j = 0
        for cell in cells:
            while j in line:
                j += 1
            text, wide, high = words_of(cell), _span(cell, "colspan"), _span(cell, "rowspan")
            named = head or cell.tag == "th" or (i < _TOP and not any(map(str.isdigit, text)))
            named = named or (i < _TOP and bool(_YEAR.search(text)) and len(text) < 40)
            for right in range(wide):
                line[j + right] = text if named or not right else ""
            for down in range(1, high):
                hanging.setdefault(i + down, {}).update(
                    {j + right: text if not right else "" for right in range(wide)}
                )
            j += wide
        grid.append([line.get(column, "") for column in range(max(line, default=-1) + 1)])
        headers += head
    return (words_of(caption) if caption is not None else ""), grid, headers or None


def words_of(node: LexborNode) -> str:
    """Return the text of an element on one line; parts of a word stay together."""
    found: list[str] = []
    waiting: list[tuple[LexborNode, bool]] = [(node, False)]
    while waiting:
        below, leaving = waiting.pop()
        if below.tag == "-text":
            found.append(below.text_content or "")
        elif leaving or below.tag == "br":
            found.append(" ")
        else:
            block = below.tag in _BLOCKS
            found += [" "] * block
            waiting += [(below, True)] * block
            waiting += [(child, False) for child in reversed(children(below))]
    return " ".join("".join(found).split())


def _cells(row: LexborNode) -> list[LexborNode]:
    return [child for child in children(row) if child.tag in ("td", "th")]


def _is_header(cell: LexborNode) -> bool:
    section = cell.parent.parent if cell.parent is not None else None
    return cell.tag == "th" or (section is not None and section.tag == "thead")


def _span(cell: LexborNode, name: str) -> int:
    value = (cell.attributes or {}).get(name) or "1"
    return min(int(value), _MOST_SPAN) if value.isascii() and value.isdigit() and value > "0" else 1

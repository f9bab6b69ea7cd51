"""Tables made of pipes or tabs: where the header is and what each row stands under."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.passages.lines import Line, is_separator

_CELLS = re.compile(r"\s*\|\s*|\t+")
# A cell that names a column although it has digits: a year or date, "Level 1", a note, a unit.
_NAME_CELL = re.compile(
    r"\D*|.*\b(?:19|20)\d\d\b\D{0,8}\d?\D*|\D*\(.*\)|(?:[A-Za-z]+ ?)+\d{1,2}"
    r"|(?:[HQ][1-4]|[1-4][HQ])\b.*"
)


def table_end(lines: Sequence[Line], i: int) -> int:
    """Return the index behind the table that starts at line ``i``; ``i`` itself if none does."""
    piped = "|" in lines[i].text
    tabs = 0 if piped else lines[i].text.count("\t")
    j = i
    while j < len(lines) and lines[j].kind != "noise" and (j == i or not lines[j].after_blank):
        if not ("|" in lines[j].text if piped else tabs and lines[j].text.count("\t") == tabs):
            break
        j += 1
    rows = [line.text for line in lines[i:j]]
    if len(rows) < 2:
        return i
    return j if tabs or is_separator(rows[1]) or all(r[0] == r[-1] == "|" for r in rows) else i


def header_count(lines: Sequence[Line]) -> int:
    """Return how many lines of a table belong to its header, its separator included.

    Rows behind the separator belong to it too while they only name columns: reports put the
    period in one row and the years in the next.
    """
    rows = [_CELLS.split(line.text.strip("|").strip(" ")) for line in lines]
    marks = [i for i, line in enumerate(lines) if is_separator(line.text)]
    count = marks[0] + 1 if marks else int(all(map(_names_column, rows[0])))
    if not count or not any(any(row) for row in rows[: marks[0] if marks else 1]):
        return count
    while count < len(rows) - 1 and _continues_header(rows[count]):
        count += 1
    return count


def heads_rows(row: str) -> bool:
    """Return whether a row is only a label for the rows below: "| Current assets | | |"."""
    cells = _CELLS.split(row.strip("|").strip(" "))
    return len(cells) > 2 and bool(cells[0]) and not any(cells[1:]) and len(cells[0]) <= 80


def _continues_header(row: Sequence[str]) -> bool:
    return not row[0] and any(row) and all(map(_names_column, row))


def _names_column(cell: str) -> bool:
    return bool(_NAME_CELL.fullmatch(cell))


def context_text(text: str) -> str:
    """Return header rows or an introduction on one line, without separators and empty cells."""
    lines = [line.strip() for line in text.splitlines() if not is_separator(line.strip())]
    rows = [" | ".join(filter(None, _CELLS.split(line.strip("|").strip()))) for line in lines]
    return " / ".join(filter(None, rows))

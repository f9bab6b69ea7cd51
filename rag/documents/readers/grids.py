"""Rows of cells -> lines of a table: one header line, each cell below its column's name.

The header rows of the source become one line, since a reader of one row must see what each cell
is. Columns that hold only a sign ("$", ")", "%") join the figures beside them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_FIGURE = re.compile(
    r"[-–—−+(]*\s?(?:[A-Z]{1,3}\s?)?[$€£¥₹]?\s?[-–—−(]*\d[\d\s,.'’]*(?:\s?[%)x×]{1,2})?"
    r"|[-–—]|n/?[am]\.?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d\d[EAF]?")
_BEFORE = re.compile(r"[A-Z]{0,3}[$€£¥₹]|\(|[A-Z]{3}|[A-Z]{0,3}[$€£¥₹]\s?\(")
_BEHIND = re.compile(r"\)|%|\)\s?%|%\s?\)|pts?\.?|x")
_UNIT_CELL = re.compile(r"\(.*\)|.*\b(?:in|of|per|ended|ending)\b.*|.*\b(?:million|thousand)s?\b.*")
_LONGEST_NAME = 80
_MOST_HEADERS = 5


class Table(NamedTuple):
    """Lines of a table, and for each the index of the row that it shows; None: a separator."""

    lines: list[str]
    rows: list[int | None]


def table_of(rows: Sequence[Sequence[str]], headers: int | None = None) -> Table:
    """Return rows of cells as a table; ``headers`` of them name the columns, None: found out.

    Empty rows and columns are left out. Without a figure or a name below its header there is no
    table: its lines are then empty.
    """
    width = max(map(len, rows), default=0)
    cells = [[clean(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    numbered = [(i, row) for i, row in enumerate(cells) if any(row)]
    count = sum(i < headers for i, _ in numbered) if headers is not None else None
    grid = [row for _, row in numbered]
    if count is None:
        count = header_count(grid)
    grid = _without_signs(grid, count)
    grid = _without_empty_columns(grid, count)
    if not grid or not grid[0]:
        return Table([], [])
    numbers: list[int | None] = [i for i, _ in numbered]
    if count:
        head = [_joined([row[j] for row in grid[:count]]) for j in range(len(grid[0]))]
        grid = [head, *grid[count:]]
        numbers = [numbers[0], *numbers[count:]]
    lines = [f"| {' | '.join(row)} |" for row in grid]
    if count:
        lines.insert(1, "|" + " --- |" * len(grid[0]))
        numbers.insert(1, None)
    return Table(lines, numbers)


def clean(cell: str) -> str:
    """Return the text of a cell on one line, without the mark that parts cells."""
    return " ".join(cell.split()).replace("|", "¦")


def is_figure(cell: str) -> bool:
    """Return whether a cell is data: a number that is no year, or a dash for none."""
    return bool(_FIGURE.fullmatch(cell)) and not _YEAR.fullmatch(cell)


def header_count(rows: Sequence[Sequence[str]]) -> int:
    """Return how many leading rows name the columns."""
    count = 0
    while count < min(len(rows) - 1, _MOST_HEADERS) and _names_columns(rows, count):
        count += 1
    return count


def _names_columns(rows: Sequence[Sequence[str]], i: int) -> bool:
    """Return whether row ``i`` belongs to the header, the rows above it given."""
    first, rest = rows[i][0], [cell for cell in rows[i][1:] if cell]
    if not rest or any(map(is_figure, rows[i])) or max(map(len, rest)) > _LONGEST_NAME:
        return False
    if i == 0:
        return True
    if first and any(row[0] for row in rows[:i]):
        return False
    # Below the first row only what completes it: names below a blank corner, years, units.
    years = all(_YEAR.search(cell) for cell in rest)
    if first and not (years or _UNIT_CELL.fullmatch(first)):
        return False
    return any(is_figure(cell) for row in rows[i + 1 :] for cell in row[1:])


def _without_signs(rows: list[list[str]], count: int) -> list[list[str]]:
    """Return the rows with each column of signs joined to the figures it belongs to."""
    width = len(rows[0]) if rows else 0
    for j in range(width - 1, -1, -1):
        body = {row[j] for row in rows[count:] if row[j]}
        if body and j + 1 < width and all(_BEFORE.fullmatch(cell) for cell in body):
            for row in rows[count:]:
                row[j + 1] = row[j] + row[j + 1]
            _move_header(rows[:count], j, j + 1)
        elif body and j > 1 and all(_BEHIND.fullmatch(cell) for cell in body):
            for row in rows[count:]:
                row[j - 1] += row[j]
            _move_header(rows[:count], j, j - 1)
        else:
            continue
        for row in rows[count:]:
            row[j] = ""
    return rows


def _move_header(header: list[list[str]], j: int, to: int) -> None:
    for row in header:
        row[to] = row[to] or row[j]
        row[j] = ""


def _without_empty_columns(rows: list[list[str]], count: int) -> list[list[str]]:
    """Return the rows without columns that hold nothing, or only a name that a neighbour has."""
    width = len(rows[0]) if rows else 0

    def is_spare(j: int) -> bool:
        """Whether a column has no cell below the header and adds no name to it."""
        if any(row[j] for row in rows[count:]):
            return False
        near = [i for i in (j - 1, j + 1) if 0 <= i < width]
        return not any(row[j] for row in rows[:count]) or any(
            all(row[j] in ("", row[i]) for row in rows[:count]) for i in near
        )

    kept = [j for j in range(width) if not is_spare(j)]
    return [[row[j] for j in kept] for row in rows]


def _joined(names: Sequence[str]) -> str:
    """Return the header cells of one column from top to bottom, each said once."""
    return " ".join(dict.fromkeys(filter(None, names)))

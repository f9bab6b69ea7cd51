"""Lines that stand in columns -> rows of cells; ruled or not.

A table is found by its figures: lines whose parts stand below one another. Columns are the
ranges that these parts share; the first is the stub. Lines of one row are put together by the
rules between rows where there are some, else by how their words go on.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.documents.readers.grids import header_count, is_figure
from rag.documents.readers.pdf_words import Line, Rule, Segment, segment_of, spacing

_SHORT = 40  # characters of a cell of words
_PROSE = 70  # characters from which a line without parts is no row
_FAR = 2.2  # usual line distances that part two tables
_MOST_COLUMNS = 40
_TOP = 6  # lines that may name the columns
_LONG_LABEL = 35  # characters from which a label without a sign of it may go on below
_ENUMERATED = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s")
_DATE = re.compile(r"\b(?:19|20)\d\d\b")
_OPEN = re.compile(r"(?:[,–—(/&-]|\b(?:and|or|of|the|in|for|to|from|by|on|with|at|less))$")

Column = tuple[float, float]


@dataclass(slots=True)
class Grid:
    """Rows of cells, the page of each, and the columns they stand in."""

    rows: list[list[str]]
    pages: list[int]
    columns: list[Column]

    def continues(self, above: Grid) -> bool:
        """Return whether this is the rest of a table that a page break cut."""
        if len(self.columns) != len(above.columns):
            return False
        pairs = zip(self.columns[1:], above.columns[1:], strict=True)
        if not all(min(a[1], b[1]) > max(a[0], b[0]) for a, b in pairs):
            return False
        count = header_count(self.rows)
        return not count or self.rows[:count] == above.rows[:count]

    def extend(self, below: Grid) -> None:
        """Add the rows of the next page, without a header that is said again."""
        count = header_count(below.rows)
        self.rows += below.rows[count:]
        self.pages += below.pages[count:]


def table_at(
    lines: Sequence[Line], i: int, rules: Sequence[Rule], above: Grid | None = None
) -> tuple[Grid, int] | None:
    """Return the table that begins at line ``i`` and the index behind it; None if none does.

    ``above``: the table at the end of the page before; one row may be all that is left of it.
    """
    end = _end(lines, i)
    run = lines[i:end]
    if above is not None and run and _fits(run, above.columns):
        rows = [_cells(line, above.columns, heads=False) for line in run]
        return Grid(*_by_words(run, rows, above.columns), above.columns), end
    if end - i < 2:
        return None
    figures = sum(map(_has_figures, run))
    if figures < 2 and not (figures and _is_headed(run)) and not _all_columns(run):
        return None
    columns = _columns(run)
    if not 2 <= len(columns) <= _MOST_COLUMNS:
        return None
    top = next((k for k, line in enumerate(run) if _has_figures(line)), 0)
    rows = [_cells(line, columns, heads=k < min(top, _TOP)) for k, line in enumerate(run)]
    if merged := _by_rules(run, rows, rules):
        return Grid(*merged, columns), end
    return Grid(*_by_words(run, rows, columns), columns), end


def _fits(run: Sequence[Line], columns: Sequence[Column]) -> bool:
    """Return whether rows stand in given columns, with a figure in each line that has parts."""
    rows = [line for line in run if len(line.segments) > 1]
    values = [segment for line in rows for segment in line.segments[1:]]
    return bool(rows) and all(
        is_figure(value.text) and any(value.overlap(*column) > 0 for column in columns[1:])
        for value in values
    )


def _is_row(line: Line) -> bool:
    """Return whether a line has parts like cells."""
    segments = line.segments
    if len(segments) < 2:
        return False
    if any(is_figure(segment.text) for segment in segments[1:]):
        return True
    return all(len(segment.text) <= _SHORT for segment in segments)


def _end(lines: Sequence[Line], i: int) -> int:
    """Return the index behind the last row of the run of rows that begins at line ``i``."""
    if not _is_row(lines[i]) and not _is_spanner(lines, i):
        return i
    step = spacing([line for line in lines if line.page == lines[i].page])
    end, j = i + 1, i + 1
    while j < len(lines) and lines[j].page == lines[i].page:
        line = lines[j]
        if line.top - lines[j - 1].bottom > _FAR * step or line.top < lines[j - 1].top:
            break
        if _is_row(line):
            apart = j > end or line.top - lines[j - 1].bottom > 0.9 * step
            if apart and _is_other(lines[i:end], line):
                break
            end = j + 1
        elif j - end >= 3 or (len(line.text) >= _PROSE and not _beside(lines[i:end], line)):
            break
        j += 1
    return end


def _beside(run: Sequence[Line], line: Line) -> bool:
    """Return whether a long line stays left of the figures, as a label does."""
    figures = [s.x0 for row in run for s in row.segments[1:] if is_figure(s.text)]
    return bool(figures) and line.x1 < min(figures)


def _is_other(run: Sequence[Line], line: Line) -> bool:
    """Return whether a row begins another table: it names columns anew, or has its own."""
    stub = not _DATE.search(line.segments[0].text)
    values = [segment for segment in line.segments[stub:] if not segment.text.isalpha()]
    above = [s for row in run for s in row.segments[1:] if is_figure(s.text)]
    if not above or not values:
        return False
    dates = [_DATE.search(segment.text) is not None for segment in values]
    if all(dates) and len(dates) > 1 and not any(is_figure(s.text) for s in values):
        return True
    return not any(value.overlap(s.x0, s.x1) > 0 for value in values for s in above)


def _is_spanner(lines: Sequence[Line], i: int) -> bool:
    """Return whether a line names the columns of rows below: it begins right of their stubs."""
    stubs = min((line.x0 for line in lines[i + 1 : i + 9]), default=0.0)
    if lines[i].x0 < stubs + 30:
        return False
    for above, line in pairwise(lines[i : i + 5]):
        if line.page != lines[i].page or line.top - above.bottom > 1.5 * line.size:
            return False
        if _is_row(line):
            values = [s for s in line.segments if is_figure(s.text) or s.text[:2] in ("19", "20")]
            if len(values) > 1:
                return True
        elif line.x0 < stubs + 30:
            return False
    return False


def _is_headed(run: Sequence[Line]) -> bool:
    """Return whether the last line of a run is a row of figures below as many names."""
    names, figures = run[-2].segments, [s for s in run[-1].segments[1:] if is_figure(s.text)]
    below = [any(name.overlap(f.x0, f.x1) > 0 for name in names) for f in figures]
    return len(figures) > 1 and all(below)


def _all_columns(run: Sequence[Line]) -> bool:
    """Return whether words stand in columns: three or more rows with parts below one another."""
    counts = [len(line.segments) for line in run]
    if len(run) < 3 or min(counts) < 2 or len(set(counts)) > 1 or counts[0] < 2:
        return False
    starts = [[segment.x0 for segment in line.segments] for line in run]
    return all(max(xs) - min(xs) < 4 for xs in zip(*starts, strict=True))


def _columns(run: Sequence[Line]) -> list[Column]:
    """Return the ranges in which the parts of the lines stand, from left to right."""
    narrow = sorted(
        (s for line in run for s in line.segments if len(line.segments) > 1),
        key=lambda segment: segment.x1 - segment.x0,
    )
    # Figures first: words above them may be wider than their columns.
    narrow.sort(key=lambda segment: not is_figure(segment.text))
    found: list[list[float]] = []
    for segment in narrow:
        hit = [column for column in found if segment.overlap(*column) > 0]
        if not hit:
            near = [column for column in found if segment.overlap(*column) > -2]
            hit = near[:1]
        if not hit:
            found.append([segment.x0, segment.x1])
        elif len(hit) == 1:
            x0, x1 = min(hit[0][0], segment.x0), max(hit[0][1], segment.x1)
            others = (column for column in found if column is not hit[0])
            if all(x1 <= column[0] or x0 >= column[1] for column in others):
                hit[0][:] = [x0, x1]
    return sorted((x0, x1) for x0, x1 in found)


def _has_figures(line: Line) -> bool:
    return any(is_figure(segment.text) for segment in line.segments[1:])


def _cells(line: Line, columns: Sequence[Column], *, heads: bool) -> list[str]:
    """Return the cells of a line; where it ``heads`` the table, words name each column below."""
    cells: list[list[str]] = [[] for _ in columns]
    groups = _groups(line, columns) if heads else []
    for k, segment in enumerate(line.segments):
        for part in [segment] if groups else _split(segment, columns):
            covered = [j for j, column in enumerate(columns) if part.overlap(*column) > 0]
            if not covered:
                covered = [max(range(len(columns)), key=lambda j: part.overlap(*columns[j]))]
            if groups:
                covered = groups[k]
            elif not (heads and len(covered) > 1 and covered[0] > 0):
                covered = [_best(part, columns, covered)]
            for j in covered:
                cells[j].append(part.text)
    return [" ".join(cell) for cell in cells]


def _split(segment: Segment, columns: Sequence[Column]) -> list[Segment]:
    """Return a segment in parts where figures at its end stand in columns of their own."""
    words = list(segment.words)
    parts: list[Segment] = []
    while len(words) > 1 and is_figure(words[-1].text):
        last = segment_of(words[-1:])
        inside = [j for j, column in enumerate(columns) if j and last.overlap(*column) > 0]
        before = segment_of(words[:-1])
        if len(inside) != 1 or before.x1 > columns[inside[0]][0] + 1:
            break
        parts.insert(0, last)
        words.pop()
    return [segment_of(words), *parts] if words else parts


def _groups(line: Line, columns: Sequence[Column]) -> list[list[int]]:
    """Return the columns that each part of a header line stands over, if it stands over several.

    Parts as many as equal groups of columns, each centred over its group: "2024" over an amount
    and a share. Empty where they do not.
    """
    parts, values = line.segments, list(range(1, len(columns)))
    size, rest = divmod(len(values), len(parts))
    if rest or size < 2 or any(is_figure(part.text) for part in parts):
        return []
    groups = [values[k * size : (k + 1) * size] for k in range(len(parts))]
    for part, group in zip(parts, groups, strict=True):
        left, right = columns[group[0]][0], columns[group[-1]][1]
        aside = abs((part.x0 + part.x1 - left - right) / 2)
        if aside > 0.2 * (right - left) or part.overlap(*columns[0]) > 0:
            return []
    return groups


def _best(segment: Segment, columns: Sequence[Column], covered: Sequence[int]) -> int:
    if 0 in covered and not is_figure(segment.text):
        return 0
    return max(covered, key=lambda j: segment.overlap(*columns[j]))


def _by_rules(
    run: Sequence[Line], rows: list[list[str]], rules: Sequence[Rule]
) -> tuple[list[list[str]], list[int]] | None:
    """Return one row for each band between two rules; None where rules do not part rows."""
    left, right = min(line.x0 for line in run), max(line.x1 for line in run)
    top, bottom = run[0].top - 4, run[-1].bottom + 4
    edges: list[float] = []
    for y in _edges(rules, left, right):
        if top < y < bottom + 4 and (not edges or y - edges[-1] > 3):
            edges.append(y)
    bands = [bisect_left(edges, (line.top + line.bottom) / 2) for line in run]
    if len(set(bands)) < max(3, len(run) / 4):
        return None
    merged: list[list[str]] = []
    pages: list[int] = []
    for i, (band, row) in enumerate(zip(bands, rows, strict=True)):
        if i and band == bands[i - 1]:
            both = zip(merged[-1], row, strict=True)
            if any(is_figure(a) and is_figure(b) for a, b in both):
                return None
            merged[-1] = [f"{a} {b}".strip() for a, b in zip(merged[-1], row, strict=True)]
        else:
            merged.append(row)
            pages.append(run[i].page)
    return merged, pages


def _edges(rules: Sequence[Rule], left: float, right: float) -> list[float]:
    """Return the heights at which rules cover most of a width; cells draw theirs one by one."""
    found: dict[int, list[Rule]] = {}
    for rule in rules:
        found.setdefault(round(rule.y), []).append(rule)
    edges = []
    for y, here in sorted(found.items()):
        covered, reach = 0.0, left
        for rule in sorted(here, key=lambda rule: rule.x0):
            covered += max(0.0, min(rule.x1, right) - max(rule.x0, reach))
            reach = max(reach, rule.x1)
        if covered > 0.7 * (right - left):
            edges.append(float(y))
    return edges


def _by_words(
    run: Sequence[Line], rows: list[list[str]], columns: Sequence[Column]
) -> tuple[list[list[str]], list[int]]:
    """Return the rows with labels put together that go over two lines."""
    found: list[list[str]] = []
    pages: list[int] = []
    stub = columns[1][0]
    for i, (row, line) in enumerate(zip(rows, run, strict=True)):
        label_only = bool(row[0]) and not any(row[1:])
        above = found[-1] if found else None
        if above is not None and row[0] and above[0] and _wraps(run[i - 1], line, stub):
            if not any(above[1:]):
                found[-1] = [f"{above[0]} {row[0]}", *row[1:]]
                continue
            if label_only and row[0][0].islower():
                above[0] += f" {row[0]}"
                continue
        found.append(row)
        pages.append(line.page)
    return found, pages


def _wraps(above: Line, line: Line, stub: float) -> bool:
    """Return whether a line goes on with the label of the line above.

    Its words say so, or its first word would not have fitted there.
    """
    label, first = above.segments[0].text, line.words[0]
    if line.text[:1].islower() or _OPEN.search(label):
        return True
    full = above.segments[0].x1 + first.x1 - first.x0 + 0.7 * first.size > stub
    begins = _ENUMERATED.match(line.text) or label[-1] in ".:;"
    return full and len(above.segments) == 1 and not begins and len(label) > _LONG_LABEL

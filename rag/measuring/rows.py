"""What a table says of the figures in a row: by the row's label, the headers and the caption."""

from __future__ import annotations

import re
from typing import Final

from rag.cells import Cell, cells_of, scale_hint
from rag.figures import Figure, Period, find_figures, find_periods
from rag.measuring.prose import Said
from rag.questions.terms import metrics_found
from rag.reading import quote_of
from rag.text import without_noise
from rag.types import Passage, Span

_EDGES: Final = " ,:;|\t-–—"
_HOLLOW: Final = re.compile(r"\(\W*\)")


def read_row(passage: Passage, span: Span) -> list[tuple[Figure, Said]]:
    """Return the figures behind the first cell of a row, with what the table says of each."""
    row = quote_of(passage, span.start, span.end)
    figures = find_figures(row, scale_hint=scale_hint(passage, span))
    label = without_noise(re.split(r"[|\t]", row.strip("| \t"))[0])
    found = []
    for cell in cells_of(passage, span):
        for figure in figures:
            inside = cell.start <= span.start + figure.start < cell.end
            if inside and figure.kind != "year":
                found.append((figure, _said(label, cell)))
    return found


def _said(label: str, cell: Cell) -> Said:
    """Share out label and header: one of them names the metric, the other owner or period."""
    header = without_noise(cell.header)
    period = _only(find_periods(header)) or _only(find_periods(label))
    name, column = _timeless(label), _timeless(header)
    if not name:
        return Said(column if metrics_found(column) else "", "", period)
    if metrics_found(name) or not metrics_found(column):
        return Said(name, "", period)
    return Said(column, name, period)


def _only(periods: list[Period]) -> Period | None:
    """Return the last period, None where several years stand together: that heads a change."""
    years = {period.year for period in periods if period.year}
    return periods[-1] if periods and len(years) < 2 else None


def _timeless(text: str) -> str:
    for period in reversed(find_periods(text)):
        text = text[: period.start] + text[period.end :]
    words = " ".join(_HOLLOW.sub("", text).split()).strip(_EDGES)
    return words if re.search(r"[^\W\d_]", words) else ""

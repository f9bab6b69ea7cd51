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
_ASIDE: Final = re.compile(r"\(([^()]{1,40})\)")
_SCALE: Final = re.compile(r"(?i)in|thousands?|millions?|billions?|trillions?|mn|bn|m|k|'?000s?")
_CHANGE: Final = re.compile(r"(?i)(?:% )?(?:change|variance|growth|y/y|yoy)(?: ?%| in %)?")


def read_row(passage: Passage, span: Span) -> list[tuple[Figure, Said]]:
    """Return the figures behind the first cell of a row, with what the table says of each."""
    row = quote_of(passage, span.start, span.end)
    figures = find_figures(row, scale_hint=scale_hint(passage, span))
    label = without_noise(re.split(r"[|\t]", row.strip("| \t"))[0])
    cells = cells_of(passage, span)
    owned = bool(label) and not metrics_found(label)
    owned = owned and any(metrics_found(without_noise(cell.header)) for cell in cells)
    found = []
    for cell in cells:
        for figure in figures:
            inside = cell.start <= span.start + figure.start < cell.end
            if inside and figure.kind != "year":
                found.append((figure, _said(label, cell, owned)))
    return found


def _said(label: str, cell: Cell, owned: bool) -> Said:
    """Share out label and header: one of them names the metric, the other owner or period.

    ``owned`` tells that the headers name metrics, and so the label the owner.
    """
    header = without_noise(cell.header)
    above = _only(find_periods(header))
    period = above or _only(find_periods(label))
    name, column = _timeless(label), _timeless(header)
    # Where the header says when, a date in the label belongs to its name: "bonds due 2024".
    name = _named(label) if name and above else name
    if not name:
        return Said(column if metrics_found(column) else "", "", period)
    if owned:
        return Said(column, name, period)
    return Said(f"{name} change" if _CHANGE.fullmatch(column) else name, "", period)


def _only(periods: list[Period]) -> Period | None:
    """Return the last period, None where several years stand together: that heads a change."""
    years = {period.year for period in periods if period.year}
    return periods[-1] if periods and len(years) < 2 else None


def _timeless(text: str) -> str:
    for period in reversed(find_periods(text)):
        text = text[: period.start] + text[period.end :]
    words = _named(text)
    return words if re.search(r"[^\W\d_]", words) else ""


def _named(text: str) -> str:
    text = _ASIDE.sub(lambda aside: "" if _is_unit(aside[1]) else aside[0], _HOLLOW.sub("", text))
    return " ".join(text.split()).strip(_EDGES)


def _is_unit(aside: str) -> bool:
    """Tell whether brackets hold nothing but a unit or scale: "EUR million", "in thousands"."""
    return all(
        _SCALE.fullmatch(word) or any(figure.unit for figure in find_figures(f"1 {word}"))
        for word in aside.split()
    )

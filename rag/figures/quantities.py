"""Finds the values that a text gives, with scale, currency or unit, and joins ranges.

Numbers come from ``numbers``, what they measure from ``surroundings``, captions from ``captions``;
dates are left to ``dating``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from rag.figures.captions import read_scale_hint, with_brackets, with_hint
from rag.figures.dating import periods_in
from rag.figures.numbers import numbers_in
from rag.figures.periods import Period
from rag.figures.plain import plain_view
from rag.figures.surroundings import Draft, draft_of
from rag.figures.values import Figure


def find_figures(text: str, *, scale_hint: str = "") -> list[Figure]:
    """Find the values that a text gives.

    Args:
        text: prose or a table row; offsets of the result count its characters.
        scale_hint: what a caption or header says of bare numbers, such as "(in millions)",
            "RMB million", "$'000", "in thousands, except per share".

    Returns:
        Figures by place, not overlapping. "from 5 to 7" is two figures (a change), "5–7",
        "5 to 7" and "between 5 and 7" one range. A bare year is a figure of kind "year"; other
        dates, ordinals, labels and list numbers are none.
    """
    plain = plain_view(text)
    periods = periods_in(plain)
    drafts = _ranges(plain, _drafts(plain, periods))
    hint = read_scale_hint(scale_hint) if scale_hint else None
    in_cells = hint is not None or "|" in plain or "\t" in plain
    if in_cells or "(" in plain[:8]:
        drafts = [with_brackets(plain, draft, in_cells=in_cells) for draft in drafts]
    if hint:
        drafts = [with_hint(plain, draft, hint) for draft in drafts]
    figures = [draft.figure for draft in drafts] + list(_years(periods))
    figures.sort(key=lambda figure: figure.start)
    return [_as_written(figure, text) for figure in figures]


def _as_written(figure: Figure, text: str) -> Figure:
    # Spelled out: ``replace`` would cost more than all the reading before it.
    start, end = figure.start, figure.end
    low, high, kind = figure.low, figure.high, figure.kind
    return Figure(start, end, text[start:end], low, high, kind, figure.unit, figure.per)


def _drafts(plain: str, periods: list[Period]) -> list[Draft]:
    """Return the figures outside dates, by place."""
    drafts: list[Draft] = []
    dates = iter(periods)
    date = next(dates, None)
    position = 0
    for number in numbers_in(plain):
        while date and date.end <= number.start:
            date = next(dates, None)
        if number.start < position or (date and date.start <= number.start):
            continue
        draft = draft_of(plain, number, position)
        if draft:
            drafts.append(draft)
            position = draft.figure.end
    return drafts


def _years(periods: list[Period]) -> Iterator[Figure]:
    for period in periods:
        digits = period.text[:4]
        if period.year and digits.isdigit() and len(period.text) < 6 and digits == str(period.year):
            year = Decimal(period.year)
            yield Figure(period.start, period.start + 4, digits, year, year, "year")


# Ranges ------------------------------------------------------------------------------------------

_BETWEEN_ENDS: Final = re.compile(r" ?[-–] ?| to | and | or |至|到")
_CHANGE: Final = re.compile(
    r"(?i)\b(?:from|by|rose|fell|up|down|grew|increased|decreased|dropped|declined|risen|fallen|cut"
    r"|raised|lifted|climbed|jumped|slipped|slid|widened|narrowed|improved|went|moved|changed|gone)"
    r"(?: from)?(?: [a-z]+)? $"
)
_BETWEEN: Final = re.compile(r"(?i)\bbetween (?:about |some |around |roughly |an? )?$")


def _ranges(plain: str, drafts: list[Draft]) -> list[Draft]:
    """Join two neighbouring figures that are the ends of one range."""
    joined: list[Draft] = []
    for draft in drafts:
        whole = _range_of(plain, joined[-1], draft) if joined else None
        if whole:
            joined[-1] = whole
        else:
            joined.append(draft)
    return joined


def _range_of(plain: str, low: Draft, high: Draft) -> Draft | None:
    gap = high.figure.start - low.figure.end
    if gap > 5 or low.figure.low != low.figure.high:
        return None
    between = _BETWEEN_ENDS.fullmatch(plain, low.figure.end, high.figure.start)
    if between is None:
        return None
    left = max(0, low.figure.start - 24)
    word = between.group().strip()
    if word == "and" and not _BETWEEN.search(plain, left, low.figure.start):
        return None
    if word in ("to", "到", "or") and _CHANGE.search(plain, left, low.figure.start):
        return None
    return _spanned(low, high) if word != "or" else None


def _spanned(low: Draft, high: Draft) -> Draft | None:
    """Make one range of two figures; the first may leave unit and scale to the second."""
    one, other = low.figure, high.figure
    if not _alike(one, other):
        return None
    first = one.low
    # In "EUR 1.35–1.42 billion" and "800 to 1,200 million" the scale stands once.
    if low.scale == 1 and high.scale != 1 and first <= other.high / high.scale:
        first *= high.scale
    if first > other.high:
        return None
    named = other if other.unit else one
    per = other.per or one.per
    figure = Figure(one.start, other.end, "", first, other.high, named.kind, named.unit, per)
    return Draft(figure, max(low.scale, high.scale))


def _alike(one: Figure, other: Figure) -> bool:
    if one.bare:
        return True
    if other.bare:
        return one.kind == "money"
    return (one.kind, one.unit) == (other.kind, other.unit)

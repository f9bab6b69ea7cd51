"""Figures that may stand side by side: one metric, unit and owner over time, or several owners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.figures import Period, same_value
from rag.measuring.measures import Measure
from rag.text import fold

_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Series:
    """Measures that differ in ``axis`` only; ``labels[i]`` is where ``points[i]`` lies on it."""

    metric: str
    unit: str
    axis: Literal["period", "entity"]
    common: str  # the entity, or the period, that all have
    labels: tuple[str, ...]
    points: tuple[Measure, ...]


def series_in(measures: Sequence[Measure]) -> list[Series]:
    """Return what can be compared among ``measures``, the longest first.

    At least three values of one metric in one unit: of one owner for periods of one kind that
    stand with the figures themselves, by time; or of several owners for one period, the largest
    first. Ranges are left out, and a series with two values for one place is no series.
    """
    single = [m for m in measures if m.metric and m.figure.low == m.figure.high]
    found = [*_over_time(single), *_side_by_side(single)]
    return sorted(found, key=lambda series: -len(series.points))


def _over_time(measures: Iterable[Measure]) -> Iterable[Series]:
    dated = [m for m in measures if m.entity and m.time and "period" not in m.inherited]
    for group in _grouped(dated, lambda m: (*_kind(m), fold(m.entity), _length(m.period))):
        points = _one_each(group, lambda m: m.time)
        if points:
            points.sort(key=lambda m: m.time)
            labels = tuple(m.period.text for m in points if m.period)
            first = points[0]
            yield Series(first.metric, first.unit, "period", first.entity, labels, tuple(points))


def _side_by_side(measures: Iterable[Measure]) -> Iterable[Series]:
    owned = [m for m in measures if m.entity and m.time]
    for group in _grouped(owned, lambda m: (*_kind(m), _length(m.period), m.time)):
        points = _one_each(group, lambda m: fold(m.entity))
        if points:
            points.sort(key=lambda m: -m.figure.low)
            labels = tuple(m.entity for m in points)
            first = points[0]
            common = first.period.text if first.period else ""
            yield Series(first.metric, first.unit, "entity", common, labels, tuple(points))


def _kind(measure: Measure) -> tuple[str, str, str]:
    return fold(measure.metric), measure.figure.kind, measure.unit


def _length(period: Period | None) -> str:
    """Return the kind of a period, with its days where the kind does not fix its length."""
    if period is None or period.kind != "span" or not (period.first and period.last):
        return period.kind if period else ""
    return f"span {(period.last - period.first).days // 27}"


def _grouped(measures: Iterable[Measure], key: Callable[[Measure], object]) -> list[list[Measure]]:
    groups: dict[object, list[Measure]] = {}
    for measure in measures:
        groups.setdefault(key(measure), []).append(measure)
    return list(groups.values())


def _one_each(group: list[Measure], place: Callable[[Measure], object]) -> list[Measure]:
    """Return one measure a place; none where too few are left or two values contradict.

    Of equal ones that from the span that holds most of the group, so that a table stays together.
    """
    weights = Counter((m.document_id, m.span) for m in group)
    chosen: list[Measure] = []
    for same in _grouped(group, place):
        if not all(same_value(same[0].figure, other.figure) for other in same[1:]):
            return []
        chosen.append(max(same, key=lambda m: weights[m.document_id, m.span]))
    return chosen if len(chosen) >= _FEWEST else []

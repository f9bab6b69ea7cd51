"""Finds the periods that a text names and puts together what neighbouring dates mean.

"1 April – 30 September 2024" and "six months to 30 June" are one period, "end-June" is a day.
The patterns themselves are in ``calendar_rules``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from rag.figures.calendar_readings import COUNT_WORDS, KINDS_BY_MONTHS
from rag.figures.calendar_rules import rules_for
from rag.figures.periods import Period, Relation, bounds_of
from rag.figures.plain import plain_view

_LINE: Final = re.compile(r"[^\n]+")


def find_periods(text: str) -> list[Period]:
    """Find the periods a text names.

    Returns:
        Periods by place, not overlapping; ``text[start:end] == period.text``. Years, days, months,
        quarters, halves, first n months, fiscal years, "six months to 30 June", "a year earlier".
        A date that can be read in two ways (2/11/2025) is left out.
    """
    return [_as_written(period, text) for period in periods_in(plain_view(text))]


def periods_in(plain: str) -> list[Period]:
    """Find the periods of a text that is a ``plain_view`` already."""
    periods: list[Period] = []
    for line in _LINE.finditer(plain):
        found = _ascending(_matches(plain, *line.span()))
        if found:
            joined = _joined(plain, found)
            # "Half year" is a period by itself until the words behind it say of which.
            periods += _ascending(_with_lead(plain, period) for period in joined)
    return periods


def _matches(plain: str, start: int, end: int) -> Iterator[Period]:
    for pattern, build in rules_for(plain[start:end]):
        for match in pattern.finditer(plain, start, end):
            period = build(match)
            if period is not None:
                yield period


def _ascending(periods: Iterator[Period]) -> list[Period]:
    """Return the periods by place, of overlapping ones the first, of those the longest."""
    kept: list[Period] = []
    for period in sorted(periods, key=lambda one: (one.start, -one.end)):
        if not kept or period.start >= kept[-1].end:
            kept.append(period)
    return kept


def _as_written(period: Period, text: str) -> Period:
    written = text[period.start : period.end]
    return period if written == period.text else replace(period, text=written)


# Two dates that are one period -------------------------------------------------------------------

_BETWEEN: Final = re.compile(r" ?(?:–|-|to|through|until|till|至|到)(?: the)? ?")
_AND: Final = re.compile(r" and(?: the)? ")
_OPENED: Final = re.compile(r"(?i)\bbetween(?: the)? $")


def _joined(plain: str, periods: list[Period]) -> list[Period]:
    """Join "April 1 – September 30, 2024" and "between April and June" into one period."""
    joined: list[Period] = []
    for period in periods:
        before = joined[-1] if joined else None
        whole = _stretch(plain, before, period) if before else None
        if whole:
            joined[-1] = whole
        else:
            joined.append(period)
    return joined


def _stretch(plain: str, opening: Period, closing: Period) -> Period | None:
    if opening.kind != closing.kind or opening.kind not in ("day", "month"):
        return None
    paired = _AND.fullmatch(plain, opening.end, closing.start)
    paired = paired and _OPENED.search(plain, max(0, opening.start - 12), opening.start)
    if not paired and not _BETWEEN.fullmatch(plain, opening.end, closing.start):
        return None
    year = closing.year or opening.year
    if year is None:
        return _yearless(plain, opening, closing)
    earlier = (opening.part or 0) <= (closing.part or 0)
    head = bounds_of(opening.kind, opening.year or (year if earlier else year - 1), opening.part)
    tail = bounds_of(closing.kind, closing.year or year, closing.part)
    if head is None or tail is None or head[0] > tail[1]:
        return None
    return _between(plain, opening.start, closing.end, head[0], tail[1])


def _yearless(plain: str, opening: Period, closing: Period) -> Period | None:
    """Return the quarter, half or nine months from month to month of a year that is not named."""
    head, tail = opening.part or 0, closing.part or 0
    months = tail - head + 1
    if opening.kind != "month" or not 0 < months < 12 or months not in KINDS_BY_MONTHS:
        return None
    part, rest = divmod(tail, months) if months < 9 else (1, head - 1)
    text = plain[opening.start : closing.end]
    found = Period(opening.start, closing.end, text, KINDS_BY_MONTHS[months], part=part)
    return found if not rest else None


def _between(plain: str, start: int, end: int, first: date, last: date) -> Period:
    """Name the stretch from ``first`` to ``last``: a calendar quarter, half, year, or a span."""
    text = plain[start:end]
    for months, kind in KINDS_BY_MONTHS.items():
        part = (last.month + months - 1) // months if months < 9 else 1
        if bounds_of(kind, last.year, None if kind == "year" else part) == (first, last):
            shown = None if kind == "year" else part
            return Period(start, end, text, kind, first, last, last.year, shown)
    whole_year = months_back(last, 12) == first
    kind = "fiscal-year" if whole_year else "span"
    return Period(start, end, text, kind, first, last, last.year)


def months_back(last: date, months: int) -> date:
    """Return the first day of the ``months`` months that end with ``last``."""
    following = date.fromordinal(last.toordinal() + 1)
    year, month = divmod(following.year * 12 + following.month - 1 - months, 12)
    # A month that ends on the 29th to 31st has no counterpart everywhere.
    return date(year, month + 1, min(following.day, 28))


# What stands before a period ---------------------------------------------------------------------

_LEAD: Final = re.compile(
    r"(?i)(?:\b(?P<months>three|six|nine|twelve|3|6|9|12)[- ]months?"
    r"|\b(?:(?:financial|fiscal|full) )?(?P<unit>half[- ]year|year|half|quarter)s?)"
    r"(?: period)? (?:that )?(?:ended|ending|ends|to|through|until|up to)(?: on)?"
    r"(?: (?:the )?(?:end[- ](?:of )?)?)$"
)
_UNIT_MONTHS: Final = {"year": 12, "half-year": 6, "half": 6, "quarter": 3}
_PLACE: Final = re.compile(
    r"(?i)(?:(?<![a-z])(?P<relation>by|until|till|through|since|before|after)(?: the)? )?"
    r"(?:\b(?P<edge>year-end|end|close|start|beginning)(?: of(?: the)?|-of)?[ -](?:the )?)?$"
)
_CHINESE_PLACE: Final = re.compile(r"(?P<relation>截至|自|直到|到)$")
_RELATIONS: Final[dict[str, Relation]] = {
    "by": "by",
    "until": "until",
    "till": "until",
    "through": "until",
    "since": "since",
    "before": "before",
    "after": "after",
    "截至": "end",
    "自": "since",
    "直到": "until",
    "到": "by",
}


def _with_lead(plain: str, period: Period) -> Period:
    """Take in what stands before: "six months to", "year ended", "by the end of"."""
    if period.relative:
        place = _PLACE.search(plain, max(0, period.start - 32), period.start)
        relation = _RELATIONS.get(((place and place["relation"]) or "").lower(), "")
        return replace(period, relation=relation) if relation else period
    if period.kind in ("day", "month"):
        lead = _LEAD.search(plain, max(0, period.start - 60), period.start)
        if lead:
            return _months_to(plain, lead.start(), period, _months_of(lead))
    return _placed(plain, period)


def _months_of(lead: re.Match[str]) -> int:
    if lead["unit"]:
        return _UNIT_MONTHS[lead["unit"].lower().replace(" ", "-")]
    word = lead["months"].lower()
    return int(word) if word.isdigit() else COUNT_WORDS[word]


def _placed(plain: str, period: Period) -> Period:
    """Read a relation and an edge: "by the end of 2026", "at end-June", "since May", 2025年末."""
    before = max(0, period.start - 32)
    place = _PLACE.search(plain, before, period.start)
    edge = ((place and place["edge"]) or "").lower()
    word = ((place and place["relation"]) or "").lower()
    if chinese := _CHINESE_PLACE.search(plain, before, period.start):
        word = chinese["relation"]
    relation = _RELATIONS.get(word, "")
    if edge in ("end", "close", "year-end"):
        return _at_end(period, relation or "end")
    if edge:
        return replace(period, relation="start")
    if plain[period.end : period.end + 1] in ("末", "底") and period.end < len(plain):
        return _at_end(period, relation or "end")
    return replace(period, relation=relation) if relation else period


def _at_end(period: Period, relation: Relation) -> Period:
    """Return the last day of a period: "end-June 2025" is 30 June 2025."""
    bounds = bounds_of(period.kind, period.year or 2001, period.part)
    if period.kind == "day" or bounds is None or (period.year and period.first is None):
        return replace(period, relation=relation)
    part = bounds[1].month * 100 + bounds[1].day
    last = period.last
    return replace(period, kind="day", first=last, last=last, part=part, relation=relation)


def _months_to(plain: str, start: int, period: Period, months: int) -> Period:
    if period.last is not None:
        first = months_back(period.last, months)
        return _between(plain, start, period.end, first, period.last)
    kind = KINDS_BY_MONTHS[months]
    month = (period.part or 0) // 100 if period.kind == "day" else period.part or 0
    part = (month + months - 1) // months if months < 9 else 1
    shown = None if months == 12 else part
    return Period(start, period.end, plain[start : period.end], kind, part=shown)

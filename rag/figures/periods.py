"""When something held: days, months, quarters, halves, years, and "a year earlier".

``find_periods`` reads them off a text, ``compare_periods`` and ``fits`` say whether the period a
sentence speaks of is the one that was asked for. Knows nothing of figures or questions. An
ambiguous date (2/11/2025) is left alone: better no period than a wrong one.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

PeriodKind = Literal[
    "day", "month", "quarter", "half", "nine-months", "year", "fiscal-year", "span", "same"
]
Relation = Literal["", "by", "since", "until", "before", "after", "end", "start"]
Comparison = Literal["same", "narrower", "wider", "overlap", "conflict", "unknown"]

MONTHS_IN: dict[str, int] = {"quarter": 3, "half": 6, "nine-months": 9, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """A period of time as a text names it; ``source[start:end] == text``.

    Attributes:
        start: offset of the first character.
        end: offset behind the last one.
        text: the exact words.
        kind: "same" is the kind of whatever it is compared with ("a year earlier").
        first: first day; None where the year is missing, for fiscal years and relative periods.
        last: last day, inclusive; None likewise.
        year: the year in the label, FY2023-24 is 2024; None where none is named.
        part: which month (1-12), quarter (1-4) or half (1-2); a day is month * 100 + day.
        relation: "by 2030", "since 2019", "end" for "at end-June" (the kind is then day).
        offset: for relative periods: -1 last year, 0 this quarter, 1 next month.
    """

    start: int
    end: int
    text: str
    kind: PeriodKind
    first: date | None = None
    last: date | None = None
    year: int | None = None
    part: int | None = None
    relation: Relation = ""
    offset: int | None = None

    @property
    def relative(self) -> bool:
        """True when only a date beside it says which period is meant."""
        return self.offset is not None


def bounds_of(kind: str, year: int, part: int | None) -> tuple[date, date] | None:
    """Return first and last day of a calendar period; None where no such day exists."""
    if kind == "day" and part is not None:
        month, day = divmod(part, 100)
        try:
            return date(year, month, day), date(year, month, day)
        except ValueError:
            return None
    if kind == "month":
        if not part or part > 12:
            return None
        return date(year, part, 1), _month_end(year, part)
    months = MONTHS_IN.get(kind)
    if months is None or (part is None and kind != "year"):
        return None
    opening = ((part or 1) - 1) * months + 1
    return date(year, opening, 1), _month_end(year, opening + months - 1)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def compare_periods(asked: Period, found: Period) -> Comparison:
    """Say how ``found`` lies to ``asked``: the same, within it, around it, or another one.

    Labels decide for fiscal periods, whose dates are the company's own. Where a year is missing
    on either side both are laid into one year: other parts conflict, equal ones are "unknown".
    """
    if asked.relative or found.relative:
        return _compare_relative(asked, found)
    if asked.first and asked.last and found.first and found.last:
        return _compare_dates(asked.first, asked.last, found.first, found.last)
    if asked.year and found.year:
        if asked.year != found.year:
            return "conflict"
        return _compare_in_year(asked, found)
    verdict = _compare_in_year(asked, found)
    return "unknown" if verdict == "same" else verdict


def _compare_relative(asked: Period, found: Period) -> Comparison:
    if not (asked.relative and found.relative):
        return "unknown"
    if "same" not in (asked.kind, found.kind) and asked.kind != found.kind:
        return "unknown"
    return "same" if asked.offset == found.offset else "conflict"


def _compare_in_year(asked: Period, found: Period) -> Comparison:
    """Compare as if both lay in one (leap) year."""
    one, other = _in_leap_year(asked), _in_leap_year(found)
    if one is None or other is None:
        return "unknown"
    return _compare_dates(*one, *other)


def _in_leap_year(period: Period) -> tuple[date, date] | None:
    if period.kind in ("year", "fiscal-year"):
        return bounds_of("year", 2000, None)
    if period.kind == "span":
        if period.first and period.last and period.first.year == period.last.year:
            return period.first.replace(year=2000), period.last.replace(year=2000)
        return None
    return bounds_of(period.kind, 2000, period.part)


def _compare_dates(first: date, last: date, other_first: date, other_last: date) -> Comparison:
    if (first, last) == (other_first, other_last):
        return "same"
    if other_last < first or last < other_first:
        return "conflict"
    if first <= other_first and other_last <= last:
        return "narrower"
    if other_first <= first and last <= other_last:
        return "wider"
    return "overlap"


def fits(asked: Period, found: Period) -> bool | None:
    """Whether a figure given for ``found`` answers a question about ``asked``.

    True for the same period; False for another one, also for a half or quarter of the year asked
    for; None where that cannot be told: a missing year, "last year", a day inside the year (a
    balance or an event), a year around the day.
    """
    verdict = compare_periods(asked, found)
    if verdict == "same":
        return True
    if verdict == "narrower":
        return None if found.kind in ("day", "month") else False
    if verdict == "wider":
        return None if asked.kind == "day" else False
    return False if verdict == "conflict" else None


def ends_with(day: Period, period: Period) -> bool:
    """Whether a day is the last one of a period; without its year where one of them has none."""
    if day.last and period.last:
        return day.last == period.last
    year = day.year or period.year or 2001  # no leap year
    one, other = bounds_of("day", year, day.part), bounds_of(period.kind, year, period.part)
    return one is not None and other is not None and one[1] == other[1]


def same_period(one: Period, other: Period) -> bool:
    """Whether both name one period, as far as they can be known."""
    return compare_periods(one, other) == "same"


def resolve(period: Period, anchor: Period) -> Period | None:
    """Turn a relative period absolute: "a year earlier" beside H1 2025 is H1 2024.

    Returns None when the anchor has no year or is too coarse ("previous quarter" beside a year).
    """
    if period.offset is None:
        return period
    if anchor.year is None or anchor.relative:
        return None
    if period.kind == "same":
        return _shifted(anchor, period.offset, period)
    if period.kind in ("year", "fiscal-year"):
        return _absolute(period, "year", anchor.year + period.offset, None)
    if period.kind == "day":
        return _neighbouring_day(period, anchor)
    return _neighbour(period, anchor)


def _shifted(anchor: Period, years: int, period: Period) -> Period:
    year = (anchor.year or 0) + years
    if anchor.kind == "fiscal-year" or anchor.first is None:
        return replace(
            anchor, start=period.start, end=period.end, text=period.text, year=year, relation=""
        )
    if anchor.kind != "span" and (moved := _absolute(period, anchor.kind, year, anchor.part)):
        return moved
    first, last = (day and _year_moved(day, years) for day in (anchor.first, anchor.last))
    return replace(period, kind=anchor.kind, first=first, last=last, year=year, offset=None)


def _year_moved(day: date, years: int) -> date:
    last_of_month = monthrange(day.year + years, day.month)[1]
    return date(day.year + years, day.month, min(day.day, last_of_month))


def _absolute(period: Period, kind: PeriodKind, year: int, part: int | None) -> Period | None:
    bounds = bounds_of(kind, year, part)
    if bounds is None:
        return None
    first, last = bounds
    return replace(
        period, kind=kind, first=first, last=last, year=year, part=part, offset=None, relation=""
    )


def _neighbouring_day(period: Period, anchor: Period) -> Period | None:
    if anchor.kind != "day" or anchor.first is None:
        return None
    day = anchor.first + timedelta(days=period.offset or 0)
    return _absolute(period, "day", day.year, day.month * 100 + day.day)


def _neighbour(period: Period, anchor: Period) -> Period | None:
    """The previous, current or next month, quarter or half, counted from the anchor's last day."""
    months = 1 if period.kind == "month" else MONTHS_IN.get(period.kind)
    coarse = anchor.kind not in ("day", "month") and MONTHS_IN.get(anchor.kind, 99) > (months or 0)
    if months is None or anchor.last is None or coarse:
        return None
    index = (anchor.last.year * 12 + anchor.last.month - 1) // months + (period.offset or 0)
    year, part = divmod(index, 12 // months)
    return _absolute(period, period.kind, year, part + 1)

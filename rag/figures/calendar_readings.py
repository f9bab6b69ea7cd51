"""What a match of a calendar pattern becomes: a period with its dates.

Each function takes the match of a pattern of ``calendar_rules`` and reads its named groups: year,
month, day, nth, count, fiscal, behind (the second year of 2023-24).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from rag.figures.periods import Period, PeriodKind, bounds_of
from rag.figures.units import COUNTED, CURRENCY_CODES, PERCENT, SCALES, SYMBOLS, UNITS, listed

Builder = Callable[[re.Match[str]], Period | None]

_MONTH_NAMES: Final = listed(
    "january february march april may june july august september october november december"
)
MONTH_NUMBERS: Final = {name[:3]: number for number, name in enumerate(_MONTH_NAMES, 1)}
COUNT_WORDS: Final = {
    word: number
    for number, word in enumerate(
        listed("two three four five six seven eight nine ten eleven twelve"), 2
    )
}
KINDS_BY_MONTHS: Final[dict[int, PeriodKind]] = {
    3: "quarter",
    6: "half",
    9: "nine-months",
    12: "year",
}
_NTH: Final = {
    **{"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4},
    **{"final": 0, "last": 0},
}
_CHINESE_DIGITS: Final = {char: number for number, char in enumerate("一二三四五六七八九十", 1)}


def _named(match: re.Match[str], group: str) -> str:
    return match.groupdict().get(group) or ""


def _year_of(match: re.Match[str]) -> int | None:
    """The year in the label, "2024/25" being 2025; None where there is none."""
    digits, behind = _named(match, "year"), _named(match, "behind")
    if not digits:
        return None
    year = int(digits) if len(digits) == 4 else 2000 + int(digits)
    return year + 1 if behind and int(behind[-2:]) == (year + 1) % 100 else year


def _is_fiscal(match: re.Match[str]) -> bool:
    return bool(_named(match, "fiscal") or _named(match, "behind"))


def _period(
    match: re.Match[str],
    kind: PeriodKind,
    year: int | None = None,
    part: int | None = None,
    *,
    fiscal: bool = False,
    offset: int | None = None,
) -> Period | None:
    """Make a period of the whole match, with its dates where the calendar gives them."""
    if kind in ("day", "month") and bounds_of(kind, year or 2000, part) is None and offset is None:
        return None
    bounds = bounds_of(kind, year, part) if year and not fiscal else None
    first, last = bounds or (None, None)
    return Period(*match.span(), match.group(), kind, first, last, year, part, offset=offset)


def _month_number(match: re.Match[str]) -> int:
    return MONTH_NUMBERS[match["month"][:3].lower()]


def as_day(match: re.Match[str]) -> Period | None:
    """Read "2 November 2025" and "Nov 2"."""
    return _period(match, "day", _year_of(match), _month_number(match) * 100 + int(match["day"]))


def as_numeric_day(match: re.Match[str]) -> Period | None:
    """Read 2025-11-02."""
    return _period(match, "day", _year_of(match), int(match["mm"]) * 100 + int(match["day"]))


def as_slashed_day(match: re.Match[str]) -> Period | None:
    """30/9/2018 and 9/30/2018; nothing where both numbers could be the month."""
    one, other = int(match["one"]), int(match["two"])
    if min(one, other) > 12 or (max(one, other) <= 12 and one != other):
        return None
    return _period(match, "day", _year_of(match), min(one, other) * 100 + max(one, other))


def as_month(match: re.Match[str]) -> Period | None:
    """Read "Aug 2024"."""
    return _period(match, "month", _year_of(match), _month_number(match))


_BEFORE_MONTH: Final = re.compile(
    r"(?:(?:\b(?:in|of|since|until|by|from|to|last|next|this|for|early|late|end|during|before|after"
    r"|and|through|between)|–) |(?:\bend|\bmid|\bearly|\blate|\d)-|–)$",
    re.IGNORECASE,
)


def as_lone_month(match: re.Match[str]) -> Period | None:
    """A month without a year; "may", "march" and lower case only where a date is expected."""
    name = match["month"]
    if name[0].islower() or name.lower() in ("may", "mar", "march"):
        start = match.start()
        if not _BEFORE_MONTH.search(match.string, max(0, start - 9), start):
            return None
    return as_month(match)


def _nth(match: re.Match[str]) -> int | None:
    nth = _named(match, "nth").lower()
    return int(nth) if nth.isdigit() else _NTH.get(nth)


def as_quarter(match: re.Match[str]) -> Period | None:
    """Read Q2 2025, 2Q25, "second quarter of 2025"."""
    fiscal = _is_fiscal(match)
    return _period(match, "quarter", _year_of(match), _nth(match) or 4, fiscal=fiscal)


def as_quarter_to(match: re.Match[str]) -> Period | None:
    """Read "June quarter", "the March quarter of 2025": the three months to that month."""
    part, rest = divmod(_month_number(match), 3)
    return None if rest else _period(match, "quarter", _year_of(match), part)


def as_half(match: re.Match[str]) -> Period | None:
    """Read H1 2025, 1H25, "first half", "half-year"."""
    part = _nth(match)
    fiscal = _is_fiscal(match)
    return _period(match, "half", _year_of(match), 2 if part == 0 else part, fiscal=fiscal)


def as_first_months(match: re.Match[str]) -> Period | None:
    """First nine months of 2025", 9M25, 前三季度, 前十个月."""
    word = match["count"].lower()
    months = int(word) if word.isdigit() else COUNT_WORDS.get(word) or _CHINESE_DIGITS.get(word, 0)
    months *= 3 if match["unit"].lower().startswith(("q", "季")) else 1
    year, fiscal = _year_of(match), _is_fiscal(match)
    if months in KINDS_BY_MONTHS:
        part = None if months == 12 else 1
        return _period(match, KINDS_BY_MONTHS[months], year, part, fiscal=fiscal)
    if not 1 < months < 12:
        return None
    if year is None or fiscal:
        return Period(*match.span(), match.group(), "span", year=year)
    bounds = bounds_of("month", year, months)
    last = bounds and bounds[1]
    return Period(*match.span(), match.group(), "span", date(year, 1, 1), last, year)


def as_fiscal_year(match: re.Match[str]) -> Period | None:
    """FY24, fiscal 2024, 2023-24; what spans more than two years is none."""
    year, behind = _year_of(match), _named(match, "behind")
    if year is None or (behind and year % 100 != int(behind[-2:])):
        return None
    return _period(match, "fiscal-year", year, fiscal=True)


_AMOUNT_BEFORE: Final = re.compile(
    r"(?:(?<![A-Za-z])(?:" + "|".join(sorted(CURRENCY_CODES)) + r"|RMB|KSh|Rs\.?|RM)|[$€£¥₩₹#]) ?$"
)
_SAID_OF_TIME: Final = re.compile(r"(?i)\b(?:in|of|for|during|since|by|until|fy|year|from|to) $")
_WORD_BEHIND: Final = re.compile(r"[ -]?([A-Za-z%²³]+|[\u4e00-\u9fff]{1,2})")
_SAID_OF_YEARS: Final = frozenset(
    listed(
        "a A in b h K V L m mil user item unit customer share staff employee client store company "
        "year month day quarter people times x p 年 日 名 家 个 人 point points second minute"
    )
)


def as_plain_year(match: re.Match[str]) -> Period | None:
    """A bare year, unless its neighbours make it an amount: "RMB 2024", "2030 tonnes"."""
    source, start, end = match.string, match.start(), match.end()
    if _AMOUNT_BEFORE.search(source, max(0, start - 6), start):
        return None
    behind = _WORD_BEHIND.match(source, end)
    if behind and _measures(behind[1], said_of_time=_follows(_SAID_OF_TIME, source, start)):
        return None
    return _period(match, "year", _year_of(match))


def _follows(pattern: re.Pattern[str], source: str, start: int) -> bool:
    return pattern.search(source, max(0, start - 8), start) is not None


def _measures(word: str, *, said_of_time: bool) -> bool:
    """Whether the word behind four digits is a unit; "in 2024 units were" speaks of the year."""
    lowered = word.lower()
    if word in _SAID_OF_YEARS or (said_of_time and lowered in COUNTED):
        return False
    return word in SYMBOLS or any(lowered in table for table in (UNITS, SCALES, COUNTED, PERCENT))


def as_edge_year(match: re.Match[str]) -> Period | None:
    """Of "mid-2025": the period is the year, the edge is read from what stands before."""
    year = int(match["year"])
    first, last = date(year, 1, 1), date(year, 12, 31)
    return Period(*match.span("year"), match["year"], "year", first, last, year)


def as_relative(kind: PeriodKind, offset: int) -> Builder:
    """Build a relative period; the word in the group "kind", if there is one, names its kind."""
    words: dict[str, PeriodKind] = {
        "year": "year",
        "quarter": "quarter",
        "half": "half",
        "month": "month",
        "day": "day",
    }

    def build(match: re.Match[str]) -> Period | None:
        """Read the word that names the kind, where the pattern has found one."""
        named = (_named(match, "kind") or _named(match, "noun")).lower()
        return _period(match, kind if kind == "same" else words.get(named, kind), offset=offset)

    return build


def as_chinese(match: re.Match[str]) -> Period | None:
    """2025年, 2025年上半年, 第二季度, 11月2日, 2025年11月."""
    year = _year_of(match)
    if half := _named(match, "half"):
        return _period(match, "half", year, 1 if half == "上" else 2)
    if quarter := _named(match, "quarter"):
        return _period(match, "quarter", year, _CHINESE_DIGITS.get(quarter) or int(quarter))
    if month := _named(match, "mm"):
        if day := _named(match, "day"):
            return _period(match, "day", year, int(month) * 100 + int(day))
        return _period(match, "month", year, int(month))
    fiscal = bool(_named(match, "fiscal"))
    return _period(match, "fiscal-year" if fiscal else "year", year, fiscal=fiscal)

"""The patterns that name a period, in English and Chinese; what they become is read elsewhere.

Every pattern starts with something rare (a digit, a month, "first") and repeats nothing without a
bound, so that the time grows only with the length of the text. Each has a gate, a cheap
test that a line must pass for the rule to be tried at all.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from rag.figures.calendar_readings import (
    Builder,
    as_chinese,
    as_day,
    as_edge_year,
    as_first_months,
    as_fiscal_year,
    as_half,
    as_lone_month,
    as_month,
    as_numeric_day,
    as_plain_year,
    as_quarter,
    as_quarter_to,
    as_relative,
    as_slashed_day,
)


class Rule(NamedTuple):
    """A pattern and what it makes of a match."""

    pattern: re.Pattern[str]
    build: Builder


_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b(?:\.(?= ?\d))?"
)
_YEAR = r"(?P<year>(?:1[89]|20)\d\d)(?!\d)"
_SHORT_YEAR = r"(?P<year>(?:20)?\d\d)(?![\d%]|[.,]\d)"
_TH = r"(?:st|nd|rd|th)?"
_NO_WORD_BEFORE = r"(?<![\w.,/-])"
_NO_AMOUNT_BEFORE = r"(?<![\w.,$€£¥])"  # in "$338.9M" an M is a million
_OF_YEAR = (
    r"(?:,? (?:of )?(?:the )?(?:(?P<fiscal>fiscal|financial|FY) ?(?:year )?)?(?:year )?"
    r"(?P<year>(?:1[89]|20)\d\d)(?:[-/–](?P<behind>\d\d))?(?!\d))?"
)
_CODE_YEAR = (
    r"(?:(?:,? (?:of )?| ?/ ?|-)(?P<fiscal>FY ?|fiscal )?"
    r"'?(?P<year>(?:1[89]|20)\d\d|(?<=')\d\d|(?<=FY)\d\d)(?:[-/–](?P<behind>\d\d))?(?!\d))?"
    r"(?![A-Za-z0-9])"
)
_NUMBERED = r"(?P<nth>first|second|third|fourth|final|1st|2nd|3rd|4th)"
_TWO_TO_TWELVE = r"(?P<count>two|three|four|five|six|seven|eight|nine|ten|eleven|\d{1,2})"
_KIND = r"(?P<kind>year|quarter|half|month)"
_LAST_YEAR = (
    r"(?:(?:of |in )?(?:the )?(?:last|previous|prior|preceding) (?:financial |fiscal )?year"
    r"|(?:of |in )?the year before|a year (?:earlier|ago|before))"
)
_ENGLISH: Final[tuple[tuple[str, str, Builder], ...]] = (
    (
        "month",
        rf"(?i){_NO_WORD_BEFORE}(?:\d{{1,2}} ?[-–] ?)?(?P<day>\d{{1,2}}){_TH}(?: of)? "
        rf"{_MONTH}(?:,? {_YEAR})?",
        as_day,
    ),
    (
        "month",
        rf"(?i)\b{_MONTH} (?P<day>\d{{1,2}}){_TH}(?![\w%]|[.,]\d| (?:per cent|percent|%|m?illion"
        rf"|billion|tonnes)\b)(?:,? {_YEAR})?",
        as_day,
    ),
    ("month", rf"(?i)\b{_MONTH}(?:,? (?:of )?|[-/]){_YEAR}", as_month),
    ("month", rf"(?i)\b{_MONTH}[ -](?:quarter|Q)\b(?:,? (?:of )?{_YEAR})?", as_quarter_to),
    ("month", rf"(?i)\b{_MONTH}(?:-| ?')(?P<year>\d\d)(?![\w%]|[.,/–-]\d)", as_month),
    ("month", rf"(?i)(?<![a-z]){_MONTH}(?! \d)", as_lone_month),
    (
        "year",
        rf"{_NO_WORD_BEFORE}{_YEAR}(?P<sep>[-/.])(?P<mm>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})"
        r"(?!\w|[.,/-]\d)",
        as_numeric_day,
    ),
    (
        "year",
        rf"{_NO_WORD_BEFORE}(?P<one>\d{{1,2}})(?P<sep>[/.])(?P<two>\d{{1,2}})(?P=sep){_YEAR}",
        as_slashed_day,
    ),
    ("code", rf"\b[Qq](?P<nth>[1-4]){_CODE_YEAR}", as_quarter),
    ("code", rf"\b[Qq](?P<nth>[1-4])[ /-]?(?P<fiscal>FY)?'?{_SHORT_YEAR}(?!\w)", as_quarter),
    ("code", rf"\b(?P<nth>[1-4])[Qq][ /-]?(?P<fiscal>FY)?'?{_SHORT_YEAR}E?\b", as_quarter),
    ("code", r"\b(?P<nth>[1-4])Q\b", as_quarter),
    (
        "code",
        r"(?<![\w.,-])(?P<fiscal>FY ?)?(?P<year>20\d\d)(?:'s)?[ -]?[Qq](?P<nth>[1-4])\b",
        as_quarter,
    ),
    ("code", rf"\b[Hh](?P<nth>[12]){_CODE_YEAR}", as_half),
    ("code", rf"\b[Hh](?P<nth>[12])[ /-]?(?P<fiscal>FY)?'?{_SHORT_YEAR}(?!\w)", as_half),
    ("code", rf"\b(?P<nth>[12])[Hh][ /-]?(?P<fiscal>FY)?'?{_SHORT_YEAR}E?\b", as_half),
    ("code", r"\b(?P<nth>[12])[Hh]\b", as_half),
    (
        "code",
        r"(?<![\w.,-])(?P<fiscal>FY ?)?(?P<year>20\d\d)(?:'s)?[ -]?[Hh](?P<nth>[12])\b",
        as_half,
    ),
    ("code", rf"\bHY[ -]?'?{_SHORT_YEAR}", as_half),
    (
        "code",
        rf"{_NO_AMOUNT_BEFORE}(?P<count>[369]|1[012])(?P<unit>M)[ /-]?(?P<fiscal>FY)?'?"
        rf"{_SHORT_YEAR}",
        as_first_months,
    ),
    ("code", rf"{_NO_AMOUNT_BEFORE}(?P<count>9)(?P<unit>M)\b(?! [a-z]+s\b)", as_first_months),
    (
        "code",
        r"(?i)(?<!\w)(?:FY|CY)[ -]?'?(?P<year>(?:20)?\d\d)(?:[-/–](?P<behind>(?:20)?\d\d))?"
        r"(?![\d%])E?",
        as_fiscal_year,
    ),
    ("quarter", rf"(?i)\b{_NUMBERED}[- ](?:fiscal[- ])?quarter\b{_OF_YEAR}", as_quarter),
    (
        "quarter",
        rf"(?i){_NO_WORD_BEFORE}(?P<year>20\d\d)(?:'s)? {_NUMBERED}[- ]quarter\b",
        as_quarter,
    ),
    ("half", rf"(?i)\b{_NUMBERED}[- ]half(?:[- ]year)?\b{_OF_YEAR}", as_half),
    ("half", rf"(?i){_NO_WORD_BEFORE}(?P<year>20\d\d)(?:'s)? {_NUMBERED}[- ]half\b", as_half),
    ("half", rf"(?i)\bhalf[- ]year\b(?: (?:of )?{_YEAR})?", as_half),
    (
        "months|quarters",
        rf"(?i)\b(?:first|opening|initial) {_TWO_TO_TWELVE} (?P<unit>months|quarters)\b{_OF_YEAR}",
        as_first_months,
    ),
    (
        "fiscal|financial",
        r"(?i)\b(?:fiscal|financial)(?: years?)?,? (?P<year>(?:19|20)\d\d)"
        r"(?:[-/–](?P<behind>(?:20)?\d\d))?(?!\d)",
        as_fiscal_year,
    ),
    (
        "full|calendar|the year",
        rf"(?i)\b(?:full[- ]year|calendar(?: year)?|the year) {_YEAR}",
        as_plain_year,
    ),
    (
        "year",
        r"(?<![\w.,$€£¥/–-])(?P<year>(?:19|20)\d\d)[-/–](?P<behind>(?:20)?\d\d)"
        r"(?![\w%]|[.,/–-]\d)",
        as_fiscal_year,
    ),
    (
        "year",
        r"(?<![\w.,/'])(?:(?<![\w][-–])|(?<=[12]\d\d\d[-–]))(?P<year>(?:1[89]|20)\d\d)"
        r"(?![\d%]|[.,/:]\d)[EeFf]?(?![A-Za-z0-9])",
        as_plain_year,
    ),
    ("-20", r"(?i)\b(?:end|mid|early|late|pre|post)-(?P<year>20\d\d)(?!\d)", as_edge_year),
    (
        "same|correspond|comparable|equivalent|year-",
        r"(?i)\b(?:the )?(?:same|corresponding|comparable|equivalent|year-earlier|year-ago"
        rf"|prior-year) (?:period|half|quarter|months?|day|time)(?: {_LAST_YEAR})?",
        as_relative("same", -1),
    ),
    (
        "a year|one year|months",
        r"(?i)\b(?:(?:a|one) year|(?:12|twelve) months) (?:earlier|ago|before|previously)\b",
        as_relative("same", -1),
    ),
    (
        "earlier|ago|-year|year ",
        r"(?i)\byear[- ](?:earlier|ago)\b(?: (?:period|quarter|half))?"
        r"|\b(?:last|prior|previous)[- ]year(?:'s)? (?:period|quarter|half)\b",
        as_relative("same", -1),
    ),
    (
        "last|prior|previous|preceding",
        rf"(?i)\b(?:last|prior|previous|preceding)[- ](?:financial |fiscal )?{_KIND}\b",
        as_relative("year", -1),
    ),
    (
        "earlier|ago|before",
        r"(?i)\b(?:a (?P<kind>quarter|month|day) (?:earlier|ago|before)"
        r"|the (?P<noun>year|quarter|month|day) before)\b",
        as_relative("year", -1),
    ),
    (
        "this|current",
        rf"(?i)\b(?:this|(?:the )?current) (?:financial |fiscal )?{_KIND}\b",
        as_relative("year", 0),
    ),
    (
        "next|following|coming",
        rf"(?i)\b(?:next|the following|the coming) (?:financial |fiscal )?{_KIND}\b",
        as_relative("year", 1),
    ),
    ("today", r"(?i)\btoday\b", as_relative("day", 0)),
    ("yesterday", r"(?i)\byesterday\b", as_relative("day", -1)),
    ("tomorrow", r"(?i)\btomorrow\b", as_relative("day", 1)),
)
_CHINESE: Final[tuple[tuple[str, Builder], ...]] = (
    (
        rf"{_YEAR} ?(?P<fiscal>财|财政)?年(?:度)?(?:(?P<half>[上下])半年"
        r"|第?(?P<quarter>[一二三四1-4])季度?"
        r"|(?P<mm>\d{1,2})月份?(?:(?P<day>\d{1,2})[日号])?)?",
        as_chinese,
    ),
    (
        rf"(?:{_YEAR} ?年)?前(?P<count>[一二三四五六七八九十]|\d{{1,2}})个?(?P<unit>季度|月)",
        as_first_months,
    ),
    (r"(?P<half>[上下])半年", as_chinese),
    (r"第?(?P<quarter>[一二三四1-4])季度", as_chinese),
    (r"(?<![\d.])(?P<mm>\d{1,2})月份?(?:(?P<day>\d{1,2})[日号])?", as_chinese),
    (r"(?:去年|上年)同期", as_relative("same", -1)),
    (r"去年|上年|上一年", as_relative("year", -1)),
    (r"今年|本年", as_relative("year", 0)),
    (r"明年", as_relative("year", 1)),
    (r"上一?季度?", as_relative("quarter", -1)),
    (r"今天|今日", as_relative("day", 0)),
    (r"昨天|昨日", as_relative("day", -1)),
)

_SHAPES: Final[dict[str, re.Pattern[str]]] = {
    "month": re.compile(r"(?<![a-z])(?:jan|feb|ma[ry]|apr|ju[nl]|aug|sep|oct|nov|dec)"),
    "year": re.compile(r"(?:1[89]|20)\d\d"),
    "code": re.compile(r"[qh][1-4]|[1-4][qh]|[hfc]y|\dm"),
    "chinese": re.compile(r"[\u3400-\u9fff]"),
}


def _gated() -> dict[str, tuple[Rule, ...]]:
    rows = _ENGLISH + tuple(("chinese", *row) for row in _CHINESE)
    gates = dict.fromkeys(gate for gate, _, _ in rows)
    return {
        gate: tuple(
            Rule(re.compile(pattern), build) for name, pattern, build in rows if name == gate
        )
        for gate in gates
    }


_GATED: Final = _gated()
_WORDS: Final = tuple((gate, gate.split("|")) for gate in _GATED if gate not in _SHAPES)


def rules_for(line: str) -> list[Rule]:
    """Return the rules that can match in ``line``; most lines hold no period at all.

    A gate is the name of a shape ("month", "year", "code"), or words of which one must occur.
    """
    lowered = line.lower()
    rules: list[Rule] = []
    for name, shape in _SHAPES.items():
        if shape.search(lowered):
            rules += _GATED[name]
    for name, words in _WORDS:
        for word in words:
            if word in lowered:
                rules += _GATED[name]
                break
    return rules

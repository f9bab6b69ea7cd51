"""Which kind of figure and which unit a question wants: "how many yuan", "in tonnes", "margin".

Only what the wording makes sure of is returned, because what does not fit it is thrown away later:
"revenue" is money, but "share of revenue", "revenue growth" or "how much of revenue" are not.
"""

from __future__ import annotations

import re
from typing import Final

from rag.figures.captions import read_scale_hint
from rag.figures.units import (
    COUNTED,
    CURRENCY_CODES,
    CURRENCY_SIGNS,
    CURRENCY_WORDS,
    UNITS,
    listed,
    singular,
)
from rag.questions.terms import measured_in, metrics_found

Wanted = tuple[str, str]
ANY: Final[Wanted] = ("", "")

_POINTS: Final = re.compile(r"\b(?:percentage|basis) points?\b|百分点|基点")
_MANY: Final = re.compile(
    r"(?:\bhow many|^(?:what(?: is| was| were|'s) )?(?:the )?(?:total |overall )?number of)"
    r" ((?:[^\W\d]+[ -]){0,3}[^\W\d]+)"
)
_TONNAGE: Final = re.compile(r"\btonnage\b")
_CHINESE_UNIT: Final = re.compile(r"多少(?:万亿|亿|万|千|百)?([\u4e00-\u9fff]{1,4})")
_UNIT_AT_END: Final = re.compile(
    r"(?:, ?| ?\(| in (?=thousand|million|billion|[$€£¥a-z]))(?:in )?"
    r"((?:(?:thousand|million|billion)s? of )?[^\s,()?]{1,16}(?: [^\s,()?]{1,12}){0,2})\)?\W*$"
)
_UNIT_INSIDE: Final = re.compile(
    r"\bin ((?:(?:thousand|million|billion)s? of )?[a-z$€£¥]{1,10})"
    r"(?= (?:for|in|during|at|as of|over|on|was|were|did|does|is|has)\b)"
)
_PERCENT: Final = re.compile(
    r"\b(?:what|which) (?:percentage|per ?cent|proportion|fraction)\b|\bpercentage of\b"
    r"|\b(?:in|as) (?:a )?(?:per ?cent|percentage|%)|\bhow many per ?cent\b|%\W*$"
    r"|百分之几|百分比|\bgrowth rate\b|\bwhat share of\b|\bhow (?:fast|strongly) (?:did|has|have)\b"
)
_TIMES: Final = re.compile(
    r"\bmultiple\b|\bhow many times\b|\b[a-z]+/(?:ebitda|ebit|sales|equity)\b"
)
_RELATIVE: Final = re.compile(
    r"\b(?:share|portion|part|proportion|weight|fraction|percent|per cent|ratio|rate|rates"
    r"|multiple|sensitivity"
    r"|coverage|change|changed|growth|grow|grew|rise|rose|fall|fell|increase|decrease|discount"
    r"|premium|goal|target"
    r"|mix|split|much of|many of|by how much|guidance|forecast|difference|develop|respond|book"
    r"|yield|range|reduce"
    r"|improve|gain|decline|drop|jump|climb|contribution|contribute|part|return|half|fees?|size"
    r"|average)\b(?! price)|%"
)
_LONG: Final = re.compile(r"\bhow (?:long|old)\b|多久")
_PAID: Final = re.compile(
    r"\bhow much (?!of\b)[^,?]{0,60}\b(?:cost|pay|paid|spend|spent|worth|invest|invested|earn"
    r"|earned"
    r"|fined|borrow|borrowed|owe)\b"
)
_TIME_UNITS: Final = frozenset(
    {"year", "month", "week", "day", "hour", "minute", "second", "point"}
)
_WORDS_TOO: Final = frozenset(listed("ALL TOP TRY GEL SOS LAK MOP PEN RON CUP AMD BAM ANG"))


def wanted_unit(question: str) -> Wanted:
    """Return (kind of figure, unit) that a folded question asks for; ("", "") is any.

    The kinds are those of ``Figure.kind``.
    """
    if _POINTS.search(question):
        return "points", "bp" if "basis" in question or "基点" in question else "pp"
    if at_end := _unit_named(question):
        return at_end
    if many := _MANY.search(question):
        return _counted(many[1])
    if match := _CHINESE_UNIT.search(question):
        for size in (4, 3, 2, 1):
            if found := _named_unit(match[1][:size]):
                return found
    if "by how much" in question:
        return ANY
    if _LONG.search(question):
        return "quantity", ""
    if _TONNAGE.search(question):
        return "quantity", "t"
    if _TIMES.search(question):
        return "ratio", "x"
    if _PERCENT.search(question):
        return "percent", "%"
    if _PAID.search(question):
        return "money", ""
    return _by_metric(question)


def _unit_named(question: str) -> Wanted | None:
    """Read ", in dollars", "(RMB m)", ", kt" at the end, "in CNY for 2024" inside a question."""
    match = _UNIT_AT_END.search(question) or _UNIT_INSIDE.search(question)
    found = _named_unit(match[1]) if match else None
    return None if found and found[1] in _TIME_UNITS else found


def _by_metric(question: str) -> Wanted:
    """The kind in which the only metric named is measured, where nothing relates it to another."""
    kinds = {measured_in(name) for _, _, name in metrics_found(question)}
    if len(kinds) != 1:
        return ANY
    kind = kinds.pop()
    if kind == "ratio":
        return "ratio", "x"
    if kind == "money" and not _RELATIVE.search(question):
        return "money", ""
    percents = {name for _, _, name in metrics_found(question)}
    if kind == "percent" and not percents & {"growth", "decline", "stake", "non-performing loans"}:
        return "percent", "%"
    return ANY


def _counted(words: str) -> Wanted:
    """Read what follows "how many": a currency, a unit, or things that are counted."""
    parts = re.split(r"[ -]", words)
    if len(parts) > 1 and parts[0].rstrip("s") in (
        "hundred",
        "thousand",
        "million",
        "billion",
        "trillion",
    ):
        parts = [part for part in parts[1:] if part != "of"]
    if parts[0] == "of":
        return "count", ""
    for begin in range(min(2, len(parts))):
        for size in (3, 2, 1):
            if found := _named_unit(" ".join(parts[begin : begin + size])):
                return found
    for word in parts:
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            return "count", singular(word)
    return "count", ""


def _named_unit(name: str) -> Wanted | None:
    """Return what a unit's name asks for; None if it names none."""
    if name in ("%", "percent", "per cent", "percentage"):
        return "percent", "%"
    if name in CURRENCY_WORDS:
        return "money", CURRENCY_WORDS[name]
    if name in COUNTED:
        return "count", COUNTED[name]
    if name in UNITS:
        return "quantity", UNITS[name]
    if name in ("kt", "kilotonnes", "t", "mt"):
        return "quantity", "t"
    return _named_money(name)


def _named_money(name: str) -> Wanted | None:
    """Read "rmb m", "$m", "millions of francs"."""
    words = name.split(" ")
    head = words[-1] if "of" in words else words[0]
    if head in CURRENCY_WORDS:
        return "money", CURRENCY_WORDS[head]
    upper = head.upper()
    if upper in CURRENCY_CODES and upper not in _WORDS_TOO:
        return "money", upper
    if upper in CURRENCY_SIGNS and len(upper) > 2:
        return "money", CURRENCY_SIGNS[upper]
    hint = read_scale_hint(upper) if re.search(r"[$€£¥₩₹]", head) else None
    return ("money", hint.currency) if hint and hint.currency else None

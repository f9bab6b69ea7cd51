"""Puts what a fragment names into the last question, in the place of its like.

"And in 2023?" exchanges the period, "and the low?" the opposite, "what about Zenith?" the name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from rag.figures import Period, find_periods, resolve
from rag.questions.naming import names_in
from rag.questions.terms import metrics_found

_PREPOSITION: Final = re.compile(
    r"(?i)^(?P<word>in|for|at|on|of|from|to|about|during|with|by|under)\s+(?=\S)"
)
_OPPOSITES: Final = tuple(
    re.compile(rf"(?i)\b(?:{words})\b")
    for words in (
        "high|low",
        "highs|lows",
        "highest|lowest",
        "largest|biggest|smallest",
        "maximum|minimum",
        "upper|lower",
        "first|second|third|fourth|last",
        "opening|closing",
        "imports?|exports?",
        "assets|liabilities",
        "buy|sell",
        "best|worst",
        "most|least",
        "start|end",
        "domestic|foreign|overseas|international",
        "buyer|seller",
        "rise|fall",
        "increase|decrease",
        "interim|final",
        "proven|probable",
    )
)


def swapped(fragment: str, asked: str) -> str | None:
    """Return the last question with its like exchanged; None if nothing in it is alike.

    Args:
        fragment: what was said, without "and" or "what about".
        asked: the last question, complete.
    """
    stem = fragment.rstrip("?!. ？")
    bare = _PREPOSITION.sub("", stem)
    ways: tuple[Callable[[str, str], str | None], ...] = (
        _period,
        _opposite,
        _name,
        _metric,
        _subject,
    )
    if phrase := _phrase(stem, asked):
        return phrase
    return next((done for way in ways if (done := way(bare, asked))), None)


def _period(fragment: str, asked: str) -> str | None:
    new, old = find_periods(fragment), find_periods(asked)
    if not new or len(fragment) > len(new[0].text) + 12:
        return None
    if not old:
        joint = "" if new[0].relative else "in "
        return f"{asked.rstrip('?. ？')} {joint}{new[0].text}?"
    absolute = resolve(new[0], old[0]) if new[0].relative else None
    text = _label(absolute) if absolute else new[0].text
    return asked[: old[0].start] + text + asked[old[0].end :]


def _label(period: Period) -> str:
    """Name a period that was worked out: "a year earlier" than H1 2025 is "H1 2024"."""
    letter = {"quarter": "Q", "half": "H"}.get(period.kind)
    if letter and period.part:
        return f"{letter}{period.part} {period.year}"
    if period.kind == "month" and period.first:
        return f"{period.first:%B} {period.year}"
    if period.kind == "day" and period.first:
        return f"{period.first.day} {period.first:%B} {period.year}"
    return f"FY{period.year}" if period.kind == "fiscal-year" else f"{period.year}"


def _opposite(fragment: str, asked: str) -> str | None:
    for pattern in _OPPOSITES:
        new, old = pattern.search(fragment), pattern.search(asked)
        if new and old and new.group().lower() != old.group().lower() and len(fragment.split()) < 4:
            return asked[: old.start()] + new.group() + asked[old.end() :]
    return None


def _phrase(stem: str, asked: str) -> str | None:
    """Exchange the phrase that begins with the same preposition: "of the steel division"."""
    match = _PREPOSITION.match(stem)
    if match is None or find_periods(stem):
        return None
    word = match["word"].lower()
    old = re.search(rf"(?i) {word} ((?:(?!in |at |on |for |of )[^\s?]+ ?){{1,5}})", asked)
    if old is None or find_periods(old.group()):
        return None
    return f"{asked[: old.start()]} {stem} {asked[old.end() :]}".replace(" ?", "?").rstrip()


def _name(fragment: str, asked: str) -> str | None:
    new, old = names_in(fragment), names_in(asked)
    position = asked.find(old[0]) if old else -1
    if not new or metrics_found(fragment) or position < 0:
        return None
    return asked[:position] + new[0] + asked[position + len(old[0]) :]


def _metric(fragment: str, asked: str) -> str | None:
    new, old = metrics_found(fragment), metrics_found(asked)
    if not new or not old or names_in(fragment):
        return None
    words = re.sub(r"(?i)^(?:the|its|their)\s+", "", fragment)
    return asked[: old[0][0]] + words + asked[old[0][1] :]


_SUBJECT: Final = re.compile(
    r"(?i)\b(?:did|does|do|will|would|has|have|had|is|was|are|were|can|could|of|the|in|for|by|at"
    r"|from|to)\s+((?:[^\W\d][\w'’-]*\s+){1,4})$"
)


def _subject(fragment: str, asked: str) -> str | None:
    """Exchange the words before the metric: "rare metals output", "functional materials output"."""
    metrics = metrics_found(asked)
    if not metrics or len(fragment.split()) > 5:
        return None
    start = metrics[0][0]
    match = _SUBJECT.search(asked, max(0, start - 80), start)
    if match is None:
        return None
    return f"{asked[: match.start(1)]}{fragment} {asked[start:]}"

"""Does the evidence speak of what was asked: the same entity, period and kind of figure?

Similarity cannot tell the figure of one year, company or unit from that of another; these checks
can. Each returns a share or a sign, never a verdict: ``reading`` weighs them, ``answering`` words
them. Knows nothing of passages or models.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rag.figures import Figure, Period, find_figures, find_periods, fits
from rag.figures.units import loosely_equal
from rag.questions import Question, suggest
from rag.text import content_tokens
from rag.types import Document


@dataclass(frozen=True, slots=True)
class Fit:
    """How a span fits a question; the defaults say that nothing speaks against it.

    Attributes:
        missing: names asked about of which no word stands in the document.
        absent: share of the question's words that stand nowhere in the document, 0 to 1.
        period: 1 the asked period is named by the span, -1 another one is, 0 cannot tell.
        unit: 1 a figure of the asked kind stands in the span, -1 only others do, 0 cannot tell.
        overlap: share of the question's words that stand in the span or its context, 0 to 1.
    """

    missing: tuple[str, ...] = ()
    absent: float = 0.0
    period: int = 0
    unit: int = 0
    overlap: float = 0.0


WEIGHTS = {
    "bias": 0.17,
    "score": 0.32,
    "retrieved": 0.41,
    "other period": -1.1,
    "same period": -0.27,
    "other unit": -0.14,
    "overlap": 0.15,
}
"""Log-odds of each sign, fitted by ``training/calibrate.py`` on questions of held-out documents."""


def signs(score: float, retrieved: float, fitting: Fit) -> dict[str, float]:
    """Return what speaks for evidence as the numbers that ``WEIGHTS`` weighs.

    Args:
        score: the reader's log-odds.
        retrieved: score of the passage in retrieval, at most 1.
        fitting: how the span fits the question.
    """
    return {
        "bias": 1.0,
        "score": max(-12.0, min(12.0, score)),
        "retrieved": retrieved,
        "other period": float(fitting.period < 0),
        "same period": float(fitting.period > 0),
        "other unit": float(fitting.unit < 0),
        "overlap": fitting.overlap,
    }


def support(named: dict[str, float]) -> float:
    """Return the probability, 0 to 1, that evidence with these signs answers the question."""
    odds = sum(WEIGHTS[name] * value for name, value in named.items())
    return 1.0 / (1.0 + math.exp(-odds))


def fit(asked: Question, span: str, context: str, document: Document) -> Fit:
    """Compare a question with a span, what introduces it, and its document.

    Args:
        asked: the understood question.
        span: the words that would be cited.
        context: headings, table header or list introduction, and the text around, nearest last.
        document: where the span stands.
    """
    words = set(content_tokens(asked.read_text))
    known = _words(document.title + "\n" + document.text)
    near = set(content_tokens(context + "\n" + span))
    return Fit(
        missing=tuple(name for name in asked.entities if not _known(name, known)),
        absent=_share((w for w in words if not _spelled(w, known)), words),
        period=_period(asked.periods, (span, context, document.title)),
        unit=_unit(asked, find_figures(span, scale_hint=_hint(context))),
        overlap=_share(words & near, words),
    )


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(content_tokens(text))


def _known(name: str, known: frozenset[str]) -> bool:
    """Whether a word of the name, in some spelling, stands in the document."""
    words = content_tokens(name)
    return not words or any(_spelled(word, known) for word in words)


def _spelled(word: str, known: frozenset[str]) -> bool:
    return word in known or suggest(word, known) is not None


def _share(some: Iterable[str], of: set[str]) -> float:
    return len(list(some)) / len(of) if of else 0.0


def _period(asked: tuple[Period, ...], scopes: Iterable[str]) -> int:
    """Look for the asked periods in the nearest scope that names any period that can tell."""
    wanted = [p for p in asked if not p.relative and (p.year or p.first or p.part)]
    if not wanted:
        return 0
    for scope in scopes:
        verdicts = [fits(w, found) for found in find_periods(scope) for w in wanted]
        if any(v is True for v in verdicts):
            return 1
        if any(v is False for v in verdicts):
            return -1
    return 0


_ALIKE = {"percent": {"percent", "points"}, "points": {"percent", "points"}}


def _unit(asked: Question, figures: list[Figure]) -> int:
    """Whether the span holds a figure of the kind and unit that was asked for."""
    values = [f for f in figures if f.kind != "year"]
    if asked.kind == "figure" and not asked.wanted and not values:
        return -1
    if not asked.wanted or asked.wanted == "date":
        return 0
    alike = [f for f in values if f.kind in _ALIKE.get(asked.wanted, {asked.wanted})]
    if alike:
        units = {f.unit for f in alike if f.unit}
        return -1 if asked.unit and units and not _same_unit(asked.unit, units) else 1
    return 0 if any(f.kind == "count" and not f.unit for f in values) else -1


def _same_unit(asked: str, units: set[str]) -> bool:
    loose = {"ton": "t"}
    asked = loose.get(asked, asked)
    return any(loose.get(u, u) == asked or loosely_equal(u, asked) for u in units)


def _hint(context: str) -> str:
    """The part of the context that states a scale for the figures of a table, or nothing."""
    found = re.findall(r"\(?\bin (?:thousand|million|billion)s?[^|\n)]{0,40}\)?", context)
    return found[-1] if found else ""

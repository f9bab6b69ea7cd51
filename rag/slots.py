"""Does the evidence speak of what was asked: the same entity, period and kind of figure?

Similarity cannot tell the figure of one year, company or unit from that of another; these checks
can. Each returns a share or a sign, never a verdict; weighed together they rank evidence and say
how probably the first one answers. Knows nothing of passages or models.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.figures import Figure, find_figures, find_periods
from rag.figures.units import loosely_equal
from rag.questions import Question, metrics_in
from rag.text import content_tokens
from rag.timing import told_time
from rag.types import Document

_WORD = re.compile(r"[^\W_](?:[\w.,'’-]*\w)?")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n")


@dataclass(frozen=True, slots=True)
class Fit:
    """How a span fits a question; the defaults say that nothing speaks against it.

    "Here" is the span with its headings, what introduces it and the text just before.

    Attributes:
        elsewhere: share of the question's words that stand in the document, but not here, each
            weighed by its inverse sentence frequency, 0 to 1.
        stray: whether a name asked about stands in the document, but not here; of names that are
            asked about side by side ("A and B"), whether none does.
        unknown: whether a name asked about stands nowhere in the document.
        period: 1 the asked period is named by the span, -1 another one is, 0 cannot tell.
        dated: whether it is the span, or what introduces it, that names another time.
        unit: 1 a figure of the asked kind stands in the span, -1 only others do, 0 cannot tell.
        metric: 1 the asked metric is named by the span, -1 only others are, 0 cannot tell.
        form: -1 the answer has no figure, date or name where one is asked for, else 0.
        echo: share of the answer's words that the question has already said, 0 to 1.
    """

    elsewhere: float = 0.0
    stray: bool = False
    unknown: bool = False
    period: int = 0
    dated: bool = False
    unit: int = 0
    metric: int = 0
    form: int = 0
    echo: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """A span as it stands: its words, the answer in it, its lead, and what else is said around.

    ``lead`` are the words that introduce a row or item; ``context`` headings and the text before.
    """

    span: str
    answer: str = ""
    lead: str = ""
    context: str = ""


RANKING = {
    "score": 0.38,
    "retrieved": 3.3,
    "other period": -1.5,
    "other unit": -0.76,
    "elsewhere": -3.75,
    "alike": 9.8,
}
"""What puts one evidence before another, as a conditional logit (McFadden 1974)."""

SUPPORT = {
    "bias": -0.36,
    "score": 0.75,
    "retrieved": 0.54,
    "other period": -1.8,
    "other unit": -0.55,
    "elsewhere": -2.7,
    "stray": -1.54,
    "unknown": -0.17,
    "other metric": -0.31,
    "form": -0.34,
    "echo": -1.02,
    "glossed": 0.64,
}
"""Log-odds that the first evidence answers at all. Both are fitted by ``training/calibrate.py`` on
questions of held-out documents."""


def signs(
    score: float, retrieved: float, alike: float, fitting: Fit, glossed: bool = False
) -> dict[str, float]:
    """Return what speaks for evidence as the numbers that ``RANKING`` and ``SUPPORT`` weigh.

    Args:
        score: the reader's log-odds.
        retrieved: score of the passage in retrieval, at most 1.
        alike: cosine of the span, read in its passage, with the question.
        fitting: how the span fits the question.
        glossed: whether the question was looked up word by word; the reader trusts those less.
    """
    return {
        "bias": 1.0,
        "score": max(-12.0, min(12.0, score)),
        "retrieved": retrieved,
        "alike": alike,
        "other period": float(fitting.period < 0),
        "other unit": float(fitting.unit < 0),
        "elsewhere": fitting.elsewhere,
        "stray": float(fitting.stray),
        "unknown": float(fitting.unknown),
        "other metric": float(fitting.metric < 0),
        "form": float(fitting.form < 0),
        "echo": fitting.echo,
        "glossed": float(glossed),
    }


def preference(named: dict[str, float]) -> float:
    """Return what evidence with these signs is ranked by; only differences mean something."""
    return sum(weight * named[name] for name, weight in RANKING.items())


def support(named: dict[str, float]) -> float:
    """Return the probability, 0 to 1, that evidence with these signs answers the question."""
    odds = sum(weight * named[name] for name, weight in SUPPORT.items())
    return 1.0 / (1.0 + math.exp(-odds))


def fit(asked: Question, place: Place, document: Document) -> Fit:
    """Compare a question with a span as it stands in its document."""
    words = list(dict.fromkeys(content_tokens(asked.read_text)))
    spread, sentences = _spread(document.title, document.text)
    around = f"{place.context}\n{place.lead}"
    here = set(content_tokens(f"{around}\n{place.span}"))
    answer = set(content_tokens(place.answer))
    weights = {w: math.log(1 + sentences / (spread[w] + 0.5)) for w in words}
    gone = sum(weight for word, weight in weights.items() if word in spread and word not in here)
    outside = f"{place.context}\n{document.title}"
    time = told_time(asked.read_text, place.span, place.answer, place.lead, outside)
    return Fit(
        elsewhere=gone / total if (total := sum(weights.values())) else 0.0,
        stray=any(
            all(_strays(name, spread.keys(), here) for name in names)
            for names in side_by_side(asked)
        ),
        unknown=any(not _known(name, spread.keys()) for name in asked.entities),
        period=time.sign,
        dated=time.near and time.sign < 0,
        unit=_unit(asked, find_figures(place.span, scale_hint=_hint(place.context))),
        metric=_metric(asked, f"{place.span}\n{place.lead}"),
        form=_form(asked, place.answer),
        echo=_share(len(answer.intersection(words)), len(answer)),
    )


def unknown(
    asked: Question, documents: Sequence[Document]
) -> tuple[tuple[str, ...], tuple[str, ...], float]:
    """Return what of a question stands in no document: names, words as written, their share."""
    known = {word for d in documents for word in _spread(d.title, d.text)[0]}
    written = [w for w in _WORD.findall(asked.read_text) if content_tokens(w)]
    missing = [w for w in written if known.isdisjoint(content_tokens(w))]
    names = tuple(name for name in asked.entities if not _known(name, known))
    return names, tuple(dict.fromkeys(missing)), _share(len(missing), len(written))


@lru_cache(maxsize=512)
def _spread(title: str, text: str) -> tuple[Counter[str], int]:
    """Return in how many sentences or lines each word stands, and how many of them there are."""
    sentences = [title, *_SENTENCE.split(text)]
    found = Counter(word for sentence in sentences for word in set(content_tokens(sentence)))
    return found, len(sentences)


_BESIDE = re.compile(r"[\s,]*(?:and|or|versus|vs\.?|than)?\s*(?:for|of|at|in|by)?\s*(?:the\s+)?")


def side_by_side(asked: Question) -> list[list[str]]:
    """Return the names asked about, those named side by side ("A and B") together."""
    text = asked.read_text.lower()
    groups: list[list[str]] = []
    last = 0
    for name in asked.entities:
        start = text.find(name.lower(), last)
        if groups and start >= 0 and _BESIDE.fullmatch(text[last:start]):
            groups[-1].append(name)
        else:
            groups.append([name])
        last = start + len(name) if start >= 0 else last
    return groups


def _strays(name: str, known: Collection[str], here: Collection[str]) -> bool:
    words = set(content_tokens(name))
    return any(w in known for w in words) and not any(w in here for w in words)


def _metric(asked: Question, text: str) -> int:
    """Whether a text names the metric that was asked for."""
    named = set(metrics_in(text)) if asked.metrics else set()
    return 0 if not named else 1 if named & set(asked.metrics) else -1


def _form(asked: Question, answer: str) -> int:
    """Whether the words of an answer look like what was asked for."""
    if asked.kind == "figure":
        return 0 if re.search(r"\d", answer) or find_figures(answer) else -1
    if asked.kind == "date":
        return 0 if find_periods(answer) else -1
    return -1 if asked.kind == "name" and not re.search(r"[^\W\d_a-z]", answer) else 0


def _known(name: str, known: Collection[str]) -> bool:
    """Whether a word of the name stands in the document."""
    words = content_tokens(name)
    return not words or any(word in known for word in words)


def _share(some: int, count: int) -> float:
    return some / count if count else 0.0


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

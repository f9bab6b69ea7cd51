"""How predictions are judged: the measures of a question pack, each defined here once.

A question is a dict of the pack, a prediction a `Prediction`. Matching is on folded text (case,
hyphens, blanks, digit groups), with a fold of its own: the judge must not share the code it judges.
Shares are per cent; the reciprocal rank is given times 100 as well.

    right          answerable, answered in at most MAX_WORDS words, and the gold answer is in it
    right+cited    right, and a citation lies on gold evidence
    cited_gold     citations of answered answerable questions that lie on gold evidence
    declined       unanswerable, and abstained (or the false premise put right)
    balanced       mean of right and declined
    false_decline  answerable, but abstained
    hit@5, mrr     gold evidence among the first five passages; reciprocal rank of the first
    exact_quotes   citations whose quote stands in the source file, character for character
    p50, p95       seconds an answer took
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_WORDS = 80
"""A longer answer is wrong: whoever quotes everything is always right."""

TOLERANCE = 0.005
"""Relative difference at which two figures are still the same."""

_LONG_ENOUGH = 20
_SHINGLE = 4
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—−﹣－", "-"))
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation, " "))
_BLANKS = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u3000]+")
_GROUPED = re.compile(r"(?<=\d)[ ,](?=\d{3}(?!\d))")
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_WORDS = re.compile(r"[\u4e00-\u9fff]|[^\s\u4e00-\u9fff]+")
_FIGURES = re.compile(r"\d+(?:\.\d+)?")

Question = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was said about one question.

    ``citations`` are (document id, quote), ``hits`` (document id, passage text), best first, None
    where nothing was retrieved.
    """

    id: str
    text: str = ""
    abstained: bool = True
    citations: tuple[tuple[str, str], ...] = ()
    hits: tuple[tuple[str, str], ...] | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One question judged; fields that do not apply to it are None or empty.

    ``good`` is what counts for the question's kind: right, or declined. ``rank`` is that of the
    first passage on gold evidence, from 1; 0 where none was found.
    """

    id: str
    kind: str
    answerable: bool
    abstained: bool
    good: bool
    on_gold: tuple[bool, ...] = ()
    exact: tuple[bool, ...] = ()
    rank: int | None = None
    seconds: float | None = None


def judge(question: Question, said: Prediction, sources: Mapping[str, str]) -> Judgement:
    """Judge one prediction; ``sources`` maps document ids to the text of the files."""
    cited = () if said.abstained else said.citations
    exact = tuple(bool(quote) and quote in sources.get(doc, "") for doc, quote in cited)
    gold = [*question.get("evidence", ()), *question.get("alt_evidence", ())]
    answerable = bool(question["answerable"])
    return Judgement(
        id=said.id,
        kind=question.get("type") or ",".join(question.get("tags", ())),
        answerable=answerable,
        abstained=said.abstained,
        good=is_right(question, said) if answerable else is_declined(question, said),
        on_gold=tuple(is_gold(*citation, gold) for citation in cited) if answerable else (),
        exact=exact,
        rank=_rank(said.hits, gold) if answerable and gold and said.hits is not None else None,
        seconds=said.seconds,
    )


def report(judged: Sequence[Judgement]) -> dict[str, float]:
    """Return every measure that the questions allow, in the order of the module's list."""
    ours = [j for j in judged if j.answerable]
    ranks = [j.rank for j in ours if j.rank is not None]
    shares: dict[str, list[float] | list[bool]] = {
        "right": [j.good for j in ours],
        "right+cited": [j.good and any(j.on_gold) for j in ours],
        "cited_gold": [on for j in ours for on in j.on_gold],
        "declined": [j.good for j in judged if not j.answerable],
        "false_decline": [j.abstained for j in ours],
        "hit@5": [0 < rank <= 5 for rank in ranks],
        "mrr": [1 / rank if rank else 0.0 for rank in ranks],
        "exact_quotes": [same for j in judged for same in j.exact],
    }
    found = {name: round(100 * sum(v) / len(v), 1) for name, v in shares.items() if v}
    if "right" in found and "declined" in found:
        found["balanced"] = round((found["right"] + found["declined"]) / 2, 1)
    seconds = sorted(j.seconds for j in judged if j.seconds is not None)
    if seconds:
        found |= {"p50": round(quantile(seconds, 0.5), 4), "p95": round(quantile(seconds, 0.95), 4)}
    return found


def by_kind(judged: Sequence[Judgement]) -> dict[str, tuple[int, int]]:
    """Return (good, all) for each kind of question, in alphabetical order."""
    kinds = sorted({j.kind for j in judged})
    groups = {kind: [j.good for j in judged if j.kind == kind] for kind in kinds}
    return {kind: (sum(goods), len(goods)) for kind, goods in groups.items()}


def risk_coverage(judged: Sequence[Judgement]) -> tuple[float, float]:
    """Return (coverage, risk), each from 0 to 1 (El-Yaniv and Wiener, JMLR 2010).

    Coverage is the share of all questions that got an answer, risk the share of wrong ones among
    these; without any answer the risk is 0.
    """
    answered = [j for j in judged if not j.abstained]
    wrong = sum(not j.good for j in answered)
    return len(answered) / len(judged), wrong / max(1, len(answered))


def quantile(ascending: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the values lie (nearest rank, upwards)."""
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


# --- one question -------------------------------------------------------------------------------


def is_right(question: Question, said: Prediction) -> bool:
    """Tell whether an answerable question was answered, briefly, with what is asked for."""
    if said.abstained or len(said.text.split()) > MAX_WORDS:
        return False
    if "must_contain" in question:
        return _meets(question, fold(said.text))
    gold = [*question["answers"], *question.get("answers_zh", ())]
    return any(says(said.text, answer) for answer in gold)


def is_declined(question: Question, said: Prediction) -> bool:
    """Tell whether an unanswerable question was declined, or its false premise put right."""
    correction = question.get("correction") or ()
    return said.abstained or (bool(correction) and _holds(correction, fold(said.text)))


def is_gold(document_id: str, text: str, gold: Sequence[Mapping[str, str]]) -> bool:
    """Tell whether a quote or passage lies on one of the gold pieces of evidence.

    It does if one contains the other (a quote of 20 characters or more), or if they share half of
    the shorter one's runs of four words.
    """
    return any(document_id == piece["doc"] and _overlap(text, _gold_text(piece)) for piece in gold)


def says(text: str, gold: str) -> bool:
    """Tell whether a text gives a gold answer: its words in a row, or its figures within 0.5 %."""
    wanted = words(gold)
    if wanted and f" {' '.join(wanted)} " in f" {' '.join(words(text))} ":
        return True
    figures = _figures(gold)
    if not figures or len(wanted) > 4:
        return False
    given = _figures(text)
    return all(any(_same(figure, value) for figure in given) for value in figures)


def fold(text: str) -> str:
    """Return text in lower case with one kind of hyphen and blank and no digit groups."""
    text = _BLANKS.sub(" ", text.translate(_HYPHENS).translate(_SUBSCRIPTS))
    return _GROUPED.sub("", text).lower().strip()


def words(text: str) -> list[str]:
    """Return the folded words without punctuation and articles; each Chinese character is one."""
    plain = fold(text).replace(",", "").translate(_PUNCTUATION)
    return _WORDS.findall(_ARTICLES.sub(" ", plain))


def _meets(question: Question, said: str) -> bool:
    if any(fold(bad) in said for bad in question.get("must_not_contain", ())):
        return False
    opposite = {"yes": "no", "no": "yes"}.get(question.get("polarity", ""))
    if opposite and re.match(rf"{opposite}\b", said):
        return False
    return _holds(question["must_contain"], said)


def _holds(groups: Sequence[Sequence[str]], said: str) -> bool:
    """Tell whether each group has a wording that stands in the folded text."""
    return all(any(fold(wording) in said for wording in group) for group in groups)


def _figures(text: str) -> list[float]:
    return [float(figure) for figure in _FIGURES.findall(fold(text).replace(",", ""))]


def _same(figure: float, value: float) -> bool:
    return abs(figure - value) <= TOLERANCE * max(abs(value), 1e-9)


def _rank(hits: Sequence[tuple[str, str]] | None, gold: Sequence[Mapping[str, str]]) -> int:
    places = (rank for rank, hit in enumerate(hits or (), start=1) if is_gold(*hit, gold))
    return next(places, 0)


def _gold_text(piece: Mapping[str, str]) -> str:
    return piece.get("quote") or piece.get("sentence") or piece["text"]


def _overlap(text: str, gold: str) -> bool:
    text, gold = _BLANKS.sub(" ", text).strip(), _BLANKS.sub(" ", gold).strip()
    if not text:
        return False
    if gold in text or (len(text) >= _LONG_ENOUGH and text in gold):
        return True
    ours, theirs = _shingles(text), _shingles(gold)
    fewest = min(len(ours), len(theirs))
    return fewest > 0 and len(ours & theirs) >= 0.5 * fewest


def _shingles(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + _SHINGLE]) for i in range(len(found) - _SHINGLE + 1)}

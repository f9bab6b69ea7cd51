"""Passages to findings: evidence with all that speaks for it, and which of it to answer with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.belonging import Mismatch, mismatch
from rag.dates import recency
from rag.figures import Figure, compatible, find_figures, same_value
from rag.index import Index
from rag.questions import Question, beside
from rag.reading import READ, Evidence, find_evidence, quote_of
from rag.retrieval import embedded, find_passages
from rag.slots import Fit, Place, fit, preference, side_by_side, signs, support
from rag.text import content_tokens
from rag.types import Document, Hit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NEAREST = 6
_WEIGHED = 12
_CHECKED = 4
_CHECKED_FROM = 0.3
_BEFORE = 400  # characters before a span that say what it is about
_LISTED = 3
_BESIDE = 0.3  # support that the other side of a comparison needs
_ALSO = 0.5  # support that a further item needs, as a share of that of the first
_NEWER = 1.0  # preference that the newest document gains where the latest is asked for
_ROUNDING = 0.005  # figures this near are the same one, rounded


@dataclass(frozen=True, slots=True)
class Finding:
    """Evidence, how it fits, its signs, its preference, and the probability that it answers.

    ``day`` is that of its document, empty if unknown; ``other`` tells what its figure is of
    instead of what was asked.
    """

    evidence: Evidence
    fit: Fit
    signs: dict[str, float]
    preference: float
    support: float
    day: str = ""
    other: Mismatch | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What was found for one part of a question."""

    hits: tuple[Hit, ...]
    findings: tuple[Finding, ...]


def look(asked: Question, index: Index, documents: Collection[str] | None, count: int) -> Look:
    """Find passages and weigh the first ``count`` of them."""
    vector = embedded(asked, index)
    hits = find_passages(asked, vector, index, _NEAREST, documents)
    return Look(tuple(hits), tuple(weigh(asked, vector, index, hits, count)))


def merged(rankings: Sequence[Sequence[Hit]]) -> tuple[Hit, ...]:
    """Return the hits of all parts in turns, each passage once."""
    turns = [hits[i] for i in range(_NEAREST) for hits in rankings if i < len(hits)]
    return tuple({hit.passage: hit for hit in reversed(turns)}.values())[::-1][:_NEAREST]


def weigh(
    asked: Question,
    vector: NDArray[np.float32],
    index: Index,
    hits: Sequence[Hit],
    count: int = READ,
) -> list[Finding]:
    """Read the first ``count`` hits and return the likeliest evidence, best first."""
    asked = beside(asked, [f"{hit.passage.heading}\n{hit.passage.text}" for hit in hits[:count]])
    findings = []
    likeness = {
        (hit.passage, span): cosine
        for hit in hits[:count]
        for span, cosine in zip(hit.passage.spans, index.likeness(hit.passage, vector), strict=True)
    }
    scores = {hit.passage: hit.score for hit in hits}
    found = find_evidence(asked.read_text, hits, count)[:_WEIGHED]
    if asked.kind == "list":
        # An item brings the words that introduce it along; they alone would name none.
        leads = {evidence.span.lead for evidence in found if evidence.span.kind == "item"}
        found = [e for e in found if (e.span.start, e.span.end) not in leads]
    newness = recency(index.days) if asked.newest else {}
    for evidence in found:
        document = index.document(evidence.passage.document_id)
        fitting = fit(asked, place_of(evidence, document), document)
        alike = likeness[evidence.passage, evidence.span]
        retrieved, glossed = scores[evidence.passage], asked.gloss is not None
        named = signs(evidence.score, retrieved, alike, fitting, glossed)
        liking = preference(named) + _NEWER * newness.get(document.id, 0.0)
        day = document.metadata.day
        findings.append(Finding(evidence, fitting, named, liking, support(named), day))
    findings.sort(key=lambda finding: -finding.preference)
    if asked.kind == "figure":
        findings[:_CHECKED] = [_checked(asked, f, index) for f in findings[:_CHECKED]]
    return findings


def _checked(asked: Question, finding: Finding, index: Index) -> Finding:
    """Look whether the figure is of another metric or name, where it might be said."""
    if finding.support < _CHECKED_FROM:
        return finding
    evidence = finding.evidence
    other = mismatch(asked, evidence, index.document(evidence.passage.document_id))
    return replace(finding, other=other)


def place_of(evidence: Evidence, document: Document) -> Place:
    """Return evidence as it stands in its document."""
    passage, span = evidence.passage, evidence.span
    before = quote_of(passage, max(passage.start, span.start - _BEFORE), span.start)
    lead = document.text[slice(*span.lead)] if span.lead else ""
    answer = quote_of(passage, *evidence.answer)
    return Place(evidence.quote, answer, lead, f"{passage.heading}\n{before}")


def choose(asked: Question, looked: Look, strictness: float) -> list[Finding]:
    """Return the evidence to answer with: the first, if likely, and what must stand beside it."""
    findings = [f for f in looked.findings if not (f.other or _is_of_another_time(asked, f))]
    if not findings or findings[0].support < strictness:
        return []
    best, others = findings[0], findings[1:]
    if compares(asked):
        return [best, *_other_side(asked, best, others)]
    sure = [finding for finding in others if finding.support >= strictness]
    if asked.kind == "list":
        return [best, *_more_items(best, sure)]
    # Of figures that differ the newer goes first.
    return sorted([best, *_contradicting(best, sure)], key=lambda f: f.day, reverse=True)


def _is_of_another_time(asked: Question, finding: Finding) -> bool:
    """Whether a figure, or a row under its header, is given for another time than asked for.

    It is wrong then, however well all else fits.
    """
    row = finding.evidence.span.kind == "row" and asked.kind != "date"
    return finding.fit.dated and (row or asked.kind == "figure")


def compares(asked: Question) -> bool:
    """Whether several things are asked about side by side."""
    return asked.kind == "comparison" or any(len(names) > 1 for names in side_by_side(asked))


def _more_items(best: Finding, others: Sequence[Finding]) -> list[Finding]:
    """Return evidence that adds to a list: other sentences, for an item brings its list along."""
    spans = [best.evidence.span]
    chosen: list[Finding] = []
    for other in others:
        span = other.evidence.span
        sure = other.support > _ALSO * best.support
        if sure and span.kind == "sentence" == spans[0].kind and span not in spans:
            spans.append(span)
            chosen.append(other)
    return chosen[: _LISTED - 1]


def _other_side(asked: Question, best: Finding, others: Sequence[Finding]) -> list[Finding]:
    """Return the evidence that speaks of what the best leaves out, of names if there are some."""
    about = asked.entities if len(asked.entities) > 1 else (asked.read_text,)
    words = {word for text in about for word in content_tokens(text)}
    left = words - set(content_tokens(best.evidence.quote))
    for other in others:
        same = other.evidence.span == best.evidence.span
        if (
            not same
            and other.support > _BESIDE
            and left & set(content_tokens(other.evidence.quote))
        ):
            return [other]
    return []


def _contradicting(best: Finding, others: Sequence[Finding]) -> list[Finding]:
    """Return evidence of other documents that gives another figure for the same thing."""
    document = best.evidence.passage.document_id
    figure = _figure(best.evidence)
    for other in others:
        found = _figure(other.evidence)
        elsewhere = other.evidence.passage.document_id != document
        if elsewhere and figure and found and compatible(figure, found):
            return [] if same_value(figure, found, _ROUNDING) else [other]
    return []


def _figure(evidence: Evidence) -> Figure | None:
    """Return the one figure inside the answer, if there is just one that is no year."""
    text = quote_of(evidence.passage, *evidence.answer)
    figures = [figure for figure in find_figures(text) if figure.kind != "year"]
    return figures[0] if len(figures) == 1 else None

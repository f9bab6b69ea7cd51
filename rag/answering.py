"""Evidence to an answer whose every citation is checked, or to an abstention with its reason.

The words of an answer are the words of the documents. Nothing is cited that was not used, nothing
is used that is not cited.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from rag.computing import Computation, Operand, compute, in_one_row, operands_of, plan
from rag.dates import recency, standing, with_date, within
from rag.documents import locate
from rag.errors import IndexCorrupt
from rag.figures import Figure, compatible, find_figures, same_value
from rag.index import Index, default_index
from rag.questions import Question, adapted, understand
from rag.reading import READ, Evidence, find_evidence, quote_of
from rag.retrieval import embedded, find_passages
from rag.slots import Fit, Place, fit, preference, side_by_side, signs, support
from rag.text import content_tokens
from rag.types import Answer, Citation, Document, Fact, History, Hit, Reason
from rag.wording import Claim, lacking, word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_WORDS = 80
"""Longest answer text, in words."""

SILENCE = "The documents do not say."
"""How every abstention begins, but for a question that is none."""

STRICTNESS = 0.46
"""Least estimated probability that the evidence answers the question; below it we abstain."""

_NEAREST = 6
_WEIGHED = 12
_LEAST = 2  # passages read for each part of a question
_BEFORE = 400  # characters before a span that say what it is about
_LISTED = 3
_BESIDE = 0.3  # support that the other side of a comparison needs
_ALSO = 0.5  # support that a further item needs, as a share of that of the first
_NEWER = 1.0  # preference that the newest document gains where the latest is asked for
_ROUNDING = 0.005  # figures this near are the same one, rounded


@dataclass(frozen=True, slots=True)
class Finding:
    """Evidence, how it fits, its signs, its preference, and the probability that it answers.

    ``day`` is that of its document, empty if unknown.
    """

    evidence: Evidence
    fit: Fit
    signs: dict[str, float]
    preference: float
    support: float
    day: str = ""


def answer(
    question: str,
    index: Index | None = None,
    history: History = (),
    documents: Collection[str] | None = None,
    *,
    strictness: float = STRICTNESS,
    after: date | str | None = None,
    before: date | str | None = None,
) -> Answer:
    """Answer a question with the words of the documents, or say that they do not hold the answer.

    Args:
        question: up to 4,000 characters.
        index: where to look; the default index folder, loaded once and kept, if None.
        history: earlier turns, oldest first, that complete a follow-up question.
        documents: ids to look in; None for all.
        strictness: least probability, 0 to 1, that the evidence answers the question.
        after: only documents dated on this day or later; ``2025`` stands for its first day.
        before: only documents dated earlier. Either leaves out documents without a date; the
            reason of an abstention says how many.

    Returns:
        At most ``MAX_WORDS`` words in which ``[n]`` means ``citations[n - 1]``; without citations
        an abstention with its reason and the nearest passages.

    Raises:
        QuestionError: the question is empty, too long or not text.
        ValueError: ``documents`` names one that is not in the index, ``strictness`` is not
            between 0 and 1, or ``after`` or ``before`` is no date.
        IndexFolderError: there is no default index, or it cannot be used.
    """
    if not 0 <= strictness <= 1:
        raise ValueError(f"strictness must lie between 0 and 1, not {strictness}")
    asked = understand(question, history)
    if asked.refusal:
        return Answer(question, asked.refusal.text, reason=asked.refusal)
    index = index if index is not None else default_index()
    chosen_by_date = within(index.documents, documents, after, before)
    documents = chosen_by_date.documents
    asked = adapted(asked, history, index.words)
    if computed := _computed(question, asked, index, documents, strictness):
        return computed
    parts = _parts(asked, history) or [asked]
    share = max(_LEAST, READ // len(parts))
    looked = [_look(part, index, documents, share) for part in parts]
    chosen = [_choose(part, seen, strictness) for part, seen in zip(parts, looked, strict=True)]
    hits = _merged([seen.hits for seen in looked])
    if not any(chosen):
        nearest = max(looked, key=lambda seen: max((f.support for f in seen.findings), default=0.0))
        part = parts[looked.index(nearest)]
        return chosen_by_date.told(_abstain(part, question, nearest.findings, hits, index))
    return _compose(question, list(zip(parts, chosen, strict=True)), index, hits)


def _parts(asked: Question, history: History) -> list[Question]:
    """Understand each part of a question; a pronoun may point at the part before."""
    before = [*history, *((part, "") for part in asked.parts)]
    return [understand(part, before[: len(history) + i]) for i, part in enumerate(asked.parts)]


def _computed(
    question: str,
    asked: Question,
    index: Index,
    documents: Collection[str] | None,
    strictness: float,
) -> Answer | None:
    """Return a figure computed from cited ones, with its formula; None where none is asked."""
    computation = plan(asked)
    if computation is None:
        return None
    looked: list[_Look] = []
    found = _operands(computation, index, documents, strictness, looked)
    if not found:
        return None
    made = [cite(index, o.evidence.passage.document_id, o.claim) for o in found]
    citations = list(dict.fromkeys(made))
    marks = [f"[{citations.index(citation) + 1}]" for citation in made]
    text = compute(computation, found, marks)
    hits = _merged([seen.hits for seen in looked])
    return Answer(question, text, tuple(citations), hits) if text else None


def _operands(
    computation: Computation,
    index: Index,
    documents: Collection[str] | None,
    strictness: float,
    looked: list[_Look],
) -> list[Operand] | None:
    """Look up one operand after the other, until a row has them all; what is seen is noted."""
    best: list[Evidence] = []
    for operand in computation.operands:
        looked.append(_look(understand(operand), index, documents, _LEAST))
        first = next(iter(looked[-1].findings), None)
        if first is None or first.support < strictness:
            return None
        best.append(first.evidence)
        if found := in_one_row(computation, first.evidence):
            return found
    return operands_of(computation, best)


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found for one part of a question."""

    hits: tuple[Hit, ...]
    findings: tuple[Finding, ...]


def _look(asked: Question, index: Index, documents: Collection[str] | None, count: int) -> _Look:
    """Find passages and weigh the first ``count`` of them."""
    vector = embedded(asked, index)
    hits = find_passages(asked, vector, index, _NEAREST, documents)
    return _Look(tuple(hits), tuple(weigh(asked, vector, index, hits, count)))


def _merged(rankings: Sequence[Sequence[Hit]]) -> tuple[Hit, ...]:
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
    newness = recency(index.documents) if asked.newest else {}
    for evidence in found:
        document = index.document(evidence.passage.document_id)
        fitting = fit(asked, _placed(evidence, document), document)
        alike = likeness[evidence.passage, evidence.span]
        named = signs(evidence.score, scores[evidence.passage], alike, fitting)
        liking = preference(named) + _NEWER * newness.get(document.id, 0.0)
        day = document.metadata.day
        findings.append(Finding(evidence, fitting, named, liking, support(named), day))
    return sorted(findings, key=lambda finding: -finding.preference)


def _placed(evidence: Evidence, document: Document) -> Place:
    passage, span = evidence.passage, evidence.span
    before = quote_of(passage, max(passage.start, span.start - _BEFORE), span.start)
    lead = document.text[slice(*span.lead)] if span.lead else ""
    answer = quote_of(passage, *evidence.answer)
    return Place(evidence.quote, answer, lead, f"{passage.heading}\n{before}")


def _choose(asked: Question, looked: _Look, strictness: float) -> list[Finding]:
    """Return the evidence to answer with: the first, if likely, and what must stand beside it."""
    best = looked.findings[0] if looked.findings else None
    if best is None or best.support < strictness:
        return []
    if _compares(asked):
        return [best, *_other_side(asked, best, looked.findings)]
    sure = [finding for finding in looked.findings[1:] if finding.support >= strictness]
    if asked.kind == "list":
        return [best, *_more_items(best, sure)]
    # Of figures that differ the newer goes first.
    return sorted([best, *_contradicting(best, sure)], key=lambda f: f.day, reverse=True)


def _compares(asked: Question) -> bool:
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


def _abstain(
    asked: Question,
    question: str,
    findings: Sequence[Finding],
    hits: Sequence[Hit],
    index: Index,
) -> Answer:
    reason = Reason("outside-documents", "No passage is about this.")
    if findings:
        best = findings[0]
        near = dict.fromkeys(hit.passage.document_id for hit in hits)
        reason = lacking(asked, best.evidence, best.fit, [index.document(name) for name in near])
    return Answer(question, f"{SILENCE} {reason.text}", hits=tuple(hits), reason=reason)


def _compose(
    question: str,
    parts: Sequence[tuple[Question, Sequence[Finding]]],
    index: Index,
    hits: Sequence[Hit],
) -> Answer:
    """Word each finding and cite it; the same words are said once."""
    unsaid = [" ".join(asked.text.split()) for asked, chosen in parts if not chosen]
    findings = [(asked, finding.evidence) for asked, chosen in parts for finding in chosen]
    claims = [word(asked, found, MAX_WORDS) for asked, found in findings]
    lengths = [len(claim.text.split()) for claim in claims]
    dates = [
        _standing(asked, finding, index, differing=len(chosen) > 1)
        for asked, chosen in parts
        for finding in chosen
    ]
    room = MAX_WORDS - sum(len(text.split()) + 5 for text in unsaid) - 2 * len(findings)
    room -= sum(len(with_date("", fact).split()) for fact in dates if fact)
    lines: list[str] = []
    citations: list[Citation] = []
    shares = _shared_out(room, lengths)
    for (asked, found), claim, budget, fact in zip(findings, claims, shares, dates, strict=True):
        if len(claim.text.split()) > budget:
            claim = word(asked, found, budget)
        citation = replace(cite(index, found.passage.document_id, claim), dated=fact)
        if citation not in citations:
            citations.append(citation)
            text = with_date(claim.text, fact) if fact else claim.text
            lines.append(f"{text} [{len(citations)}]")
    lines += [f"{SILENCE[:-1]}: {text}" for text in unsaid]
    text = "\n".join(lines)
    differing = any(
        len(chosen) > 1 and asked.kind != "list" and not _compares(asked) for asked, chosen in parts
    )
    return Answer(
        question, text, tuple(citations), tuple(hits), unsaid=tuple(unsaid), differing=differing
    )


def _standing(asked: Question, found: Finding, index: Index, differing: bool) -> Fact | None:
    """Return the date to say of a figure that has none, or of each where figures differ."""
    evidence = found.evidence
    document = index.document(evidence.passage.document_id)
    figures = find_figures(quote_of(evidence.passage, *evidence.answer))
    if asked.kind != "figure" or all(figure.kind == "year" for figure in figures):
        return None
    place = _placed(evidence, document)
    section = evidence.passage.heading.replace(document.title, "")
    words = f"{section}\n{place.lead}\n{place.span}"
    return standing(document, words, always=differing)


def _shared_out(room: int, lengths: Sequence[int]) -> list[int]:
    """Return how many words each may take: what it needs, the longest of them equally much."""
    shares = [0] * len(lengths)
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    for left, i in zip(range(len(order), 0, -1), order, strict=True):
        shares[i] = min(lengths[i], room // left)
        room -= shares[i]
    return shares


def cite(index: Index, document_id: str, claim: Claim) -> Citation:
    """Return the citation of a claim, its quote taken from the document itself.

    Raises:
        IndexCorrupt: the range lies outside the document.
    """
    document = index.document(document_id)
    if not 0 <= claim.start < claim.end <= len(document.text):
        raise IndexCorrupt(
            f"{document_id}: {claim.start}..{claim.end} lies outside the document of "
            f"{len(document.text)} characters; build the index again: rag build"
        )
    quote = document.text[claim.start : claim.end]
    return Citation(
        document_id,
        document.title,
        claim.start,
        claim.end,
        quote,
        page=int(page) if (page := locate(document, claim.start).get("page")) else None,
        row=claim.row,
        column=claim.column,
    )

"""Findings to the words of an answer, each with a citation that is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rag.dates import standing, with_date
from rag.documents import locate
from rag.errors import IndexCorrupt
from rag.figures import find_figures
from rag.index import Index
from rag.questions import Question
from rag.reading import quote_of
from rag.types import Answer, Citation, Fact, Hit
from rag.weighing import Finding, compares, place_of
from rag.wording import Claim, word

MAX_WORDS: Final = 80
"""Longest answer text, in words."""

SILENCE: Final = "The documents do not say."
"""How every abstention begins, but for a question that is none."""


def compose(
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
        len(chosen) > 1 and asked.kind != "list" and not compares(asked) for asked, chosen in parts
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
    place = place_of(evidence, document)
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

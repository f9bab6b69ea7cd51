"""Evidence to an answer whose every citation is checked, or to an abstention with its reason.

The words of an answer are the words of the documents. Nothing is cited that was not used, nothing
is used that is not cited.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from rag.composing import SILENCE, cite, compose
from rag.computing import Computation, Operand, compute, in_one_row, operands_of, plan
from rag.dates import within
from rag.index import Index, default_index
from rag.questions import Question, adapted, understand
from rag.reading import READ, Evidence
from rag.types import Answer, History, Hit, Reason
from rag.weighing import Finding, Look, choose, look, merged
from rag.wording import lacking

STRICTNESS = 0.35
"""Least estimated probability that the evidence answers the question; below it we abstain."""

_LEAST = 2  # passages read for each part of a question


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
        At most 80 words in which ``[n]`` means ``citations[n - 1]``; without citations an
        abstention with its reason and the nearest passages.

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
    chosen_by_date = within(lambda: index.days, documents, after, before)
    documents = chosen_by_date.documents
    asked = adapted(asked, history, index.words)
    if computed := _computed(question, asked, index, documents, strictness):
        return computed
    parts = _parts(asked, history) or [asked]
    share = max(_LEAST, READ // len(parts))
    looked = [look(part, index, documents, share) for part in parts]
    chosen = [choose(part, seen, strictness) for part, seen in zip(parts, looked, strict=True)]
    hits = merged([seen.hits for seen in looked])
    if not any(chosen):
        nearest = max(looked, key=lambda seen: max((f.support for f in seen.findings), default=0.0))
        part = parts[looked.index(nearest)]
        return chosen_by_date.told(_abstain(part, question, nearest.findings, hits, index))
    return compose(question, list(zip(parts, chosen, strict=True)), index, hits)


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
    looked: list[Look] = []
    found = _operands(computation, index, documents, strictness, looked)
    if not found:
        return None
    made = [cite(index, o.evidence.passage.document_id, o.claim) for o in found]
    citations = list(dict.fromkeys(made))
    marks = [f"[{citations.index(citation) + 1}]" for citation in made]
    text = compute(computation, found, marks)
    hits = merged([seen.hits for seen in looked])
    return Answer(question, text, tuple(citations), hits) if text else None


def _operands(
    computation: Computation,
    index: Index,
    documents: Collection[str] | None,
    strictness: float,
    looked: list[Look],
) -> list[Operand] | None:
    """Look up one operand after the other, until a row has them all; what is seen is noted."""
    best: list[Evidence] = []
    for operand in computation.operands:
        looked.append(look(understand(operand), index, documents, _LEAST))
        first = next(iter(looked[-1].findings), None)
        if first is None or first.support < strictness:
            return None
        best.append(first.evidence)
        if found := in_one_row(computation, first.evidence):
            return found
    return operands_of(computation, best)


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
        documents = [index.document(name) for name in near]
        reason = lacking(asked, best.evidence, best.fit, documents, best.other)
    return Answer(question, f"{SILENCE} {reason.text}", hits=tuple(hits), reason=reason)

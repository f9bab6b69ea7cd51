"""Example questions that an index answers, made from its own figures and headings.

Every question was put to the index first and is kept only if its answer cites the very place that
the question was made from.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from chat.library import Library
    from rag import Document, Index, Passage

_WANTED = 4
_TRIED = 24
_SEPARATOR = " › "
_NUMBERING = re.compile(r"^[\W\d]*|[\s:：.。]*$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_ON = ("day",)
_IN = ("month", "quarter", "half", "nine-months", "year", "fiscal-year")


class Candidate(NamedTuple):
    """A question, and the range of the document that its answer has to come from."""

    question: str
    document_id: str
    start: int
    end: int


def find_examples(library: Library, wanted: int = _WANTED) -> list[str]:
    """Return up to ``wanted`` questions that the index answers from where they were made.

    The documents take turns, so that a large one does not crowd out the others.
    """
    index = library.index()
    found: list[str] = []
    for candidate in islice(_candidates(index), _TRIED):
        if candidate.question not in found and is_answered(candidate, library, index):
            found.append(candidate.question)
        if len(found) == wanted:
            break
    return found


def is_answered(candidate: Candidate, library: Library, index: Index) -> bool:
    """Tell whether the index answers a question from the place that it was made from."""
    answer = library.answer(candidate.question, index)
    return any(
        citation.document_id == candidate.document_id
        and citation.start < candidate.end
        and candidate.start < citation.end
        for citation in answer.citations
    )


def _candidates(index: Index) -> Iterator[Candidate]:
    """Yield candidates, one of each document after the other; questions about figures first."""
    queues = deque(_of_document(index, name) for name in index.documents.ids)
    while queues:
        if candidate := next(queues[0], None):
            yield candidate
            queues.rotate(-1)
        else:
            queues.popleft()


def _of_document(index: Index, document_id: str) -> Iterator[Candidate]:
    """Yield the candidates of one document, which is read when the first is asked for."""
    passages = index.passages_of(document_id)
    yield from about_figures(index.document(document_id), passages)
    yield from about_sections(passages)


def about_figures(document: Document, passages: Sequence[Passage]) -> Iterator[Candidate]:
    """Yield "What was the net profit in 2024?" for sentences with such a figure, each once."""
    from rag.figures import find_figures
    from rag.questions import measured_in, metrics_in

    asked: set[str] = set()
    for passage in passages:
        for span in passage.spans:
            text = document.text[span.start : span.end]
            kinds = {figure.kind for figure in find_figures(text)}
            for metric in sorted(metrics_in(text)):
                # One word alone ("output") is precise enough only where money is counted.
                kind = measured_in(metric)
                fits = kind in kinds and (kind == "money" or " " in metric)
                if fits and metric not in asked:
                    asked.add(metric)
                    question = _figure_question(metric, text)
                    yield Candidate(question, document.id, span.start, span.end)


def _figure_question(metric: str, text: str) -> str:
    from rag.figures import find_periods

    for period in find_periods(text):
        if period.first and not period.relation and period.kind in _ON + _IN:
            article = "" if period.text[0].isdigit() or period.text[0].isupper() else "the "
            preposition = "on" if period.kind in _ON else "in"
            return f"What was the {metric} {preposition} {article}{period.text}?"
    return f"What is the {metric}?"


def about_sections(passages: Sequence[Passage]) -> Iterator[Candidate]:
    """Yield "What is said about …?" for the headings of a document."""
    for passage in passages:
        title, _, section = passage.heading.partition("\n")[0].partition(_SEPARATOR)
        heading = _NUMBERING.sub("", section.rsplit(_SEPARATOR, 1)[-1])
        if title and 12 <= len(heading) <= 70:
            question = _section_question(heading)
            yield Candidate(question, passage.document_id, passage.start, passage.end)


def _section_question(heading: str) -> str:
    if heading.endswith(("?", "？")):
        return heading
    if _CHINESE.search(heading):
        return f"关于“{heading}”，文档说了什么？"
    return f"What is said about {_inside_a_sentence(heading)}?"


def _inside_a_sentence(heading: str) -> str:
    """Return a heading with a small first letter, unless most of its words are capitalised."""
    first, *others = heading.split()
    words = [word for word in others if word[0].isalpha() and len(word) > 3]
    small = 2 * sum(word[0].islower() for word in words) >= len(words)
    return heading[0].lower() + heading[1:] if first[1:].islower() and small else heading

"""Example questions that an index answers: made from its headings, kept if answered from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat.library import Library
    from rag import Index

_WANTED = 4
_TRIED = 16
_SEPARATOR = " › "
_LABEL = re.compile(r"^[\W\d]*|[\s:：.。]*$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def find_examples(library: Library, wanted: int = _WANTED) -> list[str]:
    """Return up to ``wanted`` questions that the index answers from the section they name.

    The documents take turns, so that a large one does not crowd out the others.
    """
    index = library.index()
    found: list[str] = []
    for document_id, question in islice(_candidates(index), _TRIED):
        answer = library.answer(question, index)
        if any(citation.document_id == document_id for citation in answer.citations):
            found.append(question)
        if len(found) == wanted:
            break
    return found


def _candidates(index: Index) -> Iterator[tuple[str, str]]:
    """Yield (document id, question), one of each document after the other."""
    queues = [iter(sections) for sections in _sections(index).values()]
    while queues:
        remaining = []
        for queue in queues:
            if (candidate := next(queue, None)) is not None:
                yield candidate
                remaining.append(queue)
        queues = remaining


def _sections(index: Index) -> dict[str, list[tuple[str, str]]]:
    sections: dict[str, list[tuple[str, str]]] = {d.id: [] for d in index.documents}
    for passage in index.passages:
        _, _, section = (
            passage.heading.splitlines()[0].partition(_SEPARATOR)
            if passage.heading
            else ("", "", "")
        )
        question = _question(_LABEL.sub("", section.rsplit(_SEPARATOR, 1)[-1]))
        candidate = (passage.document_id, question)
        if question and candidate not in sections[passage.document_id]:
            sections[passage.document_id].append(candidate)
    return sections


def _question(section: str) -> str:
    """Return a question about a section by its heading, empty where the heading is no phrase."""
    if section.endswith(("?", "？")):
        return section
    if not 6 <= len(section) <= 70:
        return ""
    if _CHINESE.search(section):
        return f"关于“{section}”，文档说了什么？"
    return f"What is said about {_inside_a_sentence(section)}?"


def _inside_a_sentence(heading: str) -> str:
    """Return a heading with a small first letter, unless most of its words are capitalised."""
    first, *others = heading.split()
    words = [word for word in others if word[0].isalpha() and len(word) > 3]
    small = 2 * sum(word[0].islower() for word in words) >= len(words)
    return heading[0].lower() + heading[1:] if first[1:].islower() and small else heading

"""Questions to go on with: made near the cited words, offered only if the index answers them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from heapq import nsmallest
from itertools import chain
from typing import TYPE_CHECKING

from chat.evidence import Reference
from chat.examples import Candidate, about_figures, about_sections, is_answered

if TYPE_CHECKING:
    from chat.library import Library
    from rag import Index, Passage

_WANTED = 2
_TRIED = 4
_LONGEST = 70
_KEPT = 2_000
_READ = 30


class FollowUps:
    """Suggests questions; each is put to an index once, one caller at a time.

    ``crowded`` tells when people's own questions need the machine: nothing is put to it then.
    """

    def __init__(self, library: Library, crowded: Callable[[], bool] = lambda: False) -> None:
        self._library = library
        self._crowded = crowded
        self._checked: dict[tuple[str, Candidate], bool] = {}
        self._checking = threading.Lock()

    def after(self, spans: Sequence[Reference], asked: Collection[str]) -> list[str]:
        """Return up to two questions about what stands near ``spans``, the nearest first.

        While another caller has questions checked, or it is crowded, only what is known already is
        offered.

        Args:
            spans: what the answer cites: document, start, end, fingerprint.
            asked: questions that are not to be offered again.
        """
        index = self._library.index()
        done = {question.casefold() for question in asked}
        found: list[str] = []
        may_check = self._checking.acquire(blocking=False)
        tries = _TRIED if may_check else 0
        try:
            for candidate in _near(index, spans):
                key = (index.generation, candidate)
                if candidate.question.casefold() in done:
                    continue
                if key not in self._checked:
                    if not tries or self._crowded():
                        continue
                    tries -= 1
                    self._remember(key, is_answered(candidate, self._library, index))
                if self._checked[key]:
                    found.append(candidate.question)
                    done.add(candidate.question.casefold())
                if len(found) == _WANTED:
                    break
        finally:
            if may_check:
                self._checking.release()
        return found

    def _remember(self, key: tuple[str, Candidate], answered: bool) -> None:
        if len(self._checked) >= _KEPT:
            self._checked.clear()
        self._checked[key] = answered


def _near(index: Index, spans: Sequence[Reference]) -> Iterator[Candidate]:
    """Yield short candidates of the cited documents, not about the cited words, by nearness."""
    for document_id in dict.fromkeys(span[0] for span in spans):
        try:
            document = index.document(document_id)
        except (KeyError, ValueError):
            continue
        cited = [(start, end) for name, start, end, _ in spans if name == document_id]
        passages = _around(index, document_id, cited)
        made = chain(about_figures(document, passages), about_sections(passages))
        others = [c for c in made if len(c.question) <= _LONGEST and not _overlaps(c, cited)]
        yield from sorted(others, key=lambda c: _distance(c, cited))


def _around(index: Index, document_id: str, cited: Sequence[tuple[int, int]]) -> list[Passage]:
    """Return the passages nearest the cited words, in the order of the document."""
    passages = index.passages_of(document_id)
    nearest = nsmallest(_READ, passages, key=lambda passage: _distance(passage, cited))
    return sorted(nearest, key=lambda passage: passage.start)


def _distance(place: Candidate | Passage, cited: Sequence[tuple[int, int]]) -> int:
    return min(abs(place.start - start) for start, _ in cited)


def _overlaps(candidate: Candidate, cited: Sequence[tuple[int, int]]) -> bool:
    """Tell whether a candidate is about a sentence that is cited already."""
    return any(candidate.start < end and start < candidate.end for start, end in cited)

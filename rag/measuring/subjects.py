"""The names in a sentence that can be whose figure it is, and whom a whole document is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final

from rag.figures.plain import plain_view
from rag.questions.naming import names_in
from rag.questions.spelling import is_common
from rag.types import Document, Passage

_PLACED: Final = re.compile(
    r"(?i)(?:\b(?:in|at|from|to|by|for|on|near|under|since|into|within|across|against|than"
    r"|via|through|like|between|including)(?: the)?|[(\[–-])\s*$"
)
_ASIDE: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_OPENING: Final = re.compile(r"(?:^|[.:!?;•*–—])\W*$")
_SMALL_WORD: Final = re.compile(r"(?<![^\W_])[a-z][\w-]*")
_SHORTEST: Final = 3
_SENTENCES: Final = 300
_LONGEST_TITLE_NAME: Final = 5


class Names:
    """The names of one document, told from its other capitalised words."""

    def __init__(self, document: Document, passages: Sequence[Passage]) -> None:
        self._document, self._passages = document, passages
        self._judged: dict[str, bool] = {}

    @cached_property
    def subject(self) -> str:
        """The first name in the title that the sentences use, else the first of the title.

        Empty where the title holds no name that can be told from its other words.
        """
        document, passages = self._document, self._passages
        title = plain_view(document.title)
        spans = islice((span for passage in passages for span in passage.spans), _SENTENCES)
        used = {n for s in spans for _, n in self.in_sentence(document.text[s.start : s.end])}
        places = [(title.find(plain_view(name)), -len(name), name) for name in used]
        if inside := [place for place in places if place[0] >= 0]:
            return min(inside)[2]
        first = next(iter(names_in(document.title)), "")
        return first if len(first.split()) <= _LONGEST_TITLE_NAME else ""

    def in_sentence(self, text: str) -> list[tuple[int, str]]:
        """Return (offset, name) of the names in a sentence, by place.

        One word that begins it is capitalised anyway: it is a name where the document has it
        nowhere in small letters, and within a sentence or in no dictionary.
        """
        found, position = [], 0
        for name in names_in(text):
            start = text.find(name, position)
            start = start if start >= 0 else text.find(name)
            if start < 0 or len(name) < _SHORTEST:
                continue
            if " " not in name and _OPENING.search(text[:start]) and not self._is_name(name):
                continue
            found.append((start, name))
            position = start + len(name)
        return sorted(found)

    def _is_name(self, word: str) -> bool:
        if word not in self._judged:
            plain = plain_view(word)
            text, small = _plain_and_small(self._document.text)
            inside = re.search(rf"[a-z,] {re.escape(plain)}(?![\w-])(?! [A-Z])", text)
            strange = "-" not in plain and not is_common(plain.lower())
            self._judged[word] = plain.lower() not in small and bool(inside or strange)
        return self._judged[word]


@lru_cache(maxsize=64)
def _plain_and_small(text: str) -> tuple[str, frozenset[str]]:
    """Return the plain view of a text and its words in small letters."""
    plain = plain_view(text)
    return plain, frozenset(_SMALL_WORD.findall(plain))


def acting(text: str, names: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the names but those that only say where or against whom, and those in brackets."""
    asides = [aside.span() for aside in _ASIDE.finditer(text)]
    return [
        (start, name)
        for start, name in names
        if not _PLACED.search(text[:start]) and not any(a <= start < b for a, b in asides)
    ]

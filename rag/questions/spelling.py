"""Slips of the keys: the nearest word of a vocabulary, or none when in doubt."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+")
_DOUBLED: Final = re.compile(r"(.)\1")
_NAME: Final = 7  # letters that a name needs: two short ones differ by a letter too often


def mended(text: str, vocabulary: Collection[str]) -> str:
    """Return ``text`` with each slip replaced by the word of ``vocabulary`` it stands for.

    Only one slip a word is mended, and a common English word is none. A capitalised word is taken
    for a name and mended only from seven letters on, or where a letter is doubled or is not.
    """

    def mend(match: re.Match[str]) -> str:
        word, low = match.group(), match.group().lower()
        if low in _common() or (low != word and word.isupper()):
            return word
        found = suggest(low, vocabulary)
        if found is None or slips(low, found, 1) > 1:
            return word
        if low == word:
            return found
        sure = len(word) >= _NAME or _DOUBLED.sub(r"\1", low) == _DOUBLED.sub(r"\1", found)
        return found.capitalize() if sure else word

    return _WORD.sub(mend, text)


@cache
def _common() -> frozenset[str]:
    """Return common English words of five letters and more: whole words of BERT's vocabulary."""
    return frozenset(Path(__file__).with_name("english.txt").read_text("ascii").split())


def suggest(word: str, vocabulary: Collection[str]) -> str | None:
    """Return the one word of ``vocabulary`` that ``word`` is a slip of.

    Conservative: words under five letters or with digits are left alone, the first letter must
    agree, up to two slips from eight letters on, and the nearest word must be the only one at its
    distance. None if the word is known or nothing is near enough.

    Args:
        word: a word in lower case.
        vocabulary: known words in lower case; a set is quickest.
    """
    if len(word) < 5 or not word.isalpha() or word in vocabulary:
        return None
    allowed = 2 if len(word) >= 8 else 1
    best: list[str] = []
    for candidate in vocabulary:
        if candidate[:1] != word[0] or abs(len(candidate) - len(word)) > allowed:
            continue
        if len(candidate) < 4 or not candidate.isalpha():
            continue
        distance = slips(word, candidate, allowed)
        if distance < allowed:
            allowed, best = distance, [candidate]
        elif distance == allowed:
            best.append(candidate)
    return best[0] if len(best) == 1 else None


def slips(one: str, other: str, limit: int) -> int:
    """Return how many slips lie between two words, or ``limit + 1`` when there are more.

    A slip is a letter left out, added, changed, or two neighbours exchanged (the restricted
    Damerau-Levenshtein distance).
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        two_before, before, row = before, row, [i] + [0] * len(other)
        for j, opposite in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                row[j] = min(row[j], two_before[j - 2] + 1)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)

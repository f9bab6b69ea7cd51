"""Lines of a document and what each one looks like, its neighbours left aside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.text import goes_on

Kind = Literal["text", "item", "row", "rule", "noise"]

_BREAKS = "\r\n\x0b\x0c\x85\u2028\u2029"
_LINE = re.compile(f"[^{_BREAKS}]+")
_BREAK = re.compile(f"\r\n|[{_BREAKS}]")
_RULE = re.compile(r"(?:[-*_=~—–]\s*){3,}|```.*|~~~.*")
_ITEM = re.compile(
    r"[-*+•‣◦▪●○·–—]\s+\S|\(?\d{1,3}[.)]\s+\S|\((?:[a-zA-Z]|[ivx]{1,5})\)\s+\S|[a-z]\)\s+\S"
)
_ROW = re.compile(r"\|.*\||[^|]+\|.*\|.*")
_SEPARATOR = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
_ATX = re.compile(r"(#{1,6})\s+(?=\S)")
_BOLD = re.compile(r"(\*\*|__)(?=\S)(?:(?!\1).)+\1[:.]?")
_KEY = re.compile(r"([^:：]{1,40})[:：]\s+(?=\S)")
# A dateline names place and day; it heads nothing. A footnote begins with its number.
_DATELINE = re.compile(
    r"(?:\D{0,30},\s*)?(?:[A-Z][a-z]+day,?\s+)?"
    r"(?:\d{1,2}(?:st|nd|rd|th)?\.?\s+[^\W\d]+|[^\W\d]+\s+\d{1,2}),?\s+\d{4}"
    r"|(?i:posted|published|updated)\b.*\d.*"
)
_EMPHASIS = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)")
_FOOTNOTE = re.compile(r"\d{1,2}\s")
_CLOSERS = "\"'”’»)]*_"
_LONGEST_HEADING = 120
BOLD_LEVEL = 9  # of a line in bold, below 1 to 6 of "#", 7 and 8 of lines without markup


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank; its offsets and text leave out the blanks at both ends.

    A tab before the cells of a row stays: it is the edge of an empty one.
    """

    start: int
    end: int
    text: str
    indent: int
    kind: Kind
    after_blank: bool

    @property
    def closed(self) -> bool:
        """True if the line ends what it says, so that the next one begins something new."""
        return self.kind != "text" or self.text.rstrip(_CLOSERS)[-1:] in {*".!?:;…。！？：；|"}

    @property
    def words(self) -> int:
        """Number of words, by blanks."""
        return len(self.text.split())


def read_lines(text: str, noise: Sequence[tuple[int, int]]) -> list[Line]:
    """Return the lines of ``text`` that are not blank; ``noise`` ranges make lines of that kind."""
    lines: list[Line] = []
    ranges = iter([*noise, (len(text), len(text) + 1)])
    low, high = next(ranges)
    for match in _LINE.finditer(text):
        bare = match[0].strip()
        if not bare:
            continue
        if "\t" in bare and f"\t{bare}" in match[0]:
            bare = f"\t{bare}"  # the first cell of a row is empty
        start = match.start() + match[0].index(bare)
        end = start + len(bare)
        while high <= start:
            low, high = next(ranges)
        blank = not lines or len(_BREAK.findall(text, lines[-1].end, start)) > 1
        kind: Kind = "noise" if low < end else _kind(bare)
        if (
            kind == "item"
            and not blank
            and lines[-1].kind == "text"
            and goes_on(lines[-1].text, bare)
        ):
            kind = "text"
        lines.append(Line(start, end, bare, start - match.start(), kind, blank))
    return lines


def _kind(bare: str) -> Kind:
    if _RULE.fullmatch(bare):
        return "rule"
    if _ROW.fullmatch(bare):
        return "row"
    return "item" if _ITEM.match(bare) else "text"


def is_separator(row: str) -> bool:
    """Return whether a row only separates a table's header from its body."""
    return bool(_SEPARATOR.fullmatch(row))


def markup_level(line: Line) -> int:
    """Return the heading level that markup gives a line, 0 if it is no heading."""
    if match := _ATX.match(line.text):
        return len(match[1])
    if len(line.text) > _LONGEST_HEADING or not _BOLD.fullmatch(line.text):
        return 0
    sentence = line.text.rstrip("*_")[-1] in ".!。" and line.words > 8
    return 0 if sentence else BOLD_LEVEL


def looks_like_title(line: Line) -> bool:
    """Return whether a line without markup could be a heading."""
    if line.kind not in ("text", "item") or len(line.text) > 100 or line.words > 14:
        return False
    text = _EMPHASIS.sub("", line.text).strip("\"'“”‘’«» ")
    if not any(map(str.isalpha, text)) or text[-1] in ".,;:!…。，；：！、":
        return False
    slanted = line.text[0] in "*_" and text[0] not in "*_" and line.text[-1] in "*_"
    if slanted and any(map(str.isdigit, text)):  # "*Vienna, 5 February 2025 – for investors*"
        return False
    if _DATELINE.fullmatch(text) or _FOOTNOTE.match(text) or _is_entry(text):
        return False
    if line.kind == "item":  # only numbered ones: "2. Target"
        return text[0].isdigit() and len(text) < 80
    return text[0].isupper() or text[0].isdigit() or (text[0] > "\u2e80" and len(text) <= 30)


def looks_like_prose(line: Line) -> bool:
    """Return whether a line is long or closed enough to be running text."""
    return len(line.text) >= 60 or (len(line.text) >= 25 and line.closed)


def _is_entry(text: str) -> bool:
    """Return whether a line is a key and its value ("Staff: 634"), not a title with a colon."""
    if text.endswith("?") or not (match := _KEY.match(text)):
        return False
    return len(match[1].split()) < 3 or any(map(str.isdigit, text[match.end() :]))

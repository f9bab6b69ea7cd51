"""A PDF page -> lines of words with their places, and the rules drawn on it.

Points from the top left corner, y growing downwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rag.documents.readers.grids import is_figure

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_HYPHENS = {"\x02": "-", "\ufffe": "-", "\xad": "-"}  # what pdfium gives for one at a line's end
_BLANK = frozenset(" \t\r\n\xa0\u2002\u2003\u2009\u202f\u3000")
_BOLD = re.compile(rb"bold|black|heavy|semibold|demi", re.IGNORECASE)
_LEADER = re.compile(r"[.·…_]{3,}|(?:\.\s){2,}\.?")
_MOST_OBJECTS = 4_000
_GAP = 1.0  # blank, in heights of a letter, between two cells of a line
_TIGHT = 0.45  # the same between two figures
_PATH = 2


@dataclass(slots=True)
class Word:
    """Characters without a blank between them."""

    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool
    text: str


@dataclass
class Segment:
    """Words of a line that stand together."""

    x0: float
    x1: float
    text: str
    words: list[Word] = field(default_factory=list)

    def overlap(self, x0: float, x1: float) -> float:
        """Return how many points of a range the segment covers; below 0: how far it is away."""
        return min(self.x1, x1) - max(self.x0, x0)


def segment_of(words: list[Word]) -> Segment:
    """Return words of a line, from left to right, as one segment."""
    text = _without_leader(" ".join(word.text for word in words))
    return Segment(words[0].x0, words[-1].x1, text, words)


@dataclass
class Line:
    """Words on one base line, from left to right; ``page`` counts from 1."""

    words: list[Word]
    page: int = 0

    @cached_property
    def segments(self) -> list[Segment]:
        """The words in groups, where wide blanks or leaders part them."""
        groups: list[list[Word]] = []
        last: Word | None = None
        for word in self.words:
            leader = _LEADER.fullmatch(word.text)
            gap = word.x0 - last.x1 if last else 0.0
            figures = last is not None and is_figure(word.text) and is_figure(last.text)
            size = max(word.size, last.size) if last else word.size
            if last is None or gap > (_TIGHT if figures else _GAP) * size:
                groups.append([])
            if leader:
                groups.append([])
            else:
                groups[-1].append(word)
            last = word
        return [segment_of(group) for group in groups if group]

    @property
    def x0(self) -> float:
        """Left edge."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """Right edge."""
        return self.words[-1].x1

    @property
    def top(self) -> float:
        """Upper edge."""
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return max(word.bottom for word in self.words)

    @cached_property
    def text(self) -> str:
        """The words with blanks between them."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def size(self) -> float:
        """Size of most of its letters, in points."""
        return max(self.words, key=lambda word: len(word.text)).size

    @cached_property
    def bold(self) -> bool:
        """True if every word with letters is bold."""
        lettered = [word for word in self.words if any(map(str.isalpha, word.text))]
        return bool(lettered) and all(word.bold for word in lettered)


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line that is drawn on a page."""

    y: float
    x0: float
    x1: float


def lines_of(page: PdfPage, number: int) -> list[Line]:
    """Return the lines of a page from top to bottom, each from left to right."""
    words = _words(page)
    words.sort(key=lambda word: (word.top + word.bottom) / 2)
    lines: list[list[Word]] = []
    for word in words:
        middle = (word.top + word.bottom) / 2
        if lines and _same_line(lines[-1], word, middle):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [Line(sorted(line, key=lambda word: word.x0), number) for line in lines]


def rules_of(page: PdfPage) -> list[Rule]:
    """Return the horizontal rules of a page, the borders of boxes among them, from the top."""
    height = page.get_height()
    found: list[Rule] = []
    for obj in page.get_objects(filter=[_PATH], max_depth=2):
        if len(found) > _MOST_OBJECTS:
            break
        left, bottom, right, top = obj.get_bounds()
        if right - left < 15:
            continue
        found.append(Rule(height - top, left, right))
        if top - bottom > 3:
            found.append(Rule(height - bottom, left, right))
    return sorted(found, key=lambda rule: rule.y)


def _same_line(line: list[Word], word: Word, middle: float) -> bool:
    """Return whether a word stands on a line: its middle lies within the line's last words."""
    near = line[-1] if len(line) == 1 else max(line[-4:], key=lambda w: w.size)
    if not near.top < middle < near.bottom:
        return False
    overlap = min(near.bottom, word.bottom) - max(near.top, word.top)
    return overlap > 0.5 * min(near.bottom - near.top, word.bottom - word.top)


def _words(page: PdfPage) -> list[Word]:
    """Return the words of a page in the order in which they are drawn."""
    import ctypes

    import pypdfium2.raw as pdfium

    textpage = page.get_textpage()
    height = page.get_height()
    box = pdfium.FS_RECTF()
    place = ctypes.byref(box)
    code, bounds = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    size_of = pdfium.FPDFText_GetFontSize
    raw = textpage.raw
    words: list[Word] = []
    open_, before = False, 0.0
    for i in range(textpage.count_chars()):
        number = code(raw, i)
        letter = chr(number) if 0 < number < 0xD800 or 0xDFFF < number < 0x110000 else " "
        letter = _HYPHENS.get(letter, letter)
        if letter in _BLANK or not bounds(raw, i, place):
            open_ = False
            continue
        x0, x1, top, bottom = box.left, box.right, height - box.top, height - box.bottom
        if open_ and before <= x0 + 0.01 and _goes_on(words[-1], x0, top, bottom):
            word = words[-1]
            word.x1 = max(word.x1, x1)
            word.text += letter
        elif letter >= " " and x1 - x0 < 1000:
            size = size_of(raw, i)
            drawn = bottom - top
            # The size in the file may be scaled; what is drawn decides.
            size = size if 0.5 * drawn < size < 2 * drawn else 0.85 * drawn
            words.append(Word(x0, x1, top, bottom, size, _is_bold(pdfium, raw, i), letter))
            open_ = True
        before = x0
    return words


def _goes_on(word: Word, x0: float, top: float, bottom: float) -> bool:
    """Return whether a letter follows the last one of a word without a blank."""
    apart = x0 - word.x1  # the letters of a ligature share their place
    level = abs(top + bottom - word.top - word.bottom) < 0.8 * (word.bottom - word.top)
    return level and -1.1 * word.size < apart < 0.2 * word.size


def _is_bold(pdfium: Any, raw: Any, i: int) -> bool:
    import ctypes

    name, flags = ctypes.create_string_buffer(64), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(raw, i, name, 64, ctypes.byref(flags))
    return bool(_BOLD.search(name.value))


def _without_leader(text: str) -> str:
    return _LEADER.sub(" ", text).strip()


def spacing(lines: list[Line]) -> float:
    """Return the distance of lines inside a paragraph, in points; 12 where there are few."""
    steps = sorted(b.top - a.top for a, b in pairwise(lines) if 0 < b.top - a.top < 40)
    return steps[len(steps) // 4] if steps else 12.0

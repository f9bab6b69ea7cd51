"""Lines of a page in the order in which they are read, and the paragraphs that they make."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from rag.documents.readers.grids import is_figure
from rag.documents.readers.pdf_words import Line, spacing

_LEAST = 5  # lines in each of two columns of text
_WIDE = 20  # characters of a line of text in a column
_BULLET = re.compile(r"[•‣◦▪●○·–-]\s|\(?\d{1,2}[.)]\s|\([a-z]{1,3}\)\s")
_CLOSED = tuple('.!?:;。！？…"”)')
_EDGE = 0.09  # of the page's height, where running heads and feet stand
_RUNNING = 3  # pages on which a head or foot is the same but for numbers
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PARTED = re.compile(r"([^\W\d_]+)-$")
_PREFIX_WORDS = (
    "self non long short year half well high low mid co ex pre post re multi cross part full on off"
    " one two three four five six seven eight nine ten third first second end day month time state"
    " market large small inter intra anti semi sub pro de up down in out over under all best"
)
_PREFIXES = frozenset(_PREFIX_WORDS.split())
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"(?:page\s*)?[-–—|\s]*(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:/|of)\s*\d{1,4})?[-–—|\s]*", re.I
)


@dataclass(slots=True)
class Paragraph:
    """Lines of running text, joined; ``lines`` tell page, size and place."""

    lines: list[Line]
    text: str


def without_furniture(pages: Sequence[list[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """Return the lines of each page without page numbers, and running heads but for the first."""
    edges = [
        [line for line in lines if _at_edge(line, height)]
        for lines, height in zip(pages, heights, strict=True)
    ]
    counts = Counter(key for lines in edges for key in {_key(line) for line in lines})
    seen: set[str] = set()
    kept = []
    for lines, edge in zip(pages, edges, strict=True):
        out = []
        for line in lines:
            key = _key(line) if any(line is other for other in edge) else ""
            running = counts[key] >= _RUNNING if key else False
            number = bool(key) and bool(_PAGE_NUMBER.fullmatch(line.text))
            if not number and not (running and key in seen):
                out.append(line)
            seen.add(key)
        kept.append(out)
    return kept


def _at_edge(line: Line, height: float) -> bool:
    return line.bottom < _EDGE * height or line.top > (1 - _EDGE) * height


def _key(line: Line) -> str:
    return _NUMBER.sub("0", line.text)


def reading_order(lines: list[Line]) -> list[Line]:
    """Return the lines of a page with those of text in columns read column by column."""
    if len(lines) < 2 * _LEAST:
        return lines
    for gutter in _gutters(lines):
        first, last = _run(lines, gutter)
        if last - first < _LEAST:
            continue
        left, right = _halves(lines[first:last], gutter)
        if _is_text(left) and _is_text(right) and _beside(left, right):
            return [
                *reading_order(lines[:first]),
                *left,
                *reading_order(right),
                *reading_order(lines[last:]),
            ]
    return lines


def _gutters(lines: Sequence[Line]) -> list[float]:
    """Return where a column may begin: left edges that several lines share, commonest first."""
    starts = Counter(round(s.x0 / 3) for line in lines for s in line.segments)
    left = min(line.x0 for line in lines)
    found = [(count, 3 * x - 3.0) for x, count in starts.items() if count >= _LEAST - 1]
    return [x for _, x in sorted(found, reverse=True)[:6] if x > left + 60]


def _run(lines: Sequence[Line], gutter: float) -> tuple[int, int]:
    """Return the longest run of lines in which nothing crosses the gutter."""
    best, start = (0, 0), 0
    for i in range(len(lines) + 1):
        if i == len(lines) or any(s.x0 < gutter < s.x1 for s in lines[i].segments):
            if i - start > best[1] - best[0]:
                best = (start, i)
            start = i + 1
    return best


def _halves(lines: Sequence[Line], gutter: float) -> tuple[list[Line], list[Line]]:
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        for half, words in (
            (left, [word for word in line.words if word.x0 < gutter]),
            (right, [word for word in line.words if word.x0 >= gutter]),
        ):
            if words:
                half.append(Line(words, line.page))
    return left, right


def _is_text(lines: Sequence[Line]) -> bool:
    """Return whether a column holds running text, not cells."""
    if len(lines) < _LEAST:
        return False
    texts = [line for line in lines if len(line.text) >= _WIDE and not is_figure(line.text)]
    whole = sum(len(line.segments) == 1 for line in lines)
    return 3 * len(texts) >= 2 * len(lines) and 4 * whole >= 3 * len(lines)


def _beside(left: Sequence[Line], right: Sequence[Line]) -> bool:
    top, bottom = max(left[0].top, right[0].top), min(left[-1].bottom, right[-1].bottom)
    shorter = min(left[-1].bottom - left[0].top, right[-1].bottom - right[0].top)
    return bottom - top > 0.5 * shorter


def paragraphs(lines: Sequence[Line], known: Container[str]) -> list[Paragraph]:
    """Return lines of running text, in their order, as paragraphs; ``known``: as for `joined`."""
    step = spacing(list(lines))
    right = max((line.x1 for line in lines), default=0.0)
    found: list[Paragraph] = []
    for line in lines:
        text = line.text
        if found and not _begins(found[-1].lines, line, step, right):
            found[-1] = Paragraph([*found[-1].lines, line], joined(found[-1].text, text, known))
        else:
            found.append(Paragraph([line], text))
    return found


def words_of(pages: Iterable[Sequence[Line]]) -> frozenset[str]:
    """Return the words of a document in lower case, but for those at the end of a line."""
    return frozenset(
        found.lower()
        for lines in pages
        for line in lines
        for word in line.words[:-1]
        for found in _WORD.findall(word.text)
    )


def joined(above: str, text: str, known: Container[str]) -> str:
    """Return two lines as one; a word parted at the line's end is one word again.

    Whether its hyphen stays is decided by the other words of the document, ``known``, else by
    what usually stands before a hyphen.
    """
    parts = _PARTED.search(above), _WORD.match(text)
    if parts[0] is None or parts[1] is None or not text[:1].islower():
        return f"{above} {text}"
    first, second = parts[0][1].lower(), parts[1][0].lower()
    stays = first in _PREFIXES or f"{first}-{second}" in known
    if first + second in known or not stays:
        return above[:-1] + text
    return above + text


def _begins(above: Sequence[Line], line: Line, step: float, right: float) -> bool:
    """Return whether a line begins a new paragraph below the lines above."""
    last = above[-1]
    gap = line.top - last.top
    if line.page != last.page or gap < 0:
        return True
    open_ = not last.text.endswith(_CLOSED) and line.text[:1].islower()
    if gap > (
        2.5 * last.size if open_ else 1.25 * min(max(step, 1.2 * last.size), 1.4 * last.size)
    ):
        return True
    if abs(line.size - last.size) > 0.12 * max(line.size, last.size) or line.bold != last.bold:
        return True
    if _BULLET.match(line.text) or line.x0 > last.x1 or line.x1 < last.x0:
        return True
    closed = last.text.endswith(_CLOSED)
    indented = line.x0 > above[0].x0 + line.size and line.x0 > last.x0 + line.size
    short = last.x1 < right - 0.2 * (right - last.x0)
    return closed and (indented or short)

"""Sentences and lines as offsets into a text that stays as it came."""

from __future__ import annotations

import re
from itertools import pairwise

from rag.text.lexing import DENSE

_LINE = re.compile("[^\r\n\x0b\x0c\x85\u2028\u2029]+")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]*_]*\s+|[。！？][”’」』）]*")
_WINDOW = 4000  # characters
_SYMBOL = re.compile(r"(?:^|[\s(\[])(?:[A-Z][a-z]?){1,3}$")  # of a chemical element: O, CO, Fe
_STOPS = frozenset(".!?…。！？")
_CLOSING = "\"'”’»)]*_」』）》 \t\xa0"
_CLOSERS = re.compile(r"[*_\"'”’»)\]]+(?:\s+|$)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"“‘])(?:approx|ca|cf|vs|nos?|nr|figs?|vol|pp?|art|sec|ch|est|rs|mt|st|ft|dept|"
    r"co|ltd|inc|corp|plc|bros|bhd|pty|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|i\.e|e\.g)\.$",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:^|[\s(\"“‘])(?:Dr|Mr|Mrs|Ms|Prof|Gen|Sen|Rep|Gov|Capt|Lt|St|Messrs)\.$")
_GOES_ON = re.compile(r"[(\[\"'“‘*_]*(?:[a-zà-öø-ÿ](?![A-Z])|[,;:)])")
_NUMBER_AHEAD = re.compile(r"[(\[$€£]*\d")
_RUN_IN = re.compile(r"(?:\*\*[^*]+\*\*|__[^_]+__)[.:?!]?")
_IS_DENSE = re.compile(f"[{DENSE}]")
_WORD = re.compile(r"[^\W\d_]")


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the (start, end) offsets of the sentences in ``text[start:end]``, ascending.

    A line break ends a sentence unless the lines are one paragraph filled to a width. Fragments
    ("Ltd.", "3.", a bold run-in) stay with their neighbour; spans carry no blanks at their ends.
    """
    spans: list[tuple[int, int]] = []
    for first, last in _unwrapped(text, start, end):
        pieces = _pieces(text, first, last)
        spans += _merged(text, [span for piece in pieces if (span := trim(text, *piece))])
    return spans


def trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the range without blanks at its ends, None if nothing is left."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if start < end else None


def line_of(text: str, offset: int) -> int:
    """Return the number of the line that holds ``offset``, from 1."""
    breaks = text.count("\n", 0, offset) + text.count("\r", 0, offset)
    return breaks - text.count("\r\n", 0, offset) + 1


def goes_on(line: str, following: str) -> bool:
    """Return whether the break between two lines falls inside a sentence, however wide they are.

    Pages turned into text break before a subscript ("93 % O", "2 gas") or after any word.
    """
    if _SYMBOL.search(line) and following[:1].isdigit():
        return True
    return len(line) >= 40 and line[-1] not in _STOPS and following[:1].islower()


def _unwrapped(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the lines of ``text[start:end]``, those of a filled paragraph joined."""
    lines = [match.span() for match in _LINE.finditer(text, start, end)]
    width = max((last - first for first, last in lines), default=0)
    width = width if 40 <= width <= 120 and len(lines) > 2 else 0
    joined = lines[:1]
    for above, line in pairwise(lines):
        if _continues(text, above, line, width):
            joined[-1] = (joined[-1][0], line[1])
        else:
            joined.append(line)
    return joined


def _continues(text: str, above: tuple[int, int], line: tuple[int, int], width: int) -> bool:
    """Return whether a line goes on with the one above, being broken off there or filled.

    In a paragraph filled to a width, the first word of a line would not have fitted above.
    """
    gap = text[above[1] : line[0]]
    before, after = text[slice(*above)].strip(), text[slice(*line)].strip()
    if not before or not after or gap.count("\n") > 1 or gap.count("\r") > 1:
        return False
    full = len(before) + 1 + len(after.split(None, 1)[0]) > width > 0
    return goes_on(before, after) or (full and before[-1] not in "|:：")


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return contiguous raw sentences of one line."""
    line = re.sub("[\r\n]", " ", text[start:end])
    cuts, base = {0, len(line)}, 0
    while base < len(line):  # sentencex takes quadratic time, so long lines go in windows
        found = _boundaries(line[base : base + _WINDOW])
        if base + _WINDOW < len(line) and len(found) > 1:
            found.pop()  # the window may have cut the last one
        for last in found:  # what closes a quotation or emphasis stays with its sentence
            last += base
            closing = None if line[last - 1].isspace() else _CLOSERS.match(line, last)
            cuts.add(closing.end() if closing else last)
        base += found[-1]
    return [(start + a, start + b) for a, b in pairwise(sorted(cuts))]


def _boundaries(line: str) -> list[int]:
    """Return where the sentences of ``line`` end; by own rules should sentencex lose count."""
    from sentencex import get_sentence_boundaries

    found = [(b["start_index"], b["end_index"]) for b in get_sentence_boundaries("en", line)]
    if [0, *(last for _, last in found)] != [*(first for first, _ in found), len(line)]:
        return sorted({match.end() for match in _SENTENCE_END.finditer(line)} | {len(line)})
    return [last for _, last in found]


def _merged(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join pieces that are no sentence by themselves to a neighbour on the same line."""
    out: list[tuple[int, int]] = []
    before = ""  # the last piece, which alone tells whether its sentence is over
    for start, end in pieces:
        piece = text[start:end]
        if out and _belongs(before, piece):
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
        before = piece
    if len(out) > 1 and _is_fragment(text[slice(*out[-1])]):
        (start, _), (_, end) = out[-2:]
        out[-2:] = [(start, end)]
    return out


def _belongs(before: str, after: str) -> bool:
    """Return whether ``after`` continues the sentence ``before``."""
    if before.rstrip(_CLOSING)[-1:] not in _STOPS:
        return True
    if _GOES_ON.match(after) or _TITLE.search(before) or _is_fragment(before):
        return True
    if _ABBREVIATION.search(before) and _NUMBER_AHEAD.match(after):
        return True
    # A Japanese quotation that ends a sentence is often followed by its particle.
    return before[-1] in "」』" and "\u3041" <= after[0] <= "\u309f"


def _is_fragment(piece: str) -> bool:
    """Return whether a piece is too little to stand alone: "Ltd.", "3.", "**Capex.**"."""
    if _RUN_IN.fullmatch(piece) or not _WORD.search(piece):
        return True
    if _IS_DENSE.search(piece):
        return len(piece) < 5
    return len(piece) < 15 and len(piece.split()) < 2

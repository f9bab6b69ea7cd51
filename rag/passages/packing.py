"""Puts neighbouring blocks of a section together into passages, with langchain's splitter."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from rag.errors import DocumentError
from rag.passages.blocks import Block, Range, find_blocks, heading_range
from rag.passages.lines import BOLD_LEVEL
from rag.passages.sizes import HARD_SIZE, SIZE, SMALL
from rag.passages.tables import context_text
from rag.text import trim, without_noise
from rag.types import Document, Passage, Span

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

_LONGEST_HEADING = 300
_LONGEST_NAME = 120
_LONGEST_CONTEXT = 200


@dataclass(slots=True)
class Section:
    """Blocks below one heading path; web furniture also ends a section."""

    path: tuple[str, ...]
    blocks: list[Block]


@dataclass(slots=True)
class Piece:
    """A passage in the making."""

    start: int
    end: int
    path: tuple[str, ...]
    barrier: bool = False

    @property
    def size(self) -> int:
        """Number of characters."""
        return self.end - self.start


def split_document(document: Document) -> list[Passage]:
    """Return the passages of ``document``, ascending and disjoint.

    Together they hold every letter and digit outside the boilerplate.

    Raises:
        DocumentError: the splitter returned other text than it was given.
    """
    blocks = find_blocks(document)
    pieces = [
        Piece(start, end, section.path, section.blocks[0].barrier and i == 0)
        for section in _sections(document, blocks)
        for i, (start, end) in enumerate(_cut(document, section.blocks))
    ]
    return _passages(document, blocks, _join_small(pieces))


def _sections(document: Document, blocks: Sequence[Block]) -> Iterator[Section]:
    """Yield the sections of a document with the headings that they stand under."""
    stack: list[tuple[int, str]] = []
    current: Section | None = None
    for block in blocks:
        if block.level:
            words = without_noise(document.text[slice(*heading_range(document.text, block))])
            stack = [(level, name) for level, name in stack if level < block.level]
            stack.append((block.level, words))
        # "**Fees.** From July on ..." begins something new, where bold lines are headings.
        ends = block.is_run_in and bool(stack) and stack[-1][0] == BOLD_LEVEL
        if ends:
            stack.pop()
        path = tuple(name for _, name in stack)
        only_headings = current and all(above.level for above in current.blocks)
        if current and not (block.barrier or ends) and (not block.level or only_headings):
            current.blocks.append(block)
            current.path = path
        else:
            if current:
                yield current
            current = Section(path, [block])
    if current:
        yield current


def _cut(document: Document, blocks: Sequence[Block]) -> list[Range]:
    """Return where to cut a section: between blocks, else between parts, else anywhere."""
    text, start, end = document.text, blocks[0].start, blocks[-1].end
    if end - start <= HARD_SIZE:
        return [(start, end)]
    block_mark, part_mark = _marks(text[start:end])
    marks = {stop: part_mark for block in blocks for _, stop in block.parts}
    leads = _leads(blocks)
    marks |= {b.end: block_mark for b in blocks if not (b.level or b.end in leads)}
    marks |= {begin: block_mark for begin in leads.values() if begin > start}
    stops = sorted(marks)
    marked = "".join(
        text[a:b] + marks.get(b, "")
        for a, b in pairwise([start, *(s for s in stops if s < end), end])
    )
    ranges: list[Range] = []
    for chunk in _split(document, marked, (block_mark, part_mark), SIZE):
        stop = start + len(chunk) - chunk.count(block_mark) - chunk.count(part_mark)
        ranges += _cut_long(document, start, stop)
        start = stop
    return [span for a, b in ranges if (span := trim(text, a, b))]


def _leads(blocks: Sequence[Block]) -> dict[int, int]:
    """Return where blocks end that introduce the list behind them: {end: where they begin to}."""
    return {
        block.end: span.lead[0]
        for block, behind in pairwise(blocks)
        for span in behind.spans[:1]
        if span.kind == "item" and span.lead and block.start <= span.lead[0] < block.end
    }


def _cut_long(document: Document, start: int, end: int) -> Iterator[Range]:
    """Yield the range, or pieces of it where one sentence or row is too long for a passage."""
    if end - start <= HARD_SIZE:
        yield start, end
        return
    separators = ("\n", "; ", "；", ", ", "，", " ", "")
    for chunk in _split(document, document.text[start:end], separators, SIZE):
        yield start, start + len(chunk)
        start += len(chunk)


def _marks(text: str) -> list[str]:
    """Return two characters that ``text`` does not hold, to show the splitter where it may cut."""
    private_use = map(chr, range(0xF0000, 0xFFFFE))
    return list(islice((mark for mark in private_use if mark not in text), 2))


def _split(document: Document, text: str, separators: tuple[str, ...], size: int) -> list[str]:
    """Split with langchain, and check that nothing was lost, added or moved."""
    chunks = _splitter(separators, size).split_text(text)
    if "".join(chunks) != text:
        raise DocumentError(f"{document.id}: the text splitter changed the text of the document")
    return chunks


@cache
def _splitter(separators: tuple[str, ...], size: int) -> RecursiveCharacterTextSplitter:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        list(separators),
        keep_separator="end",
        chunk_size=size,
        chunk_overlap=0,
        length_function=len,
        strip_whitespace=False,
    )


def _join_small(pieces: Sequence[Piece]) -> list[Piece]:
    """Join what is too small to be found by itself to its neighbour, within the hard size."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and not piece.barrier and _belong_together(last, piece):
            path = tuple(_common_start(last.path, piece.path))
            joined[-1] = Piece(last.start, piece.end, path, last.barrier)
        else:
            joined.append(piece)
    return joined


def _belong_together(last: Piece, piece: Piece) -> bool:
    """Return whether a small piece joins its neighbour.

    It does within its section, before its first subsection, and to another section if both are
    small.
    """
    below = piece.path[: len(last.path)] == last.path
    most = HARD_SIZE if below and (last.size < SMALL or piece.path == last.path) else SIZE // 2
    return min(last.size, piece.size) < SMALL and piece.end - last.start <= most


def _common_start(first: Sequence[str], second: Sequence[str]) -> Iterator[str]:
    """Yield the common beginning of two sequences."""
    for a, b in zip(first, second, strict=False):
        if a != b:
            return
        yield a


def _passages(
    document: Document, blocks: Sequence[Block], pieces: Sequence[Piece]
) -> list[Passage]:
    """Return the passages with headings and spans; blocks and pieces ascend."""
    starts, ends = [b.start for b in blocks], [b.end for b in blocks]
    passages = []
    for piece in pieces:
        inside = blocks[bisect_right(ends, piece.start) : bisect_left(starts, piece.end)]
        text = document.text[piece.start : piece.end]
        if not any(map(str.isalnum, text)):
            continue
        heading = _heading(document, piece, inside)
        spans = tuple(_spans(document.text, piece, inside))
        passages.append(Passage(document.id, piece.start, piece.end, text, heading, spans))
    return passages


def _heading(document: Document, piece: Piece, inside: Sequence[Block]) -> str:
    """Return title, section and what introduces the piece from outside, on one line."""
    names = [document.title, *(name for name in piece.path if name != document.title)]
    names = [name[:_LONGEST_NAME] for name in names]
    for block in inside:
        outside = [*block.context, *_groups_above(block, piece)]
        outside = [found for found in outside if not piece.start <= found[0] < piece.end]
        for start, end in outside:
            opening = document.text[start : min(end, start + 2 * _LONGEST_CONTEXT)]
            names.append(context_text(opening)[:_LONGEST_CONTEXT])
    return " › ".join(filter(None, names))[:_LONGEST_HEADING]


def _groups_above(block: Block, piece: Piece) -> list[Range]:
    """Return the label that the first rows of a continued table stand under."""
    above = bisect_right(block.groups, (piece.start, piece.start))
    return block.groups[above - 1 : above] if above else []


def _spans(text: str, piece: Piece, inside: Sequence[Block]) -> Iterator[Span]:
    """Yield the spans of a piece; a sentence too long for a passage is cut at its borders."""
    for block in inside:
        first = bisect_right(block.spans, piece.start, key=lambda span: span.end)
        last = bisect_left(block.spans, piece.end, key=lambda span: span.start)
        for span in block.spans[first:last]:
            cut = trim(text, max(span.start, piece.start), min(span.end, piece.end))
            if cut and any(map(str.isalnum, text[slice(*cut)])):
                yield Span(*cut, span.kind, span.lead)

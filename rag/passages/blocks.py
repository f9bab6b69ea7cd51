"""What a document is made of: headings, prose, lists and tables, each with its citable spans."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rag.passages.lines import (
    Line,
    is_separator,
    looks_like_prose,
    looks_like_title,
    markup_level,
    read_lines,
)
from rag.passages.tables import header_count, heads_rows, table_end
from rag.text import goes_on, sentence_spans
from rag.types import Document, Span

Range = tuple[int, int]

NUMBERED_LEVEL, PLAIN_LEVEL = 7, 8  # of headings without markup: "2. Target", "Outlook"
LONG_ITEM = 400  # characters from which a list item is cited by its sentences
_LONGEST_CAPTION = 250
_SAYING = 7  # words from which a heading is a headline

_FIGURE = re.compile(
    r"\d\s?(?:%|per cent|million|billion|trillion|bn\b)|[$€£¥₹]\s?\d|\d[.,]\d|\b(?:19|20)\d\d\b|年",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r"[(（][^()（）]*(?:thousands?|millions?|billions?|000s?|千|万|亿|percent)\b[^()（）]*[)）]"
    r"|\b(?:amounts|figures|values) (?:are )?(?:stated |expressed |shown )?in \S",
    re.IGNORECASE,
)
_BULLETS = frozenset("-*+•‣◦▪●○·–—")
_RUN_IN = re.compile(r"\*\*[^*]+\*\*[.:]?\s*\S|__[^_]+__[.:]?\s*\S")
_HEADING = re.compile(r"(?:#+\s+)?(\*\*|__)?(.+?)(?(1)\1)(?:\s+#+)?", re.DOTALL)


@dataclass(slots=True)
class Block:
    """A heading (``level`` above 0), or content that is cut only between its ``parts``.

    ``context`` are the ranges that a later part is not understood without: caption and header of a
    table, introduction of a list; ``groups`` the rows of a table that head those below them.
    ``barrier``: web furniture stands before the block. ``is_run_in``: prose that opens with words
    in bold, as a heading on the same line.
    """

    start: int
    end: int
    level: int = 0
    parts: list[Range] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    context: list[Range] = field(default_factory=list)
    groups: list[Range] = field(default_factory=list)
    is_table: bool = False
    is_run_in: bool = False
    barrier: bool = False


def find_blocks(document: Document) -> list[Block]:
    """Return the blocks of ``document``, ascending, without boilerplate and rules."""
    text, blocks = document.text, list[Block]()
    lines = read_lines(text, document.boilerplate)
    i, barrier = 0, False
    while i < len(lines):
        if lines[i].kind in ("noise", "rule"):
            barrier |= lines[i].kind == "noise"
            i += 1
            continue
        before = None if barrier or not blocks else blocks[-1]
        block, i = _read_block(text, lines, i, before)
        block.barrier, barrier = barrier, False
        blocks.append(block)
    _cite_headings(text, blocks)
    _caption_tables(text, blocks)
    return blocks


def _read_block(
    text: str, lines: Sequence[Line], i: int, before: Block | None
) -> tuple[Block, int]:
    """Return the block that begins at line ``i`` and the index of the line behind it."""
    if (end := table_end(lines, i)) > i:
        return _table(lines[i:end]), end
    if level := _heading_level(lines, i, before):
        return Block(lines[i].start, lines[i].end, level), i + 1
    if lines[i].kind == "item":
        return _list(text, lines, i, before)
    end = i + 1
    while end < len(lines) and not _starts_block(text, lines, end):
        end += 1
    start, stop = lines[i].start, lines[end - 1].end
    sentences = sentence_spans(text, start, stop)
    block = Block(start, stop, parts=sentences, spans=[Span(*s) for s in sentences])
    block.is_run_in = bool(_RUN_IN.match(lines[i].text))
    return block, end


def _starts_block(text: str, lines: Sequence[Line], i: int) -> bool:
    """Return whether line ``i`` no longer belongs to the prose above it."""
    line = lines[i]
    if line.after_blank or line.kind in ("noise", "rule", "item"):
        return True
    above = Block(lines[i - 1].start, lines[i - 1].end)
    return table_end(lines, i) > i or _heading_level(lines, i, above) > 0


# --- headings ------------------------------------------------------------------------------------


def _heading_level(lines: Sequence[Line], i: int, before: Block | None) -> int:
    """Return the level of line ``i`` as a heading, 0 if it is none."""
    line = lines[i]
    following = lines[i + 1] if i + 1 < len(lines) else None
    if line.kind == "text" and (level := markup_level(line)):
        return level
    if not following or following.kind == "noise" or not looks_like_title(line):
        return 0
    if following.kind == "rule" and not following.after_blank:  # underlined
        return {"=": 1, "-": 2}.get(following.text[0], 0)
    level = NUMBERED_LEVEL if line.text[0].isdigit() else PLAIN_LEVEL
    return level if _heads(lines, i, before) else 0


def _heads(lines: Sequence[Line], i: int, before: Block | None) -> bool:
    """Return whether a title-like line stands between closed text above and content below."""
    line, following = lines[i], lines[i + 1]
    if i and not line.after_blank and before and not before.level and not lines[i - 1].closed:
        return False
    runs_on = following.text[0].islower() or goes_on(line.text, following.text)
    if not following.after_blank and following.kind == "text" and runs_on:
        return False
    numbered = line.kind == "item"  # "2. Target" heads prose; below its like it is an item
    if numbered and i and lines[i - 1].kind == "item" and lines[i - 1].text[0] not in _BULLETS:
        return False
    if looks_like_prose(following) or following.kind in ("item", "row"):
        return not numbered or following.kind != "item"
    # Two in a row: a number and a name, or the title and subtitle that open a document.
    if (before and not numbered) or i + 2 == len(lines) or not looks_like_title(following):
        return False
    third = lines[i + 2]
    return following.kind == "text" and (looks_like_prose(third) or third.kind in ("item", "row"))


def heading_range(text: str, block: Block) -> Range:
    """Return the range of a heading's words, without the marks of its level."""
    match = _HEADING.fullmatch(text, block.start, block.end)
    return match.span(2) if match else (block.start, block.end)


def _cite_headings(text: str, blocks: list[Block]) -> None:
    """Make headings citable that say something: a figure, a date, or a whole line of words.

    A heading with nothing below it is content itself; the first one is the title.
    """
    for i, block in enumerate(blocks):
        if not block.level:
            continue
        words = heading_range(text, block)
        following = blocks[i + 1] if i + 1 < len(blocks) else None
        empty = not following or following.barrier or 0 < following.level <= block.level
        if empty and i:
            block.level, block.parts = 0, [(block.start, block.end)]
        enough = _SAYING if not empty else 3
        says = i > 0 and len(text[slice(*words)].split()) >= enough
        if says or _FIGURE.search(text, *words):
            block.spans = [Span(*words)]


# --- lists ---------------------------------------------------------------------------------------


def _list(text: str, lines: Sequence[Line], i: int, before: Block | None) -> tuple[Block, int]:
    """Return the list that begins at line ``i``; each item knows what introduces it."""
    intro = _introduction(text, before)
    items: list[tuple[Range, int]] = [((lines[i].start, lines[i].end), lines[i].indent)]
    end = i + 1
    while end < len(lines):
        line, (item, indent) = lines[end], items[-1]
        if _continues_item(line, lines[end - 1], indent):
            items[-1] = (item[0], line.end), indent
        elif line.kind == "item" and not _heading_level(lines, end, None):
            items.append(((line.start, line.end), line.indent))
        else:
            break
        end += 1
    block = Block(items[0][0][0], items[-1][0][1])
    if intro and before and not before.level:
        block.context = [intro]
    parent = items[0]
    for item, indent in items:
        if indent <= parent[1]:
            parent = item, indent
        _add_item(text, block, item, intro if indent <= parent[1] else parent[0])
    return block, end


def _continues_item(line: Line, above: Line, indent: int) -> bool:
    """Return whether a line belongs to the item above it."""
    if line.kind != "text" or (line.after_blank and line.indent < indent + 2):
        return False
    wrapped = line.text[0].islower() and above.text[-1] not in ".!?;:。"
    return line.indent > indent or wrapped


def _introduction(text: str, before: Block | None) -> Range | None:
    """Return the line that introduces a list: a heading, or a sentence that ends in a colon."""
    if not before or before.is_table:
        return None
    if before.level:
        return heading_range(text, before)
    closing = text[before.start : before.end].rstrip("*_ ")[-1:]
    return before.parts[-1] if closing in (":", "：") and before.parts else None


def _add_item(text: str, block: Block, item: Range, lead: Range | None) -> None:
    """Add one item to its list: whole, or by sentences where it is long."""
    sentences = sentence_spans(text, *item) if item[1] - item[0] > LONG_ITEM else []
    if len(sentences) > 1:
        block.parts += sentences
        block.spans += [Span(*sentence, "sentence", lead) for sentence in sentences]
    else:
        block.parts.append(item)
        block.spans.append(Span(*item, "item", lead))


# --- tables --------------------------------------------------------------------------------------


def _table(lines: Sequence[Line]) -> Block:
    """Return a table; each row knows its header, which is no span itself."""
    count = header_count(lines)
    block = Block(lines[0].start, lines[-1].end, is_table=True)
    named = [line for line in lines[:count] if any(map(str.isalnum, line.text))]
    lead = (named[0].start, named[-1].end) if named else None
    block.context = [lead] if lead else []
    block.parts = [(lines[0].start, lines[count - 1].end)] if count else []
    for line in lines[count:]:
        block.parts.append((line.start, line.end))
        if heads_rows(line.text):
            block.groups.append((line.start, line.end))
        elif not is_separator(line.text) and any(map(str.isalnum, line.text)):
            block.spans.append(Span(line.start, line.end, "row", lead))
    return block


def _caption_tables(text: str, blocks: list[Block]) -> None:
    """Give each table the sentence before it that announces it or names its units."""
    for above, block in pairwise(blocks):
        if not block.is_table or block.barrier or above.is_table or above.level or not above.parts:
            continue
        said = text[slice(*above.parts[-1])]
        announces = said.rstrip("*_ ")[-1:] in (":", "：")
        label = len(above.parts) == 1 and len(said) < 100 and said[-1] not in ".!?。"
        if len(said) <= _LONGEST_CAPTION and (announces or label or _UNITS.search(said)):
            block.context.insert(0, above.parts[-1])

"""Does the evidence speak of the time that was asked for?

The sentence in which the answer stands decides, then the rest of the span, then what stands around
it. What is named only for comparison ("2023: 1.49", "from 17,900 t in 2022") is the time of the
figure beside it and of no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.figures import Period, compare_periods, find_periods, fits
from rag.figures.mentions import Mention, find_mentions, is_compared
from rag.figures.periods import ends_with

_CELL_EDGE = re.compile(r"[|\t]")
_SENTENCE = re.compile(r"(?<=[.!?。！？;])\s+|\n")
_DIGIT = re.compile(r"\d")
_NEAR = 20  # characters between a figure and the time it belongs to


def time_sign(question: str, span: str, answer: str = "", around: str = "") -> int:
    """Return 1 where the asked time is named, -1 where another one is, 0 where nothing tells.

    Args:
        question: what is asked.
        span: the citable words; of a table row only the label counts, its cells are values.
        answer: the answer in them.
        around: headings, what introduces the span, the text before it, the document's title. A day
            in it is that of the document.
    """
    asked = [m.written for m in find_mentions(question) if not (m.written.relative and m.compared)]
    wanted = [p for p in asked if not p.relative and (p.year or p.first or p.part)]
    cells = _CELL_EDGE.split(span.strip("| \t"))
    text = cells[0] if len(cells) > 1 else span
    at = text.find(answer) if answer else -1
    start, end = _sentence_about(at, at + len(answer), text)
    mentions = find_mentions(text)
    own = [m for m in mentions if start <= m.written.start < end]
    if len(cells) == 1 and _is_of_other_relation(asked, own, text, at):
        return -1
    if not wanted:
        return 0
    bounds = {w.relation for w in wanted} - {""}
    said = [
        m
        for m in own
        if not m.compared
        or at < 0
        or m.written.relation in bounds
        or _is_beside(m, at, at + len(answer), text)
    ]
    if sign := _verdict(wanted, said):
        return sign
    others = [m for m in mentions if m not in own]
    if _verdict(wanted, (m for m in others if not m.compared)) > 0:
        return 1
    if any(_lies_within(w, m.period) for m in mentions for w in wanted):
        return 0
    outside = [m for m in find_mentions(around) if not m.compared]
    if _verdict(wanted, outside) > 0:
        return 1
    lasting = [m for m in outside if m.period.kind != "day"]
    days = [w for w in wanted if w.kind == "day"]
    return min(_verdict(wanted, lasting), _verdict(days, outside))


def _verdict(wanted: Sequence[Period], mentions: Iterable[Mention]) -> int:
    """Return 1 if a mention is of a wanted period, -1 if one surely is not, else 0."""
    found = {time_fits(period, m.period) for m in mentions for period in wanted}
    return 1 if True in found else -1 if False in found else 0


def _is_of_other_relation(
    asked: Sequence[Period], own: Sequence[Mention], text: str, at: int
) -> bool:
    """Whether a figure is of another time than "a year ago", "this year".

    "Last year" is what a document that came out then calls by its number or not at all.
    """
    wanted = {p.offset for p in asked if p.relative and not p.text.lower().startswith("last")}
    named = {m.written.offset for m in own if m.written.relative and not m.compared}
    if (
        not wanted
        or wanted & {m.written.offset for m in own}
        or (at >= 0 and is_compared(text, at))
    ):
        return False
    return bool(named) or any(offset is not None and offset < 0 for offset in wanted)


def _sentence_about(start: int, end: int, text: str) -> tuple[int, int]:
    """Return the range of the sentence or clause around an answer; all where there is none."""
    if start < 0:
        return 0, len(text)
    edges = [0, *(edge.end() for edge in _SENTENCE.finditer(text)), len(text)]
    return max(e for e in edges if e <= start), min(e for e in edges if e >= end)


def _is_beside(mention: Mention, start: int, end: int, text: str) -> bool:
    """Whether a time that is only compared is that of the answer.

    It stands before its figure with a colon ("2023: 1.49"), else behind it ("17,900 t in 2022").
    """
    first, last = mention.written.start, mention.written.end
    between = text[last:start] if ":" in text[last : last + 2] else text[end:first]
    if start < last and first < end:
        return True
    return 0 < len(between) <= _NEAR and not _DIGIT.search(between)


def _lies_within(wanted: Period, found: Period) -> bool:
    return found.kind in ("day", "month") and compare_periods(wanted, found) == "narrower"


def is_dated_otherwise(question: str, lead: str) -> bool:
    """Whether what introduces a span names one time, and not the one that was asked for."""
    named = {(period.year, period.first) for period in find_periods(lead)}
    return len(named) == 1 and time_sign(question, lead) < 0


def time_fits(wanted: Period, found: Period) -> bool | None:
    """As `fits`; the same quarter, half or day fits where one of the two has no year.

    The end of a period fits that period: "at the end of March" a column "March".
    """
    alike = wanted.kind == found.kind and wanted.part is not None and wanted.part == found.part
    if alike and not (wanted.year and found.year):
        return True
    if wanted.kind == "day" and wanted.relation == "end" and ends_with(wanted, found):
        return True
    return fits(wanted, found)

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
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n")
_CLAUSE = re.compile(r"(?<=[.!?。！？;])\s+|\n")
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
    end = at + len(answer)
    mentions = find_mentions(text)
    clause = _within(mentions, _around(at, end, text, _CLAUSE))
    if len(cells) == 1 and _is_of_other_relation(asked, clause, text, at):
        return -1
    if not wanted:
        return 0
    sign = _verdict(wanted, (m for m in clause if not m.compared))
    if sign > 0 or any(_is_own(m, wanted, at, end, text) for m in clause if m.compared):
        return 1
    sentence = _within(mentions, _around(at, end, text, _SENTENCE))
    if sign and _verdict(wanted, (m for m in sentence if not m.compared)) > 0:
        return 0
    if sign or _verdict(wanted, (m for m in mentions if not m.compared)) > 0:
        return sign or 1
    if any(_lies_within(w, m.period) for m in mentions for w in wanted):
        return 0
    return _verdict(wanted, (m for m in find_mentions(around) if not m.compared))


def _within(mentions: Sequence[Mention], bounds: tuple[int, int]) -> list[Mention]:
    return [m for m in mentions if bounds[0] <= m.written.start < bounds[1]]


def _verdict(wanted: Sequence[Period], mentions: Iterable[Mention]) -> int:
    """Return 1 if a mention is of a wanted period, -1 if one surely is not, else 0.

    A day contradicts only a day: it may be that of an event or of the document.
    """
    found = {
        time_fits(period, m.period)
        for m in mentions
        for period in wanted
        if m.period.kind != "day" or period.kind == "day" or time_fits(period, m.period)
    }
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


def _around(start: int, end: int, text: str, edge: re.Pattern[str]) -> tuple[int, int]:
    """Return the range between two edges in which an answer stands; all where there is none."""
    if start < 0:
        return 0, len(text)
    edges = [0, *(found.end() for found in edge.finditer(text)), len(text)]
    return max(e for e in edges if e <= start), min(e for e in edges if e >= end)


def _is_own(mention: Mention, wanted: Sequence[Period], start: int, end: int, text: str) -> bool:
    """Whether a time that is only compared is the wanted one, and that of the answer.

    It stands before its figure with a colon ("2023: 1.49"), else behind it ("17,900 t in 2022").
    """
    if not any(time_fits(period, mention.period) for period in wanted):
        return False
    first, last = mention.written.start, mention.written.end
    bound = mention.written.relation in {period.relation for period in wanted} - {""}
    if bound or start < 0 or (start < last and first < end):
        return True
    between = text[last:start] if ":" in text[last : last + 2] else text[end:first]
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

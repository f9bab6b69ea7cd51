"""Does the evidence speak of the time that was asked for?

The clause in which the answer stands decides, then the rest of the span, then what introduces it,
then what stands around. What is named only for comparison ("2023: 1.49", "from 17,900 t in 2022")
is the time of the figure beside it and of no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.figures import Period, compare_periods, fits
from rag.figures.mentions import Mention, find_mentions, is_compared
from rag.figures.periods import ends_with

_CELL_EDGE = re.compile(r"[|\t]")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n")
_CLAUSE = re.compile(r"(?<=[.!?。！？;])\s+|\n")
_DIGIT = re.compile(r"\d")
_NEAR = 20  # characters between a figure and the time it belongs to


@dataclass(frozen=True, slots=True)
class Told:
    """What evidence tells of the time that was asked for.

    Attributes:
        sign: 1 where it is named, -1 where another one is, 0 where nothing tells.
        near: whether the span or what introduces it tells, not only what stands around.
    """

    sign: int
    near: bool


def told_time(question: str, span: str, answer: str = "", lead: str = "", around: str = "") -> Told:
    """Return what evidence tells of the time that a question asks for.

    Args:
        question: what is asked.
        span: the citable words; of a table row only the label counts, its cells are values.
        answer: the answer in them.
        lead: what introduces the span: the header of a row, the line before a list.
        around: headings, the text before the span, the document's title.
    """
    asked = [m.written for m in find_mentions(question) if not (m.written.relative and m.compared)]
    if not asked:
        return Told(0, near=False)
    wanted = [p for p in asked if not p.relative and (p.year or p.first or p.part)]
    sign = _told_by_span(asked, wanted, span, answer)
    if sign is None:
        sign = _verdict(wanted, find_mentions(lead)) or None
    if sign is not None:
        return Told(sign, near=True)
    return Told(_verdict(wanted, find_mentions(around)), near=False)


def _told_by_span(
    asked: Sequence[Period], wanted: Sequence[Period], span: str, answer: str
) -> int | None:
    """Return the sign of the span itself; None where it does not speak of time."""
    cells = _CELL_EDGE.split(span.strip("| \t"))
    text = cells[0] if len(cells) > 1 else span
    at = text.find(answer) if answer else -1
    end = at + len(answer)
    mentions = find_mentions(text)
    clause = _within(mentions, _around(at, end, text, _CLAUSE))
    if len(cells) == 1 and _is_of_other_relation(asked, clause, text, at):
        return -1
    sign = _verdict(wanted, clause)
    if sign > 0 or any(_is_own(m, wanted, at, end, text) for m in clause if m.compared):
        return 1
    sentence = _within(mentions, _around(at, end, text, _SENTENCE))
    if sign:
        return 0 if _verdict(wanted, sentence) > 0 else -1
    if _verdict(wanted, mentions) > 0:
        return 1
    return 0 if any(_lies_within(w, m.period) for m in mentions for w in wanted) else None


def _within(mentions: Sequence[Mention], bounds: tuple[int, int]) -> list[Mention]:
    return [m for m in mentions if bounds[0] <= m.written.start < bounds[1]]


def _verdict(wanted: Sequence[Period], mentions: Iterable[Mention]) -> int:
    """Return 1 if a mention is of a wanted period, -1 if all are surely of others, else 0.

    What is only compared with tells nothing. A day contradicts only a day: it may be that of an
    event or of the document.
    """
    found = {
        time_fits(period, m.period)
        for m in mentions
        for period in wanted
        if not m.compared
        and (m.period.kind != "day" or period.kind == "day" or time_fits(period, m.period))
    }
    return 1 if True in found else -1 if found == {False} else 0


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

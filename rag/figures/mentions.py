"""Which periods a text speaks of, and which it names only to hold another one against them.

In "14,600 t, from 17,900 t in 2022" and "EUR 0.21 (2023: 0.16)" nothing is said of the first
figure's period: 2022 and 2023 are those of the second one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rag.figures.dating import find_periods
from rag.figures.periods import Period, resolve

_INSIDE: Final = r"(?:[^.;:()]|\.(?=\d))"
_AGAINST: Final = re.compile(
    r"(?i)(?:\b(?:than|against|versus|vs|compared (?:with|to)|(?:up|down) (?:from|on)|below|above"
    rf"|as (?:much|many|high|low) as)\b{_INSIDE}{{0,40}}"
    rf"|\b(?:from|after|over|on)\b{_INSIDE}{{0,30}}\d{_INSIDE}{{0,20}})$"
)
_HELD: Final = re.compile(r"(?i)\b(?:from|after|over|on)(?: (?:the|an?|about))? $")
_OPENING: Final = re.compile(r"(?:[(（]|\d[^.:]*[;,])\s*(?:in |for )?(?:the )?$")
_CLOSING: Final = re.compile(r"(?:, [a-z]+)?\s*[:：=–]")
_ASIDE: Final = re.compile(r"[(（][^()（）]*$")
_BEFORE: Final = 70  # characters that are searched for words of comparison


@dataclass(frozen=True, slots=True)
class Mention:
    """A period named by a text.

    Attributes:
        written: as `find_periods` finds it.
        period: the same; a relative one ("a year earlier") reckoned from the last before it that
            is not.
        compared: whether it is named only as what another one is held against.
    """

    written: Period
    period: Period
    compared: bool


def find_mentions(text: str) -> list[Mention]:
    """Return the periods that a text names, by place."""
    found = []
    anchor: Period | None = None
    for written in find_periods(text):
        anchor = anchor if written.relative else written
        period = (resolve(written, anchor) or written) if anchor else written
        found.append(Mention(written, period, _is_compared(text, written)))
    return found


def _is_compared(text: str, period: Period) -> bool:
    before = text[max(0, period.start - _BEFORE) : period.start]
    aside = _OPENING.search(before) and _CLOSING.match(text, period.end)
    return bool(aside or period.relation == "since" or _AGAINST.search(before))


def is_compared(text: str, start: int) -> bool:
    """Whether what stands at an offset is what another thing is held against."""
    before = text[max(0, start - _BEFORE) : start]
    return bool(_ASIDE.search(before) or _AGAINST.search(before) or _HELD.search(before))

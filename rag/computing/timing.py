"""The periods of a question that compares them: taken out of it, and put in one at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from rag.figures import Period, find_periods

HERE: Final = "\x00"  # stands in a question for the periods taken out of it
_LINK: Final = re.compile(
    r"(?i)\s*,?\s*(?:and|to|through|until|from|or|than|over|against|versus|vs\.?|relative to|"
    r"(?:as )?compared (?:to|with)|[-–—,])?"
    r"\s*(?:\b(?:that|those) (?:of|in|for) )?"
    r"(?:\b(?:in|for|at|of|on|as of|as at|during|the|(?:fiscal |financial )?years?)\s+)*"
)
_BEFORE: Final = re.compile(
    r"(?i)(?:[\s,]|\b(?:from|between|in|for|during|over|as of|as at|at|on|of|the|"
    r"(?<!which )(?<!what )(?:fiscal |financial )?(?:years?|period)|period from)(?=\s))*$"
)
_MOST_YEARS: Final = 6


@dataclass(frozen=True, slots=True)
class Periods:
    """A question whose periods were taken out: ``body`` has ``HERE`` in their place."""

    body: str
    phrases: tuple[str, ...]  # "in 2018", to be put in
    labels: tuple[str, ...]
    periods: tuple[Period, ...]
    stretch: bool  # "from … to …"; all years between are meant where they are added up

    @staticmethod
    def found(body: str) -> Periods | None:
        """Take out the periods; None where they do not stand together."""
        named = [p for whole in find_periods(body) for p in _ends(whole) if not p.relative]
        named = [period for period in named if period.year or period.part]
        if not named:
            return Periods(body, (), (), (), False)
        links = [body[a.end : b.start] for a, b in pairwise(named)]
        if not all(_LINK.fullmatch(link) for link in links):
            return None
        before = _BEFORE.search(body[: named[0].start])
        lead = before.group() if before else ""
        texts = _completed(named)
        own = zip(named, texts, [lead, *links], strict=True)
        leads = [link if text == period.text else lead for period, text, link in own]
        phrases = tuple(_phrase(*each) for each in zip(named, texts, leads, strict=True))
        start = named[0].start - len(lead)
        left = f"{body[:start].rstrip()} {HERE}{body[named[-1].end :]}".strip()
        stretch = len(named) == 2 and bool(
            re.match(r"(?i)\s*(?:to|through|until|[-–—])(?!\w)", links[0])
            or re.search(r"(?i)\bbetween\b", lead)
        )
        return Periods(left, phrases, tuple(texts), tuple(named), stretch)


def _ends(period: Period) -> list[Period]:
    """Return first and last of "30 June 2018 to 30 June 2019", else the period alone."""
    found = re.search(r" (?:to|through|until) ", period.text) if period.kind == "span" else None
    if found is None:
        return [period]
    halves = (period.text[: found.start()], period.text[found.end() :])
    ends = [find_periods(half) for half in halves]
    if any(len(end) != 1 or not end[0].year for end in ends):
        return [period]
    shifts = (period.start, period.start + found.end())
    return [
        replace(end[0], start=end[0].start + shift, end=end[0].end + shift)
        for end, shift in zip(ends, shifts, strict=True)
    ]


def _completed(periods: Sequence[Period]) -> list[str]:
    """Return the texts of the periods, each with what it leaves to its neighbour.

    "the fourth quarter of 2018 and 2019", "Q1 and Q3 2024".
    """
    texts = [period.text for period in periods]
    first, last = periods[0], periods[-1]
    for i, period in enumerate(periods):
        shared = str(first.year)
        if i and period.text.isdigit() and not first.text.isdigit() and shared in first.text:
            texts[i] = first.text.replace(shared, period.text)
        elif period.year is None and last.year:
            texts[i] = f"{period.text} {last.year}"
    return texts


def _phrase(period: Period, text: str, lead: str) -> str:
    """Return a period with the words that join it to a sentence: "as of 31 December 2018"."""
    if re.match(r"(?i)(?:(?:fiscal |financial )?year|quarter|(?:\w+ )?months) ended", text):
        return f"for the {text}"
    article = "the " if re.search(r"(?i)\bthe\s+$", lead) and not text.isdigit() else ""
    if period.kind == "day" or re.search(r"[A-Z]\w+ \d{1,2}, \d{4}", text):
        return f"as of {article}{text}"
    year = (
        found.group()
        if (found := re.search(r"(?i)(?:fiscal|financial) (?=years?\s)", lead))
        else ""
    )
    return f"in {article}{year.lower()}{text}"


def time_of(period: Period, label: str) -> tuple[int, int]:
    """Return a key that orders periods of one kind by time, also those completed by another."""
    found = find_periods(label)
    known = found[0] if found else period
    day = known.first.toordinal() if known.first else 0
    return known.year or 0, day or known.part or 0


def years_between(
    labels: Sequence[str], phrases: Sequence[str]
) -> tuple[list[str], list[str]] | None:
    """Fill in the years of "2017 to 2019"; None where they cannot be told."""
    found = [re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", label) for label in labels]
    if any(len(years) != 1 for years in found):
        return None
    first, last = int(found[0][0]), int(found[1][0])
    if first == last:
        return list(labels), list(phrases)
    if last - first >= _MOST_YEARS or labels[0].replace(str(first), "") != labels[1].replace(
        str(last), ""
    ):
        return None
    years = [str(year) for year in range(first, last + 1)]
    return (
        [labels[0].replace(str(first), year) for year in years],
        [phrases[0].replace(str(first), year) for year in years],
    )

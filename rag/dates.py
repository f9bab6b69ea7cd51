"""What the dates of documents do: which are looked at, which is the newer, what is said of them.

A document's day is that of its publication, else the last of the period that it covers
(`rag.types.Metadata`). Knows nothing of passages and indexes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from rag.figures import find_periods
from rag.types import Answer, Document, Fact

_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August"]
_MONTHS += ["September", "October", "November", "December"]


@dataclass(frozen=True, slots=True)
class Within:
    """The documents that a search is limited to.

    Attributes:
        documents: their ids; None for all.
        undated: how many were left out because nothing says when they are from.
        asked: the time asked for, in words; empty where none was.
    """

    documents: Collection[str] | None
    undated: int = 0
    asked: str = ""

    @property
    def said(self) -> str:
        """Who was left out, as a sentence; empty where nobody was for want of a date."""
        if not self.undated:
            return ""
        one = self.undated == 1
        left = "1 document" if one else f"{self.undated:,} documents"
        return f"{left} without a date {'was' if one else 'were'} left out."

    def told(self, answer: Answer) -> Answer:
        """Return an abstention that also says what was looked at."""
        if not self.asked or answer.reason is None:
            return answer
        near = answer.reason.text if self.documents else f"No document is dated {self.asked}."
        text = " ".join(filter(None, [near, self.said]))
        reason = replace(answer.reason, text=text)
        return replace(answer, text=answer.text.replace(answer.reason.text, text), reason=reason)


def within(
    days: Callable[[], Mapping[str, str]],
    documents: Collection[str] | None,
    after: date | str | None,
    before: date | str | None,
) -> Within:
    """Return which documents lie in the time asked for.

    Args:
        days: gives the day of every document by id, empty where it has none; called only if needed.
        documents: ids to look in; None for all.
        after: the first day that counts; ``2025`` and ``2025-03`` stand for their first days.
        before: the first day that counts no more.

    Raises:
        ValueError: no date, or ``documents`` is one string or names a document that is unknown.
    """
    if after is None and before is None:
        return Within(documents)
    first, end = first_day(after), first_day(before)
    if isinstance(documents, str):
        raise ValueError("documents must be a collection of ids, not one string")
    known = days()
    chosen = known if documents is None else documents
    if unknown := [name for name in chosen if name not in known]:
        raise ValueError(f"no document {unknown[0]!r}")
    dated = {name: known[name] for name in chosen}
    found = [d for d, day in dated.items() if day and first <= day and (not end or day < end)]
    words = [f"from {first} on" if first else "", f"before {end}" if end else ""]
    return Within(found, sum(not day for day in dated.values()), " and ".join(filter(None, words)))


def first_day(when: date | str | None) -> str:
    """Return a day as ``2025-03-05``, of a year or month the first; empty for None.

    Raises:
        ValueError: it is none; says how to write one.
    """
    if when is None:
        return ""
    match = _ISO.fullmatch(str(when)[:10])
    try:
        if match is None:
            raise ValueError
        return date(*(int(part or 1) for part in match.groups())).isoformat()
    except ValueError:
        raise ValueError(f"{when!s:.40} is no date: write 2025-03-05, 2025-03 or 2025") from None


def recency(days: Mapping[str, str]) -> dict[str, float]:
    """Return for each document how new it is among the days there are: 1 the newest, 0 undated."""
    known = sorted({*days.values()} - {""})
    rank = {day: (place + 1) / len(known) for place, day in enumerate(known)}
    return {name: rank.get(day, 0.0) for name, day in days.items()}


def standing(document: Document, words: str, *, always: bool = False) -> Fact | None:
    """Return the date to say of a figure that has none in its own ``words``; None for none.

    A period that the document covers goes before the day of its publication. When a program saved
    the file says nothing of its figures.

    Args:
        document: where the figure stands.
        words: its sentence or row, with what introduces it.
        always: say it even if the words name a time.
    """
    known = document.metadata
    fact = known.period or (known.published if known.published and known.published.sure else None)
    named = not always and any(p.year or p.first for p in find_periods(words))
    return None if named else fact


def with_date(words: str, fact: Fact) -> str:
    """Return words with their document's date behind: "4 million (as of 5 March 2025)"."""
    bare = words.rstrip()
    stop = bare[-1:] if bare.endswith((".", "。")) else ""
    return f"{bare.removesuffix(stop)} (as of {in_words(fact.value.rpartition('/')[2])}){stop}"


def in_words(day: str) -> str:
    """Return ``2025-03-05`` as 5 March 2025, ``2025-03`` as March 2025."""
    year, month, *rest = day.split("-")
    return " ".join([*(str(int(number)) for number in rest), _MONTHS[int(month) - 1], year])

"""Evidence to words: which range of the document is cited, and what is said of it.

What is said are the document's own words, shortened at most: inline noise is left out, a table
cell stands behind its headers, a list comes whole. What is missing is said in our words. Knows
nothing of certainty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.belonging import Mismatch
from rag.cells import cells_of, label_of
from rag.figures import Period, find_figures, find_periods
from rag.questions import Question
from rag.reading import Evidence, quote_of
from rag.slots import Fit, unknown
from rag.text import content_tokens, without_noise
from rag.timing import time_fits
from rag.types import Document, Passage, Reason, Span

_BULLET = re.compile(r"^\s*(?:[-*•–▪]|\(?(?:\d{1,2}|[a-z]{1,2})[.)])\s+")
_HEAD = re.compile(r"\s[–—-]\s|:\s")
_CUT = "…"
_NOT = re.compile(r"\b(?:no|not|never|none|neither|nor|without)\b|n['’]t\b", re.I)
_DONE = re.compile(
    r"\b(?:already|complete|completed|finished|done|open|opened|started|yet)\b", re.I
)
_UNDONE = re.compile(
    r"\b(?:under construction|under way|underway|being built|in progress|planned|awaits?|"
    r"at (?:the )?(?:design|planning) stage|is constructing|will (?:open|start|be))\b",
    re.I,
)
_HEDGE = re.compile(r"\b(?:but|although|however|may|might|could|partly|until|only|except)\b", re.I)
_ALIKE = 0.6
_MOSTLY = 0.5
_NAMED = 3  # words that are missing, in a reason


@dataclass(frozen=True, slots=True)
class Claim:
    """A range of the document to cite and the words to say for it.

    ``row`` and ``column`` name a table cell by its headers.
    """

    start: int
    end: int
    text: str
    row: str | None = None
    column: str | None = None


def word(asked: Question, evidence: Evidence, budget: int) -> Claim:
    """Return what to cite and say for one piece of evidence, in at most ``budget`` words."""
    span, passage = evidence.span, evidence.passage
    if asked.kind == "list" and (items := _siblings(passage, span)):
        return _listed(passage, items, budget)
    if span.kind == "row":
        return _row(asked, evidence, budget)
    said = verdict(asked, evidence.quote) if asked.kind == "yesno" else ""
    text = _around(_bare(without_noise(evidence.quote)), evidence, budget - len(said.split()))
    return Claim(span.start, span.end, said + text)


def verdict(asked: Question, quote: str) -> str:
    """Return "Yes: " or "No: " where the words of the evidence leave no doubt, else nothing.

    A negation in one of question and evidence but not in the other is a no, and so is work that
    goes on where the question asks whether it is done. A yes needs most of the question's words.
    """
    denied = bool(_NOT.search(quote))
    if denied != asked.negated:
        return "No: " if denied else ""
    if _DONE.search(asked.read_text) and _UNDONE.search(quote):
        return "No: "
    words = set(content_tokens(asked.read_text))
    held = words & set(content_tokens(quote))
    return "Yes: " if not _HEDGE.search(quote) and len(held) >= _ALIKE * len(words) else ""


_KINDS = {
    "money": "an amount of money",
    "percent": "a percentage",
    "points": "a change in points",
    "ratio": "a ratio",
    "quantity": "a quantity",
    "count": "a number",
    "date": "a date",
}


def lacking(
    asked: Question,
    evidence: Evidence,
    fitting: Fit,
    documents: Sequence[Document],
    other: Mismatch | None = None,
) -> Reason:
    """Return why the likeliest evidence is no answer: what is missing, and what is there instead.

    Args:
        asked: the understood question.
        evidence: the likeliest evidence.
        fitting: how it fits the question.
        documents: where the nearest passages stand.
        other: what its figure is of instead of what was asked.
    """
    names, words, share = unknown(asked, documents)
    figures = [f.text for f in find_figures(evidence.quote) if f.kind != "year"]
    if names:
        listed = " or ".join(names[:2])
        said = f"The nearest documents say nothing of {listed}."
        return Reason("no-such-entity", said, names[:2])
    one = figures[0] if len(figures) == 1 else ""
    if fitting.period < 0:
        return _of_another_time(asked, evidence, one)
    if other:
        return _of_another(other)
    dated = (period for period in asked.periods if period.year)
    if gone := [p.text for p in dated if any(str(p.year) in word for word in words)]:
        said = f"The nearest documents say nothing of {' or '.join(gone[:2])}."
        return Reason("metric-without-period", said, tuple(gone[:2]))
    if share > _MOSTLY or (words and asked.wanted == "count"):
        listed = " or ".join(f"“{word}”" for word in words[:_NAMED])
        said = f"The nearest documents say nothing of {listed}."
        return Reason("outside-documents", said, words[:_NAMED])
    if fitting.unit < 0:
        kind = _KINDS.get(asked.wanted, "such a figure")
        unit = asked.unit if asked.wanted == "money" else ""
        there = f"{one}, not " if one else "something else than "
        said = f"What comes nearest is {there}{kind}{f' in {unit}' if unit else ''}."
        return Reason("entity-without-metric", said, (asked.wanted, unit), one)
    return Reason("weak-support", "The nearest passages do not answer this.")


def _of_another_time(asked: Question, evidence: Evidence, figure: str) -> Reason:
    wanted = tuple(_as_typed(asked, period.text) for period in asked.periods[:2])
    others = [p for p in find_periods(evidence.quote) if _differs(asked, p)]
    there, instead = (figure, others[0].text) if others else ("", "")
    given = f"is given for {instead}, not" if instead else "is not given"
    said = f"What comes nearest{f', {there},' if there else ''} {given} for {' and '.join(wanted)}."
    return Reason("metric-without-period", said, wanted, there, instead)


def _of_another(other: Mismatch) -> Reason:
    owned, of = ("is given for", "for ") if other.named else ("is", "")
    said = f"What comes nearest, {other.figure}, {owned} {other.instead}, not {of}{other.asked}."
    missing = (other.asked,)
    return Reason("entity-without-metric", said, missing, other.figure, instead=other.instead)


def _as_typed(asked: Question, text: str) -> str:
    """Return words of a question as they were typed: "FY23", which is read as "fy23"."""
    start = asked.text.lower().find(text.lower())
    return asked.text[start : start + len(text)] if start >= 0 else text


def _differs(asked: Question, found: Period) -> bool:
    """Whether a period is surely none of those asked for."""
    return all(time_fits(wanted, found) is False for wanted in asked.periods if not wanted.relative)


def _siblings(passage: Passage, span: Span) -> list[Span]:
    """Return the items of the list that ``span`` belongs to or introduces: two or more, or none."""
    lead = span.lead if span.kind == "item" else (span.start, span.end)
    items = [s for s in passage.spans if s.kind == "item" and lead and s.lead == lead]
    return items if len(items) > 1 else []


def _listed(passage: Passage, items: Sequence[Span], budget: int) -> Claim:
    """Say every item; only their heads where they are too long together."""
    lead = items[0].lead
    start = lead[0] if lead else items[0].start
    texts = [_bare(without_noise(quote_of(passage, s.start, s.end))) for s in items]
    if sum(len(text.split()) for text in texts) > budget:
        texts = [_HEAD.split(text, maxsplit=1)[0] for text in texts]
    said = "; ".join(text.rstrip(".;, ") for text in texts)
    return Claim(start, items[-1].end, shorten(said, budget))


def _row(asked: Question, evidence: Evidence, budget: int) -> Claim:
    """Say a table row, each cell behind its header; only one cell where one is asked for."""
    span, passage = evidence.span, evidence.passage
    label = without_noise(label_of(passage, span))
    cells = cells_of(passage, span)
    header = [without_noise(cell.header) for cell in cells]
    values = [without_noise(quote_of(passage, c.start, c.end)).strip() for c in cells]
    column = _asked_column(asked, header)
    if asked.kind == "figure" and column is not None and header[column] and values[column]:
        text = f"{label}, {header[column]}: {values[column]}".lstrip(", ")
        return Claim(span.start, span.end, shorten(text, budget), label or None, header[column])
    pairs = [f"{h}: {v}" if h else v for h, v in zip(header, values, strict=True) if v]
    text = f"{label} – {'; '.join(pairs)}".strip(" –")
    return Claim(span.start, span.end, shorten(text, budget), label or None)


def _asked_column(asked: Question, header: Sequence[str]) -> int | None:
    """Return the one column that the question names, by period or by words; None: none or several.

    The reader finds the row more surely than the cell: where the header does not tell, a whole
    row is said rather than the figure of another year or kind.
    """
    wanted = [period for period in asked.periods if not period.relative]
    words = set(content_tokens(asked.read_text))
    nearness = [0] * len(header)
    for column, head in enumerate(header):
        fitting = {time_fits(w, found) for found in find_periods(head) for w in wanted}
        if True in fitting or False not in fitting:
            nearness[column] = 2 * (True in fitting) + len(words & set(content_tokens(head)))
    named = [column for column, near in enumerate(nearness) if near and near == max(nearness)]
    return named[0] if len(named) == 1 else 0 if len(header) == 1 else None


def _bare(item: str) -> str:
    return _BULLET.sub("", item)


def _around(text: str, evidence: Evidence, budget: int) -> str:
    """Return the text, or the part of it around the answer where it is too long."""
    words = text.split()
    if len(words) <= budget:
        return text
    answer = without_noise(quote_of(evidence.passage, *evidence.answer))
    before = len(text[: max(0, text.find(answer))].split())
    first = max(0, min(before - budget // 4, len(words) - budget + 2))
    cut = words[first : first + budget - 2]
    behind = [] if first + len(cut) >= len(words) else [_CUT]
    return " ".join([_CUT, *cut, *behind] if first else [*cut, *behind])


def shorten(text: str, budget: int) -> str:
    """Return the text cut to ``budget`` words, with a mark where it was cut."""
    words = text.split()
    return text if len(words) <= budget else " ".join([*words[: budget - 1], _CUT])

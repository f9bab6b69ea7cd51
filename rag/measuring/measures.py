"""Every figure of a document with what it measures, whose it is and for which period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from rag.figures import Figure, Period, find_figures, find_periods, resolve
from rag.measuring.prose import Said, Sentence
from rag.measuring.rows import read_row
from rag.measuring.subjects import Names
from rag.questions.terms import metrics_found
from rag.text import without_noise
from rag.types import Document, Passage, Span

_SEPARATOR: Final = " › "


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure and what its document says of it; ``document.text[start:end]`` is as printed.

    Attributes:
        document_id: where it stands.
        start: offset of its first character, sign and currency included.
        end: offset behind the last one.
        figure: value, unit and denominator; its offsets are those of the span.
        metric: what it measures, such as "net profit", "net profit growth" or the label of a
            table row; empty where nothing says it.
        entity: whose it is, as written; empty where nothing says it.
        period: when it held; None where nothing says it.
        span: (start, end) of the sentence, row or item around it, offsets of the document.
        inherited: which of "entity" and "period" come from heading or title, not from the span.
    """

    document_id: str
    start: int
    end: int
    figure: Figure
    metric: str
    entity: str
    period: Period | None
    span: tuple[int, int]
    inherited: frozenset[str] = frozenset()

    @property
    def value(self) -> str:
        """The value in plain digits, scale applied: ``412000000``, a range as ``14–16``."""
        low, high = plain(self.figure.low), plain(self.figure.high)
        return low if low == high else f"{low}–{high}"

    @property
    def unit(self) -> str:
        """Unit and denominator: ``CNY``, ``EUR/share``; empty for a bare number."""
        figure = self.figure
        return f"{figure.unit}/{figure.per}" if figure.per else figure.unit

    @property
    def time(self) -> int:
        """The last day of the period as a number to sort by; 0 where it is not known."""
        period = self.period
        if period is None or period.relative:
            return 0
        known = period.last or (date(period.year, 12, 31) if period.year else None)
        return known.toordinal() if known else 0


def plain(value: Decimal) -> str:
    """Return a value in digits without an exponent or idle zeros."""
    digits = f"{value:f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits == "-0" else digits


def measure_document(
    document: Document,
    passages: Sequence[Passage],
    within: Sequence[tuple[int, int]] | None = None,
) -> list[Measure]:
    """Return the figures of a document by place, each once. Years are left out: they are dates.

    Args:
        document: where the figures stand.
        passages: all passages of this document.
        within: (start, end) ranges of the document to which the figures are limited; None for all.
    """
    names = Names(document, passages)
    found: dict[tuple[int, int], Measure] = {}
    for passage in passages:
        for span in passage.spans:
            if within is not None and not any(a < span.end and span.start < b for a, b in within):
                continue
            for measure in _measures(document, passage, span, names):
                if within is None or any(a <= measure.start < b for a, b in within):
                    found.setdefault((measure.start, measure.end), measure)
    return sorted(found.values(), key=lambda measure: measure.start)


def said_in(document: Document, passage: Passage, span: Span) -> list[tuple[Figure, Said]]:
    """Return the figures of a span by place with what the span and its lead say of each.

    The offsets of a figure count the characters of the span.
    """
    return _read(document, passage, span, Names(document, [passage]))


def _measures(document: Document, passage: Passage, span: Span, names: Names) -> Iterator[Measure]:
    for figure, said in _read(document, passage, span, names):
        inherited = set()
        entity, period = said.entity, said.period
        if not entity and names.subject:
            entity, inherited = names.subject, {"entity"}
        above = _period_above(passage)
        if period and period.relative and above:
            period = resolve(period, above) or period
        if not period and (period := above):
            inherited = inherited | {"period"}
        yield Measure(
            document.id,
            span.start + figure.start,
            span.start + figure.end,
            figure,
            said.metric,
            entity,
            period,
            (span.start, span.end),
            frozenset(inherited),
        )


def _read(
    document: Document, passage: Passage, span: Span, names: Names
) -> list[tuple[Figure, Said]]:
    if span.kind == "row":
        return read_row(passage, span)
    text = document.text[span.start : span.end]
    figures = [figure for figure in find_figures(text) if _counts(figure, text)]
    if not figures:
        return []
    lead = without_noise(document.text[slice(*span.lead)]) if span.lead else ""
    sentence = Sentence(text, figures, lead, names)
    return [(figure, sentence.say(figure)) for figure in figures]


def _counts(figure: Figure, text: str) -> bool:
    """Leave out years, a bare "nine", and what belongs to a name: the 52 weeks of a high."""
    worded = figure.bare and not any(map(str.isdigit, figure.text))
    named = any(a <= figure.start and figure.end <= b for a, b, _ in metrics_found(text))
    return figure.kind != "year" and not worded and not named


def _period_above(passage: Passage) -> Period | None:
    """Return the period that the nearest heading names, the title last."""
    for heading in reversed(passage.heading.split(_SEPARATOR)):
        periods = [p for p in find_periods(heading) if not p.relative]
        if periods:
            return periods[-1] if len(periods) == 1 else None
    return None

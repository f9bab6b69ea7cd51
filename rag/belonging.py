"""Is the figure that would answer of another thing, or of another name, than was asked for?

The price-to-earnings ratio is no price-to-book ratio, and what Orla Mills earned nothing that Orla
Foods did, however alike the sentences are. Only what is said of the very figure counts, and only
where it leaves no doubt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rag.figures import Figure
from rag.figures.units import listed
from rag.measuring import Said, said_in
from rag.questions import Question, measured_in, metrics_in
from rag.reading import Evidence
from rag.text import content_tokens
from rag.types import Document

_ALIKE: Final = ({"price", "share price", "costs"}, {"capital expenditure", "investment"})
_GENERAL: Final = ("profit", "margin", "growth", "price", "return")
"""Words for several metrics: who asks for the profit may mean any profit."""

_LEGAL_FORMS: Final = frozenset(
    listed(
        "ab ag as asa bhd co company corp corporation gmbh inc kk limited llc ltd nv oyj plc pte"
        " pty sa se sp spa srl tbk"
    )
)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What was asked for, and what the figure is of instead: two metrics or two names."""

    figure: str
    asked: str
    instead: str
    named: bool


def mismatch(asked: Question, evidence: Evidence, document: Document) -> Mismatch | None:
    """Return what the figure of an answer is of instead of what was asked; None if nothing is."""
    span = evidence.span
    start, end = (offset - span.start for offset in evidence.answer)
    figures = said_in(document, evidence.passage, span)
    figure, said = next(
        ((f, s) for f, s in figures if f.start < end and f.end > start), (None, None)
    )
    if figure is None or said is None:
        return None
    words = f"{evidence.quote}\n{document.text[slice(*span.lead)] if span.lead else ''}"
    return _other_metric(asked, figure, said, words) or _other_name(asked, figure, said, words)


def _other_metric(asked: Question, figure: Figure, said: Said, words: str) -> Mismatch | None:
    """Find a metric measured alike that is not the one asked for, nor is that named beside it."""
    found, wanted = metrics_in(said.metric), set(asked.metrics)
    if figure.per or metrics_in(words) & wanted:
        return None
    if any(_same(one, other) for one in wanted for other in found):
        return None
    alike = {measured_in(name) for name in wanted} & {measured_in(name) for name in found}
    return Mismatch(figure.text, asked.metrics[0], said.metric, named=False) if alike else None


def _same(one: str, other: str) -> bool:
    """Whether two metrics may be one thing: equal, alike, or one the general word for the other."""
    general = any(word in one and word in other and word in (one, other) for word in _GENERAL)
    return one == other or general or any({one, other} <= group for group in _ALIKE)


def _other_name(asked: Question, figure: Figure, said: Said, words: str) -> Mismatch | None:
    """Find a name that shares a word with the one asked for, and differs in the rest."""
    own = _words(said.entity)
    here = _words(words)
    for name in asked.entities:
        wanted = _words(name)
        if wanted & own and own - wanted and wanted - own and not (wanted - own) & here:
            return Mismatch(figure.text, name, said.entity, named=True)
    return None


def _words(text: str) -> set[str]:
    return set(content_tokens(text)) - _LEGAL_FORMS

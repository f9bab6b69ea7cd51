"""Evidence to the figures that are computed with: one cell of a row, or the one in the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rag.cells import Cell, cells_of, scale_hint
from rag.computing.planning import Computation
from rag.figures import Figure, Period, find_figures, find_periods, fits
from rag.reading import Evidence, quote_of
from rag.text import fold, without_noise
from rag.wording import Claim

_PAIR_YEAR: Final = re.compile(r"\d{4}\W\d{2,4}")


@dataclass(frozen=True, slots=True)
class Operand:
    """A figure to compute with, and where it stands.

    Attributes:
        label: what it is called in the result.
        figure: the value; ``figure.text`` is how the document prints it.
        evidence: where it was read.
        claim: what to cite for it, row and column named if it is a table cell.
    """

    label: str
    figure: Figure
    evidence: Evidence
    claim: Claim


def operands_of(computation: Computation, found: Sequence[Evidence]) -> list[Operand] | None:
    """Return the figures to compute with, in the order of the operands.

    Args:
        computation: the plan.
        found: the evidence for each of ``computation.operands``, in their order.

    Returns:
        None where a figure cannot be told, where periods of one thing come from rows that are not
        the same, or where an open comparison finds no row with two periods.
    """
    if not found or len(found) != len(computation.operands):
        return None
    if not computation.labels:
        return _all_periods(computation, found[0])
    asked = [_period(question) for question in computation.operands]
    if not computation.subject:
        own = [_operand(*each) for each in zip(computation.labels, asked, found, strict=True)]
        return _whole(own)
    for evidence in sorted(found, key=lambda one: -one.score):
        if whole := in_one_row(computation, evidence):
            return whole
    own = [_operand(*each) for each in zip(computation.labels, asked, found, strict=True)]
    whole = _whole(own)
    return whole if whole and _one_thing(whole) else None


def in_one_row(computation: Computation, evidence: Evidence) -> list[Operand] | None:
    """Return the figures of one thing at several times from one table row that has them all.

    Such a row cannot mix two things, as two rows could.
    """
    asked = [_period(question) for question in computation.operands]
    if not computation.subject or evidence.span.kind != "row" or len(asked) < 2 or not all(asked):
        return None
    return _whole(
        [
            _operand(label, period, evidence, strict=True)
            for label, period in zip(computation.labels, asked, strict=True)
        ]
    )


def _whole(operands: Sequence[Operand | None]) -> list[Operand] | None:
    """Return the operands if none is missing and no figure is used twice."""
    known = [operand for operand in operands if operand]
    places = {(o.evidence.passage.document_id, o.claim.start, o.figure.start) for o in known}
    return known if len(places) == len(operands) else None


def _period(question: str) -> Period | None:
    named = [period for period in find_periods(question) if not period.relative]
    return named[-1] if named else None


def _one_thing(operands: Sequence[Operand]) -> bool:
    """Whether operands read in several places can be one thing at several times."""
    documents = {operand.evidence.passage.document_id for operand in operands}
    rows = {_timeless(operand.claim.row or "") for operand in operands}
    return len(documents) == 1 and len(rows) == 1


def _timeless(row: str) -> str:
    for period in reversed(find_periods(row)):
        row = row[: period.start] + row[period.end :]
    return " ".join(re.findall(r"\w+", fold(row)))


def _operand(
    label: str, asked: Period | None, evidence: Evidence, *, strict: bool = False
) -> Operand | None:
    """Read one figure; with ``strict`` only from a column that the period names."""
    if evidence.span.kind != "row":
        if strict or _is_other_time(asked, evidence.quote):
            return None
        figure = _only(evidence, *evidence.answer, "")
        claim = Claim(evidence.span.start, evidence.span.end, evidence.quote)
        return Operand(label, figure, evidence, claim) if figure else None
    cells = cells_of(evidence.passage, evidence.span)
    chosen = _in_column(asked, cells, evidence, strict)
    return _cell_operand(label, chosen, evidence) if chosen else None


def _cell_operand(label: str, cell: Cell, evidence: Evidence) -> Operand | None:
    span = evidence.span
    figure = _only(evidence, cell.start, cell.end, scale_hint(evidence.passage, evidence.span))
    row = without_noise(evidence.quote.strip("| \t").split("|")[0].split("\t")[0]).strip()
    column = without_noise(cell.header).strip() or None
    text = quote_of(evidence.passage, cell.start, cell.end).strip()
    claim = Claim(span.start, span.end, text, row or None, column)
    return Operand(label, figure, evidence, claim) if figure else None


def _all_periods(computation: Computation, evidence: Evidence) -> list[Operand] | None:
    """Return a figure for each period of the row; just two if one is to be the larger."""
    if evidence.span.kind != "row":
        return None
    found = []
    for cell in cells_of(evidence.passage, evidence.span):
        periods = find_periods(cell.header)
        operand = _cell_operand(periods[-1].text, cell, evidence) if periods else None
        if operand:
            found.append(operand)
    labels = {operand.label for operand in found}
    fewest = computation.operation in ("largest", "smallest") or len(found) == 2
    return found if fewest and len(labels) == len(found) > 1 else None


def _only(evidence: Evidence, start: int, end: int, hint: str) -> Figure | None:
    """Return the one value between two offsets of the document; None if there are more or none."""
    first = evidence.span.start
    figures = [
        figure
        for figure in find_figures(evidence.quote, scale_hint=hint)
        if figure.start < end - first and figure.end > start - first and figure.kind != "year"
    ]
    return figures[0] if len(figures) == 1 and figures[0].low == figures[0].high else None


def _in_column(
    asked: Period | None, cells: Sequence[Cell], evidence: Evidence, strict: bool
) -> Cell | None:
    """Return the cell for a period: by its header, else the one where the answer stands."""
    first, last = evidence.answer
    answered = [cell for cell in cells if cell.start <= first and last <= cell.end]
    dated = [cell for cell in cells if find_periods(cell.header)]
    if asked and dated:
        fitting = [cell for cell in dated if _same_time(asked, cell.header)]
        if len(fitting) != 1:
            fitting = [cell for cell in answered if cell in fitting]
        return fitting[0] if len(fitting) == 1 else None
    name = quote_of(evidence.passage, evidence.span.start, cells[0].start) if cells else ""
    if strict or _is_other_time(asked, name):
        return None
    return answered[0] if answered else None


def _is_other_time(asked: Period | None, text: str) -> bool:
    """Whether a text names periods, and none of them may be the one that is asked for."""
    verdicts = [fits(asked, period) for period in find_periods(text)] if asked else []
    return False in verdicts and True not in verdicts


def _same_time(asked: Period, header: str) -> bool:
    """Whether a column is the asked period's: the same, or of the same year where it is a year."""
    periods = find_periods(header)
    if len({period.year for period in periods if period.year}) > 1:
        return False  # "2019 against 2018" heads a change
    if any(fits(asked, period) is True for period in periods):
        return True
    annual = ("year", "fiscal-year", "day")
    paired = _PAIR_YEAR.fullmatch(asked.text)
    return all(
        period.year == asked.year
        and {asked.kind, period.kind} <= set(annual)
        and (asked.kind != "day" or period.kind != "day")
        and (not paired or period.kind == "fiscal-year")
        for period in periods
    )

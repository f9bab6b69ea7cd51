"""The sum itself, with decimal numbers, shown with its formula in the figures as printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from rag.computing.operands import Operand
from rag.computing.planning import Computation
from rag.figures import Figure, compatible, find_figures, find_periods
from rag.figures.units import loosely_equal

_NUMBER: Final = re.compile(r"\d(?:[\d.,'’   ]*\d)?")
_SCALES: Final = {Decimal(10) ** power for power in (-2, 0, 3, 4, 6, 8, 9, 12)}
_NAMES: Final = {
    Decimal(10) ** 3: "thousands",
    Decimal(10) ** 6: "millions",
    Decimal(10) ** 9: "billions",
}
_SPENT: Final = re.compile(
    r"(?i)\b(?:costs?|expen(?:se|diture)s?|loss(?:es)?|charges?|tax(?:es)?|paid|payments?|outflows?|"
    r"depreciation|amorti[sz]ation|impairments?|provisions?|allowances?|liabilit(?:y|ies))\b"
)


@dataclass(frozen=True, slots=True)
class _Terms:
    """The operands in one scale: ``shown`` as printed and marked, ``values`` as numbers.

    A result has ``decimals`` places at least and is put between ``before`` and ``behind``; ``note``
    names a scale that only a caption gives.
    """

    shown: tuple[str, ...]
    values: tuple[Decimal, ...]
    decimals: int
    before: str
    behind: str
    note: str
    percent: bool


@dataclass(frozen=True, slots=True)
class _Printed:
    """A figure as it is printed: "$", 1.20, " billion"; ``scaled`` if the words give the scale."""

    scale: Decimal
    decimals: int
    before: str
    behind: str
    scaled: bool


def compute(
    computation: Computation, operands: Sequence[Operand], marks: Sequence[str]
) -> str | None:
    """Return the result with its formula, each figure as printed and followed by its mark.

    Args:
        computation: the plan.
        operands: its figures, see ``operands_of``.
        marks: what to put behind each figure, such as "[1]"; as many as operands.

    Returns:
        "Change in revenue from 2023 to 2024: $6.2 [2] − $5.1 [1] = $1.1 (in millions)", or None
        where the figures measure different things, their scale is doubtful or the sum has none.
    """
    terms = _terms([operand.figure for operand in operands], marks)
    if terms is None or len(operands) < 2:
        return None
    labels = [operand.label for operand in operands]
    return _SUMS[computation.operation](computation, labels, terms)


def _terms(figures: Sequence[Figure], marks: Sequence[str]) -> _Terms | None:
    known = [printed for figure in figures if (printed := _printed(figure))]
    if len(known) < len(figures) or not known or not all(_alike(figures[0], f) for f in figures):
        return None
    # Nothing is nothing in every scale.
    scales = {p.scale for f, p in zip(figures, known, strict=True) if f.low} or {Decimal(1)}
    scale = min(scales)
    # A number without any scale beside one that has it: its caption was not seen.
    if len(scales) > 1 and Decimal(1) in scales:
        return None
    smallest = next((printed for printed in known if printed.scale == scale), known[0])
    noted = any(not printed.scaled for printed in known) and scale in _NAMES
    decimals = max(max(0, p.decimals - max(0, (p.scale / scale).adjusted())) for p in known)
    percent = any(figure.kind in ("percent", "points") for figure in figures)
    return _Terms(
        tuple(f"{f.text.strip()} {mark}" for f, mark in zip(figures, marks, strict=True)),
        tuple(figure.low / scale for figure in figures),
        decimals,
        next((printed.before for printed in known if printed.before), ""),
        smallest.behind or next((p.behind for p in known if p.behind and not percent), ""),
        f" (in {_NAMES[scale]})" if noted else "",
        percent,
    )


def _alike(one: Figure, other: Figure) -> bool:
    """Whether both are of one kind and unit, as far as they say."""
    relative = [figure.kind in ("percent", "points") for figure in (one, other)]
    if relative[0] != relative[1] or not compatible(one, other):
        return False
    silent = not one.unit or not other.unit
    return silent or one.unit == other.unit or loosely_equal(one.unit, other.unit)


def _printed(figure: Figure) -> _Printed | None:
    """Take a printed figure apart; None if it has no digits, as "doubled"."""
    match = _NUMBER.search(figure.text)
    if match is None:
        return None
    for point in ".,":
        whole, _, fraction = match.group().rpartition(point)
        digits = (whole or fraction, fraction) if whole else (fraction, "")
        joined = "".join(re.findall(r"\d", digits[0]))
        if not digits[1].isdigit() and digits[1]:
            continue
        number = Decimal(joined + (f".{digits[1]}" if digits[1] else ""))
        scale = abs(figure.low) / number if number else Decimal(1)
        if scale in _SCALES:
            before = figure.text[: match.start()].strip().strip("()+-−–").strip()
            behind = figure.text[match.end() :].strip().rstrip(")").rstrip()
            own = find_figures(figure.text)
            scaled = scale == 1 or (bool(own) and abs(own[0].low) == abs(figure.low))
            if before.isalpha():
                before += " "
            return _Printed(scale, len(digits[1]), before, behind, scaled)
    return None


# Sums --------------------------------------------------------------------------------------------


def _rounded(value: Decimal, decimals: int) -> str:
    text = f"{abs(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}"
    return f"−{text}" if value < 0 and text.strip("0.,") else text


def _result(value: Decimal, terms: _Terms, decimals: int, behind: str | None = None) -> str:
    number = _rounded(value, decimals)
    sign = "−" if number.startswith("−") else ""
    unit = terms.behind if behind is None else behind
    gap = " " if unit and unit[0].isalpha() else ""
    return f"{sign}{terms.before}{number.removeprefix('−')}{gap}{unit}{terms.note}"


def _of(computation: Computation) -> str:
    return f" in {computation.subject}" if computation.subject else ""


def _change(computation: Computation, labels: Sequence[str], terms: _Terms) -> str | None:
    (before, after), (old, new) = terms.shown, terms.values
    result = _result(new - old, terms, terms.decimals, _points(terms))
    what = f"Change{_of(computation)} from {labels[0]} to {labels[1]}"
    return f"{what}: {after} − {before} = {result}"


def _points(terms: _Terms) -> str | None:
    return "percentage points" if terms.percent and terms.behind in ("%", "per cent") else None


def _percent_change(computation: Computation, labels: Sequence[str], terms: _Terms) -> str | None:
    (before, after), (old, new) = terms.shown, terms.values
    # From nothing or across zero there is no meaningful percentage; of a percentage it has two.
    if old == 0 or (old < 0) != (new < 0) or terms.percent:
        return None
    result = f"{_rounded((new - old) / old * 100, 2)}%"
    what = f"Change{_of(computation)} from {labels[0]} to {labels[1]} in per cent"
    bare = terms.shown[0].rpartition(" ")[0]
    return f"{what}: ({after} − {before}) / {bare} = {result}"


def _average(computation: Computation, labels: Sequence[str], terms: _Terms) -> str | None:
    count = len(terms.values)
    exact = sum(terms.values, Decimal()) / count
    decimals = terms.decimals
    while decimals < max(2, terms.decimals) and exact != round(exact, decimals):
        decimals += 1
    about = f" {computation.subject}" if computation.subject else ""
    what = f"Average{about} for {_listed(labels)}"
    shown = " + ".join(terms.shown)
    return f"{what}: ({shown}) / {count} = {_result(exact, terms, decimals)}"


def _sum(computation: Computation, labels: Sequence[str], terms: _Terms) -> str | None:
    about = computation.subject
    about = about if about.lower().startswith("total") else f"total {about}".strip()
    what = f"{about[:1].upper()}{about[1:]} for {_listed(labels)}"
    result = _result(sum(terms.values, Decimal()), terms, terms.decimals)
    return f"{what}: {' + '.join(terms.shown)} = {result}"


def _listed(labels: Sequence[str]) -> str:
    return f"{', '.join(labels[:-1])} and {labels[-1]}"


def _difference(computation: Computation, labels: Sequence[str], terms: _Terms) -> str | None:
    del computation
    more, less = (0, 1) if terms.values[0] >= terms.values[1] else (1, 0)
    gap = terms.values[more] - terms.values[less]
    result = _result(gap, terms, terms.decimals, _points(terms))
    what = f"Difference between {labels[0]} and {labels[1]}"
    return f"{what}: {terms.shown[more]} − {terms.shown[less]} = {result}"


def _ratio(computation: Computation, labels: Sequence[str], terms: _Terms) -> str | None:
    one, other = terms.values
    if other == 0:
        return None
    share = computation.operation == "share"
    result = f"{_rounded(one / other * 100, 2)}%" if share else _rounded(one / other, 2)
    what = f"{labels[0]} as a percentage of" if share else f"Ratio of {labels[0]} to"
    what = f"{what[:1].upper()}{what[1:]} {labels[1]}"
    return f"{what}: {terms.shown[0]} / {terms.shown[1]} = {result}"


def _rank(computation: Computation, labels: Sequence[str], terms: _Terms) -> str | None:
    """Name the first of a ranking, with all figures; equal figures are said to be equal."""
    sizes = list(terms.values)
    if all(size < 0 for size in sizes):
        if not _SPENT.search(f"{computation.subject} {' '.join(labels)}"):
            return None
        sizes = [-size for size in sizes]
    upward = computation.operation in ("larger", "largest")
    order = sorted(range(len(sizes)), key=lambda i: -sizes[i] if upward else sizes[i])
    first, *others = order
    if sizes[first] == sizes[others[0]]:
        said = "; ".join(f"{labels[i]}: {terms.shown[i]}" for i in order)
        return f"Equal: {said}{terms.note}"
    said = ", ".join(_placed(computation, labels[i], terms.shown[i]) for i in others)
    where = f" {_at(labels[first])}" if computation.subject else ""
    what = computation.subject or labels[first]
    shown = f"{what} of {terms.shown[first]}, against {said}{terms.note}"
    return f"{computation.operation.capitalize()}{where}: {shown}"


def _placed(computation: Computation, label: str, shown: str) -> str:
    return f"{shown} {_at(label)}" if computation.subject else f"{label} of {shown}"


def _at(label: str) -> str:
    return f"{'at' if any(p.kind == 'day' for p in find_periods(label)) else 'in'} {label}"


_SUMS: Final[dict[str, Callable[[Computation, Sequence[str], _Terms], str | None]]] = {
    "change": _change,
    "percent-change": _percent_change,
    "average": _average,
    "sum": _sum,
    "difference": _difference,
    "ratio": _ratio,
    "share": _ratio,
    "larger": _rank,
    "smaller": _rank,
    "largest": _rank,
    "smallest": _rank,
}

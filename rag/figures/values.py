"""The value of a figure, and when two figures give the same one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from rag.figures.units import in_base, loosely_equal

FigureKind = Literal["money", "percent", "points", "ratio", "quantity", "count", "year"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value as a text gives it; ``source[start:end] == text``.

    Attributes:
        start: offset of the first character, sign and currency included.
        end: offset behind the last one, unit and denominator included.
        text: the exact words.
        low: the value with its scale applied; a share price of 45p is 0.45.
        high: the upper end of a range, otherwise equal to ``low``.
        kind: money, percent, points (of a percentage), ratio (85.8x), quantity, count, year.
        unit: ISO code of a currency, or "$", "¥", "kr", "Rs", "peso" where the text does not say
            which; "%", "pp", "bp", "x"; "t", "GWh", "day"; for a count the noun, singular, or "".
        per: denominator of a rate: "share", "t", "year"; "" if there is none.
    """

    start: int
    end: int
    text: str
    low: Decimal
    high: Decimal
    kind: FigureKind
    unit: str = ""
    per: str = ""

    @property
    def bare(self) -> bool:
        """True for a number that nothing says anything of."""
        return self.kind == "count" and not self.unit and not self.per


def compatible(a: Figure, b: Figure) -> bool:
    """Whether two figures measure the same kind of thing, so that their values can be compared.

    Units of one dimension are compatible (MW and GW, ton and tonne), a "$" is any dollar, a bare
    number anything but a year. Denominators must agree where both have one.
    """
    if a.per and b.per and a.per != b.per:
        return False
    if a.bare or b.bare:
        return "year" not in (a.kind, b.kind)
    if {a.kind, b.kind} <= {"count", "quantity"}:
        return not (a.unit and b.unit) or in_base(a.unit)[0] == in_base(b.unit)[0]
    if a.kind != b.kind:
        return False
    if a.kind == "money":
        return loosely_equal(a.unit, b.unit)
    return in_base(a.unit)[0] == in_base(b.unit)[0]


def same_value(a: Figure, b: Figure, tolerance: float | Decimal = 0) -> bool:
    """Whether two figures give the same value, whatever the notation.

    Args:
        a: one figure.
        b: the other.
        tolerance: relative difference that still counts as equal; 0.01 is one per cent.

    Returns:
        True for 1.2 billion and 1,200 million, 0.5 % and 0.5 per cent; False unless compatible.
    """
    if not compatible(a, b):
        return False
    sizes = [in_base(figure.unit)[1] if a.unit and b.unit else Decimal(1) for figure in (a, b)]
    allowed = Decimal(str(tolerance))
    ends = ((a.low * sizes[0], b.low * sizes[1]), (a.high * sizes[0], b.high * sizes[1]))
    return all(abs(one - other) <= allowed * max(abs(one), abs(other)) for one, other in ends)

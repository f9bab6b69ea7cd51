"""What a table's caption says of the bare numbers below it, and what brackets in cells mean."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from rag.figures.plain import plain_view
from rag.figures.surroundings import Draft
from rag.figures.units import (
    CURRENCY_CODES,
    CURRENCY_SIGNS,
    CURRENCY_WORDS,
    SCALES,
    SYMBOLS,
    UNITS,
)
from rag.figures.values import Figure


class ScaleHint(NamedTuple):
    """Scale, currency and unit of bare numbers; ``not_per_share`` excepts amounts per share."""

    scale: Decimal
    currency: str
    unit: str
    not_per_share: bool


_SCALE: Final = re.compile(
    r"(?i)(?<![a-z])(thousands?|millions?|billions?|trillions?|mn|mln|mio|bn|tn|lakhs?|crores?|cr)\b"
    r"|('?000s?)(?!\d)|(?<=[$€£¥₩₹ ])(m|k|b)(?![a-z/²³])|(万亿|百万|千万|万|亿|千)"
)
_SIGNS: Final = sorted({*CURRENCY_SIGNS, *CURRENCY_CODES}, key=len, reverse=True)
_CURRENCY: Final = re.compile(
    r"(?<![A-Za-z])(" + "|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True)) + r")"
    r"(?:(?<=[^A-Za-z])|(?![a-z]))|(人民币|美元|港元|日元|欧元|英镑|元)"
    r"|(?i:\b(u\.s\. dollars|us dollars|dollars|yuan|renminbi|euros?|yen|pounds|rupees|won)\b)"
)
_UNIT_WORD: Final = re.compile(r"[A-Za-z%²³]+")


def read_scale_hint(hint: str) -> ScaleHint | None:
    """Read a caption or header: "(in millions)", "RMB million", "$'000", "单位：万元", "kt".

    Returns None when it says nothing of scale, currency or unit.
    """
    plain = plain_view(hint)[:400]
    scale = _scale_in(plain)
    currency = _currency_in(plain)
    unit, factor = ("", Decimal(1)) if currency else _unit_in(plain)
    if scale * factor == 1 and not currency and not unit:
        return None
    return ScaleHint(scale * factor, currency, unit, "per share" in plain.lower())


def _scale_in(plain: str) -> Decimal:
    match = _SCALE.search(plain)
    if match is None:
        return Decimal(1)
    word = next(group for group in match.groups() if group).lower()
    return SCALES.get(word, Decimal(1000))


def _currency_in(plain: str) -> str:
    match = _CURRENCY.search(plain)
    if match is None:
        return ""
    name = next(group for group in match.groups() if group)
    return CURRENCY_SIGNS.get(name) or CURRENCY_WORDS.get(name.lower()) or name


def _unit_in(plain: str) -> tuple[str, Decimal]:
    for word in _UNIT_WORD.findall(plain):
        if word in SYMBOLS and (len(word) > 1 or word == "t"):
            return SYMBOLS[word]
        if word == "%":
            return "%", Decimal(1)
        if (
            len(word) > 1
            and word.lower() in UNITS
            and word.lower()
            not in ("month", "months", "year", "years", "point", "points", "day", "days")
        ):
            return UNITS[word.lower()], Decimal(1)
    return "", Decimal(1)


_PER_SHARE: Final = re.compile(r"(?i)\bper (?:\w+ ){0,2}(?:share|unit|ads)\b|\bEPS\b|\bDPS\b|每股")


def with_hint(plain: str, draft: Draft, hint: ScaleHint) -> Draft:
    """Apply a caption to a figure that does not carry its own unit or scale."""
    figure = draft.figure
    same_money = figure.kind == "money" and hint.currency in (figure.unit, "", "$")
    if not (figure.bare or same_money) or figure.per:
        return draft
    if hint.unit == "%":
        return draft._replace(figure=replace(figure, kind="percent", unit="%"))
    per_share = hint.not_per_share and _PER_SHARE.search(plain) is not None
    # "1.2 billion" in a table of millions keeps its own scale.
    factor = Decimal(1) if per_share or draft.scale > 1 else hint.scale
    scaled = replace(figure, low=figure.low * factor, high=figure.high * factor)
    if figure.bare and hint.currency:
        per = "share" if per_share else ""
        scaled = replace(scaled, kind="money", unit=hint.currency, per=per)
    elif figure.bare and hint.unit:
        scaled = replace(scaled, kind="quantity", unit=hint.unit)
    return Draft(scaled, factor)


_CELL_LEFT: Final = re.compile(r"(?:^|[|\t]|  |[$€£¥]) ?[$€£¥]? ?\( ?$")
_CELL_RIGHT: Final = re.compile(r" ?%? ?\)(?: ?%)?(?= *(?:$|[|\t\n]|  ))")


def with_brackets(plain: str, draft: Draft, *, in_cells: bool) -> Draft:
    """Read accounting negatives: "(1,234)" alone in a cell is -1,234."""
    figure = draft.figure
    opening = plain.rfind("(", max(0, figure.start - 3), figure.start + 4)
    if opening < 0 or figure.kind == "year" or not (in_cells or _is_cell(plain)):
        return draft
    if not _CELL_LEFT.search(plain, max(0, opening - 4), opening + 1):
        return draft
    closing = _CELL_RIGHT.match(plain, figure.end)
    if closing is None:
        return draft
    start = min(figure.start, opening)
    return draft._replace(figure=_negative(figure, start, closing.end()))


def _is_cell(plain: str) -> bool:
    return len(plain) < 40 and plain.lstrip(" $€£¥").startswith("(")


def _negative(figure: Figure, start: int, end: int) -> Figure:
    return replace(figure, start=start, end=end, low=-figure.high, high=-figure.low)

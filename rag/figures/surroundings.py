"""Reads what a number measures from the words around it.

Before it: a currency and a sign. Behind it: a scale, per cent, a currency, a unit or the noun that
is counted, and a denominator. Words are looked up in the tables of ``units``, the longest name
first.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from rag.figures.numbers import Number
from rag.figures.units import (
    CENT_WORDS,
    COUNTED,
    CURRENCY_CODES,
    CURRENCY_SIGNS,
    CURRENCY_WORDS,
    PER,
    PERCENT,
    SCALES,
    SYMBOLS,
    UNITS,
    listed,
    singular,
)
from rag.figures.values import Figure, FigureKind

_ONE: Final = Decimal(1)
_BARE_LETTERS: Final = {"A", "K", "V", "L", "h"}


class Draft(NamedTuple):
    """A figure whose text is not cut yet, and the factor its own words gave it (kt: 1,000)."""

    figure: Figure
    scale: Decimal


class _Measure(NamedTuple):
    end: int
    kind: FigureKind
    unit: str
    factor: Decimal = _ONE


def draft_of(plain: str, number: Number, taken: int = 0) -> Draft | None:
    """Return the figure that ``number`` is with its surroundings; None if it is no figure.

    What stands before the offset ``taken`` belongs to another figure.
    """
    if number.sort == "ratio":
        value = number.value
        return Draft(Figure(number.start, number.end, "", value, value, "ratio", "x"), _ONE)
    before = _read_before(plain, number.start, taken)
    if number.joined and not before.currency:
        return None
    end, scale = _read_scales(plain, number.end, money=bool(before.currency))
    if before.currency == "ZAR?" and scale == 1:
        return None
    currency = before.currency.rstrip("?")
    measure = _read_measure(plain, end, scaled=scale > 1, value=number.value)
    if currency and measure.kind != "money":
        measure = _Measure(end, "money", currency)
    elif currency:
        measure = measure._replace(unit=currency)
    if measure.kind == "count" and _too_thin(number, measure, scale):
        return None
    factor = scale * measure.factor
    value = number.value * factor
    value = -value if before.minus else value
    end, per = _read_per(plain, measure.end, measure.kind)
    return Draft(
        Figure(before.start, end, "", value, value, measure.kind, measure.unit, per), factor
    )


def _too_thin(number: Number, measure: _Measure, scale: Decimal) -> bool:
    """A lone "one", or "12,5" that could be two numbers, is no figure without a unit."""
    if measure.unit or scale > 1:
        return False
    return (number.sort == "words" and number.value <= 1) or (
        number.decimal_comma and number.end - number.start < 5
    )


# Before ------------------------------------------------------------------------------------------

_SIGNS: Final = sorted({*CURRENCY_SIGNS, *CURRENCY_CODES} - {"ALL", "TOP"}, key=len, reverse=True)
_BEFORE: Final = re.compile(
    r"(?:(?<![A-Za-z])(?P<sign>" + "|".join(map(re.escape, _SIGNS)) + r")"
    r"|(?<![A-Za-z])(?P<rand>R)|(?P<chinese>人民币|美元|港元|欧元|日元)) ?(?P<minus>[-–+]?)\(?$"
)
_SIGNED: Final = re.compile(r"(?:^|(?<=[\s|(:,;]))[-–+]$")


class _Before(NamedTuple):
    start: int
    currency: str = ""
    minus: bool = False


def _read_before(plain: str, start: int, taken: int) -> _Before:
    """Read sign and currency: "–5", "US$ 5", "-$5", "R5.2 million"."""
    left = plain[start - 1 : start] if start > taken else ""
    if not left or (left.islower() and left not in "hsłčtpr"):
        return _Before(start)
    match = _BEFORE.search(plain, max(taken, start - 8), start)
    currency, minus = "", False
    if match:
        sign = match["sign"] or match["chinese"]
        currency = CURRENCY_SIGNS.get(sign) or CURRENCY_WORDS.get(sign, sign) if sign else "ZAR?"
        minus = match["minus"] in ("-", "–")
        start = match.start()
    if (
        start > taken
        and plain[start - 1] in "-–+"
        and _SIGNED.search(plain, max(0, start - 2), start)
    ):
        start -= 1
        minus = minus or plain[start] in "-–"
    return _Before(start, currency, minus)


# Behind ------------------------------------------------------------------------------------------

_WORD: Final = re.compile(
    r"[ -]?(sq\. ?(?:m|ft|km)\b|[A-Za-z°µμ][A-Za-z°²³µ./$]*|[%‰×℃²³¢]"
    r"|[$€£¥₩₹](?! ?\d)|[\u4e00-\u9fff]{1,4})"
)
_LETTERS: Final = {"k", "K", "m", "M", "b", "B", "t", "T", "mm"}
_SHORT: Final = {"cr", "mil", "l"}


def _read_scales(plain: str, end: int, *, money: bool) -> tuple[int, Decimal]:
    """Read up to two scale words ("hundred million", 千万, "m")."""
    scale = _ONE
    for _ in range(2):
        match = _WORD.match(plain, end)
        if match is None:
            break
        step = _scale_word(plain, match, money)
        if step is None:
            break
        end, factor = step
        scale *= factor
    return end, scale


def _scale_word(plain: str, match: re.Match[str], money: bool) -> tuple[int, Decimal] | None:
    word = match[1].rstrip("./$")
    begin = match.start(1)
    if not word:
        return None
    if word[0] >= "\u4e00":
        size = next((size for size in (2, 1) if word[:size] in SCALES), 0)
        return (begin + size, SCALES[word[:size]]) if size else None
    head = word.split("/")[0]
    if head in _LETTERS:
        return _scale_letter(plain, match, head, money)
    lowered = head.lower()
    if lowered not in SCALES or (lowered in _SHORT and not money):
        return None
    return begin + len(head), SCALES[lowered]


def _scale_letter(
    plain: str, match: re.Match[str], letter: str, money: bool
) -> tuple[int, Decimal] | None:
    """A bare letter is a scale behind money, or where something counted follows: "1.2m users"."""
    stop = match.start(1) + len(letter)
    joined = match.start(1) == match.start()
    if letter in ("t", "T", "mm"):
        fits = money and (joined or letter == "mm")
        return (stop, SCALES["trillion" if letter in "tT" else "million"]) if fits else None
    if not money and not (joined and letter in "kBM") and not _counts_something(plain, stop):
        return None
    if letter in "KB" and not joined and not money:
        return None
    return stop, SCALES[letter.lower()]


def _counts_something(plain: str, end: int) -> bool:
    if plain[end : end + 1] != " ":
        return False
    return _measure_word(plain, end, scaled=True) is not None or _noun_behind(plain, end) != ""


def _read_measure(plain: str, end: int, *, scaled: bool, value: Decimal) -> _Measure:
    measure = _measure_word(plain, end, scaled=scaled)
    if measure and not (measure.unit == "KRW" and value < 20 and not scaled):
        if measure.unit == "GBP" and plain.startswith(" of ", measure.end):
            return measure._replace(kind="quantity", unit="lb")
        return measure
    return _Measure(end, "count", _noun_behind(plain, end))


def _measure_word(plain: str, end: int, *, scaled: bool) -> _Measure | None:
    """Look up the next one to four words, the longest name first."""
    spaced = plain[end : end + 1] == " "
    for stop in reversed(_word_ends(plain, end)):
        name = plain[end:stop].lstrip(" -")
        found = _lookup(name, spaced)
        if found is None and "-" in name:
            found = _lookup(name.replace("-", " "), spaced)
        if found is None and "/" in name:
            head = name[: name.index("/")]
            found, stop = _lookup(head, spaced), stop - (len(name) - len(head))
        if found and not (scaled and found[1] == "m"):
            return _Measure(stop, *found)
    return None


def _word_ends(plain: str, end: int) -> list[int]:
    ends: list[int] = []
    for _ in range(4):
        match = _WORD.match(plain, end)
        if match is None or (ends and match.start(1) == match.start()):
            break
        word = match[1]
        if word[0] >= "\u4e00":
            return ends + [match.start(1) + size for size in range(1, len(word) + 1)]
        stripped = word.rstrip("./")
        end = match.end() - (len(word) - len(stripped))
        ends.append(end)
        if end != match.end():
            break
    return ends


def _lookup(name: str, spaced: bool) -> tuple[FigureKind, str, Decimal] | None:
    """Return kind, unit and factor of a name; short symbols are looked at with their case."""
    lowered = name.lower()
    if lowered in PERCENT:
        kind: FigureKind = PERCENT[lowered][0]
        return kind, PERCENT[lowered][1], _ONE
    if name in SYMBOLS:
        return None if spaced and name in _BARE_LETTERS else ("quantity", *SYMBOLS[name])
    if lowered in CENT_WORDS and not (spaced and len(lowered) == 1):
        return "money", CENT_WORDS[lowered], Decimal("0.01")
    if lowered in CURRENCY_WORDS:
        return "money", CURRENCY_WORDS[lowered], _ONE
    if name in CURRENCY_SIGNS or name in CURRENCY_CODES:
        return "money", CURRENCY_SIGNS.get(name, name), _ONE
    if lowered in UNITS:
        return "quantity", UNITS[lowered], _ONE
    if lowered in COUNTED:
        return "count", COUNTED[lowered], _ONE
    return None


_NOUN: Final = re.compile(r"[ -]([a-z]{3,24})(?: ([a-z]{3,24}))?(?![A-Za-z])")
_NO_NOUN: Final = frozenset(
    listed(
        "was has its this less plus versus does across towards perhaps always times others thus "
        "various gross rises falls shows says makes gives remains stands comes the and for from "
        "with than per against compared after before during over under below above last next more "
        "new were are had have will would that which who into out off via bus basis previous goes "
        "hours"
    )
)


def _noun_behind(plain: str, end: int) -> str:
    """Return the noun counted ("14 plants", "57 steel wells") in the singular; "" without one."""
    match = _NOUN.match(plain, end)
    if match is None:
        return ""
    for word in match.groups():
        if word is None or (word in _NO_NOUN and word != "new"):
            return ""
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            return singular(word)
    return ""


_PER: Final = re.compile(
    r"(?:(?: of(?: [\w-]{1,24}){1,3}?)?(?: ?/ ?| per | an? | each |-per-)"
    r"(?:metric |ordinary |square )?)"
    r"([A-Za-z][A-Za-z²³]*)(?! (?:earlier|ago|before|later|previously))|/([\u4e00-\u9fff]{1,2})"
)
_PER_ALONE: Final = re.compile(r" (annually|yearly|monthly|daily|weekly|apiece)\b")


def _read_per(plain: str, end: int, kind: FigureKind) -> tuple[int, str]:
    """Read the denominator of a rate: "per tonne", "/t", "of ore a year"."""
    if plain[end : end + 1] not in (" ", "/", "-"):
        return end, ""
    match = _PER.match(plain, end)
    if match:
        word = match[1] or match[2]
        per = PER.get(word) or PER.get(word.lower())
        if per:
            return match.end(), per
    if kind != "percent" and (alone := _PER_ALONE.match(plain, end)):
        return alone.end(), PER.get(alone[1], "unit")
    return end, ""

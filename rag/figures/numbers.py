"""Finds bare numbers, in digits or words, and tells those that are no quantity.

Ordinals, times, versions, codes ("NXR-120"), labels ("Note 5", "Phase 2") and list numbers are
left out. What a number measures is read by ``surroundings``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from rag.figures.units import NUMBER_WORDS


class Number(NamedTuple):
    """A number: where it stands and its value.

    ``sort`` is "digits", "words", or "ratio" for what needs no unit ("doubled", "two-thirds of");
    ``joined`` says that a letter stands right before it, so that it must be a currency's.
    """

    start: int
    end: int
    value: Decimal
    sort: str
    joined: bool = False
    decimal_comma: bool = False


_DIGITS: Final = (
    r"\d{1,3}(?:,\d{3})+(?:\.\d{1,9})?(?!\d|,\d{3})"
    r"|\d{1,2}(?:,\d{2}){1,5},\d{3}(?:\.\d{1,9})?(?!\d)"
    r"|\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?(?!\d|[.,]\d)"
    r"|\d{1,3}(?:'\d{3})+(?:\.\d{1,9})?(?!\d)"
    r"|\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d)"
    r"|\d{1,3}(?:\.\d{3}){2,}(?![\d.])"
    r"|\d{1,30},\d{1,2}(?![\d,.])"
    r"|\d{1,30}(?:\.\d{1,12})?(?!\d)"
)
_ONES: Final = "one|two|three|four|five|six|seven|eight|nine"
_TEENS: Final = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS: Final = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SMALL: Final = rf"(?:(?:{_TENS})(?:[- ](?:{_ONES}))?|{_TEENS}|{_ONES})"
_PART_WORDS: Final = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_MULTIPLES: Final = {
    **{"doubled": "2", "twice": "2", "tripled": "3", "trebled": "3"},
    **{"quadrupled": "4", "halved": "0.5"},
}
_NUMBER: Final = re.compile(
    rf"(?P<digits>(?<![\d_])(?<!\d[.,])(?:{_DIGITS}))"
    r"|\b(?=[adefhnoqstADEFHNOQST])(?i:"
    r"(?P<part>half(?= (?:of|the|its|their|a)\b)(?! the year| a year)"
    r"|(?:one|two|three|four|a)[- ](?:third|fifth|tenth|quarter)s?(?= of\b)"
    r"|(?:two|three|four)[- ](?:thirds|fifths|tenths)\b)"
    rf"|(?P<multiple>{'|'.join(_MULTIPLES)})\b"
    rf"|(?P<words>(?:{_SMALL}|a) hundred(?: and {_SMALL})?|{_SMALL}|a dozen"
    r"|a(?= (?:million|billion|trillion)\b))\b)"
)
_HUNDREDS_END: Final = re.compile(r"[- ]+")


def numbers_in(plain: str, start: int = 0) -> list[Number]:
    """Return the numbers of ``plain`` (a ``plain_view``) that can be quantities, by place."""
    found: list[Number] = []
    for match in _NUMBER.finditer(plain, start):
        number = _number(plain, match)
        if number is not None:
            found.append(number)
    return found


def _number(plain: str, match: re.Match[str]) -> Number | None:
    start, end = match.span()
    sort = match.lastgroup
    text = match.group()
    if sort == "multiple":
        return Number(start, end, Decimal(_MULTIPLES[text.lower()]), "ratio")
    if sort == "part":
        return Number(start, end, _part_value(text.lower()), "ratio")
    if sort == "words":
        return Number(start, end, _words_value(text.lower()), "words")
    before = plain[start - 1 : start] if start else ""
    if _is_no_quantity(plain, start, end, before):
        return None
    comma = len(text) > 2 and (text[-2] == "," or text[-3] == ",")
    return Number(start, end, _digits_value(text, comma), "digits", _letter(before), comma)


def _letter(char: str) -> bool:
    return char.isalpha() and not "\u3400" <= char <= "\u9fff"


def _digits_value(digits: str, decimal_comma: bool) -> Decimal:
    if digits.isdigit():
        return Decimal(digits)
    if decimal_comma:
        return Decimal(re.sub(r"[. ']", "", digits).replace(",", "."))
    cleaned = re.sub(r"[, ']", "", digits)
    return Decimal(cleaned if cleaned.count(".") < 2 else cleaned.replace(".", ""))


def _words_value(words: str) -> Decimal:
    if words == "a dozen":
        return Decimal(12)
    total = 0
    for word in _HUNDREDS_END.split(words):
        if word == "hundred":
            total = max(total, 1) * 100
        else:
            total += NUMBER_WORDS.get(word, 0)
    return Decimal(total or 1)


def _part_value(words: str) -> Decimal:
    if words == "half":
        return Decimal("0.5")
    count, part = re.split(r"[- ]", words)
    return Decimal(NUMBER_WORDS.get(count, 1)) / _PART_WORDS[part.removesuffix("s")]


# What is no quantity -----------------------------------------------------------------------------

_BEHIND_CODE: Final = re.compile(
    r"(?i)(?:st|nd|rd|th)\b|:\d|(?:\.\d+){2}|[-/]\d+[-/]\d|/\d|[-/](?=[A-Za-z]\w*\d)"
)
_LABEL: Final = re.compile(
    r"(?:\b(?:[Nn]otes?|[Pp]ages?|pp?\.|[Ss]ections?|[Cc]hapters?|[Ii]tems?|[Aa]rticles?|[Rr]ules?"
    r"|Tables?|[Ff]igures?|Fig\.|No\.?|Nos\.|[Nn]r\.?|[Pp]hases?|[Vv]ersion|Topics?|IFRS|IAS|ASC|ASU"
    r"|HKFRS|Levels?|Tier|Route|Highway|Form|Exhibit|Appendix|Schedule|ISO|Grade|Step|Part|Annex"
    r"|[Ss]tage|Unit|Train|Building|Block|Line|Scope|Basel|Class|Series|Regulation|Directive|Act"
    r"|Formula|Area|Lot|Gate|Terminal|Pier|Hall|Studio) |[#§:]|^#{1,6} |\n#{1,6} )$"
)
_CODE_BEFORE: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*[-/]$|\w\.$")
_ITEM_BEFORE: Final = re.compile(r"(?:^|(?<=\n))[ \t]*(?:[-*•] )?\(?$")


def _is_no_quantity(plain: str, start: int, end: int, before: str) -> bool:
    """Whether a number names or orders something instead of measuring it."""
    behind = plain[end : end + 1]
    if (behind and behind in "sSnNrRtT:./-") and _BEHIND_CODE.match(plain, end):
        return True
    if not before:
        return _numbers_item(plain, start, end)
    if before == "'" and plain.startswith("000", start):
        return True
    if before in " :#§" and _LABEL.search(plain, max(0, start - 12), start):
        return before != ":" or plain[start - 2 : start - 1].isdigit()
    if before == "/" and plain[start - 2 : start - 1].isdigit():
        return True
    if before in "-/." and _CODE_BEFORE.search(plain, max(0, start - 16), start):
        return not plain[max(0, start - 4) : start].endswith(("S/", "Rs.", "Fr."))
    if before == "[" and behind == "]":
        return True
    return _numbers_item(plain, start, end)


def _numbers_item(plain: str, start: int, end: int) -> bool:
    """Whether it counts items: "1. ", "2) ", "(3) " at the opening of a line."""
    if end - start > 2 or plain[end : end + 1] not in (".", ")") or end + 1 >= len(plain):
        return False
    if plain[end + 1] not in " \t\n":
        return False
    return _ITEM_BEFORE.search(plain, max(0, start - 8), start) is not None

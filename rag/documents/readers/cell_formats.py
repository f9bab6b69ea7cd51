"""A cell's value and number format -> what the sheet shows, as far as formats say it plainly.

Decimals, digit groups, percent, scaling commas, currency signs, brackets for negatives, dates.
What a format hides by colours or conditions is shown; fractions are shown as decimals.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\-\]]*)[^\]]*\]|\[[^\]]*\]')
_DIGITS = re.compile(r"[0#?](?:[0#?,]*[0#?])?(?:\.[0#?]+)?,*|\.[0#?]+")
_DATE_MARK = re.compile(r"y+|m+|d+|h+|s+|am/pm", re.IGNORECASE)


def displayed(value: object, number_format: str = "General") -> str:
    """Return a cell as text; empty for an empty one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, number_format or "General")
    if isinstance(value, datetime):
        return _date(value, number_format)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value).strip()


def _number(value: float, number_format: str) -> str:
    """Return a number in its format; as it is stored where the format is not understood."""
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    sections = _sections(number_format)
    section = sections[0]
    negative = value < 0
    if negative and len(sections) > 1:
        section, negative = sections[1], False
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    plain = _marked(section)
    match = _DIGITS.search(plain)
    if "General" in section or section == "@" or "E+" in plain.upper() or "/" in plain:
        return _plain(value)
    if match is None:  # only words, such as "-" for zero
        return _words(plain) or _plain(value)
    before, behind = plain[: match.start()], plain[match.end() :]
    percent = "%" in plain
    shown = _digits(abs(value) * (100 if percent else 1), match[0])
    return ("-" if negative else "") + _words(before) + shown + _words(behind, behind=True)


def _sections(number_format: str) -> list[str]:
    """Return the parts of a format for positive, negative, zero; semicolons in quotes stay."""
    parts, quoted = [""], False
    for mark in number_format:
        quoted ^= mark == '"'
        if mark == ";" and not quoted:
            parts.append("")
        else:
            parts[-1] += mark
    return parts


def _marked(section: str) -> str:
    """Return a section with its literals between NUL marks, so that no digit mark is in them."""
    return _LITERAL.sub(
        lambda found: f"\0{found[1] or found[2] or found[3] or ''}\0".replace("\0\0", ""), section
    ).replace("#,##0.00_)", "#,##0.00")


def _words(marked: str, behind: bool = False) -> str:
    """Return the literal text around the digits."""
    text = re.sub(r"[0#?]", "", marked) if "\0" not in marked else marked
    text = text.replace("\0", "")
    return text.rstrip() if behind else text.lstrip()


def _digits(value: float, mask: str) -> str:
    """Return a number with the mask's decimals and groups; trailing commas divide by 1,000."""
    scaling = len(mask) - len(mask.rstrip(","))
    whole, _, decimals = mask.rstrip(",").partition(".")
    number = Decimal(repr(value)) / (Decimal(1000) ** scaling)
    rounded = number.quantize(Decimal(1).scaleb(-len(decimals)), rounding=ROUND_HALF_UP)
    shown = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    least = len(decimals) - decimals.count("#")
    while "." in shown and shown[-1] == "0" and len(shown.partition(".")[2]) > least:
        shown = shown[:-1]
    return shown.rstrip(".") if "." in shown else shown


def _plain(value: float) -> str:
    """Return a number as General shows it, without the noise of binary fractions."""
    if isinstance(value, int) or value == int(value):
        return str(int(value))
    return f"{Decimal(f'{value:.11g}'):f}"


def _date(value: datetime, number_format: str) -> str:
    """Return a date as its format orders it; ISO where it is not understood."""
    section = _sections(number_format or "")[0]
    marks = _DATE_MARK.findall(re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", section))
    has_time = bool(value.hour or value.minute or value.second)
    if not marks or any(mark[0] in "hHsS" for mark in marks):
        return value.isoformat(" ", "minutes") if has_time else value.date().isoformat()
    kinds = [mark.lower() for mark in marks]
    if kinds in (["yyyy"], ["yy"]):
        return str(value.year)
    months = next((mark for mark in kinds if mark[0] == "m"), "")
    if len(months) >= 3 and not any(mark[0] == "d" for mark in kinds):
        return f"{value:%b} {value.year}" if len(months) == 3 else f"{value:%B} {value.year}"
    if len(months) >= 3:
        return (
            f"{value.day} {value:%b} {value.year}"
            if len(months) == 3
            else (f"{value.day} {value:%B} {value.year}")
        )
    return value.date().isoformat()

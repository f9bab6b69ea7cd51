"""Folding: text as it is compared, spelling differences that mean nothing left out."""

from __future__ import annotations

import re
import unicodedata

# Format characters (zero-width, bidi, soft hyphen, variation selectors) and controls but blanks.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]+"
)
_HYPHEN = re.compile("[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]")
_APOSTROPHE = re.compile("[\u2018\u2019\u201a\u201b\u02bc\u2032`\u00b4]")
_QUOTE = re.compile("[\u201c-\u201f\u2033\u00ab\u00bb]")
# Digit groups: "100 000", "1'000'000", "1.000.000" not after a letter ("Q2 100"), "100,000" and
# "1,23,456" also after one ("RMB5,000"). A first group of four digits is a year, not a group.
_GROUPED = re.compile(
    r"[1-9](?<![\d.,][1-9])\d{0,2}"
    r"(?:(?:,\d{2,3})*,\d{3}(?!\d|,\d)"
    r"|(?<![^\W\d]\d)(?<![^\W\d]\d\d)(?<![^\W\d]\d\d\d)"
    r"(?:(?: \d{3})+(?! ?\d)|(?:'\d{3})+(?!\d)|(?:\.\d{3}){2,}(?!\d)))"
)
_SEPARATORS = str.maketrans("", "", " ,.'")


def fold(text: str) -> str:
    """Return ``text`` as it is compared: spelling differences that mean nothing are gone.

    Unicode compatibility forms (full width, sub- and superscripts, ligatures), case, kinds of
    hyphen, apostrophe and blank are made one; invisible characters are left out; digit groups are
    joined ("100 000", "100,000" -> "100000"). Offsets do not survive.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
        text = _HYPHEN.sub("-", _APOSTROPHE.sub("'", _QUOTE.sub('"', text)))
    else:
        text = _INVISIBLE.sub("", text.lower())
    # Groups are joined before runs of blanks become one: columns are not groups.
    return " ".join(_GROUPED.sub(lambda m: m[0].translate(_SEPARATORS), text).split())

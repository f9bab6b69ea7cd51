"""Bytes -> text: byte order mark, strict UTF-8, then a guess that is named.

Text is decoded and otherwise left alone; line breaks stay as they are. Guessing asks first which
kind of script the bytes beyond ASCII can be, since the statistics of charset_normalizer alone are
wrong on short texts. This module knows nothing of files or formats. It owns charset_normalizer.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple


class Decoded(NamedTuple):
    """Text, what it was decoded as, and a note on what was guessed or lost."""

    text: str
    encoding: str
    note: str = ""


_BOMS = {  # UTF-32 first: its mark begins with that of UTF-16
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe\0\0": "utf-32-le",
    b"\0\0\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
}
_SAMPLE = 200_000  # bytes looked at for a guess

# Lead bytes of what fills a text in each double-byte code: punctuation, kana or hangul, and the
# first level of ideographs, which the standards order by frequency of use.
_FREQUENT = {
    "cp932": [(0x81, 0x83), (0x88, 0x97)],
    "euc_jp": [(0xA1, 0xA1), (0xA3, 0xA5), (0xB0, 0xCF)],
    "cp949": [(0xA1, 0xA3), (0xB0, 0xC8)],
    "gb18030": [(0xA1, 0xA1), (0xA3, 0xA3), (0xB0, 0xD7)],
    "big5": [(0xA1, 0xC6)],
}
_OTHER_SCRIPTS = ["cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874", "gb18030", "big5hkscs"]
# Letters beyond ASCII, by language, for choosing between the Latin code pages.
_CENTRAL = ["ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áéíóöőúüű", "ăâîşţ", "čćđšž", "áäčďéíĺľňóôŕšťúýž"]
_WESTERN = [
    "àâæçèéêëîïôœùûüÿ",
    "äöüß",
    "áéíñóúü",
    "áâãàçéêíóôõú",
    "àèéìíîòóùú",
    "åäöæøé",
    "áðéíóúýþæö",
]
_LATIN = {"cp1252": _WESTERN, "cp1250": _CENTRAL, "iso8859_2": _CENTRAL, "cp1254": ["çğıöşüâîû"]}
_BEYOND_ASCII = re.compile(
    r"[\x80-\x9f]|(?<=[^\W\d_])[^\x00-\x7f\s’–—…](?=[^\W\d_])|[^\x00-\x7f\W\d]"
)


def decode(data: bytes) -> Decoded:
    """Return ``data`` as text without its byte order mark; never fails, never gives surrogates."""
    for mark, codec in _BOMS.items():
        if data.startswith(mark):
            return _checked(data[len(mark) :], codec)
    if 20 * data.count(0) > len(data) and (wide := _wide(data)):
        return wide
    utf8 = _checked(data, "utf-8")
    lost = utf8.text.count("\ufffd") if utf8.note else 0
    # One broken byte in ten good characters is a damaged file, not another encoding.
    if not lost or sum(map("\x7f".__lt__, utf8.text)) > 11 * lost:
        return utf8
    if b"\0" in data and (wide := _wide(data)):
        return wide
    codec = _guess(data if len(data) < _SAMPLE else data[: data.rfind(b"\n", 0, _SAMPLE)])
    guessed = _checked(data, codec)
    return guessed._replace(note=f"encoding guessed: {codec}; {guessed.note}".rstrip("; "))


def _checked(data: bytes, codec: str) -> Decoded:
    """Decode, and say so if some bytes could not be."""
    try:
        return Decoded(data.decode(codec), codec)
    except UnicodeDecodeError:
        return Decoded(data.decode(codec, "replace"), codec, f"bytes that are not {codec}: \ufffd")


def _wide(data: bytes) -> Decoded | None:
    """Return UTF-16 or UTF-32 text without a mark, None if it is neither."""
    best, chosen = -1, None
    for codec in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        sample = text[:10_000]
        # Read in the wrong order, a line break is an unassigned character and a blank a rare one.
        kinds = [unicodedata.category(c) for c in sample if c not in "\t\n\r\f"]
        odd = sum(kind in ("Cc", "Cn", "Co") for kind in kinds)
        usual = sum(map(sample.count, " \n,.，。、"))
        if 100 * odd <= len(sample) <= 200 * usual and usual > best:
            best, chosen = usual, Decoded(text, codec, f"encoding guessed: {codec}")
    return chosen


def _guess(sample: bytes) -> str:
    """Return the most plausible code page of bytes that are not UTF-8."""
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", sample)]
    # In Latin text the bytes beyond ASCII stand alone; in all other scripts they come in rows.
    if 5 * sum(length < 3 for length in runs) >= 4 * len(runs):
        return _latin(sample)
    if codec := _double_byte(sample):
        return codec
    import charset_normalizer

    match = charset_normalizer.from_bytes(sample, cp_isolation=_OTHER_SCRIPTS).best()
    return match.encoding if match else _latin(sample)


def _double_byte(sample: bytes) -> str:
    """Return the East Asian code in which the characters are frequent ones; empty if none."""
    best, chosen = 0.85, ""
    for codec, ranges in _FREQUENT.items():
        try:
            text = sample.decode(codec)
        except UnicodeDecodeError:
            continue
        leads = [c.encode(codec)[0] for c in text if c > "\x7f"]
        share = sum(any(a <= lead <= b for a, b in ranges) for lead in leads) / len(leads)
        kana = sum("\u3041" <= c <= "\u30ff" for c in text) / len(leads)
        if (kana > 0.2) == (codec in ("cp932", "euc_jp")) and share > best:
            best, chosen = share, codec
    return chosen


def _latin(sample: bytes) -> str:
    """Return the Latin code page in which most letters belong to one language."""
    best, chosen = -1.0, "latin-1"
    for codec, alphabets in _LATIN.items():
        try:
            text = sample.decode(codec)
        except UnicodeDecodeError:
            continue
        found = _BEYOND_ASCII.findall(text.lower())
        share = max(sum(c in letters for c in found) for letters in alphabets) / (len(found) or 1)
        if share > best:
            best, chosen = share, codec
    return chosen

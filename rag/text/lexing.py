"""Lexical tokens: folded, split, stemmed; the same for questions and documents."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain, pairwise

from rag.text.folding import fold

# Scripts written without blanks between words: single characters and pairs are their tokens.
DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_LETTER = rf"(?:(?![{DENSE}])[^\W_]|[\u0900-\u0963\u0966-\u0dff])"
# Runs are cut at 64 characters so that a word of a million letters stays harmless.
_CHUNK = re.compile(
    rf"[{DENSE}]{{1,64}}|{_LETTER}{{1,64}}(?:[-'.&/]{_LETTER}{{1,64}})*|[%\u2030€£₹$]"
)
_IS_DENSE = re.compile(f"[{DENSE}]")
_HAN = re.compile("[\u4e00-\u9fff]")
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]+")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_POSSESSIVE = re.compile(r"'s?(?![^\W\d_])")
_INITIALS = re.compile(r"[^\W\d_](?:[.&/][^\W\d_])+|[^\W\d_]{1,2}&[^\W\d_]{1,2}")
_PERIOD = re.compile(r"([1-4])([qh])(\d{2,4})?")
_CODE = re.compile(r"([^\W\d_]{1,4})(\d{1,4})")
_PIECE = re.compile(r"\d+(?:\.\d+)*|(?:(?!\d)[\w\u0900-\u0dff])+")
_UNIT = {"t": "tonne"}  # only directly behind a number
_ALIAS = {
    **dict.fromkeys(["%", "pct", "percentage"], "percent"),
    **dict.fromkeys(["wk", "wks"], "week"),
    **dict.fromkeys(["yr", "yrs"], "year"),
    **dict.fromkeys(["qtr", "qtrs"], "quarter"),
    **dict.fromkeys(["mth", "mths"], "month"),
    **dict.fromkeys(["mn", "mln", "mio"], "million"),
    **dict.fromkeys(["bn", "bln"], "billion"),
    **dict.fromkeys(["trn", "tn"], "trillion"),
    **dict.fromkeys(["ton", "tons"], "tonne"),
    **dict.fromkeys(["rmb", "yuan", "renminbi"], "cny"),
    **dict.fromkeys(["$", "dollar", "dollars"], "usd"),
    **dict.fromkeys(["€", "euro", "euros"], "eur"),
    **dict.fromkeys(["₹", "inr", "rupee", "rupees"], "inr"),
    **{"£": "gbp", "mkt": "market", "avg": "average", "govt": "government", "ltd": "limited"},
    **{"programme": "program", "programmes": "programs", "aluminium": "aluminum", "grey": "gray"},
    **{"catalogue": "catalog", "catalogues": "catalogs", "sulphur": "sulfur"},
    **{"intl": "international", "approx": "approximately", "mgmt": "management", "vs": "versus"},
}
# British endings and their American forms; documents and questions mix the two.
_BRITISH = (
    (re.compile(r"(?<=[a-z]{3})our(?=$|(?:s|ed|ing|able|al|ist|ite|ful|less|er|ers|hood)$)"), "or"),
    (re.compile(r"(?<=[a-z]{3})is(?=(?:e|es|ed|ing|er|ers|able|ation|ations)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{3})ys(?=(?:e|es|ed|ing)$)"), "yz"),
    (re.compile(r"(?<=[a-z]{2})([bt])re(?=s?$)"), r"\1er"),
    (re.compile(r"^(def|off|lic|pret)ence"), r"\1ense"),
)
_FUNCTION_WORDS = (
    "a about after again all also am an and any are as at be because been before being between "
    "both but by can could did do does doing during each either else for from further had has "
    "have having he her here hers him his how i if in into is it its itself just me more most my "
    "neither no nor not of off on once only or other our ours out over own same she should so "
    "some such than that the their theirs them then there these they this those through to too "
    "under until up upon very was we were what when where whether which while who whom whose why "
    "will with within without would you your yours shall may might must much many please tell "
    "的 了 是 在 和 吗 呢 与 及 之"
)
_local = threading.local()


def tokens(text: str) -> list[str]:
    """Return the lexical tokens of ``text``, folded and stemmed, in their order.

    A hyphenated compound gives its parts and the joined form (Nd-Fe-B: nd, fe, b, ndfeb), digits
    are split from letters (52wk: 52, week), scripts without blanks give characters and pairs.
    Function words are kept.
    """
    folded = fold(text).replace("per cent", "percent")
    if not folded.isascii():
        bare = _MARKS.sub("", unicodedata.normalize("NFD", folded))
        folded = unicodedata.normalize("NFC", bare).translate(_PLAIN)
    return list(chain.from_iterable(map(_expand, _CHUNK.findall(folded))))


def content_tokens(text: str) -> list[str]:
    """Return the tokens of ``text`` without function words ("the", "of", "which")."""
    function_words = function_tokens()
    return [token for token in tokens(text) if token not in function_words]


def is_chinese(text: str) -> bool:
    """Return whether a text has Chinese characters."""
    return bool(_HAN.search(text))


def pairs(words: Sequence[str]) -> list[str]:
    """Return "a b" for each two neighbours among ``words``, function words left out."""
    function_words = function_tokens()
    content = [word for word in words if word not in function_words]
    return [f"{first} {second}" for first, second in pairwise(content)]


@cache
def function_tokens() -> frozenset[str]:
    """Return the tokens of function words ("the", "of", "which")."""
    return frozenset(tokens(_FUNCTION_WORDS))


@lru_cache(maxsize=1 << 16)
def _expand(chunk: str) -> tuple[str, ...]:
    """Return the tokens of one run of letters, digits and inner punctuation."""
    if _IS_DENSE.match(chunk):
        return (*chunk, *map("".join, pairwise(chunk)))
    chunk = _POSSESSIVE.sub("", chunk).replace("'", "")
    if _INITIALS.fullmatch(chunk):  # U.S., R&D, P/E
        return (re.sub(r"\W", "", chunk),)
    parts = [part for part in re.split(r"[-/&]", chunk) if part]
    found = [token for part in parts for token in _part(part)]
    if 1 < len(parts) < 5 and all(part.isalpha() for part in parts):
        found.append(_stem("".join(parts)))
    return tuple(found)


def _part(part: str) -> list[str]:
    """Return the tokens of a chunk without hyphens."""
    if match := _PERIOD.fullmatch(part):  # 1H25 is H1 25
        return [match[2] + match[1], *filter(None, [match[3]])]
    if match := _CODE.fullmatch(part):  # FY2024: also fy and 2024; but Q2 is one token
        letters, digits = match.groups()
        return [part, *([_stem(letters), digits] if len(letters) > 1 or len(digits) > 2 else [])]
    pieces = _PIECE.findall(part) or [part]
    if len(pieces) == 2 and pieces[0][0].isdigit():
        pieces[1] = _UNIT.get(pieces[1], pieces[1])
    return [_number(p) if p[0].isdigit() else _stem(p) for p in pieces]


def _number(digits: str) -> str:
    """Drop the zeros that do not change a decimal: 48.90 is 48.9."""
    return digits.rstrip("0").rstrip(".") if digits.count(".") == 1 else digits


def _stem(word: str) -> str:
    word = _ALIAS.get(word, word)
    if len(word) < 3 or not word.isascii():
        return word
    for british, american in _BRITISH:
        word = british.sub(american, word)
    if not hasattr(_local, "stemmer"):  # a Stemmer is not safe to share between threads
        import Stemmer

        _local.stemmer = Stemmer.Stemmer("english")
    stemmed: str = _local.stemmer.stemWord(word)
    return stemmed

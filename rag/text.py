"""Text, for matching and for counting: folding, tokens, sentence spans, line numbers.

Folded text and tokens are for matching only and never quoted; spans are offsets into the text as
it came. Everything is symmetric: questions and documents go through the same functions. This
module knows nothing of documents, passages or figures.
"""

from __future__ import annotations

import html
import re
import threading
import unicodedata
from functools import cache, lru_cache
from itertools import chain, pairwise

# --- folding -------------------------------------------------------------------------------------

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


# --- tokens --------------------------------------------------------------------------------------

# Scripts written without blanks between words: single characters and pairs are their tokens.
_DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_LETTER = rf"(?:(?![{_DENSE}])[^\W_]|[\u0900-\u0963\u0966-\u0dff])"
# Runs are cut at 64 characters so that a word of a million letters stays harmless.
_CHUNK = re.compile(
    rf"[{_DENSE}]{{1,64}}|{_LETTER}{{1,64}}(?:[-'.&/]{_LETTER}{{1,64}})*|[%\u2030€£₹$]"
)
_IS_DENSE = re.compile(f"[{_DENSE}]")
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
    **{"intl": "international", "approx": "approximately", "mgmt": "management", "vs": "versus"},
}
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
    function_words = _function_tokens()
    return [token for token in tokens(text) if token not in function_words]


@cache
def _function_tokens() -> frozenset[str]:
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
    if not hasattr(_local, "stemmer"):  # a Stemmer is not safe to share between threads
        import Stemmer

        _local.stemmer = Stemmer.Stemmer("english")
    stemmed: str = _local.stemmer.stemWord(word)
    return stemmed


# --- sentences and lines -------------------------------------------------------------------------

_LINE = re.compile("[^\r\n\x0b\x0c\x85\u2028\u2029]+")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]*_]*\s+|[。！？][”’」』）]*")
_WINDOW = 4000  # characters
_SYMBOL = re.compile(r"(?:^|[\s(\[])(?:[A-Z][a-z]?){1,3}$")  # of a chemical element: O, CO, Fe
_STOPS = frozenset(".!?…。！？")
_CLOSING = "\"'”’»)]*_」』）》 \t\xa0"
_CLOSERS = re.compile(r"[*_\"'”’»)\]]+(?:\s+|$)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"“‘])(?:approx|ca|cf|vs|nos?|nr|figs?|vol|pp?|art|sec|ch|est|rs|mt|st|ft|dept|"
    r"co|ltd|inc|corp|plc|bros|bhd|pty|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|i\.e|e\.g)\.$",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:^|[\s(\"“‘])(?:Dr|Mr|Mrs|Ms|Prof|Gen|Sen|Rep|Gov|Capt|Lt|St|Messrs)\.$")
_GOES_ON = re.compile(r"[(\[\"'“‘*_]*(?:[a-zà-öø-ÿ](?![A-Z])|[,;:)])")
_NUMBER_AHEAD = re.compile(r"[(\[$€£]*\d")
_RUN_IN = re.compile(r"(?:\*\*[^*]+\*\*|__[^_]+__)[.:?!]?")
_WORD = re.compile(r"[^\W\d_]")


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the (start, end) offsets of the sentences in ``text[start:end]``, ascending.

    A line break ends a sentence unless the lines are one paragraph filled to a width. Fragments
    ("Ltd.", "3.", a bold run-in) stay with their neighbour; spans carry no blanks at their ends.
    """
    spans: list[tuple[int, int]] = []
    for first, last in _unwrapped(text, start, end):
        pieces = _pieces(text, first, last)
        spans += _merged(text, [span for piece in pieces if (span := trim(text, *piece))])
    return spans


def trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the range without blanks at its ends, None if nothing is left."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if start < end else None


def line_of(text: str, offset: int) -> int:
    """Return the number of the line that holds ``offset``, from 1."""
    breaks = text.count("\n", 0, offset) + text.count("\r", 0, offset)
    return breaks - text.count("\r\n", 0, offset) + 1


def goes_on(line: str, following: str) -> bool:
    """Return whether the break between two lines falls inside a sentence, however wide they are.

    Pages turned into text break before a subscript ("93 % O", "2 gas") or after any word.
    """
    if _SYMBOL.search(line) and following[:1].isdigit():
        return True
    return len(line) >= 40 and line[-1] not in _STOPS and following[:1].islower()


def _unwrapped(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the lines of ``text[start:end]``, those of a filled paragraph joined."""
    lines = [match.span() for match in _LINE.finditer(text, start, end)]
    width = max((last - first for first, last in lines), default=0)
    width = width if 40 <= width <= 120 and len(lines) > 2 else 0
    joined = lines[:1]
    for above, line in pairwise(lines):
        if _continues(text, above, line, width):
            joined[-1] = (joined[-1][0], line[1])
        else:
            joined.append(line)
    return joined


def _continues(text: str, above: tuple[int, int], line: tuple[int, int], width: int) -> bool:
    """Return whether a line goes on with the one above, being broken off there or filled.

    In a paragraph filled to a width, the first word of a line would not have fitted above.
    """
    gap = text[above[1] : line[0]]
    before, after = text[slice(*above)].strip(), text[slice(*line)].strip()
    if not before or not after or gap.count("\n") > 1 or gap.count("\r") > 1:
        return False
    full = len(before) + 1 + len(after.split(None, 1)[0]) > width > 0
    return goes_on(before, after) or (full and before[-1] not in "|:：")


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return contiguous raw sentences of one line."""
    line = re.sub("[\r\n]", " ", text[start:end])
    cuts, base = {0, len(line)}, 0
    while base < len(line):  # sentencex takes quadratic time, so long lines go in windows
        found = _boundaries(line[base : base + _WINDOW])
        if base + _WINDOW < len(line) and len(found) > 1:
            found.pop()  # the window may have cut the last one
        for last in found:  # what closes a quotation or emphasis stays with its sentence
            last += base
            closing = None if line[last - 1].isspace() else _CLOSERS.match(line, last)
            cuts.add(closing.end() if closing else last)
        base += found[-1]
    return [(start + a, start + b) for a, b in pairwise(sorted(cuts))]


def _boundaries(line: str) -> list[int]:
    """Return where the sentences of ``line`` end; by own rules should sentencex lose count."""
    from sentencex import get_sentence_boundaries

    found = [(b["start_index"], b["end_index"]) for b in get_sentence_boundaries("en", line)]
    if [0, *(last for _, last in found)] != [*(first for first, _ in found), len(line)]:
        return sorted({match.end() for match in _SENTENCE_END.finditer(line)} | {len(line)})
    return [last for _, last in found]


def _merged(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join pieces that are no sentence by themselves to a neighbour on the same line."""
    out: list[tuple[int, int]] = []
    before = ""  # the last piece, which alone tells whether its sentence is over
    for start, end in pieces:
        piece = text[start:end]
        if out and _belongs(before, piece):
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
        before = piece
    if len(out) > 1 and _is_fragment(text[slice(*out[-1])]):
        (start, _), (_, end) = out[-2:]
        out[-2:] = [(start, end)]
    return out


def _belongs(before: str, after: str) -> bool:
    """Return whether ``after`` continues the sentence ``before``."""
    if before.rstrip(_CLOSING)[-1:] not in _STOPS:
        return True
    if _GOES_ON.match(after) or _TITLE.search(before) or _is_fragment(before):
        return True
    if _ABBREVIATION.search(before) and _NUMBER_AHEAD.match(after):
        return True
    # A Japanese quotation that ends a sentence is often followed by its particle.
    return before[-1] in "」』" and "\u3041" <= after[0] <= "\u309f"


def _is_fragment(piece: str) -> bool:
    """Return whether a piece is too little to stand alone: "Ltd.", "3.", "**Capex.**"."""
    if _RUN_IN.fullmatch(piece) or not _WORD.search(piece):
        return True
    if _IS_DENSE.search(piece):
        return len(piece) < 5
    return len(piece) < 15 and len(piece.split()) < 2


# --- wording -------------------------------------------------------------------------------------

_NOISE = re.compile(
    r"\s*[(\[]\s*(?:opens? (?:up )?in (?:a )?new (?:tab|window)|external link|link opens[^)\]]*"
    r"|citation needed|edit|sic)\s*[)\]]"  # what browsers and wikis add
    r"|\s*\[\^?\d{1,3}\](?!\()"  # footnote marks
    r"|(?<=[^\W\d_]{3})[\u00b9\u00b2\u00b3\u2070-\u2079]+(?![^\W_])"
    r"|</?[a-zA-Z][^<>]{0,200}>",
    re.IGNORECASE,
)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = re.compile(r"(?<![^\W_])(\*\*\*|\*\*|__|\*|_|`)(?=\S)(.+?)(?<=\S)\1(?![^\W_])")
_MARKER = re.compile(r"^\s*(?:#{1,6}\s+|>\s*|[-*+•‣◦▪●–]\s+)+")


def without_noise(quote: str) -> str:
    """Return a quote as it reads in an answer: no "(opens in a new tab)", emphasis or list marks.

    For wording only; the citation keeps the exact words.
    """
    text = _LINK.sub(r"\1", _MARKER.sub("", quote))
    text = _NOISE.sub("", html.unescape(text))
    for _ in range(3):  # emphasis nests: **_x_**
        text, changed = _EMPHASIS.subn(r"\2", text)
        if not changed:
            break
    return " ".join(text.split())

"""What kind of answer a question wants, by its wording. English and Chinese.

The rules look at the question word, at the noun behind "which" and "what", and at verbs that give
the sense away ("what caused", "what became of"). A query without a question word is taken for a
figure, which is what people type tersely, unless its words name something else.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Final

from rag.figures.units import NUMBER_WORDS, listed
from rag.questions.kind_rules import (
    AMOUNT_VERBS,
    AUX,
    BE,
    CHINESE,
    DATES,
    FIRST,
    LATER,
    LEAD,
    MEASURES,
    NUM,
    PERSONS,
    PLACES,
    PREPOSITION,
    WH,
    Kind,
)
from rag.questions.terms import measured_in, metrics_found
from rag.questions.wanting import wanted_unit

_ABOUT: Final = re.compile(r"^(?:tell me about|explain (?!why)|describe|summari[sz]e)\b")
_OPEN: Final = re.compile(rf"^{AUX} ")
_STATE: Final = re.compile(
    r"\b(?:yet$|still (?:running|operating|closed|open|halted)|finished|completed?|running"
    r"|under ?way|approved|cleared|operational|in operation|on track|on schedule)\b"
)
_QUOTED_AT: Final = re.compile(
    r"^where (?:did|do|does|will) .{1,60}\b(?:close|end|finish|trade|stand at)\b"
)


_NOUNS: Final[tuple[tuple[Kind, str], ...]] = (
    ("place", PLACES),
    ("date", DATES),
    ("figure", MEASURES),
    ("name", PERSONS),
)
_PREPOSITIONS: Final = frozenset(listed("of for in on at from to by with per between and or than"))
_NOUN_PHRASE: Final = re.compile(rf"\b{WH}\b((?: (?!{AUX}\b)[\w&'.-]+){{0,5}})( {AUX}\b)?")
_AMOUNT: Final = re.compile(
    rf"^what (?:.{{1,80}} )?(?:{AMOUNT_VERBS}(?! up\b)(?: .{{1,60}})?"
    r"|(?:turn over|close at|bring in|sell for|trade at|go for|settle at|amount to)(?: .{1,60})?)$"
)


def kind_of(question: str) -> Kind:
    """Return the kind of answer that a folded question wants."""
    for kind, pattern in CHINESE:
        if pattern.search(question):
            return kind
    asked = PREPOSITION.sub("", LEAD.sub("", question.rstrip("?!. "), count=1))
    if _ABOUT.match(asked):
        return "explanation"
    if _OPEN.match(asked):
        return _polar(asked)
    for kind, pattern in FIRST:
        if pattern.search(asked):
            return kind
    if _QUOTED_AT.match(asked):
        return "figure"
    if re.search(rf"\b{WH}\b", asked) and not re.search(r"\b(?:when|where|who|why|how)\b", asked):
        return _by_noun(asked)
    for kind, pattern in LATER:
        if pattern.search(asked):
            return kind
    return _by_content(asked)


def _polar(asked: str) -> Kind:
    """Yes or no, unless two things are offered or it is asked how far something is."""
    if " or " in asked and not asked.endswith(" or not"):
        return "comparison"
    if re.search(r",? and (?:why|how|when|who|what|where)\b", asked):
        return "explanation"
    return "status" if _STATE.search(asked) else "yesno"


def _by_noun(asked: str) -> Kind:
    """Judge "which …" and "what …" by the noun that follows, singular or plural."""
    match = _NOUN_PHRASE.search(asked)
    words = match[1].split() if match else []
    if words and match and match[2] and (kind := _head_kind(words)):
        return kind
    for word, following in zip_longest(words[:4], words[1:4], fillvalue=""):
        if kind := _noun_kind(word):
            return _noun_kind(following) or kind
        if asked.startswith("which") and _single(word) != word:
            return "list"
    if _AMOUNT.search(asked):
        return "figure"
    if re.match(rf"what{BE} (?:[\w&'.-]+ ){{0,8}}?(?:name|slogan|title|brand)\b", asked):
        return "name"
    noun = re.match(rf"what{BE} (?:[\w&'.-]+ ){{0,8}}?{MEASURES}\b", asked)
    if noun or measures(asked):
        return "figure"
    if re.search(rf"{BE} .*{DATES}\b", asked):
        return "date"
    if re.fullmatch(rf"what{BE} (?:an? )?[\w&'.\"-]+(?: [\w&'.\"-]+){{0,3}}", asked):
        return "definition"
    return "name" if asked.startswith("which") else "explanation"


def _head_kind(words: list[str]) -> Kind | None:
    """What the noun right before "is", "did", "has" … asks for: the stages in "product stages"."""
    joint = next((place for place, word in enumerate(words) if word in _PREPOSITIONS), len(words))
    if not joint:
        return None
    head = words[joint - 1]
    if kind := _noun_kind(head):
        return kind
    if _single(head) == head:
        return None
    return "figure" if any(measured_in(name) for _, _, name in metrics_found(head)) else "list"


def _noun_kind(word: str) -> Kind | None:
    """What a noun behind "which" asks for; several places or persons are a list."""
    single = _single(word)
    for kind, nouns in _NOUNS:
        if re.fullmatch(nouns, single):
            return "list" if single != word and kind in ("place", "name") else kind
    return None


def _single(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def measures(asked: str) -> bool:
    """Whether a question names something that is measured, or a unit."""
    named = any(measured_in(name) for _, _, name in metrics_found(asked))
    return named or wanted_unit(asked) != ("", "")


_OFFICES: Final[dict[str, Kind]] = {"headquarters": "place", "general meeting": "date"}
_PAID: Final = re.compile(r"\b(?:pay|salary|bonus|fees?)\b")


def _by_content(asked: str) -> Kind:
    """A terse query wants a figure, unless it names a person's office or a place."""
    metrics = [name for _, _, name in metrics_found(asked)]
    if metrics and not _PAID.search(asked) and not any(measured_in(name) for name in metrics):
        return _OFFICES.get(metrics[0], "name")
    return "figure" if measures(asked) or 1 < len(asked.split()) <= 12 else "explanation"


def items_asked(question: str, kind: Kind) -> int | None:
    """Return how many items a list question asks for, 0 when it does not say, None if no list."""
    if kind != "list":
        return None
    match = re.search(rf"\b{NUM}\b", question)
    if match is None:
        return 0
    word = match.group()
    return int(word) if word.isdigit() else NUMBER_WORDS[word]

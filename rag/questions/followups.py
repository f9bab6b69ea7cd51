"""Completes a follow-up from the turns before it: "and the low?", "is it finished yet?".

Rules about form only: what is left out or pointed at by a pronoun is taken from the last question
and, for "who controls them in turn?", from its answer. A question that stands by itself is left
alone.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from rag.figures.units import listed
from rag.questions.naming import names_in
from rag.questions.swapping import swapped
from rag.questions.terms import metrics_found
from rag.types import History


class Completed(NamedTuple):
    """A follow-up made whole, and words to search for besides; empty where it says all."""

    text: str
    context: str


_MAX_TURNS: Final = 6
_MAX_CHARACTERS: Final = 500
_LEAD: Final = re.compile(
    r"(?i)^(?:(?:and|but|so|ok(?:ay)?|then|also|or|now|well|plus|hmm)\b,? |那么?|另外)*"
    r"(?:(?:what|how) about |what of |(?:the )?same for )?(?P<rest>.+?)(?:呢[?？]?)?$",
    re.DOTALL,
)
_OPENER: Final = re.compile(
    r"(?i)^(?:and|but|or|so|then|also|plus|what about|how about|what of|(?:the )?same for)\b|^那"
    r"|呢[?？]?$"
)
_PRONOUN: Final = re.compile(
    r"(?i)\b(?P<word>it|its|they|them|their|theirs|he|she|him|his|her|hers|that|this|those|these|"
    r"the former|the latter|the same|the other(?: one)?s?|the company|the group|there|then|ones?)\b"
)
_WHOLE: Final = re.compile(
    r"(?i)^(?:(?:by|in|at|for|to|from|until|since|on|with|of|under) )?(?:who|what|when|where|which"
    r"|why|how|whom|whose)\b|^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would"
    r"|should|list|name|show|give|tell)\b"
)
_ALONE: Final = re.compile(
    r"(?i)^(?:and |but )?(?:why|how|when|where|who|since when|how so|how come)(?: (?:is|was) "
    r"that)?\W*$"
)
_MARKS: Final = re.compile(r"\s*\[\d{1,3}\]")


def complete(question: str, history: History) -> Completed | None:
    """Return the question made whole, or None when it stands by itself.

    Args:
        question: as asked, stripped.
        history: earlier turns, oldest first; answers may carry citation marks such as [1].
    """
    turns = [(asked.strip(), said) for asked, said in history if asked.strip()][-_MAX_TURNS:]
    match = _LEAD.match(question)
    if not turns or match is None:
        return None
    rest = match["rest"].strip()
    if not _leans(question, rest):
        return None
    asked, said = _last_whole(turns)
    context = f"{asked} {said}"
    if _ALONE.match(question):
        return Completed(_asked_again(rest, asked, said), context)
    if _WHOLE.match(rest) and (len(rest.split()) > 2 or _PRONOUN.search(rest)):
        return Completed(_pointed(rest, asked, said), context)
    if not _OPENER.match(question) and (named := _named_again(rest, asked)):
        return Completed(named, "")
    done = swapped(rest, asked)
    return Completed(done, "") if done else Completed(f"{_stem(asked)}: {rest}", context)


def _last_whole(turns: list[tuple[str, str]]) -> tuple[str, str]:
    """The last turn, its own question completed from the one before."""
    asked, said = (text[:_MAX_CHARACTERS] for text in turns[-1])
    done = complete(asked, turns[:-1])
    return (done.text if done else asked), _MARKS.sub("", said)


def _leans(question: str, rest: str) -> bool:
    """Whether something is missing: an opener, a pronoun without antecedent, or a mere fragment."""
    pronoun = _PRONOUN.search(rest)
    dangling = pronoun is not None and not _has_antecedent(rest, pronoun)
    named = bool(names_in(rest))
    words = rest.rstrip("?!. ").split()
    if _WHOLE.match(rest):
        return dangling or (not named and (len(words) < 3 or bool(_OPENER.search(question))))
    if _OPENER.search(question):
        return True
    return dangling or (len(words) <= 3 and not (named and metrics_found(rest)))


_EXPLETIVE: Final = re.compile(
    r"(?i)\b(?:is|was|does|did|has|will|would) it\b.{0,40}\b(?:that|to)\b|\bit (?:take|cost)s? to\b"
    r"|\bthere (?:is|are|was|were|any)\b|\b(?:is|are|was|were) there\b"
    r"|\b(?:the )?same (?:period|half|quarter|month|year|time)\b|\b(?:which|what|only) ones? "
    r"(?:is|are)\b"
)
_POINTERS: Final = frozenset({"that", "this", "these", "those", "one", "ones", "then", "there"})
_AFTER_POINTER: Final = frozenset(
    listed(
        "is are was were mean means indicate indicates compare happen happens happened imply "
        "implies change changed much many cost costs come came include includes affect work "
        "worked begin start started finish done for and in not expected due going planned likely "
        "before after"
    )
)


def _has_antecedent(rest: str, pronoun: re.Match[str]) -> bool:
    """A name or noun phrase stands before it, or "that" and "this" go with a noun of their own."""
    if _EXPLETIVE.search(rest):
        return True
    word = pronoun["word"].lower()
    if word in ("the company", "the group", "the same"):
        return True
    before, behind = rest[: pronoun.start()], rest[pronoun.end() :].split()
    if word in _POINTERS and behind and len(behind[0]) > 2:
        return behind[0].lower().rstrip("?") not in _AFTER_POINTER
    return bool(names_in(before)) or sum(len(part) > 3 for part in before.split()) > 3


def _stem(question: str) -> str:
    return question.rstrip("?!. \u3000？")


def _asked_again(rest: str, asked: str, said: str) -> str:
    """Ask "why?" of the statement that was the answer."""
    word = rest.rstrip("?!. ").split()[0].capitalize()
    statement = re.split(r"(?<=[.!?])\s", said.strip())[0].rstrip(".!? ") or _stem(asked)
    return f"{word}: {statement}?"


def _named_again(rest: str, asked: str) -> str | None:
    """Give a terse new metric the name that was spoken of: "P/E?" becomes "P/E Acme?"."""
    if not metrics_found(rest):
        return None
    named = names_in(asked)
    return f"{_stem(rest)} {named[0]}?" if named else rest


# What a pronoun points at ------------------------------------------------------------------------

_PEOPLE: Final = frozenset({"he", "she", "him", "his", "her", "hers"})
_MANY: Final = frozenset({"they", "them", "their", "theirs", "those", "these"})
_POSSESSIVES: Final = frozenset({"its", "their", "his", "theirs", "hers"})
_APPENDED: Final = frozenset({"then", "there", "one", "ones", "the same"})


def _pointed(rest: str, asked: str, said: str) -> str:
    """Put the thing meant in the place of the first pronoun; append it where that reads badly."""
    pronoun = _PRONOUN.search(rest)
    word = pronoun["word"].lower() if pronoun else ""
    topic = _topic(asked, said, word, rest)
    if not topic:
        return f"{_stem(asked)}: {rest}"
    if topic.lower() in rest.lower():
        return rest
    if pronoun is None or word in _APPENDED or word.startswith("the other"):
        return f"{_stem(rest)} ({topic})?"
    followed = re.match(r" [a-z]", rest[pronoun.end() :])
    possessive = word in _POSSESSIVES or (word == "her" and followed)
    replacement = f"{topic}'s" if possessive else topic
    return rest[: pronoun.start()] + replacement + rest[pronoun.end() :]


_ASKS_NAME: Final = re.compile(r"(?i)\b(?:who|whom|whose|which)\b")
_MOVES: Final = re.compile(
    r"(?i)\b(?:rise|rose|fall|fell|grow|grew|increase|decrease|drop|decline|change|compare|go up"
    r"|go down|shrink|improve|expected|forecast|due|paid|calculated|mean|indicate|include)\w*"
)
_STOP: Final = (
    r"(?:is|are|was|were|has|have|be|been|for|in|at|on|by|to|and|or|with|from|this|that|it|as|of"
    r"|reduce|rise|grow|cost|have|own|pay|cover|start|end|mean|do|can|will|during|since|until"
    r"|over)\b"
)
_PHRASE: Final = re.compile(
    rf"(?i)\b((?:an?|the|each|every|its|their|his|her)\s+(?!{_STOP})[^\W_](?:[\w'’-]|,(?=\d))*"
    rf"(?:\s+(?!{_STOP})[\w'’%-]+){{0,5}}(?:\s+of\s+(?:the\s+)?[\w'’&.-]*\w)?)"
)
_OWNED: Final = r"(?i){}['’]s?\s+(?:[a-z][\w-]*\s+){{0,3}}?[a-z][\w-]*"


def _topic(asked: str, said: str, pronoun: str, rest: str) -> str:
    """Return what a pronoun most likely points at, in words; empty if nothing offers itself."""
    named = names_in(asked)
    fresh = [name for name in names_in(said) if not any(name in other for other in named)]
    phrase = _phrase(asked, named)
    if fresh and (pronoun in _PEOPLE or (pronoun in _MANY and _ASKS_NAME.search(asked))):
        return fresh[0]
    if pronoun in _PEOPLE and named:
        return named[0]
    about_metric = phrase and metrics_found(phrase)
    if phrase and (not about_metric or _MOVES.search(rest) or not named) and pronoun != "its":
        return phrase
    if phrase and pronoun == "its" and not about_metric:
        return phrase
    if named:
        return named[0]
    return phrase or (fresh[0] if fresh else "")


def _phrase(asked: str, named: tuple[str, ...]) -> str:
    """The noun phrase that was asked about, with its owner instead of "its"."""
    for name in named:
        owned = re.search(_OWNED.format(re.escape(name)), asked)
        if owned and metrics_found(owned.group()):
            start, end, _ = metrics_found(owned.group())[0]
            return owned.group()[:end] if start else owned.group()
    match = _PHRASE.search(asked)
    if match is None:
        return ""
    words = _stem(match[1]).split()
    if len(words) > 2 and re.search(r"(?:ed|ing)$", words[-1]):
        words = words[:-1]
    if named and words[0].lower() in ("its", "their", "his", "her"):
        words[0] = f"{named[0]}'s"
    return " ".join(words)

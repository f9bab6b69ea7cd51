"""A question to what must be computed: the operation, and a question for each of its figures.

Rules about form only, for English; a question that they do not clearly fit is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from rag.computing.timing import HERE, Periods, time_of, years_between
from rag.questions import Question

Operation = Literal[
    "change",
    "percent-change",
    "average",
    "sum",
    "difference",
    "ratio",
    "share",
    "larger",
    "smaller",
    "largest",
    "smallest",
]


@dataclass(frozen=True, slots=True)
class Computation:
    """What is to be computed, and from what.

    Attributes:
        operation: "share" is a ratio in per cent; a change runs from the first operand to the
            second, in the order of time.
        subject: what it is computed of, in the words of the question; "" where labels name it.
        operands: complete questions, each for one figure. A single one where the question leaves
            open which periods are compared: a table row must then tell.
        labels: what each operand is called in the result; empty for a single open operand.
    """

    operation: Operation
    subject: str
    operands: tuple[str, ...]
    labels: tuple[str, ...]


# Planning ----------------------------------------------------------------------------------------

_PREFIX: Final = re.compile(
    r"(?i)^(?:(?:for|in|at|from|about|regarding|according to|based on) [^:?]{2,80}: |"
    r"(?:according to|based on) [^,:?]{2,60}, )"
)
_OPENING: Final = re.compile(
    r"(?i)^(?:(?:and|so|then|please|also) )*"
    r"(?:(?:what|how (?:much|large|big|high))(?:['’]s| is| was| were| are| has been)? |"
    r"(?:calculate|compute|find|determine|give(?: me)?|show(?: me)?|tell me) )?(?:the )?"
)
_MOVE: Final = (
    r"(?:change|increase|decrease|decline|rise|fall|drop|reduction|difference|movement|variance)"
)
_MOVES: Final = rf"{_MOVE}(?: ?(?:/|or|and)? ?\(?{_MOVE}\)?)?"
_PERCENT: Final = r"(?:percent(?:age)?|per ?cent|%)"
_CHANGE: Final = re.compile(rf"(?i)^(?:total |overall |absolute )?{_MOVES}(?P<rest>.+)$")
_PERCENT_CHANGE: Final = re.compile(
    rf"(?i)^(?:(?:overall )?{_PERCENT} (?:of )?(?:the )?(?:{_MOVES}|growth)|"
    rf"growth(?: rate| in {_PERCENT})?|rate of (?:growth|increase|decrease|change)|"
    rf"{_MOVES},? (?:in|as a) {_PERCENT}(?: terms)?)(?P<rest>.+)$"
)
_REST: Final = re.compile(rf"(?i)^(?P<early> ?{HERE})? (?:in|of|for|to) (?P<x>.+)$")
_MOVED: Final = re.compile(
    rf"(?i)^(?:by )?(?:(?P<share>what {_PERCENT}|how many per ?cent)|how much|what amount)"
    r" (?:did|has|have|had|does) (?P<x>.+?) (?:have )?"
    r"(?:changed?|increased?|decreased?|declined?|grow|grown|rise|risen|fall|fallen|drop|dropped|"
    rf"climb|improve|shrink|gone? (?:up|down)|move)(?: by)?(?P<rest> ?{HERE}.*)$"
)
_MORE: Final = r"(?:larger|bigger|greater|higher|more)"
_LESS: Final = r"(?:smaller|lower|less)"
_HIGHER: Final = re.compile(
    rf"(?i)^how much (?:{_MORE}|{_LESS}) (?:is|was|were) (?P<x>.+? ?{HERE}.*)$"
)
_MORE_OF: Final = re.compile(
    rf"(?i)^how (?:much|many) (?:{_MORE}|{_LESS}|fewer) (?P<x>.+?) "
    rf"(?:(?:is|was|were|are) there|(?:did|does|had|has|have) .+?) ?{HERE}$"
)
_AVERAGE: Final = re.compile(r"(?i)^(?:average|mean)(?: (?:annual|yearly))?(?: of)? (?P<x>.+)$")
_SUM: Final = re.compile(
    r"(?i)^(?:(?:sum|total|combined total)(?: amount)? of(?: the)?|combined) (?P<x>.+)$"
)
_TOTAL: Final = re.compile(
    r"(?i)^(?P<x>total .+|.+(?=,? (?:combined|in total|together|altogether)$))"
    r"(?:,? (?:combined|in total|together|altogether))?$"
)
_AVERAGED: Final = re.compile(
    r"(?i)\b(?:rates?|prices?|yields?|ages?|li(?:fe|ves)|maturit(?:y|ies)|terms?|temperatures?|"
    r"salar(?:y|ies)|wages?|employees|headcount|duration)\b"
)
_PAIRS: Final[tuple[tuple[Operation, re.Pattern[str]], ...]] = (
    ("difference", re.compile(r"(?i)^difference between (?P<both>.+)$")),
    ("ratio", re.compile(r"(?i)^ratio (?:of (?P<a>.+?) to (?P<b>.+)|between (?P<both>.+))$")),
    (
        "share",
        re.compile(
            rf"(?i)^(?P<a>.+?),? (?:expressed )?as an? (?:{_PERCENT}|proportion|share|fraction)"
            r" (?:of|to) (?P<b>.+)$"
        ),
    ),
    ("sum", re.compile(r"(?i)^(?:(?:sum|total|combined total) of|combined) (?P<both>.+)$")),
    ("average", re.compile(r"(?i)^(?:average|mean) of (?P<both>.+)$")),
)
_MOST: Final = r"(?:largest|biggest|greatest|highest|most)"
_LEAST: Final = r"(?:smallest|lowest|least)"
_RANK: Final = rf"(?P<rank>{_MORE}|{_LESS}|{_MOST}|{_LEAST})"
_WHICH: Final = re.compile(
    rf"(?i)^(?:which|what)(?: one)? (?:is|was|were|are) (?:the )?{_RANK}(?: one)?"
    rf"(?P<early> ?{HERE})?[,:–-]? (?P<a>.+?),? or (?P<b>.+)$"
)
_EITHER: Final = re.compile(
    rf"(?i)^(?:is|was|were|are) (?P<a>.+?),? or (?P<b>.+?) (?:the )?{_RANK}(?P<late> ?{HERE})?$"
)
_WHEN: Final = re.compile(
    r"(?i)^(?:(?:in |for |during )?(?:which|what) (?:(?:fiscal |financial )?years?|period)"
    rf"(?: ?{HERE})? )?(?:is|was|were|are) (?P<x>.+?) (?:the )?{_RANK}[,:]?(?: ?{HERE})?$"
)
_NESTED: Final = re.compile(
    rf"(?i)\b(?:{_PERCENT}|ratio|proportion|respectively|difference|expressed|each|per year)(?!\w)"
    r"|^(?:it|they|this|that|these|those)\b|[?!;]"
)
_POSSESSED: Final = re.compile(
    r"(?i)^(?:its|their|our|his|her|my|an?|this|these|all|any)\b|^\S+['’]s? "
)
_LONGEST: Final = 30  # words of one thing that is measured


def plan(asked: Question) -> Computation | None:
    """Return what must be computed to answer a question, or None where nothing clearly must.

    A change needs two named periods, a difference or ratio two named things: "How much did output
    grow in 2025?" asks for what a document states. To be called before ``asked.parts`` is looked
    at, which may split a question at the periods that are to be averaged.
    """
    if asked.refusal is not None:
        return None
    text = " ".join(asked.read_text.split()).rstrip(" ?.!")
    named = _PREFIX.match(text)
    prefix = named.group() if named else ""
    body = text[len(prefix) :]
    when = Periods.found(body)
    if when is None:
        return None
    if timed := _over_time(prefix, when):
        return timed
    # "The difference between a bond and a share" is explained, not computed.
    measured = when.periods or asked.metrics
    return (_of_two(prefix, when) if measured else None) or _ranked(prefix, when)


# A question over time, of two things, or for a rank ----------------------------------------------


def _over_time(prefix: str, when: Periods) -> Computation | None:
    """Plan a change, average or sum over two or more periods."""
    if len(when.periods) < 2:
        return None
    body = when.body
    asked = _OPENING.sub("", body, count=1)
    if moved := _MOVED.match(body):
        operation: Operation = "percent-change" if moved["share"] else "change"
        return _timed(prefix, operation, f"{moved['x']}{_spaced(moved['rest'])}", when)
    if higher := _HIGHER.match(body):
        return _timed(prefix, "change", higher["x"], when)
    if more := _MORE_OF.match(body):
        return _timed(prefix, "change", f"{more['x']} {HERE}", when)
    for operation, pattern in (("percent-change", _PERCENT_CHANGE), ("change", _CHANGE)):
        if (match := pattern.match(asked)) and (rest := _REST.match(match["rest"])):
            subject = f"{rest['x']} {HERE}" if rest["early"] else rest["x"]
            return _timed(prefix, operation, subject, when)
    if (match := _AVERAGE.match(asked)) and not _AVERAGED.search(match["x"]):
        return _timed(prefix, "average", match["x"], when)
    if match := _SUM.match(asked) or _TOTAL.match(asked):
        return _timed(prefix, "sum", match["x"], when)
    return None


def _timed(prefix: str, operation: Operation, subject: str, when: Periods) -> Computation | None:
    """Ask for the subject in each period."""
    whole = _clean(subject)
    if whole is None or whole.count(HERE) != 1:
        return None
    order = sorted(range(len(when.periods)), key=lambda i: time_of(when.periods[i], when.labels[i]))
    labels = [when.labels[i] for i in order]
    phrases = [when.phrases[i] for i in order]
    if operation in ("change", "percent-change"):
        if len(labels) != 2 or (whole.startswith("average") and re.search(r"\d{4}\W\d", labels[0])):
            return None
    elif when.stretch:
        years = years_between(labels, phrases)
        if years is None:
            return None
        labels, phrases = years
    if len(set(labels)) < len(labels):
        return None
    operands = tuple(_question(prefix, whole, phrase) for phrase in phrases)
    return Computation(operation, _named(whole), operands, tuple(labels))


def _of_two(prefix: str, when: Periods) -> Computation | None:
    """Plan a difference, ratio, share or sum of two things in at most one period."""
    if len(when.periods) > 1:
        return None
    asked = _OPENING.sub("", when.body, count=1)
    for operation, pattern in _PAIRS:
        if match := pattern.match(asked):
            groups = match.groupdict()
            pair = (groups["a"], groups["b"]) if groups.get("a") else _halves(groups.get("both"))
            return _paired(prefix, operation, pair, when)
    return None


def _halves(both: str | None) -> tuple[str, str] | None:
    """Split "A and B"; None where more than one "and" leaves open where."""
    for mark in (" and the ", " and "):
        if both and both.count(mark) == 1:
            one, _, other = both.partition(mark)
            return one, other
    return None


def _paired(
    prefix: str, operation: Operation, pair: tuple[str, str] | None, when: Periods
) -> Computation | None:
    if pair is None:
        return None
    things = [_clean(thing) for thing in pair]
    if any(thing is None for thing in things) or (when.periods and HERE not in "".join(pair)):
        return None
    phrase = when.phrases[0] if when.phrases else ""
    whole = [thing if HERE in thing else f"{thing} {HERE}" for thing in things if thing]
    operands = tuple(_question(prefix, thing, phrase) for thing in whole)
    labels = tuple(_named(thing) for thing in whole)
    return Computation(operation, "", operands, labels) if labels[0] != labels[1] else None


def _ranked(prefix: str, when: Periods) -> Computation | None:
    """Plan "which is larger, A or B" and "in which year was it larger"."""
    if len(when.periods) < 2 and (match := _WHICH.match(when.body) or _EITHER.match(when.body)):
        return _paired(prefix, _operation(match["rank"]), _placed(match), when)
    match = _WHEN.match(when.body)
    if match is None or len(when.periods) == 1:
        return None
    operation = _operation(match["rank"])
    utmost = operation in ("largest", "smallest")
    if HERE in when.body:
        # "Between 2018 and 2019" names two years to compare, and all between for the largest.
        when = replace(when, stretch=when.stretch and utmost)
        two = utmost or len(when.periods) == 2
        return _timed(prefix, operation, f"{match['x']} {HERE}", when) if two else None
    subject = _clean(match["x"])
    if subject is None or not re.match(r"(?i)(?:\w+ )?(?:which|what)\b", when.body):
        return None
    return Computation(operation, _named(subject), (_question(prefix, subject, ""),), ())


def _placed(match: re.Match[str]) -> tuple[str, str]:
    """Return both things, the later with the period's place if that stood elsewhere."""
    groups = match.groupdict()
    elsewhere = f" {HERE}" if groups.get("early") or groups.get("late") else ""
    return match["a"], match["b"] + elsewhere


def _operation(rank: str) -> Operation:
    rank = rank.lower()
    if re.fullmatch(_MORE, rank):
        return "larger"
    if re.fullmatch(_LESS, rank):
        return "smaller"
    return "largest" if re.fullmatch(_MOST, rank) else "smallest"


def _spaced(text: str) -> str:
    return text if text.startswith(" ") else f" {text}"


def _clean(subject: str) -> str | None:
    """Return what is measured, or None where it is not one plain thing."""
    text = re.sub(r"\s+", " ", subject).strip(" ,.:")
    text = re.sub(r"(?i)^the ", "", text)
    bare = text.replace(HERE, "").strip()
    words = len(bare.split())
    plain = 0 < words <= _LONGEST and any(map(str.isalpha, bare))
    return None if not plain or _NESTED.search(bare) else text


def _named(subject: str) -> str:
    return re.sub(r"\s+", " ", subject.replace(HERE, "")).strip(" ,")


def _question(prefix: str, subject: str, phrase: str) -> str:
    article = "" if _POSSESSED.match(subject) else "the "
    asked = re.sub(r"\s+", " ", subject.replace(HERE, phrase)).strip(" ,")
    return f"{prefix}What was {article}{asked}?"

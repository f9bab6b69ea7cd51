"""Takes a question with two parts apart: who the chairman is, and when she started.

Only where the wording leaves no doubt; anything else stays one question.
"""

from __future__ import annotations

import re
from typing import Final

from rag.figures import find_periods
from rag.questions.naming import names_in
from rag.questions.terms import metrics_found
from rag.text import content_tokens

_MOST_PARTS: Final = 4
_PREFIX: Final = re.compile(r"^[^:?]{1,80}: (?=\S)")
_TWO_SENTENCES: Final = re.compile(r"(?<=[?？])\s+(?=\S)")
_AND_ASKS: Final = re.compile(
    r"(?:,\s*|\s+)and\s+(?=(?:how (?:much|many)|what|when|who|where|why|which|by how much|in which"
    r"|since when|at what)\b)",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"(?i)\b(?:how|what|when|who|whose|where|why|which|is|are|was|were|do|does|did|has|have|had|can"
    r"|could|will|would|should)\b"
)
_PAIR: Final = re.compile(
    r"(?i)^(?P<head>(?:what|how much|how many|which) (?:is|are|was|were)(?: the)?) "
    r"(?P<one>[\w\s%'’-]{2,50}?),? and (?:the )?(?P<two>[\w\s%'’-]{2,50}?)"
    r"(?P<tail>(?: (?:of|for|in|at|per|on|as|during) .{1,120})?)\?*$"
)
_EXTREMES: Final = re.compile(
    r"(?i)\b(?:high|low|highest|lowest|open|close|minimum|maximum|upper|lower|name|role|date|price"
    r"|number|cost|size|value|first|second)s?\b"
)
_COMPARED: Final = re.compile(
    r"(?i)^how (?P<verb>does|do|did) (?P<one>.+?) compare (?:with|to|against) (?P<two>.+?)\?*$"
)
_LISTED: Final = re.compile(r",?\s*(?:(?:and|or)\s+)?(?:(?:for|of|at|in|by)\s+)?(?:the\s+)?", re.I)
_JOINT: Final = re.compile(
    r"(?i)\b(?:joint\w*|merge[dr]?\w*|agree\w*|deal|partner\w*|alliance|contract|venture|talks|treaty"
    r"|war|relation\w*|both|either|which of|who of|best|most|least|cooperat\w*|negotiat\w*)\b"
)
_BOUND: Final = re.compile(
    r"(?i)\b(?:between|differ\w*|sum of|total of|compare\w*|combined|together|average|change\w*"
    r"|more|less|fewer|higher|lower|larger|smaller|better|worse|stronger|weaker)\b"
)


def parts_of(question: str) -> tuple[str, ...]:
    """Return the sub-questions of a question in two parts; empty when it is one question."""
    found = _PREFIX.match(question)
    prefix = found.group() if found else ""
    bare = question[len(prefix) :]
    splits = (_sentences, _clauses, _both_periods, _both_things, _each_name, _both_sides)
    parts = next((parts for split in splits if (parts := split(bare))), [])
    return tuple(prefix + part for part in parts[:_MOST_PARTS])


def _sentences(question: str) -> list[str]:
    sentences = [part.strip() for part in _TWO_SENTENCES.split(question) if part.strip()]
    whole = all(part[-1] in "?？" and len(part.split()) > 2 for part in sentences)
    return sentences if len(sentences) > 1 and whole else []


def _clauses(question: str) -> list[str]:
    """Split at "and" before a question word, if both sides can stand: not "and by how much?"."""
    clauses = [part.strip(" ,?-–") for part in _AND_ASKS.split(question)]
    whole = all(len(part.split()) > 2 and _ASKS.search(part) for part in clauses)
    if (
        len(clauses) < 2
        or not whole
        or re.match(r"(?i)(?:\w+ not|by how much$|how much \w+$)\b", clauses[-1])
    ):
        return []
    if not all(_ASKS.match(part) or "," in part for part in clauses[:1]):
        return []
    return [f"{part[:1].upper()}{part[1:]}?" for part in clauses]


def _both_periods(question: str) -> list[str]:
    """Take "revenue in 2023 and 2024" for two questions, one about each period."""
    periods = [period for period in find_periods(question) if not period.relative]
    if len(periods) < 2 or _BOUND.search(question):
        return []
    one, two = periods[0], periods[1]
    between = question[one.end : two.start].strip(" ,")
    if one.kind != two.kind or not re.fullmatch(
        r"(?i)(?:and|or)(?: in| at| on)?|和|与|或", between
    ):
        return []
    before, behind = question[: one.start], question[two.end :]
    behind = re.sub(r",?\s*respectively", "", behind)
    return [f"{before}{period.text}{behind}" for period in (one, two)]


def _both_things(question: str) -> list[str]:
    """Take "what are the high and the low of X" for two questions."""
    match = _PAIR.match(question)
    if match is None or re.search(r"(?i)\b(?:between|difference|sum|total|compare)\b", question):
        return []
    ones = [match["one"].strip(), match["two"].strip()]
    if not all(metrics_found(one) or _EXTREMES.search(one) for one in ones):
        return []
    head = re.sub(r"(?i)\bare\b", "is", match["head"])
    head = re.sub(r"(?i)\bwere\b", "was", head)
    return [f"{head} {one}{match['tail'].rstrip('?')}?" for one in ones]


def _each_name(question: str) -> list[str]:
    """Take "the output of Acme, Beta and Gamma" for a question about each of them."""
    if _BOUND.search(question) or _JOINT.search(question):
        return []
    places = [(question.find(name), name) for name in names_in(question)]
    for first, (start, _) in enumerate(places):
        last, end = first, start + len(places[first][1])
        while last + 1 < len(places) and _LISTED.fullmatch(question[end : places[last + 1][0]]):
            last += 1
            end = places[last][0] + len(places[last][1])
        before = question[:start]
        if last > first and re.search(r"(?i)\b(?:for|of|at|by|in)\s+(?:the\s+)?$", before):
            behind = re.sub(r"(?i),?\s*(?:respectively|each)\b", "", question[end:])
            return [f"{before}{name}{behind}" for _, name in places[first : last + 1]]
    return []


def _both_sides(question: str) -> list[str]:
    """Take "how does X compare with Y" for two questions, where Y can stand by itself."""
    match = _COMPARED.match(question)
    if match is None:
        return []
    one, two = match["one"], match["two"]
    periods = [[p for p in find_periods(side) if not p.relative] for side in (one, two)]
    if len(periods[0]) == len(periods[1]) == 1 and not content_tokens(
        two.replace(periods[1][0].text, "")
    ):
        two = one.replace(periods[0][0].text, periods[1][0].text)
    elif not metrics_found(two):
        return []
    verb = "was" if match["verb"].lower() == "did" else "is"
    return [f"What {verb} {side.strip(' ,')}?" for side in (one, two)]

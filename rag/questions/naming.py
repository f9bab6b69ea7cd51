"""The names in a question: companies, people, places, codes, quoted terms. By spelling alone."""

from __future__ import annotations

import re
from typing import Final

from rag.figures.plain import plain_view
from rag.figures.units import CURRENCY_CODES, CURRENCY_SIGNS, listed
from rag.questions.terms import abbreviations, metrics_found

_QUOTED: Final = re.compile('["“”«]([^"“”«»]{2,80})["“”»]|《([^》]{1,60})》|「([^」]{1,60})」')
_WORD: Final = re.compile(r"[^\W_](?:[\w&'’.+/-]*[\w+])?")
_LINKS: Final = frozenset(
    listed("of de del della di da do dos du la le van von der den für y e & al el")
)
_PLAIN_WORDS: Final = frozenset(
    listed(
        "a about after again against all also am an and any apart are as at be because before "
        "behind being between both but by can could describe did do does during each either else "
        "ever every explain find first for from full further give had has have having he her here "
        "his how i if in into is it its just last latest least less list many may me might more "
        "most much must my name near new next no not now number of off on one only or other our "
        "out over own per please same second shall she should show since so some spent still such "
        "sum tell than that the their them then there these they third this those through to "
        "total until up upon us use versus was we were what whats when where whether which while "
        "who whom whose why will with within without would yes you your according actual annual "
        "apart approximate average based besides biggest compare current date days difference "
        "except exactly gross group highest largest like lowest majority max maximum min minimum "
        "net overall owner percentage planned product reason share smallest status summarise "
        "summarize term type value year years quarter half month month's today what's who's "
        "where's when's how's is's company firm shares stock unit units board ceo cfo"
    )
)
_CALENDAR: Final = frozenset(
    listed(
        "january february march april may june july august september october november december "
        "jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday "
        "friday saturday sunday fy q1 q2 q3 q4 h1 h2 1h 2h 9m year-end"
    )
)
# Of a country: they tell kinds of things ("American law"), and documents say them in other words.
_DEMONYMS: Final = frozenset(
    listed(
        "african american arab argentine asian australian austrian belgian brazilian british "
        "canadian chilean chinese colombian czech danish dutch egyptian english european finnish "
        "french german greek hungarian indian indonesian iranian iraqi irish israeli italian "
        "japanese kenyan korean malaysian mexican moroccan nigerian norwegian pakistani peruvian "
        "philippine polish portuguese romanian russian saudi scottish singaporean spanish swedish "
        "swiss taiwanese thai turkish ukrainian vietnamese"
    )
)
_NOT_NAMES: Final = frozenset(
    {code.lower() for code in CURRENCY_CODES} | {sign.lower() for sign in CURRENCY_SIGNS}
) | frozenset(
    listed("usd rmb m bn mn k co2 ev uk us eu ai it hr pr vat gaap ifrs ebita ebitda i ii iii iv")
)
_PERIOD_LIKE: Final = re.compile(
    r"(?i)(?:fy|cy|[1-4]?[qh][1-4]?|9m|6m|3m|12m)?-?'?\d{0,4}(?:[-/]\d{2,4})?[ef]?"
)


def names_in(question: str) -> tuple[str, ...]:
    """Return the names in a question, as written, in their order, each once.

    A name is a run of capitalised words (joined by "of", "de", "&"), a code with capitals or
    digits inside ("NXR-120", "iPhone"), or a quoted term. Question words, months, metrics,
    currencies and business abbreviations are none.
    """
    found: list[tuple[int, str]] = []
    for match in _QUOTED.finditer(question):
        found.append((match.start(), next(group for group in match.groups() if group).strip()))
    taken = [(start, end) for start, end, _ in metrics_found(question)]
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(question):
        if _is_named(question, word, taken, run):
            if run and not _adjoins(question, run[-1].end(), word.start()):
                found += _closed(question, run)
                run = []
            run.append(word)
        elif not (
            run and word.group() in _LINKS and _adjoins(question, run[-1].end(), word.start())
        ):
            found += _closed(question, run)
            run = []
    found += _closed(question, run)
    found.sort(key=lambda pair: pair[0])
    names = dict.fromkeys(name for _, name in found)
    return tuple(
        name for name in names if not any(name != other and name in other for other in names)
    )


def _adjoins(question: str, end: int, start: int) -> bool:
    between = question[end:start].strip()
    return between in ("", "&") or between in _LINKS


def _is_followed_by_month(question: str, end: int) -> bool:
    word = _WORD.match(question, end + 1)
    return word is not None and word.group().lower() in _CALENDAR


def _closed(question: str, run: list[re.Match[str]]) -> list[tuple[int, str]]:
    if all(word.group().lower() in _DEMONYMS for word in run):
        return []
    name = re.sub(r"['’]s?$", "", question[run[0].start() : run[-1].end()])
    return [(run[0].start(), name.strip(" .,'’"))]


def _is_named(
    question: str, word: re.Match[str], metrics: list[tuple[int, int]], run: list[re.Match[str]]
) -> bool:
    text = plain_view(word.group())
    bare = re.sub(r"'s?$", "", text)
    lowered = bare.lower().rstrip(".")
    if not bare or lowered in _NOT_NAMES or lowered in abbreviations() or lowered in _CALENDAR:
        return False
    if _PERIOD_LIKE.fullmatch(bare) and bare[-1:].isdigit() and not run:
        return False
    # Small phrases such as "Gross margin" are no names, but "Sales Tools Ltd" goes on one.
    if not run and any(start <= word.start() < end for start, end in metrics):
        return False
    before = question[: word.start()].rstrip(" \"'“(¿¡")
    opening = not before or before[-1] in ":?!"
    if lowered in _PLAIN_WORDS and (opening or not run):
        return False
    if bare[0].isupper():
        return not opening or len(bare) > 1
    if bare.isdigit() or (not bare.isascii() and not any(char.isupper() for char in bare)):
        return (
            bool(run)
            and bare.isdigit()
            and len(bare) < 4
            and _adjoins(question, run[-1].end(), word.start())
            and not _is_followed_by_month(question, word.end())
        )
    if any(char.isupper() for char in bare[1:]) and any(char.isalpha() for char in bare):
        return not re.fullmatch(r"\d[\d.,]*(?:[kmKMGT]?[WVAh]|[kM]?t|[MGT]Wh|[MG]Wp|M|B)", bare)
    return (
        bool(re.fullmatch(r"[a-z]{2,}[-‑]?\d+[a-z]?|[a-z]+-\d+[\w-]*", bare))
        and lowered not in _CALENDAR
    )

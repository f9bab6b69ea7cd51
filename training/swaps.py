"""Make near misses: exchange one thing in a question so that the passage no longer answers it.

Every function takes a `random.Random`, returns a new question, or None where no safe exchange
is possible. Safe means: the new thing does not stand in what is read, under any of its names, or
it stands only in sentences that share little with the rest of the question.
"""

import random
import re
from collections.abc import Sequence

WORD = re.compile(r"[^\W_]+(?:['’][a-z]+)?")
NAME = re.compile(
    r"\b[A-ZÀ-Þ][\w&'’-]*[\w](?:\s+(?:of |de |and )?(?:[A-ZÀ-Þ][\w&'’-]*\w|II|III|IV))*"
)
_NOT_NAMES = """
    what when where who whom whose why which how is are was were did does do has have had will
    would can could should in on at for from by with to of the a an and or but if as name names
    list give tell show please according after before during under between about into its their
    his her january february march april may june july august september october november
    december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday
    friday saturday sunday ebitda ebit ceo cfo coo cto ipo gdp eps p/e roe roa usd eur gbp rmb
    cny yuan euro euros dollars chair chairman chief board group company first second third
    fourth half quarter year net gross revenue profit phase segment total h1 h2 q1 q2 q3 q4 fy
    capex opex m&a esg this that these those it he she they there not no yes any some all most
    more less new
"""
_SMALL = "be been being much many s than up down per"
_MONTHS = "January February March April May June July August September October November December"
NOT_NAMES = frozenset(_NOT_NAMES.split())
STOP = NOT_NAMES | frozenset(_SMALL.split())
MONTHS = _MONTHS.split()

# Each group is one period under its names; a question's period is exchanged for another group.
PERIODS: tuple[tuple[str, ...], ...] = (
    (
        "H1",
        "first half",
        "first-half",
        "six months to 30 June",
        "half-year",
        "interim",
        "1H",
        "half year",
    ),
    ("H2", "second half", "second-half", "2H"),
    ("Q1", "first quarter", "first-quarter", "March quarter", "1Q"),
    ("Q2", "second quarter", "second-quarter", "June quarter", "2Q"),
    ("Q3", "third quarter", "third-quarter", "September quarter", "3Q"),
    ("Q4", "fourth quarter", "fourth-quarter", "December quarter", "4Q"),
    ("first nine months", "nine months", "9M", "nine-month"),
)
METRICS: tuple[tuple[str, ...], ...] = (
    ("revenue", "sales", "turnover"),
    ("net profit", "profit after tax", "net income", "earnings", "profit attributable"),
    ("operating profit", "operating income", "EBIT", "operating result"),
    ("EBITDA",),
    ("gross margin", "gross profit"),
    ("operating margin",),
    ("dividend", "payout", "distribution"),
    ("capital expenditure", "capex", "investment"),
    ("net debt", "borrowings", "debt", "net cash"),
    ("free cash flow", "operating cash flow", "cash flow"),
    ("cash", "liquidity", "cash balance"),
    ("order backlog", "backlog", "order book", "order intake", "orders"),
    ("headcount", "employees", "staff", "workforce", "jobs"),
    ("production", "output", "volume", "tonnes"),
    ("capacity", "nameplate"),
    ("share price", "closing price", "stock price"),
    ("market capitalisation", "market value", "market cap", "capitalisation"),
    ("market share", "share of the market"),
    ("tax rate", "tax charge", "tax"),
    ("research and development spending", "R&D", "research"),
    ("total assets", "assets"),
    ("return on equity", "ROE"),
    ("number of stores", "stores", "shops", "outlets"),
    ("number of customers", "customers", "subscribers", "clients"),
    ("impairment", "write-down", "provision"),
    ("interest expense", "interest", "finance cost"),
    ("inventory", "inventories", "stock levels"),
    ("price target", "target price"),
)
UNITS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("US dollars", ("USD", "US$", "$", "dollar")),
    ("euros", ("EUR", "€", "euro")),
    ("pounds", ("GBP", "£", "pound", "pence")),
    ("yuan", ("RMB", "CNY", "yuan", "¥")),
    ("Japanese yen", ("JPY", "yen", "¥")),
    ("Swiss francs", ("CHF", "franc")),
    ("tonnes", ("tonne", " t ", "kt", "mt", "ton")),
    ("per cent", ("%", "per cent", "percent", "pct")),
    ("square metres", ("square", "m²", "sq")),
    ("megawatts", ("MW", "megawatt", "GW")),
)
_OPPOSITES = """rise/fall rose/fell risen/fallen increase/decrease increased/decreased up/down
    higher/lower grow/shrink grew/shrank growth/decline gain/loss gained/lost jump/slump
    improve/worsen improved/worsened widen/narrow raise/cut raised/cut climb/slide
    first/last oldest/newest earliest/latest largest/smallest biggest/smallest highest/lowest
    longest/shortest best/worst most/least more/less fastest/slowest before/after above/below
    early/late begin/end began/ended beginning/end start/finish started/stopped open/close
    opened/closed win/lose won/lost buy/sell bought/sold accept/reject
    accepted/rejected support/oppose supported/opposed allow/forbid allowed/banned join/leave
    joined/left create/abolish created/abolished found/dissolve founded/dissolved build/demolish
    built/demolished arrive/leave arrived/left north/south northern/southern east/west
    eastern/western upper/lower inside/outside public/private major/minor common/rare
    strong/weak stronger/weaker positive/negative maximum/minimum advantage/disadvantage
    success/failure succeed/fail include/exclude included/excluded rich/poor male/female men/women
    son/daughter king/queen teacher/student winner/loser ally/enemy hot/cold dry/wet
    domestic/foreign import/export imports/exports internal/external legal/illegal
    possible/impossible permanent/temporary former/current born/buried hire/dismiss
    hired/dismissed asset/liability
    supplier/customer buyer/seller lender/borrower parent/subsidiary upstream/downstream"""
OPPOSITES = dict(pair.split("/") for pair in _OPPOSITES.split())
OPPOSITES |= {b: a for a, b in OPPOSITES.items()} | {
    "drop": "rise",
    "dropped": "rose",
    "cut": "raise",
}
OPPOSITES |= {
    "slip": "rise",
    "slipped": "rose",
    "decline": "rise",
    "declined": "rose",
    "lose": "gain",
}
TAIL = re.compile(
    r"\s((?:in|during|for|at|under|by|within|among|outside|against)\s+(?:\S+\s+){0,4}[^\s?]+)\s*\?$"
)
CAUSES = re.compile(
    r"\b(because|due|owing|since|after|thanks|driven|as|reflect\w*|caus\w*|why|to)\b", re.I
)


def content(text: str) -> set[str]:
    """Lower-case words that carry meaning, cut to six letters as a coarse stem."""
    return {w[:6] for w in (m.group().lower() for m in WORD.finditer(text)) if w not in STOP}


def holds(text: str, names: Sequence[str]) -> bool:
    """Whether any of the names stands in the text as a word, whatever its case."""
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.I) for name in names)


def names_in(text: str) -> list[str]:
    """Capitalised runs that look like names, without leading question words."""
    found = []
    for match in NAME.finditer(text):
        words = match.group().split()
        while words and words[0].lower().rstrip("'s’") in NOT_NAMES:
            words.pop(0)
        while words and words[-1].lower() in NOT_NAMES:
            words.pop()
        name = re.sub(r"['’]s$", "", " ".join(words))
        if len(name) > 2 and not name.isdigit():
            found.append(name)
    return found


def silent(new: str, rest: str, context: str) -> bool:
    """Whether no sentence of the context that holds `new` speaks of what the question asks."""
    asked = content(rest)
    for sentence in re.split(r"(?<=[.!?])\s+|\n", context):
        if holds(sentence, [new]) and len(asked & content(sentence)) > max(0, len(asked) // 4):
            return False
    return True


def put(question: str, old: str, new: str) -> str:
    """The question with the first `old` exchanged, whatever its case."""
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, question, count=1, flags=re.I)


def swap_name(
    question: str, context: str, pool: Sequence[str], evidence: str, rng: random.Random
) -> str | None:
    """Exchange a name that the context holds for another of as many words."""
    own = [name for name in names_in(question) if holds(context, [name])]
    if not own or not pool:
        return None
    old = rng.choice(own)
    alike = [
        n for n in pool if abs(len(n.split()) - len(old.split())) <= 1 and n.lower() != old.lower()
    ]
    for new in rng.sample(alike, min(8, len(alike))):
        words = {w.lower() for w in new.split()} & {w.lower() for w in old.split()}
        made = put(question, old, new)
        rest = put(question, old, "")
        if not words and not holds(evidence, [new]) and silent(new, rest, context):
            return made
    return None


def swap_year(question: str, context: str, rng: random.Random) -> str | None:
    """Exchange a year for one that the context does not hold, or that is silent there."""
    years = re.findall(r"\b(?:19|20)\d\d\b", question)
    if not years:
        return None
    old = rng.choice(years)
    steps = [-1, 1, -2, 2, -3, 3, -5, 4]
    for step in rng.sample(steps, len(steps)):
        new = str(int(old) + step)
        short = (new, f"FY{new[2:]}", f"{int(new) - 1}-{new[2:]}", f"{int(new) - 1}/{new[2:]}")
        if new not in question and not holds(context, short):
            return put(question, old, new)
    return None


def group_of(text: str, groups: Sequence[tuple[str, ...]]) -> tuple[int, str] | None:
    """The first group of which a name stands in the text, and that name (the longest)."""
    hits = [
        (len(name), index, name)
        for index, group in enumerate(groups)
        for name in group
        if holds(text, [name])
    ]
    return max(hits)[1:] if hits else None


def swap_period(question: str, context: str, rng: random.Random) -> str | None:
    """Exchange a quarter, half or month for another that the context does not hold."""
    found = group_of(question, PERIODS)
    if found:
        others = [g for i, g in enumerate(PERIODS) if i != found[0] and not holds(context, g)]
        if others:
            return put(question, found[1], rng.choice(rng.choice(others)[:2]))
    month = next((m for m in MONTHS if holds(question, [m])), None)
    others_m = [m for m in MONTHS if not holds(context, [m, m[:3]])]
    if month and month != "May" and others_m:
        return put(question, month, rng.choice(others_m))
    return None


def add_period(question: str, context: str, rng: random.Random) -> str | None:
    """Ask a question that names no period for one that the context does not hold."""
    if re.search(r"\b(?:19|20)\d\d\b", question) or group_of(question, PERIODS):
        return None
    held = [int(y) for y in re.findall(r"\b20\d\d\b", context)] or [2024]
    new = str(rng.choice(held) + rng.choice([-4, -3, -2, 2, 3, 5]))
    period = rng.choice(
        [
            f"in {new}",
            f"in {new}",
            f"for {new}",
            f"at the end of {new}",
            f"in Q{rng.randint(1, 4)} {new}",
        ]
    )
    return None if holds(context, [new]) else f"{question.rstrip(' ?')} {period}?"


def swap_metric(question: str, context: str, rng: random.Random) -> str | None:
    """Exchange the metric for one that the context holds under none of its names."""
    found = group_of(question, METRICS)
    if not found:
        return None
    others = [
        g
        for i, g in enumerate(METRICS)
        if i != found[0] and not any(g_ in context.lower() for g_ in map(str.lower, g))
    ]
    return put(question, found[1], rng.choice(others)[0]) if others else None


def swap_unit(question: str, context: str, answer: str, rng: random.Random) -> str | None:
    """Ask a figure in a unit that the context does not hold."""
    if not re.search(r"\d", answer) or re.search(
        r"\b(when|date|year|who|where|why|which|did)\b", question, re.I
    ):
        return None
    others = [u for u, marks in UNITS if not any(m in f"{context} {question}" for m in marks)]
    if not others:
        return None
    unit = rng.choice(others)
    return rng.choice(
        [
            f"{question.rstrip(' ?')} in {unit}?",
            f"In {unit}: {question}",
            f"{question.rstrip(' ?')}, expressed in {unit}?",
        ]
    )


def add_unit(question: str, answer: str, rng: random.Random) -> str | None:
    """The same question with the unit that its answer has: still answerable."""
    fits = [u for u, marks in UNITS if any(m in answer for m in marks if len(m) > 1 or m in "%€£")]
    if len(fits) != 1 or any(m.lower() in question.lower() for m in dict(UNITS)[fits[0]]):
        return None
    return (
        f"{question.rstrip(' ?')} in {fits[0]}?"
        if rng.random() < 0.8
        else f"In {fits[0]}: {question}"
    )


def flip(question: str) -> str | None:
    """A question with the direction of change turned round: a false premise."""
    for match in WORD.finditer(question):
        other = OPPOSITES.get(match.group())
        if other:
            return question[: match.start()] + other + question[match.end() :]
    return None


def turn_round(question: str, context: str, rng: random.Random) -> str | None:
    """One word exchanged for its opposite, which the context does not hold."""
    places = [
        (match, other)
        for match in WORD.finditer(question)
        if (other := OPPOSITES.get(match.group())) and not holds(context, [other])
    ]
    if not places:
        return None
    match, other = rng.choice(places)
    return question[: match.start()] + other + question[match.end() :]


def tail_of(question: str) -> str | None:
    """The last prepositional phrase of a question: a condition that another could bear."""
    match = TAIL.search(question)
    return match.group(1) if match and len(content(match.group(1))) in (1, 2, 3) else None


def add_detail(question: str, context: str, tails: Sequence[str], rng: random.Random) -> str | None:
    """The question with a condition of another question, of which the context says nothing."""
    held = content(context) | content(question)
    for tail in rng.sample(tails, min(6, len(tails))):
        first = tail.split()[0]
        if not content(tail) & held and not re.search(rf"\b{first}\b", question):
            return f"{question.rstrip(' ?')} {tail}?"
    return None


def ask_why(question: str, evidence: str) -> str | None:
    """Ask the reason of something of which the evidence gives only the date, place or doer."""
    match = re.match(r"(When|Where) (did|was|were|is|will|does) ", question)
    return f"Why {question[match.end(1) + 1 :]}" if match and not CAUSES.search(evidence) else None


def near_misses(
    question: str,
    context: str,
    evidence: str,
    answer: str,
    kind: str,
    pool: Sequence[str],
    tails: Sequence[str],
    rng: random.Random,
) -> list[tuple[str, str]]:
    """All (kind, question) near misses that can be made safely, in random order."""
    made = {
        "entity": swap_name(question, context, pool, evidence, rng),
        "year": swap_year(question, context, rng),
        "period": swap_period(question, context, rng),
        "added period": add_period(question, context, rng),
        "metric": swap_metric(question, context, rng),
        "unit": swap_unit(question, context, answer, rng)
        if kind in ("figure", "compare")
        else None,
        "premise": flip(question) if kind == "reason" else None,
        "opposite": turn_round(question, context, rng),
        "detail": add_detail(question, context, tails, rng),
        "why": ask_why(question, evidence),
    }
    found = [(name, text) for name, text in made.items() if text and text != question]
    rng.shuffle(found)
    easy = {
        "added period",
        "unit",
        "detail",
    }  # possible nearly always: they would crowd out the others
    return sorted(found, key=lambda f: f[0] in easy and rng.random() < 0.7)

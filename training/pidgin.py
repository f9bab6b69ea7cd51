"""A question as word-by-word glossing leaves it: no grammar, base forms, the order of Chinese.

`rag.questions.glossing` makes such English of Chinese questions. A reader that has seen some in
training reads them better, and terse questions as well.
"""

import random
import re

from synonyms import bases, other_words, synonyms

_TOKEN = re.compile(r"[^\W_]+(?:[-.,/'’&][^\W_]+)*%?")
_WORDS = (
    "a an the of do does did is are was were be been being in on at to by with from into than that"
    " which who it its this these those there as has have had will would can could for"
)
_DROPPED = frozenset(_WORDS.split())
_ASKING = (
    (r"how (?:many|much)\b|what (?:number|amount|percentage|share)(?: of)?\b", "What is the"),
    (r"(?:in|on|at|by|from|to|during|of)?\s*(?:what|which) (?:year|date|day|month|time)\b", "When"),
    (r"when\b", "When"),
    (r"why\b", "Why"),
    (r"where\b", "Where"),
    (r"whose\b|whom?\b", "Who"),
    (r"which\b", "Which"),
    (r"how\b", "How"),
    (r"what\b", "What is the"),
)
_FRONTED = re.compile(r"\b(?:in|on|at|by|during|after|before|from|for|with|under|among)\b", re.I)
_SWAPPED = 0.3
_LOST = 0.03
_LEAST = 3  # words


def glossed(question: str, rng: random.Random) -> str:
    """The question in its words alone, conditions first, asking word in front."""
    rest, asks = question.strip().rstrip("?"), "What is the"
    for pattern, word in _ASKING:
        found = re.search(rf"\b(?:{pattern})", rest, re.I)
        if found:
            rest, asks = f"{rest[: found.start()]} {rest[found.end() :]}", word
            break
    places = [match.start() for match in _FRONTED.finditer(rest) if match.start() > 3]
    if places and rng.random() < 0.6:
        place = rng.choice(places)
        rest = f"{rest[place:]} {rest[:place]}"
    words = []
    for word in _TOKEN.findall(other_words(rest, rng, _SWAPPED)):
        if word.lower() not in _DROPPED and rng.random() > _LOST:
            words.append(word if word[0].isupper() or word[0].isdigit() else _base(word))
    return f"{asks} {' '.join(words)}?" if len(words) >= _LEAST else question


def _base(word: str) -> str:
    """The base form of an inflected word, where the dictionary knows it."""
    known = [base for base, verb, _ in bases(word)[2:] if (base, verb) in synonyms()]
    return known[0] if known else word

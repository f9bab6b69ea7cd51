"""The same question in other words, from the senses that CC-CEDICT gives one Chinese word.

"to bicker; to squabble" stands as one entry: what two entries or more put side by side is taken
for a synonym. Crude (no sense is told from another), but a reader that is trained on such
questions cannot rest on the words that question and passage share.
"""

import random
import re
from collections import Counter, defaultdict
from functools import cache

import swaps

from rag.questions.cedict import dictionary

SENSE = re.compile(r"[a-z]+(?: [a-z]+)?")
WORD = re.compile(r"\b[a-z]{3,}\b")
LEAST = 2
_KEPT = "many much both time times year years first use used run say"
KEPT = swaps.NOT_NAMES | frozenset(_KEPT.split())
_IRREGULAR = """
bear beat become begin bend bind bite blow break bring build burn burst buy catch choose come
cost cut deal dig do draw drink drive eat fall feed feel fight find flee fly forbid forget
forgive freeze get give go grow hang have hear hide hit hold hurt keep know lay lead leave lend
let lie light lose make mean meet pay put read ride ring rise run say see seek sell send set
shake shine shoot show shut sing sink sit sleep slide speak spend spin spread stand steal stick
strike swear sweep swim swing take teach tear tell think throw understand wake wear weave win
wind withdraw write
"""
IRREGULAR = frozenset(_IRREGULAR.split())


@cache
def synonyms() -> dict[tuple[str, bool], list[str]]:
    """(word, whether it is a verb) -> words that mean nearly the same, the surest first."""
    beside: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    entries = {entry for found in dictionary().values() for entry in found}
    for _, gloss in sorted(entries):
        senses = set()
        for sense in re.split(r"[/;]", gloss):
            plain = re.sub(r"\([^)]*\)", "", sense).strip()
            word = re.sub(r"^(?:to be|to|a|an|the) ", "", plain)
            if SENSE.fullmatch(word) and 3 <= len(word) <= 20:
                senses.add((word, plain.startswith("to ")))
        if 2 <= len(senses) <= 8:
            for one in senses:
                beside[one].update(other for other, verb in senses if verb == one[1])
    return {
        key: found
        for key, counts in beside.items()
        if (found := [w for w, n in counts.most_common(6) if n >= LEAST and w != key[0]][:4])
    }


def other_words(question: str, rng: random.Random, share: float = 0.5) -> str:
    """The question with about `share` of the words that have synonyms exchanged."""

    def exchange(match: re.Match[str]) -> str:
        """Another word for one word, in the same form, or the word itself."""
        if match.group() in KEPT or rng.random() > share:
            return match.group()
        found = [
            made
            for base, verb, end in bases(match.group())
            for w in synonyms().get((base, verb), ())
            if (made := put(w, end))
        ]
        return rng.choice(found) if found else match.group()

    return WORD.sub(exchange, question)


def bases(word: str) -> list[tuple[str, bool, str]]:
    """(base form, whether a verb, ending) of what a word may be."""
    found = [(word, False, ""), (word, True, "")]
    if word.endswith("s") and not word.endswith("ss"):
        found += [(word[:-1], False, "s"), (word[:-1], True, "s")]
        found += [(word[:-3] + "y", False, "s")] * word.endswith("ies")
    for end in ("ed", "ing"):
        if word.endswith(end) and len(word) > len(end) + 2:
            stem = word.removesuffix(end)
            found += [(stem, True, end), (stem + "e", True, end)]
            found += [(stem[:-1], True, end)] * (stem[-1] == stem[-2])
    return found


def put(phrase: str, end: str) -> str:
    """A word or verb and particle with an ending; "" where the form is not regular."""
    word, _, rest = phrase.partition(" ")
    if not end:
        return phrase
    if rest and end == "s":
        return ""
    if end == "s":
        made = word[:-1] + "ies" if re.search("[^aeiou]y$", word) else word + "s"
        return word + "es" if re.search("(?:s|x|z|ch|sh)$", word) else made
    if end == "ed" and word in IRREGULAR:
        return ""
    if end == "ed" and re.search("[^aeiou]y$", word):
        word = word[:-1] + "i"
    elif word.endswith("e") and not word.endswith("ee"):
        word = word[:-1]
    return f"{word}{end} {rest}".strip()

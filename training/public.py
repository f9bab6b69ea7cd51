"""Examples from public question sets: as they are, with another paragraph, and as near misses."""

import random
from collections import defaultdict
from typing import Any

import swaps
import windows
from examples import Example, example, overlap


def crop(item: dict[str, Any], rng: random.Random) -> tuple[str, int]:
    """(text, offset) of at most about `size` characters of a public context around its answer."""
    text, size = item["context"].rstrip(), rng.choice([200, 300, 400, 600])
    if len(text) <= size:
        return text, 0
    at = item["answer_start"] or 0
    bounds = [0, *(m.end() for m in windows.SENTENCE_END.finditer(text)), len(text)]
    starts = [b for b in bounds[:-1] if b <= at and (at + len(item["answer"] or "") - b) < size]
    start = rng.choice(starts) if starts else max(0, at - size // 2)
    ends = [b for b in bounds if b > at + len(item["answer"] or "") and b - start <= size]
    return text[start : ends[-1] if ends else start + size].rstrip(), start


def paragraphs(items: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The different contexts of each document, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for item in items:
        found[item["document"]].append(item["context"])
    return {document: list(dict.fromkeys(texts)) for document, texts in found.items()}


def elsewhere(item: dict[str, Any], near: list[str], rng: random.Random) -> str | None:
    """The paragraph nearest to the question, of twelve, that does not hold its answer."""
    picks = rng.sample(near, min(12, len(near)))
    picks = [c for c in picks if item["answer"].lower() not in c.lower()]
    if not picks:
        return None
    best = max(picks, key=lambda c: overlap(item["question"].strip(), c))
    return crop({"context": best, "answer_start": None, "answer": ""}, rng)[0]


def miss(
    item: dict[str, Any],
    heading: str,
    text: str,
    near: list[str],
    tails: list[str],
    rng: random.Random,
) -> list[tuple[str, str]]:
    """At most one (kind, question) near miss."""
    pool = [n for c in rng.sample(near, min(4, len(near))) for n in swaps.names_in(c)][:60]
    asked, answer = item["question"].strip(), item["answer"]
    found = swaps.near_misses(asked, f"{heading}\n{text}", text, answer, "", pool, tails, rng)
    return [f for f in found if f[0] != "added period"][:1]


def public_examples(
    items: list[dict[str, Any]],
    source: str,
    rng: random.Random,
    misses: float = 0.5,
    others: float = 0.35,
    crops: int = 1,
) -> list[Example]:
    """Pairs as they are, another paragraph of the same document, and made near misses.

    `crops` is how often each pair that is unanswerable as it stands is cut.
    """
    contexts = paragraphs(items)
    tails: dict[str, list[str]] = defaultdict(list)
    for item in items:
        if "wiki" in source and (tail := swaps.tail_of(item["question"].strip())):
            tails[item["document"]].append(tail)
    made: list[Example] = []
    for item in items:
        text, shift = crop(item, rng)
        titled = "wiki" in source and rng.random() < 0.6
        heading = item["document"].replace("_", " ") if titled else ""
        question = item["question"].strip()
        if item["answer_start"] is None:
            cuts = {text} | {crop(item, rng)[0] for _ in range(crops - 1)}
            made += [example(question, heading, cut, None, f"{source} no") for cut in sorted(cuts)]
            continue
        start = item["answer_start"] - shift
        span = (start, start + len(item["answer"]))
        if text[span[0] : span[1]] != item["answer"]:
            continue
        made.append(example(question, heading, text, span, f"{source} yes"))
        near = contexts[item["document"]]
        if rng.random() < others and len(near) > 1 and (other := elsewhere(item, near, rng)):
            made.append(example(question, heading, other, None, f"{source} other"))
        if rng.random() < misses:
            found = miss(item, heading, text, near, tails[item["document"]], rng)
            made += [example(q, heading, text, None, f"{source} {k}") for k, q in found]
    return made

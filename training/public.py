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


def public_examples(
    items: list[dict[str, Any]],
    source: str,
    rng: random.Random,
    misses: float = 0.5,
    others: float = 0.35,
) -> list[Example]:
    """Pairs as they are, another paragraph of the same document, and made near misses."""
    by_document: dict[str, list[str]] = defaultdict(list)
    for item in items:
        if item["context"] not in by_document[item["document"]][-1:]:
            by_document[item["document"]].append(item["context"])
    by_document = {k: list(dict.fromkeys(v)) for k, v in by_document.items()}
    made: list[Example] = []
    for item in items:
        text, shift = crop(item, rng)
        heading = (
            item["document"].replace("_", " ") if "wiki" in source and rng.random() < 0.6 else ""
        )
        question = item["question"].strip()
        if item["answer_start"] is None:
            made.append(example(question, heading, text, None, f"{source} no"))
            continue
        start = item["answer_start"] - shift
        span = (start, start + len(item["answer"]))
        if text[span[0] : span[1]] != item["answer"]:
            continue
        made.append(example(question, heading, text, span, f"{source} yes"))
        near = by_document[item["document"]]
        if rng.random() < others and len(near) > 1:
            picks = [
                c
                for c in rng.sample(near, min(12, len(near)))
                if item["answer"].lower() not in c.lower()
            ]
            if picks:
                best = max(picks, key=lambda c: overlap(question, c))
                made.append(
                    example(
                        question,
                        heading,
                        crop({"context": best, "answer_start": None, "answer": ""}, rng)[0],
                        None,
                        f"{source} other",
                    )
                )
        if rng.random() < misses:
            pool = [n for c in rng.sample(near, min(4, len(near))) for n in swaps.names_in(c)][:60]
            found = swaps.near_misses(
                question, f"{heading}\n{text}", text, item["answer"], "", pool, rng
            )
            found = [f for f in found if f[0] != "added period"]
            made += [example(q, heading, text, None, f"{source} {k}") for k, q in found[:1]]
    return made

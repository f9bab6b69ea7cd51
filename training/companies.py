"""Examples from the company documents: evidence, its neighbours, near misses of its question."""

import random
from typing import Any

import swaps
import windows
from examples import Example, example, overlap, restyle


def locate(window: windows.Window, at: int, length: int) -> tuple[int, int] | None:
    """A document span as a span of the window, if it lies within."""
    inside = window.start <= at and at + length <= window.end
    return (at - window.start, at - window.start + length) if inside else None


def company_question(
    text: str,
    item: dict[str, Any],
    pool: list[str],
    tails: list[str],
    rng: random.Random,
    copies: int,
) -> list[Example]:
    """Positives, hard negatives and near misses of one question, cut in `copies` ways."""
    made: list[Example] = []
    question, title = item["question"], windows.title_of(text)
    for copy in range(copies):
        cuts = windows.random_split(text, rng)
        ranked = sorted(cuts, key=lambda w: -overlap(question, text[w.start : w.end] + w.heading))

        def body(w):
            return text[w.start : w.end]

        styled = restyle(question, title, rng)
        if not item["answerable"]:
            holders = [w for w in ranked if item.get("nearest") and item["nearest"] in body(w)]
            picked = (holders or ranked)[:1] + ranked[copy % 2 : copy % 2 + 1]
            made += [
                example(styled, w.heading, body(w), None, "company no")
                for w in dict.fromkeys(picked)
            ]
            continue
        at = text.index(item["evidence"]) + item["evidence"].index(item["answer"])
        gold = next((w for w in cuts if locate(w, at, len(item["answer"]))), None)
        if gold is None:
            continue
        span = locate(gold, at, len(item["answer"]))
        with_unit = swaps.add_unit(question, item["answer"], rng) if copy % 3 == 1 else None
        made.append(example(with_unit or styled, gold.heading, body(gold), span, "company yes"))
        others = [
            w for w in ranked if w is not gold and item["answer"].lower() not in body(w).lower()
        ]
        made += [
            example(styled, w.heading, body(w), None, "company other")
            for w in others[copy % 2 : copy % 2 + 1]
        ]
        context = f"{title}\n{body(gold)}" if not gold.heading else f"{gold.heading}\n{body(gold)}"
        misses = swaps.near_misses(
            question, context, item["evidence"], item["answer"], item["kind"], pool, tails, rng
        )
        made += [
            example(restyle(q, title, rng), gold.heading, body(gold), None, f"company {k}")
            for k, q in misses[:2]
        ]
    return made

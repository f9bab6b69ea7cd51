"""Verdicts of people, asked again: does what was good still hold, is what was bad mended?

The file is what the chat writes: one JSON object a line with ``verdict`` ("good" or "bad"),
``question``, ``history``, ``documents`` (ids searched in, or null) and ``spans``, the cited ones
with their ``quote``; no spans are an abstention. Of several verdicts on one answer the last counts.

    kept      of answers called good, those that cite the same words still; of abstentions called
              good, those that are abstentions still
    changed   of answers and abstentions called bad, those that cite other words now, or none
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoring import Prediction, is_gold


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer that somebody judged."""

    id: str
    question: str
    good: bool
    spans: tuple[tuple[str, str], ...]
    history: tuple[tuple[str, str], ...] = ()
    documents: tuple[str, ...] | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """The question as a pack holds it."""
        history = [{"question": q, "answer": a} for q, a in self.history]
        return {
            "id": self.id,
            "question": self.question,
            "history": history,
            "scope": self.documents,
        }


def read_verdicts(path: Path) -> tuple[list[Verdict], int]:
    """Return the verdicts of a file, oldest first, and how many lines could not be used.

    A line cannot be used if it is damaged, or if a cited document had changed when it was judged.
    """
    found: dict[tuple[Any, ...], Verdict] = {}
    unusable = 0
    lines = path.read_bytes().splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            verdict = _verdict(f"line {number}", json.loads(line))
        except (ValueError, KeyError, TypeError):
            unusable += 1
            continue
        key = (verdict.question, verdict.history, verdict.documents, verdict.spans)
        found.pop(key, None)
        found[key] = verdict
    return list(found.values()), unusable


def _verdict(id_: str, record: dict[str, Any]) -> Verdict:
    spans = tuple((span["document"], span["quote"]) for span in record["spans"])
    texts = [record["question"], *(text for span in spans for text in span)]
    if record["verdict"] not in ("good", "bad") or {type(text) for text in texts} != {str}:
        raise ValueError("no verdict that can be asked again")
    documents = record["documents"]
    return Verdict(
        id_,
        record["question"],
        record["verdict"] == "good",
        spans,
        tuple((question, answer) for question, answer in record["history"]),
        None if documents is None else tuple(documents),
    )


def cites_the_same(verdict: Verdict, said: Prediction) -> bool:
    """Tell whether an answer rests on what it rested on: every span is cited, or none was."""
    if not verdict.spans or said.abstained:
        return said.abstained and not verdict.spans
    return all(
        any(is_gold(*citation, [{"doc": document, "quote": quote}]) for citation in said.citations)
        for document, quote in verdict.spans
    )


def tally(verdicts: Sequence[Verdict], said: Sequence[Prediction]) -> dict[str, tuple[int, int]]:
    """Return (how many, of how many) for ``kept`` and ``changed``."""
    pairs = list(zip(verdicts, said, strict=True))
    kept = [cites_the_same(verdict, now) for verdict, now in pairs if verdict.good]
    changed = [not cites_the_same(verdict, now) for verdict, now in pairs if not verdict.good]
    return {"kept": (sum(kept), len(kept)), "changed": (sum(changed), len(changed))}

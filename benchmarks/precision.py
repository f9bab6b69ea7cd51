#!/usr/bin/env python3
"""What eight bits cost: passages found with the encoder's weights in int8 and in fp32.

    python benchmarks/precision.py                     the seeds
    python benchmarks/precision.py seeds PACK ...      and packs of your own

Each pack is indexed twice and asked through `rag.retrieve`; no answer is made of what is found.
Results: ``results/precision.json``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from quality import RETRIEVED, Pack, read_pack
from record import RESULTS, circumstances, save
from scoring import Prediction, Question, judge, report

import rag

PRECISIONS: tuple[Literal["int8", "fp32"], ...] = ("int8", "fp32")


def measure(pack: Pack, model: str | None = None) -> dict[str, dict[str, float]]:
    """Return hit@5 and mrr for each precision."""
    found = {}
    for precision in PRECISIONS:
        with tempfile.TemporaryDirectory() as folder:
            index = rag.build_index(pack.corpus, folder, encoder=model, precision=precision)
            judged = [judge(asked, retrieved(asked, index), {}) for asked in pack.questions]
        measures = report(judged)
        found[precision] = {name: measures[name] for name in ("hit@5", "mrr")}
    return found


def retrieved(asked: Question, index: rag.Index) -> Prediction:
    """Return what is found for a question of a pack, as a prediction without an answer."""
    history = [(turn["question"], turn["answer"]) for turn in asked.get("history") or ()]
    hits = rag.retrieve(
        asked["question"], index, RETRIEVED, history=history, documents=asked.get("scope")
    )
    texts = tuple((hit.passage.document_id, hit.passage.text) for hit in hits)
    return Prediction(asked["id"], hits=texts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("packs", nargs="*", default=["seeds"], help="pack folders, or seeds")
    parser.add_argument("--model", help="encoder, as for rag build")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    options = parser.parse_args(arguments)
    found: dict[str, Any] = {}
    for pack in map(read_pack, options.packs):
        found[pack.name] = measure(pack, options.model)
        print(pack.name, found[pack.name], flush=True)
    flags = ["--model", options.model] if options.model else []
    record = circumstances(" ".join(["python benchmarks/precision.py", *found, *flags]))
    save(options.out / "precision.json", record | {"packs": found})


if __name__ == "__main__":
    main()

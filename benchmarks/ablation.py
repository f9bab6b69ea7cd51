#!/usr/bin/env python3
"""What each part of the product earns: the same questions with parts left out.

    python benchmarks/ablation.py                      the questions on the seed documents
    python benchmarks/ablation.py seeds PACK ... --limit 100

Five systems, each with one part more: words alone, vectors alone, both fused (the likeliest
sentence by words, always answered), the reading model's own choice and probability, and the checks
of entity, period, unit and metric weighed with it. The results are kept in ``results/``. Unlike the
other benchmarks it reaches into the program, where no option would do.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from quality import read_pack, run, system
from record import RESULTS, circumstances, save
from scoring import report

import rag

Weights = Mapping[str, float]

_ALWAYS: Weights = {"bias": 9.0}
_BY_WORDS: Weights = {"retrieved": 1.0, "elsewhere": -1.0}
_READER: Weights = {"score": 1.0}
_MEASURES = ("right", "declined", "cited_gold", "hit@5", "mrr")


@dataclass(frozen=True, slots=True)
class Variant:
    """The share of dense retrieval, and the weights of evidence; None: as in the product."""

    dense: float | None = None
    ranking: Weights | None = None
    support: Weights | None = None


VARIANTS = {
    "words alone": Variant(0.0, _BY_WORDS, _ALWAYS),
    "vectors alone": Variant(1.0, _BY_WORDS, _ALWAYS),
    "fused": Variant(None, _BY_WORDS, _ALWAYS),
    "with the reader": Variant(None, _READER, _READER),
    "with the checks": Variant(),
}
"""From little to all; the last is the product."""


@contextmanager
def reduced(variant: Variant) -> Iterator[None]:
    """Run the product as a variant says."""
    changes: dict[str, Any] = {
        "rag.retrieval.DENSE": variant.dense,
        "rag.slots.RANKING": variant.ranking,
        "rag.slots.SUPPORT": variant.support,
    }
    patches = [patch(name, value) for name, value in changes.items() if value is not None]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


def measured(name: str, limit: int | None) -> dict[str, dict[str, Any]]:
    """Return the measures of one pack for each variant."""
    pack = read_pack(name)
    step = max(1, round(len(pack.questions) / limit)) if limit else 1
    pack = replace(pack, questions=pack.questions[::step])
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        index = rag.build_index(pack.corpus, folder)
        for label, variant in VARIANTS.items():
            with reduced(variant):
                figures = report(run(pack, system(index))[1])
            found[label] = {measure: figures.get(measure) for measure in _MEASURES}
            print(f"{pack.name:12} {label:16} {json.dumps(found[label])}", flush=True)
    return found


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("packs", nargs="*", default=["seeds"], help="pack folders, or seeds")
    parser.add_argument("--limit", type=int, help="about so many of each pack, evenly")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    options = parser.parse_args()
    packs = {Path(name).name: measured(name, options.limit) for name in options.packs}
    limit = f" --limit {options.limit}" if options.limit else ""
    record = circumstances(f"python benchmarks/ablation.py {' '.join(packs)}{limit}")
    save(options.out / "ablation.json", {**record, "packs": packs})


if __name__ == "__main__":
    main()

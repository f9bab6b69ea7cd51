#!/usr/bin/env python3
"""A large index: how soon it opens, how fast it is searched, how near its search is to exact.

    python benchmarks/million.py [--passages 1000000] [--questions 300] [--keep FOLDER]

Texts and vectors are SYNTHETIC. A passage is three sentences of 12 invented words, as frequent as
words are (Zipf); its vector stands near one of 4,000 topics, its directions weighing 1/sqrt(n).
Questions are made the same way and are no passages. All of it goes through the product's own index
writer and `rag.retrieve`; questions are embedded by the packaged model as well, for the time that
this takes. There are no vectors of sentences. Results: ``results/million.json``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from record import RESULTS, ROOT, circumstances, save
from scoring import quantile

from rag.encoders import load_encoder
from rag.index import load_index
from rag.index.building import Inputs, publish
from rag.index.locking import building
from rag.index.storage import read_manifest
from rag.retrieval import retrieve
from rag.types import Document, Passage, Progress, Span

DIM = 384
TOPICS = 4_000
BLOCK = 256
VOCABULARY = 50_000
SENTENCES, WORDS = 3, 12
PER_DOCUMENT = 100
SYLLABLES = [c + v for c in "bcdfghjklmnprstvwz" for v in ("a", "e", "i", "o", "u", "ar", "en")]


class Synthetic:
    """Gives text number n, which begins ``p<n>`` or ``q<n>``, the n-th point or question."""

    name, fingerprint, dim, runtime = "synthetic", "synthetic-1", DIM, "invented vectors"

    @cached_property
    def model(self) -> Any:
        """The packaged model, for the time that embedding takes."""
        return load_encoder()

    @cached_property
    def topics(self) -> Any:
        """Centres (topics, dim)."""
        return np.random.default_rng(1).standard_normal((TOPICS, DIM), np.float32)

    def points(self, kind: int, block: int) -> Any:
        """Return one block of unit vectors (BLOCK, dim); kind 1: passages, kind 2: questions."""
        chance = np.random.default_rng([kind, block])
        weights = np.arange(1, DIM + 1, dtype=np.float32) ** -0.5
        centres = self.topics[chance.integers(TOPICS, size=BLOCK)]
        found = centres + chance.standard_normal((BLOCK, DIM), np.float32)
        found *= weights
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Any:
        """Return (len(texts), dim)."""
        if texts[0][0] in "Ww":
            self.model.encode(texts)
            number = int(texts[0].rpartition(" ")[2].strip("? "))
            return self.points(2, number // BLOCK)[[number % BLOCK]]
        numbers = np.array([int(text.partition("\n")[0]) for text in texts])
        found = np.empty((len(texts), DIM), np.float32)
        for block in np.unique(numbers // BLOCK):
            mine = numbers // BLOCK == block
            found[mine] = self.points(1, int(block))[numbers[mine] % BLOCK]
        if progress:
            progress("embed", len(texts), len(texts))
        return found


def vocabulary() -> list[str]:
    """Return invented words, the most frequent first."""
    chance, words = np.random.default_rng(2), dict[str, None]()
    while len(words) < VOCABULARY:
        for size in (2, 3, 4):
            parts = chance.integers(len(SYLLABLES), size=(VOCABULARY // 3, size))
            words |= dict.fromkeys("".join(SYLLABLES[n] for n in row) for row in parts.tolist())
    return list(words)[:VOCABULARY]


def drawn(words: list[str], chance: Any, count: int) -> list[str]:
    """Return words as often as Zipf's law says: the logarithm of the rank is evenly spread."""
    return [words[rank] for rank in (len(words) ** chance.random(count)).astype(int) - 1]


def documents(passages: int) -> Iterator[tuple[Document, list[Passage]]]:
    """Yield documents with their passages."""
    words, chance = vocabulary(), np.random.default_rng(3)
    for first in range(0, passages, PER_DOCUMENT):
        name, text, found = f"{first // PER_DOCUMENT:06}.txt", "", []
        for number in range(first, min(first + PER_DOCUMENT, passages)):
            some = drawn(words, chance, SENTENCES * WORDS)
            sentences = [
                " ".join(some[n : n + WORDS]).capitalize() + "." for n in range(0, len(some), WORDS)
            ]
            start = len(text)
            text += " ".join(sentences)
            ends = np.cumsum([len(sentence) + 1 for sentence in sentences]) + start
            begins = [start, *ends[:-1].tolist()]
            spans = tuple(Span(a, int(b) - 1) for a, b in zip(begins, ends, strict=True))
            found.append(Passage(name, start, len(text), text[start:], str(number), spans))
            text += "\n"
        yield Document(name, name, text), found


def build(folder: Path, passages: int) -> dict[str, Any]:
    """Write the index; return seconds for each step."""
    started, steps = time.perf_counter(), dict[str, float]()

    def report(stage: str, done: int, total: int) -> None:
        steps[stage] = time.perf_counter() - started
        if total and done % (total // 20 or 1) < BLOCK and sys.stderr.isatty():
            sys.stderr.write(f"\r{stage} {done} of {total}, {steps[stage]:.0f} s   ")

    bare = [Document(f"{number:06}.txt", "", "") for number in range(-(-passages // PER_DOCUMENT))]
    with building(folder):
        inputs = Inputs(Path("synthetic"), bare, (), Synthetic())
        publish(inputs, documents(passages), folder, None, report)
    return {"seconds": round(time.perf_counter() - started, 1)} | {
        f"until {stage}": round(seconds, 1) for stage, seconds in steps.items()
    }


def memory() -> dict[str, int]:
    """Return what this process holds, in MB: in all, and without the pages of mapped files."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    fields = {line.partition(":")[0]: line.split()[1] for line in lines if "kB" in line}
    names = {"resident": "VmRSS", "own": "RssAnon"}
    return {name: int(fields[field]) // 1024 for name, field in names.items()}


def search(folder: Path, questions: int) -> dict[str, Any]:
    """Open the index in this process, ask, compare with exact search."""
    encoder = Synthetic()
    load_encoder().encode(["warm"])
    before = memory()
    started = time.perf_counter()
    index = load_index(folder, encoder=encoder)
    opened = time.perf_counter() - started
    at_open = memory()
    words, chance = vocabulary(), np.random.default_rng(5)
    asked = [
        f"What is {' '.join(drawn(words, chance, 4))} of {' '.join(drawn(words, chance, 3))} {n}?"
        for n in range(questions)
    ]
    encoder.encode(asked[:1])
    seconds = []
    for question in asked:
        started = time.perf_counter()
        hits = retrieve(question, index, 10)
        seconds.append(time.perf_counter() - started)
        if len(hits) != 10:
            raise RuntimeError(f"{len(hits)} hits instead of 10: {question}")
    after = memory()
    vectors = np.concatenate([encoder.points(2, n) for n in range(-(-questions // BLOCK))])
    return {
        "open seconds": round(opened, 3),
        "memory before": before,
        "memory open": at_open,
        "memory after questions": after,
        "first retrieve": round(seconds[0], 4),
        "retrieve p50": round(quantile(sorted(seconds), 0.5), 4),
        "retrieve p95": round(quantile(sorted(seconds), 0.95), 4),
        "recall@10": round(index.measured_recall(vectors[:questions]), 4),
    }


def measure(folder: Path, passages: int, questions: int) -> dict[str, Any]:
    """Build, then search in a process of its own."""
    made = build(folder, passages)
    command = [sys.executable, __file__, "--search", str(folder), "--questions", str(questions)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found = json.loads(done.stdout)
    generation = next(folder.glob("gen-*"))
    manifest = read_manifest(generation)
    size = sum(listed["size"] for listed in manifest["files"].values())
    return {
        "synthetic": True,
        "passages": passages,
        "questions": questions,
        "index": manifest["vectors"],
        "megabytes": size >> 20,
        "build": made,
        **found,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--keep", type=Path, help="build here, and leave the index there")
    parser.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    options = parser.parse_args(arguments)
    if options.search:
        print(json.dumps(search(options.search, options.questions)))
        return
    with tempfile.TemporaryDirectory() as folder:
        where = options.keep or Path(folder) / "index"
        found = measure(where, options.passages, options.questions)
    command = "python benchmarks/million.py"
    if options.passages != parser.get_default("passages"):
        command += f" --passages {options.passages}"
    save(options.out / "million.json", circumstances(command) | {"large": found})
    for name, value in found.items():
        print(f"{name:24} {json.dumps(value)}")


if __name__ == "__main__":
    main()

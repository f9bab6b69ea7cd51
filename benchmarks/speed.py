#!/usr/bin/env python3
"""How long starting, building and answering take, each beside something run at the same time.

    python benchmarks/speed.py [--questions N] [--rounds N]

Whole processes are timed from start to end, the median of the rounds; answers are timed in a warm
process. The seconds depend on the machine, the ratios much less. Results: ``results/speed.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from record import RESULTS, ROOT, circumstances, save
from scoring import quantile

import rag

QUESTIONS = ROOT / "benchmarks" / "questions" / "seeds.jsonl"
SOURCE = str(ROOT / "seeds")
PLAIN = str(ROOT / "benchmarks" / "plain.py")
ASKED = "What was the closing price on 2 November 2025?"


def measure(rounds: int, questions: int | None) -> dict[str, Any]:
    """Return every figure, in seconds, with its ratio to what was run beside it."""
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = str(Path(folder) / "ours"), str(Path(folder) / "plain")
        built = _building(rounds, folder)
        _process("-m", "rag", "build", SOURCE, "--index", ours)
        _process(PLAIN, "build", SOURCE, plain)
        return {
            "start": _starting(rounds, ours, plain),
            "build": built,
            "warm": _answering(ours, plain, questions),
        }


def _starting(rounds: int, ours: str, plain: str) -> dict[str, Any]:
    seconds = _interleaved(
        rounds,
        {
            "python -c pass": ("-c", "pass"),
            "import rag": ("-c", "import rag"),
            "rag --help": ("-m", "rag", "--help"),
            "rag ask": ("-m", "rag", "ask", "--index", ours, ASKED),
            "plain ask": (PLAIN, "ask", plain, ASKED),
        },
    )
    return {
        "python -c pass": {"seconds": seconds["python -c pass"]},
        "import rag": _beside(seconds, "import rag", "python -c pass"),
        "rag --help": _beside(seconds, "rag --help", "python -c pass"),
        "rag ask": _beside(seconds, "rag ask", "plain ask"),
    }


def _building(rounds: int, folder: str) -> dict[str, Any]:
    """Time builds from nothing, not even a converted model, then builds with nothing changed."""
    found: dict[str, list[float]] = {"cold": [], "unchanged": [], "plain": []}
    for number in range(rounds):
        ours = ("-m", "rag", "build", SOURCE, "--index", f"{folder}/{number}")
        found["cold"].append(_process(*ours, cache=f"{folder}/cache-{number}"))
        found["unchanged"].append(_process(*ours))
        found["plain"].append(_process(PLAIN, "build", SOURCE, f"{folder}/plain-{number}"))
    seconds = {name: round(statistics.median(values), 3) for name, values in found.items()}
    return {name: _beside(seconds, name, "plain") for name in ("cold", "unchanged")}


def _answering(ours: str, plain: str, limit: int | None) -> dict[str, Any]:
    """Time each seed question in a warm process."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()[:limit]
    questions = [json.loads(line)["question"] for line in lines]
    index = rag.load_index(ours)
    rag.answer(questions[0], index)  # opens the models
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "questions.jsonl"
        asked.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        beside = sorted(json.loads(_output(PLAIN, "time", plain, str(asked))))
    found: dict[str, Any] = {"questions": len(questions)}
    calls: dict[str, Callable[[str], object]] = {
        "retrieve": partial(rag.retrieve, index=index),
        "answer": partial(rag.answer, index=index),
    }
    for name, call in calls.items():
        seconds = sorted(_seconds(call, questions))
        for share, label in ((0.5, "p50"), (0.95, "p95")):
            pair = {"ours": quantile(seconds, share), "plain": quantile(beside, share)}
            found[f"{name} {label}"] = _beside(pair, "ours", "plain")
    return found


def _seconds(call: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    taken = []
    for question in questions:
        started = time.perf_counter()
        call(question)
        taken.append(time.perf_counter() - started)
    return taken


def _interleaved(rounds: int, commands: dict[str, tuple[str, ...]]) -> dict[str, float]:
    """Return the median seconds of each command, run in turns so that noise falls on all."""
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(_process(*command))
    return {name: round(statistics.median(values), 4) for name, values in found.items()}


def _beside(seconds: dict[str, float], name: str, other: str) -> dict[str, Any]:
    """Return a figure with the one it is compared with; a ratio below 1: we are faster."""
    ratio = seconds[name] / seconds[other]
    return {
        "seconds": round(seconds[name], 4),
        "beside": {other: round(seconds[other], 4)},
        "ratio": round(ratio, 2),
    }


def _process(*arguments: str, cache: str = "") -> float:
    started = time.perf_counter()
    _output(*arguments, cache=cache)
    return time.perf_counter() - started


def _output(*arguments: str, cache: str = "") -> str:
    """Run Python with these arguments, an empty cache if one is named; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name[:4] != "RAG_"}
    environment |= {"PYTHONPATH": str(ROOT)} | ({"RAG_CACHE": cache} if cache else {})
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments[:3])}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="processes of each kind")
    parser.add_argument("--questions", type=int, help="only the first questions")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    options = parser.parse_args(arguments)
    record = circumstances("python benchmarks/speed.py")
    record |= measure(options.rounds, options.questions)
    save(options.out / "speed.json", record)
    for part in ("start", "build", "warm"):
        for name, found in record[part].items():
            print(f"{part:6} {name:15} {json.dumps(found)}")


if __name__ == "__main__":
    main()

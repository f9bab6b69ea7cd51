#!/usr/bin/env python3
"""Many threads in one process: how many questions a second `rag.retrieve` finds passages for.

    python benchmarks/crowd.py [--rounds 6]

All seed questions are asked again and again from 1, 8 and 32 threads, beside plain
sentence-transformers and faiss from as many threads of a process of its own, in turns. Results:
``results/crowd.json``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from record import RESULTS, ROOT, circumstances, save
from scoring import quantile

QUESTIONS = ROOT / "benchmarks" / "questions" / "seeds.jsonl"
THREADS = (1, 8, 32)
PLAIN = Path(__file__).with_name("plain.py")


def asked() -> list[str]:
    """Return the seed questions."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


def driven(call: Callable[[str], object], threads: int, rounds: int) -> dict[str, Any]:
    """Ask from ``threads`` threads; return questions a second, p50 and p95 in seconds, errors."""
    seconds: list[float] = []
    errors: list[str] = []

    def ask(question: str) -> None:
        started = time.perf_counter()
        try:
            call(question)
        except Exception as error:
            errors.append(repr(error))
        seconds.append(time.perf_counter() - started)

    questions = asked() * rounds
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ask, questions))
    spent = time.perf_counter() - started
    return {
        "a second": round(len(questions) / spent, 1),
        "p50": round(quantile(sorted(seconds), 0.5), 4),
        "p95": round(quantile(sorted(seconds), 0.95), 4),
        "errors": len(errors),
    }


def ours(folder: str, threads: int, rounds: int) -> dict[str, Any]:
    """Drive `rag.retrieve`."""
    import rag

    index = rag.load_index(folder)
    call = partial(rag.retrieve, index=index)
    for question in asked():
        call(question)
    return driven(call, threads, rounds)


def plain(folder: str, threads: int, rounds: int) -> dict[str, Any]:
    """Drive sentence-transformers and faiss."""
    from plain import nearest, opened

    model, index, _ = opened(folder)
    call = partial(nearest, model, index)
    for question in asked()[:10]:
        call(question)
    return driven(call, threads, rounds)


def run(*arguments: str) -> str:
    """Run Python in a process of its own; return what it prints."""
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


def measure(rounds: int) -> dict[str, Any]:
    """Return the figures for each number of threads."""
    with tempfile.TemporaryDirectory() as folder:
        run("-m", "rag", "build", "seeds", "--index", f"{folder}/ours")
        run(str(PLAIN), "build", "seeds", f"{folder}/plain")
        found: dict[str, Any] = {}
        for threads in THREADS:
            found[str(threads)] = {
                name: json.loads(
                    run(__file__, "--drive", name, f"{folder}/{name}", str(threads), str(times))
                )
                for name, times in (("ours", rounds), ("plain", max(1, rounds // 3)))
            }
        return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=6, help="times each question is asked")
    parser.add_argument("--drive", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    options = parser.parse_args(arguments)
    if options.drive:
        name, folder, threads, rounds = options.drive
        print(json.dumps({"ours": ours, "plain": plain}[name](folder, int(threads), int(rounds))))
        return
    found = measure(options.rounds)
    save(options.out / "crowd.json", circumstances("python benchmarks/crowd.py") | {"crowd": found})
    for threads, figures in found.items():
        print(f"{threads:>2} threads {json.dumps(figures)}")


if __name__ == "__main__":
    main()

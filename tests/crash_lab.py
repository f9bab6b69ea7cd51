"""Builds in forked children that are killed or race each other; prints one JSON line a round.

Run as ``python crash_lab.py kill|race ROUNDS FOLDER``. A script of its own, because only a process
without threads may fork. Content is compared by bytes: equal documents give equal files.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from rag.encoders import WordHashEncoder
from rag.errors import IndexLocked, RagError
from rag.index import build_index, load_index, storage

TOPICS = ("copper", "salmon", "barley", "turbine", "lithium", "orchard")


def report(**line: object) -> None:
    """Print one JSON line."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def write_corpus(folder: Path, epoch: int, documents: int = 4) -> Path:
    """Write documents whose every sentence names ``epoch``."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(documents):
        topic = TOPICS[number % len(TOPICS)]
        lines = [f"# {topic.title()} report epoch{epoch}"]
        lines += [
            f"In epoch{epoch} the {topic} output of site {site} was {100 * epoch + site} tonnes."
            for site in range(12)
        ]
        (folder / f"{topic}.md").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    return folder


def served(index: Path) -> dict[str, bytes]:
    """Return what a reader gets: the files of the current generation, opened and verified."""
    generation = load_index(index).generation
    return storage.read_generation(index / generation)[1]


def left_over(index: Path) -> list[str]:
    """Return names in an index folder that no finished build leaves."""
    return [name for name in os.listdir(index) if name.endswith(".tmp")]


def build_in_child(source: Path, index: Path) -> int:
    """Fork a child that builds and exits with 0, 3 (locked) or 1; return its pid."""
    pid = os.fork()
    if pid:
        return pid
    code = 0
    try:
        build_index(source, index, encoder=WordHashEncoder())
    except IndexLocked as error:
        report(locked=str(error))
        code = 3
    except RagError as error:
        report(error=repr(error))
        code = 1
    finally:
        os._exit(code)


def kill(rounds: int, folder: Path) -> None:
    """Kill a rebuild at a random time, look what is served, go on with whatever is there."""
    chance = random.Random(rounds)
    sources = [write_corpus(folder / f"docs{n}", n) for n in (1, 2)]
    contents = []
    for n, source in enumerate(sources):
        build_index(source, folder / f"ref{n}", encoder=WordHashEncoder())
        contents.append(served(folder / f"ref{n}"))
    index, now = folder / "index", 0
    build_index(sources[now], index, encoder=WordHashEncoder())
    longest = 0.02
    for _ in range(rounds):
        pid = build_in_child(sources[1 - now], index)
        time.sleep(chance.uniform(0, longest))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        found = served(index)
        outcome = "old" if found == contents[now] else "new" if found == contents[1 - now] else "?"
        now = 1 - now if outcome == "new" else now
        # Killed between start and end of a build, however busy the machine is at the moment.
        longest = min(1.0, longest * (0.7 if outcome == "new" else 1.15))
        report(outcome=outcome)
    build_index(sources[1 - now], index, encoder=WordHashEncoder())
    sound = served(index) == contents[1 - now] and not left_over(index)
    report(outcome="finished" if sound else "broken at the end")


def race(rounds: int, folder: Path) -> None:
    """Start several rebuilds at once; every other round, kill one of them."""
    index = folder / "index"
    for n in range(rounds):
        source = write_corpus(folder / "docs", n)
        pids = [build_in_child(source, index) for _ in range(4)]
        if n % 2:
            time.sleep(0.005)
            os.kill(pids[0], signal.SIGKILL)
        codes = [os.waitpid(pid, 0)[1] for pid in pids]
        build_index(source, index, encoder=WordHashEncoder())
        ours = {document.text for document in load_index(index).documents}
        sound = all(f"epoch{n}" in text for text in ours) and not left_over(index)
        report(codes=codes, sound=sound)


if __name__ == "__main__":
    {"kill": kill, "race": race}[sys.argv[1]](int(sys.argv[2]), Path(sys.argv[3]))

#!/usr/bin/env python3
"""A folder of annual reports: how long its build takes, its memory, what a stop or a break costs.

    python benchmarks/scale.py                     65 reports of 100 pages, made here as PDF
    python benchmarks/scale.py --reports 6         a shorter run
    python benchmarks/scale.py --embedded 65       embed them all, not only the first two

Reading is measured on all reports with the encoder word-hash, whose embedding costs next to
nothing; embedding on the first ``--embedded`` ones with the packaged model. Memory is that of the
build and its children together (proportional set size, Linux only). The build of all is stopped by
Ctrl-C once a third is read, and begun again; one file is broken.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from record import RESULTS, circumstances, save

_LABELS = ("Revenue", "Cost of sales", "Gross profit", "Selling expenses", "Operating profit")
_LABELS += ("Finance costs", "Profit before tax", "Income tax", "Profit", "Inventories")
_TEXT = (
    "the group sold more of its products in the region than in the year before while costs of"
    " energy and freight rose and the board expects demand for the second half to hold this level"
)
_WORDS = _TEXT.split()
_LINES = 14  # of text on a page, above and below its table


def write_report(path: Path, number: int, pages: int) -> None:
    """Write an annual report of ``pages`` pages, each with a heading, text and a table."""
    from reportlab.pdfgen.canvas import Canvas

    chance = random.Random(number)
    canvas = Canvas(str(path), invariant=1)
    canvas.setTitle(f"Annual report 2024 of Company {number:03}")
    for page in range(1, pages + 1):
        y = _line(canvas, 780, f"{page}. Segment {chance.randrange(100, 999)} in 2024", 16)
        y = _text(canvas, y - 12, chance)
        y = _table(canvas, y - 12, chance, ruled=page % 2 == 0)
        _text(canvas, y - 12, chance)
        canvas.drawString(300, 30, str(page))
        canvas.showPage()
    canvas.save()


def _line(canvas: Any, y: float, text: str, size: float, x: float = 60) -> float:
    canvas.setFont("Helvetica", size)
    canvas.drawString(x, y, text)
    return y - 1.3 * size


def _text(canvas: Any, y: float, chance: random.Random) -> float:
    for i in range(_LINES):
        words = " ".join(chance.choices(_WORDS, k=14))
        y = _line(canvas, y, words.capitalize() if i == 0 else words, 10)
    return _line(canvas, y, f"This came to EUR {chance.randrange(1, 900)} million in 2024.", 10)


def _table(canvas: Any, y: float, chance: random.Random, ruled: bool) -> float:
    rows = [("EUR million", "2024", "2023")]
    rows += [(name, *(f"{chance.uniform(1, 9000):,.1f}" for _ in range(2))) for name in _LABELS]
    for label, *figures in rows:
        _line(canvas, y, label, 10)
        for column, figure in enumerate(figures):
            canvas.drawRightString(360 + 100 * column, y, figure)
        if ruled:
            canvas.line(60, y - 3, 460, y - 3)
        y -= 14
    return y


# --- measuring -----------------------------------------------------------------------------------


def build(source: str, folder: str, model: str | None) -> None:
    """Build in this process and print the seconds of each stage as JSON."""
    import rag

    begun: dict[str, float] = {}

    def progress(stage: str, _done: int, _total: int) -> None:
        begun.setdefault(stage, time.perf_counter())

    index = rag.build_index(source, folder, encoder=model, progress=progress)
    times = [*begun.values(), time.perf_counter()]
    stages = dict(zip(begun, (b - a for a, b in pairwise(times)), strict=True))
    print(
        json.dumps(
            {
                "stages": stages,
                "passages": len(index.passages),
                "documents": len(index.documents),
                "skipped": [skipped.id for skipped in index.skipped],
            }
        )
    )


def measured(
    source: Path, folder: Path, model: str | None, stop: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """Build in a process of its own; return what it printed, its seconds and its peak memory.

    With ``stop`` it is interrupted as by Ctrl-C once that is true.
    """
    options = ["--model", model] if model else []
    command = [sys.executable, __file__, "--build", str(source), str(folder), *options]
    started = time.perf_counter()
    # A runner in the background may ignore Ctrl-C, and so would what it starts.
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = {"parent": 0, "children": 0, "together": 0}
    while process.poll() is None:
        sizes = {pid: _size(pid) for pid in _tree(process.pid)}
        own = sizes.pop(process.pid, 0)
        now = {"parent": own, "children": sum(sizes.values())}
        now["together"] = sum(now.values())
        peak = {name: max(peak[name], now[name]) for name in peak}
        if stop and stop():
            process.send_signal(signal.SIGINT)
            stop = None
        time.sleep(0.2)
    signal.signal(signal.SIGINT, ours)
    out, err = process.communicate()
    found: dict[str, Any] = json.loads(out) if process.returncode == 0 else {}
    if not found and "KeyboardInterrupt" not in err:
        raise SystemExit(f"the build failed: {err}")
    megabytes = {name: round(size / 1_000_000) for name, size in peak.items()}
    return {**found, "seconds": time.perf_counter() - started, "megabytes": megabytes}


def _tree(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))
    except OSError:
        return


def _size(pid: int) -> int:
    """Return the bytes of memory of a process, what it shares counted in parts."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def kept_in(folder: Path) -> dict[str, float]:
    """Return when each extracted text that an index folder keeps was written, by name."""
    return {path.name: path.stat().st_mtime for path in folder.glob("extracted/*/*.json")}


def main() -> None:
    """Measure and keep the figures in ``results/scale.json``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reports", type=int, default=65, help="how many [65]")
    parser.add_argument("--pages", type=int, default=100, help="of each [100]")
    parser.add_argument("--embedded", type=int, default=2, help="with the packaged model [2]")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    parser.add_argument("--build", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--model", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.build:
        build(*options.build, options.model)
        return
    with tempfile.TemporaryDirectory() as made:
        figures = run(Path(made), options.reports, options.pages, options.embedded)
    flags = f"--reports {options.reports} --pages {options.pages} --embedded {options.embedded}"
    record = {**circumstances(f"python benchmarks/scale.py {flags}"), **figures}
    save(options.out / "scale.json", record)
    print(json.dumps(figures, indent=1))


def run(folder: Path, reports: int, pages: int, embedded: int) -> dict[str, Any]:
    """Write the reports into a folder, build, stop, go on; return the figures."""
    source, part = folder / "reports", folder / "part"
    source.mkdir()
    for number in range(reports):
        write_report(source / f"{number:03}.pdf", number, pages)
        _say(f"written: {number + 1} of {reports}")
    whole = (source / "000.pdf").read_bytes()
    (source / "broken.pdf").write_bytes(whole[: len(whole) // 3])
    shutil.copytree(source, part, ignore=lambda _, names: sorted(names)[embedded:])
    index = folder / "index"
    third = max(1, reports // 3)
    stopped = measured(source, index, "word-hash", lambda: len(kept_in(index)) >= third)
    kept = kept_in(index)
    resumed = measured(source, index, "word-hash")
    after = kept_in(index)
    fresh = measured(source, folder / "fresh", "word-hash")
    real = measured(part, folder / "real", None)
    read = reports * pages
    return {
        "reports": reports,
        "pages": read,
        "read": {
            "seconds": round(fresh["stages"]["read"], 1),
            "pages_a_second": round(read / fresh["stages"]["read"], 1),
            "megabytes": fresh["megabytes"],
            "skipped": fresh["skipped"],
        },
        "stopped": {
            "after_seconds": round(stopped["seconds"], 1),
            "kept": len(kept),
            "read_again": sum(after.get(name) != when for name, when in kept.items()),
            "resumed_seconds": round(resumed["stages"]["read"], 1),
            "documents": resumed["documents"],
        },
        "embedded": {
            "pages": embedded * pages,
            "passages": real["passages"],
            "read_seconds": round(real["stages"]["read"], 1),
            "embed_seconds": round(real["stages"]["embed"], 1),
            "megabytes": real["megabytes"],
        },
    }


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

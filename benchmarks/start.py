#!/usr/bin/env python3
"""How long the chat takes from the command to the first question, in a real browser.

    python benchmarks/start.py [--rounds N]       needs chromium and: pip install ".[dev]"

Every round starts a server of its own over an index that is there already. ``ready`` are the
seconds from the command to "Ready"; ``box`` those from "Ready" until there is a box to type in,
``asked`` until a question, typed at once, stands in the conversation, ``answered`` until its answer
does. The browser runs before the server does, its cache is empty. Results: ``results/start.json``.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from load import chat_server, seed_questions
from record import RESULTS, ROOT, circumstances, save

import rag

LIMITS = {"ready": 8.0, "asked": 2.0}
"""Seconds that a round may take at most."""


def measure(rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each round by what was waited for."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {"ready": [], "box": [], "asked": [], "answered": []}
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        rag.build_index(ROOT / "seeds", Path(folder) / "index")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(rounds):
            page = browser.new_page()
            started = time.perf_counter()
            with chat_server(ROOT / "seeds", index=Path(folder) / "index") as address:
                ready = time.perf_counter()
                found["ready"].append(ready - started)
                for what, seconds in _first_question(page, address, ready).items():
                    found[what].append(seconds)
            page.close()
        browser.close()
    return found


def _first_question(page: Any, address: str, ready: float) -> dict[str, float]:
    """Ask as soon as one can; return the seconds since ``ready``."""
    page.goto(address, wait_until="commit")
    page.locator("#box textarea").wait_for()
    box = time.perf_counter()
    page.locator("#box textarea").press_sequentially(seed_questions()[0], timeout=60_000)
    page.keyboard.press("Enter")
    page.locator("#chat .user-row").wait_for(timeout=60_000)
    asked = time.perf_counter()
    page.locator('#chat a[href^="#answer/"]').wait_for(timeout=60_000)
    times = {"box": box, "asked": asked, "answered": time.perf_counter()}
    return {what: moment - ready for what, moment in times.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, keep the result; exit code 1 if a limit was passed by the median."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    found = measure(options.rounds)
    medians = {what: statistics.median(times) for what, times in found.items()}
    for what, times in found.items():
        print(f"{what}: median {medians[what]:.2f} s, longest {max(times):.2f} s")
    seconds = {
        what: {"median": round(medians[what], 2), "longest": round(max(times), 2)}
        for what, times in found.items()
    }
    record = {
        **circumstances("python benchmarks/start.py"),
        "rounds": options.rounds,
        "seconds": seconds,
    }
    save(RESULTS / "start.json", record)
    raise SystemExit(any(medians[what] > limit for what, limit in LIMITS.items()))


if __name__ == "__main__":
    main()

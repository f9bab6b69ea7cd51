"""How far a command has come: bars on a terminal, the pace of a stage and the time left."""

from __future__ import annotations

import io
import sys

import pytest

from rag.cli import progressing
from rag.cli.progressing import pace, progress_bars


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("done", "seconds", "said"),
    [
        (100, 1.9, ""),  # too soon to tell
        (0, 60.0, ""),  # nothing to tell from
        (108, 2.0, "54 passages/s, 0:35 left"),  # (2000 - 108) / 54 = 35.04
        (30, 12.0, "2.5 passages/s, 13:08 left"),  # (2000 - 30) / 2.5 = 788
        (1999, 0.5 * 1999, "2.0 passages/s, 0:00 left"),
        (2000, 40.0, ""),  # done
    ],
)
def test_pace(done: int, seconds: float, said: str) -> None:
    assert pace("embed", done, 2000, seconds) == said


def test_pace_names_what_is_counted() -> None:
    assert pace("read", 30_000, 60_000, 10) == "3,000 files/s, 0:10 left"
    assert pace("split", 30, 60, 10).startswith("3.0 documents/s")


def test_a_terminal_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progressing.time, "monotonic", lambda: 100.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with progress_bars() as report:
        assert report is not None
        report("embed", 0, 2000)
        monkeypatch.setattr(progressing.time, "monotonic", lambda: 104.0)
        report("embed", 200, 2000)
    assert "200/2000" in terminal.getvalue()
    assert "50 passages/s, 0:36 left" in terminal.getvalue()


def test_elsewhere_there_are_no_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress_bars() as report:
        assert report is None

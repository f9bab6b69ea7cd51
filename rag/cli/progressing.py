"""How far a command has come: a bar for each stage on a terminal, with its pace and what is left.

Knows nothing of what is being done but the names of the stages.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.types import Progress

_UNITS = {"read": "files", "split": "documents", "embed": "passages", "write": "passages"}
_TELLING = 2.0  # seconds that a stage takes before its pace is told


@contextmanager
def progress_bars() -> Iterator[Progress | None]:
    """Show bars on stderr where that is a terminal; None otherwise."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    told = (TimeElapsedColumn(), TextColumn("{task.fields[pace]}"))
    with Bars(*columns, *told, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}
        begun: dict[str, float] = {}

        def report(stage: str, done: int, total: int) -> None:
            """Move the bar of a stage; the first report of a stage makes it."""
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=None, pace="")
                begun[stage] = time.monotonic()
            said = pace(stage, done, total, time.monotonic() - begun[stage])
            bars.update(tasks[stage], completed=done, total=total or None, pace=said)

        yield report


def pace(stage: str, done: int, total: int, seconds: float) -> str:
    """Return how fast a stage goes and how long it still takes, such as "54 passages/s, 1:05 left".

    Empty in its first two seconds, while nothing is done, and at its end.
    """
    if seconds < _TELLING or not 0 < done < total:
        return ""
    speed = done / seconds
    rate = f"{speed:,.0f}" if speed >= 10 else f"{speed:.1f}"
    minutes, rest = divmod(round((total - done) / speed), 60)
    return f"{rate} {_UNITS.get(stage, 'steps')}/s, {minutes}:{rest:02} left"

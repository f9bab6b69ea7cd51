"""What the commands print: answers and passages for people, one JSON object a line for programs.

People's text goes through `print_text`, which takes out what could steer a terminal. JSON is plain
ASCII, so that no encoding of stdout can break it. Knows nothing of commands or options.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rag.text import line_of

if TYPE_CHECKING:
    from rag.index import Index
    from rag.types import Answer, Progress, Skipped

_LISTED = 10
_NEAREST = 3
_QUOTED = 400
# Control characters (a tab and a line end may stay), bidirectional overrides, lone surrogates.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def message(text: str) -> None:
    """Print for people, on stderr."""
    print(_shown(text), file=sys.stderr, flush=True)


def print_text(text: str, end: str = "\n") -> None:
    """Print for people, on stdout."""
    print(_shown(text), end=end)


def print_json(**record: object) -> None:
    """Print one JSON object on a line of its own."""
    print(json.dumps(record))


def _shown(text: str) -> str:
    return _UNSAFE.sub("�", text)


def print_answer(given: Answer, index: Index) -> None:
    """Print the answer, then its quotes by number; without any, the nearest passages."""
    print_text(given.text)
    for number, citation in enumerate(given.citations, start=1):
        print_text(f"\n[{number}] {place(index, citation.document_id, citation.start)}")
        print_text(indented(citation.quote))
    if given.abstained and given.hits:
        print_text("\nNearest passages:")
        for hit in given.hits[:_NEAREST]:
            print_text(f"\n- {place(index, hit.passage.document_id, hit.passage.start)}")
            print_text(indented(hit.passage.text, _QUOTED))


def place(index: Index, document_id: str, offset: int) -> str:
    """Return where an offset lies, such as ``report.txt, line 12``."""
    return f"{document_id}, line {_line(index, document_id, offset)}"


def _line(index: Index, document_id: str, offset: int) -> int:
    return line_of(index.document(document_id).text, offset)


def indented(text: str, limit: int | None = None) -> str:
    """Return text with four blanks before each line, cut after ``limit`` characters."""
    cut = text if limit is None or len(text) <= limit else f"{text[:limit].rstrip()} …"
    return "\n".join(f"    {line}" for line in cut.splitlines())


def skipped_lines(skipped: Sequence[Skipped]) -> list[str]:
    """Return one line for each file that was not read, and why; the first ten."""
    lines = [f"skipped {item.id}: {item.reason}" for item in skipped[:_LISTED]]
    if len(skipped) > _LISTED:
        lines.append(f"skipped {len(skipped) - _LISTED} more files; all of them: rag build --json")
    return lines


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
    with Bars(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            """Move the bar of a stage; the first report of a stage makes it."""
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield report

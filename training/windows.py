"""Cut a document into passages with their headings, in several ways, for training.

The application cuts passages in `rag.passages`; this module makes look-alikes of many sizes, so
that the reader does not depend on one way of cutting. It knows nothing of questions or labels.
"""

import itertools
import random
import re
from dataclasses import dataclass

HEADING = re.compile(r"#{1,6}\s+\S|\*\*[^*]{2,80}\*\*:?\s*$")
ITEM = re.compile(r"\s*(?:[-•*–]|\d{1,2}[.)])\s+")
RULE = re.compile(r"\|?[\s|:-]+\|?$")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]?\s+(?=[A-Z0-9\"“(À-Þ])")


@dataclass(frozen=True, slots=True)
class Window:
    """A passage: `document[start:end]`, read under `heading` (empty or ` › `-joined)."""

    start: int
    end: int
    heading: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece that is never cut: a sentence, a table row or a list item; `context` explains it."""

    start: int
    end: int
    section: str
    context: str


def bare(line: str) -> str:
    """A heading line without its Markdown marks."""
    return re.sub(r"^#{1,6}\s+|\*\*", "", line).strip().rstrip(":")


def title_of(text: str) -> str:
    """The first line that is not blank, at most 120 characters."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return bare(first)[:120]


def is_table_row(line: str) -> bool:
    """Whether the line is a Markdown table row."""
    return line.lstrip().startswith("|") and line.count("|") >= 2


def lines_of(text: str) -> list[tuple[int, str]]:
    """Offsets and contents of all lines that are not blank."""
    found, offset = [], 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            found.append((offset, line.rstrip()))
        offset += len(line)
    return found


def sentences(start: int, line: str) -> list[tuple[int, int]]:
    """Sentence spans of one line, by punctuation; good enough for cutting, not for quoting."""
    cuts = [0, *(match.end() for match in SENTENCE_END.finditer(line)), len(line)]
    return [(start + a, start + b) for a, b in itertools.pairwise(cuts) if b > a]


def units_of(text: str) -> list[Unit]:
    """All units of a document in order, with section and table header or list introduction."""
    units: list[Unit] = []
    section, header, intro = "", "", ""
    for start, line in lines_of(text):
        end = start + len(line)
        if HEADING.match(line):
            section, header, intro = bare(line), "", ""
            units.append(Unit(start, end, section, "#"))
        elif is_table_row(line):
            units.append(Unit(start, end, section, header))
            header = header or line.strip()
        else:
            header = ""
            item = bool(ITEM.match(line))
            pieces = [(start, end)] if item else sentences(start, line)
            units += [Unit(a, b, section, intro if item else "") for a, b in pieces]
            intro = intro if item else line.strip()[-160:] if line.endswith(":") else ""
    return units


def split(
    text: str, size: int, *, by_section: bool = True, title: bool = True, section: bool = True
) -> list[Window]:
    """Pack units into windows of at most `size` characters (a longer unit stands alone).

    Args:
        text: The document.
        size: Greatest length of a window in characters.
        by_section: Begin a window at each heading, which then stands only in `Window.heading`.
        title: Put the document's title into the heading.
        section: Put the section into the heading.
    """
    name = title_of(text) if title else ""
    windows: list[Window] = []
    run: list[Unit] = []

    def flush() -> None:
        while run and run[-1].context == "#":
            run.pop()
        if run:
            first = run[0]
            context = first.context if first.context != "#" else ""
            parts = [name, first.section if section and first.section != name else "", context]
            windows.append(
                Window(first.start, run[-1].end, " › ".join(part for part in parts if part))
            )
        run.clear()

    for unit in units_of(text):
        is_heading = unit.context == "#"
        if run and (unit.end - run[0].start > size or (by_section and is_heading)):
            flush()
        if not (by_section and is_heading):
            run.append(unit)
    flush()
    return windows


def random_split(text: str, rng: random.Random) -> list[Window]:
    """One split with random size and headings."""
    return split(
        text,
        rng.choice([200, 260, 320, 400, 500, 620, 720]),
        by_section=rng.random() < 0.6,
        title=rng.random() < 0.85,
        section=rng.random() < 0.85,
    )

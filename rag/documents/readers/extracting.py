"""What a reader gives, and the text it is put together in.

Every format is rendered into the conventions that `rag.passages` understands in plain text:
headings as ``## words``, tables as lines of ``| cells |`` below one header line and its separator,
list items behind ``- ``, paragraphs apart by a blank line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, Protocol

from rag.types import Location, LocationKind


class UnreadableError(ValueError):
    """The file cannot become a document; the message is the reason that people see."""


class Field(NamedTuple):
    """What a field of the file says of the document; ``saved`` is a date that programs set."""

    kind: Literal["published", "saved", "period", "source", "language"]
    name: str
    value: str


class Extracted(NamedTuple):
    """The text of a file.

    Attributes:
        text: what is quoted.
        encoding: what bytes were decoded as; the name of the format where they are no text.
        note: what was guessed or lost, for people; empty if nothing was.
        title: what the file calls itself; None where its text is to be looked at for one.
        locations: as in `rag.types.Document`.
        fields: what the file says of itself, the more trustworthy first.
    """

    text: str
    encoding: str
    note: str = ""
    title: str | None = None
    locations: tuple[Location, ...] = ()
    fields: tuple[Field, ...] = ()


class Reader(Protocol):
    """A module of this folder: one format."""

    def read(self, data: bytes) -> Extracted:
        """Return the text of a file.

        Raises:
            UnreadableError: the bytes are damaged, locked or hold no text; says which.
        """


class Writer:
    """Text in the making; what is added knows where it came to stand."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._locations: list[Location] = []
        self._path: list[tuple[int, str]] = []
        self._section = 0

    @property
    def length(self) -> int:
        """Number of characters so far."""
        return self._length

    def add(self, *lines: str, apart: bool = True) -> list[tuple[int, int]]:
        """Add lines, ``apart`` below a blank one; return the (start, end) of each."""
        ranges = []
        for number, line in enumerate(lines):
            self._put(("\n\n" if apart and not number else "\n") if self._length else "")
            start = self._length
            self._put(line)
            ranges.append((start, self._length))
        return ranges

    def heading(self, level: int, words: str) -> None:
        """Add a heading of ``level`` 1 to 6; what follows is located below it."""
        words = " ".join(words.split())
        if not words:
            return
        self.end_section()
        self._path = [(above, name) for above, name in self._path if above < level]
        self._path.append((level, words))
        [(self._section, _)] = self.add(f"{'#' * min(level, 6)} {words}")

    def end_section(self) -> None:
        """Locate what was written since the last heading below that heading and those above."""
        if self._path and self._length > self._section:
            name = " › ".join(words for _, words in self._path)
            self.locate(self._section, self._length, "heading", name)

    def locate(self, start: int, end: int, kind: LocationKind, name: str) -> None:
        """Say where a range of the text stands in the file."""
        if end > start:
            self._locations.append(Location(start, end, kind, name))

    def finish(
        self,
        encoding: str,
        note: str = "",
        title: str | None = None,
        fields: Iterable[Field] = (),
    ) -> Extracted:
        """Return what was written; fields without a value are left out."""
        self.end_section()
        ordered = sorted(self._locations, key=lambda place: (place.start, -place.end, place.kind))
        said = tuple(field for field in fields if field.value.strip())
        return Extracted("".join(self._parts), encoding, note, title, tuple(ordered), said)

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

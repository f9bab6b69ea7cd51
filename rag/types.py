"""The values that travel through the rooms: frozen, slotted, compared by content.

Offsets are code points into ``Document.text`` everywhere, ``end`` exclusive. Scores: higher is
better. This module imports nothing of ours and knows nothing of files, models or indexes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

History = Sequence[tuple[str, str]]
"""Earlier turns of a conversation, oldest first: (question, answer text)."""

Progress = Callable[[str, int, int], None]
"""Called as ``progress(stage, done, total)``; ``total`` is 0 while it is not known."""

SpanKind = Literal["sentence", "row", "item"]

LocationKind = Literal["page", "sheet", "row", "paragraph", "heading", "record"]

ReasonCode = Literal[
    "no-such-entity",
    "entity-without-metric",
    "metric-without-period",
    "outside-documents",
    "not-a-question",
    "weak-support",
]


@dataclass(frozen=True, slots=True)
class Location:
    """Where a range of a document's text stands in its file: page 12, sheet Balance, row 14.

    ``name`` is the number, from 1, as the program that shows the file counts, or the name.
    """

    start: int
    end: int
    kind: LocationKind
    name: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known of a document, and what says so.

    Attributes:
        value: a day or month (``2025-03-05``, ``2025-03``), a first and last day
            (``2024-01-01/2024-12-31``), a name, or a language (``en``).
        field: the field of the file that says so; empty where its text does.
        span: (start, end) in the document's text; None where a field says so.
        sure: False for a date that only says when a program saved the file.
    """

    value: str
    field: str = ""
    span: tuple[int, int] | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a document as a whole; None for what is not."""

    published: Fact | None = None
    period: Fact | None = None
    source: Fact | None = None
    language: Fact | None = None

    @property
    def dated(self) -> Fact | None:
        """What gives the document its date: its publication, else the period that it covers."""
        return self.published or self.period

    @property
    def day(self) -> str:
        """The day of publication, else the last of the period, as ``2025-03-05``; empty if unknown.

        A month stands for its first day.
        """
        dated = self.dated
        return f"{dated.value.rpartition('/')[2]}-01"[:10] if dated else ""


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the source folder, decoded, or what was extracted from it.

    Attributes:
        id: POSIX path below the source folder.
        title: first heading or line that names the document, for display and search.
        text: the decoded file, or the extracted text of a format that is no plain text; unchanged.
        sha256: of the file's bytes, hexadecimal.
        encoding: what the bytes were decoded as, such as ``utf-8``.
        boilerplate: (start, end) ranges, ascending, that are neither retrieved nor quoted.
        note: what was guessed while reading, for example the encoding; empty if nothing was.
        locations: where parts of the text stand in the file, by start, the wider first; kinds
            nest, ranges of one kind are disjoint. Empty for plain text.
        metadata: dates, source and language, each with its evidence.
    """

    id: str
    title: str
    text: str
    sha256: str = ""
    encoding: str = "utf-8"
    boilerplate: tuple[tuple[int, int], ...] = ()
    note: str = ""
    locations: tuple[Location, ...] = ()
    metadata: Metadata = Metadata()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, with the reason in words a person can act on."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """A citable unit of a document: a sentence, a table row or a list item.

    ``lead`` is the range of what introduces it: the header row of a table row, the line before a
    list for an item; None where nothing does.
    """

    start: int
    end: int
    kind: SpanKind = "sentence"
    lead: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of one document that is retrieved as a whole.

    ``document.text[start:end] == text``. ``heading`` is context for search and reading (document
    title, section, table header or list introduction when these stand outside ``text``), never
    part of ``text``. ``spans`` cover the citable units inside, ascending and not overlapping, in
    offsets of the document.
    """

    document_id: str
    start: int
    end: int
    text: str
    heading: str = ""
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        """Refuse offsets that cannot belong to the text."""
        if self.start < 0 or self.end - self.start != len(self.text):
            raise ValueError(
                f"{self.document_id}: offsets {self.start}..{self.end} "
                f"do not fit a text of {len(self.text)} characters"
            )


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; position in the list is the rank, ``score`` higher is better."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words a claim rests on: ``document.text[start:end] == quote``, always.

    ``row`` and ``column`` name a table cell by its headers, ``page`` a page of a paged document.
    ``dated`` gives the document's date where the answer says it, with what says so.
    """

    document_id: str
    title: str
    start: int
    end: int
    quote: str
    page: int | None = None
    row: str | None = None
    column: str | None = None
    dated: Fact | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there is no answer: a code for programs, one sentence for people, and what it is made of.

    Attributes:
        code: what kind of reason it is.
        text: the sentence, in English.
        missing: what was asked for and is not there: names, periods or words; of a figure its
            kind, as `Question.wanted` has it, and its unit, "" where none was asked for; with
            ``instead`` the one metric or name.
        figure: what is there instead, as printed; empty where nothing is.
        period: for which period something is there instead; empty where for none.
        instead: what the figure measures, or whose it is, instead; empty where that is not said.
    """

    code: ReasonCode
    text: str
    missing: tuple[str, ...] = ()
    figure: str = ""
    period: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the documents say, or that they do not.

    ``[n]`` in ``text`` means ``citations[n - 1]``. Without citations the answer is an abstention:
    ``reason`` says why and ``hits`` hold the nearest passages, best first. ``unsaid`` are the parts
    of the question that stay unanswered: of each says one of the last lines of ``text``, in order.
    ``differing`` is true where documents give different figures for the same thing: all are said.
    """

    question: str
    text: str
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    reason: Reason | None = None
    unsaid: tuple[str, ...] = ()
    differing: bool = False

    @property
    def abstained(self) -> bool:
        """True when nothing is claimed."""
        return not self.citations


class Encoder(Protocol):
    """Turns texts into unit vectors. ``fingerprint`` changes whenever the vectors would."""

    @property
    def name(self) -> str:
        """What the user configured, for messages and the manifest."""

    @property
    def fingerprint(self) -> str:
        """Hash of the weights (sha256, hexadecimal) or another text that names them exactly."""

    @property
    def dim(self) -> int:
        """Length of one vector."""

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dim), float32, in the order of ``texts``."""


@runtime_checkable
class SpanEncoder(Encoder, Protocol):
    """An encoder that also gives a vector for each range of characters in its context."""

    def encode_spans(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[tuple[int, int]]],
        progress: Progress | None = None,
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        """Return (len(texts), dim), and for each text the unit vectors (its spans, dim)."""

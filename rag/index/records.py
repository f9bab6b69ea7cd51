"""Documents and passages as JSON lines, with tables of where each line begins; read when asked for.

A passage's text is not stored: it is cut from its document, so that the two cannot differ. Lines
of files that lie in memory are kept once they were read; of files too large for that, the last few.
"""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, overload

from rag.types import Document, Fact, Location, Metadata, Passage, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.index.storage import Content

_KEPT_DOCUMENTS = 64
_KEPT_PASSAGES = 4096
_COLUMNS = 5
_Record = TypeVar("_Record")


class Lines(Sequence[_Record]):
    """Records that are made from their line when they are asked for."""

    def __init__(
        self,
        content: Content,
        begins: NDArray[np.int64],
        made: Callable[[dict[str, Any]], _Record],
        kept: int,
    ) -> None:
        """Take lines, where each begins and the last ends, and what makes a record of one.

        Raises:
            ValueError: ``begins`` are not those of ``content``.
        """
        if begins[0] != 0 or begins[-1] != len(content) or (begins[1:] < begins[:-1]).any():
            raise ValueError("a table of lines does not belong to its lines")

        def record(row: int) -> _Record:
            """Make the record of a line."""
            line = content[int(begins[row]) : int(begins[row + 1])]
            return made(json.loads(line.decode("utf-8", "surrogatepass")))

        self._count = len(begins) - 1
        self._record = lru_cache(kept if isinstance(content, mmap.mmap) else None)(record)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, row: int) -> _Record: ...

    @overload
    def __getitem__(self, row: slice) -> tuple[_Record, ...]: ...

    def __getitem__(self, row: int | slice) -> _Record | tuple[_Record, ...]:
        """Return one record, or several."""
        if isinstance(row, slice):
            return tuple(self._record(each) for each in range(*row.indices(self._count)))
        if not -self._count <= row < self._count:
            raise IndexError(f"row {row} of {self._count}")
        return self._record(int(row) % self._count)

    def __iter__(self) -> Iterator[_Record]:
        return (self._record(row) for row in range(self._count))

    def __eq__(self, other: object) -> bool:
        """Equal to a sequence of equal records."""
        if not isinstance(other, Sequence) or len(self) != len(other):
            return NotImplemented
        return all(ours == theirs for ours, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


class Documents(Lines[Document]):
    """Documents by position and by id; ``firsts[i]`` is the first passage of the i-th."""

    def __init__(self, content: Content, table: Content, ids: Sequence[str]) -> None:
        """Read the two files of documents. Raises ValueError where they do not belong together."""
        begins, self.firsts = _columns(table, 2)
        super().__init__(content, begins, _document, _KEPT_DOCUMENTS)
        if len(ids) != len(self):
            raise ValueError(f"{len(self)} documents instead of {len(ids)}")
        self.ids = tuple(ids)
        self.numbers = {document_id: number for number, document_id in enumerate(self.ids)}

    @property
    def counts(self) -> dict[str, int]:
        """How many passages each document has, by id."""
        counts = (self.firsts[1:] - self.firsts[:-1]).tolist()
        return dict(zip(self.ids, counts, strict=True))

    def called(self, document_id: str) -> Document:
        """Return the document of that id. Raises KeyError: there is none."""
        return self[self.numbers[document_id]]


class Passages(Lines[Passage]):
    """Passages by row.

    Attributes:
        documents: which they are of.
        first_spans: number of the first span of each passage, and of all spans at the end.
        keys: what names the words and spans of each passage to the encoder, 16 bytes each.
    """

    def __init__(self, content: Content, table: Content, documents: Documents) -> None:
        """Read the two files of passages. Raises ValueError where they do not belong together."""
        import numpy as np

        begins, self.first_spans, self._starts, *halves = _columns(table, _COLUMNS)
        self.documents = documents
        super().__init__(content, begins, self._passage, _KEPT_PASSAGES)
        self.keys = np.stack(halves, axis=1)[:-1].copy().view("V16")[:, 0]
        if documents.firsts[0] != 0 or documents.firsts[-1] != len(self):
            raise ValueError("documents and passages do not belong together")

    def keys_in(self, document_id: str) -> list[bytes]:
        """Return the keys of a document's passages; none where there is no such document."""
        number = self.documents.numbers.get(document_id)
        if number is None:
            return []
        found: list[bytes] = self.keys[slice(*self.documents.firsts[number : number + 2])].tolist()
        return found

    def row(self, passage: Passage) -> int:
        """Return where a passage stands. Raises KeyError or IndexError: not among these."""
        import numpy as np

        number = self.documents.numbers[passage.document_id]
        first, last = map(int, self.documents.firsts[number : number + 2])
        return first + int(np.flatnonzero(self._starts[first:last] == passage.start)[-1])

    def _passage(self, record: dict[str, Any]) -> Passage:
        document = self.documents.called(record["document_id"])
        return Passage(
            document_id=record["document_id"],
            start=record["start"],
            end=record["end"],
            text=document.text[record["start"] : record["end"]],
            heading=record["heading"],
            spans=tuple(_span(*fields) for fields in record["spans"]),
        )


class PassageTable:
    """What `Passages` needs beside the lines, gathered while these are written."""

    def __init__(self) -> None:
        from array import array

        self._rows = array("q", [0] * _COLUMNS)

    def add(self, passage: Passage, size: int, key: bytes) -> None:
        """Note a passage whose line is ``size`` bytes long."""
        begin, spans = self._rows[-_COLUMNS], self._rows[1 - _COLUMNS]
        self._rows[2 - _COLUMNS] = passage.start
        self._rows[-2] = int.from_bytes(key[:8], "little", signed=True)
        self._rows[-1] = int.from_bytes(key[8:], "little", signed=True)
        self._rows.extend((begin + size, spans + len(passage.spans), 0, 0, 0))

    def __bytes__(self) -> bytes:
        return self._rows.tobytes()


Read = tuple[str, tuple[tuple[int, int], ...]]
"""What an encoder reads of a passage: its text with its context, and where in it its spans lie."""


def read_by_encoder(passage: Passage) -> Read:
    """Return what the encoder is given for a passage."""
    shift = len(passage.heading) + 1 - passage.start
    spans = tuple((span.start + shift, span.end + shift) for span in passage.spans)
    return searchable(passage), spans


def key_of(read: Read) -> bytes:
    """Return 16 bytes that name what an encoder reads (BLAKE2b)."""
    digest = hashlib.blake2b(read[0].encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(repr(read[1]).encode("ascii"))
    return digest.digest()


def searchable(passage: Passage) -> str:
    """Return what is embedded and lexically indexed for a passage."""
    return f"{passage.heading}\n{passage.text}"


def document_line(document: Document) -> bytes:
    """Return a document as a line of JSON."""
    return _line(
        {
            "id": document.id,
            "title": document.title,
            "text": document.text,
            "sha256": document.sha256,
            "encoding": document.encoding,
            "boilerplate": document.boilerplate,
            "note": document.note,
            "locations": [[p.start, p.end, p.kind, p.name] for p in document.locations],
            "metadata": asdict(document.metadata),
        }
    )


def passage_line(passage: Passage) -> bytes:
    """Return a passage as a line of JSON, without its text."""
    return _line(
        {
            "document_id": passage.document_id,
            "start": passage.start,
            "end": passage.end,
            "heading": passage.heading,
            "spans": [[span.start, span.end, span.kind, span.lead] for span in passage.spans],
        }
    )


def table_bytes(columns: Iterable[Sequence[int]]) -> bytes:
    """Return columns of equal length as rows of 64-bit integers."""
    import numpy as np

    return np.stack([np.array(column, "<i8") for column in columns], axis=1).tobytes()


def _columns(table: Content, count: int) -> list[NDArray[np.int64]]:
    import numpy as np

    rows = np.frombuffer(table, "<i8").reshape(-1, count)
    return [np.ascontiguousarray(column) for column in rows.T]


def _document(record: dict[str, Any]) -> Document:
    boilerplate = tuple((a, b) for a, b in record["boilerplate"])
    locations = tuple(Location(*fields) for fields in record["locations"])
    metadata = Metadata(**{name: _fact(found) for name, found in record["metadata"].items()})
    read = {"boilerplate": boilerplate, "locations": locations, "metadata": metadata}
    return Document(**{**record, **read})


def _fact(record: dict[str, Any] | None) -> Fact | None:
    if record is None:
        return None
    span = record["span"]
    return Fact(**{**record, "span": (span[0], span[1]) if span else None})


def _span(start: int, end: int, kind: Any, lead: list[int] | None) -> Span:
    return Span(start, end, kind, (lead[0], lead[1]) if lead else None)


def _line(record: dict[str, Any]) -> bytes:
    # surrogatepass: a file name that is not UTF-8 holds lone surrogates and must come back as is.
    # JSON escapes "\n", so only the end of the line is one.
    return (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")

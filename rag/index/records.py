"""Documents and passages as JSON lines, and back, equal to what was written.

A passage's text is not stored: it is cut from its document, so that the two cannot differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rag.types import Document, Fact, Location, Metadata, Passage, Span


def documents_bytes(documents: Iterable[Document]) -> bytes:
    """Return one JSON line for each document."""
    return _lines(
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
        for document in documents
    )


def read_documents(content: bytes) -> tuple[Document, ...]:
    """Return the documents of `documents_bytes`. Raises ValueError or KeyError for other bytes."""
    return tuple(
        Document(
            **{
                **record,
                "boilerplate": tuple((a, b) for a, b in record["boilerplate"]),
                "locations": tuple(Location(*fields) for fields in record["locations"]),
                "metadata": Metadata(**{k: _fact(v) for k, v in record["metadata"].items()}),
            }
        )
        for record in _records(content)
    )


def _fact(record: dict[str, Any] | None) -> Fact | None:
    if record is None:
        return None
    span = record["span"]
    return Fact(**{**record, "span": (span[0], span[1]) if span else None})


def passages_bytes(passages: Iterable[Passage]) -> bytes:
    """Return one JSON line for each passage, without its text."""
    return _lines(
        {
            "document_id": passage.document_id,
            "start": passage.start,
            "end": passage.end,
            "heading": passage.heading,
            "spans": [[span.start, span.end, span.kind, span.lead] for span in passage.spans],
        }
        for passage in passages
    )


def read_passages(content: bytes, documents: Mapping[str, Document]) -> tuple[Passage, ...]:
    """Return the passages of `passages_bytes`, their text cut from ``documents`` by id."""
    return tuple(
        Passage(
            document_id=record["document_id"],
            start=record["start"],
            end=record["end"],
            text=documents[record["document_id"]].text[record["start"] : record["end"]],
            heading=record["heading"],
            spans=tuple(_span(*fields) for fields in record["spans"]),
        )
        for record in _records(content)
    )


def _span(start: int, end: int, kind: Any, lead: list[int] | None) -> Span:
    return Span(start, end, kind, (lead[0], lead[1]) if lead else None)


def _lines(records: Iterable[dict[str, Any]]) -> bytes:
    # surrogatepass: a file name that is not UTF-8 holds lone surrogates and must come back as is.
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    return "".join(lines).encode("utf-8", "surrogatepass")


def _records(content: bytes) -> Iterable[dict[str, Any]]:
    # Only "\n" ends a line here; str.splitlines would cut at U+2028 inside a text.
    lines = content.decode("utf-8", "surrogatepass").split("\n")
    return (json.loads(line) for line in lines if line)

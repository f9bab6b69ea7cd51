"""The index that the chat serves: opened once, renewed when a build publishes another.

Gives the page what it shows of documents: spans with the text around them, the list of
documents, whether the folder still matches.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chat.evidence import Reference, fingerprint
from chat.rendering import scrub

if TYPE_CHECKING:
    from chat.feedback import Feedback
    from rag import Answer, Document, Index

_log = logging.getLogger("chat")
_AROUND = 20_000
_LEAST_PAUSE = 10.0
"""Seconds between two comparisons of folder and index; they take longer the larger both are."""


class Library:
    """What the chat knows of the documents.

    Attributes:
        index: returns the Index to answer from; called once an answer.
        answer: `rag.answer`, or what takes its place.
        examples: questions that the documents answer.
        examples_settled: set unless somebody is still looking for them.
        source: the folder of documents, None where nobody is to know whether it changed.
        feedback: where verdicts on answers go, None where none are wanted.
    """

    def __init__(
        self,
        index: Callable[[], Index],
        examples: Sequence[str] = (),
        source: str | Path | None = None,
        answer: Callable[..., Answer] | None = None,
        feedback: Feedback | None = None,
    ) -> None:
        import rag

        self.index = index
        self.answer = answer or rag.answer
        self.examples = list(examples)
        self.examples_settled = threading.Event()
        self.examples_settled.set()
        self.source = source
        self.feedback = feedback
        self._status: dict[str, Any] = {}
        self._next_check = 0.0
        self._checking = threading.Lock()

    def spans(
        self, references: Iterable[Reference], index: Index | None = None
    ) -> list[dict[str, Any]]:
        """Return the words of spans and where they stand, or why they cannot be shown.

        Args:
            references: document, first character, after the last, and
                `chat.evidence.fingerprint` of the words that were cited, empty if unknown.
            index: where the words are; what is served now if None.

        Returns:
            For each span
            ``title``, ``line``, ``places`` (page, sheet, row … by name), ``quote``; or
            ``problem``: ``missing`` or ``stale``.
        """
        index = index or self.index()
        return [_span(index, reference) for reference in references]

    def reading(self, reference: Reference) -> dict[str, Any]:
        """As one of `spans`, with the text around, so that the browser counts no characters."""
        document_id, start, end, _ = reference
        index = self.index()
        shown = _span(index, reference)
        if "problem" in shown:
            return shown
        text = index.document(document_id).text
        first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
        shown["before"], shown["after"] = scrub(text[first:start]), scrub(text[end:last])
        shown["cut"] = [first > 0, last < len(text)]
        shown["dates"] = _dates(index.document(document_id))
        shown["pictures"] = self.source is not None and "page" in shown["places"]
        return shown

    def listing(self, index: Index) -> list[dict[str, Any]]:
        """Return id, title, passages, characters, metadata and last change of each, by id."""
        from rag.exporting import metadata_record

        passages = index.documents.counts
        return [
            {
                "id": document.id,
                "title": scrub(document.title),
                "passages": passages[document.id],
                "characters": len(document.text),
                **metadata_record(document),
                "changed": self._changed(document.id),
            }
            for document in index.documents
        ]

    def titles(self) -> list[dict[str, str]]:
        """Return id and title of every document, by id."""
        documents = self.index().documents
        return [{"id": scrub(d.id), "title": scrub(d.title)} for d in documents]

    def _changed(self, document_id: str) -> str:
        if self.source is None:
            return ""
        try:
            seconds = (Path(self.source) / document_id).stat().st_mtime
        except (OSError, ValueError):
            return ""
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()

    def status(self) -> dict[str, Any]:
        """Return the generation and in how many files the folder differs, looked at now and then.

        A comparison reads every file, so at most a twentieth of the time goes into it.
        """
        with self._checking:
            started = time.monotonic()
            if started >= self._next_check:
                self._status = self._differences()
                now = time.monotonic()
                self._next_check = now + max(_LEAST_PAUSE, 20 * (now - started))
            return {"generation": self.index().generation, **self._status}

    def renew(self) -> None:
        """Take over what a build has published: open it now and compare the folder anew."""
        self.index()
        with self._checking:
            self._next_check = 0.0

    def _differences(self) -> dict[str, Any]:
        from rag.index import index_status

        if self.source is None:
            return {}
        if not Path(self.source).is_dir():
            return {"gone": "documents"}
        try:
            status = index_status(self.index().folder, self.source)
        except Exception:
            _log.exception("the folder cannot be compared with the index")
            return {}
        if status.generation is None:
            return {"gone": "index"}
        differences = {key: len(getattr(status, key)) for key in ("added", "changed", "removed")}
        return {"differences": differences} if any(differences.values()) else {}


def _span(index: Index, reference: Reference) -> dict[str, Any]:
    from rag.documents import locate

    document_id, start, end, _ = reference
    found = _find(index, reference)
    if isinstance(found, str):
        return {"document": scrub(document_id), "problem": found}
    return {
        "document": scrub(document_id),
        "title": scrub(found.title),
        "line": found.text.count("\n", 0, start) + 1,
        "places": {kind: scrub(name) for kind, name in locate(found, start).items()},
        "quote": scrub(found.text[start:end]),
    }


def _dates(document: Document) -> list[dict[str, Any]]:
    """Return the publication and the period of a document, each with what says so."""
    from rag.documents import words_of
    from rag.text import line_of

    known = document.metadata
    kinds = {
        "published" if known.published and known.published.sure else "saved": known.published,
        "covers": known.period,
    }
    return [
        {
            "kind": kind,
            "days": fact.value.split("/"),
            "field": scrub(fact.field),
            "quote": scrub(words_of(document, fact)),
            "line": line_of(document.text, fact.span[0]) if fact.span else 0,
        }
        for kind, fact in kinds.items()
        if fact
    ]


def _find(index: Index, reference: Reference) -> Document | str:
    document_id, start, end, mark = reference
    try:
        document = index.document(document_id)
    except (KeyError, ValueError):
        return "missing"
    inside = 0 <= start < end <= len(document.text)
    if not inside or (mark and fingerprint(document.text[start:end]) != mark):
        return "stale"
    return document

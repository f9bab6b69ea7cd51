"""Checks an exported conversation: against itself, then every quote against the documents.

The seal tells that the file is as it was written. It is no signature: whoever makes a new seal can
rewrite an answer, but no quote, for the documents speak against it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from rag.documents import read_document
from rag.errors import DocumentError, RagError
from rag.exporting.page import FORMAT, SEAL, sealed, shown, text_sha256
from rag.types import Document

_LARGEST = 50_000_000
_SHOWN_PLACE = re.compile(r"[qa]\d+|c\d+-\d+")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked; ``problem`` says what is wrong with it, "" if nothing is.

    Attributes:
        what: ``file``, or ``answer 2`` for its words, or ``answer 2 [1]`` for a quote.
        problem: in words.
        document_id: the document of a quote, else "".
        start: first character of a quote.
        end: after its last.
    """

    what: str
    problem: str = ""
    document_id: str = ""
    start: int = 0
    end: int = 0


def verify_page(path: str | Path, folder: str | Path) -> list[Check]:
    """Check an exported file against itself and against the documents in ``folder``.

    Returns:
        The file's own check, then those of each answer and its quotes, in their order.

    Raises:
        RagError: the file cannot be read, or is no exported conversation.
        DocumentError: the folder is not there.
    """
    if not Path(folder).is_dir():
        raise DocumentError(f"{folder}: no such folder. Name the documents' own: --source FOLDER")
    content = _content(Path(path))
    record, places = _parsed(content, path)
    whole = "" if sealed(content) == content else "changed since it was exported"
    try:
        return [Check("file", whole), *_checks(record, places, Path(folder))]
    except (KeyError, TypeError, AttributeError) as error:
        raise RagError(f"{path}: its record is damaged ({error!r}). {_REMEDY}") from error


_REMEDY = "Export the conversation again."


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise RagError(f"{path}: larger than {_LARGEST // 1_000_000} MB. {_REMEDY}")
        return path.read_bytes()
    except OSError as error:
        raise RagError(f"{path}: cannot be read: {error.strerror}") from error


def _parsed(content: bytes, path: str | Path) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return the record and what the page shows, by the names in ``data-is``."""
    reader = _Reader()
    reader.feed(content.decode("utf-8", "replace"))
    reader.close()
    if not SEAL.search(content) or len(reader.records) != 1:
        raise RagError(f"{path}: not a conversation exported by the chat, or damaged.")
    try:
        record = json.loads(reader.records[0])
    except (ValueError, RecursionError) as error:
        raise RagError(f"{path}: its record is damaged ({error}). {_REMEDY}") from error
    version = record.get("format") if isinstance(record, dict) else None
    if version != FORMAT:
        raise RagError(f"{path}: format {version!r}, and this version reads {FORMAT}.")
    return record, reader.places


def _checks(record: dict[str, Any], places: dict[str, list[str]], folder: Path) -> Iterator[Check]:
    sources = {source["id"]: source for source in record["sources"]}
    documents = {name: _read(folder, source) for name, source in sources.items()}
    expected: set[str] = set()
    for number, exchange in enumerate(record["exchanges"], 1):
        said = {f"q{number}": exchange["question"], f"a{number}": exchange["answer"]}
        expected |= said.keys()
        differs = any(places.get(name) != [shown(text)] for name, text in said.items())
        yield Check(f"answer {number}", _ELSE if differs else "")
        for n, citation in enumerate(exchange["citations"], 1):
            name = f"c{number}-{n}"
            expected.add(name)
            problem = _ELSE if places.get(name) != [shown(citation["quote"])] else ""
            problem = problem or _wrong(citation, documents)
            span = (citation["document"], citation["start"], citation["end"])
            yield Check(f"answer {number} [{n}]", problem, *span)
    if extra := sorted(places.keys() - expected):
        yield Check("page", f"shows what its record does not hold: {', '.join(extra)}")


_ELSE = "the page shows other words than its record"


def _read(folder: Path, source: dict[str, Any]) -> Document | str:
    """Return a source as it was when exported, or what has become of it."""
    try:
        document = read_document(folder, source["id"])
    except DocumentError as error:
        return str(error)
    if document.sha256 != source["file_sha256"]:
        return f"changed since: sha256 {document.sha256[:12]}…, was {source['file_sha256'][:12]}…"
    if text_sha256(document.text) != source["text_sha256"]:
        return "the same file, but this version reads another text from it"
    return document


def _wrong(citation: dict[str, Any], documents: dict[str, Document | str]) -> str:
    """Return why a quote does not hold; empty if it does."""
    document = documents.get(citation["document"], "not among the sources of the file")
    if isinstance(document, str):
        return document
    start, end = citation["start"], citation["end"]
    inside = type(start) is type(end) is int and 0 <= start < end <= len(document.text)
    holds = inside and document.text[start:end] == citation["quote"]
    return "" if holds else "the quote does not stand there"


class _Reader(HTMLParser):
    """Collects the record and the text of every element that bears ``data-is``."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.records: list[str] = []
        self.places: dict[str, list[str]] = {}
        self._target: list[str] | None = None
        self._name = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin to collect at an element of ours, and follow what is nested in it."""
        given = dict(attrs)
        if self._target is not None:
            self._open.append(tag)
        elif given.get("id") == "record":
            self._begin(tag, "record")
        elif _SHOWN_PLACE.fullmatch(given.get("data-is") or ""):
            self._begin(tag, given["data-is"] or "")

    def handle_data(self, data: str) -> None:
        """Collect text."""
        if self._target is not None:
            self._target.append(data)

    def handle_endtag(self, tag: str) -> None:
        """End at the element that was begun with."""
        if self._target is None or tag not in self._open:
            return
        while self._open.pop() != tag:
            pass
        if not self._open:
            text = "".join(self._target)
            if self._name == "record":
                self.records.append(text)
            else:
                self.places.setdefault(self._name, []).append(text)
            self._target = None

    def _begin(self, tag: str, name: str) -> None:
        self._target, self._name, self._open = [], name, [tag]

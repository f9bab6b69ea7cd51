"""What an answer was and rests on, packed into the address of the small line under it.

The browser keeps conversations, so what exports them, judges them and shows their sources comes
back from there: as text that nobody has to trust. The spans travel with fingerprints of their
words, so that a source that changed since is noticed; the words themselves come from the index.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag import Answer, Citation, Hit, Index

Reference = tuple[str, int, int, str]
"""Document id, first character, after the last, fingerprint of the words."""

_LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """An answer as the browser gave it back.

    Attributes:
        question: as asked.
        text: the answer's own text, with ``[n]``.
        cited: the spans that ``[n]`` names.
        generation: of the index that answered.
        at: when, ISO 8601, UTC.
        documents: ids that the search was limited to, None for all.
    """

    question: str
    text: str
    cited: tuple[Reference, ...]
    generation: str
    at: str
    documents: tuple[str, ...] | None


def fingerprint(text: str) -> str:
    """Return eight hexadecimal digits that change when the words of a span do."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def now() -> str:
    """Return the time in UTC to the second, ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pack(answer: Answer, index: Index, documents: Collection[str] | None = None) -> str:
    """Return an answer as text that is safe in an address; `unpack` reads it back."""
    cited = [(c.document_id, c.start, c.end, c.quote) for c in answer.citations]
    found = [
        (h.passage.document_id, h.passage.start, h.passage.end, h.passage.text)
        for h in answer.hits
        if not any(_overlap(h, c) for c in answer.citations)
    ]
    content: dict[str, Any] = {
        "q": answer.question,
        "a": answer.text,
        "g": index.generation,
        "t": now(),
        "c": _references(cited),
        "h": _references(found),
    }
    if documents is not None:
        content["d"] = sorted(documents)
    packed = json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def unpack(packed: Any) -> Evidence | None:
    """Return what `pack` packed, None for anything of another shape."""
    if not isinstance(packed, str) or len(packed) > _LARGEST:
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        texts = [content[key] for key in "qagt"]
        cited, documents = references(content["c"]), content.get("d")
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if [type(text) for text in texts] != [str] * 4 or len(cited) != len(content["c"]):
        return None
    if documents is not None:
        if not isinstance(documents, list) or {type(item) for item in documents} - {str}:
            return None
        documents = tuple(documents)
    question, text, generation, at = texts
    return Evidence(question, text, tuple(cited), generation, at, documents)


def words_of(reference: Reference, index: Index) -> str | None:
    """Return the words of a span, None where the index does not hold them any more."""
    document_id, start, end, mark = reference
    try:
        text = index.document(document_id).text
    except ValueError:
        return None
    words = text[start:end] if 0 <= start < end <= len(text) else ""
    return words if words and fingerprint(words) == mark else None


def references(sent: Any) -> list[Reference]:
    """Return the well-formed references of what a browser sent."""
    return [
        (item[0], item[1], item[2], item[3])
        for item in (sent if isinstance(sent, list) else [])
        if isinstance(item, list) and [type(part) for part in item] == [str, int, int, str]
    ]


def _references(spans: Iterable[tuple[str, int, int, str]]) -> list[list[str | int]]:
    return [[d, start, end, fingerprint(words)] for d, start, end, words in spans]


def _overlap(hit: Hit, citation: Citation) -> bool:
    passage = hit.passage
    return passage.document_id == citation.document_id and (
        passage.start < citation.end and citation.start < passage.end
    )

"""Answers, passages and documents as plain data, for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rag.documents import locate
from rag.index import Index
from rag.text import line_of
from rag.types import Answer, Hit


def answer_record(given: Answer, index: Index) -> dict[str, Any]:
    """Return an answer as plain data, each citation with its line (from 1) and its places."""
    return {
        "question": given.question,
        "text": given.text,
        "abstained": given.abstained,
        "reason": asdict(given.reason) if given.reason else None,
        "citations": [
            {**asdict(citation), **_places(index, citation.document_id, citation.start)}
            for citation in given.citations
        ],
        "hits": [hit_record(hit, index) for hit in given.hits],
        "generation": index.generation,
    }


def hit_record(hit: Hit, index: Index) -> dict[str, Any]:
    """Return a hit as plain data, with its line (from 1) and its places."""
    passage = hit.passage
    return {
        "document_id": passage.document_id,
        "start": passage.start,
        "end": passage.end,
        **_places(index, passage.document_id, passage.start),
        "heading": passage.heading,
        "text": passage.text,
        "score": hit.score,
    }


def _places(index: Index, document_id: str, offset: int) -> dict[str, Any]:
    document = index.document(document_id)
    return {"line": line_of(document.text, offset), "places": locate(document, offset)}

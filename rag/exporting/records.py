"""Answers, passages and documents as plain data, for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rag.index import Index
from rag.text import line_of
from rag.types import Answer, Hit


def answer_record(given: Answer, index: Index) -> dict[str, Any]:
    """Return an answer as plain data, each citation with its line (from 1)."""
    return {
        "question": given.question,
        "text": given.text,
        "abstained": given.abstained,
        "reason": asdict(given.reason) if given.reason else None,
        "citations": [
            {**asdict(citation), "line": _line(index, citation.document_id, citation.start)}
            for citation in given.citations
        ],
        "hits": [hit_record(hit, index) for hit in given.hits],
        "generation": index.generation,
    }


def hit_record(hit: Hit, index: Index) -> dict[str, Any]:
    """Return a hit as plain data, with its line (from 1)."""
    passage = hit.passage
    return {
        "document_id": passage.document_id,
        "start": passage.start,
        "end": passage.end,
        "line": _line(index, passage.document_id, passage.start),
        "heading": passage.heading,
        "text": passage.text,
        "score": hit.score,
    }


def _line(index: Index, document_id: str, offset: int) -> int:
    return line_of(index.document(document_id).text, offset)

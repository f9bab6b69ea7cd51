"""Answers, passages and documents as plain data, for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rag.documents import locate, words_of
from rag.index import Index
from rag.text import line_of
from rag.types import Answer, Document, Fact, Hit


def answer_record(given: Answer, index: Index) -> dict[str, Any]:
    """Return an answer as plain data, each citation with its line (from 1) and its places."""
    return {
        "question": given.question,
        "text": given.text,
        "abstained": given.abstained,
        "reason": asdict(given.reason) if given.reason else None,
        "citations": [
            {
                **asdict(citation),
                **_places(index, citation.document_id, citation.start),
                "dated": fact_record(index.document(citation.document_id), citation.dated),
            }
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


def metadata_record(document: Document) -> dict[str, Any]:
    """Return what is known of a document: published, period, source, language; null for what not.

    Each has its value, the field that says so or the span and quote of the words that do, and
    whether that is sure.
    """
    known = document.metadata
    names = ("published", "period", "source", "language")
    return {name: fact_record(document, getattr(known, name)) for name in names}


def fact_record(document: Document, fact: Fact | None) -> dict[str, Any] | None:
    """Return a fact as plain data, with the words that say it."""
    if fact is None:
        return None
    return {**asdict(fact), "quote": words_of(document, fact)}


def _places(index: Index, document_id: str, offset: int) -> dict[str, Any]:
    document = index.document(document_id)
    return {"line": line_of(document.text, offset), "places": locate(document, offset)}

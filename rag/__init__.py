"""Answers from a folder of documents, with the exact words they rest on.

The public names and nothing else. Each is imported when it is first used, so ``import rag`` is
quick and loads no model library.

>>> import rag
>>> index = rag.build_index("seeds", "index")
>>> answer = rag.answer("…", index)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.later import importer

if TYPE_CHECKING:
    from rag.answering import answer
    from rag.documents import read_documents
    from rag.errors import RagError
    from rag.index import Index, build_index, load_index
    from rag.retrieval import retrieve
    from rag.types import Answer, Citation, Document, Hit, Passage, Reason

__all__ = [
    "Answer",
    "Citation",
    "Document",
    "Hit",
    "Index",
    "Passage",
    "RagError",
    "Reason",
    "answer",
    "build_index",
    "load_index",
    "read_documents",
    "retrieve",
]

_HOMES = {
    "Answer": "types",
    "Citation": "types",
    "Document": "types",
    "Hit": "types",
    "Index": "index",
    "Passage": "types",
    "RagError": "errors",
    "Reason": "types",
    "answer": "answering",
    "build_index": "index",
    "load_index": "index",
    "read_documents": "documents",
    "retrieve": "retrieval",
}


__getattr__ = importer(__name__, _HOMES)


def __dir__() -> list[str]:
    """Return the public names."""
    return list(__all__)

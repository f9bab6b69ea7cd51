"""Passages, their vectors and their words: built, published, verified, searched.

One build is one generation directory: `rag.index.storage` says how it lies on disk,
`rag.index.publishing` how it gets there, `rag.index.searching` what can be asked of it. Owns faiss.
Knows nothing of questions: it is given vectors and tokens.
"""

from typing import TYPE_CHECKING

from rag.index.loading import default_index, load_index
from rag.index.records import searchable
from rag.index.searching import Index
from rag.later import importer

if TYPE_CHECKING:
    from rag.index.building import build_index
    from rag.index.checking import Status, check_index, check_recall, index_status

_CHECKS = ("Status", "check_index", "check_recall", "index_status")
__getattr__ = importer(__name__, {"build_index": "building"} | dict.fromkeys(_CHECKS, "checking"))

__all__ = [
    "Index",
    "Status",
    "build_index",
    "check_index",
    "check_recall",
    "default_index",
    "index_status",
    "load_index",
    "searchable",
]

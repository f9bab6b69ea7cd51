"""Document -> Passages with exact offsets, and the citable spans inside them.

``blocks`` finds what a document is made of (headings, prose, lists, tables), ``packing`` puts
neighbouring blocks of a section together into passages. Sizes are characters, every offset is
checked. This room knows nothing of files, encoders or indexes. It owns langchain_text_splitters.
"""

from typing import TYPE_CHECKING

from rag.later import importer
from rag.passages.sizes import SPLITTER

if TYPE_CHECKING:
    from rag.passages.packing import split_document

__getattr__ = importer(__name__, {"split_document": "packing"})
__all__ = ["SPLITTER", "split_document"]

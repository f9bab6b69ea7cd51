"""A folder of files -> Documents, and what was skipped with the reason.

Every file of the folder is accounted for: it becomes a ``Document`` or a ``Skipped``. Text files
are decoded and left as they are; other formats are taken apart in child processes, and
``Document.text`` is what was extracted. Web furniture is marked as ranges, never cut out. A format
is one module in ``readers``. This room knows nothing of passages, indexes or models. It owns
charset_normalizer and the libraries of the formats.
"""

from typing import TYPE_CHECKING

from rag.documents.locating import in_words, locate, said_by, words_of
from rag.later import importer

if TYPE_CHECKING:
    from rag.documents.folder import (
        FOLDER_NOTE,
        MAX_BYTES,
        read_document,
        read_documents,
        read_folder,
    )
    from rag.documents.keeping import Kept
    from rag.documents.picturing import Picture, draw_page, pages_of

_FOLDER = ("FOLDER_NOTE", "MAX_BYTES", "read_document", "read_documents", "read_folder")
_PICTURES = ("Picture", "draw_page", "pages_of")
__getattr__ = importer(
    __name__,
    dict.fromkeys(_FOLDER, "folder") | dict.fromkeys(_PICTURES, "picturing") | {"Kept": "keeping"},
)

__all__ = ["FOLDER_NOTE", "MAX_BYTES", "Kept", "Picture", "draw_page", "in_words", "locate"]
__all__ += ["pages_of", "read_document", "read_documents", "read_folder", "said_by", "words_of"]

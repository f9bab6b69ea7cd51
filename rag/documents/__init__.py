"""A folder of files -> Documents, and what was skipped with the reason.

Every file of the folder is accounted for: it becomes a ``Document`` or a ``Skipped``.
``Document.text`` is the decoded file, unchanged; web furniture is marked as ranges, never cut out.
A format is one reader in ``readers.READERS``. This room knows nothing of passages, indexes or
models. It owns charset_normalizer.
"""

from rag.documents.folder import FOLDER_NOTE, MAX_BYTES, read_document, read_documents, read_folder

__all__ = ["FOLDER_NOTE", "MAX_BYTES", "read_document", "read_documents", "read_folder"]

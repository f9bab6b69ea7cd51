"""The documents of a source folder, as an index sees them: without the index itself."""

from __future__ import annotations

from pathlib import Path

from rag.documents import read_folder
from rag.types import Document, Skipped


def read_source(source: str | Path, folder: str | Path) -> tuple[list[Document], list[Skipped]]:
    """Return (documents, skipped) of ``source``, leaving out an index ``folder`` inside it.

    Raises:
        DocumentError: ``source`` is missing or holds no document that can be read.
    """
    documents, skipped = read_folder(source)
    try:
        own = Path(folder).resolve().relative_to(Path(source).resolve()).as_posix() + "/"
    except ValueError:
        return documents, skipped
    return (
        [document for document in documents if not document.id.startswith(own)],
        [item for item in skipped if not item.id.startswith(own)],
    )

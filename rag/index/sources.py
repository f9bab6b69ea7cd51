"""The documents of a source folder, as an index sees them: without the index itself."""

from __future__ import annotations

from pathlib import Path

from rag.documents import Kept, read_folder
from rag.types import Document, Progress, Skipped


def read_source(
    source: str | Path, folder: str | Path, progress: Progress | None = None
) -> tuple[list[Document], list[Skipped]]:
    """Return (documents, skipped) of ``source``, leaving out an index ``folder`` inside it.

    What is extracted from files is kept in ``folder``, so that it is done once.

    Raises:
        DocumentError: ``source`` is missing or holds no document that can be read.
    """
    kept = Kept(Path(folder) / "extracted")
    found = read_folder(source, without=Path(folder), kept=kept, progress=progress)
    kept.forget_others()
    return found

"""Builds for the commands: what is not said is taken from the index that is there."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.cli.printing import message
from rag.cli.progressing import progress_bars
from rag.errors import DocumentError, IndexFolderError

if TYPE_CHECKING:
    from rag.encoders import Precision
    from rag.index import Index


def make_index(
    source: Path | None, folder: Path, model: str | None, precision: Precision | None = None
) -> Index:
    """Build; what is not said is taken from the index that is there."""
    from rag.index import build_index

    before = manifest_of(folder)
    source = source or Path(before["source"] if before else "seeds")
    encoder = before["encoder"] if before else {}
    model = model or encoder.get("name")
    precision = precision or encoder.get("precision") or "int8"
    with progress_bars() as progress:
        return build_index(source, folder, encoder=model, precision=precision, progress=progress)


def make_or_keep(source: Path | None, folder: Path, model: str | None) -> Index:
    """Build; where the documents have gone, go on with the index that is there."""
    from rag.index import load_index

    try:
        return make_index(source, folder, model)
    except DocumentError as error:
        try:
            kept = load_index(folder, encoder=model)
        except IndexFolderError:
            raise error from None
        message(f"rag: {error} Serving the index as it is.")
        return kept


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """Return what the index says of itself, or its newest generation that still can, or None."""
    from rag.index import storage

    names = storage.generations(folder)
    with suppress(IndexFolderError):
        names.append(storage.current_generation(folder))
    for name in reversed(names):
        with suppress(IndexFolderError):
            return storage.recorded(folder / name)
    return None

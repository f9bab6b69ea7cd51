"""Opening an index: the pointer, then every byte compared, then what it was built with.

`default_index` keeps one open and picks up a newly published generation between two calls.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from rag.errors import IndexCorrupt, IndexMismatch
from rag.index import storage
from rag.index.searching import Index
from rag.passages import SPLITTER
from rag.types import Encoder

_RETRIES = 5


def load_index(folder: str | Path = "index", *, encoder: Encoder | str | None = None) -> Index:
    """Open the current generation of an index folder, every byte verified.

    Args:
        folder: the index folder.
        encoder: the encoder, or its name, that questions are to be embedded with; None takes
            ``RAG_MODEL`` where it is set and otherwise the one that the index was built with.

    Raises:
        IndexMissing: there is no index.
        IndexCorrupt: a file is damaged; says which, and whether the generation before is sound.
        IndexMismatch: built with another encoder, splitter or format.
        EncoderError: ``encoder`` is a name that cannot be found.
    """
    index = open_generation(Path(folder))
    _require_splitter(index)
    index.use(encoder or os.environ.get("RAG_MODEL") or None)
    return index


def open_generation(folder: Path, *, hash_all: bool = False) -> Index:
    """Open the current generation whatever it was built with. Raises as `load_index`.

    ``hash_all`` hashes large files also where they look as they did when they last were.
    """
    for _ in range(_RETRIES):
        generation = storage.current_generation(folder)
        try:
            if hash_all:
                return Index(folder, generation, *storage.read_generation(folder / generation))
            return Index(folder, generation, *storage.read_sealed(folder, generation))
        except IndexCorrupt as error:
            # Two builds may have passed since the pointer was read; then this one is gone.
            if storage.current_generation(folder) == generation:
                raise _with_previous(folder, generation, error) from error
    raise IndexCorrupt(f"{folder}: replaced {_RETRIES} times while it was being read. Try again.")


_kept: dict[tuple[str, str], tuple[tuple[int, ...] | None, Index]] = {}
_keeping = threading.Lock()


def default_index() -> Index:
    """Return the index in ``RAG_INDEX`` or ``./index``, loaded once and kept.

    A generation published since the last call is picked up. When the folder has gone, what is in
    memory goes on.

    Raises:
        IndexFolderError: as `load_index`.
    """
    folder = Path(os.environ.get("RAG_INDEX") or "index")
    key = (str(folder.absolute()), os.environ.get("RAG_MODEL", ""))
    seen = _stamp(folder)
    kept = _kept.get(key)
    if kept and seen in (None, kept[0]):
        return kept[1]
    # While one caller loads a new generation, the others go on with the one before.
    if not _keeping.acquire(blocking=kept is None):
        return kept[1] if kept else load_index(folder)
    try:
        kept = _kept.get(key)
        if kept is None or kept[0] != seen:
            kept = _kept[key] = (seen, _renewed(kept[1] if kept else None, folder))
        return kept[1]
    finally:
        _keeping.release()


def _stamp(folder: Path) -> tuple[int, ...] | None:
    """Return what tells one published pointer from the next; None if there is no pointer."""
    try:
        status = os.stat(folder / storage.POINTER)
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def _renewed(old: Index | None, folder: Path) -> Index:
    """Load the current generation; an encoder that is already open goes on if it is the same."""
    index = load_index(folder)
    if old is not None:
        index.adopt(old)
    return index


def _require_splitter(index: Index) -> None:
    built = index.manifest["splitter"]
    if built != SPLITTER:
        raise IndexMismatch(
            f"{index.folder}: built with splitter {built}, configured {SPLITTER}. "
            + storage.remedy(index.folder)
        )


def _with_previous(folder: Path, generation: str, error: IndexCorrupt) -> IndexCorrupt:
    """Offer the generation before the damaged one, if it is sound."""
    previous = storage.previous_generation(folder, generation)
    if previous is None:
        return error
    pointer = folder / storage.POINTER
    return IndexCorrupt(
        f"{error} Until then the generation before it can serve: `echo {previous} > {pointer}`"
    )

"""An index and the models that a question needs, opened in threads while the rest is imported.

Reading, hashing and opening files of weights is not Python's work, so it costs no time beside it.
Nothing is left out: what a thread opens is what would be opened, and checked, later.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.index import Index


def open_ahead(folder: Path, *, reads: bool = False) -> Future[Index]:
    """Begin to load an index, and to open its encoder and, with ``reads``, the reading model.

    The result is the index, or the error of `rag.index.load_index`. What goes wrong with a model
    is told when it is used.
    """
    threads = ThreadPoolExecutor(3, "rag-opening")
    if reads:
        from rag.reading import load_reader

        threads.submit(load_reader)
    from rag.index import load_index

    loading = threads.submit(load_index, folder)
    threads.submit(_open_encoder, loading)
    threads.shutdown(wait=False)
    return loading


def _open_encoder(loading: Future[Index]) -> None:
    """Open an encoder that takes a moment; one that needs torch may never be asked for."""
    from rag.encoders import PortableEncoder

    encoder = loading.result().encoder
    if isinstance(encoder, PortableEncoder):
        encoder.open()

"""Any sentence-transformers model, run by sentence-transformers itself (and so by torch)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rag.encoders.models import model_folder, read_json, require_weights, weights_fingerprint
from rag.errors import EncoderError
from rag.types import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 32


class SentenceEncoder:
    """A model loaded by sentence-transformers at its first use: 8 s of imports.

    ``runtime`` says in words how it runs and, where it could be faster, why it does not.
    """

    def __init__(self, name: str, reason: str = "") -> None:
        """Name a model: a folder or a sentence-transformers name.

        Raises:
            EncoderError: it cannot be found.
        """
        self.name = name
        self.runtime = "sentence-transformers" + (f" ({reason})" if reason else "")
        self._folder = model_folder(name)
        self._loading = threading.Lock()
        self._opened: Any = None

    @cached_property
    def fingerprint(self) -> str:
        """The weights' sha256; ONNX forms of the same weights have other fingerprints."""
        return f"{weights_fingerprint(self._folder)}-torch"

    @cached_property
    def dim(self) -> int:
        """Length of one vector; from the configuration where it says so, else from the model."""
        modules = read_json(self._folder / "modules.json")
        if any("Dense" in module["type"] for module in modules):
            return int(self._model.get_embedding_dimension())
        return int(read_json(self._folder / "config.json")["hidden_size"])

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Return unit vectors (len(texts), dim), texts of like length batched together.

        Raises:
            EncoderError: the model cannot be loaded or run.
        """
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), np.float32)
        done = 0
        for batch in _batches(texts):
            vectors[batch] = self._encoded([texts[row] for row in batch])
            done += len(batch)
            if progress:
                progress("embed", done, len(texts))
        return vectors

    def _encoded(self, texts: list[str]) -> NDArray[np.float32]:
        model = self._model
        with self._naming("run"):
            vectors: NDArray[np.float32] = model.encode(
                texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
            )
        return vectors

    @property
    def _model(self) -> Any:
        with self._loading:
            if self._opened is None:
                self._opened = self._loaded()
            return self._opened

    def _loaded(self) -> Any:
        require_weights(self._folder)
        with self._naming("loaded"):
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            return SentenceTransformer(
                str(self._folder),
                device="cpu",
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )

    @contextmanager
    def _naming(self, step: str) -> Iterator[None]:
        """Name the model in whatever error its files provoke."""
        try:
            yield
        except Exception as error:
            reason = str(error).partition("\n")[0]
            raise EncoderError(
                f"The model {self.name} in {self._folder} cannot be {step}: {reason}. "
                "Choose another with RAG_MODEL or --model."
            ) from error


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    rows = sorted(range(len(texts)), key=lambda row: (-len(texts[row]), row))
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))

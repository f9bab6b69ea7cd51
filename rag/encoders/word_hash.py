"""An encoder without a model: every word votes for one of 256 directions.

For tests, which can then name exact scores, and for a first look at a folder without a model.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.types import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORD = re.compile(r"\w+")


class WordHashEncoder:
    """Count words, case folded, by ``zlib.crc32(word) % 256``, and scale to unit length."""

    name = "word-hash"
    fingerprint = "word-hash-crc32-256"
    dim = 256
    runtime = "no model"

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Return (len(texts), 256) float32; a text without words gives the first axis."""
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text.casefold()):
                vectors[row, zlib.crc32(word.encode("utf-8", "surrogatepass")) % self.dim] += 1
            if not vectors[row].any():
                vectors[row, 0] = 1
        if progress:
            progress("embed", len(texts), len(texts))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

"""An opened generation: held in memory, never changed, searched from many threads at once.

`Index` keeps what it was opened with, so every answer comes from one generation, whatever a build
does meanwhile.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from rag.encoders import describe, load_encoder, open_portable
from rag.errors import IndexCorrupt, IndexMismatch
from rag.index import storage
from rag.index.lexical import Lexical
from rag.index.records import read_documents, read_passages
from rag.index.vectors import cosines, nearest, read_spans, read_vectors
from rag.types import Document, Encoder, Passage, Skipped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORD = re.compile(r"[^\W\d_]{4,32}")


class Index:
    """Passages with their vectors and words, as one build published them.

    Attributes:
        folder: the index folder.
        generation: name of the generation, such as ``gen-000012``.
        manifest: its manifest.
        source: the folder of documents, as given to the build.
        documents: ascending by id.
        skipped: files that were not read, ascending by id.
        passages: row i of the vectors is ``passages[i]``; a document's rows are neighbours.
        changed: passages that the build of this object added or removed; 0 after loading.
    """

    def __init__(
        self,
        folder: Path,
        generation: str,
        manifest: storage.Manifest,
        files: dict[str, bytes],
        encoder: Encoder | None = None,
    ) -> None:
        """Read verified files. ``encoder`` None: the one that the manifest names, when needed.

        Raises:
            IndexCorrupt: the files are whole but do not belong together.
            IndexMismatch: vectors of another size or number than the manifest says.
        """
        self.folder = folder
        self.generation = generation
        self.manifest = manifest
        self.changed = 0
        self._encoder = encoder
        self._opening = threading.Lock()
        self._portable: Mapping[str, bytes] = {
            name.removeprefix("encoder/"): content
            for name, content in files.items()
            if name.startswith("encoder/")
        }
        try:
            self.source = Path(manifest["source"])
            self.documents = read_documents(files["documents.jsonl"])
            self._by_id = {document.id: document for document in self.documents}
            self.passages = read_passages(files["passages.jsonl"], self._by_id)
            self._lexical = Lexical(files, len(self.passages))
            self._vectors = read_vectors(files["vectors.faiss"])
            self._spans = read_spans(files["spans.npy"]) if "spans.npy" in files else None
            self.skipped = tuple(
                Skipped(entry["id"], entry["skipped"])
                for entry in manifest["sources"]
                if "skipped" in entry
            )
        except (ValueError, KeyError, TypeError, IndexError) as error:
            where = folder / generation
            raise IndexCorrupt(f"{where}: {error}. {storage.remedy(folder)}") from error
        self._require_vectors()

    @property
    def summary(self) -> str:
        """What the index holds, in words: ``2 documents, 41 passages, 0 changed``."""
        documents, passages = len(self.documents), len(self.passages)
        return (
            f"{documents} document{'s' * (documents != 1)}, "
            f"{passages} passage{'s' * (passages != 1)}, {self.changed} changed"
        )

    @property
    def encoder(self) -> Encoder:
        """What embeds questions for this index; opened at the first use.

        Raises:
            EncoderError: it cannot be found or loaded.
            IndexMismatch: what bears its name is no longer what embedded the passages.
        """
        with self._opening:
            if self._encoder is None:
                if self._portable:
                    self._encoder = open_portable(self._portable)
                else:
                    self._encoder = self._agreed(load_encoder(self.manifest["encoder"]["name"]))
                self._portable = {}
            return self._encoder

    def use(self, encoder: Encoder | str | None) -> None:
        """Embed questions with ``encoder``, which must be what embedded the passages.

        Raises:
            IndexMismatch: it is another one.
            EncoderError: it is a name that cannot be found.
        """
        if encoder is None or encoder == self.manifest["encoder"]["name"]:
            return
        self._encoder = self._agreed(load_encoder(encoder) if isinstance(encoder, str) else encoder)

    def adopt(self, other: Index) -> None:
        """Go on with the encoder that ``other`` has open, if this index was built with the same."""
        same = self.manifest["encoder"] == other.manifest["encoder"]
        if same and self._encoder is None and other._encoder is not None:
            self._encoder = other._encoder

    def _agreed(self, encoder: Encoder) -> Encoder:
        built = self.manifest["encoder"]
        if encoder.fingerprint != built["fingerprint"]:
            raise IndexMismatch(
                f"{self.folder}: built with {_in_words(built)}, configured "
                f"{_in_words(describe(encoder))}. {storage.remedy(self.folder)}"
            )
        return encoder

    def document(self, document_id: str) -> Document:
        """Return one document.

        Raises:
            ValueError: there is none of that id.
        """
        try:
            return self._by_id[document_id]
        except KeyError:
            raise ValueError(f"no document {document_id!r} in {self.folder}") from None

    def rows(self, documents: Collection[str] | None) -> NDArray[np.int64] | None:
        """Return the passage rows of these documents, ascending; None for all documents.

        Raises:
            ValueError: an id is not in the index.
        """
        import numpy as np

        if documents is None:
            return None
        if isinstance(documents, str):
            raise ValueError("documents must be a collection of ids, not one string")
        ids = {self.document(document_id).id for document_id in documents}
        found = [self._rows_by_id[document_id] for document_id in sorted(ids)]
        return np.sort(np.concatenate([*found, np.zeros(0, np.int64)]))

    def vectors(self) -> NDArray[np.float32]:
        """Return a copy of all vectors (passages, dim)."""
        import numpy as np

        return np.array(self._vectors.reconstruct_n(0, self._vectors.ntotal), dtype=np.float32)

    @property
    def has_spans(self) -> bool:
        """Whether there are vectors of spans; not every encoder makes them."""
        return self._spans is not None

    def span_vectors(self) -> list[NDArray[np.float32]]:
        """Return for each passage the unit vectors of its spans (spans, dim), as they are kept."""
        import numpy as np

        if self._spans is None:
            return [np.zeros((0, self._vectors.d), np.float32)] * len(self.passages)
        return np.split(self._spans / np.float32(127), self._first_spans[1:-1])

    def likeness(self, passage: Passage, vector: NDArray[np.float32]) -> list[float]:
        """Return the cosine of each span of a passage with a unit vector (dim,); 0 if unknown."""
        if self._spans is None:
            return [0.0] * len(passage.spans)
        row = self._row_of[passage.document_id, passage.start]
        return cosines(self._spans[slice(*self._first_spans[row : row + 2])], vector)

    @cached_property
    def _row_of(self) -> dict[tuple[str, int], int]:
        return {(p.document_id, p.start): row for row, p in enumerate(self.passages)}

    @cached_property
    def _first_spans(self) -> NDArray[np.int64]:
        """Number of the first span of each passage, and of all spans at the end."""
        import numpy as np

        return np.cumsum([0, *(len(passage.spans) for passage in self.passages)])

    def search_dense(
        self, vector: NDArray[np.float32], k: int, rows: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return the ``k`` passages nearest to a unit vector (dim,), exactly, within ``rows``.

        Returns:
            (row, cosine from -1 to 1), best first, ties by row; fewer than ``k`` if there are.

        Raises:
            ValueError: ``vector`` has another dimension.
        """
        return nearest(self._vectors, vector, k, rows)

    def search_lexical(
        self, tokens: Sequence[str], k: int, rows: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most ``k`` passages that share a token, within ``rows``.

        Returns:
            (row, BM25 score above 0), best first, ties by row.
        """
        return self._lexical.best(tokens, k, rows)

    @cached_property
    def words(self) -> frozenset[str]:
        """Words of all passages and headings, in lower case, letters only."""
        texts = chain.from_iterable((p.heading, p.text) for p in self.passages)
        return frozenset(chain.from_iterable(_WORD.findall(text.lower()) for text in texts))

    @cached_property
    def _rows_by_id(self) -> dict[str, NDArray[np.int64]]:
        import numpy as np

        rows: dict[str, list[int]] = {document.id: [] for document in self.documents}
        for row, passage in enumerate(self.passages):
            rows[passage.document_id].append(row)
        return {document_id: np.array(found, np.int64) for document_id, found in rows.items()}

    def _require_vectors(self) -> None:
        listed = self.manifest["vectors"]
        found = {
            "kind": "flat",
            "metric": "inner product",
            "dim": self._vectors.d,
            "count": self._vectors.ntotal,
            "spans": 0 if self._spans is None else len(self._spans),
        }
        if self._spans is not None and len(self._spans) != self._first_spans[-1]:
            found["spans"] = -1
        if found != listed or found["count"] != len(self.passages):
            raise IndexMismatch(
                f"{self.folder / self.generation}: the manifest says {listed}, the vectors are "
                f"{found} for {len(self.passages)} passages. {storage.remedy(self.folder)}"
            )


def _in_words(encoder: Mapping[str, object]) -> str:
    return f"{encoder['name']} ({encoder['runtime']}; {str(encoder['fingerprint'])[:12]})"

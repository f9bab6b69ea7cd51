"""An opened generation: in memory or mapped, never changed, searched from many threads at once.

`Index` keeps what it was opened with, so every answer comes from one generation, whatever a build
does meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rag.encoders import describe, load_encoder, open_portable
from rag.errors import IndexCorrupt, IndexMismatch
from rag.index import storage
from rag.index.lexical import Lexical
from rag.index.mapping import Mapped
from rag.index.records import Documents, Passages
from rag.index.vectors import FLAT, Vectors, cosines
from rag.types import Document, Encoder, Passage, Skipped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Index:
    """Passages with their vectors and words, as one build published them.

    Attributes:
        folder: the index folder.
        generation: name of the generation, such as ``gen-000012``.
        manifest: its manifest.
        source: the folder of documents, as given to the build.
        documents: ascending by id; each is read when it is asked for.
        skipped: files that were not read, ascending by id.
        passages: row i of the vectors is ``passages[i]``; a document's rows are neighbours. Each
            is read when it is asked for.
        changed: passages that the build of this object added or removed; 0 after loading.
        anew: why that build kept no vector of the index before, in words; empty if it could.
    """

    def __init__(
        self,
        folder: Path,
        generation: str,
        manifest: storage.Manifest,
        files: Mapping[str, storage.Content],
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
        self.anew = ""
        self._encoder = encoder
        self._opening = threading.Lock()
        # The lists stay: a search goes through much of them, and the next one again.
        self._mapped = Mapped(content for name, content in files.items() if name != FLAT)
        self._portable: Mapping[str, bytes] = {
            name.removeprefix("encoder/"): content[:]
            for name, content in files.items()
            if name.startswith("encoder/")
        }
        try:
            self.source = Path(manifest["source"])
            ids = [entry["id"] for entry in manifest["sources"] if "passages" in entry]
            self.documents = Documents(files["documents.jsonl"], files["documents.i64"], ids)
            self.passages = Passages(files["passages.jsonl"], files["passages.i64"], self.documents)
            self._lexical = Lexical(files, len(self.passages))
            self._vectors = Vectors(files)
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
                    self._encoder = self._agreed(self._named(self.manifest["encoder"]["name"]))
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
        self._encoder = self._agreed(self._named(encoder) if isinstance(encoder, str) else encoder)

    def adopt(self, other: Index) -> None:
        """Go on with the encoder that ``other`` has open, if this index was built with the same."""
        same = self.manifest["encoder"] == other.manifest["encoder"]
        if same and self._encoder is None and other._encoder is not None:
            self._encoder = other._encoder

    def _named(self, name: str) -> Encoder:
        return load_encoder(name, self.manifest["encoder"].get("precision") or "int8")

    def _agreed(self, encoder: Encoder) -> Encoder:
        if said := differing(self.manifest["encoder"], describe(encoder)):
            raise IndexMismatch(f"{self.folder}: {said}. {storage.remedy(self.folder)}")
        return encoder

    def document(self, document_id: str) -> Document:
        """Return one document.

        Raises:
            ValueError: there is none of that id.
        """
        self._require(document_id)
        return self.documents.called(document_id)

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """Return the passages of one document, in its order.

        Raises:
            ValueError: there is none of that id.
        """
        self._require(document_id)
        number = self.documents.numbers[document_id]
        return self.passages[slice(*map(int, self.documents.firsts[number : number + 2]))]

    @cached_property
    def days(self) -> dict[str, str]:
        """The day of each document by id (`rag.types.Metadata.day`), empty where it has none.

        Every document is read for them, once.
        """
        return {document.id: document.metadata.day for document in self.documents}

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
        for document_id in documents:
            self._require(document_id)
        numbers = sorted(self.documents.numbers[document_id] for document_id in set(documents))
        bounds = (self.documents.firsts[number : number + 2] for number in numbers)
        return np.concatenate([*(np.arange(*pair) for pair in bounds), np.zeros(0, np.int64)])

    def vectors(self) -> NDArray[np.float32]:
        """Return a copy of all vectors (passages, dim)."""
        return self._vectors.rows(slice(None))

    @property
    def has_spans(self) -> bool:
        """Whether there are vectors of spans; not every encoder makes them."""
        return self._vectors.spans is not None

    def kept(self, row: int) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
        """Return the vector (dim,) of a passage and those of its spans (spans, dim), as kept."""
        import numpy as np

        vector = self._vectors.rows(slice(row, row + 1))[0]
        if self._vectors.spans is None:
            return vector, np.zeros((0, len(vector)), np.int8)
        return vector, self._vectors.spans[slice(*self.passages.first_spans[row : row + 2])]

    def likeness(self, passage: Passage, vector: NDArray[np.float32]) -> list[float]:
        """Return the cosine of each span of a passage with a unit vector (dim,); 0 if unknown."""
        if self._vectors.spans is None:
            return [0.0] * len(passage.spans)
        return cosines(self.kept(self.passages.row(passage))[1], vector)

    def measured_recall(self, vectors: NDArray[np.float32], k: int = 10) -> float:
        """Return recall@k of `search_dense` for unit vectors (n, dim), 0 to 1: 1 where exact.

        A passage as near as the k-th counts as one of the k.
        """
        k = min(k, len(self.passages))
        right = 0
        for vector, rows in zip(vectors, self._vectors.exactly(vectors, k), strict=True):
            least = float((self._vectors.rows(rows) @ vector).min()) - 1e-6
            right += sum(score >= least for _, score in self.search_dense(vector, k))
        return right / (k * len(vectors))

    def search_dense(
        self, vector: NDArray[np.float32], k: int, rows: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return the ``k`` passages nearest to a unit vector (dim,), within ``rows``.

        Exact up to 50,000 passages, and within no more than these; see `rag.index.vectors`.

        Returns:
            (row, cosine from -1 to 1), best first, ties by row; fewer than ``k`` if there are.

        Raises:
            ValueError: ``vector`` has another dimension.
        """
        self._mapped.searched()
        return self._vectors.nearest(vector, k, rows)

    def search_lexical(
        self, tokens: Sequence[str], k: int, rows: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return at most ``k`` passages that share a token, within ``rows``.

        Returns:
            (row, BM25 score above 0), best first, ties by row.
        """
        return self._lexical.best(tokens, k, rows)

    @property
    def words(self) -> Collection[str]:
        """Words of all passages and headings, in lower case, letters only."""
        return self._lexical.words

    def _require(self, document_id: str) -> None:
        if document_id not in self.documents.numbers:
            raise ValueError(f"no document {document_id!r} in {self.folder}")

    def _require_vectors(self) -> None:
        listed, found = self.manifest["vectors"], self._vectors.description
        spans = int(self.passages.first_spans[-1])
        counted = {"count": len(self.passages), "spans": spans if self.has_spans else 0}
        if found != listed or found | counted != found:
            raise IndexMismatch(
                f"{self.folder / self.generation}: the manifest says {listed}, the vectors are "
                f"{found} for {len(self.passages)} passages. {storage.remedy(self.folder)}"
            )


def differing(built: Mapping[str, object], configured: Mapping[str, object]) -> str:
    """Return in words how two encoders' descriptions differ; empty if their vectors are equal."""
    if built["fingerprint"] == configured["fingerprint"]:
        return ""
    return f"built with {_in_words(built)}, configured {_in_words(configured)}"


def _in_words(encoder: Mapping[str, object]) -> str:
    return f"{encoder['name']} ({encoder['runtime']}; {str(encoder['fingerprint'])[:12]})"

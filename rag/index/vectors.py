"""Unit vectors of passages, searched by inner product; those of their spans, as small integers.

Up to `EXACT` passages they lie in a flat FAISS index and every search is exact. Above that they are
grouped into lists, eight bits a number, of which a search reads a few; the best `RESCORED` are then
scored again from half-precision floats. Both files are mapped, not read. How many lists there are
follows from the number of passages; how many are read was measured when the index was built.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.index.storage import Content

EXACT = 50_000
"""Passages up to which every vector is compared."""

RESCORED = 400
"""Passages that are scored again, and from half-precision floats, in an index of lists."""

FLAT, HALVES, SPANS = "vectors.faiss", "vectors.f16", "spans.i8"

_LEVELS = 127
_BLOCK = 1 << 14
_TRAINED = 40  # vectors for each list
_ROUNDS = 10
_SAMPLE = 200
_RECALL = 0.995
_DEPTH = 10


class Vectors:
    """The vectors of an index, as its files hold them.

    Attributes:
        count: of passages.
        dim: length of one vector.
        spans: vectors of spans (spans, dim) int8, or None.
    """

    def __init__(self, files: Mapping[str, Content]) -> None:
        """Read the files, whose sha256 the caller has verified.

        Raises:
            ValueError, KeyError: they are not files of vectors, or do not belong together.
        """
        self._index = _read(files[FLAT])
        self._mapped = files[FLAT]  # the index points into it
        self.count, self.dim = int(self._index.ntotal), int(self._index.d)
        self._halves = _table(files[HALVES], "<f2", self.dim) if HALVES in files else None
        self.spans = _table(files[SPANS], "i1", self.dim) if SPANS in files else None
        if self._halves is not None and len(self._halves) != self.count:
            raise ValueError(f"{HALVES} holds {len(self._halves)} vectors instead of {self.count}")
        self.description = described(self._index, 0 if self.spans is None else len(self.spans))

    def rows(self, rows: slice | NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of some passages (n, dim)."""
        import numpy as np

        if self._halves is not None:
            return self._halves[rows].astype(np.float32)
        import faiss

        flat = faiss.rev_swig_ptr(self._index.get_xb(), self.count * self.dim)
        found: NDArray[np.float32] = flat.reshape(self.count, self.dim)[rows].copy()
        return found

    def nearest(
        self, vector: NDArray[np.float32], k: int, rows: NDArray[np.int64] | None
    ) -> list[tuple[int, float]]:
        """Return the ``k`` nearest (row, cosine), best first, ties by row, within ``rows``.

        Exact in a flat index, and within no more than `EXACT` rows.

        Raises:
            ValueError: ``vector`` has another dimension.
        """
        if vector.shape != (self.dim,):
            raise ValueError(f"question vector and index differ: {vector.shape} != ({self.dim},)")
        count = self.count if rows is None else len(rows)
        if min(k, count) <= 0:
            return []
        if self._halves is None:
            return _found(self._index, vector, min(k, count), rows)
        if rows is None or count > EXACT:
            import numpy as np

            wide = _found(self._index, vector, min(max(RESCORED, 2 * k), count), rows)
            rows = np.sort(np.array([row for row, _ in wide], np.int64))
        return _best(self.rows(rows), rows, vector, k)

    def exactly(self, vectors: NDArray[np.float32], k: int) -> NDArray[np.int64]:
        """Return the rows (n, k) nearest to vectors (n, dim), every one compared."""
        blocks = (
            (start, self.rows(slice(start, start + _BLOCK)))
            for start in range(0, self.count, _BLOCK)
        )
        return _compared(blocks, vectors, k)


def _read(content: Content) -> Any:
    """Return the FAISS index in ``content``, without copying what is mapped.

    Raises:
        ValueError: neither a flat index of inner products nor one of lists.
    """
    import faiss
    import numpy as np

    # A length field must not ask for more memory than the file could fill.
    faiss.set_deserialization_vector_byte_limit(max(len(content), 1))
    data = np.frombuffer(content, dtype=np.uint8)
    try:
        if isinstance(content, mmap.mmap):
            reader = faiss.ZeroCopyIOReader(  # type: ignore[attr-defined]
                faiss.swig_ptr(data), len(content)
            )
            index = faiss.read_index(reader, faiss.IO_FLAG_MMAP_IFC)
        else:
            index = faiss.deserialize_index(data)
    except RuntimeError as error:
        raise ValueError("is not a FAISS index") from error
    known = isinstance(index, faiss.IndexFlat | faiss.IndexIVFScalarQuantizer)
    if not known or index.metric_type != faiss.METRIC_INNER_PRODUCT:
        raise ValueError("is not an index of inner products, flat or in lists")
    return index


def _table(content: Content, kind: str, dim: int) -> NDArray[Any]:
    import numpy as np

    return np.frombuffer(content, kind).reshape(-1, dim)


def described(index: Any, spans: int) -> dict[str, Any]:
    """Return what the manifest says about a FAISS index and the number of span vectors."""
    lists = {"lists": index.nlist, "probes": index.nprobe} if hasattr(index, "nlist") else {}
    return {
        "kind": "lists of 8 bits" if lists else "flat",
        "metric": "inner product",
        "dim": index.d,
        "count": index.ntotal,
        "spans": spans,
        **lists,
    }


def flat_index(vectors: NDArray[np.float32]) -> Any:
    """Return a flat FAISS index of unit vectors (n, dim)."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def listed_index(vectors: NDArray[np.float32], report: Callable[[int, int], None]) -> Any:
    """Return a FAISS index of unit vectors (n, dim), which may be mapped, in lists of eight bits.

    About ``2 * sqrt(n)`` lists; as many of them are searched as a sample needs for a recall@10 of
    0.995. ``report(done, n)`` is called as vectors are added.
    """
    import faiss
    import numpy as np

    count, dim = vectors.shape
    lists = 2 ** round(np.log2(2 * np.sqrt(count)))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim),
        dim,
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.niter = _ROUNDS
    index.cp.min_points_per_centroid = 1
    index.train(vectors[_evenly(count, _TRAINED * lists)])
    for start in range(0, count, _BLOCK):
        index.add(np.ascontiguousarray(vectors[start : start + _BLOCK]))
        report(min(start + _BLOCK, count), count)
    index.nprobe = _probes(index, vectors)
    return index


def _probes(index: Any, vectors: NDArray[np.float32]) -> int:
    """Return how many lists a search must read; questions are points between two neighbours."""
    import numpy as np

    count = len(vectors)
    some = _evenly(count, _SAMPLE)
    blocks = ((n, vectors[n : n + _BLOCK]) for n in range(0, count, _BLOCK))
    near = _compared(blocks, vectors[some], 2)[:, 1]
    asked = vectors[some] + vectors[near]
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    blocks = ((n, vectors[n : n + _BLOCK]) for n in range(0, count, _BLOCK))
    expected = _compared(blocks, asked, _DEPTH)
    index.nprobe = 8
    while index.nprobe < index.nlist:
        _, found = index.search(asked, RESCORED)
        pairs = zip(expected, found, strict=True)
        recall = np.mean([np.isin(right, got).mean() for right, got in pairs])
        if recall >= _RECALL:
            break
        index.nprobe *= 2
    return int(min(index.nprobe, index.nlist))


def _compared(
    blocks: Iterable[tuple[int, NDArray[np.float32]]], vectors: NDArray[np.float32], k: int
) -> NDArray[np.int64]:
    """Return the rows (n, k) nearest to ``vectors``; ``blocks`` are (first row, vectors)."""
    import faiss
    import numpy as np

    scores = np.full((len(vectors), k), -np.inf, np.float32)
    rows = np.full((len(vectors), k), -1, np.int64)
    for start, block in blocks:
        these, found = faiss.knn(vectors, block, min(k, len(block)), faiss.METRIC_INNER_PRODUCT)
        scores, rows = np.hstack([scores, these]), np.hstack([rows, found + start])
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        scores, rows = np.take_along_axis(scores, best, 1), np.take_along_axis(rows, best, 1)
    return rows


def _evenly(count: int, wanted: int) -> NDArray[np.int64]:
    import numpy as np

    return np.unique(np.linspace(0, count - 1, min(count, wanted)).astype(np.int64))


def in_bytes(spans: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return unit vectors (n, dim) in eight bits."""
    import numpy as np

    return np.rint(spans * _LEVELS).astype(np.int8)


def cosines(spans: NDArray[np.int8], vector: NDArray[np.float32]) -> list[float]:
    """Return the cosine of each span with a unit vector (dim,), to about 0.01."""
    scores: list[float] = (spans @ (vector / _LEVELS)).tolist()
    return scores


def _found(
    index: Any, vector: NDArray[np.float32], k: int, rows: NDArray[np.int64] | None
) -> list[tuple[int, float]]:
    import faiss
    import numpy as np

    query = np.ascontiguousarray(vector[np.newaxis], dtype=np.float32)
    named: dict[str, Any] = {} if rows is None else {"sel": faiss.IDSelectorBatch(rows)}
    parameters: Any = None
    if hasattr(index, "nprobe"):
        parameters = faiss.SearchParametersIVF(**named, nprobe=index.nprobe)  # type: ignore[call-arg]
    elif named:
        parameters = faiss.SearchParameters(**named)
    scores, found = index.search(query, k, params=parameters)
    return _ordered(found[0].tolist(), scores[0].tolist())


def _best(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], vector: NDArray[np.float32], k: int
) -> list[tuple[int, float]]:
    import numpy as np

    scores = np.einsum("ij,j->i", vectors, vector)  # not BLAS: its threads wait for each other
    return _ordered(rows.tolist(), scores.tolist())[:k]


def _ordered(rows: Sequence[int], scores: Sequence[float]) -> list[tuple[int, float]]:
    pairs = ((row, score) for row, score in zip(rows, scores, strict=True) if row >= 0)
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

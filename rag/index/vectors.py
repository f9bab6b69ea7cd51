"""Unit vectors: those of passages in a FAISS index, those of their spans as small integers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_LEVELS = 127


def vectors_bytes(vectors: NDArray[np.float32]) -> bytes:
    """Return ``vectors`` (n, dim) as a serialised flat FAISS index."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return bytes(faiss.serialize_index(index).tobytes())


def read_vectors(content: bytes) -> Any:
    """Return the FAISS index in ``content``, whose sha256 the caller has verified.

    Raises:
        ValueError: not a flat index of inner products.
    """
    import faiss
    import numpy as np

    # A length field must not ask for more memory than the file could fill.
    faiss.set_deserialization_vector_byte_limit(max(len(content), 1))
    try:
        index = faiss.deserialize_index(np.frombuffer(content, dtype=np.uint8))
    except RuntimeError as error:
        raise ValueError("is not a FAISS index") from error
    if not isinstance(index, faiss.IndexFlat) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
        raise ValueError("is not a flat index of inner products")
    return index


def span_bytes(inner: Sequence[NDArray[np.float32]]) -> bytes:
    """Return the unit vectors of all spans, passage after passage, in eight bits (.npy)."""
    import numpy as np

    written = io.BytesIO()
    np.save(written, np.rint(np.concatenate(inner) * _LEVELS).astype(np.int8))
    return written.getvalue()


def read_spans(content: bytes) -> NDArray[np.int8]:
    """Return the vectors of `span_bytes` (spans, dim), in eight bits.

    Raises:
        ValueError: not such an array.
    """
    import numpy as np

    found: NDArray[np.int8] = np.load(io.BytesIO(content), allow_pickle=False)
    if found.ndim != 2 or found.dtype != np.int8:
        raise ValueError("is not a table of span vectors")
    return found


def cosines(spans: NDArray[np.int8], vector: NDArray[np.float32]) -> list[float]:
    """Return the cosine of each span with a unit vector (dim,), to about 0.01."""
    scores: list[float] = (spans @ (vector / _LEVELS)).tolist()
    return scores


def described(vectors: NDArray[np.float32], spans: int) -> dict[str, Any]:
    """Return what the manifest says about ``vectors`` (n, dim) and the number of span vectors."""
    count, dim = vectors.shape
    flat = {"kind": "flat", "metric": "inner product"}
    return {**flat, "dim": dim, "count": count, "spans": spans}


def nearest(
    index: Any, vector: NDArray[np.float32], k: int, rows: NDArray[np.int64] | None
) -> list[tuple[int, float]]:
    """Return the ``k`` nearest (row, cosine), best first, ties by row; exact within ``rows``.

    Raises:
        ValueError: ``vector`` has another dimension.
    """
    import faiss
    import numpy as np

    if vector.shape != (index.d,):
        raise ValueError(f"question vector and index differ: {vector.shape} != ({index.d},)")
    count = index.ntotal if rows is None else len(rows)
    if min(k, count) <= 0:
        return []
    query = np.ascontiguousarray(vector[np.newaxis], dtype=np.float32)
    parameters = None
    if rows is not None:
        parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(rows))  # type: ignore[call-arg]
    scores, found = index.search(query, min(k, count), params=parameters)
    pairs = zip(found[0].tolist(), scores[0].tolist(), strict=True)
    return sorted((pair for pair in pairs if pair[0] >= 0), key=lambda pair: (-pair[1], pair[0]))

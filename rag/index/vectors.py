"""Unit vectors in a FAISS index: bytes to write, bytes to read, exact search by inner product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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


def described(vectors: NDArray[np.float32]) -> dict[str, Any]:
    """Return what the manifest says about ``vectors`` (n, dim)."""
    count, dim = vectors.shape
    return {"kind": "flat", "metric": "inner product", "dim": dim, "count": count}


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

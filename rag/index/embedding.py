"""The vectors of a build: from the index before, from a build that was stopped, or made anew.

Nothing but a window of passages is in memory: what is embedded goes into the journal, and from
there into the files of the generation, in the order of the rows.
"""

from __future__ import annotations

from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from rag.index.journal import Journal
from rag.index.publishing import Draft, writing
from rag.index.records import Passages, read_by_encoder
from rag.index.searching import Index
from rag.index.vectors import (
    EXACT,
    FLAT,
    HALVES,
    SPANS,
    described,
    flat_index,
    in_bytes,
    listed_index,
)
from rag.types import Encoder, Progress, SpanEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WINDOW = 256  # passages that a build loses at most when it is killed
_ROWS = 4096


def embed(
    passages: Passages, encoder: Encoder, kept: dict[bytes, int], journal: Journal, report: Progress
) -> None:
    """Embed into the journal what is neither there nor kept from the index before.

    Raises:
        IndexWriteError: the disk refused.
        EncoderError: the model cannot be run.
    """
    missing: dict[bytes, int] = {}
    for row, key in enumerate(passages.keys.tolist()):
        if key not in kept and key not in journal:
            missing.setdefault(key, row)
    rows, keys = list(missing.values()), list(missing)
    for start in range(0, len(rows), _WINDOW):
        report("embed", start, len(rows))
        window = slice(start, start + _WINDOW)

        def told(stage: str, done: int, _: int, before: int = start) -> None:
            """Report what is done of all passages, not of this window."""
            report(stage, before + done, len(rows))

        reads = [read_by_encoder(passages[row]) for row in rows[window]]
        texts, spans = zip(*reads, strict=True)
        if isinstance(encoder, SpanEncoder):
            vectors, inner = encoder.encode_spans(texts, spans, told)
            small = [in_bytes(each) for each in inner]
        else:
            vectors = encoder.encode(texts, told)
            small = [in_bytes(vectors[:0])] * len(texts)
        journal.add(keys[window], vectors, small)


def write_vectors(
    draft: Draft,
    passages: Passages,
    encoder: Encoder,
    old: Index | None,
    kept: dict[bytes, int],
    journal: Journal,
    report: Progress,
) -> dict[str, Any]:
    """Write the vectors of all passages; return what the manifest says about them.

    Raises:
        IndexWriteError: the disk refused.
    """
    import numpy as np

    keys, count = passages.keys.tolist(), len(passages)
    flat, spanned = count <= EXACT, isinstance(encoder, SpanEncoder)
    with ExitStack() as files:
        vectors = np.empty((count, encoder.dim), np.float32)
        if not flat:
            with writing(draft.folder):
                spool = files.enter_context(TemporaryFile(dir=draft.directory))
                shape = (count, encoder.dim)
                vectors = np.memmap(spool, np.float32, "w+", shape=shape)
        add_spans = files.enter_context(draft.writer(SPANS)) if spanned else None
        add_halves = None if flat else files.enter_context(draft.writer(HALVES))
        for start in range(0, count, _ROWS):
            found = [
                old.kept(kept[key]) if old is not None and key in kept else journal[key]
                for key in keys[start : start + _ROWS]
            ]
            block = np.stack([vector for vector, _ in found])
            vectors[start : start + len(block)] = block
            if add_halves:
                add_halves(block.astype("<f2").tobytes())
            if add_spans:
                add_spans(np.concatenate([inner for _, inner in found]).tobytes())
        report("write", 0, 0)
        index = flat_index(vectors) if flat else _listed(vectors, report)
    _write_index(draft, index)
    return described(index, int(passages.first_spans[-1]) if spanned else 0)


def kept_rows(old: Index | None, encoder: Encoder) -> dict[bytes, int]:
    """Return the rows of the index before whose vectors can be kept, by key."""
    if old is None or old.manifest["encoder"]["fingerprint"] != encoder.fingerprint:
        return {}
    if old.has_spans != isinstance(encoder, SpanEncoder):
        return {}
    return {key: row for row, key in enumerate(old.passages.keys.tolist())}


def _listed(vectors: NDArray[np.float32], report: Progress) -> Any:
    return listed_index(vectors, lambda done, total: report("write", done, total))


def _write_index(draft: Draft, index: Any) -> None:
    """Write a FAISS index piece by piece; no error may pass through its C++ code."""
    import faiss

    failed: list[Exception] = []
    with draft.writer(FLAT) as add:

        def add_piece(content: bytes) -> None:
            """Append a piece; an error is kept for later."""
            try:
                if not failed:
                    add(bytes(content))
            except Exception as error:
                failed.append(error)

        writer = faiss.PyCallbackIOWriter(add_piece, 1 << 20)  # type: ignore[attr-defined]
        faiss.write_index(index, writer)
        if failed:
            raise failed[0]

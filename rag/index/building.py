"""From a folder of documents to a published generation; embeds only what is new.

The same documents, encoder and code give the same bytes: nothing that is written depends on the
time, the machine's name or the order of a set.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from rag.encoders import describe, load_encoder, portable_files
from rag.errors import DocumentError, EncoderError, IndexFolderError
from rag.index import publishing, storage
from rag.index.lexical import lexical_files
from rag.index.loading import open_generation
from rag.index.locking import building
from rag.index.records import documents_bytes, passages_bytes
from rag.index.searching import Index
from rag.index.sources import read_source
from rag.index.vectors import described, span_bytes, vectors_bytes
from rag.passages import SPLITTER, split_document
from rag.text import pairs, tokens
from rag.types import Document, Encoder, Passage, Progress, Skipped, SpanEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LIBRARIES = ("bm25s", "faiss-cpu", "langchain-text-splitters", "numpy", "onnxruntime")
_ROOMS = Path(__file__).parent.parent
# A change of the code in these rooms changes what an index holds, as a change of a document does.
_SHAPING = ("text", "documents", "passages", "index")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that decides what an index will hold, before anything is split or embedded."""

    source: Path
    documents: Sequence[Document]
    skipped: Sequence[Skipped]
    encoder: Encoder


def build_index(
    source: str | Path = "seeds",
    folder: str | Path = "index",
    *,
    encoder: Encoder | str | None = None,
    progress: Progress | None = None,
) -> Index:
    """Read, split, embed and publish the documents of ``source``; return the loaded index.

    Vectors of passages that have not changed are taken from the generation before; when nothing
    has changed at all, nothing is published and no model is loaded (``Index.changed`` is 0).

    Args:
        source: folder of documents.
        folder: index folder, made if it is not there.
        encoder: an encoder or its name; None takes ``RAG_MODEL`` or the packaged model.
        progress: called with the stages "read", "split", "embed" and "write".

    Raises:
        DocumentError: the folder cannot be read or holds no text.
        EncoderError: the model cannot be found or loaded.
        IndexLocked: another build is at work on this index.
        IndexWriteError: the disk refused; what was served is served still.
    """
    folder, report = Path(folder), progress or _silent
    chosen = load_encoder(encoder) if encoder is None or isinstance(encoder, str) else encoder
    report("read", 0, 0)
    documents, skipped = read_source(source, folder, report)
    inputs = Inputs(Path(source), documents, skipped, chosen)
    with building(folder):
        with publishing.writing(folder):
            publishing.tidy(folder)
        old = _old_index(folder)
        if old is not None and _is_settled(old, inputs):
            return old
        return _built(inputs, folder, old, report)


def searchable(passage: Passage) -> str:
    """Return what is embedded and lexically indexed for a passage."""
    return f"{passage.heading}\n{passage.text}"


def _built(inputs: Inputs, folder: Path, old: Index | None, report: Progress) -> Index:
    report("split", 0, len(inputs.documents))
    passages = [p for document in inputs.documents for p in split_document(document)]
    if not passages:
        raise DocumentError(_nothing_to_index(inputs))
    vectors, inner = _embedded(passages, inputs.encoder, old, report)
    report("write", 0, 0)
    words = [tokens(searchable(passage)) for passage in passages]
    files = {
        "documents.jsonl": documents_bytes(inputs.documents),
        "passages.jsonl": passages_bytes(passages),
        "vectors.faiss": vectors_bytes(vectors),
        **({"spans.npy": span_bytes(inner)} if inner else {}),
        **lexical_files(words, [pairs(found) for found in words]),
        **{f"encoder/{name}": data for name, data in portable_files(inputs.encoder).items()},
    }
    manifest = {
        **_description(inputs, passages),
        "vectors": described(vectors, sum(map(len, inner))),
    }
    index = _published(folder, files, manifest, inputs.encoder)
    index.changed = len(passages)
    if old is not None and _same_encoder(old, inputs.encoder):
        index.changed = _difference(passages, old.passages)
    return index


def _published(
    folder: Path, files: dict[str, bytes], manifest: storage.Manifest, encoder: Encoder
) -> Index:
    """Write a generation, open it as a reader would, then make it the current one."""
    before = storage.generations(folder)
    try:
        draft = publishing.Draft(folder)
        draft.write(files)
        index = Index(folder, draft.name, *draft.close(manifest), encoder)
        draft.publish()
    except BaseException:
        with suppress(OSError):
            publishing.tidy(folder)
        raise
    # The new generation is live: what cannot be removed now goes with the next build.
    with suppress(OSError):
        publishing.retire(folder, before[:-1])
    return index


def _embedded(
    passages: Sequence[Passage], encoder: Encoder, old: Index | None, report: Progress
) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    """Return the vectors of ``passages`` (n, dim), and of the spans of each, if the encoder can.

    Those of unchanged passages are taken from ``old``.
    """
    import numpy as np

    read = [_read_by_encoder(passage) for passage in passages]
    known: dict[_Read, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
    spanned = isinstance(encoder, SpanEncoder)
    if old is not None and _same_encoder(old, encoder) and old.has_spans == spanned:
        before = zip(old.vectors(), old.span_vectors(), strict=True)
        known = dict(zip(map(_read_by_encoder, old.passages), before, strict=True))
    missing = sorted(set(read) - known.keys())
    if missing:
        report("embed", 0, len(missing))
        made = _made_anew(missing, encoder, report)
        known.update(zip(missing, zip(*made, strict=True), strict=True))
    vectors = np.stack([known[key][0] for key in read]).astype(np.float32, copy=False)
    return vectors, [known[key][1] for key in read] if spanned else []


_Read = tuple[str, tuple[tuple[int, int], ...]]


def _made_anew(
    missing: Sequence[_Read], encoder: Encoder, report: Progress
) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
    import numpy as np

    texts, spans = zip(*missing, strict=True)
    if isinstance(encoder, SpanEncoder):
        return encoder.encode_spans(texts, spans, report)
    none = np.zeros((0, encoder.dim), np.float32)
    return encoder.encode(texts, report), [none] * len(missing)


def _read_by_encoder(passage: Passage) -> _Read:
    """Return a passage's text with its context, and where in it its spans lie."""
    shift = len(passage.heading) + 1 - passage.start
    spans = tuple((span.start + shift, span.end + shift) for span in passage.spans)
    return searchable(passage), spans


def _same_encoder(old: Index, encoder: Encoder) -> bool:
    return bool(old.manifest["encoder"]["fingerprint"] == encoder.fingerprint)


def _old_index(folder: Path) -> Index | None:
    """Return the index that is served now, or None where none can be: then all is made anew."""
    with suppress(IndexFolderError, EncoderError):
        return open_generation(folder)
    return None


def _is_settled(old: Index, inputs: Inputs) -> bool:
    """Tell whether a build would give what is there already, without splitting or embedding."""
    new = _description(inputs, old.passages)
    return all(old.manifest.get(key) == value for key, value in new.items() if key != "libraries")


def _description(inputs: Inputs, passages: Sequence[Passage]) -> storage.Manifest:
    """Return the part of the manifest that says what went in."""
    counts = Counter(passage.document_id for passage in passages)
    return {
        "source": str(inputs.source),
        "sources": [
            *(_source(document, counts[document.id]) for document in inputs.documents),
            *({"id": skipped.id, "skipped": skipped.reason} for skipped in inputs.skipped),
        ],
        "splitter": SPLITTER,
        "encoder": describe(inputs.encoder),
        "code": _code(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }


def _source(document: Document, passages: int) -> dict[str, object]:
    return {
        "id": document.id,
        "sha256": document.sha256,
        "encoding": document.encoding,
        "passages": passages,
    }


def _code() -> str:
    """Return the sha256 of our code that decides what an index holds."""
    digest = hashlib.sha256()
    for path in sorted(_ROOMS.rglob("*.py")):
        room = path.relative_to(_ROOMS).parts[0].removesuffix(".py")
        if room in _SHAPING:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # installed by other means than a package
        return "unknown"


def _difference(new: Sequence[Passage], old: Sequence[Passage]) -> int:
    """Count passages that were added plus, where more, those that went."""
    ours = Counter((p.document_id, searchable(p)) for p in new)
    theirs = Counter((p.document_id, searchable(p)) for p in old)
    return max((ours - theirs).total(), (theirs - ours).total())


def _nothing_to_index(inputs: Inputs) -> str:
    skipped = "; ".join(f"{item.id}: {item.reason}" for item in inputs.skipped[:3])
    return (
        f"{inputs.source}: {len(inputs.documents)} documents and no text to index"
        + (f" (skipped {len(inputs.skipped)}: {skipped})" if skipped else "")
        + ". Put documents with text there, then run `rag build`."
    )


def _silent(stage: str, done: int, total: int) -> None:
    pass

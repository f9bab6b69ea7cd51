"""From a folder of documents to a published generation; embeds only what is new.

The same documents, encoder and code give the same bytes: nothing that is written depends on the
time, the machine's name or the order of a set.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rag.encoders import Precision, describe, load_encoder, portable_files
from rag.errors import DocumentError, EncoderError, IndexFolderError
from rag.index import publishing, storage
from rag.index.embedding import embed, kept_rows, write_vectors
from rag.index.journal import Journal
from rag.index.loading import open_generation
from rag.index.locking import building
from rag.index.records import Passages
from rag.index.searching import Index, differing
from rag.index.sources import read_source
from rag.index.texts import write_texts
from rag.passages import SPLITTER, split_document
from rag.types import Document, Encoder, Passage, Progress, Skipped

_LIBRARIES = ("faiss-cpu", "langchain-text-splitters", "numpy", "onnxruntime")
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
    precision: Precision = "int8",
    progress: Progress | None = None,
) -> Index:
    """Read, split, embed and publish the documents of ``source``; return the loaded index.

    Vectors of passages that have not changed are taken from the generation before; when nothing
    has changed at all, nothing is published and no model is loaded (``Index.changed`` is 0).

    Args:
        source: folder of documents.
        folder: index folder, made if it is not there.
        encoder: an encoder or its name; None takes ``RAG_MODEL`` or the packaged model.
        precision: of the weights of an encoder that is named: "int8", or "fp32", which embeds more
            slowly and takes four times the room. An encoder that is given has its own.
        progress: called with the stages "read", "split", "embed" and "write". A build that was
            stopped goes on from what it had embedded.

    Raises:
        DocumentError: the folder cannot be read or holds no text.
        EncoderError: the model cannot be found or loaded.
        IndexLocked: another build is at work on this index.
        IndexWriteError: the disk refused; what was served is served still.
    """
    folder, report = Path(folder), progress or _silent
    if encoder is None or isinstance(encoder, str):
        encoder = load_encoder(encoder, precision)
    report("read", 0, 0)
    documents, skipped = read_source(source, folder, report)
    inputs = Inputs(Path(source), documents, skipped, encoder)
    with building(folder):
        with publishing.writing(folder):
            publishing.tidy(folder)
        old = _old_index(folder)
        if old is not None and _is_settled(old, inputs):
            return old
        return _built(inputs, folder, old, report)


def _built(inputs: Inputs, folder: Path, old: Index | None, report: Progress) -> Index:
    split = ((document, split_document(document)) for document in inputs.documents)
    return publish(inputs, split, folder, old, report)


def publish(
    inputs: Inputs,
    split: Iterable[tuple[Document, Iterable[Passage]]],
    folder: Path,
    old: Index | None,
    report: Progress,
) -> Index:
    """Write a generation, open it as a reader would, then make it the current one.

    Args:
        inputs: what the index is made of.
        split: each document with its passages, in the order of ``inputs.documents``; read once.
        folder: the index folder, whose lock the caller holds.
        old: the index to take vectors from that have not changed.
        report: called with the stages "split", "embed" and "write".

    Raises:
        DocumentError: there is no passage.
        IndexWriteError: the disk refused.
    """
    before = storage.generations(folder)
    try:
        encoder = inputs.encoder
        with Journal(folder, encoder.fingerprint, encoder.dim) as journal:
            draft = publishing.Draft(folder)
            report("split", 0, len(inputs.documents))
            passages = write_texts(draft, inputs.documents, split, report)
            if not passages:
                raise DocumentError(_nothing_to_index(inputs))
            kept = kept_rows(old, encoder)
            embed(passages, encoder, kept, journal, report)
            report("write", 0, 0)
            carried = portable_files(encoder)
            draft.write({f"encoder/{name}": data for name, data in carried.items()})
            made = write_vectors(draft, passages, encoder, old, kept, journal, report)
            manifest = {**_description(inputs, passages.documents.counts), "vectors": made}
            index = Index(folder, draft.name, *draft.close(manifest), encoder)
            draft.publish()
    except BaseException:
        with suppress(OSError):
            publishing.tidy(folder)
        raise
    # The new generation is live: what cannot be removed now goes with the next build.
    with suppress(OSError):
        publishing.retire(folder, before[:-1])
    index.changed = len(passages)
    if old is not None:
        index.anew = differing(old.manifest["encoder"], index.manifest["encoder"])
        if not index.anew:
            index.changed = _difference(passages, old.passages)
    return index


def _old_index(folder: Path) -> Index | None:
    """Return the index that is served now, or None where none can be: then all is made anew."""
    with suppress(IndexFolderError, EncoderError):
        return open_generation(folder)
    return None


def _is_settled(old: Index, inputs: Inputs) -> bool:
    """Tell whether a build would give what is there already, without splitting or embedding."""
    new = _description(inputs, old.documents.counts)
    return all(old.manifest.get(key) == value for key, value in new.items() if key != "libraries")


def _description(inputs: Inputs, counts: Mapping[str, int]) -> storage.Manifest:
    """Return the part of the manifest that says what went in; ``counts`` are of passages."""
    return {
        "source": str(inputs.source),
        "sources": [
            *(_source(document, counts.get(document.id, 0)) for document in inputs.documents),
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


def _difference(new: Passages, old: Passages) -> int:
    """Count passages that were added plus, where more, those that went."""
    added = gone = 0
    for document_id in new.documents.numbers.keys() | old.documents.numbers.keys():
        ours, theirs = (Counter(found.keys_in(document_id)) for found in (new, old))
        added += (ours - theirs).total()
        gone += (theirs - ours).total()
    return max(added, gone)


def _nothing_to_index(inputs: Inputs) -> str:
    skipped = "; ".join(f"{item.id}: {item.reason}" for item in inputs.skipped[:3])
    return (
        f"{inputs.source}: {len(inputs.documents)} documents and no text to index"
        + (f" (skipped {len(inputs.skipped)}: {skipped})" if skipped else "")
        + ". Put documents with text there, then run `rag build`."
    )


def _silent(stage: str, done: int, total: int) -> None:
    pass

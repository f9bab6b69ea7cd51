"""Looking at an index without using it: is every byte right, and is it up to date?

Loads no model. `check_index` compares bytes, `index_status` compares the index with its source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from rag.errors import DocumentError, IndexFolderError
from rag.index import storage
from rag.index.loading import open_generation
from rag.index.searching import Index
from rag.index.sources import read_source
from rag.types import Document, Passage, Skipped

_SENTENCES = 200


@dataclass(frozen=True, slots=True)
class Status:
    """An index beside its source folder. Without an index ``generation`` is None.

    Attributes:
        folder: the index folder.
        source: the folder of documents it is compared with; None where none is known.
        generation: name of the current generation.
        documents: number of documents in it.
        passages: number of passages in it.
        skipped: number of files that the build did not read.
        encoder: what embeds questions, and how, in words.
        search: how the vectors are searched, in words.
        added: ids of files that are not in the index.
        changed: ids of files whose bytes or readability have changed.
        removed: ids in the index whose file is gone.
        dates: how many documents have a date, and from when to when they are, in words.
        problem: why there is no usable index or no source folder; empty if there is nothing.
    """

    folder: Path
    source: Path | None
    generation: str | None = None
    documents: int = 0
    passages: int = 0
    skipped: int = 0
    encoder: str = ""
    dates: str = ""
    search: str = ""
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problem: str = ""

    @property
    def stale(self) -> bool:
        """True when a build would change what is served."""
        return bool(self.generation is None or self.added or self.changed or self.removed)


def index_status(folder: str | Path = "index", source: str | Path | None = None) -> Status:
    """Return what an index holds and how far its source folder has moved on.

    Args:
        folder: the index folder; need not exist.
        source: folder of documents; None takes the one that the index was built from.
    """
    folder = Path(folder)
    try:
        index = open_generation(folder)
    except IndexFolderError as error:
        return _compared(Status(folder, Path(source) if source else None, problem=str(error)), {})
    status = Status(
        folder=folder,
        source=Path(source) if source else index.source,
        generation=index.generation,
        documents=len(index.documents),
        passages=len(index.passages),
        skipped=len(index.skipped),
        encoder=_encoder_in_words(index),
        dates=_dates_in_words(index),
        search=_search_in_words(index),
    )
    return _compared(status, _states(index.documents, index.skipped))


def check_index(folder: str | Path = "index") -> list[str]:
    """Verify every byte of the current generation and of the one before.

    Returns:
        What was found, in words, one finding each; the current generation first.

    Raises:
        IndexMissing: there is no index.
        IndexCorrupt: a file of the current generation is damaged.
        IndexMismatch: of another format.
    """
    index = open_generation(Path(folder), hash_all=True)
    findings = [_sound(index)]
    for name in reversed(storage.generations(index.folder)):
        if name != index.generation:
            findings.append(_other(index.folder, name, index.generation))
    return findings + _strays(index)


def check_recall(folder: str | Path = "index") -> tuple[float, int]:
    """Measure recall@10 of the index's search by sentences of its own documents.

    Returns:
        The share, 0 to 1, of the ten passages nearest to a sentence that a search finds, and the
        number of sentences.

    Raises:
        IndexFolderError: as `load_index`.
        EncoderError: the model that embeds questions cannot be opened.
    """
    index = open_generation(Path(folder))
    step = max(1, len(index.passages) // _SENTENCES)
    some = (index.passages[row] for row in range(0, len(index.passages), step))
    texts = [_a_sentence(passage) for passage in some]
    return index.measured_recall(index.encoder.encode(texts)), len(texts)


def _a_sentence(passage: Passage) -> str:
    if not passage.spans:
        return passage.text
    span = passage.spans[len(passage.spans) // 2]
    return passage.text[span.start - passage.start : span.end - passage.start]


def _sound(index: Index) -> str:
    files = index.manifest["files"]
    size = sum(entry["size"] for entry in files.values())
    return f"{index.generation}: sound, {len(files)} files, {size} bytes"


def _other(folder: Path, name: str, current: str) -> str:
    if name > current:
        return f"{name}: never published; the next build removes it"
    try:
        storage.read_generation(folder / name)
    except IndexFolderError as error:
        return f"{name} (the one before): {error}"
    return f"{name} (the one before): sound"


def _strays(index: Index) -> list[str]:
    """Name files of a generation that its manifest does not list; nothing ever reads them."""
    root = index.folder / index.generation
    names = {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()}
    listed = {storage.MANIFEST, *index.manifest["files"]}
    return [f"{index.generation}/{name}: ignored, not listed" for name in sorted(names - listed)]


def _encoder_in_words(index: Index) -> str:
    built = index.manifest["encoder"]
    return f"{built['name']}, {built['dim']} dimensions, {built['runtime']}"


def _dates_in_words(index: Index) -> str:
    days = sorted(filter(None, index.days.values()))
    if not days:
        return "no document has one"
    return f"{len(days)} of {len(index.documents)} documents have one: {days[0]} to {days[-1]}"


def _search_in_words(index: Index) -> str:
    made = index.manifest["vectors"]
    if "lists" not in made:
        return "exact"
    return f"the {made['probes']} nearest of {made['lists']:,} lists, the best of them exactly"


def _states(documents: Iterable[Document], skipped: Iterable[Skipped]) -> dict[str, str]:
    """Return for each file id what tells whether it is still the same."""
    states = {document.id: document.sha256 for document in documents}
    return states | {item.id: f"skipped: {item.reason}" for item in skipped}


def _compared(status: Status, indexed: dict[str, str]) -> Status:
    """Fill in what has changed in the source folder."""
    if status.source is None:
        return status
    try:
        present = _states(*read_source(status.source, status.folder))
    except DocumentError as error:
        return replace(status, problem=status.problem or str(error))
    both = present.keys() & indexed.keys()
    return replace(
        status,
        added=tuple(sorted(present.keys() - indexed.keys())),
        removed=tuple(sorted(indexed.keys() - present.keys())),
        changed=tuple(sorted(name for name in both if present[name] != indexed[name])),
    )

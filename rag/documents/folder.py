"""Walks a folder and makes a Document or a Skipped of everything in it.

Links are never followed, so the walk ends and stays inside; hidden files and folders are left
alone. ``SOURCES.md`` at the top is the folder's own note about where its documents come from and
is not one of them.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import chain, starmap
from pathlib import Path, PurePosixPath

from rag.documents.boilerplate import find_boilerplate
from rag.documents.isolation import Children, TransientError
from rag.documents.keeping import Kept
from rag.documents.metadata import find_metadata
from rag.documents.readers import (
    FORMATS,
    READERS,
    Extracted,
    Format,
    UnreadableError,
    extract,
    format_of,
)
from rag.documents.titles import find_title, readable
from rag.errors import DocumentError
from rag.text import without_noise
from rag.types import Document, Progress, Skipped

MAX_BYTES = 50_000_000
"""Files larger than this are skipped; text of this size is a library, not a document."""

MAX_PACKED = 100_000_000
"""The same for formats that hold pictures too."""

_TEXT = READERS[".txt"]
_MOST_AT_ONCE = 8  # files read at a time, however many cores there are
_LONGEST_TITLE = 200

FOLDER_NOTE = "SOURCES.md"


def read_documents(folder: str | Path) -> list[Document]:
    """Return the documents of ``folder`` and its subfolders, sorted by id.

    Raises:
        DocumentError: the folder is missing, no folder, or holds no document that can be read.
    """
    return read_folder(folder)[0]


def read_folder(
    folder: str | Path,
    *,
    without: Path | None = None,
    kept: Kept | None = None,
    progress: Progress | None = None,
) -> tuple[list[Document], list[Skipped]]:
    """Return (documents, skipped), each sorted by id; everything found is in one of the two.

    Args:
        folder: the source folder.
        without: a folder inside it that is left out altogether.
        kept: what has been extracted before, so that a stopped or later call goes on from there;
            None keeps nothing.
        progress: called with the stage "read".

    Raises:
        DocumentError: the folder is missing, no folder, or holds no document that can be read.
    """
    root = Path(folder)
    if not root.is_dir():
        what = "is not a folder" if os.path.lexists(root) else "does not exist"
        raise DocumentError(f"{shown(str(root))}: the source folder {what}. {_remedy()}")
    documents: list[Document] = []
    skipped: list[Skipped] = []
    for found in _read_all([*_walk(root, without)], kept or Kept(None), progress):
        (skipped if isinstance(found, Skipped) else documents).append(found)  # type: ignore[arg-type]
    skipped.sort(key=lambda skip: skip.id)
    if not documents:
        example = f" ({skipped[0].id}: {skipped[0].reason})" if skipped else ""
        raise DocumentError(
            f"{shown(str(root))}: no document to read, {len(skipped)} skipped{example}. {_remedy()}"
        )
    return sorted(documents, key=lambda document: document.id), skipped


def read_document(folder: str | Path, document_id: str) -> Document:
    """Return the one document of ``folder`` that has this id.

    Raises:
        DocumentError: it is not there, lies outside the folder, or cannot be read.
    """
    path = _path_of(folder, document_id)
    try:
        with Children() as children:
            return _document(document_id, path, children, Kept(None))
    except UnreadableError as error:
        raise DocumentError(f"{document_id}: {error}") from error


def content_of(folder: str | Path, document_id: str) -> bytes:
    """Return the bytes of the one document of ``folder`` that has this id.

    Raises:
        DocumentError: it is not there, or lies outside the folder.
        UnreadableError: it cannot be read.
    """
    return _content(_path_of(folder, document_id))


def _path_of(folder: str | Path, document_id: str) -> Path:
    root = Path(folder)
    path = root / document_id
    known = shown(document_id) == document_id and path.suffix.lower() in READERS
    if not known or not path.resolve().is_relative_to(root.resolve()) or path.is_symlink():
        raise DocumentError(f"{shown(document_id)}: no document of this folder")
    return path


def _read_all(
    files: list[tuple[str, Path | UnreadableError]], kept: Kept, progress: Progress | None
) -> Iterator[Document | Skipped]:
    """Yield what each file becomes, as they are finished; several are read at a time."""

    def read(id_: str, found: Path | UnreadableError) -> Document | Skipped:
        """Return the document, or why there is none."""
        try:
            return _document(id_, found, children, kept)
        except UnreadableError as error:
            return Skipped(shown(id_), str(error))

    quick = [file for file in files if not _is_slow(file[1])]
    slow = [file for file in files if _is_slow(file[1])]
    with Children() as children:
        threads = ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_AT_ONCE))
        try:
            waiting = [threads.submit(read, *file) for file in slow]
            finished = (task.result() for task in as_completed(waiting))
            for done, found in enumerate(chain(starmap(read, quick), finished), start=1):
                if progress:
                    progress("read", done, len(files))
                yield found
        finally:  # what was stopped need not be waited for: its children are ended
            threads.shutdown(wait=False, cancel_futures=True)


def _is_slow(found: Path | UnreadableError) -> bool:
    """Return whether a file is taken apart elsewhere; text is decoded at once, without threads."""
    return isinstance(found, Path) and not READERS[found.suffix.lower()].plain


def shown(name: str) -> str:
    r"""Return ``name`` with invisible and undecodable characters written out (``\udce9``)."""
    return "".join(
        c if c == " " or unicodedata.category(c)[0] not in "CZ" else ascii(c)[1:-1] for c in name
    )


def _remedy() -> str:
    return f"Put {_formats()} files into it, or name another folder."


def _formats() -> str:
    *first, last = (format_.suffixes[0] for format_ in FORMATS.values())
    return f"{', '.join(first)} or {last}"


def _walk(root: Path, without: Path | None) -> Iterator[tuple[str, Path | UnreadableError]]:
    """Yield (id, path) of each file below ``root`` that may be read, (id, reason) of the others."""
    folders = [root]
    left_out = without.resolve() if without is not None else None
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            reason = f"the folder cannot be listed: {error.strerror}"
            yield folder.relative_to(root).as_posix() + "/", UnreadableError(reason)
            continue
        for entry in entries:
            path = Path(entry.path)
            id_ = path.relative_to(root).as_posix()
            if reason := _refusal(id_, entry):
                yield id_, UnreadableError(reason)
            elif entry.is_dir(follow_symlinks=False):
                if left_out is None or path.resolve() != left_out:
                    folders.append(path)
            else:
                yield id_, path


def _refusal(id_: str, entry: os.DirEntry[str]) -> str:
    """Return why an entry is not read, judged without opening it; empty if it may be."""
    if shown(entry.name) != entry.name:
        return "the name holds characters that cannot be shown: rename it"
    if entry.is_symlink():
        leads = "a link, which is not followed" if _leads(entry.path) else "a link to nowhere"
        return f"{leads}: put the file itself here"
    if entry.name.startswith("."):
        return "hidden"
    if entry.is_dir(follow_symlinks=False):
        return ""
    if not entry.is_file(follow_symlinks=False):
        return "not a regular file"
    if id_ == FOLDER_NOTE:
        return "the folder's own note about its documents, not one of them"
    suffix = PurePosixPath(entry.name).suffix.lower()
    if suffix not in READERS:
        return f"format {suffix or 'without a suffix'} is not supported yet, only {_formats()}"
    return ""


def _leads(link: str) -> bool:
    try:
        Path(link).resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a loop, before Python 3.13
        return False
    return True


def _document(id_: str, found: Path | UnreadableError, children: Children, kept: Kept) -> Document:
    """Read one file.

    Raises:
        UnreadableError: with the reason.
    """
    if isinstance(found, UnreadableError):
        raise found
    data = _content(found)
    sha256 = hashlib.sha256(data).hexdigest()
    suffix = found.suffix.lower()
    format_ = format_of(data, suffix)
    extracted = _extracted(format_, data, sha256, children, kept)
    if not any(map(str.isalnum, extracted.text)):
        raise UnreadableError("empty: no letters or digits in it")
    if format_ is not READERS[suffix]:
        said = f"{format_.name} under the name of a {suffix} file"
        extracted = extracted._replace(note="; ".join(filter(None, [said, extracted.note])))
    furniture = find_boilerplate(extracted.text)
    title = extracted.title
    title = find_title(extracted.text, furniture) if title is None else without_noise(title)
    return Document(
        id=id_,
        title=title[:_LONGEST_TITLE] or readable(found.stem),
        text=extracted.text,
        sha256=sha256,
        encoding=extracted.encoding,
        boilerplate=furniture,
        note=extracted.note,
        locations=extracted.locations,
        metadata=find_metadata(
            extracted.text,
            furniture,
            extracted.fields,
            found.stem,
            many=any(place.kind == "record" and place.name == "2" for place in extracted.locations),
        ),
    )


def _extracted(
    format_: Format, data: bytes, sha256: str, children: Children, kept: Kept
) -> Extracted:
    """Return the text of a file; one that is no plain text is taken apart in a child, once.

    Raises:
        UnreadableError: with the reason.
    """
    if len(data) > MAX_BYTES and not format_.packed:
        raise UnreadableError(_too_large(MAX_BYTES))
    if format_.plain:
        return extract(format_.module, data)
    if found := kept.find(sha256, format_.module):
        return found
    format_.require()
    try:
        found = children.extract(format_.module, data)
    except TransientError:
        raise
    except UnreadableError as error:
        kept.keep(sha256, format_.module, error)
        raise
    kept.keep(sha256, format_.module, found)
    return found


def _content(path: Path) -> bytes:
    """Return the bytes of a regular file of bearable size; never waits on a pipe or device."""
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY"):  # not every system has each
        flags |= getattr(os, name, 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableError("not a regular file")
            limit = MAX_PACKED if READERS.get(path.suffix.lower(), _TEXT).packed else MAX_BYTES
            data = file.read(limit + 1) if status.st_size <= limit else None
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from error
    if data is None or len(data) > limit:
        raise UnreadableError(_too_large(limit))
    if not data:
        raise UnreadableError("empty: 0 bytes")
    return data


def _too_large(limit: int) -> str:
    return f"larger than the limit of {limit // 1_000_000} MB: split it"

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
from pathlib import Path, PurePosixPath

from rag.documents.boilerplate import find_boilerplate
from rag.documents.readers import READERS, UnreadableError
from rag.documents.titles import find_title, readable
from rag.errors import DocumentError
from rag.types import Document, Skipped

MAX_BYTES = 50_000_000
"""Files larger than this are skipped; text of this size is a library, not a document."""

FOLDER_NOTE = "SOURCES.md"


def read_documents(folder: str | Path) -> list[Document]:
    """Return the documents of ``folder`` and its subfolders, sorted by id.

    Raises:
        DocumentError: the folder is missing, no folder, or holds no document that can be read.
    """
    return read_folder(folder)[0]


def read_folder(folder: str | Path) -> tuple[list[Document], list[Skipped]]:
    """Return (documents, skipped), each sorted by id; everything found is in one of the two.

    Raises:
        DocumentError: the folder is missing, no folder, or holds no document that can be read.
    """
    root = Path(folder)
    if not root.is_dir():
        what = "is not a folder" if os.path.lexists(root) else "does not exist"
        raise DocumentError(f"{shown(str(root))}: the source folder {what}. {_remedy()}")
    documents: list[Document] = []
    skipped: list[Skipped] = []
    for id_, found in _walk(root):
        try:
            documents.append(_document(id_, found))
        except UnreadableError as error:
            skipped.append(Skipped(shown(id_), str(error)))
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
    root = Path(folder)
    path = root / document_id
    known = shown(document_id) == document_id and path.suffix.lower() in READERS
    if not known or not path.resolve().is_relative_to(root.resolve()) or path.is_symlink():
        raise DocumentError(f"{shown(document_id)}: no document of this folder")
    try:
        return _document(document_id, path)
    except UnreadableError as error:
        raise DocumentError(f"{document_id}: {error}") from error


def shown(name: str) -> str:
    r"""Return ``name`` with invisible and undecodable characters written out (``\udce9``)."""
    return "".join(
        c if c == " " or unicodedata.category(c)[0] not in "CZ" else ascii(c)[1:-1] for c in name
    )


def _remedy() -> str:
    return f"Put {_formats()} files into it, or name another folder."


def _formats() -> str:
    *first, last = READERS
    return f"{', '.join(first)} or {last}"


def _walk(root: Path) -> Iterator[tuple[str, Path | UnreadableError]]:
    """Yield (id, path) of each file below ``root`` that may be read, (id, reason) of the others."""
    folders = [root]
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


def _document(id_: str, found: Path | UnreadableError) -> Document:
    """Read one file.

    Raises:
        UnreadableError: with the reason.
    """
    if isinstance(found, UnreadableError):
        raise found
    data = _content(found)
    text, encoding, note = READERS[found.suffix.lower()](data)
    if not any(map(str.isalnum, text)):
        raise UnreadableError("empty: no letters or digits in it")
    furniture = find_boilerplate(text)
    return Document(
        id=id_,
        title=find_title(text, furniture) or readable(found.stem),
        text=text,
        sha256=hashlib.sha256(data).hexdigest(),
        encoding=encoding,
        boilerplate=furniture,
        note=note,
    )


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
            data = file.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else None
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from error
    if data is None or len(data) > MAX_BYTES:
        raise UnreadableError(f"larger than the limit of {MAX_BYTES // 1_000_000} MB: split it")
    if not data:
        raise UnreadableError("empty: 0 bytes")
    return data

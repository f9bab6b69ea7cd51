r"""Generations on disk: how they are laid out, and how they are read, every byte verified.

::

    index/
      CURRENT            "gen-000012\n"
      gen-000012/        manifest.json and the files that it lists, each with its size and sha256
      gen-000011/        the one before
      .lock .holder      who is building
      .embedded          what a build has embedded so far (see `rag.index.journal`)
      .sealed            which large files were hashed, and what they looked like then

Bytes are compared before anyone makes sense of them. A file of `MAPPED` bytes or more is hashed
once and then mapped into memory, not read: ``.sealed`` remembers inode, size and times of the file
that was hashed, and while they are the same no program has written to it (a change of the content
changes its ctime, which no program can set back). `rag check` hashes everything, always.

This module knows names, bytes and hashes; what the bytes mean is its callers' business, and
`rag.index.publishing` writes them.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import re
import shlex
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Any

from rag.errors import IndexCorrupt, IndexMismatch, IndexMissing

FORMAT = 4
POINTER = "CURRENT"
MANIFEST = "manifest.json"
SEAL = ".sealed"

MAPPED = 64 << 20
"""Bytes from which a file is mapped into memory instead of read."""

Manifest = dict[str, Any]
Content = bytes | mmap.mmap
Seals = dict[str, dict[str, list[int]]]
"""For each generation and each of its large files: device, inode, size, mtime and ctime in ns."""

_GENERATION = re.compile(r"gen-(\d{6,12})")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
# Opening must neither follow a link nor wait for the other end of a FIFO.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_READ |= getattr(os, "O_BINARY", 0)


def remedy(folder: Path) -> str:
    """Return the words that close a message: the command that mends the index."""
    return f"Run `{build_command(folder)}` to make it again."


def build_command(folder: Path, source: str = "") -> str:
    """Return the command that builds the index in ``folder``; the default folder goes unsaid."""
    elsewhere = (
        [] if str(folder) == "index" else [*([source] if source else []), "--index", str(folder)]
    )
    return shlex.join(["rag", "build", *elsewhere])


def current_generation(folder: Path) -> str:
    """Return the name that ``CURRENT`` holds.

    Raises:
        IndexMissing: there is no pointer.
        IndexCorrupt: the pointer is not the name of a generation.
    """
    path = folder / POINTER
    try:
        content = _read_plain(path, limit=64)
    except FileNotFoundError:
        command = build_command(folder, "FOLDER_OF_DOCUMENTS")
        raise IndexMissing(f"No index in {folder}. Run `{command}` to make it.") from None
    except OSError as error:
        raise IndexCorrupt(f"{path}: {reason_of(error)}. {remedy(folder)}") from error
    name = content[:-1].decode("ascii", "replace")
    if not content.endswith(b"\n") or not _GENERATION.fullmatch(name):
        raise IndexCorrupt(f"{path}: does not name a generation. {remedy(folder)}")
    return name


def read_manifest(directory: Path) -> Manifest:
    """Return the manifest of a generation directory, its checksum verified.

    Raises:
        IndexCorrupt: missing, damaged, or naming a file outside ``directory``.
        IndexMismatch: of another format version.
    """
    manifest = recorded(directory)
    _require_format(directory, manifest)
    for name in manifest["files"]:
        if not all(_PART.fullmatch(part) for part in name.split("/")):
            raise _corrupt(directory, MANIFEST, f"names a file outside the index: {name!r}")
    return manifest


def recorded(directory: Path) -> Manifest:
    """Return what a generation says of itself, of whatever format version, its checksum verified.

    Raises:
        IndexCorrupt: missing or damaged.
    """
    path = directory / MANIFEST
    if directory.is_symlink():
        raise _corrupt(directory, MANIFEST, "its directory is a symbolic link")
    try:
        content = _read_plain(path)
        manifest: Manifest = json.loads(content)
        checksum = manifest.pop("checksum")
        if not all({"size", "sha256"} <= listed.keys() for listed in manifest["files"].values()):
            raise KeyError("size")
    except OSError as error:
        raise _corrupt(directory, MANIFEST, reason_of(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # not our JSON
        raise _corrupt(directory, MANIFEST, "is not a manifest") from None
    if checksum != _checksum(manifest) or content != manifest_bytes(manifest):
        raise _corrupt(directory, MANIFEST, "checksum differs")
    return manifest


def read_file(
    directory: Path, manifest: Manifest, name: str, seals: dict[str, list[int]] | None = None
) -> Content:
    """Return the bytes of one listed file, after comparing size and sha256.

    Args:
        directory: of the generation.
        manifest: of the generation.
        name: of the file.
        seals: large files that need not be hashed where they look as they did when they were;
            those that had to be are added. None hashes every file.

    Raises:
        IndexCorrupt: not listed, missing, a link, not a file, or not the bytes that were written.
    """
    listed = manifest["files"].get(name)
    if listed is None:
        raise _corrupt(directory, name, "is not listed in the manifest")
    path = directory
    for part in name.split("/")[:-1]:
        path = path / part
        if path.is_symlink():
            raise _corrupt(directory, name, "its directory is a symbolic link")
    try:
        with _opened(directory / name, limit=listed["size"]) as stream:
            looks = _looks(stream.fileno())
            if looks[2] != listed["size"]:
                raise OSError(f"{looks[2]} bytes instead of {listed['size']}")
            content: Content | None = None if looks[2] >= MAPPED else stream.read()
            if content is None and seals is not None and seals.get(name) == looks:
                return _mapped(stream)
            found = hashlib.sha256(content) if content is not None else _digest(stream)
            if found.hexdigest() != listed["sha256"]:
                raise OSError("sha256 differs")
            if content is None:
                content = _mapped(stream)
                if seals is not None and _looks(stream.fileno()) == looks:
                    seals[name] = looks
            return content
    except OSError as error:
        raise _corrupt(directory, name, reason_of(error)) from error


def read_generation(
    directory: Path, seals: dict[str, list[int]] | None = None
) -> tuple[Manifest, dict[str, Content]]:
    """Return the manifest and every file it lists, all verified. Arguments and errors as above."""
    manifest = read_manifest(directory)
    return manifest, {
        name: read_file(directory, manifest, name, seals) for name in manifest["files"]
    }


def view(path: Path) -> Content:
    """Return the bytes of a file that was just written, mapped where it is large."""
    with _opened(path) as stream:
        return stream.read() if _looks(stream.fileno())[2] < MAPPED else _mapped(stream)


def read_sealed(folder: Path, generation: str) -> tuple[Manifest, dict[str, Content]]:
    """Return what `read_generation` does; large files that were hashed before are not again."""
    seals = sealed(folder)
    before = seals.get(generation, {})
    known = dict(before)
    found = read_generation(folder / generation, known)
    if known != before:
        seal(folder, generation, known)
    return found


def sealed(folder: Path) -> Seals:
    """Return which large files were hashed; {} where that is not known."""
    try:
        found: Seals = json.loads(_read_plain(folder / SEAL, limit=1 << 20))
        return {name: dict(files) for name, files in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def seal(folder: Path, generation: str, files: dict[str, list[int]]) -> None:
    """Remember large files that were hashed; what cannot be written is hashed again next time."""
    present = set(generations(folder)) | {generation}
    kept = {name: found for name, found in sealed(folder).items() if name in present}
    draft = folder / f"{SEAL}-{os.getpid()}.tmp"
    with suppress(OSError):
        draft.write_text(json.dumps(kept | {generation: files}), "ascii")
        os.replace(draft, folder / SEAL)


def previous_generation(folder: Path, current: str) -> str | None:
    """Return the newest sound generation before ``current``, every byte compared, or None."""
    for name in sorted(generations(folder), reverse=True):
        if name < current:
            with suppress(IndexCorrupt, IndexMismatch):
                read_generation(folder / name)
                return name
    return None


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the one form in which a manifest is written; its checksum covers all the rest."""
    whole = {**manifest, "checksum": _checksum(manifest)}
    return json.dumps(whole, indent=1, sort_keys=True).encode() + b"\n"


def generations(folder: Path) -> list[str]:
    """Return the names of the generation directories in ``folder``, ascending."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(name for name in names if _GENERATION.fullmatch(name))


def _read_plain(path: Path, limit: int | None = None) -> bytes:
    """Read a regular file; ``limit`` refuses a larger one. Raises OSError for anything else."""
    with _opened(path, limit) as stream:
        return stream.read()


@contextmanager
def _opened(path: Path, limit: int | None = None) -> Iterator[BufferedReader]:
    descriptor = os.open(path, _READ)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("is not a regular file")
        if limit is not None and status.st_size > limit:
            raise OSError(f"{status.st_size} bytes instead of {limit}")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            yield stream
    finally:
        os.close(descriptor)


def _looks(descriptor: int) -> list[int]:
    found = os.fstat(descriptor)
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _digest(stream: BufferedReader) -> Any:
    return hashlib.file_digest(stream, "sha256")


def _mapped(stream: BufferedReader) -> mmap.mmap:
    return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _require_format(directory: Path, manifest: Manifest) -> None:
    version = manifest.get("format")
    if version != FORMAT:
        raise IndexMismatch(
            f"{directory / MANIFEST}: built in format {version!r}, this version reads {FORMAT}. "
            + remedy(directory.parent)
        )


def _corrupt(directory: Path, name: str, reason: str) -> IndexCorrupt:
    return IndexCorrupt(f"{directory / name}: {reason}. {remedy(directory.parent)}")


def reason_of(error: OSError) -> str:
    """Return the operating system's words, such as "No space left on device"."""
    return error.strerror or str(error)


def _checksum(manifest: Manifest) -> str:
    plain = json.dumps(manifest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()

r"""Generations on disk: how they are laid out, and how they are read, every byte verified.

::

    index/
      CURRENT            "gen-000012\n"
      gen-000012/        manifest.json and the files that it lists, each with its size and sha256
      gen-000011/        the one before
      .lock .holder      who is building

Bytes are compared before anyone makes sense of them. This module knows names, bytes and hashes;
what the bytes mean is its callers' business, and `rag.index.publishing` writes them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

from rag.errors import IndexCorrupt, IndexMismatch, IndexMissing

FORMAT = 3
POINTER = "CURRENT"
MANIFEST = "manifest.json"

Manifest = dict[str, Any]

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


def read_file(directory: Path, manifest: Manifest, name: str) -> bytes:
    """Return the bytes of one listed file, after comparing size and sha256.

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
        content = _read_plain(directory / name, limit=listed["size"])
    except OSError as error:
        raise _corrupt(directory, name, reason_of(error)) from error
    if len(content) != listed["size"]:
        raise _corrupt(directory, name, f"{len(content)} bytes instead of {listed['size']}")
    if hashlib.sha256(content).hexdigest() != listed["sha256"]:
        raise _corrupt(directory, name, "sha256 differs")
    return content


def read_generation(directory: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest and every file it lists, all verified. Raises as the two above."""
    manifest = read_manifest(directory)
    return manifest, {name: read_file(directory, manifest, name) for name in manifest["files"]}


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
    descriptor = os.open(path, _READ)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("is not a regular file")
        if limit is not None and status.st_size > limit:
            raise OSError(f"{status.st_size} bytes instead of {limit}")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(descriptor)


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

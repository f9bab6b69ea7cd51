"""A new generation, from its first file to the pointer that names it, and what goes afterwards.

Order of a publish: files, their fsync, the directories', read back and compare, rename, fsync of
the folder, ``CURRENT`` replaced, fsync. Whatever stops it, what was served before is served still.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rag.errors import IndexCorrupt, IndexMissing, IndexWriteError
from rag.index import storage

_UNFINISHED = re.compile(r"(gen-\d{6,12}|CURRENT|\.sealed-\d+)\.tmp")
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_CHUNK = 1 << 20


def tidy(folder: Path) -> None:
    """Remove what killed builds left: unfinished files, and generations never pointed to."""
    for name in os.listdir(folder):
        if _UNFINISHED.fullmatch(name):
            _remove(folder / name)
    with suppress(IndexMissing, IndexCorrupt):
        current = storage.current_generation(folder)
        retire(folder, {name for name in storage.generations(folder) if name > current})


def retire(folder: Path, names: Collection[str]) -> None:
    """Remove generations; each is renamed first, so that none is ever seen half removed."""
    for name in sorted(names):
        os.rename(folder / name, folder / f"{name}.tmp")
        _remove(folder / f"{name}.tmp")


class Draft:
    """A generation being written in ``gen-N.tmp/``; nothing of it is visible until `publish`."""

    def __init__(self, folder: Path) -> None:
        """Make the directory.

        Raises:
            IndexWriteError: the disk refused.
        """
        self.folder = folder
        taken = [int(name[4:]) for name in storage.generations(folder)]
        self.name = f"gen-{max(taken, default=0) + 1:06d}"
        self.directory = folder / f"{self.name}.tmp"
        self._files: dict[str, dict[str, Any]] = {}
        self._seals: dict[str, list[int]] = {}
        with writing(folder):
            os.mkdir(self.directory)

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write and fsync files, in the order of their names.

        Raises:
            IndexWriteError: the disk refused.
        """
        for name, content in sorted(files.items()):
            with self.writer(name) as add:
                add(content)

    @contextmanager
    def writer(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """Yield what appends bytes to a new file, which is fsynced and listed at the end.

        Raises:
            IndexWriteError: the disk refused.
        """
        path, digest, size = self.directory / name, hashlib.sha256(), 0
        with writing(self.folder):
            if not path.parent.is_dir():
                os.mkdir(path.parent)
            descriptor = os.open(path, _WRITE, 0o644)
        try:

            def add(content: bytes) -> None:
                """Append to the file and to its digest."""
                nonlocal size
                size += len(content)
                digest.update(content)
                with writing(self.folder):
                    _write_whole(descriptor, content, path)

            yield add
            with writing(self.folder):
                _sync(descriptor, path)
        finally:
            os.close(descriptor)
        self._files[name] = {"size": size, "sha256": digest.hexdigest()}

    def close(
        self, manifest: storage.Manifest
    ) -> tuple[storage.Manifest, dict[str, storage.Content]]:
        """Write the manifest, fsync every directory; return all of it, read back and compared.

        Raises:
            IndexWriteError: the disk refused or gave back something else.
        """
        listed = {**manifest, "format": storage.FORMAT, "files": self._files}
        with writing(self.folder):
            _write_synced(self.directory / storage.MANIFEST, storage.manifest_bytes(listed))
            folders = {(self.directory / name).parent for name in self._files}
            for directory in sorted(folders | {self.directory}):
                _sync_directory(directory)
        try:
            return storage.read_generation(self.directory, self._seals)
        except IndexCorrupt as error:
            raise IndexWriteError(f"The disk did not keep what was written: {error}") from error

    def publish(self) -> None:
        """Give the directory its name and let ``CURRENT`` point to it.

        Raises:
            IndexWriteError: the disk refused; ``CURRENT`` holds either the old name or the new.
        """
        pointer = self.folder / f"{storage.POINTER}.tmp"
        with writing(self.folder):
            os.rename(self.directory, self.folder / self.name)
            _sync_directory(self.folder)
            if self._seals:
                storage.seal(self.folder, self.name, self._seals)
            _write_synced(pointer, f"{self.name}\n".encode())
            os.replace(pointer, self.folder / storage.POINTER)
            _sync_directory(self.folder)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn an OSError into `IndexWriteError`, naming the file, the reason and the remedy."""
    try:
        yield
    except OSError as error:
        raise IndexWriteError(
            f"{error.filename or folder}: {storage.reason_of(error)}; no index was "
            "damaged. Make room or set permissions, then run `rag build` again."
        ) from error


def _write_synced(path: Path, content: bytes) -> None:
    descriptor = os.open(path, _WRITE, 0o644)
    try:
        _write_whole(descriptor, content, path)
        _sync(descriptor, path)
    finally:
        os.close(descriptor)


def _write_whole(descriptor: int, content: bytes, path: Path) -> None:
    view = memoryview(content)
    try:
        while view:
            view = view[os.write(descriptor, view[:_CHUNK]) :]
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _sync(descriptor: int, path: Path) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _sync_directory(directory: Path) -> None:
    if os.name == "nt":  # Windows has no handle for this; its rename is journalled
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        _sync(descriptor, directory)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        with suppress(FileNotFoundError):  # a reader's own, which it has put in its place by now
            os.unlink(path)

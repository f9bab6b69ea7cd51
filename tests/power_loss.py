"""A disk that forgets what was not fsynced: record a build's operations, replay every prefix.

A file keeps the content of its last fsync, a directory the entries of its last fsync; a rename is
an entry of its directory. Three disks are tried after each operation: one that forgets all it may,
one that forgets all but the last change of each directory (disks reorder), and one that kept
everything (what a killed process leaves).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

Disk = Literal["forgetful", "reordering", "whole"]
DISKS: tuple[Disk, ...] = ("forgetful", "reordering", "whole")


@dataclass
class File:
    """Content as written, and as it would be found after a power loss."""

    content: bytes = b""
    durable: bytes = b""

    def sync(self) -> None:
        self.durable = self.content

    def found(self, disk: Disk) -> File:
        return File(self.content if disk == "whole" else self.durable)


@dataclass
class Directory:
    """Entries as they are, as they were at the last fsync, and the last change since then."""

    entries: dict[str, File | Directory] = field(default_factory=dict)
    durable: dict[str, File | Directory] = field(default_factory=dict)
    last: dict[str, File | Directory | None] = field(default_factory=dict)

    def sync(self) -> None:
        self.durable = dict(self.entries)
        self.last = {}

    def change(self, **entries: File | Directory | None) -> None:
        """Set or (None) remove entries in one operation."""
        self.last = entries
        changed = {**self.entries, **entries}
        self.entries = {name: entry for name, entry in changed.items() if entry is not None}

    def found(self, disk: Disk) -> Directory:
        entries: dict[str, File | Directory | None] = {**self.durable}
        if disk != "forgetful":
            entries = {**self.entries} if disk == "whole" else {**self.durable, **self.last}
        return Directory(
            {name: entry.found(disk) for name, entry in entries.items() if entry is not None}
        )

    def write(self, path: Path) -> None:
        path.mkdir()
        for name, entry in self.entries.items():
            if isinstance(entry, Directory):
                entry.write(path / name)
            else:
                (path / name).write_bytes(entry.content)


def read_tree(path: Path) -> Directory:
    """Return a folder as it is on disk, all of it durable."""
    tree = Directory()
    for child in path.iterdir():
        content = b"" if child.is_dir() else child.read_bytes()
        tree.entries[child.name] = read_tree(child) if child.is_dir() else File(content, content)
    tree.sync()
    return tree


class Recorder:
    """Repeats in memory what happens below ``root`` and keeps the state after each step."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tree = read_tree(root)
        self.open: dict[int, File | Directory] = {}
        self._states: list[Directory] = []

    def states(self) -> Iterator[Directory]:
        """Yield what each of the `DISKS` holds after each operation."""
        yield from self._states

    @contextmanager
    def recording(self) -> Iterator[None]:
        names = ("open", "write", "fsync", "rename", "replace", "unlink", "mkdir", "rmdir")
        with pytest.MonkeyPatch.context() as patch:
            for name in names:
                patch.setattr(os, name, self._wrapped(name, getattr(os, name)))
            yield

    def _wrapped(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **named: Any) -> Any:
            result = function(*args, **named)
            if getattr(self, f"_{name}")(result, *args, **named):
                self._states += [self.tree.found(disk) for disk in DISKS]
            return result

        return wrapped

    def _find(self, path: Any, dir_fd: int | None = None) -> tuple[Directory, str] | None:
        """Return (directory, name) of a path below the root."""
        if dir_fd is not None:
            start = self.open.get(dir_fd)
            return (start, str(path)) if isinstance(start, Directory) else None
        if not Path(path).is_relative_to(self.root) or Path(path) == self.root:
            return None
        directory = self.tree
        *parents, name = Path(path).relative_to(self.root).parts
        for parent in parents:
            directory = directory.entries[parent]  # type: ignore[assignment]
        return directory, name

    def _open(
        self, result: int, path: Any, flags: int, mode: int = 0, *, dir_fd: int | None = None
    ) -> bool:
        self.open.pop(result, None)
        if Path(path) == self.root:
            self.open[result] = self.tree
        elif place := self._find(path, dir_fd):
            directory, name = place
            made = name not in directory.entries
            if made:
                directory.change(**{name: File()})
            self.open[result] = directory.entries[name]
            return made
        return False

    def _write(self, result: int, descriptor: int, content: Any) -> bool:
        entry = self.open.get(descriptor)
        if isinstance(entry, File):
            entry.content += bytes(content)[:result]
        return isinstance(entry, File)

    def _fsync(self, result: None, descriptor: int) -> bool:
        entry = self.open.get(descriptor)
        if entry is not None:
            entry.sync()
        return entry is not None

    def _rename(self, result: None, source: Any, target: Any) -> bool:
        old, new = self._find(source), self._find(target)
        if old and new:
            assert old[0] is new[0]
            new[0].change(**{old[1]: None, new[1]: old[0].entries[old[1]]})
        return bool(old and new)

    _replace = _rename

    def _unlink(self, result: None, path: Any, *, dir_fd: int | None = None) -> bool:
        place = self._find(path, dir_fd)
        if place:
            place[0].change(**{place[1]: None})
        return bool(place)

    _rmdir = _unlink

    def _mkdir(self, result: None, path: Any, mode: int = 0, *, dir_fd: int | None = None) -> bool:
        place = self._find(path, dir_fd)
        if place:
            place[0].change(**{place[1]: Directory()})
        return bool(place)

"""One build at a time: a lock that dies with its holder, and a note of who holds it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from rag.errors import IndexLocked, IndexWriteError

LOCK = ".lock"
HOLDER = ".holder"


@contextmanager
def building(folder: Path) -> Iterator[None]:
    """Hold the build lock of ``folder``, which is made if it is not there.

    The operating system frees the lock of a process that died, so a stale one blocks nobody.

    Raises:
        IndexLocked: another build is at work; says who, where and since when.
        IndexWriteError: the folder cannot be made or written.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        raise IndexLocked(
            f"{folder}: {_holder(folder)} is building this index. "
            "Wait until it is done, or stop it, then run `rag build` again."
        ) from None
    except OSError as error:
        raise IndexWriteError(
            f"{folder}: {error.strerror or error}. Choose a folder that can be written."
        ) from error
    try:
        _note_holder(folder)
        yield
    finally:
        with suppress(OSError):
            os.unlink(folder / HOLDER)
        lock.release()


def _note_holder(folder: Path) -> None:
    """Say who builds, for messages only: the lock itself is the operating system's."""
    since = datetime.now().astimezone().isoformat(" ", "seconds")
    note = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    with suppress(OSError):
        (folder / HOLDER).write_text(json.dumps(note), encoding="utf-8")


def _holder(folder: Path) -> str:
    """Return the holder in words; its note may be missing or half written at this moment."""
    try:
        note = json.loads((folder / HOLDER).read_text(encoding="utf-8"))
        return f"process {note['pid']} on {note['host']}, since {note['since']},"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"

"""Child processes that take files apart, reused, with a limit of time for each file.

One that hangs, crashes or runs out of memory costs its file, never the build. Children are plain
programs over pipes: nothing of the parent's is imported again, so all systems are the same to it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from rag.documents.child import read_reply, unpacked
from rag.documents.readers import Extracted, UnreadableError

SECONDS, SECONDS_PER_MB = 25.0, 5.0
"""Time that one file may take, and more of it for each megabyte."""

# With the parent's search path a child finds what the parent finds and nothing else.
_START = "import sys; sys.path[:] = {path!r}; from rag.documents.child import serve; serve()"
_FILES = 100  # after which a child is replaced, so that what a library loses stays little


class TransientError(UnreadableError):
    """The file could not be read this time; another time may do better."""


class Children:
    """Reading processes, started when needed; one file at a time in each.

    Safe to use from several threads; there are as many children as threads at work.
    """

    def __init__(self) -> None:
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._closed = False
        self._lock = threading.Lock()

    def __enter__(self) -> Children:
        """Return self."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every child, at work or not."""
        with self._lock:
            self._closed = True
            children, self._idle = [*self._all], []
        for child in children:
            child.end()

    def extract(self, module: str, content: bytes) -> Extracted:
        """Read a file with the reader ``module`` in a child.

        Raises:
            UnreadableError: with the reason.
            TransientError: it took too long, or too much memory.
        """
        while True:
            child = self._take()
            fresh = not child.files
            reply = child.ask(module, content)
            self._give_back(child)
            # What a child did before may be to blame for its end, but not for its slowness.
            if fresh or reply.get("late") or not reply.get("again"):
                break
        if "extracted" in reply:
            return unpacked(reply["extracted"])
        failure = TransientError if reply.get("again") else UnreadableError
        raise failure(reply["refused"])

    def _take(self) -> _Child:
        with self._lock:
            if self._closed:
                raise TransientError("reading was interrupted")
            if not self._idle:
                child = _Child()
                self._all.add(child)
                return child
            return self._idle.pop()

    def _give_back(self, child: _Child) -> None:
        with self._lock:
            if child.usable and not self._closed:
                self._idle.append(child)
                return
            self._all.discard(child)
        child.end()


class _Child:
    """One process and the pipes to it."""

    def __init__(self) -> None:
        code = _START.format(path=[path for path in sys.path if path])
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.files = 0
        self.usable = True

    def ask(self, module: str, content: bytes) -> dict[str, Any]:
        """Send one file and wait for the reply; a child that fails is not usable again."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise TransientError("the reading process has no pipes")
        limit = SECONDS + SECONDS_PER_MB * len(content) / 1_000_000
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        clock = threading.Timer(limit, stop)
        clock.daemon = True
        clock.start()
        self.files += 1
        try:
            header = json.dumps({"module": module, "size": len(content)})
            stdin.write(header.encode() + b"\n")
            stdin.write(content)
            stdin.flush()
            reply = read_reply(stdout)
            self.usable = self.files < _FILES and not reply.get("again")
        except (OSError, EOFError, ValueError):
            self.usable = False
            why = f"took longer than {limit:.0f} s to read: split it" if late.is_set() else ""
            reply = {"refused": why or "damaged: reading it broke the reader", "again": True}
            if late.is_set():
                reply["late"] = True
        finally:
            clock.cancel()
        return reply

    def end(self) -> None:
        """End the process."""
        self.usable = False
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

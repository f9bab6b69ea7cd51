"""Child processes that take files apart, reused, with a limit of time for each file.

One that hangs, crashes or runs out of memory costs its file, never the build. Children are plain
programs over pipes: nothing of the parent's is imported again, so all systems are the same to it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, cast

from rag.documents.child import read_reply, unpacked
from rag.documents.readers import Extracted, UnreadableError

SECONDS, SECONDS_PER_MB = 25.0, 5.0
"""Time of work that one file may take, and more of it for each megabyte."""

PATIENCE = 8.0 if os.name == "posix" else 1.0
"""Times as long by the clock, for a busy machine; 1 where a system cannot count the work alone."""

_STARTING = 60.0  # seconds that a child may take before its first file
# With the parent's search path a child finds what the parent finds and nothing else.
_START = "import sys; sys.path[:] = {path!r}; from rag.documents.child import serve; serve()"
# On Windows a child would open a window where the parent has none, and get its Ctrl-C.
_UNSEEN = getattr(subprocess, "CREATE_NO_WINDOW", 0)
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
        return unpacked(self._asked(module, content)["extracted"])

    def draw(self, module: str, content: bytes, **asked: object) -> dict[str, Any]:
        """Draw a page of a file with ``module`` in a child, as it is asked.

        Raises:
            UnreadableError: with the reason.
            TransientError: it took too long, or too much memory.
        """
        drawn: dict[str, Any] = self._asked(module, content, draw=asked)["drawn"]
        return drawn

    def _asked(self, module: str, content: bytes, **more: object) -> dict[str, Any]:
        while True:
            child = self._take()
            fresh = not child.files
            reply = child.ask(content, {"module": module, **more})
            self._give_back(child)
            # What a child did before may be to blame for its end, but not for its slowness.
            if fresh or reply.get("late") or not reply.get("again"):
                break
        if "refused" not in reply:
            return reply
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
        self._process = subprocess.Popen[bytes](
            [sys.executable, "-P", "-B", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=_UNSEEN,
        )
        # Popen knows that there are pipes, its types do not.
        self._stdin = cast("IO[bytes]", self._process.stdin)
        self._stdout = cast("IO[bytes]", self._process.stdout)
        self.files = 0
        self.usable = True

    def ask(self, content: bytes, request: dict[str, Any]) -> dict[str, Any]:
        """Send one file and wait for the reply; a child that fails is not usable again."""
        if not self.files and not self._within(_STARTING, self._reply).get("ready"):
            self.usable = False
            return {"refused": "the process that reads files does not start", "again": True}
        self.files += 1
        limit = SECONDS + SECONDS_PER_MB * len(content) / 1_000_000

        def exchange() -> dict[str, Any]:
            """Send the file and return what the child says of it."""
            header = json.dumps({**request, "size": len(content), "seconds": limit})
            self._stdin.write(header.encode() + b"\n")
            self._stdin.write(content)
            self._stdin.flush()
            return self._reply()

        reply = self._within(PATIENCE * limit, exchange)
        if reply.get("late") or (reply.get("again") and self._has_worked_too_long()):
            why = f"took longer than {limit:.0f} s to read: split it"
            reply = {"refused": why, "again": True, "late": True}
        self.usable = self.files < _FILES and not reply.get("again")
        return reply

    def _has_worked_too_long(self) -> bool:
        """Return whether the system has ended the child for its work."""
        with suppress(subprocess.TimeoutExpired, AttributeError):  # not every system has the signal
            return self._process.wait(1) == -signal.SIGXCPU
        return False

    def _reply(self) -> dict[str, Any]:
        return read_reply(self._stdout)

    def _within(self, seconds: float, action: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the reply that ``action`` gets in time; else end the child and say so."""
        late = threading.Event()

        def stop() -> None:
            """End the child, which makes the waiting read return."""
            late.set()
            self._process.kill()

        clock = threading.Timer(seconds, stop)
        clock.daemon = True
        clock.start()
        try:
            return action()
        except (OSError, EOFError, ValueError):
            if late.is_set():
                return {"again": True, "late": True}
            return {"refused": "damaged: reading it broke the reader", "again": True}
        finally:
            clock.cancel()

    def end(self) -> None:
        """End the process."""
        self.usable = False
        self._process.kill()
        self._process.wait()
        for pipe in (self._stdin, self._stdout):
            with suppress(OSError):
                pipe.close()

"""What people thought of answers: one JSON object a line, in a file on this machine.

``benchmarks/quality.py --feedback FILE`` asks the questions again and compares.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chat.evidence import Evidence, now, unpack, words_of

if TYPE_CHECKING:
    from rag import Index

VERDICTS = ("good", "bad")
LINE_LIMIT = 64_000
"""Bytes of one line; the oldest turns before the question go first."""
FILE_LIMIT = 100_000_000
"""Bytes of the file; what would make it larger is refused."""

_log = logging.getLogger("chat")
_MOST_TURNS = 30


class Feedback:
    """A file that verdicts are appended to, by many threads and processes at once."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._writing = threading.Lock()

    def add(self, sent: Any, index: Index) -> bool | None:
        """Append one verdict.

        Args:
            sent: ``{"verdict": "good" or "bad", "turns": [...]}``, the turns as
                `chat.evidence.pack` made them, the last of them judged.
            index: holds the cited words.

        Returns:
            None if nothing well-formed was sent, or too much; False if it could not be written:
            the log says why.
        """
        record = _record(sent, index)
        line = _line(record) if record else None
        if line is None:
            return None
        try:
            with self._writing:
                self._append(line)
        except OSError:
            _log.exception("feedback could not be written")
            return False
        return True

    def _append(self, line: bytes) -> None:
        """Write a line in one call, which the system does not mix with another's."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        file = os.open(self.path, flags, 0o600)
        try:
            if os.fstat(file).st_size + len(line) > FILE_LIMIT:
                raise OSError(f"{self.path} has reached {FILE_LIMIT:,} bytes; move it away")
            if os.write(file, line) != len(line):
                raise OSError(f"{self.path}: the disk took half a line")
        finally:
            os.close(file)


def _record(sent: Any, index: Index) -> dict[str, Any] | None:
    """Return what is kept of a verdict, None if it is none."""
    if not isinstance(sent, dict) or sent.get("verdict") not in VERDICTS:
        return None
    packed = sent.get("turns")
    turns = [unpack(turn) for turn in packed[-_MOST_TURNS:]] if isinstance(packed, list) else []
    if not turns or turns[-1] is None:
        return None
    judged = turns[-1]
    return {
        "time": now(),
        "verdict": sent["verdict"],
        "question": judged.question,
        "answer": judged.text,
        "spans": _spans(judged, index),
        "documents": judged.documents,
        "generation": judged.generation,
        "answered": judged.at,
        "history": [[turn.question, turn.text] for turn in turns[:-1] if turn],
    }


def _spans(judged: Evidence, index: Index) -> list[dict[str, Any]]:
    """Return the cited spans; ``quote`` is None where the document has changed since."""
    return [
        {
            "document": reference[0],
            "start": reference[1],
            "end": reference[2],
            "quote": words_of(reference, index),
        }
        for reference in judged.cited
    ]


def _line(record: dict[str, Any]) -> bytes | None:
    """Return a record as one line, without the oldest turns if need be; None if too long still."""
    while len(line := json.dumps(record).encode() + b"\n") > LINE_LIMIT:
        if not record["history"]:
            return None
        del record["history"][0]
    return line

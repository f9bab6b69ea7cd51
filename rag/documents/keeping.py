"""What was extracted from files, kept by their content, so that no file is taken apart twice.

``FOLDER/<version>/<sha256>.json``: a line with the sha256 of the rest, then what the reader gave
or why it refused. The version changes with our code and the libraries, and nothing of another one
is read. A build that was stopped goes on from here.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rag.documents.child import packed, unpacked
from rag.documents.readers import Extracted, UnreadableError

_LIBRARIES = ("pypdfium2", "python-docx", "openpyxl", "selectolax")


class Kept:
    """A folder of extracted texts; without one nothing is kept. Its failures cost time only."""

    def __init__(self, folder: Path | None) -> None:
        self._root = folder
        self._folder = folder / reader_version() if folder is not None else None
        self._asked: set[str] = set()

    def find(self, sha256: str, module: str) -> Extracted | None:
        """Return what was extracted from the file with this hash, None if it must be read.

        Raises:
            UnreadableError: the reader refused it.
        """
        if self._folder is None:
            return None
        self._asked.add(sha256)
        try:
            content = (self._folder / f"{sha256}.json").read_bytes()
            digest, _, rest = content.partition(b"\n")
            if digest.decode("ascii") != hashlib.sha256(rest).hexdigest():
                return None
            record = json.loads(rest)
            if record["module"] != module:
                return None
            refused = record.get("refused")
            found = None if refused is not None else unpacked(record["extracted"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if refused is not None:
            raise UnreadableError(refused)
        return found

    def keep(self, sha256: str, module: str, found: Extracted | UnreadableError) -> None:
        """Keep what a reader gave, or its reason for refusing."""
        if self._folder is None:
            return
        what: dict[str, object] = (
            {"refused": str(found)}
            if isinstance(found, UnreadableError)
            else {"extracted": packed(found)}
        )
        rest = json.dumps({"module": module, **what}).encode()
        name = f"{sha256}.{os.getpid()}-{threading.get_ident()}.tmp"
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = self._folder / name
            unfinished.write_bytes(hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest)
            os.replace(unfinished, self._folder / f"{sha256}.json")

    def forget_others(self) -> None:
        """Remove what nobody asked for, what other versions kept, and what was left undone."""
        if self._root is None or self._folder is None or not self._root.is_dir():
            return
        with suppress(OSError):
            for other in self._root.iterdir():
                if other != self._folder:
                    shutil.rmtree(other, ignore_errors=True)
            for path in self._folder.iterdir():
                if path.stem not in self._asked:
                    path.unlink()


@cache
def reader_version() -> str:
    """Return 16 hexadecimal digits that change when the readers or their libraries do."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    for library in _LIBRARIES:
        with suppress(PackageNotFoundError):
            digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()[:16]

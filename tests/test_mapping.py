"""Mapped files: their pages are given back, and hold the same when they are looked at again."""

from __future__ import annotations

import mmap
import sys
from pathlib import Path

import pytest

from rag.index import mapping, storage
from rag.index.mapping import Mapped

SIZE = 32 << 20


def resident(content: mmap.mmap) -> int:
    """Kilobytes of mappings as large as this one that are in this process's memory."""
    counted, inside = 0, False
    for line in Path("/proc/self/smaps").read_text("ascii", "replace").splitlines():
        first = line.split(maxsplit=1)[0]
        if "-" in first and not first.endswith(":"):
            begin, end = (int(part, 16) for part in first.split("-"))
            inside = end - begin == len(content)
        elif inside and first == "Rss:":
            counted += int(line.split()[1])
    return counted


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pages_are_given_back_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "large").write_bytes(b"copper__" * (SIZE // 8))
    monkeypatch.setattr(storage, "MAPPED", SIZE)
    content = storage.view(tmp_path / "large")
    assert isinstance(content, mmap.mmap)
    mapped = Mapped([content, b"small"])
    assert content[:].count(b"copper") == SIZE // 8
    assert resident(content) >= SIZE >> 10
    for _ in range(mapping._EVERY - 1):
        mapped.searched()
    assert resident(content) >= SIZE >> 10
    mapped.searched()
    assert resident(content) == 0
    assert content[:].count(b"copper") == SIZE // 8

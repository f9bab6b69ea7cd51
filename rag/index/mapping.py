"""Mapped files, whose pages are given back now and then so that memory does not fill with them."""

from __future__ import annotations

import mmap
from collections.abc import Iterable

from rag.index.storage import Content

_EVERY = 8  # searches


class Mapped:
    """The mapped ones among an index's files.

    A page that was looked at, and with it its neighbours, counts as memory of this process until it
    is given back; the system keeps it as long as there is room, so that looking at it again costs
    next to nothing.
    """

    def __init__(self, files: Iterable[Content]) -> None:
        self._files = [content for content in files if isinstance(content, mmap.mmap)]
        self._searches = 0

    def searched(self) -> None:
        """Count a search; give all pages back after every eighth."""
        self._searches += 1
        if self._searches % _EVERY == 0 and hasattr(mmap, "MADV_DONTNEED"):
            for content in self._files:
                content.madvise(mmap.MADV_DONTNEED)

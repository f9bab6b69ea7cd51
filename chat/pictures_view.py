"""The pages that a quote stands on, drawn for the reader and kept for a while."""

from __future__ import annotations

import logging
import threading
from base64 import b64encode
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chat.library import Library

if TYPE_CHECKING:
    from rag import Document

_log = logging.getLogger("chat")
_MOST_PAGES = 3
_MOST_KEPT = 24


class PicturesView:
    """Pages of PDFs, over one library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._kept: dict[tuple[str, int, int, int], dict[str, Any]] = {}
        self._drawing = threading.Lock()

    def of_span(
        self, document_id: str, start: int, end: int, mark: str = ""
    ) -> list[dict[str, Any]]:
        """Return the pages that a span stands on, its words marked; none if they cannot be drawn.

        Each has ``page``, ``image`` (a data address), ``width`` and ``height`` in pixels, ``boxes``
        (left, top, width, height, as shares) and ``missing``, words that are not marked.
        """
        from rag.documents import pages_of

        index = self._library.index()
        if "problem" in self._library.spans([(document_id, start, end, mark)], index)[0]:
            return []
        document = index.document(document_id)
        pages = pages_of(document, start, end)[:_MOST_PAGES]
        drawn = [self._drawn(document, start, end, page) for page in pages]
        return [picture for picture in drawn if picture]

    def _drawn(self, document: Document, start: int, end: int, page: int) -> dict[str, Any] | None:
        from rag.documents import draw_page
        from rag.errors import DocumentError

        if self._library.source is None:
            return None
        key = (document.sha256, start, end, page)
        with self._drawing:  # one at a time: each takes a process and its memory
            if key in self._kept:
                return self._kept[key]
            try:
                drawn = draw_page(self._library.source, document, start, end, page)
            except DocumentError as error:
                _log.warning("%s", error)
                return None
            image = f"data:{drawn.type};base64,{b64encode(drawn.image).decode()}"
            self._kept[key] = {**asdict(drawn), "image": image}
            while len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            return self._kept[key]

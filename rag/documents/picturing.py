"""A quote on the page that it stands on: the page as a picture, the quote's words marked."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from rag.documents.folder import content_of
from rag.documents.isolation import Children
from rag.documents.readers import FORMATS, UnreadableError
from rag.errors import DocumentError
from rag.types import Document, Location

_BEFORE = 400  # characters that tell two places of the same words apart


@dataclass(frozen=True, slots=True)
class Picture:
    """A page and where on it the words of a quote stand.

    Attributes:
        page: its number, from 1.
        image: the picture, PNG or JPEG as ``type`` says; at most 4 million pixels.
        type: its media type.
        width: pixels.
        height: pixels.
        boxes: (left, top, width, height) around the words, as shares of the picture.
        missing: words of the quote that were not found on the page, and so are not marked.
    """

    page: int
    image: bytes
    type: str
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...]
    missing: int


def pages_of(document: Document, start: int, end: int) -> list[int]:
    """Return the numbers of the pages that a range of the text stands on; empty without pages."""
    return [int(place.name) for place in _pages(document) if place.start < end > start < place.end]


def draw_page(folder: str | Path, document: Document, start: int, end: int, page: int) -> Picture:
    """Draw a page of a PDF, in a process of its own, with the part of the quote that is on it.

    Args:
        folder: the source folder.
        document: as it was read from there.
        start: first character of the quote.
        end: after the last.
        page: one of `pages_of` the quote.

    Raises:
        DocumentError: the document has no such page, its file has changed since, or it cannot be
            drawn.
    """
    place = next((place for place in _pages(document) if place.name == str(page)), None)
    if place is None or document.encoding != FORMATS["pdf"].name:
        raise DocumentError(f"{document.id}: has no page {page} that can be drawn")
    try:
        data = content_of(folder, document.id)
        if hashlib.sha256(data).hexdigest() != document.sha256:
            raise UnreadableError("has changed since it was read: run `rag build`")
        FORMATS["pdf"].require()
        first, last = max(start, place.start), min(end, place.end)
        before = document.text[max(place.start, first - _BEFORE) : first]
        quote = document.text[first:last]
        with Children() as children:
            drawn = children.draw("pdf_picture", data, page=page, quote=quote, before=before)
    except UnreadableError as error:
        raise DocumentError(f"{document.id}: {error}") from error
    boxes = tuple((x, y, width, height) for x, y, width, height in drawn["boxes"])
    image = base64.b64decode(drawn["image"])
    size = drawn["width"], drawn["height"]
    return Picture(page, image, drawn["type"], *size, boxes, drawn["missing"])


def _pages(document: Document) -> list[Location]:
    return [place for place in document.locations if place.kind == "page"]

"""Where an offset of a document stands in its file."""

from __future__ import annotations

from rag.text import line_of
from rag.types import Document, LocationKind

_NAMED: tuple[LocationKind, ...] = ("page", "sheet", "row", "paragraph", "record")


def locate(document: Document, offset: int) -> dict[LocationKind, str]:
    """Return the name of each kind of place that holds ``offset``; empty for plain text."""
    found: dict[LocationKind, str] = {}
    for place in document.locations:
        if place.start > offset:
            break
        if offset < place.end:
            found[place.kind] = place.name
    return found


def in_words(document: Document, offset: int) -> str:
    """Return where ``offset`` stands, such as ``page 12`` or ``sheet Balance, row 14``."""
    places = locate(document, offset)
    found = [f"{kind} {places[kind]}" for kind in _NAMED if kind in places]
    return ", ".join(found) or f"line {line_of(document.text, offset)}"

"""Where an offset of a document stands in its file."""

from __future__ import annotations

from rag.types import Document, LocationKind


def locate(document: Document, offset: int) -> dict[LocationKind, str]:
    """Return the name of each kind of place that holds ``offset``; empty for plain text."""
    found: dict[LocationKind, str] = {}
    for place in document.locations:
        if place.start > offset:
            break
        if offset < place.end:
            found[place.kind] = place.name
    return found

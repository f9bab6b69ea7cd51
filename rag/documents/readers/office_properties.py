"""What an office file says of itself in its core properties.

Programs fill them in unasked: a template leaves its author and date in every file made from it.
"""

from __future__ import annotations

from typing import Any

from rag.documents.readers.extracting import Field

_PROGRAMS = ("python-docx", "openpyxl")


def fields_of(core: Any, author: str | None) -> list[Field]:
    """Return author, language and dates of saving; nothing that a library sets by itself.

    Args:
        core: with ``modified`` and ``created``, each a datetime or None, and ``language``.
        author: as the library names it.
    """
    if author in _PROGRAMS:
        return []
    fields = [
        Field("source", "author", str(author or "")),
        Field("language", "language", str(core.language or "")),
    ]
    for name in ("modified", "created"):
        if day := getattr(core, name):
            fields.append(Field("saved", name, day.date().isoformat()))
    return fields

"""Where an offset of a document stands in its file."""

from __future__ import annotations

from collections.abc import Mapping

from rag.text import line_of
from rag.types import Document, Fact, LocationKind

_AROUND = 60  # characters shown before and after what says a fact
_LONGEST = 200
_NAMED: tuple[LocationKind, ...] = ("page", "sheet", "row", "paragraph", "record")
_WORDS: Mapping[str, str] = {kind: f"{kind} {{n}}" for kind in (*_NAMED, "line")}


def locate(document: Document, offset: int) -> dict[LocationKind, str]:
    """Return the name of each kind of place that holds ``offset``; empty for plain text."""
    found: dict[LocationKind, str] = {}
    for place in document.locations:
        if place.start > offset:
            break
        if offset < place.end:
            found[place.kind] = place.name
    return found


def in_words(document: Document, offset: int, words: Mapping[str, str] = _WORDS) -> str:
    """Return where ``offset`` stands, such as ``page 12`` or ``sheet Balance, row 14``.

    ``words`` says each kind of place, and the line where there is none, in another language:
    ``page {n}``.
    """
    places = locate(document, offset)
    found = [words[kind].format(n=places[kind]) for kind in _NAMED if kind in places]
    return ", ".join(found) or words["line"].format(n=line_of(document.text, offset))


def said_by(document: Document, fact: Fact) -> str:
    """Return what says a fact: the words of the line with their place, or a field of the file."""
    if fact.span is None:
        return fact.field if fact.field == "file name" else f"the file's field {fact.field}"
    return f"“{words_of(document, fact)}”, {in_words(document, fact.span[0])}"


def words_of(document: Document, fact: Fact) -> str:
    """Return the line that a fact stands on, the part around it where that is long.

    Empty where a field says it, or a whole text.
    """
    start, end = fact.span or (0, 0)
    if not 0 < end - start < _LONGEST:
        return ""
    text = document.text
    before = text[text.rfind("\n", 0, start) + 1 : start].lstrip("#*_ ")
    behind = text[end : end + 2 * _AROUND].partition("\n")[0]
    if len(before) > _AROUND:
        before = f"… {before[-_AROUND:].partition(' ')[2]}"
    if len(behind) > _AROUND:
        behind = f"{behind[:_AROUND].rpartition(' ')[0]} …"
    return " ".join(f"{before}{text[start:end]}{behind}".split()).strip("*_ ")

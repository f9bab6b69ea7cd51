"""What a page says of itself: JSON-LD, meta elements, ``time``, the language of its root."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from rag.documents.readers.extracting import Field

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_Kind = Literal["published", "source", "language"]

# Names of Open Graph, Dublin Core, schema.org and Highwire, and those that need no scheme.
_METAS: dict[_Kind, str] = {
    "published": "article:published_time og:published_time datepublished dcterms.issued"
    " dc.date.issued dcterms.date dc.date citation_publication_date citation_date"
    " publication_date publish-date publishdate pubdate date",
    "source": "og:site_name dcterms.publisher dc.publisher publisher author dc.creator"
    " citation_author",
    "language": "content-language dc.language og:locale",
}
_LINKED: dict[str, _Kind] = {
    "datePublished": "published",
    "publisher": "source",
    "author": "source",
    "inLanguage": "language",
}
_LARGEST = 200_000  # characters of a script that are read
_MOST_THINGS = 50


def fields_of(page: LexborHTMLParser, root: LexborNode) -> Iterator[Field]:
    """Yield the fields of a page, of each kind the more trustworthy first.

    Args:
        page: the whole page.
        root: its article; only a ``time`` in there can be its own.
    """
    for thing in _things(page):
        for key, kind in _LINKED.items():
            if value := _named(thing.get(key)):
                yield Field(kind, f"JSON-LD {key}", value)
    found = list(_metas(page))
    for kind, names in _METAS.items():
        for name in names.split():
            yield from (Field(kind, f"meta {name}", value) for key, value in found if key == name)
    for node in root.css("time[datetime]")[:1]:
        yield Field("published", "time", str(node.attributes.get("datetime") or ""))
    for node in page.css("html[lang]")[:1]:
        yield Field("language", "html lang", str(node.attributes.get("lang") or ""))


def _metas(page: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for node in page.css("meta[content]"):
        content = str(node.attributes.get("content") or "")
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if key := node.attributes.get(attribute):
                yield str(key).lower(), content


def _things(page: LexborHTMLParser) -> list[dict[str, Any]]:
    """Return the first things of the page's JSON-LD that were published: the page, not its links.

    What lies inside other things (comments, related articles) is left alone.
    """
    things: list[Any] = []
    for node in page.css('script[type="application/ld+json"]'):
        try:
            found = json.loads(node.text()[:_LARGEST])
        except (ValueError, RecursionError):
            continue
        for item in found if isinstance(found, list) else [found]:
            graph = item.get("@graph") if isinstance(item, dict) else None
            things += graph if isinstance(graph, list) else [item]
    dated = (t for t in things[:_MOST_THINGS] if isinstance(t, dict) and t.get("datePublished"))
    return list(dated)[:1]


def _named(value: Any) -> str:
    """Return a value, or the name of the thing or the first thing that it is."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name")
    return value if isinstance(value, str) else ""

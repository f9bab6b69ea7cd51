"""The Documents tab: which documents are searched, what is known of each, what was not read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from chat.labels import counted, label
from chat.library import Library
from chat.rendering import escape, scrub
from chat.unread import unread

if TYPE_CHECKING:
    from rag import Index


def ticks(
    library: Library,
    index: Index,
    lang: str,
    ticked: Collection[str] = (),
    listed: Collection[str] = (),
) -> Any:
    """Return the tick boxes; of those ``listed`` before only the ``ticked`` ones stay ticked."""
    listing = library.listing(index)
    chosen = [d["id"] for d in listing if d["id"] in ticked or d["id"] not in listed]
    choices = [(_described(document, lang), document["id"]) for document in listing]
    return gr.CheckboxGroup(choices=choices, value=chosen)


def _described(document: dict[str, Any], lang: str) -> str:
    """Return title, file and what else there is to know of a document, each on its own line."""
    facts = [counted(lang, "passage", document["passages"])]
    for fact, kind in ((document["published"], "published"), (document["period"], "covers")):
        if fact:
            first, _, last = fact["value"].partition("/")
            key = kind if fact["sure"] else "saved"
            key = "covers_day" if first == last else key
            facts.append(label(lang, key, date=first, last=last))
    if document["changed"]:
        facts.append(label(lang, "changed", date=document["changed"]))
    facts.append(counted(lang, "character", document["characters"]))
    return f"{document['title']}\n{scrub(document['id'])}\n{' · '.join(facts)}"


def skipped_files(index: Index, lang: str) -> str:
    """Return the files that were not read, each with its reason, as Markdown."""
    if not index.skipped:
        return ""
    lines = [
        f"- **{escape(item.id)}** {escape(unread(item.reason, lang))}" for item in index.skipped
    ]
    return "\n".join([f"## {label(lang, 'skipped')}", "", *lines])


def scope_line(index: Index, ticked: Sequence[str], lang: str) -> Any:
    """Return the line that says to which documents the search is limited."""
    total = len(index.documents)
    limited = len(ticked) < total
    words = label(lang, "scope", n=len(ticked), total=total) if limited else ""
    return gr.Markdown(value=words, visible=limited)

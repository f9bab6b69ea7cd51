"""Writes the file: readable without a script or a network, and by a program.

What the page shows stands in it a second time, exactly, as JSON in ``<script id="record">``; the
elements that show it bear ``data-is``: ``q1`` a question, ``a1`` its answer, ``c1-2`` the second
quote of that answer. The seal is the sha256 of the whole file with zeros in the seal's place.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from rag.documents import in_words
from rag.index import Index
from rag.types import Answer, Document

FORMAT = 1
SEAL = re.compile(rb'<meta name="seal" content="sha256-([0-9a-f]{64})">')
_UNSEALED = "0" * 64
_MARK = re.compile(r"\[(\d+)\]")
_LINE_END = re.compile(r"\r\n?")
# HTML cannot hold these: control characters, lone surrogates, and what is no character.
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

WORDS: Final[Mapping[str, str]] = {
    "language": "en",
    "heading": "Questions to documents, with the words that answer them",
    "untitled": "Conversation",
    "one_answer": "1 answer, exported {at}.",
    "answers": "{n} answers, exported {at}.",
    "left_out": " Left out, because their sources have changed since: {n}.",
    "counting": "Start and end count the characters of a document's text.",
    "checking": "To check every quote against the documents:",
    "span": "characters {start:,} to {end:,}",
    "line": "line {n}",
    "page": "page {n}",
    "sheet": "sheet {n}",
    "row": "row {n}",
    "paragraph": "paragraph {n}",
    "record": "record {n}",
    "index": "index {generation}",
    "sources": "Sources",
    "document": "Document",
    "characters": "{n:,} characters",
    "file": "file",
    "text": "text",
}
"""What the page says itself. In another language it takes the same keys and fields."""

_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2.5rem auto; padding: 0 1rem; overflow-wrap: anywhere;
  font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin-bottom: .3rem; }
.note, .place, td, th { font-size: .85rem; opacity: .8; }
article { margin: 2rem 0; padding-top: 1.2rem; border-top: 1px solid #8886; break-inside: avoid; }
h2 { font-size: 1.05rem; margin: 0 0 .5rem; }
h2, .answer, blockquote { white-space: pre-wrap; unicode-bidi: plaintext; }
.answer { margin: 0 0 1rem; }
blockquote { margin: 0; padding-left: .9rem; border-left: 3px solid #8886; }
figure { margin: 0 0 .9rem; }
figcaption { padding-left: 1.1rem; }
figure:target blockquote { border-color: #d90; }
table { width: 100%; border-collapse: collapse; text-align: left; }
td, th { padding: .35rem .6rem .35rem 0; vertical-align: top; border-top: 1px solid #8886; }
code { font-size: .8rem; }
@media print { :root { color-scheme: light; } body { margin: 0; max-width: none; } }
"""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer, the index generation that gave it, and when (ISO 8601, UTC)."""

    answer: Answer
    generation: str
    at: str


def export_page(
    exchanges: Sequence[Exchange],
    index: Index,
    made: str,
    left_out: int = 0,
    words: Mapping[str, str] = WORDS,
) -> bytes:
    """Return a conversation as one HTML file, UTF-8, that `verify_page` can check.

    Args:
        exchanges: oldest first; their citations quote documents of ``index``.
        index: says what the documents are.
        made: when, ISO 8601, UTC.
        left_out: answers of the conversation that are not among ``exchanges``; the page says so.
        words: what the page says itself, in its reader's language.

    Raises:
        ValueError: a citation names no document of the index, or does not quote it.
    """
    sources = _cited(exchanges, index)
    record = {
        "format": FORMAT,
        "made": made,
        "left_out": left_out,
        "exchanges": [_exchange_record(exchange) for exchange in exchanges],
        "sources": [_source_record(document) for document in sources.values()],
    }
    return sealed(_page(record, exchanges, sources, words).encode())


def sealed(page: bytes) -> bytes:
    """Return a page with the seal that its bytes ask for, whatever seal it had."""
    blank = SEAL.sub(_seal(_UNSEALED), page)
    return SEAL.sub(_seal(hashlib.sha256(blank).hexdigest()), page)


def shown(text: str) -> str:
    """Return text as a page can show it: what HTML cannot hold replaced, each line end alike."""
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", _LINE_END.sub("\n", text))


def text_sha256(text: str) -> str:
    """Return the sha256 of a document's text in UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _seal(digest: str) -> bytes:
    return f'<meta name="seal" content="sha256-{digest}">'.encode()


def _cited(exchanges: Sequence[Exchange], index: Index) -> dict[str, Document]:
    """Return the documents that are cited, by id, ascending; refuse quotes that are not theirs."""
    found: dict[str, Document] = {}
    for exchange in exchanges:
        for citation in exchange.answer.citations:
            document = found[citation.document_id] = index.document(citation.document_id)
            if document.text[citation.start : citation.end] != citation.quote:
                span = f"{citation.start}..{citation.end}"
                raise ValueError(f"{citation.document_id}: {span} is not what is quoted")
    return dict(sorted(found.items()))


def _exchange_record(exchange: Exchange) -> dict[str, Any]:
    answer = exchange.answer
    return {
        "question": answer.question,
        "answer": answer.text,
        "generation": exchange.generation,
        "at": exchange.at,
        "citations": [
            {"document": c.document_id, "start": c.start, "end": c.end, "quote": c.quote}
            for c in answer.citations
        ],
    }


def _source_record(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "title": document.title,
        "characters": len(document.text),
        "file_sha256": document.sha256,
        "text_sha256": text_sha256(document.text),
    }


def _page(
    record: dict[str, Any],
    exchanges: Sequence[Exchange],
    sources: dict[str, Document],
    words: Mapping[str, str],
) -> str:
    title = shown(exchanges[0].answer.question) if exchanges else words["untitled"]
    count = words["one_answer" if len(exchanges) == 1 else "answers"]
    note = count.format(n=len(exchanges), at=record["made"])
    if record["left_out"]:
        note += words["left_out"].format(n=record["left_out"])
    articles = "".join(_article(n, x, sources, words) for n, x in enumerate(exchanges, 1))
    said = {key: escape(text) for key, text in words.items()}
    return f"""<!DOCTYPE html>
<html lang="{said["language"]}">
<head>
<meta charset="utf-8">
{_seal(_UNSEALED).decode()}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{said["heading"]}</h1>
<p class="note">{escape(note)} {said["counting"]}
{said["checking"]} <code>rag verify FILE --source FOLDER</code></p>
{articles}<h2>{said["sources"]}</h2>
{_table(record["sources"], words)}
<script type="application/json" id="record">{_json(record)}</script>
</body>
</html>
"""


def _article(
    number: int, exchange: Exchange, sources: dict[str, Document], words: Mapping[str, str]
) -> str:
    answer = exchange.answer
    figures = "".join(
        f'<figure id="c{number}-{n}">\n'
        f'<blockquote data-is="c{number}-{n}">{escape(shown(c.quote))}</blockquote>\n'
        f'<figcaption class="place">[{n}] '
        f"{_place(sources[c.document_id], c.start, c.end, words)}</figcaption>\n</figure>\n"
        for n, c in enumerate(answer.citations, 1)
    )
    said = _linked(number, shown(answer.text), len(answer.citations))
    made = words["index"].format(generation=exchange.generation)
    return (
        f'<article>\n<h2 data-is="q{number}">{escape(shown(answer.question))}</h2>\n'
        f'<p class="answer" data-is="a{number}">{said}</p>\n{figures}'
        f'<p class="note">{escape(exchange.at)}, {escape(made)}</p>\n'
        "</article>\n"
    )


def _linked(number: int, text: str, citations: int) -> str:
    """Return the answer with each ``[n]`` that names a citation as a link to its quote."""

    def link(found: re.Match[str]) -> str:
        """Return one mark as a link, or unchanged where no quote has its number."""
        known = 1 <= int(found[1]) <= citations
        return f'<a href="#c{number}-{found[1]}">{found[0]}</a>' if known else found[0]

    return _MARK.sub(link, escape(text))


def _place(document: Document, start: int, end: int, words: Mapping[str, str]) -> str:
    place = escape(shown(in_words(document, start, words)))
    names = f"{escape(shown(document.title))} — {escape(shown(document.id))}"
    span = escape(words["span"].format(start=start, end=end))
    return f"<bdi>{names}</bdi>, <bdi>{place}</bdi>, {span}"


def _table(sources: Sequence[dict[str, Any]], words: Mapping[str, str]) -> str:
    said = {key: escape(words[key]) for key in ("document", "file", "text")}
    rows = "".join(
        f"<tr><td><bdi>{escape(shown(source['title']))}<br>{escape(shown(source['id']))}</bdi><br>"
        f"{escape(words['characters'].format(n=source['characters']))}</td>\n"
        f"<td>{said['file']} <code>{escape(source['file_sha256'])}</code><br>"
        f"{said['text']} <code>{source['text_sha256']}</code></td></tr>\n"
        for source in sources
    )
    head = f"<tr><th>{said['document']}</th><th>sha256</th></tr>"
    return f"<table>\n{head}\n{rows}</table>"


def _json(record: dict[str, Any]) -> str:
    """Return JSON in ASCII that no HTML parser takes for markup."""
    text = json.dumps(record, indent=1)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")

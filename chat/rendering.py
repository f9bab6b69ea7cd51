"""Answers to Markdown for Gradio's Chatbot, so that no document text can act as markup.

All ASCII punctuation of foreign text is written as ``&#NN;``: Markdown then has nothing to work
on and the page shows the characters themselves. Citations are links that the page's own script
opens: ``#src/<document>/<start>-<end>`` a cited span, ``#see/…`` a passage that answers nothing,
``#ask/<question>`` a question to run, ``#answer/<evidence>`` what an answer rests on.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from chat.labels import counted, label

if TYPE_CHECKING:
    from rag import Answer, Citation, Hit, Index

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MARKER = re.compile(r"\s*\[(\d+)\]")
_QUOTES = 3
_REPEATED = 0.7
_QUOTE_LENGTH = 320
_NEAREST = 2
_QUESTION_LENGTH = 300


def scrub(text: str) -> str:
    """Replace lone surrogates and control characters: one of them stops the whole page."""
    return _UNSENDABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def escape(text: str) -> str:
    """Return Markdown that shows ``text`` literally, on one line, blanks collapsed."""
    flat = " ".join(scrub(text.replace("\r", "\n")).split())
    return _PUNCTUATION.sub(lambda found: f"&#{ord(found[0])};", flat)


def escape_lines(text: str) -> str:
    """As `escape`, with line breaks kept; blank lines go."""
    lines = (escape(line) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def clip(text: str, length: int = _QUOTE_LENGTH) -> str:
    """Return ``text`` cut at a blank to at most ``length`` characters, the cut marked."""
    flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    return (flat[:length].rsplit(" ", 1)[0] or flat[:length]) + " …"


def address(kind: str, document_id: str, start: int, end: int) -> str:
    """Return the address of a span, safe as the target of a Markdown link."""
    return f"#{kind}/{quote(scrub(document_id), safe='/')}/{start}-{end}"


def link_question(question: str) -> str:
    """Return a link that asks ``question`` when it is followed."""
    return f"[{escape(question)}](#ask/{quote(scrub(question), safe='')})"


def fingerprint(text: str) -> str:
    """Return eight hexadecimal digits that change when the words of a span do."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def render_answer(
    answer: Answer, index: Index, milliseconds: int, lang: str = "en", tries: Sequence[str] = ()
) -> str:
    """Return the Markdown of one answer: statement, quotes or nearest passages, a small line.

    Args:
        answer: what `rag.answer` returned.
        index: names the documents of nearest passages.
        milliseconds: how long the answer took.
        lang: ``en`` or ``zh``.
        tries: questions that the documents do answer, offered when they do not answer this one.
    """
    blocks = [_statement(answer)]
    if answer.abstained:
        blocks += _nearest(answer.hits[:_NEAREST], index, lang) + _tries(tries, lang)
    else:
        blocks += _support(answer)
    return "\n\n".join([*blocks, _small_line(answer, milliseconds, lang)])


def _statement(answer: Answer) -> str:
    """Return the text of the answer, each ``[n]`` that names a citation as a link to it."""
    lines = answer.text.splitlines()
    return "\n\n".join(_with_links(line, answer.citations) for line in lines if line.strip())


def _with_links(text: str, citations: Sequence[Citation]) -> str:
    pieces: list[str] = []
    position = 0
    for found in _MARKER.finditer(text):
        number = int(found[1])
        if 1 <= number <= len(citations):
            pieces += [escape(text[position : found.start()]), "\N{NO-BREAK SPACE}"]
            pieces.append(_chip(number, citations[number - 1]))
            position = found.end()
            pieces.append(" " if text[position : position + 1] == " " else "")
    return "".join([*pieces, escape(text[position:])])


def _chip(number: int, citation: Citation) -> str:
    target = address("src", citation.document_id, citation.start, citation.end)
    return f"[{number}]({target})"


def _support(answer: Answer) -> list[str]:
    """Return the cited words as quotes, but for those that the statement has said already."""
    return [
        f"> “{escape(clip(citation.quote))}”\N{NO-BREAK SPACE}{_chip(number, citation)}"
        for number, citation in enumerate(answer.citations, 1)
        if not _repeats(citation.quote, answer.text)
    ][:_QUOTES]


def _repeats(quoted: str, said: str) -> bool:
    """Tell whether most words of a quote stand in the statement: a bullet or so is no news."""
    words = quoted.split()
    return len(set(words) & set(said.split())) >= _REPEATED * len(set(words))


def _nearest(hits: Sequence[Hit], index: Index, lang: str) -> list[str]:
    if not hits:
        return []
    return [escape(label(lang, "nearest")), *(_near(hit, index) for hit in hits)]


def _near(hit: Hit, index: Index) -> str:
    passage = hit.passage
    title = escape(clip(index.document(passage.document_id).title, 90))
    target = address("see", passage.document_id, passage.start, passage.end)
    return f"> {escape(clip(passage.text, 220))}\n>\n> [{title}]({target})"


def _tries(questions: Sequence[str], lang: str) -> list[str]:
    if not questions:
        return []
    links = [f"- {link_question(q)}" for q in questions]
    return [escape(label(lang, "try")), "\n".join(links)]


def _small_line(answer: Answer, milliseconds: int, lang: str) -> str:
    """Return ``3 passages, 2 documents, 46 ms``, a link that shows these passages, and Copy."""
    cited = {c.document_id for c in answer.citations}
    parts = [f"{milliseconds:,} ms"]
    if answer.citations:
        passages = counted(lang, "passage", len(answer.citations))
        parts = [passages, counted(lang, "document", len(cited)), *parts]
    elif answer.hits:
        parts = [label(lang, "show_passages"), *parts]
    summary = f"[{escape(', '.join(parts))}](#answer/{_evidence(answer)})"
    return f"{summary} [{escape(label(lang, 'copy_answer'))}](#copy)"


def _evidence(answer: Answer) -> str:
    """Return what the page needs to show an answer's sources, as text safe in an address.

    The spans travel with their fingerprints, so a conversation that the browser kept can tell
    that a source has changed since.
    """
    cited = [(c.document_id, c.start, c.end, c.quote) for c in answer.citations]
    found = [
        (h.passage.document_id, h.passage.start, h.passage.end, h.passage.text)
        for h in answer.hits
        if not any(_overlap(h, c) for c in answer.citations)
    ]
    content = {
        "q": scrub(answer.question[:_QUESTION_LENGTH]),
        "c": _references(cited),
        "h": _references(found),
    }
    packed = json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _references(spans: Iterable[tuple[str, int, int, str]]) -> list[list[str | int]]:
    return [[scrub(d), start, end, fingerprint(words)] for d, start, end, words in spans]


def _overlap(hit: Hit, citation: Citation) -> bool:
    passage = hit.passage
    return passage.document_id == citation.document_id and (
        passage.start < citation.end and citation.start < passage.end
    )

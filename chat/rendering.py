"""Answers to Markdown for Gradio's Chatbot, so that no document text can act as markup.

All ASCII punctuation of foreign text is written as ``&#NN;``: Markdown then has nothing to work
on and the page shows the characters themselves. Citations are links that the page's own script
opens: ``#src/<document>/<start>-<end>`` a cited span, ``#see/…`` a passage that answers nothing,
``#ask/<question>`` a question to run, ``#answer/<evidence>`` what an answer rests on, ``#good``
and ``#bad`` what it is worth.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from chat.evidence import pack
from chat.labels import counted, label
from chat.phrases import phrased
from chat.reasons import silence, unanswered

if TYPE_CHECKING:
    from rag import Answer, Citation, Hit, Index

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MARKER = re.compile(r"\s*\[(\d+)\]")
_EDGES = re.compile(r"^\s*(?:[-*•–▪|]\s+)+|(?:\s+\|)+\s*$")
_CELLS = re.compile(r"[ \t]*\|[ \t|]*")
_MARKS = re.compile(r"^\s*#{1,6} |^[\s|:-]*-[\s|:-]*$", re.MULTILINE)
_WORD = re.compile(r"\w+")
_QUOTES = 3
_REPEATED = 0.7
_QUOTE_LENGTH = 320
_NEAREST = 2


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


def render_answer(
    answer: Answer,
    index: Index,
    milliseconds: int,
    lang: str = "en",
    tries: Sequence[str] = (),
    *,
    documents: Collection[str] | None = None,
    judged: bool = False,
) -> str:
    """Return the Markdown of one answer: statement, quotes or nearest passages, a small line.

    Args:
        answer: what `rag.answer` returned.
        index: names the documents of nearest passages.
        milliseconds: how long the answer took.
        lang: ``en`` or ``zh``.
        tries: questions that the documents do answer, offered when they do not answer this one.
        documents: ids that the search was limited to, None for all.
        judged: whether people may say what the answer is worth.
    """
    blocks = [_statement(answer, lang)]
    if answer.abstained:
        blocks += _nearest(answer.hits[:_NEAREST], index, lang) + _tries(tries, lang)
    else:
        blocks += _support(answer)
    line = _small_line(answer, pack(answer, index, documents), milliseconds, lang)
    return "\n\n".join([*blocks, line + _thumbs(lang) * judged])


def _statement(answer: Answer, lang: str) -> str:
    """Return the text of the answer, each ``[n]`` that names a citation as a link to it."""
    if answer.abstained:
        return "\n\n".join(escape(line) for line in silence(answer, lang).splitlines() if line)
    said = answer.text.splitlines()
    own = [phrased(line, answer.citations, lang) for line in said[: len(said) - len(answer.unsaid)]]
    lines = [*own, *unanswered(answer, lang)]
    lines = [line for line in lines if line.strip()]
    if answer.differing:
        names = _names({c.document_id: c.title for c in answer.citations})
        shown = [escape(label(lang, "differing")), *(_named(line, answer, names) for line in lines)]
    else:
        shown = [_with_links(line, answer.citations) for line in lines]
    return "\n\n".join(shown)


def _names(titles: Mapping[str, str]) -> dict[str, str]:
    """Return what to call each document: its title, and its file where two have the same."""
    known = [*titles.values()]
    return {
        document_id: f"{clip(title, 90)} · {document_id}" if known.count(title) > 1 else title
        for document_id, title in titles.items()
    }


def _named(line: str, answer: Answer, names: Mapping[str, str]) -> str:
    """Return a line of the answer with the name of the document that it cites below it."""
    shown = _with_links(line, answer.citations)
    cited = [int(number) for number in _MARKER.findall(line)]
    if not cited or not 1 <= cited[-1] <= len(answer.citations):
        return shown
    citation = answer.citations[cited[-1] - 1]
    target = address("see", citation.document_id, citation.start, citation.end)
    return f"{shown}  \n[{escape(clip(names[citation.document_id], 180))}]({target})"


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
    """Return the cited words as quotes, each once, but for what the statement has said already.

    The bullet of an item and the outer edges of a table row are left out.
    """
    chips: dict[str, list[str]] = {}
    for number, citation in enumerate(answer.citations, 1):
        if not _repeats(citation.quote, answer.text):
            chips.setdefault(citation.quote, []).append(_chip(number, citation))
    quotes = [
        f"> “{escape(clip(_EDGES.sub('', quote)))}”\N{NO-BREAK SPACE}{' '.join(chips[quote])}"
        for quote in chips
    ]
    return quotes[:_QUOTES]


def _repeats(quoted: str, said: str) -> bool:
    """Tell whether most words of a quote stand in the statement: a bullet or so is no news."""
    words = set(_WORD.findall(quoted))
    return len(words & set(_WORD.findall(said))) >= _REPEATED * len(words)


def _nearest(hits: Sequence[Hit], index: Index, lang: str) -> list[str]:
    if not hits:
        return []
    found = [hit.passage.document_id for hit in hits]
    names = _names({name: index.document(name).title for name in found})
    return [escape(label(lang, "nearest")), *(_near(hit, names) for hit in hits)]


def _near(hit: Hit, names: Mapping[str, str]) -> str:
    passage = hit.passage
    title = escape(clip(names[passage.document_id], 180))
    target = address("see", passage.document_id, passage.start, passage.end)
    return f"> {escape(clip(_plain(passage.text), 220))}\n>\n> [{title}]({target})"


def _plain(text: str) -> str:
    """Return a passage for a glance: no marks of headings, no rules and edges of tables."""
    lines = _MARKS.sub("", text).splitlines()
    return "\n".join(
        f"{_CELLS.sub(' · ', line).strip(' ·')};" if line.lstrip().startswith("|") else line
        for line in lines
    )


def _tries(questions: Sequence[str], lang: str) -> list[str]:
    if not questions:
        return []
    links = [f"- {link_question(q)}" for q in questions]
    return [escape(label(lang, "try")), "\n".join(links)]


def _thumbs(lang: str) -> str:
    verdicts = [f"[{escape(label(lang, name))}](#{name})" for name in ("good", "bad")]
    return f" {' '.join(verdicts)}"


def _small_line(answer: Answer, packed: str, milliseconds: int, lang: str) -> str:
    """Return ``3 passages, 2 documents, 46 ms``, a link that shows these passages, and Copy."""
    spans = {(c.document_id, c.start, c.end) for c in answer.citations}
    documents = {document_id for document_id, _, _ in spans}
    parts = [f"{milliseconds:,} ms"]
    if spans:
        passages = counted(lang, "passage", len(spans))
        parts = [passages, counted(lang, "document", len(documents)), *parts]
    elif answer.hits:
        parts = [label(lang, "show_passages"), *parts]
    summary = f"[{escape(label(lang, 'comma').join(parts))}](#answer/{packed})"
    return f"{summary} [{escape(label(lang, 'copy_answer'))}](#copy)"

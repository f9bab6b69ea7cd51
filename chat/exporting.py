"""The conversation that a browser holds, as one file that `rag verify` checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chat.evidence import Evidence, now, unpack, words_of
from chat.labels import LABELS

if TYPE_CHECKING:
    from chat.library import Library
    from rag import Answer, Index

_MOST = 200
_WORDS: Final = {
    "zh": {
        "language": "zh",
        "heading": "向文档提出的问题，以及作答的原文",
        "untitled": "对话",
        "one_answer": "1 个答案，导出于 {at}。",
        "answers": "{n} 个答案，导出于 {at}。",
        "left_out": "因来源已更改而未列入：{n} 个。",
        "counting": "起止位置按文档文字的字符计数。",
        "checking": "用文档核对每条引文：",
        "span": "第 {start:,} 至 {end:,} 个字符",
        "index": "索引 {generation}",
        "sources": "来源",
        "document": "文档",
        "characters": "{n:,} 个字符",
        "file": "文件",
        "text": "文字",
    }
}
_PLACES: Final = ("line", "page", "sheet", "row", "paragraph", "record")


def make_export(library: Library, sent: Any, lang: str = "en") -> bytes | None:
    """Return the HTML file of a conversation; None if none was sent.

    Answers with a source that has changed since are left out, and the file says how many.

    Args:
        library: holds the index; the words of every quote come from there.
        sent: what `chat.evidence.pack` made of each answer, oldest first.
        lang: ``en`` or ``zh``, for what the page says itself; questions, answers and quotes stay
            as they were.
    """
    from rag.exporting import WORDS, Exchange, export_page

    packed = sent[-_MOST:] if isinstance(sent, list) else []
    given = [evidence for evidence in map(unpack, packed) if evidence]
    if not given:
        return None
    index = library.index()
    answers = [(evidence, restored_answer(evidence, index)) for evidence in given]
    kept = [Exchange(a, e.generation, e.at) for e, a in answers if a]
    words = {**WORDS, **{kind: LABELS[lang][kind] for kind in _PLACES}, **_WORDS.get(lang, {})}
    return export_page(kept, index, now(), left_out=len(answers) - len(kept), words=words)


def restored_answer(evidence: Evidence, index: Index) -> Answer | None:
    """Return an answer with its citations; None where the index holds other words by now."""
    import rag

    citations = []
    for reference in evidence.cited:
        name, start, end, _ = reference
        words = words_of(reference, index)
        if words is None:
            return None
        citations.append(rag.Citation(name, index.document(name).title, start, end, words))
    return rag.Answer(evidence.question, evidence.text, tuple(citations))

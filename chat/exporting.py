"""The conversation that a browser holds, as one file that `rag verify` checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.evidence import Evidence, now, unpack, words_of

if TYPE_CHECKING:
    from chat.library import Library
    from rag import Answer, Index

_MOST = 200


def make_export(library: Library, sent: Any) -> bytes | None:
    """Return the HTML file of a conversation; None if none was sent.

    Answers with a source that has changed since are left out, and the file says how many.

    Args:
        library: holds the index; the words of every quote come from there.
        sent: what `chat.evidence.pack` made of each answer, oldest first.
    """
    from rag.exporting import Exchange, export_page

    packed = sent[-_MOST:] if isinstance(sent, list) else []
    given = [evidence for evidence in map(unpack, packed) if evidence]
    if not given:
        return None
    index = library.index()
    answers = [(evidence, restored_answer(evidence, index)) for evidence in given]
    kept = [Exchange(a, e.generation, e.at) for e, a in answers if a]
    return export_page(kept, index, now(), left_out=len(answers) - len(kept))


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

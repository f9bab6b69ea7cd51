"""The files of a generation that hold text: documents, passages, and what occurs in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.index import storage
from rag.index.postings import Postings
from rag.index.publishing import Draft, writing
from rag.index.records import (
    Documents,
    Passages,
    PassageTable,
    document_line,
    key_of,
    passage_line,
    read_by_encoder,
    table_bytes,
)
from rag.types import Document, Passage, Progress

_WINDOW = 1024


def write_texts(
    draft: Draft,
    documents: Sequence[Document],
    split: Iterable[tuple[Document, Iterable[Passage]]],
    report: Progress,
) -> Passages:
    """Write documents, passages and postings as they come; return the passages as written.

    Args:
        draft: the generation to write to.
        documents: which ``split`` are of, in the same order.
        split: each document with its passages, read once.
        report: called with the stage "split".

    Raises:
        IndexWriteError: the disk refused.
    """
    table = PassageTable()
    begins, firsts = [0], [0]
    texts: list[str] = []
    with Postings(draft.directory) as postings:
        with draft.writer("documents.jsonl") as add_document, draft.writer("passages.jsonl") as add:
            for number, (document, passages) in enumerate(split, start=1):
                line = document_line(document)
                add_document(line)
                begins.append(begins[-1] + len(line))
                lines = []
                for passage in passages:
                    read, line = read_by_encoder(passage), passage_line(passage)
                    table.add(passage, len(line), key_of(read))
                    lines.append(line)
                    texts.append(read[0])
                    if len(texts) == _WINDOW:
                        postings.add(texts)
                        texts.clear()
                add(b"".join(lines))
                firsts.append(firsts[-1] + len(lines))
                report("split", number, len(documents))
        postings.add(texts)
        postings.write(draft)
    tables = {"documents.i64": table_bytes([begins, firsts]), "passages.i64": bytes(table)}
    draft.write(tables)
    with writing(draft.folder):
        whole, pieces = (
            storage.view(draft.directory / f"{name}.jsonl") for name in ("documents", "passages")
        )
    ids = [document.id for document in documents]
    found = Documents(whole, tables["documents.i64"], ids)
    return Passages(pieces, tables["passages.i64"], found)

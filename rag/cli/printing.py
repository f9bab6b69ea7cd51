"""What the commands print: answers and passages for people, one JSON object a line for programs.

People's text goes through `print_text`, which takes out what could steer a terminal. JSON is plain
ASCII, so that no encoding of stdout can break it. Knows nothing of commands or options.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.index import Index, Status
    from rag.types import Answer, Document, Skipped

_LISTED = 10
_NEAREST = 3
_QUOTED = 400
_TABLE = re.compile(r"^\|(?: ?:?-+:? ?\|)+$", re.MULTILINE)  # below the header of each
# Control characters (a tab and a line end may stay), bidirectional overrides, lone surrogates.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def message(text: str) -> None:
    """Print for people, on stderr."""
    print(_shown(text), file=sys.stderr, flush=True)


def print_text(text: str, end: str = "\n") -> None:
    """Print for people, on stdout."""
    print(_shown(text), end=end)


def print_json(**record: object) -> None:
    """Print one JSON object on a line of its own."""
    print(json.dumps(record))


def _shown(text: str) -> str:
    return _UNSAFE.sub("�", text)


def print_answer(given: Answer, index: Index) -> None:
    """Print the answer, then its quotes by number; without any, the nearest passages."""
    from rag.documents import said_by

    print_text(given.text)
    for number, citation in enumerate(given.citations, start=1):
        print_text(f"\n[{number}] {place(index, citation.document_id, citation.start)}")
        print_text(indented(citation.quote))
        if citation.dated:
            document = index.document(citation.document_id)
            print_text(f"    dated by {said_by(document, citation.dated)}")
    if given.abstained and given.hits:
        print_text("\nNearest passages:")
        for hit in given.hits[:_NEAREST]:
            print_text(f"\n- {place(index, hit.passage.document_id, hit.passage.start)}")
            print_text(indented(hit.passage.text, _QUOTED))


def print_status(found: Status, generation: str) -> None:
    """Print what there is to know of an index, a line each."""
    from rag.index.storage import build_command

    changes = f"{len(found.added)} added, {len(found.changed)} changed, {len(found.removed)} gone"
    command = build_command(found.folder)
    state = f"stale: {changes}. Run `{command}`" if found.stale else "up to date"
    print_text(f"index      {found.folder / generation}")
    print_text(f"source     {found.source}")
    print_text(f"documents  {found.documents}, and {found.skipped} files skipped")
    print_text(f"dates      {found.dates}")
    print_text(f"passages   {found.passages}")
    print_text(f"encoder    {found.encoder}")
    print_text(f"search     {found.search}")
    print_text(f"state      {found.problem or state}")


def tell_undated(
    index: Index, documents: Sequence[str], after: str | None, before: str | None
) -> None:
    """Say on stderr how many documents a search by date has left out for want of one."""
    from rag.dates import within

    if said := within(lambda: index.days, documents or None, after, before).said:
        message(said)


def place(index: Index, document_id: str, offset: int) -> str:
    """Return where an offset lies: ``report.txt, line 12`` or ``report.pdf, page 3``."""
    from rag.documents import in_words

    return f"{document_id}, {in_words(index.document(document_id), offset)}"


def indented(text: str, limit: int | None = None) -> str:
    """Return text with four blanks before each line, cut after ``limit`` characters."""
    cut = text if limit is None or len(text) <= limit else f"{text[:limit].rstrip()} …"
    return "\n".join(f"    {line}" for line in cut.splitlines())


def skipped_lines(skipped: Sequence[Skipped]) -> list[str]:
    """Return one line for each file that was not read, and why; the first ten."""
    lines = [f"skipped {item.id}: {item.reason}" for item in skipped[:_LISTED]]
    if len(skipped) > _LISTED:
        lines.append(
            f"skipped {len(skipped) - _LISTED} more files; all of them: rag build --report"
        )
    return lines


def report_lines(index: Index) -> list[str]:
    """Return one line for each file: what it was read as and what was found, or why it was not."""
    lines = []
    for record in report_records(index):
        counted = [(record[f"{what}s"], what) for what in ("page", "table", "passage")]
        found = [f"{count} {what}{'s' * (count > 1)}" for count, what in counted if count]
        noted = [*record["dates"], *([str(record["note"])] if record["note"] else [])]
        lines.append(f"read {record['id']}: {', '.join([record['read_as'], *found, *noted])}")
    return lines + [f"skipped {item.id}: {item.reason}" for item in index.skipped]


def report_records(index: Index) -> list[dict[str, Any]]:
    """Return for each document what it was read as, what was found in it, and what was guessed."""
    from rag.exporting import metadata_record

    passages = index.documents.counts
    return [
        {
            "id": document.id,
            "title": document.title,
            "read_as": document.encoding,
            "characters": len(document.text),
            "pages": sum(place.kind == "page" for place in document.locations),
            "tables": len(_TABLE.findall(document.text)),
            "passages": passages[document.id],
            "dates": list(_dates(document)),
            "metadata": metadata_record(document),
            "note": document.note,
        }
        for document in index.documents
    ]


def _dates(document: Document) -> Iterator[str]:
    """Yield what is known of a document's dates in words, each with what says so."""
    from rag.documents import said_by

    known = document.metadata
    if fact := known.published:
        done = "published" if fact.sure else "saved"
        yield f"{done} {fact.value} ({said_by(document, fact)})"
    if fact := known.period:
        first, _, last = fact.value.partition("/")
        days = f"state of {first}" if first == last else f"covers {first} to {last}"
        yield f"{days} ({said_by(document, fact)})"

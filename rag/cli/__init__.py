"""The command line: build, ask, search, chat, status, check, verify, mcp.

Results go to stdout (with ``--json`` one ASCII JSON object a line), progress and messages to
stderr. Exit codes: 0 done, also when the documents do not say; 1 an error, told in one line;
2 wrong usage; 130 interrupted. Everything slow is imported by the command that needs it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import click

from rag.cli import options
from rag.cli.building import make_index
from rag.cli.chatting import chat
from rag.cli.guarding import Commands, question_from, require_known
from rag.cli.printing import (
    indented,
    message,
    place,
    print_answer,
    print_json,
    print_status,
    print_text,
    report_lines,
    report_records,
    skipped_lines,
    tell_undated,
)
from rag.cli.verifying import verify
from rag.errors import IndexFolderError


def main() -> None:
    """Run the command line; the script ``rag`` and ``python -m rag`` come here."""
    for stream in (sys.stdout, sys.stderr):
        # What a terminal cannot show becomes a question mark, never a crash.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    app(prog_name="rag")


def _version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        print_text(f"cited-rag {version('cited-rag')}")
    except PackageNotFoundError:  # run from a checkout
        print_text("cited-rag (not installed)")
    context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version.",
)
def app() -> None:
    """Answer questions from a folder of documents, with the exact words the answers rest on.

    \b
    Examples:
      rag build seeds
      rag ask "What was the closing price on 2 November 2025?"
      rag chat
    """


@app.command()
@options.source
@options.index_folder
@options.model
@options.precision
@click.option("--report", is_flag=True, help="Say of every file what was read, skipped, guessed.")
@options.as_json
def build(
    source: Path | None,
    index: Path,
    model: str | None,
    precision: Literal["int8", "fp32"] | None,
    report: bool,
    as_json: bool,
) -> None:
    """Make the index, or bring it up to date: only what has changed is embedded.

    SOURCE is the folder of documents: if not said, RAG_SOURCE, that of the index, or seeds.

    \b
    Examples:
      rag build
      rag build ~/reports --index reports-index
      rag build ~/reports --report
      rag build seeds --model word-hash
      rag build --precision fp32
    """
    started = time.perf_counter()
    built = make_index(source, index, model, precision)
    seconds = time.perf_counter() - started
    if as_json:
        print_json(
            generation=built.generation,
            source=str(built.source),
            documents=len(built.documents),
            passages=len(built.passages),
            changed=built.changed,
            anew=built.anew,
            skipped=[asdict(skipped) for skipped in built.skipped],
            seconds=round(seconds, 3),
            **({"read": report_records(built)} if report else {}),
        )
        return
    print_text(f"{built.summary} ({index / built.generation}, {seconds:.1f} s)")
    if built.anew:
        print_text(f"embedded anew: the index was {built.anew}")
    for line in report_lines(built) if report else skipped_lines(built.skipped):
        print_text(line)


@app.command()
@options.question
@options.index_folder
@options.only
@options.after
@options.before
@options.strictness
@options.as_json
def ask(
    words: tuple[str, ...],
    index: Path,
    documents: tuple[str, ...],
    after: str | None,
    before: str | None,
    strictness: float | None,
    as_json: bool,
) -> None:
    """Answer a question with the words of the documents, or say that they do not hold the answer.

    QUESTION may be several words; - reads it from stdin.

    \b
    Examples:
      rag ask "Who controls the company?"
      rag ask --json --documents annual/2024.txt "How high was net profit?"
      rag ask --after 2025 --before 2025-07 "How high was net profit?"
      echo "Who controls the company?" | rag ask -
    """
    text = question_from(words)
    from rag.answering import STRICTNESS, answer
    from rag.exporting import answer_record
    from rag.index import load_index

    loaded = load_index(index)
    require_known(documents, loaded)
    started = time.perf_counter()
    least = STRICTNESS if strictness is None else strictness
    given = answer(
        text, loaded, documents=documents or None, strictness=least, after=after, before=before
    )
    seconds = time.perf_counter() - started
    if as_json:
        print_json(**answer_record(given, loaded), seconds=round(seconds, 4))
    else:
        print_answer(given, loaded)
        if not given.abstained:  # the reason of an abstention says it
            tell_undated(loaded, documents, after, before)


@app.command()
@options.question
@click.option(
    "-k",
    metavar="N",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="How many passages.",
)
@options.index_folder
@options.only
@options.after
@options.before
@options.as_json
def search(
    words: tuple[str, ...],
    k: int,
    index: Path,
    documents: tuple[str, ...],
    after: str | None,
    before: str | None,
    as_json: bool,
) -> None:
    """Show the passages nearest to a question, best first.

    QUESTION may be several words; - reads it from stdin.

    \b
    Examples:
      rag search "52-week high"
      rag search -k 20 --json "market capitalisation"
      rag search --after 2025-03 "market capitalisation"
    """
    text = question_from(words)
    from rag.exporting import hit_record
    from rag.index import load_index
    from rag.retrieval import retrieve

    loaded = load_index(index)
    require_known(documents, loaded)
    hits = retrieve(text, loaded, k, documents=documents or None, after=after, before=before)
    tell_undated(loaded, documents, after, before)
    for rank, hit in enumerate(hits, start=1):
        if as_json:
            print_json(rank=rank, **hit_record(hit, loaded))
        else:
            where = place(loaded, hit.passage.document_id, hit.passage.start)
            print_text(f"[{rank}] {where}  (score {hit.score:.4f})")
            print_text(indented(hit.passage.text), end="\n\n")


app.add_command(chat)


@app.command()
@options.index_folder
@options.beside_folder
@options.as_json
def status(index: Path, source: Path | None, as_json: bool) -> None:
    """Say what the index holds and whether its documents have changed since.

    \b
    Examples:
      rag status
      rag status --index reports-index --json
    """
    from rag.index import index_status

    found = index_status(index, source)
    if found.generation is None:
        raise IndexFolderError(found.problem)
    if as_json:
        record = {**asdict(found), "folder": str(found.folder), "source": str(found.source)}
        print_json(**record, stale=found.stale)
        return
    print_status(found, found.generation)


@app.command()
@options.index_folder
@click.option("--recall", is_flag=True, help="Measure how near the search comes to an exact one.")
@options.as_json
def check(index: Path, recall: bool, as_json: bool) -> None:
    """Verify every byte of the index.

    \b
    Examples:
      rag check
      rag check --index reports-index
      rag check --recall
    """
    from rag.index import check_index, check_recall

    for finding in check_index(index):
        if as_json:
            print_json(finding=finding)
        else:
            print_text(finding)
    if recall:
        message("comparing the search with an exact one ...")
        share, asked = check_recall(index)
        if as_json:
            print_json(recall_at_10=round(share, 4), sentences=asked)
        else:
            print_text(f"recall@10  {share:.4f}, by {asked} sentences of the documents")


app.add_command(verify)


@app.command()
@options.index_folder
def mcp(index: Path) -> None:
    """Serve retrieve, answer and documents as tools for language models, over stdin and stdout.

    Needs the extra: pip install 'cited-rag[mcp]'

    \b
    Examples:
      rag mcp
      rag mcp --index reports-index
    """
    from chat.tools import serve_tools

    serve_tools(index)

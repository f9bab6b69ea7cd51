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
from typing import Annotated

import typer

from rag.cli.building import make_index
from rag.cli.chatting import chat
from rag.cli.guarding import Commands, question_from, require_known
from rag.cli.options import (
    After,
    AsJson,
    Before,
    IndexFolder,
    Model,
    Only,
    Precision,
    Source,
    Strictness,
    Words,
)
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

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; the script ``rag`` and ``python -m rag`` come here."""
    for stream in (sys.stdout, sys.stderr):
        # What a terminal cannot show becomes a question mark, never a crash.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    app(prog_name="rag")


def _version(wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        print_text(f"cited-rag {version('cited-rag')}")
    except PackageNotFoundError:  # run from a checkout
        print_text("cited-rag (not installed)")
    raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Answer questions from a folder of documents, with the exact words the answers rest on.

    \b
    Examples:
      rag build seeds
      rag ask "What was the closing price on 2 November 2025?"
      rag chat
    """


@app.command()
def build(
    source: Source = None,
    index: IndexFolder = Path("index"),
    model: Model = None,
    precision: Precision = None,
    report: Annotated[
        bool, typer.Option("--report", help="Say of every file what was read, skipped, guessed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the index, or bring it up to date: only what has changed is embedded.

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
def ask(
    question: Words,
    index: IndexFolder = Path("index"),
    documents: Only = None,
    after: After = None,
    before: Before = None,
    strictness: Strictness = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question with the words of the documents, or say that they do not hold the answer.

    \b
    Examples:
      rag ask "Who controls the company?"
      rag ask --json --documents annual/2024.txt "How high was net profit?"
      rag ask --after 2025 --before 2025-07 "How high was net profit?"
      echo "Who controls the company?" | rag ask -
    """
    text = question_from(question)
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
def search(
    question: Words,
    k: Annotated[int, typer.Option("-k", min=1, help="How many passages.")] = 5,
    index: IndexFolder = Path("index"),
    documents: Only = None,
    after: After = None,
    before: Before = None,
    as_json: AsJson = False,
) -> None:
    """Show the passages nearest to a question, best first.

    \b
    Examples:
      rag search "52-week high"
      rag search -k 20 --json "market capitalisation"
      rag search --after 2025-03 "market capitalisation"
    """
    text = question_from(question)
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


app.command()(chat)


@app.command()
def status(
    index: IndexFolder = Path("index"),
    source: Annotated[
        Path | None,
        typer.Option(
            envvar="RAG_SOURCE",
            metavar="FOLDER",
            show_default=False,
            help="Compare with this folder.  [default: the one the index was built from]",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
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
def check(
    index: IndexFolder = Path("index"),
    recall: Annotated[
        bool, typer.Option("--recall", help="Measure how near the search comes to an exact one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
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


app.command()(verify)


@app.command()
def mcp(index: IndexFolder = Path("index")) -> None:
    """Serve retrieve, answer and documents as tools for language models, over stdin and stdout.

    Needs the extra: pip install 'cited-rag[mcp]'

    \b
    Examples:
      rag mcp
      rag mcp --index reports-index
    """
    from chat.tools import serve_tools

    serve_tools(index)

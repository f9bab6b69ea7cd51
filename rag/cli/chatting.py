"""The command that opens the chat: its options, and the index made before the page is served."""

from __future__ import annotations

from pathlib import Path

import click

from rag.cli import options
from rag.cli.building import make_or_keep
from rag.cli.guarding import require_free
from rag.cli.printing import message, skipped_lines


@click.command()
@options.source
@options.index_folder
@options.model
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on.",
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(1, 65535),
    default=7860,
    show_default=True,
    help="Port to listen on.",
)
@click.option("--allow-upload", is_flag=True, help="Let people add files to SOURCE from the page.")
@click.option(
    "--feedback",
    type=options.PATH,
    metavar="FILE",
    help="Where verdicts on answers go.  [default: <index>-feedback.jsonl beside it]",
)
@click.option("--no-feedback", is_flag=True, help="Show no thumbs under the answers.")
@click.option(
    "--auth",
    metavar="NAME:FILE",
    help="Ask for a login; FILE holds the password, or its hash (python -m chat.login).",
)
@click.option("--no-auth", is_flag=True, help="Let everybody in who reaches --host.")
def chat(
    source: Path | None,
    index: Path,
    model: str | None,
    host: str,
    port: int,
    allow_upload: bool,
    feedback: Path | None,
    no_feedback: bool,
    auth: str | None,
    no_auth: bool,
) -> None:
    """Open the chat in a browser; builds the index first where it is missing or stale.

    SOURCE is the folder of documents: if not said, RAG_SOURCE, that of the index, or seeds.

    \b
    Examples:
      rag chat
      rag chat ~/reports --index reports-index --port 8000
      rag chat ~/reports --allow-upload
      rag chat --feedback ~/verdicts.jsonl
      rag chat --host 0.0.0.0 --auth ann:password.txt
    """
    import ui

    ui.read_account(auth, host, no_auth)
    require_free(host, port)
    message("building the index where needed ...")
    built = make_or_keep(source, index, model)
    message(built.summary)
    for line in skipped_lines(built.skipped):
        message(line)
    message("starting the chat ...")
    beside = index.resolve().with_name(f"{index.resolve().name}-feedback.jsonl")
    ui.serve(
        index,
        built.source,
        host,
        port,
        allow_upload=allow_upload,
        feedback=None if no_feedback else feedback or beside,
        auth=auth,
        open_to_all=no_auth,
    )

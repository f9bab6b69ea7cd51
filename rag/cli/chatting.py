"""The command that opens the chat: its options, and the index made before the page is served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.cli.building import make_or_keep
from rag.cli.guarding import require_free
from rag.cli.options import IndexFolder, Model, Source
from rag.cli.printing import message, skipped_lines

Upload = Annotated[
    bool, typer.Option("--allow-upload", help="Let people add files to SOURCE from the page.")
]
Feedback = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        help="Where verdicts on answers go.  [default: <index>-feedback.jsonl beside it]",
    ),
]
NoFeedback = Annotated[
    bool, typer.Option("--no-feedback", help="Show no thumbs under the answers.")
]
Auth = Annotated[
    str | None,
    typer.Option(
        metavar="NAME:FILE",
        show_default=False,
        help="Ask for a login; FILE holds the password, or its hash (python -m chat.login).",
    ),
]
NoAuth = Annotated[bool, typer.Option("--no-auth", help="Let everybody in who reaches --host.")]


def chat(
    source: Source = None,
    index: IndexFolder = Path("index"),
    model: Model = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
    allow_upload: Upload = False,
    feedback: Feedback = None,
    no_feedback: NoFeedback = False,
    auth: Auth = None,
    no_auth: NoAuth = False,
) -> None:
    """Open the chat in a browser; builds the index first where it is missing or stale.

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

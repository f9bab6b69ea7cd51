"""The arguments and options that several commands share, with their help and variables."""

from __future__ import annotations

from pathlib import Path

import click

PATH = click.Path(path_type=Path)

question = click.argument("words", metavar="QUESTION...", nargs=-1, required=True)
source = click.argument("source", type=PATH, required=False, envvar="RAG_SOURCE")
index_folder = click.option(
    "--index",
    type=PATH,
    default="index",
    metavar="FOLDER",
    envvar="RAG_INDEX",
    show_default=True,
    show_envvar=True,
    help="Folder of the index.",
)
beside_folder = click.option(
    "--source",
    type=PATH,
    metavar="FOLDER",
    envvar="RAG_SOURCE",
    show_envvar=True,
    help="Compare with these documents.  [default: those the index was built from]",
)
model = click.option(
    "--model",
    metavar="NAME",
    envvar="RAG_MODEL",
    show_envvar=True,
    help="sentence-transformers name or folder; word-hash needs no model.  "
    "[default: the one the index was built with, or the packaged all-MiniLM-L6-v2]",
)
precision = click.option(
    "--precision",
    type=click.Choice(["int8", "fp32"]),
    help="Of the model's weights; fp32 is slower and four times as large.  "
    "[default: that of the index, or int8]",
)
only = click.option(
    "--documents", "-d", multiple=True, metavar="ID", help="Look only here; may be repeated."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")


def _a_day(_context: click.Context, _option: click.Parameter, when: str | None) -> str | None:
    from rag.dates import first_day

    try:
        return first_day(when) or None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


after = click.option(
    "--after",
    metavar="DATE",
    callback=_a_day,
    help="Only documents dated on this day or later: 2025-03-05, 2025-03 or 2025.",
)
before = click.option(
    "--before", metavar="DATE", callback=_a_day, help="Only documents dated before this day."
)
strictness = click.option(
    "--strictness",
    type=click.FloatRange(0, 1),
    metavar="0..1",
    help="How sure an answer must be; higher declines more.  [default: as calibrated]",
)

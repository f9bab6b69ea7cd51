"""The options that several commands share, with their help and the variables behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

IndexFolder = Annotated[
    Path, typer.Option("--index", envvar="RAG_INDEX", help="Folder of the index.", metavar="FOLDER")
]
Model = Annotated[
    str | None,
    typer.Option(
        envvar="RAG_MODEL",
        metavar="NAME",
        help="sentence-transformers name or folder; word-hash needs no model.  "
        "[default: the one the index was built with, or the packaged all-MiniLM-L6-v2]",
    ),
]
Precision = Annotated[
    Literal["int8", "fp32"] | None,
    typer.Option(
        show_default=False,
        help="Of the model's weights; fp32 is slower and four times as large.  "
        "[default: that of the index, or int8]",
    ),
]
Source = Annotated[
    Path | None,
    typer.Argument(
        envvar="RAG_SOURCE",
        metavar="SOURCE",
        show_default=False,
        help="Folder of documents.  [default: the one the index was built from, or seeds]",
    ),
]
Words = Annotated[
    list[str], typer.Argument(metavar="QUESTION", help="The question; - reads it from stdin.")
]
Only = Annotated[
    list[str] | None,
    typer.Option("--documents", "-d", metavar="ID", help="Look only here; may be repeated."),
]


def _a_day(when: str | None) -> str | None:
    from rag.dates import first_day

    try:
        return first_day(when) or None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


After = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        callback=_a_day,
        help="Only documents dated on this day or later: 2025-03-05, 2025-03 or 2025.",
    ),
]
Before = Annotated[
    str | None,
    typer.Option(metavar="DATE", callback=_a_day, help="Only documents dated before this day."),
]
Strictness = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        metavar="0..1",
        help="How sure an answer must be; higher declines more.  [default: as calibrated]",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]

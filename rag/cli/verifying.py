"""The command that checks an exported conversation."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rag.cli import options
from rag.cli.building import manifest_of
from rag.cli.printing import print_json, print_text
from rag.errors import RagError

if TYPE_CHECKING:
    from rag.exporting import Check


@click.command()
@click.argument("file", type=options.PATH)
@options.beside_folder
@options.index_folder
@options.as_json
def verify(file: Path, source: Path | None, index: Path, as_json: bool) -> None:
    """Check every quote of an exported conversation against the documents.

    Exit code 0 says that the file is as it was exported and every quote stands where it says,
    character for character, in a document with the same sha256.

    \b
    Examples:
      rag verify conversation.html
      rag verify conversation.html --source ~/reports --json
    """
    from rag.exporting import verify_page

    checks = verify_page(file, source or _source_of(index))
    for check in checks:
        if as_json:
            print_json(holds=not check.problem, **asdict(check))
        else:
            print_text(_line(check))
    failed = sum(bool(check.problem) for check in checks)
    quotes = sum(bool(check.document_id) for check in checks)
    if not as_json:
        verdict = f"FAILED: {failed} of {len(checks)} checks" if failed else "verified"
        print_text(f"{verdict}, {quotes} quote{'s' * (quotes != 1)}")
    if failed:
        raise click.exceptions.Exit(1)


def _line(check: Check) -> str:
    where = f"  {check.document_id} {check.start}..{check.end}" if check.document_id else ""
    problem = f": {check.problem}" if check.problem else ""
    return f"{'FAILED' if check.problem else 'ok':6}  {check.what}{where}{problem}"


def _source_of(index: Path) -> Path:
    """Return the folder that the index was built from.

    Raises:
        RagError: there is no index to say; names the option.
    """
    if manifest := manifest_of(index):
        return Path(manifest["source"])
    raise RagError(f"no index in {index} names the documents; say: rag verify FILE --source FOLDER")

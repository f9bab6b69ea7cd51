"""What stands between a command and the world: errors told in one line, input limited early."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from rag.cli.printing import message
from rag.errors import QuestionError, RagError

if TYPE_CHECKING:
    from rag.index import Index


class Commands(click.Group):
    """The commands, in the order they are used; an error of ours becomes one line on stderr."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return their names as they were added."""
        return [*self.commands]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for, and see its output out."""
        with _reported():
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result


@contextmanager
def _reported() -> Iterator[None]:
    """Turn what a user can mend into one line on stderr and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    except BrokenPipeError:
        # Whoever read our output has seen enough (`rag search ... | head -1`): no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit from None
    except (RagError, ValueError, OSError) as error:
        _fail(str(error), 1)
    except MemoryError:
        _fail("out of memory; ask about fewer documents, or close other programs", 1)


def _fail(why: str, code: int) -> NoReturn:
    message(f"rag: {' '.join(why.split())}")
    raise click.exceptions.Exit(code)


def question_from(words: Sequence[str]) -> str:
    """Return the question from the arguments, or from stdin where it is ``-``.

    No more of stdin is read than a question can be long, so 20 MB are refused at once.

    Raises:
        QuestionError: stdin is too long or not UTF-8.
    """
    if [*words] != ["-"]:
        return " ".join(words)
    from rag.questions import MAX_CHARACTERS

    # A code point takes 4 bytes at most; 64 more are for a byte order mark and line ends.
    limit = 4 * MAX_CHARACTERS + 64
    content = sys.stdin.buffer.read(limit + 1)
    if len(content) > limit:
        raise QuestionError(
            f"The question on stdin is longer than {MAX_CHARACTERS:,} characters; shorten it."
        )
    try:
        return content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise QuestionError(
            f"The question on stdin is not UTF-8 text (byte {error.start}); save it as UTF-8."
        ) from None


def require_known(documents: Sequence[str], index: Index) -> None:
    """Refuse ids that are not in the index.

    Raises:
        QuestionError: names the first of them and the ids most like it.
    """
    import difflib

    ids = index.documents.ids
    for wanted in documents:
        if wanted not in ids:
            near = difflib.get_close_matches(wanted, ids, cutoff=0.3) or ids[:3]
            raise QuestionError(
                f"No document {wanted!r} in {index.folder}. Perhaps you mean: {', '.join(near)}"
            )


def require_free(host: str, port: int) -> None:
    """Refuse a port that is taken, before anything slow is done.

    Raises:
        OSError: nothing can listen there; names another port.
    """
    import socket

    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name != "nt":  # there it would allow two servers on one port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        free = port + 1 if port < 65535 else port - 1
        raise OSError(
            f"cannot listen on {host}:{port} ({error.strerror or error}). "
            f"Stop what is using it, or choose another: rag chat --port {free}"
        ) from None

"""What programs may ask of the chat's server: retrieve, answer, documents; plain JSON in and out.

The same three are served over HTTP (Gradio's API) and to language models (``rag mcp``).
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from chat.labels import LABELS
from chat.library import Library
from chat.turnstile import Busy, Turnstile

if TYPE_CHECKING:
    from rag import Index

Result = TypeVar("Result")

_MOST_PASSAGES = 100
_log = logging.getLogger("chat")


class Refused(ValueError):
    """A request that cannot be answered as it is; the message is for whoever sent it."""


class Endpoints:
    """The three, over one library."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def retrieve(
        self,
        question: str,
        k: int = 5,
        documents: list[str] | None = None,
        after: str | None = None,
        before: str | None = None,
    ) -> list[dict[str, Any]]:
        """Return the passages of the documents that are nearest to a question, best first.

        Args:
            question: up to 4,000 characters.
            k: how many passages at most, 1 to 100.
            documents: ids of the documents to search in; null for all.
            after: only documents dated on this day or later, as 2025-03-05, 2025-03 or 2025; null
                for any. Documents without a date are left out.
            before: only documents dated before this day; null for any.

        Returns:
            For each passage: document_id, start and end (characters of the document's text, end
            exclusive), line (from 1), places (page, sheet or row, by name), heading, text, score
            (higher is better).
        """
        from rag import retrieve
        from rag.exporting import hit_record

        if type(k) is not int or not 1 <= k <= _MOST_PASSAGES:
            raise Refused(f"k must be a whole number from 1 to {_MOST_PASSAGES}")
        index = self._library.index()
        searched = _known(documents, index)
        dates = _dates(after, before)
        hits = _ask(lambda: retrieve(_text(question), index, k, documents=searched, **dates))
        return [hit_record(hit, index) for hit in hits]

    def answer(
        self,
        question: str,
        history: list[list[str]] | None = None,
        documents: list[str] | None = None,
        after: str | None = None,
        before: str | None = None,
    ) -> dict[str, Any]:
        """Answer a question with the exact words of the documents, or say that they do not say.

        Args:
            question: up to 4,000 characters.
            history: earlier turns as [question, answer] pairs, oldest first, that complete a
                follow-up question; null for none.
            documents: ids of the documents to search in; null for all.
            after: only documents dated on this day or later, as 2025-03-05, 2025-03 or 2025; null
                for any. Documents without a date are left out; an abstention says how many.
            before: only documents dated before this day; null for any.

        Returns:
            question; text, in which [n] names the n-th citation; citations, each with document_id,
            title, start and end (characters of the document's text, end exclusive), quote (exactly
            the text between them), line, places and, where the answer says its document's date,
            dated, with what says so; abstained, with reason, where the documents do
            not hold the answer; hits, the nearest passages; generation of the index.
        """
        from rag.exporting import answer_record

        index = self._library.index()
        turns = _turns(history)
        searched = _known(documents, index)
        dates = _dates(after, before)
        given = _ask(
            lambda: self._library.answer(
                _text(question), index, history=turns, documents=searched, **dates
            )
        )
        return answer_record(given, index)

    def documents(self) -> dict[str, Any]:
        """List the documents that are searched.

        Returns:
            generation of the index; documents, each with id, title, passages, characters,
            published, period, source and language (each with what says so, or null) and the date
            of its last change; skipped, each with id and the reason why it was not read.
        """
        index = self._library.index()
        return {
            "generation": index.generation,
            "documents": self._library.listing(index),
            "skipped": [asdict(item) for item in index.skipped],
        }


def _known(documents: Any, index: Index) -> list[str] | None:
    if documents is None:
        return None
    for name in documents if isinstance(documents, list) else [documents]:
        if not isinstance(name, str) or name not in index.documents.numbers:
            raise Refused("documents must be a list of ids that `documents` lists, or null")
    return list(documents)


def _dates(after: Any, before: Any) -> dict[str, Any]:
    """Return the dates that a search is limited to, by the name of the argument they are for."""
    from rag.dates import first_day

    asked = {name: when for name, when in (("after", after), ("before", before)) if when}
    try:
        return {name: first_day(when) for name, when in asked.items()}
    except ValueError as error:
        raise Refused(str(error)) from None


def _text(question: Any) -> str:
    if not isinstance(question, str):
        raise Refused("question must be a text")
    return question


def _turns(history: Any) -> list[tuple[str, str]]:
    pairs = history or []
    if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
        raise Refused("history must be a list of [question, answer] pairs, or null")
    return [(question, answer) for question, answer in pairs]


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list | tuple) and [type(text) for text in pair] == [str, str]


def _ask(call: Callable[[], Result]) -> Result:
    """Return what a call returns; no exception's text gets out but that of a bad question."""
    from rag.errors import QuestionError

    try:
        return call()
    except Refused:
        raise
    except QuestionError as error:
        raise Refused(str(error)) from None
    except Exception:
        _log.exception("no result for a program")
        raise Refused(LABELS["en"]["failed"]) from None


def add_endpoints(library: Library, turnstile: Turnstile) -> None:
    """Add the three to the Blocks that are being laid out."""
    from gradio import events

    endpoints = Endpoints(library)
    for endpoint in (endpoints.retrieve, endpoints.answer, endpoints.documents):
        events.api(
            _queued(endpoint, turnstile),
            api_name=endpoint.__name__,
            api_description=inspect.getdoc(endpoint),
            concurrency_limit=None,
        )


def _queued(endpoint: Callable[..., Any], turnstile: Turnstile) -> Callable[..., Any]:
    """Return an endpoint that waits its turn, and whose refusals Gradio passes on in words."""
    import gradio as gr

    @functools.wraps(endpoint)
    async def asked(*arguments: Any, **options: Any) -> Any:
        try:
            async with turnstile:
                return await asyncio.to_thread(endpoint, *arguments, **options)
        except Busy:
            raise gr.Error(LABELS["en"]["busy"], print_exception=False) from None
        except Refused as error:
            raise gr.Error(str(error), print_exception=False) from None

    return asked

"""Questions from the page: each waits its turn without holding a thread, then is answered.

What is yielded are values for components: messages, what goes back into the box, turns for the
browser to keep; `gr.skip()` leaves a component as it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
from starlette.concurrency import run_in_threadpool

from chat.library import Library
from chat.talking import Conversation, for_inbox, refuse, respond
from chat.turnstile import Busy, Turnstile


async def ask_typed(
    library: Library,
    turnstile: Turnstile,
    message: str,
    documents: list[str] | None,
    current: Conversation,
    lang: str,
) -> AsyncIterator[tuple[Any, Any, Any]]:
    """Yield (messages, box, inbox) for a question that was sent; a refused one goes back.

    The page's script has emptied the box.
    """
    async for shown in _in_turn(library, turnstile, message, current, documents, lang):
        yield shown, gr.skip(), gr.skip()
    refused = not current.turns[-1]["answered"]
    back = message if refused and message.strip() else gr.skip()
    yield shown, back, for_inbox(current)


async def _in_turn(
    library: Library,
    turnstile: Turnstile,
    message: str,
    current: Conversation,
    documents: list[str] | None,
    lang: str,
) -> AsyncIterator[list[dict[str, str]]]:
    """Yield the messages with the question at once, then with its answer, or with "busy"."""
    async with current.turn:
        steps = respond(message, current, library, documents, lang)
        yield await run_in_threadpool(next, steps)
        try:
            async with turnstile:
                yield await run_in_threadpool(next, steps)
        except Busy:
            steps.close()
            yield refuse(message, current, lang, "busy")

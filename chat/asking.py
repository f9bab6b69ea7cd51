"""Questions from the page: each waits its turn without holding a thread, then is answered.

What is yielded are values for components: messages, and turns for the browser to keep. Gradio
works through each yield and each component at some cost, so there are two of both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

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
) -> AsyncIterator[tuple[list[dict[str, str]], str]]:
    """Yield (messages, inbox) with the question at once, then with its answer, or with "busy"."""
    async with current.turn:
        steps = respond(message, current, library, documents, lang)
        yield next(steps), for_inbox(current)
        try:
            async with turnstile:
                shown = await run_in_threadpool(next, steps)
        except Busy:
            steps.close()
            shown = refuse(message, current, lang, "busy")
        yield shown, for_inbox(current)

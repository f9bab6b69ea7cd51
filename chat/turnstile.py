"""How many questions are answered at once, and how many may wait: past that a clear "busy"."""

from __future__ import annotations

import asyncio
from types import TracebackType

AT_ONCE = 3
"""Answers computed at once: each uses several cores, the third while two are read or worded."""

WAITING = 80
"""Questions that may wait for their turn."""


class Busy(Exception):
    """Too many are waiting already."""


class Turnstile:
    """Lets questions through, first come, first served: ``async with turnstile: ...``.

    For one event loop. Entering raises `Busy` at once where ``waiting`` others wait.
    """

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._at_once = at_once
        self._room = at_once + waiting
        self._inside = 0
        self._turns = asyncio.Semaphore(at_once)

    @property
    def crowded(self) -> bool:
        """True while as many questions are here as are answered at once."""
        return self._inside >= self._at_once

    async def __aenter__(self) -> None:
        """Wait for the turn. Raises `Busy`."""
        if self._inside >= self._room:
            raise Busy
        self._inside += 1
        try:
            await self._turns.acquire()
        except BaseException:  # whoever waited has gone
            self._inside -= 1
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the next one in."""
        self._inside -= 1
        self._turns.release()

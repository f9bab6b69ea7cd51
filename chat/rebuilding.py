"""A rebuild of the index from the page: one at a time, while the old index answers."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chat.library import Library

_log = logging.getLogger("chat")


class Rebuilder:
    """Builds in a thread of the server; what it publishes is taken over without a restart."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._starting = threading.Lock()
        self._running = False
        self._started = 0.0
        self._state: dict[str, Any] = {"outcome": ""}

    def start(self) -> dict[str, Any]:
        """Begin a build unless one is under way; return `state`."""
        with self._starting:
            if not self._running and self._library.source is not None:
                self._running = True
                self._started = time.monotonic()
                self._report("read", 0, 0)
                # The thread may die with the process: a build that is cut off changes nothing.
                threading.Thread(target=self._run, name="rebuild", daemon=True).start()
        return self.state()

    def state(self) -> dict[str, Any]:
        """Return ``running`` with ``stage``, ``done``, ``total``, ``seconds``; or the ``outcome``.

        Outcomes: ``done``, ``unchanged``, ``locked``, ``unreadable``, ``disk``, ``failed``; empty
        if nothing was built since the server started.
        """
        state = {**self._state, "running": self._running}
        if self._running:
            state["seconds"] = round(time.monotonic() - self._started)
        return state

    def _report(self, stage: str, done: int, total: int) -> None:
        self._state = {"outcome": "", "stage": stage, "done": done, "total": total}

    def _run(self) -> None:
        outcome = "failed"
        try:
            outcome = self._build()
        except Exception as error:
            # Messages hold paths; the page says what to do in its own words.
            _log.exception("the rebuild failed")
            outcome = _in_a_word(error)
        finally:
            self._state = {"outcome": outcome}
            self._running = False
        if outcome == "done" and self._library.examples:
            self._renew_examples()

    def _renew_examples(self) -> None:
        """Offer only what the new index answers."""
        from chat.examples import find_examples

        try:
            self._library.examples = find_examples(self._library)
        except Exception:
            _log.exception("no example questions")
            self._library.examples = []

    def _build(self) -> str:
        import rag

        index = self._library.index()
        source = self._library.source or index.source
        encoder = index.manifest["encoder"]
        built = rag.build_index(
            source,
            index.folder,
            encoder=encoder["name"],
            precision=encoder.get("precision") or "int8",
            progress=self._report,
        )
        self._library.renew()
        return "unchanged" if built.manifest == index.manifest else "done"


def _in_a_word(error: Exception) -> str:
    from rag.errors import DocumentError, IndexLocked, IndexWriteError

    kinds = {IndexLocked: "locked", DocumentError: "unreadable", IndexWriteError: "disk"}
    return next((word for kind, word in kinds.items() if isinstance(error, kind)), "failed")

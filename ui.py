"""The web chat: ``python ui.py`` serves it, ``rag chat`` calls `serve`.

An adapter and nothing more: questions go to `rag.answer`, answers come back as Markdown. The
parts are in ``chat/``.
"""

from __future__ import annotations

import os
import sys

from chat.library import Library
from chat.login import read_account
from chat.server import make_app, serve
from chat.talking import Conversation, respond

__all__ = ["Conversation", "Library", "main", "make_app", "read_account", "respond", "serve"]


def main() -> None:
    """Build the index if it is missing or out of date, then serve the chat.

    ``RAG_SOURCE``, ``RAG_INDEX``, ``RAG_HOST`` and ``RAG_PORT`` replace the defaults; ``RAG_AUTH``
    is what ``rag chat --auth`` takes, and needed for a host that others reach.
    """
    import rag
    from rag.index import index_status

    source = os.environ.get("RAG_SOURCE") or "seeds"
    folder = os.environ.get("RAG_INDEX") or "index"
    host = os.environ.get("RAG_HOST") or "127.0.0.1"
    port = os.environ.get("RAG_PORT") or "7860"
    auth = os.environ.get("RAG_AUTH") or None
    try:
        read_account(auth, host)
        if index_status(folder, source).stale:
            sys.stderr.write(f"Building {folder} from {source}\n")
            rag.build_index(source, folder)
        serve(folder, source, host, int(port) if port.isdigit() else -1, auth=auth)
    except rag.RagError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()

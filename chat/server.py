"""The chat as a web server: page, spans and status behind one guard, started and stopped."""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chat.answer_routes import add_answer_routes
from chat.document_routes import add_document_routes
from chat.examples import find_examples
from chat.feedback import Feedback
from chat.guard import BodyLimit, Guard
from chat.labels import LABELS, language
from chat.library import Library
from chat.login import Account, Login, read_account
from chat.starting import import_gradio
from chat.turnstile import Turnstile

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag import Index

_log = logging.getLogger("chat")
_STATIC = Path(__file__).parent / "static"


def make_app(
    library: Library,
    hosts: Sequence[str] = (),
    *,
    uploads: bool = False,
    account: Account | None = None,
) -> FastAPI:
    """Return the chat as an ASGI application.

    Args:
        library: what is served.
        hosts: names, besides 127.0.0.1, localhost and ::1, under which the page may be asked for;
            ``*`` allows any.
        uploads: whether files may be put into the folder of documents from the page.
        account: who may come in; None for everybody.
    """
    import_gradio()
    import gradio as gr
    from fastapi import FastAPI
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.staticfiles import StaticFiles

    from chat.page import build_page, page_settings

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _add_routes(app, library)
    turnstile = Turnstile()
    add_answer_routes(app, library, turnstile)
    add_document_routes(app, library, uploads=uploads, login=account is not None)
    app.mount("/chat", StaticFiles(directory=_STATIC))
    gr.mount_gradio_app(app, build_page(library, turnstile), path="/", **page_settings())
    # The last one added stands outermost: whoever may not come in is refused before a body is read.
    app.add_middleware(BodyLimit)
    if account:
        app.add_middleware(Login, account=account)
    app.add_middleware(
        TrustedHostMiddleware,
        allowed_hosts=["127.0.0.1", "localhost", "[::1]", *hosts],
        www_redirect=False,
    )
    app.add_middleware(Guard, uploads=uploads)
    return app


def _add_routes(app: FastAPI, library: Library) -> None:
    def healthz() -> Response:
        return JSONResponse({"status": "ok", "generation": library.index().generation})

    def labels(request: Request) -> Response:
        return JSONResponse(LABELS[language(request.headers.get("accept-language", ""))])

    app.get("/healthz")(healthz)
    app.get("/chat/labels")(labels)


def serve(
    index: Index | str | Path = "index",
    source: str | Path | None = None,
    host: str = "127.0.0.1",
    port: int = 7860,
    *,
    examples: Sequence[str] = (),
    allow_upload: bool = False,
    feedback: str | Path | None = None,
    auth: str | None = None,
    open_to_all: bool = False,
) -> None:
    """Serve the chat over an index until interrupted; says the address on stderr when ready.

    What a build publishes while serving is taken over without a restart.

    Args:
        index: an index that has been built, or its folder.
        source: its folder of documents, to say when they have changed; None: as the index says.
        host: address to listen on.
        port: TCP port to listen on.
        examples: questions of the empty page; found in the index when left out.
        allow_upload: whether people may add files to ``source`` from the page.
        feedback: file that verdicts on answers are appended to; None: no thumbs are shown.
        auth: ``NAME:PASSWORD_FILE`` to ask for a login.
        open_to_all: listen on an address that others reach without a login.

    Raises:
        IndexFolderError: there is no index, or it cannot be used.
        RagError: the address cannot be listened on, or others reach it and nothing was said of
            them, or the password file cannot be used.
    """
    from rag.index import default_index

    account = read_account(auth, host, open_to_all)
    folder = index if isinstance(index, str | Path) else index.folder
    os.environ["RAG_INDEX"] = str(folder)
    opened = default_index()
    if not isinstance(index, str | Path):
        opened.adopt(index)
    listening = _listen(host, port)
    library = Library(default_index, examples, source or opened.source)
    library.feedback = Feedback(feedback) if feedback else None
    address = f"http://{'localhost' if host in ('', '0.0.0.0', '::') else host}:{port}"

    # Gradio's import leaves a core free, and afterwards the first page is being opened.
    library.examples_settled.clear()
    threading.Thread(target=_warm, args=(library,), daemon=True).start()
    with listening:
        app = make_app(library, _names(host), uploads=allow_upload, account=account)
        _run(app, listening, address)


def _run(app: FastAPI, listening: socket.socket, address: str) -> None:
    import uvicorn

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            sys.stderr.write(f"Ready: {address}  (Ctrl+C stops)\n")
            sys.stderr.flush()

    # A forwarded address could be anybody's word, and the login counts by address.
    config = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=75,  # closed sooner, a connection may go just as a request comes in
    )
    Announcing(config).run(sockets=[listening])


def _names(host: str) -> list[str]:
    """Return the names a browser may use for ``host``; any, where it listens everywhere."""
    return ["*"] if host in ("", "0.0.0.0", "::") else [f"[{host}]" if ":" in host else host]


def _listen(host: str, port: int) -> socket.socket:
    """Open the port before anything slow happens, so that a port in use is said at once."""
    from rag.errors import RagError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, since asyncio sends small packets at once (TCP_NODELAY) only then: 40 ms a reply.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        # Elsewhere this would let two servers share the port.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(1024)
    except (OSError, OverflowError) as error:
        opened.close()
        raise RagError(_cannot_listen(host, port, error)) from error
    return opened


def _cannot_listen(host: str, port: int, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use. Choose another: rag chat --port {port + 1}"
    if isinstance(error, OSError) and error.errno == errno.EACCES:
        return f"Port {port} needs more rights. Choose one above 1023: rag chat --port 7860"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"Cannot listen on {host}:{port}: {reason}. Try: rag chat --host 127.0.0.1 --port 7860"


def _warm(library: Library) -> None:
    """Load the model and find example questions while the server starts."""
    try:
        library.examples = list(library.examples) or find_examples(library)
    except Exception:
        _log.exception("no example questions")
    finally:
        library.examples_settled.set()

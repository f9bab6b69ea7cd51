"""What stands between the network and Gradio: headers, closed doors, a limit on bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 4_000_000
"""Largest request body in bytes: a question of 1 MB is still refused in words."""

UPLOAD = "/chat/upload"
UPLOAD_LIMIT = 20_000_000
"""Largest uploaded file in bytes, where uploads are allowed."""

POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

_HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]

# Gradio takes no files here and fetches nothing for anybody.
_CLOSED = ("/gradio_api/upload", "/gradio_api/proxy=", "/gradio_api/stream")


class Guard:
    """ASGI middleware that adds the headers to every reply and keeps doors closed."""

    def __init__(self, app: ASGIApp, *, uploads: bool = False) -> None:
        self.app = app
        self.closed = _CLOSED if uploads else (*_CLOSED, UPLOAD)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 403."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        guarded = _with_headers(send)
        if scope["path"].startswith(self.closed):
            await _refuse(guarded, 403, "This server takes no files.")
            return
        await self.app(scope, receive, guarded)


class BodyLimit:
    """ASGI middleware that counts the bytes of a body; it stands inside of whatever asks who it is.

    A request that is refused for its sender is then refused before its body is read.
    """

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 413."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = UPLOAD_LIMIT if scope["path"] == UPLOAD else self.limit
        body = await read_body(scope, receive, limit)
        if body is None:
            await _refuse(send, 413, f"More than {limit:,} bytes.")
            return
        await self.app(scope, _replay(body, receive), send)


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes | None:
    """Return the body, None once it passes the limit, whatever Content-Length claims."""
    if scope["method"] in ("GET", "HEAD"):
        return b""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            return None
    body = bytearray()
    while len(body) <= limit:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return bytes(body) if len(body) <= limit else None
    return None


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives the body that was read, then what follows it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name for name, _ in _HEADERS}
            kept = [h for h in message.get("headers", []) if h[0].lower() not in names]
            message = {**message, "headers": [*kept, *_HEADERS]}
        await send(message)

    return sending


def is_own(headers: Headers) -> bool:
    """Tell whether a request that changes something comes from a page of this server.

    Browsers name the origin of every such request; a program that is no browser need not.
    """
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


async def _refuse(send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

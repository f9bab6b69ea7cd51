"""One name and one password before the chat, for a server that others on the network can reach.

The password file holds the password, or what ``python -m chat.login`` makes of one. Wrong attempts
make an address wait, twice as long each time. Without TLS in front, whoever listens on the network
reads the password with everything else.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from chat.guard import read_body
from chat.labels import label, language
from rag.errors import RagError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "cited_rag_session"
HOURS = 12
FREE_ATTEMPTS = 3
"""Wrong attempts of an address before it has to wait."""
LONGEST_WAIT = 60
"""Seconds."""
_MOST_SESSIONS = 1_000
_MOST_ADDRESSES = 10_000
_FORM_LIMIT = 10_000
_OPEN = ("/healthz",)


class Account(NamedTuple):
    """Who may come in; the password as `hash_password` returns it."""

    name: str
    hashed: str


def hash_password(password: str) -> str:
    """Return ``scrypt:<salt>:<digest>``, hexadecimal, with a new salt."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{salt.hex()}:{_digest(password, salt).hex()}"


def is_password(password: str, hashed: str) -> bool:
    """Compare in a time that does not depend on where they differ."""
    _, salt, digest = hashed.split(":")
    return hmac.compare_digest(_digest(password, bytes.fromhex(salt)), bytes.fromhex(digest))


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, n=2**14, r=8, p=1)


def read_account(auth: str | None, host: str, open_to_all: bool = False) -> Account | None:
    """Return the account of ``NAME:PASSWORD_FILE``; None where no login is asked for.

    Args:
        auth: the option; None for no login.
        host: the address that will be listened on.
        open_to_all: whether everybody on the network is meant to come in.

    Raises:
        RagError: others can reach the address and nothing was said about them, or the file cannot
            be used; names the option that mends it.
    """
    if auth is None:
        if _is_loopback(host) or open_to_all:
            return None
        raise RagError(
            f"Everybody who reaches {host or '0.0.0.0'} could read the documents. Ask for a login: "
            "--auth NAME:PASSWORD_FILE, or say that this is wanted: --no-auth"
        )
    name, _, file = auth.partition(":")
    if not name or not file:
        raise RagError(f"--auth {auth!r}: say NAME:PASSWORD_FILE")
    try:
        password = Path(file).expanduser().read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RagError(f"the password file {file} cannot be read ({error})") from error
    if not password:
        raise RagError(f"the password file {file} is empty; write the password into it")
    return Account(name, password if _is_hash(password) else hash_password(password))


def _is_hash(text: str) -> bool:
    parts = text.split(":")
    return len(parts) == 3 and parts[0] == "scrypt" and [len(p) for p in parts[1:]] == [32, 128]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Login:
    """ASGI middleware that lets in whoever has logged in, by cookie or by Basic credentials."""

    def __init__(
        self, app: ASGIApp, account: Account, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.app = app
        self._account = account
        self._clock = clock
        self._sessions: dict[str, float] = {}
        self._wrong: dict[str, tuple[int, float]] = {}
        self._checking = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, answer it with the form, or refuse it."""
        if scope["type"] == "websocket":  # the chat has none
            await send({"type": "websocket.close"})
            return
        if scope["type"] != "http" or scope["path"] in _OPEN:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        reply = await self._reply(request)
        await (reply or self.app)(scope, receive, send)

    async def _reply(self, request: Request) -> Response | None:
        """Return what to answer with, None to pass the request on."""
        path, method = request.url.path, request.method
        if path == "/login":
            return await self._attempt(request) if method == "POST" else _form(request)
        known = self._has_session(request)
        if path == "/logout" and method == "POST":
            self._sessions.pop(request.cookies.get(COOKIE, ""), None)
            gone = RedirectResponse("/login", 303)
            gone.delete_cookie(COOKIE, httponly=True, samesite="strict")
            return gone
        if known:
            return None
        if credentials := _basic(request):
            return await self._refusal(request, *credentials)
        if method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/login", 303)
        return JSONResponse({"detail": "log in first"}, 401)

    def _has_session(self, request: Request) -> bool:
        return self._sessions.get(request.cookies.get(COOKIE, ""), 0) > self._clock()

    async def _attempt(self, request: Request) -> Response:
        body = await read_body(request.scope, request.receive, _FORM_LIMIT)
        if body is None:
            return JSONResponse({"detail": f"more than {_FORM_LIMIT:,} bytes"}, 413)
        sent = parse_qs(body.decode("utf-8", "replace"))
        name, password = (sent.get(key, [""])[0] for key in ("username", "password"))
        if refusal := await self._refusal(request, name, password):
            return refusal
        page = "text/html" in request.headers.get("accept", "")
        reply = RedirectResponse("/", 303) if page else JSONResponse({"success": True})
        secure = request.url.scheme == "https"
        reply.set_cookie(
            COOKIE, self._session(), httponly=True, samesite="strict", secure=secure, path="/"
        )
        return reply

    def _session(self) -> str:
        now = self._clock()
        self._sessions = {token: end for token, end in self._sessions.items() if end > now}
        while len(self._sessions) >= _MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        token = secrets.token_urlsafe(32)
        self._sessions[token] = now + 3600 * HOURS
        return token

    async def _refusal(self, request: Request, name: str, password: str) -> Response | None:
        """Return the refusal of a wrong name or password, or of an attempt that came too soon."""
        from starlette.concurrency import run_in_threadpool

        address = _network(request)
        # One at a time: the check is made to be slow, and what waits for it is counted first.
        async with self._checking:
            count, until = self._wrong.get(address, (0, 0.0))
            wait = until - self._clock()
            if wait > 0:
                return _refused(request, 429, "login_wait", wait)
            right = await run_in_threadpool(is_password, password, self._account.hashed)
            same = hmac.compare_digest(name.encode("utf-8", "replace"), self._account.name.encode())
            if right and same:
                self._wrong.pop(address, None)
                return None
            while len(self._wrong) >= _MOST_ADDRESSES:
                del self._wrong[next(iter(self._wrong))]
            count += 1
            wait = (
                min(LONGEST_WAIT, 2.0 ** (count - FREE_ATTEMPTS)) if count >= FREE_ATTEMPTS else 0
            )
            self._wrong[address] = (count, self._clock() + wait)
        return _refused(request, 401, "login_wrong", wait)


def _basic(request: Request) -> tuple[str, str] | None:
    """Return name and password of Basic credentials, None if there are none."""
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return "", ""
    name, _, password = decoded.partition(":")
    return name, password


def _network(request: Request) -> str:
    """Return the client's address; of IPv6 the half that one customer gets."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network(f"{host}/64", strict=False))


def _refused(request: Request, status: int, reason: str, wait: float) -> Response:
    headers = {"retry-after": str(max(1, round(wait)))} if wait > 0 else {}
    if "text/html" in request.headers.get("accept", ""):
        reply: Response = _form(request, reason, status)
    else:
        reply = JSONResponse({"detail": label("en", reason)}, status)
    reply.headers.update(headers)
    return reply


def _form(request: Request, problem: str = "", status: int = 200) -> Response:
    """Return the page that asks for name and password; it needs no script."""
    lang = language(request.headers.get("accept-language", ""))
    said = f'<p role="alert">{label(lang, problem)}</p>' if problem else ""
    words = {key: label(lang, f"login_{key}") for key in ("name", "password", "enter")}
    return HTMLResponse(
        f"""<!DOCTYPE html>
<html lang="{lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{label(lang, "page_title")}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 20rem; margin: 18vh auto; padding: 0 1rem;
  font: 16px/1.5 system-ui, sans-serif; }}
h1 {{ font-size: 1.3rem; }}
label, input, button {{ display: block; width: 100%; box-sizing: border-box; font: inherit; }}
input, button {{ padding: .5rem .7rem; margin: .2rem 0 1rem; border: 1px solid #8888;
  border-radius: 8px; }}
[role=alert] {{ padding: .5rem .7rem; border-radius: 8px; color: light-dark(#7a4b00, #f2cc85);
  background: light-dark(#fff4dc, #3a2e17); }}
button {{ background: #1d4f91; color: #fff; border-color: #1d4f91; cursor: pointer; }}
</style></head>
<body><main><h1>{label(lang, "page_title")}</h1>{said}
<form method="post" action="/login">
<label for="username">{words["name"]}</label>
<input id="username" name="username" autocomplete="username" autofocus required>
<label for="password">{words["password"]}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>{words["enter"]}</button>
</form></main></body></html>""",
        status,
    )


def main() -> None:
    """Ask for a password twice and print what the password file may hold instead of it."""
    import getpass

    password = getpass.getpass("Password: ")
    if not password or getpass.getpass("Again: ") != password:
        sys.stderr.write("The two are not the same, or empty.\n")
        raise SystemExit(1)
    sys.stdout.write(hash_password(password) + "\n")


if __name__ == "__main__":
    main()

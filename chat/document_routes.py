"""What the Documents tab asks the server: status, titles, rebuild, upload."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chat.guard import UPLOAD, UPLOAD_LIMIT, is_own
from chat.library import Library
from chat.rebuilding import Rebuilder
from chat.uploading import safe_name, save_upload, suffixes

if TYPE_CHECKING:
    from fastapi import FastAPI

_STATUS = {"saved": 200, "exists": 409, "disk": 500}


def add_document_routes(
    app: FastAPI, library: Library, *, uploads: bool = False, login: bool = False
) -> None:
    """Add the routes; uploads answer 403 unless they are allowed.

    ``login`` says whether people had to log in, and so can log out.
    """
    rebuilder = Rebuilder(library)

    def status() -> Response:
        told = {**library.status(), "rebuild": library.source is not None}
        if login:
            told["login"] = True
        if uploads:
            told["upload"] = {"limit": UPLOAD_LIMIT, "suffixes": suffixes()}
        return JSONResponse(told)

    def documents() -> Response:
        return JSONResponse(library.titles())

    def progress() -> Response:
        return JSONResponse(rebuilder.state())

    def rebuild(request: Request) -> Response:
        if not is_own(request.headers):
            return _foreign()
        return JSONResponse(rebuilder.start())

    async def upload(request: Request, name: str, replace: bool = False) -> Response:
        if not is_own(request.headers):
            return _foreign()
        content = await request.body()
        result = await run_in_threadpool(_save, library, name, content, replace)
        return JSONResponse(result, _STATUS.get(str(result["result"]), 400))

    app.get("/chat/status")(status)
    app.get("/chat/documents")(documents)
    app.get("/chat/rebuild")(progress)
    app.post("/chat/rebuild")(rebuild)
    if uploads and library.source is not None:
        app.post(UPLOAD)(upload)


def _save(library: Library, name: str, content: bytes, replace: bool) -> dict[str, Any]:
    result = save_upload(Path(library.source or ""), name, content, replace=replace)
    if result == "saved":
        library.renew()
    return {"result": result, "name": safe_name(name)}


def _foreign() -> Response:
    return JSONResponse({"error": "asked by another site"}, 403)

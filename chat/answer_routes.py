"""What the page asks about answers: spans, pages, figures, follow-ups, an export, verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chat.evidence import now, references
from chat.exporting import make_export
from chat.figures_view import FiguresView
from chat.followups import FollowUps
from chat.labels import language
from chat.library import Library
from chat.pictures_view import PicturesView
from chat.turnstile import Turnstile

if TYPE_CHECKING:
    from fastapi import FastAPI

_MOST_SPANS = 40
_MOST_ASKED = 60
_KEPT = {"cache-control": "private, max-age=600"}


def add_answer_routes(app: FastAPI, library: Library, turnstile: Turnstile) -> None:
    """Add the routes; what is sent to them is JSON, refused with 415 or 400 otherwise."""
    shown = FiguresView(library)
    suggesting = FollowUps(library, lambda: turnstile.crowded)
    drawing = PicturesView(library)

    def reading(document: str, start: int, end: int, mark: str = "") -> Response:
        return JSONResponse(library.reading((document, start, end, mark)))

    def pictures(document: str, start: int, end: int, mark: str = "") -> Response:
        found = drawing.of_span(document, start, end, mark)
        return JSONResponse(found, headers=_KEPT) if found else JSONResponse([], 404)

    async def spans(request: Request) -> Response:
        wanted = references(await _sent(request))[:_MOST_SPANS]
        return JSONResponse(library.spans(wanted))

    def figures(document: str | None = None) -> Response:
        return JSONResponse(shown.of_document(document))

    async def cited_figures(request: Request) -> Response:
        wanted = references(await _sent(request))
        return JSONResponse(await run_in_threadpool(shown.of_spans, wanted))

    async def followups(request: Request) -> Response:
        sent = await _sent(request)
        asked = sent.get("asked") if isinstance(sent, dict) else None
        if not isinstance(asked, list):
            raise HTTPException(400, "send spans and asked, two lists")
        done = [str(question) for question in asked[:_MOST_ASKED]]
        near = references(sent.get("spans"))
        return JSONResponse(await run_in_threadpool(suggesting.after, near, done))

    async def export(request: Request) -> Response:
        lang = language(request.headers.get("accept-language", ""))
        page = await run_in_threadpool(make_export, library, await _sent(request), lang)
        if page is None:
            return JSONResponse({"error": "no answers to export"}, 400)
        name = f"conversation-{now()[:10]}.html"
        attached = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(page, media_type="text/html", headers=attached)

    async def judge(request: Request) -> Response:
        if library.feedback is None:
            return JSONResponse({"error": "this server takes no feedback"}, 404)
        sent = await _sent(request)
        kept = await run_in_threadpool(library.feedback.add, sent, library.index())
        return Response(status_code={True: 204, False: 507, None: 400}[kept])

    app.get("/chat/reading")(reading)
    app.get("/chat/pictures")(pictures)
    app.post("/chat/spans")(spans)
    app.get("/chat/figures")(figures)
    app.post("/chat/figures")(cited_figures)
    app.post("/chat/followups")(followups)
    app.post("/chat/export")(export)
    app.post("/chat/feedback")(judge)


async def _sent(request: Request) -> Any:
    """Return the JSON of a request.

    Raises:
        HTTPException: 415 for what another site's form could send, 400 for what is no JSON.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "send JSON as application/json")
    try:
        return await request.json()
    except (ValueError, RecursionError):
        raise HTTPException(400, "not JSON") from None

"""The one page: the conversation on the left, sources and documents on the right.

Only Gradio's components that evaluate no script text are used (no ``gr.HTML``, no ``js=``), so
that the Content-Security-Policy can do without ``unsafe-eval``. Cards, reader and hover cards are
drawn by ``static/chat.js`` inside ``#sources`` and ``#side``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from chat.asking import ask_typed
from chat.documents_view import scope_line, skipped_files, ticks
from chat.endpoints import add_endpoints
from chat.labels import LABELS, counted, label, language
from chat.library import Library
from chat.rendering import escape, link_question
from chat.talking import Session, for_inbox, messages, opened, stop_asking
from chat.turnstile import Turnstile

if TYPE_CHECKING:
    from rag import Index

_EXAMPLES = 4
_AT_ONCE = 4
_MANY = 16
_MOST_EVENTS = 256
"""Events that Gradio lets run; questions among them wait at the turnstile."""
_MOST_WAITING = 1000
_EXAMPLES_PATIENCE = 30.0
"""Seconds."""
_READY = "ready"

Update = dict[str, Any]


def build_page(library: Library, turnstile: Turnstile) -> gr.Blocks:
    """Return the page over ``library``; `page_settings` go to the call that mounts it."""
    text = gr.I18n(**LABELS)
    page: gr.Blocks = gr.Blocks(title=LABELS["en"]["page_title"], fill_height=True, fill_width=True)
    with page:
        gr.Markdown(f"# {LABELS['en']['page_title']}", elem_id="heading")
        session = gr.State(Session())
        with gr.Row(elem_id="room"):
            with gr.Column(elem_id="talk"):
                talk = _talk(text)
            with gr.Column(elem_id="side"):
                side = _side(text)
        _wire(page, library, turnstile, talk, side, session)
        add_endpoints(library, turnstile)
    page.max_threads = _MOST_EVENTS  # threads of its own, so that what the page reads has others
    page.queue(
        status_update_rate=5,
        api_open=False,
        max_size=_MOST_WAITING,
        default_concurrency_limit=_AT_ONCE,
    )
    return page


def page_settings() -> Update:
    """Return the keyword arguments of ``gr.mount_gradio_app`` that belong to the page."""
    font = gr.themes.utils.fonts.LocalFont("Source Sans Pro", weights=(400, 700))
    mono = gr.themes.utils.fonts.LocalFont("IBM Plex Mono", weights=(400,))
    return {
        "theme": gr.themes.Default(
            primary_hue="slate",
            neutral_hue="slate",
            font=[font, "system-ui", "sans-serif"],
            font_mono=[mono, "ui-monospace", "monospace"],
        ),
        "i18n": gr.I18n(**LABELS),
        "head": '<link rel="stylesheet" href="/chat/chat.css">'
        '<script type="module" src="/chat/chat.js"></script>',
        "footer_links": [],
        "run_history": False,
        "show_error": False,
        "enable_monitoring": False,
        "max_file_size": 1,
    }


def _talk(text: Any) -> tuple[Any, ...]:
    gr.Button(text("new"), elem_id="fresh", size="sm", variant="secondary")
    chat = gr.Chatbot(
        elem_id="chat",
        show_label=False,
        container=False,
        height="100%",
        layout="bubble",
        buttons=[],
        latex_delimiters=[],
        allow_tags=False,
        group_consecutive_messages=False,
        feedback_options=None,
        label=text("conversation"),
        placeholder=" ",
    )
    scope = gr.Markdown("", elem_id="scope", visible=False, latex_delimiters=[])
    gr.Textbox(
        elem_id="box",
        show_label=False,
        container=False,
        lines=1,
        max_lines=6,
        autofocus=True,
        interactive=True,
        submit_btn=True,
        label=text("question"),
        placeholder=text("ask_placeholder"),
    )
    # What the page's script sends goes through here, so that the box is free for the next question.
    outbox = gr.Textbox(elem_id="outbox", label="outbox", visible="hidden")
    # The browser keeps the conversations: it opens one here, and finds each new turn in the inbox.
    opening = gr.Textbox(elem_id="opening", label="opening", visible="hidden")
    inbox = gr.Textbox(elem_id="inbox", label="inbox", visible="hidden")
    return chat, scope, outbox, opening, inbox


def _side(text: Any) -> tuple[Any, ...]:
    with gr.Tabs(elem_id="tabs"):
        with gr.Tab(text("sources"), id="sources"):
            gr.Column(elem_id="sources")
        with gr.Tab(text("figures"), id="figures"):
            gr.Column(elem_id="figures")
        with gr.Tab(text("documents"), id="documents"), gr.Column(elem_id="documents"):
            with gr.Row(elem_id="ticks"):
                every = gr.Button(text("all"), size="sm", variant="secondary", min_width=0)
                no = gr.Button(text("none"), size="sm", variant="secondary", min_width=0)
            picks = gr.CheckboxGroup(
                [], elem_id="picks", label=text("search_in"), container=False, interactive=True
            )
            skipped = gr.Markdown("", elem_id="skipped", latex_delimiters=[])
    # Pressed by the page's script: when another index is served, when a question is taken back.
    renew = gr.Button("renew", elem_id="renew", visible="hidden")
    stop = gr.Button("stop", elem_id="stop", visible="hidden")
    return picks, every, no, skipped, renew, stop


def _wire(
    page: Any,
    library: Library,
    turnstile: Turnstile,
    talk: tuple[Any, ...],
    side: tuple[Any, ...],
    session: Any,
) -> None:
    """Connect the components; every event is private, so the API shows none of them."""
    chat, scope, outbox, opening, inbox = talk
    picks, every, no, skipped, renew, stop = side
    listed = gr.State([])
    quiet = {"show_progress": "hidden", "api_visibility": "private"}

    async def ask(
        message: str,
        ticked: list[str],
        before: list[str],
        own: Session,
        kept: str,
        request: gr.Request,
    ) -> AsyncIterator[tuple[Any, ...]]:
        # Without a list of documents the boxes are not there yet, and nothing is ticked off.
        documents = ticked if before else None
        current = own.of(opened(kept))
        asked = ask_typed(library, turnstile, message, documents, current, _lang(request))
        async for shown, sent in asked:
            yield shown, sent

    def start(request: gr.Request) -> tuple[Any, ...]:
        lang, index = _lang(request), library.index()
        empty = gr.Chatbot(placeholder=_welcome(library, index, lang))
        return empty, ticks(library, index, lang), skipped_files(index, lang), _ids(index)

    def switch(kept: str, own: Session) -> tuple[Any, str]:
        own.current = opened(kept)
        return messages(own.current.turns), for_inbox(own.current)

    def limit(ticked: list[str], request: gr.Request) -> Any:
        return scope_line(library.index(), ticked, _lang(request))

    def stopped(own: Session) -> Any:
        return stop_asking(own.current)

    asking = outbox.submit(
        ask,
        [outbox, picks, listed, session, opening],
        [chat, inbox],
        trigger_mode="multiple",
        concurrency_limit=None,
        **quiet,
    )
    stop.click(stopped, [session], [chat], cancels=[asking], concurrency_limit=_MANY, **quiet)
    opening.submit(
        switch,
        [opening, session],
        [chat, inbox],
        trigger_mode="multiple",
        concurrency_limit=_MANY,
        **quiet,
    )

    def offer(request: gr.Request) -> Any:
        return _offer(library, _lang(request))

    # The second event tells the page's script that everything is in place and it may send.
    page.load(start, None, [chat, picks, skipped, listed], **quiet).then(
        lambda: gr.Textbox(placeholder=_READY), None, [outbox], **quiet
    )
    page.load(offer, None, [chat], concurrency_limit=_MANY, **quiet)

    def renewed(ticked: list[str], before: list[str], request: gr.Request) -> tuple[Any, ...]:
        lang, index = _lang(request), library.index()
        boxes = ticks(library, index, lang, ticked, before)
        return boxes, skipped_files(index, lang), _ids(index)

    renew.click(renewed, [picks, listed], [picks, skipped, listed], **quiet)
    picks.change(limit, [picks], [scope], **quiet)
    every.click(lambda: _ids(library.index()), None, [picks], **quiet)
    no.click(list, None, [picks], **quiet)


def _ids(index: Index) -> list[str]:
    return list(index.documents.ids)


def _offer(library: Library, lang: str) -> Any:
    """Return the empty state with the examples that were still looked for on opening the page."""
    if library.examples_settled.is_set():
        return gr.skip()
    library.examples_settled.wait(_EXAMPLES_PATIENCE)
    return gr.Chatbot(placeholder=_welcome(library, library.index(), lang))


def _lang(request: Any) -> str:
    return language(request.headers.get("accept-language", "") if request else "")


def _welcome(library: Library, index: Index, lang: str) -> str:
    """Return the empty state: one sentence, and questions that run on click."""
    documents = counted(lang, "document", len(index.documents))
    lines = [escape(label(lang, "intro", documents=documents)), ""]
    lines += [f"- {link_question(q)}" for q in library.examples[:_EXAMPLES]]
    return "\n".join(lines)

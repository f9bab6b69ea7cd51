"""The one page: the conversation on the left, sources and documents on the right.

Only Gradio's components that evaluate no script text are used (no ``gr.HTML``, no ``js=``), so
that the Content-Security-Policy can do without ``unsafe-eval``. Cards, reader and hover cards are
drawn by ``static/chat.js`` inside ``#sources`` and ``#side``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from chat.asking import ask_linked, ask_typed
from chat.endpoints import add_endpoints
from chat.labels import LABELS, counted, label, language
from chat.library import Library
from chat.rendering import escape, link_question, scrub
from chat.talking import Conversation, messages, restored
from chat.turnstile import Turnstile

_EXAMPLES = 4
_STORAGE_KEY = "cited-rag-conversation"
# Not a secret: it only has to stay the same, so that a conversation outlives the server.
_STORAGE_SECRET = "cited-rag"
_AT_ONCE = 4
_MANY = 16
_MOST_EVENTS = 256
"""Events that Gradio lets run; questions among them wait at the turnstile."""
_MOST_WAITING = 1000
_EXAMPLES_PATIENCE = 30.0
"""Seconds."""
_READY = "ready"

Update = dict[str, Any]


def build_page(library: Library) -> gr.Blocks:
    """Return the page over ``library``; `page_settings` go to the call that mounts it."""
    text = gr.I18n(**LABELS)
    page: gr.Blocks = gr.Blocks(title=LABELS["en"]["page_title"], fill_height=True, fill_width=True)
    with page:
        gr.Markdown(f"# {LABELS['en']['page_title']}", elem_id="heading")
        kept = gr.BrowserState([], storage_key=_STORAGE_KEY, secret=_STORAGE_SECRET)
        session = gr.State(None)
        with gr.Row(elem_id="room"):
            with gr.Column(elem_id="talk"):
                talk = _talk(text)
            with gr.Column(elem_id="side"):
                side = _side(text)
        turnstile = Turnstile()
        _wire(page, library, turnstile, talk, side, (session, kept))
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
    fresh = gr.Button(text("new"), elem_id="fresh", size="sm", variant="secondary")
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
    box = gr.Textbox(
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
    return chat, scope, box, outbox, fresh


def _side(text: Any) -> tuple[Any, Any, Any, Any]:
    with gr.Tabs(elem_id="tabs"):
        with gr.Tab(text("sources"), id="sources"):
            gr.Column(elem_id="sources")
        with gr.Tab(text("documents"), id="documents"), gr.Column(elem_id="documents"):
            with gr.Row(elem_id="ticks"):
                every = gr.Button(text("all"), size="sm", variant="secondary", min_width=0)
                no = gr.Button(text("none"), size="sm", variant="secondary", min_width=0)
            picks = gr.CheckboxGroup(
                [], elem_id="picks", label=text("search_in"), container=False, interactive=True
            )
            skipped = gr.Markdown("", elem_id="skipped", latex_delimiters=[])
    return picks, every, no, skipped


def _wire(
    page: Any,
    library: Library,
    turnstile: Turnstile,
    talk: tuple[Any, ...],
    side: tuple[Any, ...],
    states: tuple[Any, Any],
) -> None:
    """Connect the components; every event is private, so the API shows none of them."""
    chat, scope, box, outbox, fresh = talk
    picks, every, no, skipped = side
    session, kept = states
    quiet = {"show_progress": "hidden", "api_visibility": "private"}

    async def ask(
        message: str,
        ticked: list[str],
        current: Conversation | None,
        stored: Any,
        request: gr.Request,
    ) -> AsyncIterator[tuple[Any, ...]]:
        current = current or Conversation(restored(stored))
        asked = ask_typed(library, turnstile, message, ticked, current, _lang(request))
        async for shown, box, turns in asked:
            yield shown, box, current, turns

    def start(stored: Any, request: gr.Request) -> tuple[Any, ...]:
        return _start(library, stored, _lang(request))

    async def linked(current: Conversation, request: gr.Request) -> AsyncIterator[tuple[Any, ...]]:
        # The first update tells the page's script that everything is in place and it may send.
        yield gr.Textbox(placeholder=_READY), gr.skip(), gr.skip(), gr.skip()
        question = str(request.query_params.get("q") or "")
        async for shown, turns in ask_linked(library, turnstile, question, current, _lang(request)):
            yield gr.skip(), shown, current, turns

    def limit(ticked: list[str], request: gr.Request) -> Any:
        return _scope(library, ticked, _lang(request))

    outbox.submit(
        ask,
        [outbox, picks, session, kept],
        [chat, box, session, kept],
        trigger_mode="multiple",
        concurrency_limit=None,
        **quiet,
    )

    def offer(request: gr.Request) -> Any:
        return _offer(library, _lang(request))

    # Not in one event: its last word would wipe out an answer that came before it.
    page.load(start, [kept], [chat, picks, skipped, session], **quiet).then(
        linked, [session], [outbox, chat, session, kept], **quiet
    )
    page.load(offer, None, [chat], concurrency_limit=_MANY, **quiet)
    fresh.click(lambda: ([], Conversation(), []), None, [chat, session, kept], **quiet)
    picks.change(limit, [picks], [scope], **quiet)
    every.click(lambda: [d["id"] for d in library.listing()], None, [picks], **quiet)
    no.click(list, None, [picks], **quiet)


def _start(library: Library, stored: Any, lang: str) -> tuple[Any, ...]:
    """Return (chat, documents, skipped, session) of a page that has just been opened."""
    current = Conversation(restored(stored))
    chat = gr.Chatbot(
        value=messages(current.turns),  # type: ignore[arg-type]
        placeholder=_welcome(library, lang),
    )
    return chat, _ticks(library, lang), _skipped(library, lang), current


def _offer(library: Library, lang: str) -> Any:
    """Return the empty state with the examples that were still looked for on opening the page."""
    if library.examples_settled.is_set():
        return gr.skip()
    library.examples_settled.wait(_EXAMPLES_PATIENCE)
    return gr.Chatbot(placeholder=_welcome(library, lang))


def _lang(request: Any) -> str:
    return language(request.headers.get("accept-language", "") if request else "")


def _welcome(library: Library, lang: str) -> str:
    """Return the empty state: one sentence, and questions that run on click."""
    documents = counted(lang, "document", len(library.index().documents))
    lines = [escape(label(lang, "intro", documents=documents)), ""]
    lines += [f"- {link_question(q)}" for q in library.examples[:_EXAMPLES]]
    return "\n".join(lines)


def _ticks(library: Library, lang: str) -> Any:
    listing = library.listing()
    choices = [(_described(document, lang), document["id"]) for document in listing]
    return gr.CheckboxGroup(choices=choices, value=[document["id"] for document in listing])


def _described(document: dict[str, Any], lang: str) -> str:
    """Return title, file and what else there is to know of a document, each on its own line."""
    facts = [counted(lang, "passage", document["passages"])]
    if document["changed"]:
        facts.append(label(lang, "changed", date=document["changed"]))
    facts.append(counted(lang, "character", document["characters"]))
    return f"{document['title']}\n{scrub(document['id'])}\n{' · '.join(facts)}"


def _skipped(library: Library, lang: str) -> str:
    skipped = library.index().skipped
    if not skipped:
        return ""
    lines = [f"- **{escape(item.id)}** {escape(item.reason)}" for item in skipped]
    return "\n".join([f"### {label(lang, 'skipped')}", "", *lines])


def _scope(library: Library, ticked: list[str], lang: str) -> Any:
    total = len(library.index().documents)
    limited = len(ticked) < total
    words = label(lang, "scope", n=len(ticked), total=total) if limited else ""
    return gr.Markdown(value=words, visible=limited)

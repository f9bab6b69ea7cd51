"""Questions in, turns of a conversation out; tested without a server.

A turn keeps what the page shows and the plain texts that complete a follow-up question. Turns
are JSON, because the browser keeps them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Collection, Generator, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from chat.labels import label
from chat.reasons import refused
from chat.rendering import clip, escape, escape_lines, render_answer

if TYPE_CHECKING:
    from chat.library import Library
    from rag import Index

_log = logging.getLogger("chat")
_KEPT_TURNS = 30
_KEPT_CHARACTERS = 300_000
_SHOWN_QUESTION = 400
_LONGEST_ID = 80
_RESENT = 3


class Turn(TypedDict):
    """One question and what was replied; ``answered`` is false for a refusal or a failure."""

    question: str
    text: str
    shown: str
    answered: bool


class Conversation:
    """The turns of one conversation; ``id`` is the browser's own name for it.

    ``turn`` is held while a question is answered: what is asked meanwhile waits for it. ``stops``
    counts how often questions were taken back.
    """

    def __init__(self, turns: Sequence[Turn] = (), id: str = "") -> None:
        self.id = id
        self.turns: list[Turn] = list(turns)
        self.added: list[tuple[str, Turn]] = []
        self.turn = asyncio.Lock()
        self.stops = 0

    @property
    def history(self) -> list[tuple[str, str]]:
        """The answered turns as `rag.answer` takes them, oldest first."""
        return [(turn["question"], turn["text"]) for turn in self.turns if turn["answered"]]

    def add(self, turn: Turn) -> None:
        """Append a turn; the oldest go when there are too many for the browser to keep."""
        self.added = [*self.added[1 - _RESENT :], (str(time.time_ns()), turn)]
        self.turns.append(turn)
        self.turns = self.turns[-_KEPT_TURNS:]
        while len(self.turns) > 1 and _size(self.turns) > _KEPT_CHARACTERS:
            del self.turns[0]


class Session:
    """What the server holds of one open page; changed in place, so that it is nobody's output."""

    def __init__(self) -> None:
        self.current = Conversation()

    def of(self, kept: Conversation) -> Conversation:
        """Return the conversation at hand, or ``kept`` if the browser has opened another."""
        if self.current.id != kept.id:
            self.current = kept
        return self.current


def _size(turns: Sequence[Turn]) -> int:
    return sum(len(turn["question"]) + len(turn["text"]) + len(turn["shown"]) for turn in turns)


def restored(kept: Any) -> list[Turn]:
    """Return the turns that a browser kept; whatever has another shape is left out."""
    turns: list[Turn] = []
    for item in kept if isinstance(kept, list) else []:
        if not isinstance(item, dict):
            continue
        question, text, shown = item.get("question"), item.get("text"), item.get("shown")
        if isinstance(question, str) and isinstance(text, str) and isinstance(shown, str):
            answered = item.get("answered") is True
            turns.append(Turn(question=question, text=text, shown=shown, answered=answered))
    return turns[-_KEPT_TURNS:]


def opened(text: str) -> Conversation:
    """Return the conversation that a browser kept as JSON, ``{"id": …, "turns": […]}``.

    Empty for anything else, and for what no browser of ours would keep.
    """
    try:
        kept = json.loads(text) if len(text) <= 2 * _KEPT_CHARACTERS else None
    except (ValueError, RecursionError):
        kept = None
    if not isinstance(kept, dict) or not isinstance(kept.get("id"), str):
        return Conversation()
    return Conversation(restored(kept.get("turns")), kept["id"][:_LONGEST_ID])


def for_inbox(conversation: Conversation) -> str:
    """Return JSON for the browser: ``id`` of the conversation and the turns added last.

    Each turn comes with a stamp of its own and several times, should the browser not have looked
    in between.
    """
    stamp = str(time.time_ns())
    return json.dumps({"id": conversation.id, "stamp": stamp, "turns": conversation.added})


def messages(turns: Sequence[Turn], pending: str | None = None) -> list[dict[str, str]]:
    """Return the turns as messages of a Chatbot, ``pending`` a question not yet answered."""
    shown: list[dict[str, str]] = []
    for turn in turns:
        shown.append({"role": "user", "content": _bubble(turn["question"])})
        shown.append({"role": "assistant", "content": turn["shown"]})
    if pending is not None:
        shown.append({"role": "user", "content": _bubble(pending)})
    return shown


def _bubble(question: str) -> str:
    if len(question) > _SHOWN_QUESTION:
        question = clip(question[: 2 * _SHOWN_QUESTION], _SHOWN_QUESTION)
    return escape_lines(question) or "&nbsp;"


def respond(
    message: str,
    conversation: Conversation,
    library: Library,
    documents: Collection[str] | None = None,
    lang: str = "en",
) -> Generator[list[dict[str, str]], None, None]:
    """Answer one message: yield the messages with the question shown, then with its answer.

    The first step is quick, the second computes.

    Args:
        message: what was typed, at most 4,000 characters.
        conversation: receives the turn; its earlier turns complete a follow-up question.
        library: the index that answers.
        documents: ids to search in, of which those count that the index has; None for all.
        lang: ``en`` or ``zh``, for the chat's own words.

    Yields:
        Messages for the Chatbot. An error is a reply, never an exception.
    """
    before = conversation.stops
    yield messages(conversation.turns, message)
    turn = _turn(message, conversation.history, library, documents, lang)
    if conversation.stops == before:
        conversation.add(turn)
    yield messages(conversation.turns)


def stop_asking(conversation: Conversation) -> list[dict[str, str]]:
    """Take back what is being asked: its answer will not be kept. Return the messages without."""
    conversation.stops += 1
    return messages(conversation.turns)


def refuse(
    message: str, conversation: Conversation, lang: str, reason: str
) -> list[dict[str, str]]:
    """Add a turn that says why there is no answer, by a label; return the messages."""
    conversation.add(_refusal(message, label(lang, reason)))
    return messages(conversation.turns)


def _turn(
    message: str,
    history: list[tuple[str, str]],
    library: Library,
    documents: Collection[str] | None,
    lang: str,
) -> Turn:
    from rag.errors import QuestionError

    try:
        return _answered(message, history, library, documents, lang)
    except QuestionError as error:
        return _refusal(message, refused(error, lang))
    except Exception:
        # Whatever went wrong is for the log: its text may hold paths and document text.
        _log.exception("no answer to a question of %d characters", len(message))
        return _refusal(message, label(lang, "failed"))


def _answered(
    message: str,
    history: list[tuple[str, str]],
    library: Library,
    documents: Collection[str] | None,
    lang: str,
) -> Turn:
    index = library.index()
    chosen = _chosen(index, documents)
    if chosen == []:
        return _refusal(message, label(lang, "no_scope"))
    started = time.perf_counter()
    answer = library.answer(message, index, history=history, documents=chosen)
    milliseconds = round((time.perf_counter() - started) * 1000)
    tries = [q for q in library.examples if q != message][:2] if answer.abstained else []
    judged = library.feedback is not None
    shown = render_answer(answer, index, milliseconds, lang, tries, documents=chosen, judged=judged)
    return Turn(question=message, text=answer.text, shown=shown, answered=True)


def _chosen(index: Index, documents: Collection[str] | None) -> list[str] | None:
    """Return those of the documents that the index still has, None when these are all."""
    known = [document.id for document in index.documents]
    chosen = known if documents is None else [name for name in known if name in documents]
    return None if len(chosen) == len(known) else chosen


def _refusal(message: str, text: str) -> Turn:
    return Turn(
        question=clip(message, _SHOWN_QUESTION), text=text, shown=escape(text), answered=False
    )

"""An answer that takes long: what is seen meanwhile, and how it is stopped."""

from __future__ import annotations

import asyncio
import threading

import pytest
from conftest import quote_best, run_elsewhere, serving

from chat.asking import ask_typed
from chat.library import Library
from chat.talking import Conversation, respond, stop_asking
from chat.turnstile import Turnstile

QUESTION = "What is the market capitalization in CNY?"
OTHER = "How much did rare earth metals output increase?"


def test_what_was_taken_back_is_not_kept(seed_index):
    conversation = Conversation()
    steps = respond(QUESTION, conversation, Library(lambda: seed_index, answer=quote_best))
    assert len(next(steps)) == 1
    assert stop_asking(conversation) == []
    assert next(steps) == []
    assert conversation.turns == conversation.added == []
    *_, shown = respond(OTHER, conversation, Library(lambda: seed_index, answer=quote_best))
    assert len(shown) == 2


def test_what_is_stopped_while_it_waits_is_not_computed(seed_index):
    computed = []

    def noting(question, *arguments, **options):
        computed.append(question)
        return quote_best(question, *arguments, **options)

    async def run():
        turnstile = Turnstile(at_once=1)
        library = Library(lambda: seed_index, answer=noting)

        async def ask(question):
            asked = ask_typed(library, turnstile, question, None, Conversation(), "en")
            return [shown async for shown in asked]

        async with turnstile:
            waiting = [asyncio.create_task(ask(question)) for question in (QUESTION, OTHER)]
            await asyncio.sleep(0.05)
            waiting[0].cancel()
        return await asyncio.gather(*waiting, return_exceptions=True)

    stopped, shown = run_elsewhere(run)
    assert isinstance(stopped, asyncio.CancelledError)
    assert [len(messages) for messages, _ in shown] == [1, 2]
    assert computed == [OTHER]


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("width", [1400, 320])
def test_a_long_answer_shows_progress_and_can_be_stopped(open_tab, seed_index, width):
    go_on, answered = threading.Event(), threading.Event()

    def slow(question, *arguments, **options):
        if question == QUESTION:
            go_on.wait(30)
        given = quote_best(question, *arguments, **options)
        answered.set()
        return given

    with serving(Library(lambda: seed_index, answer=slow)) as address:
        tab = open_tab(address, width=width)
        page = tab.page
        page.fill("#box textarea", QUESTION)
        page.keyboard.press("Enter")
        page.locator("#chat .user-row").wait_for()
        working = page.locator("#working")
        working.wait_for()
        assert working.get_by_role("status").text_content() == "Reading the documents …"
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        working.get_by_role("button", name="Stop").click()
        page.locator("#chat .user-row").wait_for(state="detached")
        assert page.locator("#working").count() == 0
        assert page.input_value("#box textarea") == QUESTION
        assert tab.is_focused("#box textarea")
        go_on.set()
        answered.wait(30)
        page.fill("#box textarea", "")
        tab.ask(OTHER)
        tab.number().wait_for()
        asked = page.locator("#chat .user-row").all_text_contents()
        assert [text.strip() for text in asked] == [OTHER]
        assert page.locator("#working").count() == 0
        assert tab.complaints == []

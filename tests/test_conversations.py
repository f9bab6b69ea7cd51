"""Conversations in a real browser: kept across reloads and restarts, listed, deleted."""

from __future__ import annotations

import json

import pytest
from conftest import SEEDS, quote_best, serving, visit

from chat.library import Library
from chat.talking import Conversation, for_inbox, opened, respond

QUESTION = "What is the market capitalization in CNY?"
OTHER = "How much did rare earth metals output increase?"


@pytest.fixture(scope="module")
def library(seed_index):
    return Library(lambda: seed_index, source=SEEDS, answer=quote_best)


@pytest.fixture(scope="module")
def address(library):
    with serving(library) as served:
        yield served


def test_what_a_browser_kept_is_opened_and_nothing_else(library):
    conversation = Conversation(id="a")
    list(respond(QUESTION, conversation, library))
    kept = json.dumps({"id": "a", "turns": conversation.turns})
    assert opened(kept).turns == conversation.turns
    assert opened(kept).id == "a"
    for text in ("", "{", "[]", '{"id": 1}', "[" * 100_000, '{"id": "a", "turns": 7}'):
        assert opened(text).turns == []
    assert opened(json.dumps({"id": "a", "turns": ["x" * 700_000]})).id == ""


def test_the_last_turns_are_sent_again_each_with_its_own_stamp(library):
    conversation = Conversation(id="a")
    for question in (QUESTION, QUESTION, OTHER, QUESTION):
        list(respond(question, conversation, library))
    sent = json.loads(for_inbox(conversation))
    assert sent["id"] == "a"
    assert [turn["question"] for _, turn in sent["turns"]] == [QUESTION, OTHER, QUESTION]
    assert len({stamp for stamp, _ in sent["turns"]}) == 3
    assert for_inbox(conversation) != for_inbox(conversation)


pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def asked(tab):
    return [text.strip() for text in tab.page.locator("#chat .user-row").all_text_contents()]


def wait_for_rows(tab, count):
    tab.page.wait_for_function(
        "n => document.querySelectorAll('#chat .user-row').length === n", arg=count
    )


def listed(tab):
    if tab.page.locator("#talk-list").count() == 0:
        tab.page.click("#talks")
    return tab.page.locator(".talk-title").all_text_contents()


@pytest.mark.parametrize("width, height", [(1400, 900), (768, 1024), (390, 844), (320, 640)])
def test_several_are_kept_named_and_switched(open_tab, address, width, height):
    tab = open_tab(address, width=width, height=height)
    tab.ask(QUESTION)
    tab.page.click("#fresh")
    wait_for_rows(tab, 0)
    tab.ask(OTHER)
    assert listed(tab) == [OTHER, QUESTION]
    assert tab.page.locator(".talk-name").first.get_attribute("aria-current") == "true"
    assert tab.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    tab.page.locator(".talk-name").nth(1).click()
    tab.page.locator("#chat").get_by_text(QUESTION).wait_for()
    assert asked(tab) == [QUESTION]
    tab.ask(OTHER)
    assert asked(tab) == [QUESTION, OTHER]
    tab.reload()
    wait_for_rows(tab, 2)
    assert listed(tab) == [QUESTION, OTHER]
    tab.page.keyboard.press("Escape")
    assert tab.page.locator("#talk-list").count() == 0
    assert tab.is_focused("#talks")
    assert tab.complaints == []


def test_an_address_opened_beside_a_kept_conversation_shows_its_words(open_tab, address):
    tab = open_tab(address)
    tab.ask(QUESTION)
    tab.number().click()
    tab.page.locator("#hit").wait_for()
    other = tab.page.context.new_page()
    other.goto(tab.page.url)
    other.locator("#chat .bot-row").first.wait_for(timeout=30_000)
    other.wait_for_timeout(500)
    assert other.locator("#hit").count() == 1


def test_a_new_tab_shows_the_latest_and_both_tabs_keep_what_is_asked(open_tab, address):
    tab = open_tab(address)
    tab.ask(QUESTION)
    second = visit(tab.page.context, address)
    wait_for_rows(second, 1)
    second.ask(OTHER)
    tab.ask(OTHER)
    tab.reload()
    wait_for_rows(tab, 3)
    assert asked(tab) == [QUESTION, OTHER, OTHER]


def test_deleting_asks_first(open_tab, address):
    tab = open_tab(address)
    tab.ask(QUESTION)
    tab.page.click("#fresh")
    wait_for_rows(tab, 0)
    tab.ask(OTHER)
    assert listed(tab) == [OTHER, QUESTION]
    button = tab.page.get_by_role("button", name=f"Delete: {OTHER}")
    button.click()
    assert button.text_content() == "Delete"
    assert listed(tab) == [OTHER, QUESTION]
    button.click()
    wait_for_rows(tab, 0)  # it was the open one
    assert listed(tab) == [QUESTION]
    tab.page.reload()
    tab.page.locator("#talks").wait_for()
    assert listed(tab) == [QUESTION]


def test_a_conversation_outlives_the_server(open_tab, library):
    with serving(library) as address:
        tab = open_tab(address)
        tab.ask(QUESTION)
    with serving(library, port=int(address.rsplit(":", 1)[1])) as again:
        assert again == address
        tab.page.reload()
        wait_for_rows(tab, 1)
        tab.ask(OTHER)
        assert asked(tab) == [QUESTION, OTHER]


def test_the_oldest_go_when_the_browser_has_no_room(open_tab, address):
    tab = open_tab(address)
    big = """() => {
        for (let i = 0; i < 40; i++) {
            const turn = { question: `old ${i}`, text: "x".repeat(60_000), shown: "x", answered: true };
            localStorage.setItem(`cited-rag:id${i}`, JSON.stringify({ id: `id${i}`, at: i, name: `old ${i}`, turns: [turn] }));
        }
    }"""  # noqa: E501
    tab.page.evaluate(big)
    tab.page.evaluate("() => localStorage.setItem('cited-rag:broken', '{')")
    tab = visit(tab.page.context, address)  # the first tab keeps its own conversation, an empty one
    tab.page.locator("#chat").get_by_text("old 39").wait_for()
    tab.page.click("#fresh")
    wait_for_rows(tab, 0)
    tab.ask(QUESTION)
    names = listed(tab)
    assert names[0] == QUESTION
    assert names[1:] == [f"old {n}" for n in range(39, 39 - len(names[1:]), -1)]
    assert len(names) == 30
    total = "() => Object.values(localStorage).reduce((sum, text) => sum + text.length, 0)"
    assert tab.page.evaluate(total) < 2_100_000


def test_chinese_browsers_read_chinese_about_conversations(open_tab, address):
    tab = open_tab(address, locale="zh-CN")
    tab.page.get_by_role("button", name="对话列表").click()
    assert "还没有对话" in tab.page.locator("#talk-list").text_content()

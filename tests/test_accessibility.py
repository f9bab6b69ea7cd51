"""The chat for people who do not see it, or use no mouse: axe-core, focus, names, live region."""

from __future__ import annotations

import threading

import pytest
from conftest import Tab, quote_best, serving

import rag
from chat.library import Library
from chat.login import Account, hash_password

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

REPORT = """# Acme annual report 2024

Acme had revenue of 412 million euros in 2024, up 5 % from 390 million euros in 2023.

The net profit was 3 million euros in 2024.

| EUR million | 2021 | 2022 | 2023 | 2024 |
|---|---|---|---|---|
| Revenue | 280 | 300 | 390 | 412 |
"""
QUESTION = "Acme had how much revenue in 2024?"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    root = tmp_path_factory.mktemp("accessible")
    source = root / "documents"
    source.mkdir()
    (source / "acme.md").write_text(REPORT)
    (source / "picture.txt").write_bytes(b"\xff\xd8\xff\xe0 JFIF")
    index = rag.build_index(source, root / "index", encoder="word-hash")
    (source / "new.md").write_text("# Globex\n\nGlobex sold 7 tonnes of tin.\n")
    library = Library(lambda: index, [QUESTION], source, quote_best)
    with serving(library, uploads=True) as served:
        yield served


def faults(tab):
    """What axe-core finds serious or critical: rule, and the first element that breaks it."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab.page).response["violations"]
    return [
        (fault["id"], fault["nodes"][0]["html"][:200])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_axe_finds_nothing_serious(open_tab, address, width, scheme):
    tab = open_tab(address, width=width, color_scheme=scheme)
    page = tab.page
    page.locator('#chat a[href^="#ask/"]').first.wait_for()
    assert faults(tab) == []
    tab.ask(QUESTION)
    page.locator("#next a").first.wait_for()
    page.wait_for_timeout(400)  # what fades in has its colours
    assert faults(tab) == []
    page.click("#talks")
    assert faults(tab) == []
    page.keyboard.press("Escape")
    tab.number().click()
    page.locator("#hit").wait_for()
    page.wait_for_timeout(400)
    assert faults(tab) == []
    page.keyboard.press("Escape")
    if width < 800:
        page.click("#open-sheet")
    page.locator(".card").first.wait_for()
    page.wait_for_timeout(400)
    assert faults(tab) == []
    page.get_by_role("tab", name="Figures").click()
    page.select_option("#figure-scope", "=acme.md")
    page.locator("#figure-charts figure").first.wait_for()
    page.wait_for_timeout(400)
    assert faults(tab) == []
    page.get_by_role("tab", name="Documents").click()
    page.locator("#folder").wait_for()
    page.locator("#banner").wait_for()
    assert faults(tab) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_an_answer_is_made_or_where_there_is_none(
    open_tab, tmp_path, scheme
):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "acme.md").write_text(REPORT)
    index = rag.build_index(tmp_path / "documents", tmp_path / "index", encoder="word-hash")
    go_on = threading.Event()

    def slow(*arguments, **options):
        go_on.wait(60)
        return quote_best(*arguments, **options)

    with serving(Library(lambda: index, [QUESTION], answer=slow)) as served:
        tab = open_tab(served, color_scheme=scheme)
        tab.page.fill("#box textarea", "Who won the football match?")
        tab.page.keyboard.press("Enter")
        tab.page.locator("#working").wait_for()
        tab.page.wait_for_timeout(400)
        assert faults(tab) == []
        go_on.set()
        tab.page.locator('#chat a[href^="#see/"]').first.wait_for()
        tab.page.locator("#working").wait_for(state="detached")
        tab.page.wait_for_timeout(400)
        assert faults(tab) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_login_page(chromium, scheme, seed_index):
    account = Account("ann", hash_password("secret"))
    with serving(Library(lambda: seed_index, answer=quote_best), account=account) as served:
        context = chromium.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(served)
        page.fill("#username", "ann")
        page.fill("#password", "wrong")
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        assert faults(Tab(page, served)) == []
        context.close()


def test_axe_sees_a_fault(open_tab, address):
    tab = open_tab(address)
    tab.page.evaluate("document.querySelector('#talks').removeAttribute('aria-label')")
    tab.page.evaluate("document.querySelector('#talks').replaceChildren()")
    tab.page.evaluate("document.querySelector('#talks').removeAttribute('title')")
    assert [rule for rule, _ in faults(tab)] == ["button-name"]


def focused(tab):
    return tab.page.evaluate(
        "() => { const e = document.activeElement;"
        " return e.getAttribute('aria-label') || e.placeholder || e.textContent.trim(); }"
    )


def test_the_focus_goes_from_the_conversation_to_its_sources(open_tab, address):
    tab = open_tab(address)
    tab.ask(QUESTION)
    tab.page.locator("#next a").first.wait_for()
    order = []
    tab.page.locator("#talks").focus()
    for _ in range(30):
        order.append(focused(tab))
        tab.page.keyboard.press("Tab")
    expected = [
        "Conversations",
        "New conversation",
        "Citation 1",
        "Copy answer",
        "Ask about the documents",
        "Sources",
    ]
    places = [order.index(name) for name in expected]
    assert places == sorted(places)
    assert any(name.startswith("1") and "Acme annual report" in name for name in order)  # a card


def test_what_lies_behind_the_reader_takes_no_focus(open_tab, address):
    tab = open_tab(address)
    tab.ask(QUESTION)
    tab.number().click()
    tab.page.locator("#hit").wait_for()
    for _ in range(12):
        tab.page.keyboard.press("Tab")
        assert not tab.is_focused("#tabs *")
    tab.page.keyboard.press("Escape")
    tab.page.locator(".card").first.focus()
    assert tab.is_focused(".card")


def test_an_answer_and_what_is_copied_are_read_aloud(open_tab, address):
    tab = open_tab(address)
    assert tab.page.locator("#chat [role=log]").get_attribute("aria-live") == "polite"
    tab.ask(QUESTION)
    assert "412 million" in tab.page.locator("#chat [role=log]").text_content()
    tab.page.locator('#chat a[href="#copy"]').click()
    tab.page.locator("#said.shown").wait_for()
    assert tab.page.locator("#said").get_attribute("role") == "status"
    assert tab.page.locator("h1").count() == 1


def test_an_answer_and_a_quote_are_copied_as_plain_text(open_tab, address):
    tab = open_tab(address, permissions=["clipboard-read", "clipboard-write"])
    tab.ask(QUESTION)
    tab.page.locator('#chat a[href="#copy"]').click()
    tab.page.get_by_text("Copied").wait_for()
    sentence = REPORT.splitlines()[2]
    copied = tab.page.evaluate("navigator.clipboard.readText()").splitlines()
    start = REPORT.index(sentence)
    assert copied[0] == f"{sentence} [1]"
    place = f"{address}/#src/acme.md/{start}-{start + len(sentence)}"
    assert "[1] Acme annual report 2024, acme.md · line 3" in copied
    assert place in copied
    tab.number().click()
    tab.page.locator("#reader .copy-quote").click()
    tab.page.wait_for_timeout(200)
    quote = tab.page.evaluate("navigator.clipboard.readText()")
    assert quote == f"“{sentence}” — Acme annual report 2024, acme.md, line 3"

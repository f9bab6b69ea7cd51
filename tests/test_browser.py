"""The chat in a real browser, with real clicks and keys: Debian's chromium through playwright."""

from __future__ import annotations

import threading
import time

import pytest
from conftest import SEEDS, quote_best, serving, visit
from format_files import FORMATS

import rag
from chat.library import Library

pytestmark = [
    pytest.mark.browser,
    # Gradio's own use of pandas; as an error in the server's thread it would end an answer.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

QUESTION = "What is the market capitalization in CNY?"
OTHER = "How much did rare earth metals output increase?"


@pytest.fixture(scope="module")
def address(seed_index):
    examples = [QUESTION, OTHER]
    with serving(Library(lambda: seed_index, examples, SEEDS, quote_best)) as served:
        yield served


def quote_of(tab, index, n=1):
    """The words of the n-th citation of the last answer, cut from the document itself."""
    document_id, span = tab.number(n).get_attribute("href").removeprefix("#src/").rsplit("/", 1)
    start, end = map(int, span.split("-"))
    return index.document(document_id).text[start:end]


def boxes(tab):
    """Where the number, the page of the reader and the highlighted words stand on the screen."""
    places = ("#reader .page", "#hit", "#side")
    return {place: tab.page.locator(place).bounding_box() for place in places}


@pytest.mark.parametrize("width, height", [(1400, 900), (768, 1024), (390, 844), (320, 640)])
def test_a_number_opens_the_exact_words(open_tab, address, seed_index, width, height):
    tab = open_tab(address, width=width, height=height)
    tab.ask(OTHER)
    before = tab.resting_place()
    tab.number().click()
    tab.page.locator("#hit").wait_for()
    assert tab.page.locator("#hit").text_content() == quote_of(tab, seed_index)
    assert tab.number().bounding_box() == before  # the chat does not move
    assert tab.is_focused("#hit")
    assert tab.number().get_attribute("aria-current") == "true"
    assert tab.page.url.endswith(tab.number().get_attribute("href"))
    overflow = "document.documentElement.scrollWidth - innerWidth"
    assert tab.page.evaluate(overflow) <= 0
    if width < 800:
        tab.page.wait_for_timeout(300)  # the sheet slides in
        assert boxes(tab)["#side"]["height"] == pytest.approx(0.78 * height, abs=1)
        assert boxes(tab)["#side"]["y"] == pytest.approx(0.22 * height, abs=1)
    assert tab.outside == []
    assert tab.complaints == []


def test_the_words_stand_a_third_from_the_top_and_come_back_there(open_tab, address):
    tab = open_tab(address)
    tab.ask("Who debates permits, subsidies, and ESG compliance while celebrating victory?")
    tab.number().click()
    tab.page.locator("#hit").wait_for()

    def distance():
        at = boxes(tab)
        return (at["#hit"]["y"] - at["#reader .page"]["y"]) / at["#reader .page"]["height"]

    assert distance() == pytest.approx(1 / 3, abs=0.02)
    tab.page.locator("#reader .page").evaluate("page => { page.scrollTop = 0; }")
    tab.number().click()
    tab.page.wait_for_timeout(200)
    assert distance() == pytest.approx(1 / 3, abs=0.02)


def test_a_click_shows_its_words_at_once(open_tab, address):
    """11 to 30 ms where nothing else runs; the least of some, as other programs may be at work."""
    tab = open_tab(address)
    tab.ask(OTHER)
    timed = """async () => {
        const began = performance.now();
        document.querySelector('#chat a[href^="#src/"]').click();
        while (!document.getElementById("hit")) await new Promise(next => setTimeout(next));
        return performance.now() - began;
    }"""
    times = []
    for _ in range(8):
        times.append(tab.page.evaluate(timed))
        tab.page.keyboard.press("Escape")
    assert min(times) < 60


def test_two_panes_of_fixed_height_scroll_by_themselves(open_tab, address):
    tab = open_tab(address, height=500)
    for question in (QUESTION, OTHER, QUESTION, OTHER):
        tab.ask(question)
    tab.page.locator(".card").nth(3).wait_for()
    panes = [tab.page.locator(pane).bounding_box() for pane in ("#talk", "#side")]
    assert panes[0]["width"] / panes[1]["width"] == pytest.approx(5 / 4, rel=0.01)
    assert [(pane["y"], pane["height"]) for pane in panes] == [(0, 500)] * 2
    scrolls = """selector => {
        const pane = document.querySelector(selector);
        const before = pane.scrollTop;
        pane.scrollTop = before ? 0 : 60;
        return [pane.scrollTop !== before, document.scrollingElement.scrollTop];
    }"""
    for pane in ("#chat .bubble-wrap", "#tabs .tabitem"):
        assert tab.page.evaluate(scrolls, pane) == [True, 0]
    box = tab.page.locator("#box").bounding_box()
    assert box["y"] + box["height"] <= 500


def test_a_tap_opens_the_reader_without_a_card_in_between(open_tab, address, seed_index):
    tab = open_tab(address, width=390, height=844, has_touch=True, is_mobile=True)
    tab.ask(QUESTION)
    tab.number().tap()
    tab.page.locator("#hit").wait_for()
    assert tab.page.locator("#hover").count() == 0
    assert tab.page.locator("#hit").text_content() == quote_of(tab, seed_index)


def test_the_focus_on_a_number_shows_its_card(open_tab, address, seed_index):
    tab = open_tab(address)
    tab.ask(QUESTION)
    tab.page.locator("#talks").focus()
    for _ in range(10):
        tab.page.keyboard.press("Tab")
        if tab.is_focused('#chat a[href^="#src/"]'):
            break
    card = tab.page.locator("#hover")
    card.wait_for()
    assert card.locator("blockquote").text_content() == quote_of(tab, seed_index)
    tab.page.keyboard.press("Escape")
    assert card.count() == 0


@pytest.mark.parametrize("close", ["Escape", "click"])
def test_the_keyboard_opens_and_both_ways_close_and_give_the_focus_back(open_tab, address, close):
    tab = open_tab(address)
    tab.ask(QUESTION)
    tab.number().focus()
    tab.page.keyboard.press("Enter")
    tab.page.locator("#hit").wait_for()
    if close == "Escape":
        tab.page.keyboard.press("Escape")
    else:
        tab.page.click("#reader .back")
    assert tab.page.locator("#reader").count() == 0
    assert tab.is_focused(f'#chat a[href="{tab.number().get_attribute("href")}"]')
    assert tab.number().get_attribute("aria-current") is None
    assert "#" not in tab.page.url


def test_an_address_shows_the_same_words_in_a_new_tab(open_tab, address, seed_index):
    document = seed_index.documents[0]
    start = document.text.index("176 billion")
    path = f"/#src/{document.id}/{start}-{start + 11}"
    tab = open_tab(address, path)
    tab.page.locator("#hit").wait_for()
    assert tab.page.locator("#hit").text_content() == "176 billion"


def test_a_question_in_the_address_is_asked_once(open_tab, address):
    tab = open_tab(address, "/?q=What+is+the+market+capitalization+in+CNY%3F")
    tab.number().wait_for()
    tab.page.reload()
    tab.number().wait_for()
    tab.page.wait_for_timeout(500)
    assert tab.page.locator("#chat .user-row").count() == 1


def test_all_tabs_have_room_on_the_smallest_phone(open_tab, address):
    tab = open_tab(address, width=320, height=640)
    tab.page.click("#open-sheet")
    assert tab.page.get_by_role("tab").all_text_contents() == ["Sources", "Figures", "Documents"]
    tab.page.get_by_role("tab", name="Documents").click()
    tab.page.locator("#picks input").first.wait_for()


def test_hovering_a_number_shows_title_file_and_quote(open_tab, address, seed_index):
    tab = open_tab(address)
    tab.ask(QUESTION)
    tab.number().hover()
    card = tab.page.locator("#hover")
    card.wait_for()
    assert quote_of(tab, seed_index) == card.locator("blockquote").text_content()
    assert seed_index.documents[0].title in card.text_content()
    tab.page.mouse.move(5, 5)
    assert card.count() == 0


def test_cards_show_cited_passages_first_with_matched_words_bold(open_tab, address, seed_index):
    tab = open_tab(address)
    tab.ask(QUESTION)
    cards = tab.page.locator(".card")
    cards.first.wait_for()
    assert cards.first.locator(".badge").text_content() == "1"
    assert "market" in cards.first.locator("b").first.text_content().lower()
    assert tab.page.locator(".cards h2").all_text_contents() == ["Cited", "Also found"]
    cards.first.click()
    tab.page.locator("#hit").wait_for()
    assert tab.page.locator("#hit").text_content() == quote_of(tab, seed_index)


def test_examples_run_on_click_and_the_box_keeps_the_focus(open_tab, address):
    tab = open_tab(address)
    assert tab.is_focused("#box textarea")
    example = tab.page.locator('#chat a[href^="#ask/"]')
    example.first.wait_for()
    assert example.all_text_contents() == [QUESTION, OTHER]
    example.first.click()
    tab.number().wait_for()
    assert tab.page.locator("#chat .user-row").text_content().strip() == QUESTION
    assert tab.page.input_value("#box textarea") == ""
    assert tab.is_focused("#box textarea")


def test_shift_enter_breaks_the_line_and_enter_sends(open_tab, address):
    tab = open_tab(address)
    tab.page.click("#box textarea")
    tab.page.keyboard.type("What is the market")
    tab.page.keyboard.press("Shift+Enter")
    tab.page.keyboard.type("capitalization in CNY?")
    assert tab.page.input_value("#box textarea") == "What is the market\ncapitalization in CNY?"
    tab.page.keyboard.press("Enter")
    tab.number().wait_for()
    assert tab.is_focused("#box textarea")


def test_one_can_type_and_send_while_it_answers(open_tab, seed_index):
    def slow(*arguments, **options):
        time.sleep(0.6)
        return quote_best(*arguments, **options)

    with serving(Library(lambda: seed_index, answer=slow)) as address:
        tab = open_tab(address)
        tab.page.click("#box textarea")
        for question in (QUESTION, OTHER):
            tab.page.keyboard.type(question)
            tab.page.keyboard.press("Enter")
        tab.page.keyboard.type("and now")
        tab.page.locator("#chat .bot-row").nth(1).wait_for(timeout=15_000)
        asked = tab.page.locator("#chat .user-row").all_text_contents()
        assert [text.strip() for text in asked] == [QUESTION, OTHER]
        assert tab.page.input_value("#box textarea") == "and now"


def test_a_refused_question_is_given_back(open_tab, seed_index):
    with serving(Library(lambda: seed_index)) as address:  # rag.answer itself
        tab = open_tab(address)
        tab.page.fill("#box textarea", "word " * 1_000)
        assert tab.page.locator("#length").text_content() == "5,000 of 4,000 characters"
        tab.page.press("#box textarea", "Enter")
        tab.page.locator("#chat .bot-row").wait_for()
        assert "4,000" in tab.page.locator("#chat .bot-row").text_content()
        tab.wait_until_kept()
        assert len(tab.page.input_value("#box textarea")) == 5_000


def test_a_refused_question_does_not_replace_what_is_typed_by_then(open_tab, seed_index):
    go_on = threading.Event()

    def failing(*arguments, **options):
        go_on.wait(30)
        raise RuntimeError("a fault")

    with serving(Library(lambda: seed_index, answer=failing)) as address:
        tab = open_tab(address)
        tab.page.fill("#box textarea", QUESTION)
        tab.page.press("#box textarea", "Enter")
        tab.page.locator("#chat .user-row").wait_for()
        tab.page.keyboard.type("What else")
        go_on.set()
        tab.page.locator("#chat .bot-row").wait_for()
        tab.wait_until_kept()
        assert tab.page.input_value("#box textarea") == "What else"


def test_a_conversation_outlives_a_reload_and_a_new_one_begins_empty(open_tab, address):
    tab = open_tab(address)
    tab.ask(QUESTION)
    tab.reload()
    tab.number().wait_for()
    tab.number().click()
    tab.page.locator("#hit").wait_for()
    tab.page.keyboard.press("Escape")
    tab.page.click("#fresh")
    tab.page.locator('#chat a[href^="#ask/"]').first.wait_for()
    assert tab.page.locator("#chat .user-row").count() == 0


def test_whichever_component_comes_last_the_page_comes_up(open_tab, chromium, address):
    codes = [url for url in open_tab(address).requests if "/assets/Index-" in url]
    assert len(set(codes)) >= 8
    for url in dict.fromkeys(codes):
        context = chromium.new_context()
        context.route(url, lambda route: (time.sleep(0.6), route.continue_()))
        tab = visit(context, address)
        tab.page.locator("#talks").wait_for(timeout=10_000)
        assert tab.complaints == []
        context.close()


def test_ticks_limit_the_search_and_the_page_says_so(open_tab, address, seed_index):
    tab = open_tab(address)
    tab.page.get_by_role("tab", name="Documents").click()
    tab.page.locator("#picks input").first.uncheck()
    tab.page.get_by_text("Searching 1 of 2 documents").wait_for()
    tab.ask(QUESTION)
    links = tab.page.locator('#chat a[href^="#src/"]')
    targets = {link.get_attribute("href").split("/")[1] for link in links.all()}
    assert seed_index.documents[0].id not in targets


def test_a_source_that_changed_is_named_and_nothing_is_highlighted(open_tab, tmp_path):
    source = tmp_path / "documents"
    source.mkdir()
    (source / "a.txt").write_text("Acme report\n\nAcme sold 40 tonnes of copper in 2024.\n")
    shelf = [rag.build_index(source, tmp_path / "index", encoder="word-hash")]
    with serving(Library(lambda: shelf[0], source=source, answer=quote_best)) as address:
        tab = open_tab(address)
        tab.ask("How many tonnes of copper were sold?")
        (source / "a.txt").write_text("Acme report\n\nAcme sold 90 tonnes of copper in 2024.\n")
        shelf[0] = rag.build_index(source, tmp_path / "index", encoder="word-hash")
        tab.number().click()
        tab.page.locator("#reader .problem").wait_for()
        assert "changed since" in tab.page.locator("#reader .problem").text_content()
        assert tab.page.locator("#hit").count() == 0


def test_chinese_browsers_get_chinese_labels(open_tab, address):
    tab = open_tab(address, locale="zh-CN")
    assert tab.page.locator("#box textarea").get_attribute("placeholder") == "就文档内容提问"
    tab.ask(QUESTION)
    assert "个段落" in tab.page.locator('#chat a[href^="#answer/"]').text_content()
    assert tab.page.get_by_role("tab").all_text_contents() == ["来源", "数据", "文档"]
    assert tab.page.locator("h1").text_content() == tab.page.title() == "向文档提问"


def test_a_chinese_page_words_formulas_and_reasons_in_chinese(open_tab, tmp_path):
    source = tmp_path / "documents"
    source.mkdir()
    rows = "| EUR million | 2022 | 2024 |\n|---|---|---|\n| Operating profit | 0.6 | 0.9 |\n"
    (source / "mill.md").write_text(f"# Orla Mill annual report 2024\n\n## Results\n\n{rows}")
    (source / "scan.txt").write_bytes(b"\xff\xd8\xff\xe0 JFIF")
    index = rag.build_index(source, tmp_path / "index", encoder="word-hash")
    with serving(Library(lambda: index)) as address:
        tab = open_tab(address, locale="zh-CN")
        tab.ask("How much did the operating profit of Orla Mill change from 2022 to 2024?")
        said = tab.page.locator("#chat .bot-row").inner_text()
        assert "从 2022 到 2024 的变化：0.9" in said
        assert "（单位：百万）" in said
        tab.page.locator(".card").first.wait_for()
        assert tab.page.locator(".card").first.locator(".badge").all_text_contents() == ["1", "2"]
        assert tab.page.locator(".card .badge").count() == 2
        tab.page.get_by_role("tab", name="文档").click()
        tab.page.get_by_text("JPEG 图片，不是可读取的文档").wait_for()


def test_the_real_line_from_document_to_highlight(open_tab, tmp_path):
    source = tmp_path / "documents"
    source.mkdir()
    sentence = "Acme Mining reported revenue of 412 million euros in 2024."
    (source / "acme.txt").write_text(f"Acme Mining annual report\n\n{sentence}\n")
    index = rag.build_index(source, tmp_path / "index", encoder="word-hash")
    with serving(Library(lambda: index)) as address:
        tab = open_tab(address)
        tab.ask("What was the revenue of Acme Mining in 2024?")
        tab.number().click(timeout=5_000)
        tab.page.locator("#hit").wait_for()
        assert "412 million euros" in tab.page.locator("#hit").text_content()
        assert tab.page.locator("#hit").text_content() == quote_of(tab, index)


def test_the_reader_names_page_sheet_and_row(open_tab, tmp_path):
    (tmp_path / "report.pdf").write_bytes(FORMATS["report.pdf"]())
    (tmp_path / "report.xlsx").write_bytes(FORMATS["report.xlsx"]())
    index = rag.build_index(tmp_path, tmp_path / "index", encoder="word-hash")
    with serving(Library(lambda: index, [], tmp_path, quote_best)) as served:
        tab = open_tab(served, width=390, height=844)
        for document in index.documents:
            start = document.text.index("| Revenue")
            tab.page.goto(f"{served}/#src/{document.id}/{start}-{start + 20}")
            tab.page.reload()
            place = tab.page.locator("#reader .place:not(.dated)")
            place.wait_for()
            where = {"report.pdf": "page 1", "report.xlsx": "sheet Results, row 7"}[document.id]
            assert place.inner_text() == f"{document.id} · {where}"

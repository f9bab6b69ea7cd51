"""What outlives the page, in a real browser: the exported conversation, verdicts on answers."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import SEEDS, app_of, quote_best, serving

import rag
from chat.evidence import pack
from chat.exporting import _PLACES as PLACES
from chat.exporting import _WORDS, make_export
from chat.feedback import Feedback
from chat.library import Library
from rag.exporting import WORDS, verify_page

QUESTION = "What is the market capitalization in CNY?"
OTHER = "How much did rare earth metals output increase?"

CHINESE = _WORDS["zh"]

browser = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Gradio's own use of pandas
]


def with_marks(test):
    for mark in browser:
        test = mark(test)
    return test


@pytest.fixture
def library(seed_index, tmp_path):
    kept = Feedback(tmp_path / "feedback.jsonl")
    return Library(lambda: seed_index, [QUESTION, OTHER], SEEDS, quote_best, kept)


@pytest.fixture
def address(library):
    with serving(library) as served:
        yield served


def problems(path: Path, folder: Path = SEEDS) -> list[str]:
    return [check.what for check in verify_page(path, folder) if check.problem]


# ---- the server ----------------------------------------------------------------------------------


def test_answers_whose_source_changed_are_left_out_and_counted(tmp_path):
    source = tmp_path / "documents"
    source.mkdir()
    (source / "a.txt").write_text("Acme report\n\nAcme sold 40 tonnes of copper in 2024.\n")
    (source / "b.txt").write_text("Bolt report\n\nBolt sold 70 tonnes of tin in 2023.\n")
    shelf = [rag.build_index(source, tmp_path / "index", encoder="word-hash")]
    library = Library(lambda: shelf[0], answer=quote_best)
    asked = ("How many tonnes of copper sold Acme?", "How many tonnes of tin sold Bolt?")
    turns = [
        pack(quote_best(q, shelf[0], documents=[d]), shelf[0])
        for q, d in zip(asked, ("a.txt", "b.txt"), strict=True)
    ]
    (source / "a.txt").write_text("Acme report\n\nAcme sold 90 tonnes of copper in 2024.\n")
    shelf[0] = rag.build_index(source, tmp_path / "index", encoder="word-hash")
    page = make_export(library, turns)
    (tmp_path / "c.html").write_bytes(page)
    assert "Left out, because their sources have changed since: 1." in page.decode()
    assert problems(tmp_path / "c.html", source) == []
    assert b"copper" not in page
    assert make_export(library, [7, "x"]) is make_export(library, None) is None


def test_the_server_exports_what_it_is_sent_as_a_file(library, seed_index, tmp_path):
    from starlette.testclient import TestClient

    turns = [pack(quote_best(q, seed_index), seed_index) for q in (QUESTION, OTHER)]
    with TestClient(app_of(library), base_url="http://127.0.0.1") as client:
        reply = client.post("/chat/export", json=turns)
        assert client.post("/chat/export", json=[]).status_code == 400
    attached = reply.headers["content-disposition"]
    assert attached.startswith('attachment; filename="conversation-2')
    (tmp_path / "c.html").write_bytes(reply.content)
    assert problems(tmp_path / "c.html") == []


def test_a_chinese_reader_gets_a_chinese_page_with_the_same_words_of_documents(
    library, seed_index, tmp_path
):
    turns = [pack(quote_best(q, seed_index), seed_index) for q in (QUESTION, OTHER)]
    pages = {lang: make_export(library, turns, lang).decode() for lang in ("en", "zh")}
    assert "2 个答案" in pages["zh"]
    assert "第 20 行" in pages["zh"]
    (tmp_path / "c.html").write_text(pages["zh"], "utf-8")
    assert problems(tmp_path / "c.html") == []
    quotes = {lang: re.findall(r'data-is="[^"]*">[^<]*', page) for lang, page in pages.items()}
    assert quotes["zh"] == quotes["en"]
    for english in ("Questions to documents", "answers, exported", "line 20", "index gen"):
        assert english in pages["en"]
        assert english not in pages["zh"]
    assert WORDS.keys() == {*CHINESE, *PLACES}
    for key, text in CHINESE.items():
        assert re.findall(r"{\w+", text) == re.findall(r"{\w+", WORDS[key])


# ---- the browser ---------------------------------------------------------------------------------


@with_marks
@pytest.mark.parametrize("width", [1400, 768, 390, 320])
def test_the_exported_file_opens_offline_and_is_verified(open_tab, address, tmp_path, width):
    tab = open_tab(address, width=width, height=800)
    assert not tab.page.locator("#export").is_visible()  # nothing to export yet
    tab.ask(QUESTION)
    tab.ask(OTHER)
    with tab.page.expect_download() as started:
        tab.page.get_by_role("button", name="Export").click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    assert problems(path) == []
    assert len(verify_page(path, SEEDS)) > 4
    boxes = [tab.page.locator(s).bounding_box() for s in ("#export", "#fresh")]
    assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]
    opened = tab.page.context.browser.new_context(
        offline=True, java_script_enabled=False, viewport={"width": width, "height": 800}
    )
    page = opened.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert page.locator("h2").all_text_contents() == [QUESTION, OTHER, "Sources"]
    assert page.locator("blockquote").first.text_content() in (
        rag.read_documents(SEEDS)[0].text + rag.read_documents(SEEDS)[1].text
    )
    assert page.locator("script").count() == 1
    assert len(asked) == 1  # the file itself
    size = page.locator("html").bounding_box()
    assert size["width"] <= width
    opened.close()
    assert tab.outside == []
    assert tab.complaints == []


@with_marks
def test_a_conversation_from_before_a_reload_is_exported_whole(open_tab, address, tmp_path):
    tab = open_tab(address)
    tab.ask(QUESTION)
    tab.reload()
    tab.number().wait_for()
    with tab.page.expect_download() as started:
        tab.page.click("#export")
    started.value.save_as(tmp_path / "c.html")
    assert problems(tmp_path / "c.html") == []


@with_marks
def test_thumbs_are_noted_by_mouse_and_keyboard(open_tab, address, library, seed_index):
    tab = open_tab(address)
    tab.ask(QUESTION)
    tab.ask(OTHER)
    last = tab.page.locator("#chat .bot-row").last
    last.get_by_role("button", name="Good answer").click()
    tab.page.get_by_text("Noted, thank you").wait_for()
    assert last.locator('a[href="#good"]').get_attribute("aria-pressed") == "true"
    bad = tab.page.locator('#chat a[href="#bad"]').first
    bad.focus()
    tab.page.keyboard.press("Enter")
    pressed = tab.page.locator('#chat a[aria-pressed="true"]')
    pressed.nth(1).wait_for()
    records = [json.loads(line) for line in library.feedback.path.read_text().splitlines()]
    assert [(r["verdict"], r["question"]) for r in records] == [("good", OTHER), ("bad", QUESTION)]
    assert [len(r["history"]) for r in records] == [1, 0]
    assert all(span["quote"] for record in records for span in record["spans"])
    library.feedback.path.unlink()
    shutil.rmtree(library.feedback.path.parent)
    bad.click()
    tab.page.get_by_text("This could not be noted").wait_for()


@with_marks
def test_without_feedback_there_are_no_thumbs(open_tab, library):
    library.feedback = None
    with serving(library) as address:
        tab = open_tab(address)
        tab.ask(QUESTION)
        assert tab.page.locator('a[href="#good"]').count() == 0


@with_marks
def test_export_and_thumbs_speak_chinese(open_tab, address):
    tab = open_tab(address, locale="zh-CN")
    tab.ask(QUESTION)
    assert tab.page.locator("#export").text_content() == "导出"
    thumbs = tab.page.locator('#chat a[href="#good"], #chat a[href="#bad"]')
    assert thumbs.all_text_contents() == ["答得好", "答得不好"]

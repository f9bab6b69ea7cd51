"""Every state of the chat by real clicks, as pictures to look at.

    CHAT_PICTURES=folder python -m pytest tests/test_pictures.py -m long

Four widths, light and dark, English and Chinese: one picture a state in ``folder``, and
``answer.png``, which is README's. Without the variable the states are gone through all the same, at
each width once.
"""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

import pytest
from conftest import SEEDS, serving

import rag
from chat.feedback import Feedback
from chat.library import Library
from chat.login import Account, hash_password

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

FOLDER = os.environ.get("CHAT_PICTURES")
SIZES = {1400: 900, 768: 1024, 390: 844, 320: 640}
SCHEMES = ("light", "dark") if FOLDER else ("light",)
LOCALES = ("en", "zh-CN") if FOLDER else ("en",)

REPORT = """# Orla Mill annual report 2024

Orla Mill reported revenue of EUR 6.2 million in 2024, up 8 % from EUR 5.7 million in 2023. The mill
employs 48 people and sold 8,200 tonnes of flour to 310 bakeries in 2024.

## Results by year

| EUR million | 2021 | 2022 | 2023 | 2024 |
|---|---|---|---|---|
| Revenue | 4.9 | 5.3 | 5.7 | 6.2 |
| Operating profit | 0.5 | 0.6 | 0.7 | 0.9 |
| Net debt | 2.4 | 2.2 | 2.0 | 1.5 |

## Outlook for the coming years

A second mill at Tarn is under construction and will open in May 2026. The board proposes a dividend
of EUR 1.20 per share for 2024. Managing director Ilse Brandt took office in March 2022.
"""
NEWS = """# Local news: Orla Mill sells more flour

12 February 2025. Orla Mill reported revenue of EUR 6.5 million in 2024, a spokesman said on Monday.

The mill sold 8,200 tonnes of flour, and the number of bakeries that it supplies grew to 310.
"""
CITED = "How many people does Orla Mill employ?"
COMPUTED = "How much did the operating profit of Orla Mill change from 2022 to 2024?"
CONFLICT = "What was the revenue of Orla Mill in 2024?"
UNKNOWN = "What was the revenue of Orla Mill in 2019?"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    root = tmp_path_factory.mktemp("pictures")
    source = root / "documents"
    source.mkdir()
    (source / "report.md").write_text(REPORT)
    (source / "news.md").write_text(NEWS)
    (source / "scan.pdf").write_bytes(b"%PDF-1.4 broken")
    (source / "picture.txt").write_bytes(b"\xff\xd8\xff\xe0 JFIF")
    index = rag.build_index(source, root / "index")
    (source / "added.md").write_text("# Added later\n\nVesna Dairy sold 7 tonnes of cheese.\n")
    return Library(lambda: index, [CITED, CONFLICT], source, feedback=Feedback(root / "said.jsonl"))


class Album:
    """Takes the pictures of one width, scheme and language."""

    def __init__(self, tab, width, scheme, locale):
        self.tab, self.page = tab, tab.page
        self.name = f"{width}-{scheme}-{locale[:2]}"
        self.narrow = width <= 820

    def take(self, state):
        self.page.wait_for_timeout(350)  # what slides or fades has come to rest
        assert self.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, state
        if FOLDER:
            Path(FOLDER).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(FOLDER) / f"{state}-{self.name}.png")

    def open_tab(self, n):
        if self.narrow and not self.page.locator("body.sheet").count():
            self.page.click("#open-sheet")
        self.page.get_by_role("tab").nth(n).click()

    def close_sheet(self):
        if self.narrow:
            self.page.click("#close-sheet")

    def reply(self):
        return self.page.locator("#chat .bot-row").last.inner_text()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", SIZES)
def test_every_state(open_tab, library, width, scheme, locale):
    look = {"height": SIZES[width], "color_scheme": scheme, "locale": locale}
    with serving(library, uploads=True) as address:
        tab = open_tab(address, width=width, **look)
        album, page = Album(tab, width, scheme, locale), tab.page
        page.locator('#chat a[href^="#ask/"]').first.wait_for()
        album.take("01-start")
        tab.ask(CITED)
        assert "48 people" in album.reply()
        page.locator("#next a").first.wait_for()
        album.take("02-answer")
        tab.number().focus()
        page.locator("#hover").wait_for()
        album.take("03-card-over-a-number")
        tab.number().click()
        page.locator("#hit").wait_for()
        album.take("04-reader")
        page.keyboard.press("Escape")
        album.open_tab(0)
        page.locator(".card").first.wait_for()
        album.take("05-sources")
        album.open_tab(1)
        page.locator("#figure-table tbody tr").first.wait_for()
        album.take("06-figures-of-the-answer")
        page.select_option("#figure-scope", "=report.md")
        page.locator("#figure-charts figure").first.wait_for()
        album.take("07-figures-of-a-document")
        page.select_option("#figure-scope", "*")
        page.locator("#figure-table tbody tr").first.wait_for()
        album.take("08-figures-of-all")
        page.fill("#figure-filter", "nothing like it")
        album.take("09-no-figures")
        album.open_tab(2)
        page.locator("#picks input").first.wait_for()
        page.locator("#banner").wait_for()
        album.take("10-documents")
        page.locator("#picks input").first.uncheck()
        page.locator("#skipped").scroll_into_view_if_needed()
        album.take("11-documents-skipped")
        page.locator("#picks input").first.check()
        album.close_sheet()
        tab.ask(COMPUTED)
        assert " = " in album.reply()
        album.take("12-computed")
        tab.ask(CONFLICT)
        assert re.search(r"6\.2[\s\S]*6\.5|6\.5[\s\S]*6\.2", album.reply())
        album.take("13-conflict")
        tab.ask(UNKNOWN)
        assert page.locator("#chat .bot-row").last.locator('a[href^="#src/"]').count() == 0
        album.take("14-abstention")
        page.click("#talks")
        album.take("15-conversations")
        page.keyboard.press("Escape")
        page.click("#export")
        page.locator("#said.shown").wait_for()
        album.take("16-exported")
        assert tab.outside == []
        assert tab.complaints == []


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", SIZES)
def test_waiting_and_busy(open_tab, library, width, scheme, locale, monkeypatch):
    go_on, answering = threading.Event(), rag.answer

    def slow(*arguments, **options):
        go_on.wait(120)
        return answering(*arguments, **options)

    slowly = Library(library.index, [CITED], library.source, slow)
    monkeypatch.setattr("chat.turnstile.Turnstile.__init__.__defaults__", (1, 0))
    with serving(slowly) as address:
        look = {"height": SIZES[width], "color_scheme": scheme, "locale": locale}
        first = open_tab(address, width=width, **look)
        first.page.fill("#box textarea", CITED)
        first.page.press("#box textarea", "Enter")
        first.page.locator("#chat .user-row").wait_for()
        first.page.wait_for_timeout(1_500)
        Album(first, width, scheme, locale).take("17-waiting")
        second = open_tab(address, width=width, **look)
        second.ask(CONFLICT)
        Album(second, width, scheme, locale).take("18-busy")
        assert second.page.input_value("#box textarea") == CONFLICT
        go_on.set()
        first.number().wait_for()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", SIZES)
def test_the_login(chromium, library, width, scheme, locale):
    account = Account("ann", hash_password("secret"))
    with serving(library, account=account) as address:
        size = {"width": width, "height": SIZES[width]}
        context = chromium.new_context(viewport=size, color_scheme=scheme, locale=locale)
        page = context.new_page()
        page.goto(address)
        page.fill("#username", "ann")
        page.fill("#password", "wrong")
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        if FOLDER:
            page.screenshot(path=Path(FOLDER) / f"19-login-{width}-{scheme}-{locale[:2]}.png")
        context.close()


def test_the_picture_in_the_readme(open_tab, tmp_path):
    index = rag.build_index(SEEDS, tmp_path / "index")
    question = "How much did net profit grow and what is the price-to-earnings ratio?"
    rag.answer(question, index)  # the models are loaded, as `rag chat` has them when it is ready
    with serving(Library(lambda: index, feedback=Feedback(tmp_path / "said.jsonl"))) as address:
        tab = open_tab(address, width=1280, height=760)
        tab.ask(question)
        assert tab.page.locator('#chat a[href^="#src/"]').count() == 2
        tab.page.locator("#next a").nth(1).wait_for()
        tab.number().click()
        tab.page.locator("#hit").wait_for()
        tab.page.mouse.move(640, 400)
        tab.page.locator("#hit").evaluate("hit => hit.blur()")
        tab.page.wait_for_timeout(350)
        if FOLDER:
            tab.page.screenshot(path=Path(FOLDER) / "answer.png")

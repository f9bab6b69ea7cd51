"""Text that would act, wherever text is shown: no script runs, no request leaves the host."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from conftest import Tab, quote_best, serving

import rag
from chat.library import Library
from chat.rendering import scrub
from rag.exporting import verify_page

pytestmark = [
    pytest.mark.browser,
    # Gradio's own use of pandas; as an error in the server's thread it would end an answer.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

# Each calls pwned() or asks evil.test for something where it is taken for markup.
PAYLOADS = [
    "<script>pwned()</script>",
    "<img src=x onerror=pwned()>",
    "<img src=http://evil.test/1.png>",
    "![image](http://evil.test/2.png)",
    "[link](javascript:pwned())",
    "<svg onload=pwned()>",
    "<iframe src=http://evil.test/3></iframe>",
    "<iframe srcdoc='<script>parent.pwned()</script>'></iframe>",
    "<style>@import url(http://evil.test/4.css);</style>",
    "<div style='background:url(http://evil.test/5.png)'>x</div>",
    "<link rel=stylesheet href=http://evil.test/6.css>",
    "<video src=http://evil.test/7.mp4 poster=http://evil.test/8.png></video>",
    "<audio src=http://evil.test/9.mp3 autoplay></audio>",
    "<object data=http://evil.test/10></object>",
    "<embed src=http://evil.test/11>",
    "<input type=image src=http://evil.test/12.png>",
    "<body background=http://evil.test/13.png>",
    "<table background=http://evil.test/14.png><tr><td>x</table>",
    "<picture><source srcset=http://evil.test/15.png><img></picture>",
    "<meta http-equiv=refresh content='0;url=http://evil.test/16'>",
    "<base href=http://evil.test/>",
    "<details open ontoggle=pwned()>x</details>",
    "$$\\href{javascript:pwned()}{x}$$ \\(\\includegraphics{http://evil.test/17.png}\\)",
    "```mermaid graph TD; A-->B; click A pwned ```",
    "{{pwned()}} ${pwned()} <%= pwned() %> {% pwned %} %s",
    '\'; DROP TABLE documents; --" onmouseover="pwned()" x="',
    "\u202egnp.exe\u202c <b onclick=pwned()>\u2066right to left\u2069</b>",
    "nul\x00 and bell\x07 <script\x00>pwned()</script\x00>",
]

CANARY = "window.ran = 0; window.pwned = () => { window.ran += 1; };"


def marker(n):
    """A word that stands in the n-th document only."""
    return "mark" + chr(ord("a") + n // 6) + 3 * chr(ord("a") + n % 6)


def name_of(n, payload):
    """A path that holds the payload as far as a path can: its slashes part folders."""
    return f"{n:02} {re.sub('[^ -~]', '', payload)}.txt".replace("//", "/")


def written(payload):
    """The payload as a document can hold it: with a NUL in it, it would be skipped as binary."""
    return payload.replace("\x00", "")


def flat(text):
    return " ".join(scrub(text).split())


class Text(HTMLParser):
    """What a page's source says where it is read as markup."""

    def __init__(self):
        super().__init__()
        self.tags = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Each payload is the title, a heading, a sentence and the file name of one document."""
    root = tmp_path_factory.mktemp("hostile")
    for n, payload in enumerate(PAYLOADS):
        path = root / "documents" / name_of(n, payload)
        path.parent.mkdir(parents=True, exist_ok=True)
        words = written(payload)
        sentence = f"The {marker(n)} value is {words} here."
        path.write_bytes(f"Title {words}\n\n## Heading {words}\n\n{sentence}\n".encode())
    index = rag.build_index(root / "documents", root / "index", encoder="word-hash")
    # What finds titles takes markup out; the chat must not rely on that.
    titles = {name_of(n, payload): f"Title {payload}" for n, payload in enumerate(PAYLOADS)}
    made = index.documents._record
    index.documents._record = lambda row: replace(made(row), title=titles[made(row).id])
    return index


@pytest.fixture(scope="module")
def tab(chromium, index):
    """One tab for all payloads, with a canary that notices a script of theirs."""
    examples = [f"Example {payload}?" for payload in PAYLOADS[:4]]
    with serving(Library(lambda: index, examples, answer=quote_best)) as address:
        context = chromium.new_context(viewport={"width": 1400, "height": 900})
        context.add_init_script(CANARY)
        tab = Tab(context.new_page(), address)
        context.on("request", lambda request: tab.requests.append(request.url))
        tab.page.on("dialog", lambda dialog: (tab.complaints.append("dialog"), dialog.dismiss()))
        tab.page.goto(address)
        tab.page.locator(".cards > *").first.wait_for(state="attached")
        tab.page.locator('#chat a[href^="#ask/"]').nth(3).wait_for()
        yield tab
        context.close()


def unharmed(tab):
    assert tab.page.evaluate("window.ran") == 0
    assert tab.outside == []
    assert tab.complaints == []


def test_every_payload_is_in_the_index(index):
    assert len(PAYLOADS) == len(index.documents) == 28
    for n, payload in enumerate(PAYLOADS):
        document = index.document(name_of(n, payload))
        assert document.text.count(written(payload)) == 3
        assert payload in document.title


def test_examples_are_shown_literally(tab):
    shown = [flat(text) for text in tab.page.locator('#chat a[href^="#ask/"]').all_inner_texts()]
    assert shown == [flat(f"Example {payload}?") for payload in PAYLOADS[:4]]
    unharmed(tab)


@pytest.mark.parametrize("n", range(len(PAYLOADS)))
def test_a_payload_is_shown_literally_wherever_it_stands(tab, n):
    payload, name = flat(PAYLOADS[n]), name_of(n, PAYLOADS[n])
    words = flat(written(PAYLOADS[n]))
    tab.ask(f"The {marker(n)} value is what? {PAYLOADS[n]}")
    asked = tab.page.locator("#chat .user-row").last.inner_text()
    answered = tab.page.locator("#chat .bot-row").last.inner_text()
    assert payload in flat(asked)
    assert f"value is {words} here." in flat(answered)
    card = tab.page.locator(".card", has_text=marker(n)).first
    card.wait_for()
    assert f"Title {payload}" in flat(card.text_content())
    assert name in card.locator(".place").text_content()
    tab.number().focus()
    tab.page.locator("#hover blockquote", has_text=marker(n)).wait_for()
    assert f"Title {payload}" in flat(tab.page.locator("#hover").text_content())
    tab.page.keyboard.press("Enter")
    tab.page.locator("#hit", has_text=marker(n)).wait_for()
    read = flat(tab.page.locator("#reader").text_content())
    assert f"Title {payload}" in read
    assert f"Heading {words}" in read
    assert name in read
    tab.page.keyboard.press("Escape")
    unharmed(tab)


def test_the_list_of_documents_shows_titles_and_names(tab):
    tab.page.get_by_role("tab", name="Documents").click()
    tab.page.wait_for_timeout(300)
    shown = flat(tab.page.locator("#documents").text_content())
    for n, payload in enumerate(PAYLOADS):
        assert name_of(n, payload) in shown
        assert f"Title {flat(payload)}" in shown
    unharmed(tab)


def test_the_table_of_figures_and_the_list_of_conversations_show_it_literally(tab):
    tab.page.get_by_role("tab", name="Figures").click()
    tab.page.select_option("#figure-scope", "*")
    tab.page.locator("#figure-table tbody tr").first.wait_for()
    scopes = flat(tab.page.locator("#figure-scope").text_content())
    assert [p for p in PAYLOADS if f"Title {flat(p)}" not in scopes] == []
    tab.page.click("#talks")
    first = tab.page.locator(".talk-title").text_content()
    assert flat(first) == flat(f"The {marker(0)} value is what? {PAYLOADS[0]}")
    tab.page.keyboard.press("Escape")
    unharmed(tab)


def test_the_conversation_comes_back_as_literally(tab):
    replies = tab.page.locator("#chat .bot-row")
    before = replies.last.inner_text()
    tab.page.wait_for_timeout(500)  # until the browser has kept it
    tab.page.reload()
    tab.number().wait_for()
    assert flat(replies.last.inner_text()) == flat(before)
    unharmed(tab)


def test_an_exported_conversation_shows_it_literally(tab, index, tmp_path):
    with tab.page.expect_download() as started:
        tab.page.click("#export")
    path = tmp_path / "conversation.html"
    started.value.save_as(path)
    assert [check for check in verify_page(path, index.source) if check.problem] == []
    reader = Text()
    reader.feed(path.read_text(encoding="utf-8"))
    assert reader.tags.isdisjoint({"img", "svg", "iframe", "link", "b", "base", "object", "input"})
    with_scripts = tab.page.context.new_page()  # the canary and the list of requests go with it
    with_scripts.goto(path.as_uri())
    texts = scrub("\n".join(document.text for document in index.documents))
    quotes = with_scripts.locator("blockquote").all_text_contents()
    assert quotes
    assert [quote for quote in quotes if quote not in texts] == []
    assert with_scripts.evaluate("window.ran") == 0
    outside = [url for url in tab.outside if not url.startswith("file:")]
    assert outside == []
    with_scripts.close()

"""What the chat's tests share: an index of the seeds, a served chat, a real browser."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import rag

SEEDS = Path(__file__).parent.parent / "seeds"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def quote_best(question: str, index: rag.Index, history: Any = (), documents: Any = None) -> Any:
    """Stand in for `rag.answer`: say the spans that share the most words, at least two."""
    words = set(question.lower().strip("?").split())
    hits = rag.retrieve(question, index, 5, history, documents)
    found = []
    for hit in hits:
        document = index.document(hit.passage.document_id)
        for span in hit.passage.spans:
            text = document.text[span.start : span.end]
            shared = len(words & set(text.lower().split()))
            citation = rag.Citation(document.id, document.title, span.start, span.end, text)
            found += [(shared, citation)] * (shared >= 2)
    found = [citation for _, citation in sorted(found, key=lambda pair: -pair[0])]
    if not found:
        reason = rag.Reason("weak-support", "Nothing was found.")
        return rag.Answer(question, "The documents do not say.", hits=tuple(hits), reason=reason)
    lines = [f"{citation.quote} [{n}]" for n, citation in enumerate(found[:3], 1)]
    return rag.Answer(question, "\n".join(lines), tuple(found[:3]), tuple(hits))


@pytest.fixture(scope="session")
def seed_index(tmp_path_factory: pytest.TempPathFactory) -> rag.Index:
    return rag.build_index(SEEDS, tmp_path_factory.mktemp("seeds") / "index", encoder="word-hash")


def app_of(library: Any, **options: Any) -> Any:
    """Make the chat's application inside a loop of its own.

    Where none runs, Gradio makes event loops and never closes them, which is a ResourceWarning.
    """
    from chat.server import make_app

    async def make() -> Any:
        return make_app(library, **options)

    return run_elsewhere(make)


def run_elsewhere(make: Callable[[], Any]) -> Any:
    """Run a coroutine to its end in a thread: in this one a browser's loop may be running."""
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(lambda: asyncio.run(make())).result()


@contextmanager
def serving(library: Any, port: int = 0, **options: Any) -> Iterator[str]:
    """Serve the chat over ``library`` on this machine, port 0 for a free one; yield its address."""
    import socket

    import uvicorn

    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(64)
        config = uvicorn.Config(app_of(library, **options), log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        server.force_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Tab:
    """One browser tab on the chat, with everything that it asked for and complained of."""

    page: Any
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """Requests to anywhere but the server."""
        own = (self.address, "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]

    def ask(self, question: str) -> None:
        """Type a question, press Enter, wait for the reply to be complete."""
        replies = self.page.locator("#chat .bot-row")
        before = replies.count()
        self.page.fill("#box textarea", question)
        self.page.press("#box textarea", "Enter")
        replies.nth(before).wait_for(timeout=20_000)
        self.wait_until_kept()

    def wait_until_kept(self) -> None:
        """Wait until the browser keeps every reply: that comes a moment after it is shown."""
        self.page.locator('#chat[aria-busy="false"]').wait_for()

    def reload(self) -> None:
        """Load the page anew, as soon as a person could: the browser writes down what it keeps."""
        self.page.wait_for_timeout(300)
        self.page.reload()

    def number(self, n: int = 1) -> Any:
        """The n-th citation number of the last answer."""
        last = self.page.locator("#chat .bot-row").last
        return last.locator('a[href^="#src/"]').nth(n - 1)

    def resting_place(self) -> Any:
        """Where the first number of the last answer stands once the page has come to rest."""
        place = None
        for _ in range(40):
            before, place = place, self.number().bounding_box()
            if place == before:
                break
            self.page.wait_for_timeout(300)
        return place

    def is_focused(self, selector: str) -> bool:
        return bool(self.page.evaluate("s => document.activeElement.matches(s)", selector))


@pytest.fixture
def open_tab(chromium: Any) -> Iterator[Callable[..., Tab]]:
    """Return ``open_tab(address, path="/", width=1400, height=900, **context)``."""
    contexts = []

    def open_tab(
        address: str, path: str = "/", width: int = 1400, height: int = 900, **context: Any
    ) -> Tab:
        opened = chromium.new_context(viewport={"width": width, "height": height}, **context)
        contexts.append(opened)
        return visit(opened, address, path)

    yield open_tab
    for opened in contexts:
        opened.close()


def visit(context: Any, address: str, path: str = "/") -> Tab:
    """Open a tab and wait until the chat can be used."""
    tab = Tab(context.new_page(), address)
    tab.page.on("request", lambda request: tab.requests.append(request.url))
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.page.on("dialog", lambda dialog: (tab.complaints.append("dialog"), dialog.dismiss()))
    tab.page.on(
        "console",
        lambda message: tab.complaints.append(message.text) if message.type == "error" else None,
    )
    tab.page.goto(address + path)
    tab.page.locator("#box textarea").wait_for()
    tab.page.locator(".cards > *").first.wait_for(state="attached")
    return tab

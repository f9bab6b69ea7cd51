"""The Documents tab: rebuilding while the old index answers, and files dropped on the page."""

from __future__ import annotations

import os
import shutil
import threading
import time

import pytest
from conftest import app_of, quote_best, serving
from starlette.testclient import TestClient

import rag
from chat.guard import UPLOAD_LIMIT
from chat.library import Library
from chat.rebuilding import Rebuilder
from chat.uploading import safe_name, save_upload
from rag.index import default_index

NOTE = "Acme note\n\nAcme sold 40 tonnes of copper in 2024.\n"
NEW = "Globex note\n\nGlobex sold 7 tonnes of tin in 2024.\n"


@pytest.fixture
def source(tmp_path, monkeypatch):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text(NOTE)
    rag.build_index(folder, tmp_path / "index", encoder="word-hash")
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    return folder


@pytest.fixture
def library(source):
    return Library(default_index, source=source, answer=quote_best)


def finished(rebuilder):
    for _ in range(1000):
        if not rebuilder.state()["running"]:
            return rebuilder.state()["outcome"]
        time.sleep(0.01)
    raise AssertionError("still running")


# ---- rebuilding ----------------------------------------------------------------------------------


def test_a_rebuild_is_taken_over_and_the_old_index_answers_meanwhile(library, source, monkeypatch):
    (source / "b.txt").write_text(NEW)
    before, go_on = library.index().generation, threading.Event()
    building = rag.build_index

    def slow(*arguments, **options):
        go_on.wait(10)
        return building(*arguments, **options)

    monkeypatch.setattr(rag, "build_index", slow)
    rebuilder = Rebuilder(library)
    assert rebuilder.start()["running"]
    assert rebuilder.start()["running"]  # a second press starts no second build
    assert [t.name for t in threading.enumerate()].count("rebuild") == 1
    assert "40 tonnes" in library.answer("Acme sold how much?", library.index()).text
    assert library.index().generation == before
    go_on.set()
    assert finished(rebuilder) == "done"
    assert "7 tonnes" in library.answer("Globex sold how much?", library.index()).text
    assert "differences" not in library.status()
    assert finished(rebuilder) == "done"
    rebuilder.start()
    assert finished(rebuilder) == "unchanged"


def test_progress_counts_passages(library, source, monkeypatch):
    (source / "b.txt").write_text(NEW)
    rebuilder, seen = Rebuilder(library), []
    report = rebuilder._report
    monkeypatch.setattr(
        rebuilder, "_report", lambda *told: (report(*told), seen.append(rebuilder.state()))
    )
    rebuilder.start()
    assert finished(rebuilder) == "done"
    stages = [state["stage"] for state in seen]
    assert list(dict.fromkeys(stages)) == ["read", "split", "embed", "write"]
    assert next(state["total"] for state in seen if state["stage"] == "embed") == 1
    assert all(state["running"] and state["seconds"] >= 0 for state in seen)


def test_what_goes_wrong_is_one_word_and_the_old_index_stays(library, source, caplog):
    from rag.index.locking import building

    rebuilder, before = Rebuilder(library), library.index().generation
    with building(library.index().folder):
        rebuilder.start()
        assert finished(rebuilder) == "locked"
    (source / "a.txt").unlink()
    rebuilder.start()
    assert finished(rebuilder) == "unreadable"
    assert library.index().generation == before
    assert "40 tonnes" in library.answer("Acme sold how much?", library.index()).text


def test_another_site_cannot_start_a_rebuild_or_upload(library, source):
    app = app_of(library, uploads=True)
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        foreign = {"Origin": "http://evil.test"}
        assert client.post("/chat/rebuild", headers=foreign).status_code == 403
        reply = client.post("/chat/upload?name=b.txt", content=b"x", headers=foreign)
        assert reply.status_code == 403
        own = {"Origin": "http://127.0.0.1:7860"}
        assert client.post("/chat/rebuild", headers=own).json()["running"]
        while client.get("/chat/rebuild").json()["running"]:
            time.sleep(0.01)
    assert [path.name for path in source.iterdir()] == ["a.txt"]


# ---- uploads -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.txt", "report.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\notes.md", "notes.md"),
        ("a<b>:c?.txt", "a_b__c_.txt"),
        (".hidden.txt", "hidden.txt"),
        ("con.txt", "_con.txt"),
        ("a\u202etxt\x00\n.md", "atxt.md"),
        ("年报 2024.txt", "年报 2024.txt"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
        ("txt", ""),
        ("..", ""),
        ("", ""),
    ],
)
def test_names_are_made_safe(name, safe):
    assert safe_name(name) == safe


def test_an_upload_is_whole_and_never_replaces_without_a_word(tmp_path):
    assert save_upload(tmp_path, "a.txt", b"one") == "saved"
    assert save_upload(tmp_path, "a.txt", b"two") == "exists"
    assert (tmp_path / "a.txt").read_bytes() == b"one"
    assert save_upload(tmp_path, "a.txt", b"two", replace=True) == "saved"
    assert (tmp_path / "a.txt").read_bytes() == b"two"
    assert save_upload(tmp_path, "a.exe", b"MZ") == "type"
    assert save_upload(tmp_path, "b.txt", b"") == "empty"
    assert save_upload(tmp_path / "gone", "b.txt", b"x") == "disk"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_an_index_that_has_gone_is_built_again(library, source, tmp_path):
    library.index()
    shutil.rmtree(tmp_path / "index")
    (source / "b.txt").write_text(NEW)
    assert library.status()["gone"] == "index"
    rebuilder = Rebuilder(library)
    rebuilder.start()
    assert finished(rebuilder) == "done"
    assert "gone" not in library.status()
    assert len(library.index().documents) == 2


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")
def test_an_upload_does_not_write_through_a_link(tmp_path):
    (tmp_path / "documents").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "documents" / "a.txt").symlink_to(tmp_path / "secret.txt")
    assert save_upload(tmp_path / "documents", "a.txt", b"x", replace=True) == "exists"
    assert (tmp_path / "secret.txt").read_text() == "secret"


def test_uploads_are_refused_unless_allowed_and_have_a_limit(library):
    with TestClient(app_of(library), base_url="http://127.0.0.1:7860") as client:
        assert "upload" not in client.get("/chat/status").json()
        assert client.post("/chat/upload?name=b.txt", content=b"x").status_code == 403
    with TestClient(app_of(library, uploads=True), base_url="http://127.0.0.1:7860") as client:
        assert client.get("/chat/status").json()["upload"]["limit"] == UPLOAD_LIMIT
        huge = b"x" * (UPLOAD_LIMIT + 1)
        assert client.post("/chat/upload?name=b.txt", content=huge).status_code == 413
        saved = client.post("/chat/upload?name=b.txt", content=NEW.encode())
        assert (saved.status_code, saved.json()) == (200, {"result": "saved", "name": "b.txt"})
        assert client.post("/chat/upload?name=b.txt", content=b"x").status_code == 409
        assert client.get("/chat/status").json()["differences"]["added"] == 1


# ---- in the browser ------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("width", [1400, 390])
def test_the_banner_rebuilds_and_the_page_takes_the_new_index_over(
    open_tab, library, source, width
):
    (source / "b.txt").write_text(NEW)
    with serving(library) as address:
        tab = open_tab(address, width=width)
        if width < 800:
            tab.page.click("#open-sheet")
        banner = tab.page.locator("#banner")
        banner.wait_for()
        assert "differs from the index: 1 added." in banner.text_content()
        tab.page.get_by_role("tab", name="Documents").click()
        assert tab.page.locator("#picks input").count() == 1
        assert tab.page.locator("#drop").count() == 0
        banner.get_by_role("button", name="Rebuild").click()
        tab.page.get_by_text("The new index is in use.").first.wait_for()
        tab.page.locator("#picks input").nth(1).wait_for()
        assert tab.page.locator("#picks input:checked").count() == 2
        assert banner.count() == 0
        assert "b.txt" in tab.page.locator("#picks").text_content()
        if width < 800:
            tab.page.click("#close-sheet")
        tab.ask("Globex sold how many tonnes of tin?")
        assert "7 tonnes" in tab.page.locator("#chat .bot-row").last.text_content()
        assert tab.complaints == []


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_files_are_added_from_the_page_where_that_is_allowed(open_tab, library, source):
    with serving(library, uploads=True) as address:
        tab = open_tab(address)
        tab.page.get_by_role("tab", name="Documents").click()
        said = tab.page.locator("#folder-said")
        tab.page.set_input_files(
            "#drop input", [{"name": "b.txt", "mimeType": "text/plain", "buffer": NEW.encode()}]
        )
        said.get_by_text("Added: b.txt. Rebuild to search it.").wait_for()
        tab.page.locator("#banner").get_by_text("1 added").wait_for()
        again = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"Acme sold 90 tonnes.\n"}
        tab.page.set_input_files("#drop input", [again])
        said.get_by_text("A file named a.txt is already there.").wait_for()
        assert tab.is_focused("#folder-said button")
        assert (source / "a.txt").read_text() == NOTE
        tab.page.keyboard.press("Enter")
        said.get_by_text("Added: a.txt").wait_for()
        assert (source / "a.txt").read_text() == "Acme sold 90 tonnes.\n"
        program = {"name": "a.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}
        tab.page.set_input_files("#drop input", [program])
        said.get_by_text("files of this type cannot be read").wait_for()
        drop = """text => {
            const data = new DataTransfer();
            data.items.add(new File([text], "c.md"));
            const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
            document.getElementById("drop").dispatchEvent(event);
        }"""  # noqa: E501
        tab.page.evaluate(drop, "# Initech\n\nInitech sold 3 tonnes of lead.\n")
        said.get_by_text("Added: c.md").wait_for()
        assert sorted(path.name for path in source.iterdir()) == ["a.txt", "b.txt", "c.md"]
        tab.page.locator("#folder").get_by_role("button", name="Rebuild").click()
        tab.page.locator("#picks input").nth(2).wait_for()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_chinese_browsers_read_chinese_about_the_folder(open_tab, library, source):
    (source / "b.txt").write_text(NEW)
    with serving(library, uploads=True) as address:
        tab = open_tab(address, locale="zh-CN")
        tab.page.get_by_role("tab", name="文档").click()
        assert "新增 1" in tab.page.locator("#banner").text_content()
        assert "拖放" in tab.page.locator("#drop").text_content()
        tab.page.locator("#banner").get_by_role("button", name="重建索引").click()
        tab.page.get_by_text("新索引已启用。").first.wait_for()

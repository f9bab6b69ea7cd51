"""The login before a chat that others on the network reach."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import app_of, quote_best, run_elsewhere, serving

import rag
import ui
from chat import login as module
from chat.guard import UPLOAD
from chat.library import Library
from chat.login import COOKIE, Account, Login, hash_password, is_password, read_account
from rag.cli import app

PASSWORD = "correct höhe: battery"
HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def account():
    return Account("ann", hash_password(PASSWORD))


@pytest.fixture
def clock():
    return [1000.0]


@pytest.fixture
def client(account, clock):
    """A client of a small application behind the login, with a clock that the test moves."""
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    def inside(request):
        return PlainTextResponse("inside")

    routes = [Route(path, inside, methods=["GET", "POST"]) for path in ("/", "/data", "/healthz")]
    guarded = Login(Starlette(routes=routes), account, lambda: clock[0])
    return TestClient(guarded, base_url="http://127.0.0.1", follow_redirects=False)


def enter(client, password=PASSWORD, name="ann", **options):
    return client.post("/login", data={"username": name, "password": password}, **options)


def test_passwords_are_kept_as_salted_hashes():
    first, second = hash_password(PASSWORD), hash_password(PASSWORD)
    assert first != second
    assert PASSWORD not in first
    assert is_password(PASSWORD, first)
    assert not is_password(PASSWORD + " ", first)


def test_nobody_gets_in_without_a_login(client):
    page = client.get("/", headers=HTML)
    assert (page.status_code, page.headers["location"]) == (303, "/login")
    assert client.get("/data").status_code == 401
    assert client.post("/data", headers=HTML).status_code == 401
    assert client.get("/data", headers={"cookie": f"{COOKIE}=made-up"}).status_code == 401
    assert client.get("/healthz").text == "inside"
    form = client.get("/login", headers={"accept-language": "zh-CN"})
    assert "登录" in form.text
    assert "<script" not in form.text


def test_in_and_out_again(client):
    entered = enter(client, headers=HTML)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    kept = {"cookie": cookie.split(";")[0]}
    assert client.get("/", headers=kept).text == "inside"
    assert client.get("/logout", headers=kept).status_code == 404  # a link logs nobody out
    assert client.post("/logout", headers=kept).status_code == 303
    client.cookies.clear()
    assert client.get("/data", headers=kept).status_code == 401


def test_a_session_ends(client, clock):
    enter(client)
    clock[0] += 3600 * module.HOURS - 1
    assert client.get("/data").text == "inside"
    clock[0] += 2
    assert client.get("/data").status_code == 401


def test_programs_may_use_basic_credentials(client):
    def given(text: bytes) -> dict[str, str]:
        return {"authorization": f"Basic {base64.b64encode(text).decode()}"}

    assert client.get("/data", headers=given(f"ann:{PASSWORD}".encode())).text == "inside"
    assert client.get("/data", headers=given(b"ann:wrong")).status_code == 401
    assert client.get("/data", headers={"authorization": "Basic !"}).status_code == 401
    assert client.get("/data", headers=given(b"\xff")).status_code == 401
    assert client.get("/data", headers=given(b"ann:x")).status_code == 429


def test_wrong_attempts_are_slowed_and_a_right_one_waits_too(client, clock):
    wrong = [enter(client, "wrong").status_code for _ in range(10)]
    assert wrong == [401] * 3 + [429] * 7
    assert enter(client).status_code == 429
    clock[0] += 1.1
    assert enter(client, "wrong").status_code == 401
    early = enter(client, headers=HTML)
    assert (early.status_code, early.headers["retry-after"]) == (429, "2")
    assert "wait a moment" in early.text
    waits = []
    for _ in range(8):
        clock[0] += module.LONGEST_WAIT
        waits.append(int(enter(client, "wrong").headers["retry-after"]))
    assert waits == [4, 8, 16, 32, 60, 60, 60, 60]
    clock[0] += module.LONGEST_WAIT
    assert enter(client).status_code == 200
    assert enter(client, "wrong").status_code == 401
    assert enter(client).status_code == 200  # forgiven


def test_a_wrong_name_is_told_as_a_wrong_password(client):
    replies = [enter(client, "wrong"), enter(client, PASSWORD, "bob"), enter(client, "", "")]
    assert {(r.status_code, r.text) for r in replies} == {(401, replies[0].text)}


def test_addresses_are_counted_apart_and_never_without_bound(account, monkeypatch):
    monkeypatch.setattr(module, "_MOST_ADDRESSES", 5)
    monkeypatch.setattr(module, "is_password", lambda *_: False)
    login = Login(None, account, lambda: 0.0)  # type: ignore[arg-type]

    async def attempt(host: str) -> int:
        from starlette.requests import Request

        scope = {"type": "http", "client": (host, 1), "headers": []}
        return (await login._refusal(Request(scope), "ann", "x")).status_code

    async def run() -> None:
        assert [await attempt("10.0.0.1") for _ in range(4)] == [401, 401, 401, 429]
        assert await attempt("10.0.0.2") == 401
        same = [await attempt(f"2001:db8::{n}") for n in range(4)]
        assert same == [401, 401, 401, 429]  # one customer has the whole half
        for n in range(20):
            await attempt(f"10.0.1.{n}")
        assert len(login._wrong) == 5

    run_elsewhere(run)


# ---- whom the server asks ------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"])
def test_this_machine_needs_no_login(host):
    assert read_account(None, host) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.168.1.5", "example.org"])
def test_other_addresses_need_one_or_a_word(host):
    with pytest.raises(rag.RagError, match=r"--auth NAME:PASSWORD_FILE, .* --no-auth"):
        read_account(None, host)
    assert read_account(None, host, open_to_all=True) is None


def test_the_file_holds_the_password_or_its_hash(tmp_path: Path):
    file = tmp_path / "password.txt"
    for content in (PASSWORD, PASSWORD + "\r\n", hash_password(PASSWORD)):
        file.write_bytes(content.encode())
        account = read_account(f"ann:{file}", "0.0.0.0")
        assert account.name == "ann"
        assert is_password(PASSWORD, account.hashed)


@pytest.mark.parametrize(
    ("auth", "said"), [("ann", "NAME:PASSWORD_FILE"), (":f", "NAME:"), ("ann:none.txt", "none.txt")]
)
def test_what_cannot_be_used_is_named(auth, said):
    with pytest.raises(rag.RagError, match=said):
        read_account(auth, "127.0.0.1")


def test_an_empty_password_is_none(tmp_path):
    (tmp_path / "p").write_text("\n")
    with pytest.raises(rag.RagError, match="is empty"):
        read_account(f"ann:{tmp_path / 'p'}", "127.0.0.1")


def test_the_command_refuses_before_it_builds(tmp_path, monkeypatch):
    command = ["chat", "--host", "0.0.0.0", "--index", str(tmp_path / "index")]
    done = CliRunner().invoke(app, command, env={"RAG_SOURCE": None})
    assert done.exit_code == 1
    assert "--no-auth" in done.stderr
    assert not (tmp_path / "index").exists()
    monkeypatch.setenv("RAG_HOST", "0.0.0.0")
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    with pytest.raises(SystemExit):
        ui.main()
    assert not (tmp_path / "index").exists()


# ---- the whole chat ------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_gradios_own_client_logs_in(seed_index, account):
    from gradio_client import Client

    with serving(Library(lambda: seed_index, answer=quote_best), account=account) as address:
        client = Client(address, auth=("ann", PASSWORD), verbose=False)
        try:
            listed = client.predict(api_name="/documents")
        finally:
            client.close()
    assert len(listed["documents"]) == 2


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_in_and_out_in_a_browser(chromium, seed_index, account):
    question = "What is the market capitalization in CNY?"
    with serving(Library(lambda: seed_index, answer=quote_best), account=account) as address:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(address)
        page.fill("#username", "ann")
        page.fill("#password", "wrong")
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        page.fill("#username", "ann")
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.locator("#box textarea").wait_for()
        page.locator("#logout").wait_for()
        page.fill("#box textarea", question)
        page.keyboard.press("Enter")
        page.locator('#chat a[href^="#src/"]').first.wait_for()
        page.get_by_role("button", name="Log out").click()
        page.locator("#password").wait_for()
        assert page.request.get(f"{address}/chat/status").status == 401
        context.close()


def test_documents_are_behind_the_login_too(seed_index, account):
    from starlette.testclient import TestClient

    library = Library(lambda: seed_index, answer=quote_best)
    document = seed_index.documents[0].id
    app = app_of(library, account=account, uploads=True)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        for path in ("/config", "/chat/labels", "/chat/chat.js", "/gradio_api/info"):
            assert client.get(path).status_code == 401
        for path in ("/chat/status", "/chat/figures", "/chat/documents", "/chat/rebuild"):
            assert client.get(path).status_code == 401
        for path in ("/chat/rebuild", "/chat/upload?name=b.txt", "/chat/export", "/chat/figures"):
            assert client.post(path, content=b"[]").status_code == 401
        reading = client.get("/chat/reading", params={"document": document, "start": 0, "end": 5})
        assert reading.status_code == 401
        assert client.post("/chat/spans", content=json.dumps([])).status_code == 401
        assert client.get("/healthz").status_code == 200
        assert client.get("/", headers={"host": "evil.test"}).status_code == 400


def test_an_upload_without_a_login_is_refused_before_its_body_is_read(seed_index, account):
    library = Library(lambda: seed_index, answer=quote_best)
    app = app_of(library, account=account, uploads=True)
    replies = []

    async def unread():
        raise AssertionError("the body was read")

    async def reply(message):
        replies.append(message)

    async def send(headers):
        scope = {"type": "http", "method": "POST", "scheme": "http", "root_path": ""}
        scope |= {"path": UPLOAD, "raw_path": UPLOAD.encode(), "query_string": b"name=a.txt"}
        scope |= {"headers": [(b"host", b"127.0.0.1"), *headers], "client": ("127.0.0.1", 1)}
        await app(scope, unread, reply)

    run_elsewhere(lambda: send([]))
    assert replies[0]["status"] == 401
    assert b"content-security-policy" in dict(replies[0]["headers"])
    with pytest.raises(AssertionError, match="the body was read"):
        basic = base64.b64encode(f"ann:{PASSWORD}".encode())
        run_elsewhere(lambda: send([(b"authorization", b"Basic " + basic)]))


def test_a_login_form_has_a_limit(client):
    assert client.post("/login", content=b"x" * 10_001).status_code == 413

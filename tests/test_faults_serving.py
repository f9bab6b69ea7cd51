"""The chat when things go wrong: folders that go, questions that are none, no network, failures."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import load
import pytest
from click.testing import CliRunner
from conftest import SEEDS, app_of, quote_best, run_elsewhere

import rag
from chat.endpoints import Endpoints, Refused
from chat.guard import BODY_LIMIT
from chat.library import Library
from chat.rendering import escape
from chat.talking import Conversation, respond
from rag.cli import app
from rag.errors import QuestionError
from rag.index import default_index

QUESTION = "What is the market capitalization in CNY?"
NO_QUESTIONS = [
    "",
    " \n\t ",
    "🙂🙂",
    "\x00\x01\x1b",
    "a\ud800b",
    "?!",
    "x" * 4_001,
    "x" * 1_000_000,
]


# ---- questions that are none ---------------------------------------------------------------------


@pytest.mark.parametrize("question", NO_QUESTIONS, ids=lambda q: repr(q[:8]) + str(len(q)))
def test_the_same_words_refuse_a_question_everywhere(seed_index, question, monkeypatch):
    def embedding(*_):
        raise AssertionError("a question that is none was embedded")

    library = Library(lambda: seed_index)
    monkeypatch.setattr(type(seed_index.encoder), "encode", embedding)
    with pytest.raises(QuestionError) as refused:
        rag.answer(question, seed_index)
    said = str(refused.value)
    (*_, reply) = list(respond(question, Conversation(), library))[-1]
    assert reply["content"] == escape(said)
    for ask in (Endpoints(library).answer, Endpoints(library).retrieve):
        with pytest.raises(Refused) as over_http:
            ask(question)
        assert str(over_http.value) == said
    variables = {"RAG_MODEL": None, "RAG_INDEX": str(seed_index.folder)}
    done = CliRunner().invoke(app, ["ask", question], env=variables)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"rag: {' '.join(said.split())}\n"


def test_20_mb_are_refused_before_they_are_read(seed_index):
    from starlette.testclient import TestClient

    library = Library(lambda: seed_index, answer=quote_best)
    body = b'{"question": "' + b"x" * 20_000_000 + b'"}'
    with TestClient(app_of(library), base_url="http://127.0.0.1") as client:
        for path in ("/gradio_api/call/v2/answer", "/gradio_api/queue/join", "/chat/export"):
            reply = client.post(path, content=body, headers={"content-type": "application/json"})
            assert (reply.status_code, reply.text) == (413, f"More than {BODY_LIMIT:,} bytes.")


# ---- an exception inside -------------------------------------------------------------------------


def test_no_reply_holds_the_text_of_an_exception(seed_index):
    from starlette.testclient import TestClient

    def failing(*_, **__):
        raise RuntimeError("/secret/path")

    library = Library(lambda: seed_index, answer=failing)
    library.spans = library.reading = library.status = failing
    with TestClient(
        app_of(library), base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as client:
        asked = {"json": {"question": QUESTION}}
        event = client.post("/gradio_api/call/v2/answer", **asked).json()["event_id"]
        replies = [
            client.get(f"/gradio_api/call/answer/{event}"),
            client.get("/chat/status"),
            client.get("/chat/reading?document=a&start=0&end=1"),
            client.post("/chat/spans", json=[["a", 0, 1, ""]]),
            client.get("/chat/reading?start=x"),
            client.get("/gradio_api/file=/etc/passwd"),
        ]
        for reply in replies:
            assert "/secret/path" not in reply.text
            assert "Traceback" not in reply.text
        assert [reply.status_code for reply in replies[1:4]] == [500] * 3
        assert replies[5].status_code in (403, 404)


# ---- folders that go -----------------------------------------------------------------------------


@pytest.fixture
def served(tmp_path, monkeypatch):
    """An index of a copy of the seeds, as the server keeps it open."""
    shutil.copytree(SEEDS, tmp_path / "documents")
    rag.build_index(tmp_path / "documents", tmp_path / "index", encoder="word-hash")
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    monkeypatch.delenv("RAG_MODEL", raising=False)
    library = Library(default_index, [QUESTION], tmp_path / "documents", quote_best)
    assert library.status() == {"generation": "gen-000001"}
    library._next_check = 0.0
    return library


def still_answers(library: Library) -> bool:
    (*_, reply) = list(respond(QUESTION, Conversation(), library))[-1]
    document = library.index().documents[0]
    shown = library.reading((document.id, 0, 9, ""))
    return "176 billion CNY" in reply["content"] and shown["quote"] == document.text[:9]


def test_a_deleted_index_goes_on_from_memory_and_the_chat_says_so(served, tmp_path):
    shutil.rmtree(tmp_path / "index")
    assert still_answers(served)
    assert served.status() == {"generation": "gen-000001", "gone": "index"}


def test_deleted_documents_go_on_from_the_index_and_the_chat_says_so(served, tmp_path):
    shutil.rmtree(tmp_path / "documents")
    assert still_answers(served)
    assert served.status() == {"generation": "gen-000001", "gone": "documents"}


def test_changed_documents_are_counted_and_a_rebuild_is_taken_over(served, tmp_path):
    with (tmp_path / "documents" / "000_434fb3b9481581b1.txt").open("a") as file:
        file.write("\nOne more sentence about the year.\n")
    assert still_answers(served)
    changes = {"added": 0, "changed": 1, "removed": 0}
    assert served.status() == {"generation": "gen-000001", "differences": changes}
    rag.build_index(tmp_path / "documents", tmp_path / "index", encoder="word-hash")
    served._next_check = 0.0
    assert served.status() == {"generation": "gen-000002"}
    assert still_answers(served)


# ---- no network ----------------------------------------------------------------------------------

WATCH = """
import os, sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        outside = isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        outside = arguments[0] not in (None, "", "127.0.0.1", "::1", "localhost", b"127.0.0.1")
    else:
        return
    if outside:
        with open(os.environ["WATCHED"], "a") as file:
            file.write(f"{event} {arguments[1:]}\\n")
        raise OSError("no network in this test")

sys.addaudithook(watch)
"""


@pytest.fixture
def watched(tmp_path, monkeypatch) -> Path:
    """Python processes started from here refuse and note every connection out of this machine."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(textwrap.dedent(WATCH))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv("WATCHED", str(tmp_path / "connections"))
    for name in ("RAG_MODEL", "RAG_INDEX", "RAG_SOURCE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "connections"


def test_the_watch_sees(watched):
    code = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "no network in this test" in done.stderr
    assert watched.read_text().startswith("socket.getaddrinfo")


@pytest.mark.model
def test_build_ask_and_chat_without_a_network(watched):
    command = [sys.executable, "-m", "rag", "ask", "--json", QUESTION, "--index"]
    with load.chat_server(SEEDS) as address:  # builds, with the packaged model
        asked = load.seed_questions()
        measured = run_elsewhere(lambda: load.drive(address, 1, asked, each=2, pause=0))
    assert (len(measured.answers), measured.errors) == (2, [])
    folder = str(watched.parent / "index")
    for arguments in (["build", str(SEEDS), "--index", folder], [*command[3:], folder]):
        done = subprocess.run(
            [*command[:3], *arguments], cwd=load.ROOT, env=os.environ, capture_output=True
        )
        assert done.returncode == 0, done.stderr
    assert b"176 billion" in done.stdout
    assert not watched.exists()

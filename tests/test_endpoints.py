"""What programs may ask: over HTTP as curl does, and through Gradio's own client."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from conftest import SEEDS, quote_best, run_elsewhere, serving

import rag
from chat.endpoints import Endpoints, Refused
from chat.labels import LABELS
from chat.library import Library
from chat.talking import Conversation, respond
from chat.turnstile import Busy, Turnstile

# Gradio's own use of pandas; as an error in the server's thread it would end an answer.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

QUESTION = "What is the market capitalization in CNY?"


@pytest.fixture(scope="module")
def library(seed_index):
    return Library(lambda: seed_index, source=SEEDS, answer=quote_best)


@pytest.fixture(scope="module")
def address(library):
    with serving(library) as served:
        yield served


def call(address: str, name: str, **arguments) -> tuple[str, object]:
    """Ask as curl does: post the arguments, then read the event that comes of them."""
    root = f"{address}/gradio_api/call"
    event = httpx.post(f"{root}/v2/{name}", json=arguments).json()["event_id"]
    kind, data = httpx.get(f"{root}/{name}/{event}", timeout=30).text.strip().split("\n")
    assert kind.startswith("event: ")
    return kind[7:], json.loads(data.removeprefix("data: "))


def test_three_endpoints_with_types_and_descriptions(address):
    named = httpx.get(f"{address}/gradio_api/info").json()["named_endpoints"]
    assert list(named) == ["/retrieve", "/answer", "/documents"]
    types = {
        name: {p["parameter_name"]: p["python_type"]["type"] for p in endpoint["parameters"]}
        for name, endpoint in named.items()
    }
    where = {"documents": "None | list[str]", "after": "None | str", "before": "None | str"}
    assert types == {
        "/retrieve": {"question": "str", "k": "int", **where},
        "/answer": {"question": "str", "history": "None | list[list[str]]", **where},
        "/documents": {},
    }
    assert "exact words" in named["/answer"]["description"]
    assert "1 to 100" in named["/retrieve"]["description"]


def test_answer_gives_exact_quotes(address, seed_index):
    kind, (answer,) = call(address, "answer", question=QUESTION)
    assert kind == "complete"
    assert (answer["question"], answer["abstained"]) == (QUESTION, False)
    assert answer["generation"] == seed_index.generation
    for citation in answer["citations"]:
        text = seed_index.document(citation["document_id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_a_request_opens_one_index_only(seed_index):
    opened = []
    library = Library(lambda: opened.append(1) or seed_index, source=SEEDS, answer=quote_best)
    endpoints, ids = Endpoints(library), [document.id for document in seed_index.documents]
    for ask in (
        lambda: endpoints.retrieve(QUESTION, documents=ids),
        lambda: endpoints.answer(QUESTION, documents=ids),
        endpoints.documents,
        lambda: library.reading((ids[0], 0, 5, "")),
        lambda: library.spans([(ids[0], 0, 5, ""), (ids[1], 0, 5, "")]),
        lambda: list(respond(QUESTION, Conversation(), library, ids[:1])),
    ):
        opened.clear()
        ask()
        assert opened == [1]


def test_history_and_documents_are_passed_on(address, seed_index):
    document = seed_index.documents[1].id
    options = {"history": [[QUESTION, "176 billion CNY"]], "documents": [document]}
    _, (answer,) = call(address, "answer", question="And output?", **options)
    assert {hit["document_id"] for hit in answer["hits"]} == {document}


def test_retrieve_ranks(address):
    _, (hits,) = call(address, "retrieve", question=QUESTION, k=3)
    scores = [hit["score"] for hit in hits]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)


def test_documents_are_listed_without_a_path(address, seed_index):
    _, (listed,) = call(address, "documents")
    assert [d["id"] for d in listed["documents"]] == [d.id for d in seed_index.documents]
    assert listed["skipped"][0]["id"] == "SOURCES.md"
    assert str(SEEDS) not in json.dumps(listed)


def test_through_gradios_own_client(address, seed_index):
    from gradio_client import Client

    client = Client(address, verbose=False)
    try:
        answer = client.predict(QUESTION, api_name="/answer")
        hits = client.predict(QUESTION, k=2, api_name="/retrieve")
        listed = client.predict(api_name="/documents")
    finally:
        client.close()
    assert answer["citations"][0]["document_id"] == seed_index.documents[0].id
    assert len(hits) == len(listed["documents"]) == 2


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("answer", {"question": QUESTION, "documents": ["no.txt"]}, "documents must be"),
        ("answer", {"question": QUESTION, "documents": 7}, "documents must be"),
        ("answer", {"question": QUESTION, "history": [["q"]]}, "history must be"),
        ("answer", {"question": None}, "question must be"),
        ("retrieve", {"question": QUESTION, "k": 0}, "from 1 to 100"),
        ("retrieve", {"question": QUESTION, "k": 1e9}, "from 1 to 100"),
        ("retrieve", {"question": "x" * 5_000}, "4,000"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(address, name, arguments, said):
    kind, told = call(address, name, **arguments)
    assert kind == "error"
    assert said in told["error"]


def test_an_exception_gives_none_of_its_text(seed_index, caplog):
    def failing(*_, **__):
        raise RuntimeError("/secret/path")

    endpoints = Endpoints(Library(lambda: seed_index, answer=failing))
    with pytest.raises(Refused) as refused:
        endpoints.answer(QUESTION)
    assert str(refused.value) == LABELS["en"]["failed"]
    assert "/secret/path" in caplog.text


def test_a_wrong_number_of_arguments_gives_no_exception_text(address):
    event = httpx.post(f"{address}/gradio_api/call/answer", json={"data": [1]}).json()["event_id"]
    text = httpx.get(f"{address}/gradio_api/call/answer/{event}", timeout=30).text
    assert text.strip().split("\n") == ["event: error", 'data: {"error": null}']


# ---- the turnstile -------------------------------------------------------------------------------


def test_so_many_at_once_so_many_waiting_in_order_and_then_busy():
    async def run() -> list[str]:
        turnstile, said = Turnstile(at_once=2, waiting=3), []
        doors = [asyncio.Event() for _ in range(7)]

        async def visit(n: int) -> None:
            try:
                async with turnstile:
                    said.append(f"in {n}")
                    await doors[n].wait()
            except Busy:
                said.append(f"busy {n}")

        visits = []
        for n in range(7):
            visits.append(asyncio.create_task(visit(n)))
            await asyncio.sleep(0)
        visits[3].cancel()  # whoever has gone gives up the place
        for n in (1, 0, 2, 4):
            doors[n].set()
            await asyncio.gather(visits[n], return_exceptions=True)
            await asyncio.sleep(0)
        async with turnstile:
            said.append("free again")
        return said

    said = run_elsewhere(run)
    assert said == ["in 0", "in 1", "busy 5", "busy 6", "in 2", "in 4", "free again"]


def test_past_the_limit_programs_and_people_are_told_so(seed_index, monkeypatch):
    gate = threading.Event()

    def slow(question, index, **_):
        gate.wait(20)
        return rag.Answer(question, "The documents do not say.")

    monkeypatch.setattr(Turnstile.__init__, "__defaults__", (1, 2))
    with serving(Library(lambda: seed_index, answer=slow)) as address, ThreadPoolExecutor(6) as six:
        asked = [six.submit(call, address, "answer", question=QUESTION) for _ in range(6)]
        while sum(told.done() for told in asked) < 3:
            time.sleep(0.02)
        busy = [told.result()[1]["error"] for told in asked if told.done()]
        gate.set()
        kinds = sorted(told.result()[0] for told in asked)
    assert kinds == ["complete"] * 3 + ["error"] * 3
    assert busy == [LABELS["en"]["busy"]] * 3

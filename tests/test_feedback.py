"""Verdicts on answers: noted by the chat, asked again by the benchmarks."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
import quality
from conftest import SEEDS, app_of, quote_best
from scoring import Prediction
from verdicts import Verdict, cites_the_same, read_verdicts, tally

import rag
from chat import feedback as module
from chat.evidence import pack, unpack
from chat.feedback import Feedback
from chat.library import Library

QUESTION = "What is the market capitalization in CNY?"


@pytest.fixture
def given(seed_index):
    return quote_best(QUESTION, seed_index)


def test_evidence_comes_back_as_it_went(seed_index, given):
    document = seed_index.documents[0].id
    evidence = unpack(pack(given, seed_index, [document]))
    assert (evidence.question, evidence.text) == (QUESTION, given.text)
    assert evidence.generation == seed_index.generation
    assert evidence.documents == (document,)
    assert [span[:3] for span in evidence.cited] == [
        (c.document_id, c.start, c.end) for c in given.citations
    ]
    assert unpack(pack(given, seed_index)).documents is None


@pytest.mark.parametrize("packed", ["", "!", "e30", "WzFd", 7, None, "x" * 200_000, "bnVsbA"])
def test_what_is_no_evidence_is_nothing(packed):
    assert unpack(packed) is None


def test_a_verdict_is_one_line_with_everything_to_ask_again(seed_index, given, tmp_path):
    kept = Feedback(tmp_path / "feedback.jsonl")
    first, judged = pack(given, seed_index), pack(given, seed_index, [])
    assert kept.add({"verdict": "good", "turns": [first, judged]}, seed_index) is True
    (record,) = map(json.loads, kept.path.read_text().splitlines())
    assert (record["verdict"], record["question"]) == ("good", QUESTION)
    assert record["history"] == [[QUESTION, given.text]]
    assert record["documents"] == []
    assert record["generation"] == seed_index.generation
    assert [span["quote"] for span in record["spans"]] == [c.quote for c in given.citations]
    assert kept.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "sent", [None, [], {}, {"verdict": "good"}, {"verdict": "fine", "turns": ["e30"]}, {"turns": 7}]
)
def test_what_is_no_verdict_is_not_written(seed_index, tmp_path, sent):
    kept = Feedback(tmp_path / "feedback.jsonl")
    assert kept.add(sent, seed_index) is None
    assert not kept.path.exists()


def test_lines_and_file_have_limits(seed_index, given, tmp_path, monkeypatch, caplog):
    kept = Feedback(tmp_path / "feedback.jsonl")
    turn = pack(rag.Answer("q" * 4_000, "a" * 4_000), seed_index)
    judged = pack(given, seed_index)
    assert kept.add({"verdict": "bad", "turns": [*[turn] * 20, judged]}, seed_index)
    line = kept.path.read_bytes()
    assert 40_000 < len(line) <= module.LINE_LIMIT
    assert 3 < len(json.loads(line)["history"]) < 20
    monkeypatch.setattr(module, "FILE_LIMIT", len(line) + 10)
    assert kept.add({"verdict": "bad", "turns": [judged]}, seed_index) is False
    assert kept.path.read_bytes() == line
    assert "move it away" in caplog.text


def test_a_disk_that_refuses_is_no_exception(seed_index, given, tmp_path, caplog):
    kept = Feedback(tmp_path / "gone" / "feedback.jsonl")
    assert kept.add({"verdict": "bad", "turns": [pack(given, seed_index)]}, seed_index) is False
    assert "could not be written" in caplog.text


def test_many_at_once_leave_whole_lines(seed_index, given, tmp_path):
    sent = {"verdict": "good", "turns": [pack(given, seed_index)] * 10}
    # One object a thread, as processes have them: the lock inside one must not be what saves it.
    threads = [
        threading.Thread(
            target=lambda: [Feedback(tmp_path / "f.jsonl").add(sent, seed_index) for _ in range(20)]
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = [json.loads(line) for line in (tmp_path / "f.jsonl").read_text().splitlines()]
    assert [len(record["history"]) for record in records] == [9] * 160


def test_the_server_takes_verdicts_only_where_they_are_wanted(seed_index, given, tmp_path):
    from starlette.testclient import TestClient

    sent = {"verdict": "good", "turns": [pack(given, seed_index)]}
    library = Library(lambda: seed_index, answer=quote_best)
    with TestClient(app_of(library), base_url="http://127.0.0.1") as client:
        assert client.post("/chat/feedback", json=sent).status_code == 404
        library.feedback = Feedback(tmp_path / "f.jsonl")
        assert client.post("/chat/feedback", json=sent).status_code == 204
        assert client.post("/chat/feedback", json={"verdict": "good"}).status_code == 400
        library.feedback = Feedback(tmp_path / "gone" / "f.jsonl")
        assert client.post("/chat/feedback", json=sent).status_code == 507
        form = {"content-type": "application/x-www-form-urlencoded"}
        plain = client.post("/chat/feedback", content=json.dumps(sent), headers=form)
        assert plain.status_code == 415
    assert len((tmp_path / "f.jsonl").read_text().splitlines()) == 1


# ---- asked again ---------------------------------------------------------------------------------

QUOTE = "The mill made 8,200 tonnes of flour in 2024."


def verdict(good: bool = True, *quotes: str) -> Verdict:
    return Verdict("line 1", "How much?", good, tuple(("mill.txt", quote) for quote in quotes))


def said(*quotes: str) -> Prediction:
    citations = tuple(("mill.txt", quote) for quote in quotes)
    return Prediction("1", abstained=not quotes, citations=citations)


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        ([QUOTE], [QUOTE], True),
        ([QUOTE], ["It stands in Halden.", QUOTE], True),
        ([QUOTE], ["It stands in Halden."], False),
        ([QUOTE, "It stands in Halden."], [QUOTE], False),
        ([QUOTE], [], False),
        ([], [], True),
        ([], [QUOTE], False),
    ],
)
def test_the_same_words_are_cited(before, now, same):
    assert cites_the_same(verdict(True, *before), said(*now)) is same


def test_good_ones_are_to_be_kept_and_bad_ones_to_change():
    verdicts = [verdict(True, QUOTE), verdict(True, QUOTE), verdict(False, QUOTE), verdict(False)]
    counted = tally(verdicts, [said(QUOTE), said(), said(), said()])
    assert counted == {"kept": (1, 2), "changed": (1, 2)}


def test_the_last_verdict_counts_and_damaged_lines_do_not(seed_index, given, tmp_path):
    kept = Feedback(tmp_path / "feedback.jsonl")
    for word in ("bad", "good"):
        kept.add({"verdict": word, "turns": [pack(given, seed_index)]}, seed_index)
    with kept.path.open("ab") as file:
        file.write(b'{"verdict": "good"\n7\n')
    verdicts, unusable = read_verdicts(kept.path)
    assert [(v.id, v.good) for v in verdicts] == [("line 2", True)]
    assert unusable == 2
    (one,) = verdicts
    assert one.asked["question"] == QUESTION
    assert one.spans == tuple((c.document_id, c.quote) for c in given.citations)


def test_the_benchmark_asks_them_again(seed_index, tmp_path: Path, capsys):
    kept = Feedback(tmp_path / "feedback.jsonl")
    right = rag.answer(QUESTION, seed_index)
    assert not right.abstained
    elsewhere = quote_best("How much did rare earth metals output increase?", seed_index)
    wrong = rag.Answer(QUESTION, elsewhere.text, elsewhere.citations)
    kept.add({"verdict": "good", "turns": [pack(right, seed_index)]}, seed_index)
    kept.add({"verdict": "bad", "turns": [pack(wrong, seed_index)]}, seed_index)
    kept.add({"verdict": "good", "turns": [pack(wrong, seed_index)]}, seed_index)
    command = ["--feedback", str(kept.path), "--corpus", str(SEEDS), "--model", "word-hash"]
    quality.main(command)
    printed = capsys.readouterr().out
    assert "2 answers judged, 0 lines of no use" in printed
    assert f"lost: line 3: {QUESTION}" in printed
    assert "kept           1 of 2" in printed
    assert "changed        0 of 0" in printed

"""The chat without a browser: turns, Markdown that documents cannot break out of, the server."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SEEDS, app_of, quote_best

import rag
import ui
from chat.evidence import fingerprint
from chat.examples import find_examples
from chat.guard import POLICY
from chat.labels import LABELS, counted, language
from chat.library import Library
from chat.rendering import address, clip, escape, escape_lines, render_answer, scrub
from chat.talking import Conversation, messages, respond, restored

QUESTION = "What is the market capitalization in CNY?"


@pytest.fixture
def library(seed_index):
    return Library(lambda: seed_index, source=SEEDS, answer=quote_best)


def last(library, message, conversation=None, **options):
    return list(respond(message, conversation or Conversation(), library, **options))[-1]


# ---- rendering -----------------------------------------------------------------------------------


def test_every_ascii_punctuation_mark_of_foreign_text_is_written_as_a_reference():
    marks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    assert escape(marks) == "".join(f"&#{ord(mark)};" for mark in marks)
    assert escape("Nd‑Fe‑B, 100 000 吨") == "Nd‑Fe‑B&#44; 100 000 吨"


def test_escaped_text_keeps_to_one_line_and_cannot_start_a_code_block():
    assert escape("  a\n    b\r\n\tc ") == "a b c"
    assert escape_lines("a\n\n    b") == "a\nb"


def test_lone_surrogates_and_control_characters_are_replaced():
    assert scrub("a\ud800b\x00c\x1b[0m\tn\n") == "a\ufffdb\ufffdc\ufffd[0m\tn\n"


def test_an_address_is_safe_as_the_target_of_a_markdown_link():
    target = address("src", "a b/(c)<d>[e]#f\ud800.txt", 3, 9)
    assert target == "#src/a%20b/%28c%29%3Cd%3E%5Be%5D%23f%EF%BF%BD.txt/3-9"
    assert re.fullmatch(r"#src/[\w%/.~-]+/3-9", target)


def test_clip_cuts_at_a_blank_and_says_so():
    assert clip("one two three", 9) == "one two …"
    assert clip("one two", 9) == "one two"


def cited(quote="Sales rose 4 %.", text="Sales rose 4 %. [1]"):
    citation = rag.Citation("a.txt", "Title", 10, 10 + len(quote), quote)
    return rag.Answer("How much?", text, (citation,))


def test_an_answer_is_the_statement_with_its_number_and_one_small_line(seed_index):
    statement, small = render_answer(cited(), seed_index, 46).split("\n\n")
    assert statement == "Sales rose 4 &#37;&#46;\u00a0[1](#src/a.txt/10-25)"
    assert small.startswith("[1 passage&#44; 1 document&#44; 46 ms](#answer/")
    assert small.endswith("[Copy answer](#copy)")


def test_a_quote_is_shown_only_when_the_statement_says_something_else(seed_index):
    blocks = render_answer(cited(text="Up by 4 %. [1]"), seed_index, 1).split("\n\n")
    assert blocks[1] == "> “Sales rose 4 &#37;&#46;”\u00a0[1](#src/a.txt/10-25)"
    assert len(render_answer(cited(), seed_index, 1).split("\n\n")) == 2


def test_a_quote_that_differs_by_a_bullet_and_an_aside_is_not_said_twice(seed_index):
    said = "Acme sold 40 tonnes of copper and 12 of tin to its customers in 2024. [1]"
    quote = "- Acme (opens here) sold 40 tonnes of copper and 12 of tin to its customers in 2024."
    assert "> “" not in render_answer(cited(quote, said), seed_index, 1)


def test_a_quote_that_is_cited_twice_is_shown_once(seed_index):
    row = "| Sales | 5 | 7 |"
    citations = tuple(rag.Citation("a.txt", "Title", 3, 20, row, column=c) for c in ("5", "7"))
    answer = rag.Answer("How much?", "Change: 7 [2] − 5 [1] = 2", citations)
    quotes = [b for b in render_answer(answer, seed_index, 1).split("\n\n") if b.startswith(">")]
    assert quotes == ["> “Sales &#124; 5 &#124; 7”\u00a0[1](#src/a.txt/3-20) [2](#src/a.txt/3-20)"]
    assert "[1 passage&#44; 1 document" in render_answer(answer, seed_index, 1)


def test_where_documents_differ_each_is_named(seed_index):
    citations = [
        rag.Citation(f"{name}.txt", f"Paper {name}", 0, 9, f"Sales {name}") for name in "ab"
    ]
    text = "Sales were 5. [1]\nSales were 7. [2]"
    answer = rag.Answer("How much?", text, tuple(citations), differing=True)
    heading, first, second, *_ = render_answer(answer, seed_index, 1).split("\n\n")
    assert heading == "The documents differ&#58;"
    assert first.endswith("[1](#src/a.txt/0-9)  \n[Paper a](#see/a.txt/0-9)")
    assert second.endswith("[2](#src/b.txt/0-9)  \n[Paper b](#see/b.txt/0-9)")


def test_documents_with_the_same_title_are_named_with_their_file(seed_index):
    citations = [rag.Citation(f"{name}.txt", "Paper", 0, 9, f"Sales {name}") for name in "ab"]
    text = "Sales were 5. [1]\nSales were 7. [2]"
    answer = rag.Answer("How much?", text, tuple(citations), differing=True)
    _, first, second, *_ = render_answer(answer, seed_index, 1).split("\n\n")
    assert first.endswith("[Paper · a&#46;txt](#see/a.txt/0-9)")
    assert second.endswith("[Paper · b&#46;txt](#see/b.txt/0-9)")


def test_a_table_among_nearest_passages_is_shown_without_its_lines(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.md").write_text("# Mill\n\n| | 2024 |\n|---|---|\n| Sales | 5 |\n")
    index = rag.build_index(tmp_path / "d", tmp_path / "index", encoder="word-hash")
    hits = tuple(rag.retrieve("Sales", index, 1))
    shown = render_answer(rag.Answer("Why?", "No.", hits=hits), index, 1)
    assert "2024&#59; Sales · 5&#59;" in shown
    assert "&#124;" not in shown


def test_a_number_that_names_no_citation_stays_text(seed_index):
    shown = render_answer(cited(text="Rose [7]. [1]"), seed_index, 1)
    assert shown.startswith("Rose &#91;7&#93;&#46;\u00a0[1](#src/")


def test_the_small_line_carries_the_evidence_with_fingerprints(seed_index):
    hit = rag.retrieve(QUESTION, seed_index, 1)[0]
    answer = rag.Answer("How much?", "Up. [1]", cited().citations, (hit,))
    packed = re.search(r"#answer/([\w-]+)", render_answer(answer, seed_index, 1))[1]
    evidence = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    passage = hit.passage
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", evidence.pop("t"))
    assert evidence == {
        "q": "How much?",
        "a": "Up. [1]",
        "g": seed_index.generation,
        "c": [["a.txt", 10, 25, fingerprint("Sales rose 4 %.")]],
        "h": [[passage.document_id, passage.start, passage.end, fingerprint(passage.text)]],
    }


def test_an_abstention_says_so_first_and_numbers_nothing(seed_index):
    hits = tuple(rag.retrieve(QUESTION, seed_index, 3))
    answer = rag.Answer("Why?", "The documents do not say.", hits=hits)
    shown = render_answer(answer, seed_index, 5, tries=["What rose?"])
    assert shown.startswith("The documents do not say&#46;\n\nNearest passages&#44; which do not")
    assert "#src/" not in shown
    assert shown.count("(#see/") == 2
    assert "- [What rose&#63;](#ask/What%20rose%3F)" in shown


# ---- talking -------------------------------------------------------------------------------------


def test_respond_shows_the_question_then_the_answer(library):
    conversation = Conversation()
    first, second = respond(QUESTION, conversation, library)
    assert [m["role"] for m in first] == ["user"]
    assert [m["role"] for m in second] == ["user", "assistant"]
    assert "176 billion CNY" in second[1]["content"]
    assert conversation.history == [(QUESTION, conversation.turns[0]["text"])]


@pytest.mark.parametrize(
    "question", ["", " \n ", "🙂", "\x00\x01", "a\ud800b", "x" * 1_000_000], ids=repr
)
def test_what_is_no_question_is_refused_in_words(library, question, caplog):
    library.answer = rag.answer
    question_shown, reply = last(library, question[:20_000_000])
    assert reply["role"] == "assistant"
    assert 10 < len(reply["content"]) < 300
    assert len(question_shown["content"]) < 5_000
    assert not caplog.records  # refused, not failed


def test_a_refused_question_does_not_complete_the_next_one(library):
    library.answer = rag.answer
    conversation = Conversation()
    last(library, "x" * 5_000, conversation)
    assert conversation.history == []


def test_a_failure_is_a_reply_without_the_text_of_the_exception(library, caplog):
    def failing(*_, **__):
        raise RuntimeError("/secret/path")

    library.answer = failing
    reply = last(library, "Why?")[1]["content"]
    assert reply == escape(LABELS["en"]["failed"])
    assert "/secret/path" in caplog.text


def test_ticked_documents_limit_the_search(library, seed_index):
    first, second = (document.id for document in seed_index.documents)
    assert second in last(library, QUESTION, documents=[second])[1]["content"]
    assert f"#src/{first}" not in last(library, QUESTION, documents=[second])[1]["content"]
    assert "No document is ticked" in last(library, QUESTION, documents=[])[1]["content"]


def test_what_the_browser_kept_is_taken_back_only_in_its_own_shape(library):
    conversation = Conversation()
    last(library, QUESTION, conversation)
    kept = json.loads(json.dumps(conversation.turns))
    assert restored(kept) == conversation.turns
    assert restored([*kept, {"question": 1}, "x", None]) == conversation.turns
    assert restored({"question": "q"}) == []


def test_old_turns_go_when_there_are_too_many():
    conversation = Conversation()
    for n in range(40):
        conversation.add({"question": str(n), "text": "", "shown": "", "answered": True})
    assert [turn["question"] for turn in conversation.turns][::29] == ["10", "39"]
    huge = {"question": "huge", "text": "x" * 400_000, "shown": "", "answered": True}
    conversation.add(huge)
    assert conversation.turns == [huge]


def test_a_typed_question_is_shown_literally():
    shown = messages([], "<img src=x>\n# **b**")[0]["content"]
    assert shown == "&#60;img src&#61;x&#62;\n&#35; &#42;&#42;b&#42;&#42;"


# ---- library -------------------------------------------------------------------------------------


def test_reading_gives_the_document_around_the_exact_span(library, seed_index):
    document = seed_index.documents[1]
    start = document.text.index("1,882.5%")
    shown = library.reading((document.id, start, start + 8, fingerprint("1,882.5%")))
    assert shown["before"] + shown["quote"] + shown["after"] == document.text
    assert shown["quote"] == "1,882.5%"
    assert shown["line"] == 1 + document.text[:start].count("\n")
    assert shown["cut"] == [False, False]


def test_a_changed_or_missing_source_is_named_and_not_highlighted(library, seed_index):
    document = seed_index.documents[0]
    assert library.reading((document.id, 0, 5, fingerprint("other")))["problem"] == "stale"
    spans = [(document.id, 0, len(document.text) + 1, ""), ("gone.txt", 0, 5, "")]
    assert [shown["problem"] for shown in library.spans(spans)] == ["stale", "missing"]


def test_the_folder_is_compared_with_the_index(tmp_path):
    source = tmp_path / "documents"
    shutil.copytree(SEEDS, source)
    index = rag.build_index(source, tmp_path / "index", encoder="word-hash")
    assert Library(lambda: index, source=source).status() == {"generation": index.generation}
    (source / "new.txt").write_text("A new document about sales of 5 tonnes.")
    status = Library(lambda: index, source=source).status()
    assert status["differences"] == {"added": 1, "changed": 0, "removed": 0}


def test_examples_are_questions_that_the_index_answers_from_where_they_were_made(tmp_path):
    (tmp_path / "documents").mkdir()
    report = (
        "Acme report\n\nAcme had revenue of 12 million euros in 2024.\n\nThe net profit was 3%.\n"
    )
    (tmp_path / "documents" / "acme.txt").write_text(report)
    index = rag.build_index(tmp_path / "documents", tmp_path / "index", encoder="word-hash")
    found = find_examples(Library(lambda: index, answer=quote_best))
    assert "What was the revenue in 2024?" in found
    silent = Library(lambda: index, answer=lambda question, _: rag.Answer(question, "No."))
    assert find_examples(silent) == []


def test_labels_are_complete_in_both_languages():
    assert LABELS["en"].keys() == LABELS["zh"].keys()
    for key, text in LABELS["en"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", LABELS["zh"][key])) or (
            text.startswith("1 ")
        )
    assert [language(a) for a in ("zh-CN,en;q=0.8", "en-GB", "", "de,zh")] == ["zh", *["en"] * 3]
    assert counted("en", "passage", 1) == "1 passage"
    assert counted("en", "passage", 1200) == "1,200 passages"


# ---- server --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(seed_index):
    from starlette.testclient import TestClient

    library = Library(lambda: seed_index, answer=quote_best)
    with TestClient(app_of(library), base_url="http://127.0.0.1:7860") as opened:
        yield opened


def test_healthz_names_the_generation(client, seed_index):
    assert client.get("/healthz").json() == {"status": "ok", "generation": seed_index.generation}


def test_another_host_name_is_refused(client):
    assert client.get("/", headers={"Host": "evil.test"}).status_code == 400
    assert client.get("/", headers={"Host": "localhost:7860"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/chat/chat.js", "/nothing-here"])
def test_every_reply_carries_the_headers(client, path):
    headers = client.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_bodies_have_a_limit_whatever_their_length_claims(client):
    def endless():
        for _ in range(50):
            yield b"x" * 100_000

    assert client.post("/chat/spans", content=b"x" * 4_000_001).status_code == 413
    assert client.post("/chat/spans", content=endless()).status_code == 413


def test_uploads_are_refused(client):
    reply = client.post("/gradio_api/upload", files={"files": ("a.txt", b"hello")})
    assert reply.status_code == 403


def test_spans_answer_well_formed_references_and_ignore_the_rest(client, seed_index):
    document = seed_index.documents[0]
    sent = [[document.id, 0, 5, ""], ["x"], [document.id, "0", 5, ""], 7]
    reply = client.post("/chat/spans", json=sent).json()
    assert [span["quote"] for span in reply] == [document.text[:5]]
    assert client.post("/chat/spans", json={"a": 1}).json() == []


@pytest.mark.parametrize("route", ["spans", "figures", "followups", "export"])
def test_answers_are_asked_about_in_json_only(client, route):
    plain, typed = {"content-type": "text/plain"}, {"content-type": "application/json"}
    assert client.post(f"/chat/{route}", content=b"[]", headers=plain).status_code == 415
    for broken in (b"{", b"[" * 100_000):
        assert client.post(f"/chat/{route}", content=broken, headers=typed).status_code == 400


def test_follow_ups_need_two_lists(client):
    for sent in ([], {"spans": []}, {"spans": [], "asked": "x"}):
        assert client.post("/chat/followups", json=sent).status_code == 400
    assert client.post("/chat/followups", json={"spans": 7, "asked": []}).json() == []


def test_the_interface_shows_no_private_event(client):
    named = client.get("/gradio_api/info").json()["named_endpoints"]
    assert set(named) == {"/retrieve", "/answer", "/documents"}


def test_a_port_in_use_is_one_line_with_the_remedy(seed_index):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(rag.RagError, match=rf"Port {port} .* in use.*--port {port + 1}$"):
            ui.serve(seed_index, port=port)
    os.environ.pop("RAG_INDEX", None)


def test_importing_the_chat_loads_neither_gradio_nor_torch():
    code = "import sys, ui; print(*({'gradio', 'torch', 'uvicorn'} & set(sys.modules)))"
    root = Path(ui.__file__).parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True)
    assert done.stdout.decode().strip() == ""

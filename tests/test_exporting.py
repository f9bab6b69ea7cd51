"""Exported conversations: readable offline, and checked to the last byte."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import rag
from rag.cli import app
from rag.exporting import Check, Exchange, export_page, verify_page
from rag.exporting.page import sealed, shown

AT = "2026-11-26T04:30:00Z"
COPPER = "Acme sold 40 tonnes of copper <in 2024> & was “content”."
NOTES = f"Acme report\r\n\r\n{COPPER}\r\nIt made 1,250 tonnes of tin.\r\n"
ODD = "Odd notes\n\nThe \x1b[31mred\x1b[0m \u202evalue is\x00 {{7*7}} </script><b>bold</b>.\n"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> rag.Index:
    source = tmp_path_factory.mktemp("exported") / "documents"
    source.mkdir()
    (source / "acme <1>.txt").write_bytes(NOTES.encode())
    (source / "odd.txt").write_bytes(ODD.encode())
    return rag.build_index(source, source.parent / "index", encoder="word-hash")


def cited(index: rag.Index, document_id: str, quote: str) -> rag.Citation:
    document = index.document(document_id)
    start = document.text.index(quote)
    return rag.Citation(document_id, document.title, start, start + len(quote), quote)


@pytest.fixture(scope="module")
def exchanges(index: rag.Index) -> list[Exchange]:
    copper = cited(index, "acme <1>.txt", COPPER)
    both = cited(index, "acme <1>.txt", f"{COPPER}\r\nIt made 1,250 tonnes of tin.")
    odd = cited(index, "odd.txt", ODD.split("\n")[2])
    answers = [
        rag.Answer("How much <copper>?", "40 tonnes. [1]\n1,250 tonnes. [2] [9]", (copper, both)),
        rag.Answer("What is odd?", "{{7*7}} [1]", (odd,)),
        rag.Answer("Who?", "The documents do not say.", reason=rag.Reason("weak-support", "No.")),
    ]
    return [Exchange(answer, index.generation, AT) for answer in answers]


@pytest.fixture
def page(index: rag.Index, exchanges: list[Exchange], tmp_path: Path) -> Path:
    path = tmp_path / "conversation.html"
    path.write_bytes(export_page(exchanges, index, AT))
    return path


def failed(path: Path, folder: Path) -> list[str]:
    return [check.what for check in verify_page(path, folder) if check.problem]


def test_what_was_exported_is_verified(page: Path, index: rag.Index) -> None:
    checks = verify_page(page, index.source)
    assert checks[0] == Check("file")
    assert [check.what for check in checks[1:]] == [
        *("answer 1", "answer 1 [1]", "answer 1 [2]"),
        *("answer 2", "answer 2 [1]", "answer 3"),
    ]
    assert {check.problem for check in checks} == {""}
    assert index.document("acme <1>.txt").text[checks[2].start : checks[2].end] == COPPER


def test_the_page_needs_nothing_from_anywhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert re.findall(r"https?:|src=|url\(|@import|<link", text) == []
    assert re.findall(r"<script[^>]*>", text) == ['<script type="application/json" id="record">']
    assert text.count("</script>") == 1
    assert "<b>bold" not in text


def test_the_same_conversation_gives_the_same_bytes(
    index: rag.Index, exchanges: list[Exchange], page: Path
) -> None:
    assert export_page(exchanges, index, AT) == page.read_bytes()


def test_the_record_is_exact_and_names_no_folder(page: Path, index: rag.Index) -> None:
    text = page.read_text(encoding="utf-8")
    record = json.loads(text.partition('id="record">')[2].partition("</script>")[0])
    assert record["exchanges"][1]["citations"][0]["quote"] == ODD.split("\n")[2]
    assert [source["id"] for source in record["sources"]] == ["acme <1>.txt", "odd.txt"]
    assert record["sources"][0]["file_sha256"] == index.document("acme <1>.txt").sha256
    assert record["exchanges"][0]["generation"] == index.generation
    assert str(index.source) not in text


def test_a_flipped_bit_anywhere_in_the_file_fails(page: Path, index: rag.Index) -> None:
    content = page.read_bytes()
    start = content.index(b"<article>")
    places = [*range(0, len(content), 97), *range(start, content.index(b"</article>"), 3)]
    survived = []
    for n, place in enumerate(places):
        page.write_bytes(
            content[:place] + bytes([content[place] ^ 1 << n % 7]) + content[place + 1 :]
        )
        try:
            if not failed(page, index.source):
                survived.append(place)
        except rag.RagError as error:
            assert str(page) in str(error)
    assert survived == []
    assert len(places) > 200


@pytest.mark.parametrize("n", range(0, len(NOTES), 5))
def test_a_flipped_bit_anywhere_in_a_source_fails(
    page: Path, index: rag.Index, tmp_path: Path, n: int
) -> None:
    shutil.copytree(index.source, tmp_path / "copy")
    content = bytearray((tmp_path / "copy" / "acme <1>.txt").read_bytes())
    content[n] ^= 1
    (tmp_path / "copy" / "acme <1>.txt").write_bytes(content)
    assert failed(page, tmp_path / "copy") == ["answer 1 [1]", "answer 1 [2]"]


def resealed(page: Path, old: bytes, new: bytes) -> None:
    """Change the file as somebody would who knows how it is sealed."""
    content = page.read_bytes()
    assert old in content
    page.write_bytes(sealed(content.replace(old, new)))


def test_a_new_seal_does_not_help_a_false_quote(page: Path, index: rag.Index) -> None:
    resealed(page, b"sold 40 tonnes", b"sold 90 tonnes")  # in page and record
    assert failed(page, index.source) == ["answer 1 [1]", "answer 1 [2]"]


def test_a_new_seal_does_not_help_a_page_that_differs_from_its_record(
    page: Path, index: rag.Index
) -> None:
    resealed(page, b'">40 tonnes. ', b'">90 tonnes. ')
    assert failed(page, index.source) == ["answer 1"]
    resealed(page, b"</article>", b'<p data-is="a7">More.</p></article>')
    assert failed(page, index.source) == ["answer 1", "page"]


def test_moved_offsets_fail(page: Path, index: rag.Index) -> None:
    start = index.document("acme <1>.txt").text.index(COPPER)
    resealed(page, b'"start": %d' % start, b'"start": %d' % (start + 1))
    assert failed(page, index.source) == ["answer 1 [1]", "answer 1 [2]"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone.txt", "gone.txt"),
        ("../exported.txt", "no document of this folder"),
        ("/etc/hostname.txt", "no document of this folder"),
        ("a\\u0000b.txt", "no document of this folder"),
    ],
)
def test_sources_that_are_not_there_or_outside(
    page: Path, index: rag.Index, name: str, said: str
) -> None:
    (Path(index.source).parent / "exported.txt").write_text(ODD)
    resealed(page, b'"odd.txt"', f'"{name}"'.encode())
    (check,) = [check for check in verify_page(page, index.source) if check.problem]
    assert check.what == "answer 2 [1]"
    assert said in check.problem


def test_a_citation_that_is_not_a_quote_is_not_exported(index: rag.Index) -> None:
    good = cited(index, "odd.txt", "red")
    answer = rag.Answer("?", "[1]", (replace(good, quote="rad"),))
    with pytest.raises(ValueError, match=r"odd\.txt: \d+\.\.\d+ is not what is quoted"):
        export_page([Exchange(answer, "gen-000001", AT)], index, AT)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Hello</html>",
        b'<meta name="seal" content="sha256-%s">' % (b"0" * 64),
        b'<meta name="seal" content="sha256-%s"><script id="record">{"format": 1}</script>'
        % (b"0" * 64),
        b'<meta name="seal" content="sha256-%s"><script id="record">[]</script>' % (b"0" * 64),
        b"\xff\xfe\x00" * 99,
    ],
)
def test_what_is_no_export_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.html").write_bytes(content)
    with pytest.raises(rag.RagError, match=r"a\.html: "):
        verify_page(tmp_path / "a.html", tmp_path)


def test_what_html_cannot_hold_is_shown_as_replaced() -> None:
    assert shown("a\r\nb\rc\x00\x0c\x9f\ud800\ufffe\td") == "a\nb\nc" + 5 * "\ufffd" + "\td"


def run(*arguments: str, **variables: str) -> tuple[int, str, str]:
    unset = {"RAG_SOURCE": None, "RAG_INDEX": None}
    done = CliRunner().invoke(app, ["verify", *arguments], env={**unset, **variables})
    return done.exit_code, done.stdout, done.stderr


def test_the_command_says_each_check_and_its_exit_code_tells(
    page: Path, index: rag.Index, tmp_path: Path
) -> None:
    source = ["--source", str(index.source)]
    code, told, _ = run(str(page), *source)
    assert code == 0
    assert told.splitlines()[2] == "ok      answer 1 [1]  acme <1>.txt 15..71"
    assert told.splitlines()[-1] == "verified, 3 quotes"
    assert run(str(page), RAG_INDEX=str(index.folder))[:2] == (0, told)
    resealed(page, b"sold 40 tonnes", b"sold 90 tonnes")
    code, told, _ = run(str(page), *source)
    assert code == 1
    assert "FAILED  answer 1 [1]  acme <1>.txt 15..71: the quote does not stand there" in told
    assert told.endswith("FAILED: 2 of 7 checks, 3 quotes\n")
    code, told, _ = run(str(page), *source, "--json")
    records = [json.loads(line) for line in told.splitlines()]
    assert (code, [record["holds"] for record in records].count(False)) == (1, 2)


def test_the_command_names_what_is_missing(page: Path, tmp_path: Path) -> None:
    for arguments, named in [
        ([str(page), "--source", str(tmp_path / "none")], "--source FOLDER"),
        ([str(page), "--index", str(tmp_path / "none")], "--source FOLDER"),
        ([str(tmp_path / "none.html"), "--source", str(tmp_path)], "none.html"),
    ]:
        code, told, error = run(*arguments)
        assert (code, told) == (1, "")
        assert named in error
    assert run()[0] == 2

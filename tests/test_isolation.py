"""Files that break readers: each costs itself, says why, and nothing else is harmed."""

from __future__ import annotations

import gzip
import io
import random
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from format_files import FORMATS, PROSE, pdf

import rag
from rag.documents import Kept, isolation, read_folder
from rag.documents.isolation import Children, TransientError
from rag.documents.readers import UnreadableError, format_of
from rag.types import Document

BINARY = ["report.pdf", "report.docx", "report.xlsx", "report.html"]


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    with Children() as started:
        yield started


# --- what a broken file may do -------------------------------------------------------------------


def bomb(size: int) -> bytes:
    """A PDF whose only page unpacks to ``size`` bytes of nothing."""
    content = zlib.compress(b"q Q " * (size // 4), 9)
    parts = [
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R>>endobj\n",
        b"4 0 obj<</Length %d/Filter/FlateDecode>>stream\n" % len(content),
        content,
        b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n",
    ]
    return b"".join(parts)


def with_part(name: str, part: str, content: bytes) -> bytes:
    """An office file with one part replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(FORMATS[name]())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, content if entry.filename == part else old.read(entry))
    return out.getvalue()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lollollollol">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 20) for i in range(9)
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">'
SHEET = b']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
SHEET += b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>%s words</t></is></c></row>'
SHEET += b"</sheetData></worksheet>"
BODY = b']><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
BODY += b"<w:body><w:p><w:r><w:t>%s words</w:t></w:r></w:p></w:body></w:document>"


@pytest.mark.parametrize("entities", [LAUGHS, OUTSIDE], ids=["laughs", "outside"])
@pytest.mark.parametrize(
    ("name", "part", "content"),
    [
        ("report.xlsx", "xl/worksheets/sheet1.xml", SHEET),
        ("report.docx", "word/document.xml", BODY),
    ],
)
def test_entities_are_never_expanded(
    children: Children, entities: bytes, name: str, part: str, content: bytes
) -> None:
    last = b"&j;" if entities is LAUGHS else b"&a;"
    data = with_part(name, part, entities + content % last)
    try:
        text = children.extract(format_of(data, name).module, data).text
    except UnreadableError as error:
        text = str(error)
    assert "root:" not in text
    assert "lol" not in text
    assert len(text) < 1000


def test_a_bomb_costs_its_file_and_the_next_is_read(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(UnreadableError):
        patch.setattr(isolation, "SECONDS", 3.0)
        children.extract("pdf", bomb(100_000_000))
    assert PROSE[0] in children.extract("pdf", pdf()).text


def test_html_nested_100_000_deep_is_refused_at_once(children: Children) -> None:
    started = time.monotonic()
    with pytest.raises(UnreadableError, match="nested more than 3,000 deep"):
        children.extract("web", b"<html><body>" + b"<div>" * 100_000 + b"deep")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os._exit(3)", "damaged: reading it broke the reader"),
        ("import time; time.sleep(600)", "took longer than 2 s to read: split it"),
        ("while True: pass", "took longer than 2 s to read: split it"),
        ("bytearray(3_000_000_000)", "needs more than 900 MB of memory to be read: split it"),
        ("import socket; socket.socket()", "damaged: the reader failed with PermissionError"),
        ("import os; os.system('true')", "damaged: the reader failed with PermissionError"),
        ("open(__file__, 'a')", "damaged: the reader failed with PermissionError"),
        (
            "import os; os.open(__file__, os.O_RDWR)",
            "damaged: the reader failed with PermissionError",
        ),
        ("import os; os.remove(__file__)", "damaged: the reader failed with PermissionError"),
        ("raise ValueError('x')", "damaged: the reader failed with ValueError"),
    ],
)
def test_a_reader_that_goes_wrong_costs_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    (tmp_path / "sitecustomize_reader.py").write_text(f"def read(data):\n    {code}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(isolation, "SECONDS", 2.0)
    if "sleep" in code:  # which no count of work ends
        monkeypatch.setattr(isolation, "PATIENCE", 1.0)
    monkeypatch.setattr(isolation, "_START", _WITH_READER)
    with Children() as started:
        with pytest.raises(UnreadableError) as caught:
            started.extract("broken", b"content")
        assert str(caught.value) == reason


_WITH_READER = (
    "import sys; sys.path[:] = {path!r}; import rag.documents.readers.extracting; "
    "import sitecustomize_reader; "
    "sys.modules['rag.documents.readers.broken'] = sitecustomize_reader; "
    "from rag.documents.child import serve; serve()"
)


# --- fuzzing -------------------------------------------------------------------------------------


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The bytes with some flipped, cut out, doubled or cut off."""
    changed = bytearray(data)
    kind = chance.randrange(4)
    for _ in range(chance.choice([1, 3, 20, 200])):
        at = chance.randrange(len(changed))
        if kind == 0:
            changed[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            changed[at : at + chance.randrange(1, 9)] = b""
        elif kind == 2:
            changed[at:at] = changed[at : at + chance.randrange(1, 60)]
        else:
            changed[at] = chance.randrange(256)
        if not changed:
            break
    return bytes(changed[: chance.randrange(1, len(changed) + 2)] if kind == 3 else changed)


def fuzz(children: Children, files: int, seed: int) -> None:
    chance = random.Random(seed)
    whole = [(name, FORMATS[name]()) for name in BINARY]
    slowest = 0.0
    for i in range(files):
        name, data = whole[i % len(whole)]
        data = damaged(data, chance)
        started = time.monotonic()
        try:
            found = children.extract(format_of(data, Path(name).suffix).module, data)
            found.text.encode("utf-8")
            assert all(p.start < p.end <= len(found.text) for p in found.locations)
        except UnreadableError as error:
            assert str(error)
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < 30


def test_fuzzed_files_are_read_or_refused(children: Children) -> None:
    fuzz(children, 200, seed=1)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_more_fuzzed_files_are_read_or_refused(children: Children) -> None:
    fuzz(children, 5000, seed=2)


# --- folders -------------------------------------------------------------------------------------


def test_broken_files_do_not_stop_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "SECONDS", 6.0)
    for name, write in FORMATS.items():
        (tmp_path / name).write_bytes(write())
    (tmp_path / "bomb.pdf").write_bytes(bomb(10_000_000))
    (tmp_path / "cut.docx").write_bytes(FORMATS["report.docx"]()[:900])
    (tmp_path / "zip.xlsx").write_bytes(gzip.compress(b"x"))
    seen: list[tuple[str, int, int]] = []
    documents, skipped = read_folder(tmp_path, progress=lambda *said: seen.append(said))
    assert [document.id for document in documents] == sorted(FORMATS)
    assert [skip.id for skip in skipped] == ["bomb.pdf", "cut.docx", "zip.xlsx"]
    assert all(skip.reason for skip in skipped)
    assert seen == [("read", done, 12) for done in range(1, 13)]


def test_reading_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, index = tmp_path / "source", tmp_path / "index"
    source.mkdir()
    for i in range(6):
        (source / f"{i}.html").write_text(f"<html><body><h1>T</h1><p>Page number {i}.</p></body>")
    (source / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")

    def stop(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("read", 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rag.build_index(source, index, encoder="word-hash", progress=stop)
    kept = [path for path in (index / "extracted").rglob("*") if path.is_file()]
    assert len(kept) >= 3
    asked: list[str] = []
    extract = Children.extract

    def count(self: Children, module: str, content: bytes) -> object:
        asked.append(module)
        return extract(self, module, content)

    monkeypatch.setattr(Children, "extract", count)
    built = rag.build_index(source, index, encoder="word-hash")
    assert len(built.documents) == 6
    assert len(asked) <= 7 - len(kept) + 2
    asked.clear()
    assert rag.build_index(source, index, encoder="word-hash").changed == 0
    assert asked == []


def test_what_was_kept_is_compared_before_it_is_used(tmp_path: Path) -> None:
    source, folder = tmp_path / "source", tmp_path / "kept"
    source.mkdir()
    (source / "a.pdf").write_bytes(pdf())
    [first], _ = read_folder(source, kept=Kept(folder))
    [path] = [path for path in folder.rglob("*") if path.is_file()]
    path.write_bytes(path.read_bytes().replace(b"634", b"999"))
    assert read_folder(source, kept=Kept(folder))[0] == [first]
    (source / "a.pdf").unlink()
    (source / "b.md").write_text("Other text.")
    kept = Kept(folder)
    found: list[Document] = read_folder(source, kept=kept)[0]
    kept.forget_others()
    assert len(found) == 1
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_stopped_pool_takes_no_more_files() -> None:
    with Children() as started:
        pass
    with pytest.raises(TransientError):
        started.extract("pdf", b"")

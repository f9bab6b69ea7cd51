"""An index above the limits of the exact one: lists, mapped files, a seal; and builds that go on.

The limits are set low, so that three hundred passages are many.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import pytest
from test_index import CountingEncoder, SlicingEncoder

from rag.encoders import WordHashEncoder
from rag.errors import IndexCorrupt
from rag.index import (
    Index,
    build_index,
    check_index,
    check_recall,
    embedding,
    index_status,
    load_index,
    storage,
    vectors,
)
from rag.index.lexical import SortedWords
from rag.retrieval import retrieve

METALS = ("copper", "zinc", "tin", "cobalt", "nickel", "lithium")
PLACES = ("Chile", "Peru", "Norway", "Ghana", "Laos")


def write(folder: Path, count: int = 10) -> Path:
    folder.mkdir(exist_ok=True)
    for n in range(count):
        parts = [f"# Report {n}"]
        for m in range(30):
            metal, place = METALS[(n + m) % 6], PLACES[(n * m) % 5]
            sentences = [
                f"In week {week} site {m} in {place} sold {n * m + week} tonnes of {metal}."
                for week in range(15)
            ]
            parts.append(f"## Site {m} of {n}\n\n{' '.join(sentences)}")
        (folder / f"{n:02}.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write(tmp_path / "docs")


@pytest.fixture
def small(docs: Path, tmp_path: Path) -> Index:
    return build_index(docs, tmp_path / "small", encoder=SlicingEncoder())


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (vectors, embedding):
        monkeypatch.setattr(module, "EXACT", 100)
    monkeypatch.setattr(storage, "MAPPED", 512)


@pytest.fixture
def large(docs: Path, small: Index, low: None, tmp_path: Path) -> Index:
    return build_index(docs, tmp_path / "large", encoder=SlicingEncoder())


def test_a_large_index_answers_as_the_exact_one(small: Index, large: Index) -> None:
    assert len(large.passages) > 250
    assert small.manifest["vectors"]["kind"] == "flat"
    made = large.manifest["vectors"]
    assert made["kind"] == "lists of 8 bits"
    assert (made["lists"], made["count"]) == (32, len(large.passages))
    assert large.passages == small.passages
    assert large.documents == small.documents
    assert sorted(large.words) == sorted(small.words)
    found = 0
    for n in range(0, 300, 10):
        question = f"How much {METALS[n % 6]} did site {n // 10} in {PLACES[n % 5]} sell?"
        near, exact = (
            [hit.passage for hit in retrieve(question, index, 5)] for index in (large, small)
        )
        found += near == exact
    assert found >= 29


def test_within_documents_a_large_index_is_exact(small: Index, large: Index) -> None:
    vector = WordHashEncoder().encode(["zinc from Peru"])[0]
    for index in (small, large):
        rows = index.rows(["03.md"])
        expected = index.vectors()[rows] @ vector
        found = index.search_dense(vector, 7, rows)
        order = np.lexsort((rows, -expected))[:7]
        assert [row for row, _ in found] == rows[order].tolist()
    wide = large.rows([f"{n:02}.md" for n in range(9)])
    assert wide is not None
    assert {row for row, _ in large.search_dense(vector, 50, wide)} <= set(wide.tolist())


def test_spans_of_a_large_index_are_those_of_the_small(small: Index, large: Index) -> None:
    vector = WordHashEncoder().encode(["zinc from Peru"])[0]
    for row in (0, 100, len(small.passages) - 1):
        passage = small.passages[row]
        assert large.likeness(passage, vector) == small.likeness(passage, vector)


def test_recall_is_measured(small: Index, large: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_recall(small.folder)[0] == 1.0
    share, asked = check_recall(large.folder)
    assert 200 <= asked < 400
    assert 0.98 <= share <= 1.0
    monkeypatch.setattr(vectors, "RESCORED", 10)
    large._vectors._index.nprobe = 1
    assert large.measured_recall(large.vectors()[:100]) < share


def test_status_says_how_it_is_searched(small: Index, large: Index) -> None:
    assert index_status(small.folder).search == "exact"
    assert "of 32 lists" in index_status(large.folder).search


# --- the seal ------------------------------------------------------------------------------------


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["vectors.f16", "vectors.faiss", "spans.i8", "passages.jsonl"])
def test_damage_to_a_mapped_file_is_refused_by_name(large: Index, name: str) -> None:
    path = large.folder / large.generation / name
    before = os.stat(path)
    flipped(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(IndexCorrupt, match=f"{path.name}.*sha256.*rag build"):
        load_index(large.folder)


def test_a_file_is_hashed_once_unless_it_was_written_to(
    large: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    digest = storage._digest
    monkeypatch.setattr(storage, "_digest", lambda s: hashed.append(s.name) or digest(s))
    load_index(large.folder)
    assert hashed == []
    assert "sound" in check_index(large.folder)[0]
    mapped = len(hashed)
    assert mapped >= 8
    (large.folder / storage.SEAL).unlink()
    load_index(large.folder)
    assert len(hashed) == 2 * mapped
    load_index(large.folder)
    assert len(hashed) == 2 * mapped
    path = large.folder / large.generation / "vectors.f16"
    path.write_bytes(path.read_bytes())
    load_index(large.folder)
    assert len(hashed) == 2 * mapped + 1


@pytest.mark.parametrize("seal", ["", "[]", '{"gen-000001": 3}', "{" * 9999])
def test_an_unreadable_seal_is_no_seal(large: Index, seal: str) -> None:
    (large.folder / storage.SEAL).write_text(seal)
    assert len(load_index(large.folder).passages) == len(large.passages)
    flipped(large.folder / large.generation / "vectors.f16")
    with pytest.raises(IndexCorrupt, match=r"vectors\.f16"):
        load_index(large.folder)


def test_an_open_large_index_goes_on_when_it_is_replaced(large: Index, docs: Path) -> None:
    question = "How much zinc did site 3 sell?"
    before = retrieve(question, large, 5)
    for n in range(3):
        (docs / "news.md").write_text(f"# News\n\nIssue {n} was printed.\n")
        build_index(docs, large.folder, encoder=SlicingEncoder())
    assert retrieve(question, large, 5) == before


def test_words_in_a_mapped_file_are_found(low: None, tmp_path: Path) -> None:
    words = sorted({f"{a}{b}{c}" for a in "aéz中" for b in "bß" for c in ascii_lowercase})
    path = tmp_path / "words.txt"
    path.write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
    content = storage.view(path)
    assert not isinstance(content, bytes)
    found = SortedWords(content)
    assert list(found) == words
    assert all(word in found for word in words)
    assert not [w for w in ("", "a", "ab", "abcc", "zzz", "中", "\udc80") if w in found]


# --- a build that was stopped --------------------------------------------------------------------


def test_a_build_that_was_killed_embeds_only_the_rest(docs: Path, tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from rag.encoders import WordHashEncoder\n"
        "from rag.index import build_index, embedding\n"
        "embedding._WINDOW = 50\n"
        "def stop(stage, done, total):\n"
        "    if stage == 'embed' and done >= 120: os.kill(os.getpid(), signal.SIGKILL)\n"
        "build_index(sys.argv[1], sys.argv[2], encoder=WordHashEncoder(), progress=stop)\n"
    )
    command = [sys.executable, "-c", script, str(docs), str(tmp_path / "index")]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.getcwd()})
    assert done.returncode == -signal.SIGKILL
    encoder = CountingEncoder()
    index = build_index(docs, tmp_path / "index", encoder=encoder)
    assert len(encoder.seen) == len(index.passages) - 100
    whole = build_index(docs, tmp_path / "whole", encoder=WordHashEncoder())
    assert np.array_equal(index.vectors(), whole.vectors())
    assert not (tmp_path / "index" / ".embedded").exists()


def interrupted(docs: Path, folder: Path) -> Path:
    def stop(stage: str, done: int, total: int) -> None:
        if stage == "write":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(docs, folder, encoder=SlicingEncoder(), progress=stop)
    return folder / ".embedded"


def test_a_torn_or_damaged_journal_gives_what_is_whole(docs: Path, tmp_path: Path) -> None:
    journal = interrupted(docs, tmp_path / "index")
    content = journal.read_bytes()
    journal.write_bytes(content[: len(content) // 2])
    encoder = SlicingEncoder()
    index = build_index(docs, tmp_path / "index", encoder=encoder)
    assert 0.4 < len(encoder.seen) / len(index.passages) < 0.6
    whole = build_index(docs, tmp_path / "whole", encoder=SlicingEncoder())
    assert np.array_equal(index.vectors(), whole.vectors())
    journal = interrupted(docs, tmp_path / "other")
    flipped(journal)
    encoder = SlicingEncoder()
    again = build_index(docs, tmp_path / "other", encoder=encoder)
    assert 0 < len(encoder.seen) < len(again.passages)
    assert np.array_equal(again.vectors(), whole.vectors())


def test_a_journal_of_another_encoder_is_not_used(docs: Path, tmp_path: Path) -> None:
    interrupted(docs, tmp_path / "index")
    encoder = CountingEncoder()
    encoder.fingerprint = "another"
    index = build_index(docs, tmp_path / "index", encoder=encoder)
    assert len(encoder.seen) == len(index.passages)


def test_spooled_postings_give_the_same_scores(
    docs: Path, small: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag.index import postings, texts

    monkeypatch.setattr(postings, "_IN_MEMORY", 64)
    monkeypatch.setattr(texts, "_WINDOW", 7)
    build_index(docs, tmp_path / "spooled", encoder=SlicingEncoder())
    files = [
        storage.read_manifest(folder / "gen-000001")["files"]
        for folder in (small.folder, tmp_path / "spooled")
    ]
    assert json.dumps(files[0], sort_keys=True) == json.dumps(files[1], sort_keys=True)

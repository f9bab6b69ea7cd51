"""What an index holds, how it is searched, what a rebuild does again and what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.encoders import WordHashEncoder
from rag.errors import DocumentError, IndexCorrupt, IndexMissing, IndexWriteError
from rag.index import (
    Index,
    build_index,
    check_index,
    default_index,
    index_status,
    load_index,
    searchable,
    storage,
)
from rag.text import tokens
from rag.types import Progress

TEXTS = {
    "copper.md": "# Copper\n\nThe Chilean mine sold 40 tonnes of copper in May.\n",
    "deep/zinc.txt": "Zinc\n\nThe Peruvian smelter closed in June after a strike.\n",
    "salmon.md": "# Salmon\n\nThe hatchery in Norway released 9,000 young fish.\n",
}


class CountingEncoder(WordHashEncoder):
    """The word-hash encoder, which remembers what it was given."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        self.seen += texts
        return super().encode(texts, progress)


class SlicingEncoder(CountingEncoder):
    """Gives each span of a text the vector that its words have by themselves."""

    def encode_spans(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[tuple[int, int]]],
        progress: Progress | None = None,
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        slices = [[text[a:b] for a, b in ranges] for text, ranges in zip(texts, spans, strict=True)]
        whole = self.encode(texts, progress)
        return whole, [WordHashEncoder().encode(words) for words in slices]


def write(folder: Path, texts: dict[str, str] = TEXTS) -> Path:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write(tmp_path / "docs")


@pytest.fixture
def index(docs: Path, tmp_path: Path) -> Index:
    return build_index(docs, tmp_path / "index", encoder=WordHashEncoder())


def ids(index: Index, found: list[tuple[int, float]]) -> list[str]:
    return [index.passages[row].document_id for row, _ in found]


# --- what it holds -------------------------------------------------------------------------------


def test_documents_and_passages_come_back_as_they_went_in(index: Index, tmp_path: Path) -> None:
    loaded = load_index(tmp_path / "index")
    assert loaded.documents == index.documents
    assert loaded.passages == index.passages
    assert [document.id for document in loaded.documents] == sorted(TEXTS)
    assert loaded.document("deep/zinc.txt").text == TEXTS["deep/zinc.txt"]
    for passage in loaded.passages:
        assert (
            loaded.document(passage.document_id).text[passage.start : passage.end] == passage.text
        )


def test_text_of_every_kind_comes_back_unchanged(tmp_path: Path) -> None:
    text = "# Odd\u2028title \u202e\n\nEscape \x1b, cr \r\n\r\n铜 52\u2011week 100\u00a0000 😀\n"
    docs = write(tmp_path / "docs", {"odd.md": "plain"})
    (docs / "odd.md").write_bytes(text.encode())
    build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    assert load_index(tmp_path / "index").document("odd.md").text == text


def test_summary_counts_in_words(index: Index, tmp_path: Path) -> None:
    count = len(index.passages)
    assert index.summary == f"3 documents, {count} passages, {count} changed"
    assert load_index(tmp_path / "index").summary == f"3 documents, {count} passages, 0 changed"


def test_skipped_files_are_kept_with_their_reason(docs: Path, tmp_path: Path) -> None:
    (docs / "empty.txt").write_bytes(b"")
    index = build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    assert [item.id for item in index.skipped] == ["empty.txt"]
    assert load_index(tmp_path / "index").skipped == index.skipped


def test_an_unknown_document_is_named(index: Index) -> None:
    with pytest.raises(ValueError, match=r"no document 'gold\.md'"):
        index.document("gold.md")
    with pytest.raises(ValueError, match=r"no document 'gold\.md'"):
        index.rows(["copper.md", "gold.md"])
    with pytest.raises(ValueError, match="collection"):
        index.rows("copper.md")


# --- search --------------------------------------------------------------------------------------


def test_dense_search_names_the_winner_and_the_score(index: Index) -> None:
    text = searchable(index.passages[2])
    vector = WordHashEncoder().encode([text])[0]
    (row, score), *others = index.search_dense(vector, 3)
    assert index.passages[row].document_id == "salmon.md"
    assert score == pytest.approx(1.0)
    assert all(0 < other < 0.9 for _, other in others)


def test_dense_search_equals_a_plain_product(index: Index) -> None:
    vector = WordHashEncoder().encode(["the mine sold fish in June"])[0]
    expected = index.vectors() @ vector
    found = index.search_dense(vector, len(index.passages))
    assert [row for row, _ in found] == sorted(
        range(len(expected)), key=lambda row: (-expected[row], row)
    )
    assert [score for _, score in found] == pytest.approx(sorted(expected, reverse=True))


def test_search_within_documents_is_exact_and_nothing_else(index: Index) -> None:
    rows = index.rows(["deep/zinc.txt"])
    vector = WordHashEncoder().encode(["copper mine of Chile"])[0]
    assert set(ids(index, index.search_dense(vector, 5, rows))) == {"deep/zinc.txt"}
    assert index.search_lexical(tokens("copper"), 5, rows) == []
    assert ids(index, index.search_lexical(tokens("smelter"), 5, rows)) == ["deep/zinc.txt"]
    nothing = index.rows([])
    assert index.search_dense(vector, 5, nothing) == []
    assert index.search_lexical(tokens("smelter"), 5, nothing) == []


def test_more_than_there_is_gives_all_and_never_minus_one(index: Index) -> None:
    vector = WordHashEncoder().encode(["zinc"])[0]
    everything = range(len(index.passages))
    assert sorted(row for row, _ in index.search_dense(vector, 1000)) == list(everything)
    assert len(index.search_dense(vector, 1000, index.rows(["salmon.md"]))) == 1
    assert index.search_dense(vector, 0) == []


def test_a_vector_of_another_size_is_refused(index: Index) -> None:
    with pytest.raises(ValueError, match=r"\(384,\) != \(256,\)"):
        index.search_dense(np.zeros(384, np.float32), 3)


def test_equal_passages_come_in_the_order_of_their_rows(tmp_path: Path) -> None:
    texts = {f"{n:02}.md": "# Barley\n\nThe same sentence about barley.\n" for n in range(30)}
    index = build_index(
        write(tmp_path / "docs", texts), tmp_path / "index", encoder=WordHashEncoder()
    )
    (same,) = {searchable(passage) for passage in index.passages}
    vector = WordHashEncoder().encode([same])[0]
    assert [row for row, _ in index.search_dense(vector, 7)] == list(range(7))
    assert [row for row, _ in index.search_lexical(tokens("barley"), 7)] == list(range(7))


def test_lexical_search_names_the_winner(index: Index) -> None:
    found = index.search_lexical(tokens("When did the Peruvian smelter close?"), 5)
    assert ids(index, found)[0] == "deep/zinc.txt"
    assert found[0][1] > 0
    assert index.search_lexical(tokens("xylophone"), 5) == []
    assert index.search_lexical([], 5) == []


def test_lexical_scores_equal_those_of_bm25s(index: Index) -> None:
    import bm25s

    corpus = [tokens(searchable(passage)) for passage in index.passages]
    reference = bm25s.BM25(k1=0.9, b=0.4, method="lucene")
    reference.index(corpus, show_progress=False)
    question = tokens("The hatchery sold copper in Norway, in May")
    expected = reference.get_scores(question)
    for row, score in index.search_lexical(question, 10):
        assert score == pytest.approx(float(expected[row]))


def test_lexical_score_by_hand(tmp_path: Path) -> None:
    texts = {"a.txt": "Lorem zinc", "b.txt": "Ipsum gold gold", "c.txt": "Dolor gold"}
    index = build_index(
        write(tmp_path / "docs", texts), tmp_path / "index", encoder=WordHashEncoder()
    )
    lengths = [len(tokens(searchable(passage))) for passage in index.passages]
    times = [tokens(searchable(passage)).count("zinc") for passage in index.passages]
    idf = np.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    norm = 0.9 * (1 - 0.4 + 0.4 * lengths[0] / np.mean(lengths))
    expected = idf * times[0] / (times[0] + norm)
    assert index.search_lexical(["zinc"], 3) == [(0, pytest.approx(expected, rel=1e-5))]


# --- building again ------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes(docs: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from rag.encoders import WordHashEncoder; from rag.index import build_index\n"
        "build_index(sys.argv[1], sys.argv[2], encoder=WordHashEncoder())"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd()}
        subprocess.run(
            [sys.executable, "-c", script, str(docs), str(tmp_path / seed)],
            env=environment,
            check=True,
        )
    first, second = (
        {
            path.relative_to(tmp_path / seed): path.read_bytes()
            for path in (tmp_path / seed).rglob("*")
            if path.is_file()
        }
        for seed in ("1", "2")
    )
    assert len(first) >= 9
    assert first == second


def test_nothing_changed_publishes_nothing_and_embeds_nothing(docs: Path, tmp_path: Path) -> None:
    build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    encoder = CountingEncoder()
    index = build_index(docs, tmp_path / "index", encoder=encoder)
    assert (index.generation, index.changed, encoder.seen) == ("gen-000001", 0, [])
    assert index.summary.endswith("0 changed")


def test_only_what_changed_is_embedded(docs: Path, tmp_path: Path) -> None:
    build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    write(docs, {"salmon.md": "# Salmon\n\nThe hatchery was sold.\n"})
    encoder = CountingEncoder()
    index = build_index(docs, tmp_path / "index", encoder=encoder)
    assert [text for text in encoder.seen if "hatchery was sold" not in text] == []
    assert (index.generation, index.changed) == ("gen-000002", 1)
    whole = build_index(docs, tmp_path / "whole", encoder=WordHashEncoder())
    assert np.array_equal(index.vectors(), whole.vectors())


SPANS = {"mine.md": "# Mine\n\nThe mine sold copper. Its smelter closed in June.\n", **TEXTS}


def test_spans_have_vectors_of_their_own(docs: Path, tmp_path: Path) -> None:
    write(docs, SPANS)
    index = build_index(docs, tmp_path / "index", encoder=SlicingEncoder())
    (passage,) = (p for p in index.passages if p.document_id == "mine.md")
    vector = WordHashEncoder().encode(["Its smelter closed in June."])[0]
    assert index.likeness(passage, vector) == pytest.approx([0.0, 1.0], abs=0.02)
    again = load_index(tmp_path / "index")
    assert again.likeness(passage, vector) == index.likeness(passage, vector)
    assert again.manifest["vectors"]["spans"] == sum(len(p.spans) for p in again.passages)


def test_spans_of_unchanged_passages_are_kept(docs: Path, tmp_path: Path) -> None:
    write(docs, SPANS)
    build_index(docs, tmp_path / "index", encoder=SlicingEncoder())
    write(docs, {"salmon.md": "# Salmon\n\nThe hatchery was sold.\n"})
    encoder = SlicingEncoder()
    build_index(docs, tmp_path / "index", encoder=encoder)
    assert len(encoder.seen) == 1
    build_index(docs, tmp_path / "whole", encoder=SlicingEncoder())
    kept, whole = (
        (tmp_path / name / generation / "spans.i8").read_bytes()
        for name, generation in (("index", "gen-000002"), ("whole", "gen-000001"))
    )
    assert kept == whole


def test_an_encoder_without_spans_makes_none(docs: Path, tmp_path: Path) -> None:
    index = build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    assert index.manifest["vectors"]["spans"] == 0
    assert set(index.likeness(index.passages[0], np.ones(256, np.float32))) == {0.0}


def test_another_encoder_embeds_everything_again(docs: Path, tmp_path: Path) -> None:
    build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    other = CountingEncoder()
    other.fingerprint = "another"
    index = build_index(docs, tmp_path / "index", encoder=other)
    assert len(other.seen) == len(index.passages) == index.changed


def test_a_deleted_document_disappears(docs: Path, tmp_path: Path) -> None:
    build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    (docs / "salmon.md").unlink()
    index = build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    assert [document.id for document in index.documents] == ["copper.md", "deep/zinc.txt"]
    assert index.changed == 1
    assert index.search_lexical(tokens("hatchery"), 5) == []


def test_two_generations_are_kept(docs: Path, tmp_path: Path) -> None:
    for number in range(4):
        write(docs, {"news.txt": f"Issue number {number} was printed.\n"})
        build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    assert storage.generations(tmp_path / "index") == ["gen-000003", "gen-000004"]
    assert check_index(tmp_path / "index")[1] == "gen-000003 (the one before): sound"


def test_a_build_over_a_damaged_index_makes_it_anew(docs: Path, tmp_path: Path) -> None:
    build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    (tmp_path / "index" / "gen-000001" / "vectors.faiss").write_bytes(b"")
    with pytest.raises(IndexCorrupt, match=r"vectors\.faiss.*rag build"):
        load_index(tmp_path / "index")
    assert build_index(docs, tmp_path / "index", encoder=WordHashEncoder()).changed == 3


def test_nothing_to_index_is_an_error_and_keeps_the_old_index(docs: Path, tmp_path: Path) -> None:
    build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    bare = write(tmp_path / "bare", {"blank.txt": "\n \n"})
    with pytest.raises(DocumentError, match="bare"):
        build_index(bare, tmp_path / "index", encoder=WordHashEncoder())
    with pytest.raises(DocumentError, match="nowhere"):
        build_index(tmp_path / "nowhere", tmp_path / "index", encoder=WordHashEncoder())
    assert len(load_index(tmp_path / "index").documents) == 3


def test_progress_is_reported_in_stages(docs: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    build_index(
        docs,
        tmp_path / "index",
        encoder=WordHashEncoder(),
        progress=lambda *report: seen.append(report),
    )
    assert list(dict.fromkeys(stage for stage, _, _ in seen)) == ["read", "split", "embed", "write"]
    assert ("embed", 3, 3) in seen


def test_an_index_folder_that_cannot_be_made_is_a_clear_error(docs: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexWriteError, match="file"):
        build_index(docs, tmp_path / "file" / "index", encoder=WordHashEncoder())


def test_an_index_inside_its_source_is_not_one_of_the_documents(docs: Path) -> None:
    for _ in range(2):
        (docs / "index").mkdir(exist_ok=True)
        (docs / "index" / "README.md").write_text("What an index is.\n")
        index = build_index(docs, docs / "index", encoder=WordHashEncoder())
    assert index.generation == "gen-000001"
    assert [document.id for document in index.documents] == sorted(TEXTS)
    assert index.skipped == ()
    assert not index_status(docs / "index").stale


# --- the default index ---------------------------------------------------------------------------


def test_default_index_is_loaded_once_and_renewed_by_a_build(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    monkeypatch.delenv("RAG_MODEL", raising=False)
    with pytest.raises(IndexMissing, match="rag build"):
        default_index()
    build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    first = default_index()
    opened = first.encoder
    assert default_index() is first
    write(docs, {"news.txt": "Tin was found.\n"})
    build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    second = default_index()
    assert second.generation == "gen-000002"
    assert second.encoder is opened
    assert first.generation == "gen-000001"
    assert len(first.documents) == 3


def test_loading_and_searching_without_a_model_name(index: Index, tmp_path: Path) -> None:
    loaded = load_index(tmp_path / "index")
    assert loaded.encoder.name == "word-hash"
    assert loaded.source == tmp_path / "docs"


# --- status and check ----------------------------------------------------------------------------


def test_status_without_an_index(docs: Path, tmp_path: Path) -> None:
    status = index_status(tmp_path / "index", docs)
    assert status.generation is None
    assert status.stale
    assert status.added == tuple(sorted(TEXTS))
    assert "rag build" in status.problem


def test_status_of_a_fresh_index(index: Index, tmp_path: Path) -> None:
    status = index_status(tmp_path / "index")
    assert (status.documents, status.passages, status.generation) == (3, 3, "gen-000001")
    assert status.encoder == "word-hash, 256 dimensions, no model"
    assert not status.stale
    assert not status.problem


def test_status_when_the_documents_are_gone(index: Index, docs: Path, tmp_path: Path) -> None:
    docs.rename(tmp_path / "moved")
    assert "docs" in index_status(tmp_path / "index").problem


def test_check_names_what_is_sound_and_what_is_not(docs: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        check_index(tmp_path / "index")
    for number in range(2):
        write(docs, {"news.txt": f"Issue number {number} was printed.\n"})
        build_index(docs, tmp_path / "index", encoder=WordHashEncoder())
    assert check_index(tmp_path / "index")[0].startswith("gen-000002: sound, 10 files, ")
    (tmp_path / "index" / "gen-000001" / "documents.jsonl").unlink()
    assert "documents.jsonl" in check_index(tmp_path / "index")[1]
    (tmp_path / "index" / "gen-000002" / "documents.jsonl").unlink()
    with pytest.raises(IndexCorrupt, match=r"documents\.jsonl"):
        check_index(tmp_path / "index")


def test_importing_and_loading_wait_for_the_heavy_libraries(index: Index, tmp_path: Path) -> None:
    script = (
        "import sys; import rag.index as i\n"
        "assert not {'numpy', 'faiss', 'torch', 'bm25s', 'onnxruntime'} & set(sys.modules)\n"
        "index = i.load_index(sys.argv[1]); index.search_lexical(['copper'], 1)\n"
        "assert not {'torch', 'bm25s', 'langchain_text_splitters', 'onnx'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "index")], check=True, env=environment
    )


@pytest.mark.model
def test_an_index_carries_its_encoder_and_never_needs_torch(docs: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from rag.index import build_index, load_index\n"
        "built = build_index(sys.argv[1], sys.argv[2])\n"
        "index = load_index(sys.argv[2])\n"
        "row, score = index.search_dense(index.encoder.encode(['young fish'])[0], 1)[0]\n"
        "assert index.passages[row].document_id == 'salmon.md' and 0.3 < score < 0.9, score\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert 'onnx' in sys.modules\n"
    )
    own = {"PYTHONPATH": os.getcwd(), "RAG_CACHE": str(tmp_path / "cache"), "RAG_MODEL": ""}
    for text in (script, script.replace("'onnx' in", "'onnx' not in")):
        subprocess.run(
            [sys.executable, "-c", text, str(docs), str(tmp_path / "index")],
            check=True,
            env={**os.environ, **own},
        )
    names = set(storage.read_manifest(tmp_path / "index" / "gen-000001")["files"])
    assert {"encoder/encoder.json", "encoder/model.onnx", "encoder/tokenizer.json"} < names
    assert load_index(tmp_path / "index").encoder.name == "all-MiniLM-L6-v2"

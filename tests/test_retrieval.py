"""Retrieval: fusion as arithmetic, winners by name on the word-hash encoder."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.encoders import WordHashEncoder
from rag.errors import QuestionError
from rag.index import Index, build_index
from rag.retrieval import fuse_scores, retrieve
from rag.text import pairs

DOCUMENTS = {
    "mill.md": "# Orla Mill\n\nThe mill (磨坊有限公司) made 100 000 tonnes of flour in 2024.\n",
    "dairy.md": "# Vesna Dairy\n\nThe 52‑week high of the share was 61.69 EUR.\n\n"
    "# Cheese\n\nThe Nd‑Fe‑B magnets of the separator were replaced.\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("retrieval")
    source = folder / "docs"
    source.mkdir()
    for name, text in DOCUMENTS.items():
        (source / name).write_text(text, encoding="utf-8")
    return build_index(source, folder / "index", encoder=WordHashEncoder())


def test_fusion_is_half_the_cosine_and_half_the_share_of_the_best_bm25_score() -> None:
    fused = fuse_scores([(3, 0.8), (1, 0.4)], [(1, 6.0), (2, 3.0)])
    assert fused == [(1, 0.4 / 2 + 6 / 6 / 2), (3, 0.8 / 2), (2, 3 / 6 / 2)]


def test_rows_of_equal_score_come_in_their_order() -> None:
    assert [row for row, _ in fuse_scores([(9, 0.5), (2, 0.5), (4, 0.5)], [])] == [2, 4, 9]


@pytest.mark.parametrize(
    ("question", "winner"),
    [
        ("52wk high", "dairy.md"),
        ("NdFeB magnets", "dairy.md"),
        ("who made 100,000 tonnes", "mill.md"),
        ("ＦＬＯＵＲ of the mill", "mill.md"),
    ],
)
def test_notation_does_not_matter(index: Index, question: str, winner: str) -> None:
    assert retrieve(question, index)[0].passage.document_id == winner


def test_scores_fall_and_k_is_the_most(index: Index) -> None:
    hits = retrieve("flour and magnets of the share", index, k=2)
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score > 0


def test_documents_limit_the_search(index: Index) -> None:
    hits = retrieve("flour in 2024", index, documents=["dairy.md"])
    assert {hit.passage.document_id for hit in hits} == {"dairy.md"}


def test_an_unknown_document_is_named(index: Index) -> None:
    with pytest.raises(ValueError, match=r"nowhere\.md"):
        retrieve("flour", index, documents=["nowhere.md"])


def test_k_below_one_is_refused(index: Index) -> None:
    with pytest.raises(ValueError, match="k must be 1 or more, not 0"):
        retrieve("flour", index, k=0)


@pytest.mark.parametrize("question", ["", "   ", "🙂", "x" * 4001, "\ud800 mill"])
def test_what_is_no_question_is_refused(index: Index, question: str) -> None:
    with pytest.raises(QuestionError):
        retrieve(question, index)


def test_the_default_index_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "none"))
    with pytest.raises(Exception, match="rag build"):
        retrieve("flour")


def test_words_that_stand_together_outrank_the_same_words_apart(tmp_path: Path) -> None:
    apart = "Net sales fell while the profit of the rivals rose to new levels in the market."
    together = "While sales fell in the market, the net profit of the rivals rose to new levels."
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text(apart)
    (tmp_path / "docs" / "b.txt").write_text(together)
    index = build_index(tmp_path / "docs", tmp_path / "index", encoder=WordHashEncoder())
    words = ["net", "profit"]
    scores = dict(index.search_lexical(words, 2))
    assert scores[0] == pytest.approx(scores[1])
    assert [row for row, _ in index.search_lexical([*words, *pairs(words)], 2)] == [1, 0]


def test_a_chinese_question_finds_english_words_though_the_documents_hold_some_chinese(
    index: Index,
) -> None:
    assert retrieve("奥拉生产多少面粉？", index)[0].passage.document_id == "mill.md"
    assert retrieve("股票的最高价是多少欧元？", index)[0].passage.document_id == "dairy.md"

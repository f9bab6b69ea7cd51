"""Reading: the shipped model points at the right span, and damage to it is named."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import rag.reading
from rag.errors import EncoderError
from rag.passages import split_document
from rag.reading import LONGEST, Reader, find_evidence, quote_of
from rag.types import Document, Hit

TEXT = """# Orla Mill results

Revenue came to EUR 6.2 million in 2024, against EUR 5.1 million in 2023.

Managing director Ilse Brandt will retire in May 2026. The mill stands in Harlow.
"""
HITS = [Hit(p, 1.0) for p in split_document(Document("mill.md", "Orla Mill results", TEXT))]
SHIPPED = Path(rag.reading.__file__).parent / "reader"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What was Orla Mill's revenue in 2024?", "6.2"),
        ("Who is the managing director of Orla Mill?", "Ilse Brandt"),
        ("Where does the mill stand?", "Harlow"),
    ],
)
def test_the_best_span_holds_the_answer(question: str, answer: str) -> None:
    best = find_evidence(question, HITS)[0]
    assert answer in best.quote
    assert answer in quote_of(best.passage, *best.answer)
    assert best.score > 0  # a plain question is no trap


def test_every_span_is_weighed_and_offsets_point_into_the_document() -> None:
    found = find_evidence("Who is the managing director of Orla Mill?", HITS)
    assert {e.span for e in found} == {s for hit in HITS for s in hit.passage.spans}
    assert [e.score for e in found] == sorted((e.score for e in found), reverse=True)
    for e in found:
        assert e.quote == TEXT[e.span.start : e.span.end]
        assert e.span.start <= e.answer[0] < e.answer[1] <= e.span.end


def test_no_hits_no_evidence() -> None:
    assert find_evidence("Who?", []) == []


@pytest.mark.parametrize(
    ("first", "second", "read"), [(1.0, 0.8, 2), (1.0, 0.7, 1), (-0.2, -0.24, 2)]
)
def test_a_passage_far_behind_the_first_is_not_read(first: float, second: float, read: int) -> None:
    other = split_document(Document("mint.md", "Mint", "The mint stands in Perth."))[0]
    hits = [Hit(HITS[0].passage, first), Hit(other, second)]
    found = find_evidence("Where does the mill stand?", hits)
    assert len({e.passage for e in found}) == read


def test_pairs_run_forward_and_not_too_far() -> None:
    start, end = np.zeros(LONGEST + 5, np.float32), np.ones(LONGEST + 5, np.float32)
    scores = rag.reading._pair_scores(start, end)
    assert scores[3, 3] == 1
    assert scores[3, 2] < -1e8
    assert scores[0, LONGEST] < -1e8
    assert scores[0, LONGEST - 1] == 1


def test_many_threads_get_the_same_as_one() -> None:
    alone = find_evidence("Where does the mill stand?", HITS)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(
            lambda _: find_evidence("Where does the mill stand?", HITS), range(16)
        ):
            assert [e.span for e in found] == [e.span for e in alone]


def test_a_damaged_model_is_refused_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(SHIPPED, folder)
    weights = bytearray((folder / "reader.onnx").read_bytes())
    weights[len(weights) // 2] ^= 1
    (folder / "reader.onnx").write_bytes(weights)
    with pytest.raises(EncoderError, match=r"damaged: .*reader\.onnx"):
        Reader(folder)


def test_a_missing_model_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="reinstall the package"):
        Reader(tmp_path)


def test_the_shipped_files_fit_in_25_megabytes() -> None:
    manifest = json.loads((SHIPPED / "reader.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == {"reader.onnx", "tokenizer.json"}
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 25_000_000


def test_many_who_ask_at_once_open_one_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    rag.reading._reader.cache_clear()
    made: list[Reader] = []
    real = Reader

    def counted(folder: Path) -> Reader:
        made.append(real(folder))
        return made[-1]

    monkeypatch.setattr(rag.reading, "Reader", counted)
    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(lambda _: rag.reading.load_reader(), range(4)))
    assert len(made) == 1
    assert {id(each) for each in given} == {id(made[0])}

"""The precision of an index's encoder: chosen, recorded, kept, and why a change embeds anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_cli import run
from test_encoders import write_model

from rag.encoders import load_encoder
from rag.errors import IndexMismatch
from rag.index import build_index, index_status, load_index

TEXTS = {"copper.txt": "Copper price rose.\n", "zinc.txt": "Zinc price fell.\n"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("RAG_MODEL", raising=False)


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(write_model(tmp_path / "model"))


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_another_precision_embeds_anew_and_says_why(docs: Path, tmp_path: Path, model: str) -> None:
    small = build_index(docs, tmp_path / "index", encoder=model)
    exact = build_index(docs, tmp_path / "index", encoder=model, precision="fp32")
    again = build_index(docs, tmp_path / "index", encoder=model, precision="fp32")
    assert [each.manifest["encoder"]["precision"] for each in (small, exact)] == ["int8", "fp32"]
    assert (small.anew, small.changed) == ("", 2)
    assert exact.anew.startswith(f"built with {model} (onnxruntime, int8; ")
    assert f"configured {model} (onnxruntime, fp32; " in exact.anew
    assert exact.changed == 2
    assert (again.anew, again.changed, again.generation) == ("", 0, exact.generation)
    assert not np.array_equal(exact.vectors(), small.vectors())


def test_questions_are_embedded_in_the_precision_of_the_index(
    docs: Path, tmp_path: Path, model: str
) -> None:
    build_index(docs, tmp_path / "index", encoder=model, precision="fp32")
    write_model(tmp_path / "same")
    loaded = load_index(tmp_path / "index", encoder=str(tmp_path / "same"))
    exact = load_encoder(model, "fp32").encode(["zinc"])
    assert np.array_equal(loaded.encoder.encode(["zinc"]), exact)
    with pytest.raises(IndexMismatch, match=r"built with .*fp32.*configured .*int8.*rag build"):
        load_index(tmp_path / "index", encoder=load_encoder(model))


def test_status_shows_it(docs: Path, tmp_path: Path, model: str) -> None:
    build_index(docs, tmp_path / "index", encoder=model, precision="fp32")
    assert index_status(tmp_path / "index").encoder.endswith("onnxruntime, fp32")


def test_the_command_keeps_it_until_told_otherwise(docs: Path, tmp_path: Path, model: str) -> None:
    index = tmp_path / "index"
    (first,) = run(
        "build", str(docs), "--model", model, "--precision", "fp32", "--json", index=index
    ).records
    (docs / "tin.txt").write_text("Tin was found.\n", encoding="utf-8")
    (second,) = run("build", "--json", index=index).records
    assert (first["changed"], first["anew"]) == (2, "")
    assert (second["changed"], second["anew"]) == (1, "")
    said = run("build", "--precision", "int8", index=index).stdout.splitlines()
    assert "3 changed" in said[0]
    assert said[1].startswith(f"embedded anew: the index was built with {model} (onnxruntime, fp32")
    assert "onnxruntime, int8" in run("status", index=index).stdout


def test_an_unknown_precision_is_wrong_usage(docs: Path, tmp_path: Path) -> None:
    done = run("build", str(docs), "--precision", "int4", index=tmp_path / "index")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "int4" in done.stderr


def test_an_encoder_without_a_choice_has_none(docs: Path, tmp_path: Path) -> None:
    built = build_index(docs, tmp_path / "index", encoder="word-hash", precision="fp32")
    assert built.manifest["encoder"]["precision"] is None

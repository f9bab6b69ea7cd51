"""The public names and signatures: programs outside the repository rest on exactly these."""

from __future__ import annotations

import dataclasses
import importlib
import inspect

import pytest

import rag
from rag import types
from rag.answering import STRICTNESS

PUBLIC = """
    Answer Citation Document Hit Index Passage RagError Reason
    answer build_index load_index read_documents retrieve
""".split()  # noqa: SIM905

SIGNATURES = {
    "answer": {
        "question": ...,
        "index": None,
        "history": (),
        "documents": None,
        "strictness": STRICTNESS,
        "after": None,
        "before": None,
    },
    "build_index": {
        "source": "seeds",
        "folder": "index",
        "encoder": None,
        "precision": "int8",
        "progress": None,
    },
    "load_index": {"folder": "index", "encoder": None},
    "read_documents": {"folder": ...},
    "retrieve": {
        "question": ...,
        "index": None,
        "k": 5,
        "history": (),
        "documents": None,
        "after": None,
        "before": None,
    },
}

FIELDS = {
    "Answer": "question text citations hits reason unsaid differing",
    "Citation": "document_id title start end quote page row column dated",
    "Document": "id title text sha256 encoding boilerplate note locations metadata",
    "Hit": "passage score",
    "Passage": "document_id start end text heading spans",
    "Reason": "code text missing figure period instead",
}


def test_names() -> None:
    assert rag.__all__ == PUBLIC
    assert dir(rag) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_each_name_is_there_and_documented(name: str) -> None:
    assert inspect.getdoc(getattr(rag, name))


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'rag' has no attribute 'reply'"):
        rag.reply  # noqa: B018


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name: str) -> None:
    parameters = inspect.signature(getattr(rag, name)).parameters.values()
    given = {p.name: ... if p.default is p.empty else p.default for p in parameters}
    assert given == SIGNATURES[name]


@pytest.mark.parametrize("name", FIELDS)
def test_values_are_frozen_slotted_and_named(name: str) -> None:
    value = getattr(rag, name)
    assert [field.name for field in dataclasses.fields(value)] == FIELDS[name].split()
    assert value.__dataclass_params__.frozen
    assert value.__slots__ == tuple(FIELDS[name].split())


def test_an_answer_without_citations_is_an_abstention() -> None:
    citation = types.Citation("a.txt", "A", 0, 3, "One")
    assert rag.Answer("?", "The documents do not say.").abstained
    assert not rag.Answer("?", "One [1]", (citation,)).abstained


def test_a_passage_refuses_offsets_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"a\.txt: offsets 2\.\.6 do not fit a text of 3"):
        rag.Passage("a.txt", 2, 6, "One")


def test_every_error_of_ours_is_a_rag_error() -> None:
    errors = importlib.import_module("rag.errors")
    ours = [e for _, e in inspect.getmembers(errors, inspect.isclass) if e is not rag.RagError]
    assert len(ours) == 9
    assert all(issubclass(error, rag.RagError) for error in ours)

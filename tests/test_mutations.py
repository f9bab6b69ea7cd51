"""One thing changed in a question that was answered rightly: now the documents hold no answer.

The year, the name, the metric or the unit is exchanged for one that stands in no document, so
whatever is said is wrong. Asked of the product as it is.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import SEEDS
from scoring import Prediction, judge

import rag
from rag.questions import understand
from rag.questions.terms import metrics_found

pytestmark = pytest.mark.model

QUESTIONS = Path(__file__).parent.parent / "benchmarks" / "questions" / "seeds.jsonl"
WANTED = 300
YEARS = ("1997", "2009", "2012", "2031")
NAMES = ("Orlanda Mining", "Kestrel Foods", "Vesna Dairy", "Tollund Bank")
METRICS = ("dividend per share", "gross margin", "headcount", "number of stores", "credit rating")
UNITS = ("in degrees Celsius", "in square metres", "in litres")
DECLINED = 0.8


def mutations(question: str) -> Iterator[tuple[str, str]]:
    """Yield (what was changed, question)."""
    asked = question.rstrip("? ")
    for year in YEARS:
        changed = re.sub(r"\b20\d\d\b", year, question)
        yield "year", changed if changed != question else f"{asked} in {year}?"
    for entity in understand(question).entities[:1]:
        for name in NAMES:
            yield "name", question.replace(entity, name)
    for start, end, _ in metrics_found(question)[:1]:
        for metric in METRICS:
            yield "metric", question[:start] + metric + question[end:]
    if understand(question).kind == "figure":
        for unit in UNITS:
            yield "unit", f"{asked}, {unit}?"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> rag.Index:
    return rag.build_index(SEEDS, tmp_path_factory.mktemp("mutations") / "index")


def rightly_answered(index: rag.Index) -> Iterator[str]:
    sources = {document.id: document.text for document in index.documents}
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        question: dict[str, Any] = json.loads(line)
        if not question["answerable"] or question.get("history") or question.get("lang") == "zh":
            continue
        said = rag.answer(question["question"], index)
        quotes = tuple((c.document_id, c.quote) for c in said.citations)
        found = Prediction(question["id"], said.text, said.abstained, quotes)
        if judge(question, found, sources).good:
            yield question["question"]


def test_what_was_exchanged_stands_in_no_document(index: rag.Index) -> None:
    everything = " ".join(document.text.lower() for document in index.documents)
    assert not [w for w in (*YEARS, *NAMES, *METRICS) if w.lower() in everything]


@pytest.mark.timeout(600)
def test_a_question_with_one_thing_changed_is_declined(index: rag.Index) -> None:
    changed = [m for question in rightly_answered(index) for m in mutations(question)]
    changed = changed[:: max(1, len(changed) // WANTED)][:WANTED]
    assert len(changed) > 0.5 * WANTED
    asked, declined = Counter[str](), Counter[str]()
    for kind, question in changed:
        asked[kind] += 1
        declined[kind] += rag.answer(question, index).abstained
    shares = {kind: f"{declined[kind]} of {count}" for kind, count in asked.items()}
    assert declined.total() >= DECLINED * asked.total(), shares

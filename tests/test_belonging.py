"""A figure of another metric or another name is not said, and the reason names both."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answering import answer
from rag.encoders import WordHashEncoder
from rag.index import Index, build_index

STRICTNESS = 0.3
LUND = """# Lund Group – facts

The shares trade at a price-to-earnings ratio of 18.4.

Lund Mills made an operating profit of EUR 4 million on sales of EUR 51 million.

Lund Foods runs two dairies.

The diesel engine costs EUR 9,200.

| | 2024 |
|---|---|
| EBITDA (EUR m) | 7.3 |
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder: Path = tmp_path_factory.mktemp("belonging")
    (folder / "docs").mkdir()
    (folder / "docs" / "lund.md").write_text(LUND, encoding="utf-8")
    return build_index(folder / "docs", folder / "index", encoder=WordHashEncoder())


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What is the price-to-book ratio?", "18.4, is price-to-earnings ratio, not price-to-book"),
        ("What was the operating profit of Lund Foods?", "is given for Lund Mills, not for Lund F"),
    ],
)
def test_a_figure_of_another_thing_is_declined_however_sure(
    index: Index, question: str, reason: str
) -> None:
    said = answer(question, index, strictness=STRICTNESS)
    assert said.abstained
    assert said.reason is not None
    assert reason in said.reason.text
    assert said.reason.code == "entity-without-metric"
    (missing,) = said.reason.missing
    assert f"{said.reason.instead}, not " in said.reason.text
    assert said.reason.text.endswith(f"{missing}.")


@pytest.mark.parametrize(
    ("question", "figure"),
    [
        ("What is the price-to-earnings ratio?", "18.4"),
        ("What was the operating profit of Lund Mills?", "EUR 4 million"),
        ("What profit did Lund Mills make?", "EUR 4 million"),
        ("What were the sales of Lund Mills?", "EUR 51 million"),
        ("What is the price of the diesel engine?", "EUR 9,200"),
        ("What was EBITDA in 2024?", "7.3"),
    ],
)
def test_a_figure_of_what_was_asked_is_said(index: Index, question: str, figure: str) -> None:
    assert figure in answer(question, index, strictness=STRICTNESS).text

"""Slots: entity, period and unit of a span against those of the question."""

from __future__ import annotations

import math

import pytest

from rag.questions import understand
from rag.slots import WEIGHTS, Fit, fit, signs, support
from rag.types import Document

DOCUMENT = Document(
    "mill.md",
    "Orla Mill: first half of 2025",
    "Orla Mill: first half of 2025\n\nRevenue rose 6 % to EUR 5.1 million. In 2024 it was less.",
)
SPAN = "Revenue rose 6 % to EUR 5.1 million."


def fitted(question: str, span: str = SPAN, context: str = "") -> Fit:
    return fit(understand(question), span, context, DOCUMENT)


def test_a_name_that_stands_nowhere_is_missing() -> None:
    assert fitted("What was Vesna's revenue?").missing == ("Vesna",)
    assert fitted("What was Orla's revenue?").missing == ()


@pytest.mark.parametrize(
    ("question", "context", "period"),
    [
        ("What was revenue?", "", 0),
        ("What was revenue in the first half of 2025?", "", 1),
        ("What was revenue in 2023?", "", -1),
        ("What was revenue in 2023?", "| EUR | 2023 | 2022 |", 1),
        ("What was revenue in 2021?", "| EUR | 2023 | 2022 |", -1),
    ],
)
def test_the_nearest_scope_that_names_a_period_decides(
    question: str, context: str, period: int
) -> None:
    assert fitted(question, context=context).period == period


@pytest.mark.parametrize(
    ("question", "span", "unit"),
    [
        ("By what percentage did revenue rise?", SPAN, 1),
        ("By what percentage did revenue rise?", "Revenue was EUR 5.1 million.", -1),
        ("How many euros was revenue?", SPAN, 1),
        ("How many dollars was revenue in USD?", "Revenue was EUR 5.1 million.", -1),
        ("How much was it?", "The mill grew.", -1),
        ("Who runs the mill?", "The mill grew.", 0),
    ],
)
def test_units(question: str, span: str, unit: int) -> None:
    assert fitted(question, span).unit == unit


def test_support_is_the_logistic_of_the_weighed_signs() -> None:
    named = signs(2.0, 0.7, Fit(period=-1, overlap=0.5))
    odds = sum(WEIGHTS[name] * named[name] for name in WEIGHTS)
    assert support(named) == pytest.approx(1 / (1 + math.exp(-odds)))
    assert support(named) < support(signs(2.0, 0.7, Fit(overlap=0.5)))
    assert support(named) < support(signs(5.0, 0.7, Fit(period=-1, overlap=0.5)))

"""Slots: entity, period and unit of a span against those of the question."""

from __future__ import annotations

import math

import pytest

from rag.questions import understand
from rag.slots import RANKING, SUPPORT, Fit, Place, fit, preference, signs, support, unknown
from rag.types import Document

DOCUMENT = Document(
    "mill.md",
    "Orla Mill: first half of 2025",
    "Orla Mill: first half of 2025\n\nRevenue rose 6 % to EUR 5.1 million. In 2024 it was less.",
)
SPAN = "Revenue rose 6 % to EUR 5.1 million."


def fitted(question: str, span: str = SPAN, context: str = "") -> Fit:
    return fit(understand(question), Place(span, context=context), DOCUMENT)


def test_a_name_that_stands_nowhere_is_unknown() -> None:
    vesna = understand("What was Vesna's revenue?")
    assert unknown(vesna, [DOCUMENT]) == (("Vesna",), ("Vesna's",), 0.5)
    assert unknown(vesna, [DOCUMENT, TWO]) == ((), (), 0.0)
    assert unknown(understand("What was Orla's revenue?"), [DOCUMENT]) == ((), (), 0.0)


@pytest.mark.parametrize(
    ("question", "context", "period"),
    [
        ("What was revenue?", "", 0),
        ("What was revenue in the first half of 2025?", "", 1),
        ("What was revenue in 2023?", "", -1),
        ("What was revenue in 2023?", "| EUR | 2023 | 2022 |", 1),
        ("What was revenue in 2021?", "| EUR | 2023 | 2022 |", -1),
        ("What was revenue in Q2?", "| EUR | Q2 | Q1 |", 1),
        ("What was revenue in Q2/24?", "| EUR | Second quarter |", 1),
        ("What was revenue in Q2/24?", "| EUR | Q2/23 | Q1/24 |", -1),
    ],
)
def test_the_nearest_scope_that_names_a_period_decides(
    question: str, context: str, period: int
) -> None:
    assert fitted(question, context=context).period == period


@pytest.mark.parametrize(
    ("lead", "dated"),
    [
        ("| | December 31, 2023 | |", True),
        ("| | December 31, 2024 | |", False),
        ("| | 2024 | 2023 |", False),
        ("| | 2023 | 2022 |", True),
        ("| | Amount | |", False),
    ],
)
def test_what_stands_under_one_other_time_is_dated(lead: str, dated: bool) -> None:
    asked = understand("What was cash as of December 31, 2024?")
    assert fit(asked, Place("| Cash | 5 |", lead=lead), DOCUMENT).dated is dated
    assert not fit(understand("What was cash?"), Place("| Cash | 5 |", lead=lead), DOCUMENT).dated


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


TWO = Document(
    "two.md",
    "Yearbook",
    "Orla had revenue of EUR 5 million.\n\nVesna grew its profit to EUR 2 million.",
)
VESNA = "Vesna grew its profit to EUR 2 million."


@pytest.mark.parametrize(
    ("question", "context", "stray"),
    [
        ("What was Orla's profit?", "", True),
        ("What was Orla's profit?", "Orla and its sister", False),
        ("What was Vesna's profit?", "", False),
        ("What was Nordo's profit?", "", False),
        ("What was the profit of Orla and of Vesna?", "", False),
        ("What was the profit of Orla in the view of Vesna?", "", True),
    ],
)
def test_a_name_that_the_document_gives_elsewhere_is_stray(
    question: str, context: str, stray: bool
) -> None:
    assert fit(understand(question), Place(VESNA, context=context), TWO).stray is stray


def test_words_that_stand_elsewhere_count_by_how_rare_they_are() -> None:
    here = fit(understand("What profit had Vesna?"), Place(VESNA), TWO)
    there = fit(understand("What revenue had Vesna?"), Place(VESNA), TWO)
    assert here.elsewhere == 0.0
    assert there.elsewhere == pytest.approx(0.5)
    assert (here.metric, there.metric) == (1, -1)


@pytest.mark.parametrize(
    ("question", "answer", "form"),
    [
        ("What was the profit?", "EUR 2 million", 0),
        ("What was the profit?", "grew", -1),
        ("Who leads Vesna?", "Ana Lind", 0),
        ("Who leads Vesna?", "its profit", -1),
        ("When did it grow?", "in 2024", 0),
        ("When did it grow?", "grew", -1),
        ("Why did it grow?", "more sales", 0),
    ],
)
def test_the_form_of_an_answer(question: str, answer: str, form: int) -> None:
    assert fit(understand(question), Place(VESNA, answer), TWO).form == form


def test_an_answer_that_repeats_the_question_is_an_echo() -> None:
    asked = understand("Which nine sites closed?")
    assert fit(asked, Place("It closed its nine sites.", "nine sites"), TWO).echo == 1.0
    assert fit(asked, Place("It closed Orla.", "Orla"), TWO).echo == 0.0


def test_support_is_the_logistic_of_the_weighed_signs() -> None:
    named = signs(2.0, 0.7, 0.4, Fit(period=-1, elsewhere=0.5))
    odds = sum(weight * named[name] for name, weight in SUPPORT.items())
    assert support(named) == pytest.approx(1 / (1 + math.exp(-odds)))
    assert preference(named) == pytest.approx(sum(w * named[n] for n, w in RANKING.items()))


@pytest.mark.parametrize(
    "against",
    [
        Fit(period=-1),
        Fit(unit=-1),
        Fit(elsewhere=1.0),
        Fit(stray=True),
        Fit(unknown=True),
        Fit(metric=-1),
        Fit(form=-1),
        Fit(echo=1.0),
    ],
)
def test_each_sign_against_makes_an_answer_less_likely(against: Fit) -> None:
    assert support(signs(2.0, 0.7, 0.4, against)) < support(signs(2.0, 0.7, 0.4, Fit()))
    assert preference(signs(2.0, 0.7, 0.4, against)) <= preference(signs(2.0, 0.7, 0.4, Fit()))

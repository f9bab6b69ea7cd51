"""The time that evidence speaks of against the time that was asked for."""

from __future__ import annotations

import pytest

from rag.figures import find_periods
from rag.figures.mentions import find_mentions
from rag.timing import Told, time_fits, told_time

SIGNS = [
    # question, span, answer, around, sign
    ("Revenue in 2024?", "Revenue was EUR 5m in 2024.", "EUR 5m", "", 1),
    ("Revenue in 2023?", "Revenue was EUR 5m in 2024.", "EUR 5m", "", -1),
    ("Revenue in 2023?", "Revenue was EUR 5m.", "EUR 5m", "Annual report 2024", -1),
    ("Revenue in 2024?", "Revenue was EUR 5m.", "EUR 5m", "Annual report 2024", 1),
    ("Revenue in 2024?", "Revenue was EUR 5m.", "EUR 5m", "Lund Mill", 0),
    # What is only compared with is the time of the figure beside it.
    ("Waste in 2024?", "Waste fell to 14.6 t, from 17.9 t in 2022.", "14.6 t", "Report 2024", 1),
    ("Waste in 2022?", "Waste fell to 14.6 t, from 17.9 t in 2022.", "17.9 t", "Report 2024", 1),
    ("Dividend for 2024?", "It pays EUR 0.21 (2023: 0.16).", "EUR 0.21", "Report 2024", 1),
    ("Dividend for 2023?", "It pays EUR 0.21 (2023: 0.16).", "0.16", "Report 2024", 1),
    ("Profit 2023?", "Sales 2024: EUR 9m (2023: EUR 8m), profit EUR 2m.", "EUR 2m", "", -1),
    ("Output in 2024?", "It made 96 t, 4.6 % more than in 2023.", "96 t", "Report 2024", 1),
    (
        "Ratio at the end of 2023?",
        "It rose to 14 % at end-2024 from 12 % a year earlier.",
        "",
        "",
        1,
    ),
    (
        "Output in 2023?",
        "It made 96 t, which the board calls far more than in 2023.",
        "96 t",
        "",
        0,
    ),
    # The sentence of the answer goes before the others of the span.
    ("Budget for 2027?", "It grants EUR 7m for 2025. For 2027 an index holds.", "EUR 7m", "", -1),
    ("Profit in 2024?", "Profit was EUR 5m. The listing waits until 2026.", "EUR 5m", "2024", 1),
    # A day within the asked time tells nothing, one around the span neither.
    ("Rate of the bond issued in May?", "A bond at 8 %; settled 28 May.", "8 %", "H1 2025", 0),
    ("Profit in the first half?", "Profit was EUR 5m.", "EUR 5m", "Close, 11 June", 0),
    ("Dividend for 2024?", "It pays EUR 2 on 11 June 2025.", "EUR 2", "Report 2024", 1),
    ("Net debt at the end of 2024?", "Net debt was EUR 5m.", "EUR 5m", "As of 30 June 2024", -1),
    # A row is dated by its label, not by the years among its values.
    ("Output of Orla in 2024?", "| Orla | 1992 | 878 |", "878", "Plants in 2024", 1),
    # "A year ago" wants the figure that is held against another one.
    ("Margin a year ago?", "The margin narrowed to 3 % from 4 %.", "4 %", "", 0),
    ("Margin a year ago?", "The margin narrowed to 3 % from 4 %.", "3 %", "", -1),
    ("Profit a year ago?", "Profit was EUR 5m (EUR 4m).", "EUR 4m", "", 0),
    ("Profit last year?", "Profit was EUR 5m.", "EUR 5m", "", 0),
    ("Sales target for this year?", "It sold 40 t last year.", "40 t", "", -1),
]


@pytest.mark.parametrize(("question", "span", "answer", "around", "sign"), SIGNS)
def test_the_time_of_an_answer(
    question: str, span: str, answer: str, around: str, sign: int
) -> None:
    assert told_time(question, span, answer, around=around).sign == sign


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("in 2024", [False]),
        ("after 29.4 TWh in 2023", [True]),
        ("compared with EUR 46.1 in the same quarter of 2023", [True, True]),
        ("three times as much as in 2023", [True]),
        ("5 t in 2024 (2023: 4 t; 2022: 3 t)", [False, True, True]),
        ("listed since 2019", [True]),
        ("After 2 May sales rose.", [False]),
    ],
)
def test_what_is_named_only_for_comparison(text: str, compared: list[bool]) -> None:
    assert [mention.compared for mention in find_mentions(text)] == compared


def test_a_relative_time_is_reckoned_from_the_one_before() -> None:
    first, second = find_mentions("14 % at end-2024, 12 % a year earlier")
    assert str(second.period.first) == "2023-12-31"
    assert second.written.relative
    assert not first.written.relative


@pytest.mark.parametrize(
    ("lead", "around", "told"),
    [
        ("| | 2024 |", "Report 2023", Told(-1, near=True)),
        ("| | 2024 | 2023 |", "", Told(1, near=True)),
        ("| | Amount |", "Report 2024", Told(-1, near=False)),
        ("", "", Told(0, near=False)),
    ],
)
def test_what_introduces_a_row_goes_before_what_stands_around(
    lead: str, around: str, told: Told
) -> None:
    assert told_time("Cash in 2023?", "| Cash | 5 |", "5", lead, around) == told


def test_the_end_of_a_period_fits_its_column() -> None:
    (asked,) = find_periods("at the end of March")
    (march,), (june,) = find_periods("Mar-25"), find_periods("Jun-25")
    assert time_fits(asked, march) is True
    assert time_fits(asked, june) is False

"""What each figure measures, of whom and when; which figures can be compared."""

from __future__ import annotations

from typing import Any

import pytest

from rag.measuring import Measure, measure_document, series_in
from rag.passages import split_document
from rag.types import Document


def measured(text: str, title: str = "Acme annual report") -> list[Measure]:
    document = Document("a.txt", title, f"{title}\n\n{text}\n")
    found = measure_document(document, split_document(document))
    for measure in found:
        assert document.text[measure.start : measure.end] == measure.figure.text
        assert measure.span[0] <= measure.start < measure.end <= measure.span[1]
    return found


def said(text: str, **options: Any) -> list[tuple[str, str, str, str | None]]:
    return [
        (m.figure.text, m.metric, m.entity, m.period and m.period.text)
        for m in measured(text, **options)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Acme had revenue of 412 million euros in 2024 and 390 million euros in 2023.",
            [
                ("412 million euros", "revenue", "Acme", "2024"),
                ("390 million euros", "revenue", "Acme", "2023"),
            ],
        ),
        (
            "Net profit of Globex rose 12 % to 30 million euros in the first half of 2025.",
            [
                ("12 %", "net profit growth", "Globex", "first half of 2025"),
                ("30 million euros", "net profit", "Globex", "first half of 2025"),
            ],
        ),
        (
            "Revenue fell by 5 million euros to 40 million euros in 2024.",
            [
                ("5 million euros", "revenue decline", "Acme", "2024"),
                ("40 million euros", "revenue", "Acme", "2024"),
            ],
        ),
        (
            "Revenue and net profit were 412 and 30 million euros respectively in 2024.",
            [("412", "", "Acme", "2024"), ("30 million euros", "", "Acme", "2024")],
        ),
        (
            "Revenue in 2024 and 2023 was 412 million euros and 390 million euros respectively.",
            [
                ("412 million euros", "revenue", "Acme", "2024"),
                ("390 million euros", "revenue", "Acme", "2023"),
            ],
        ),
        (
            "Globex posted an 8 % increase in copper output in May 2024.",
            [("8 %", "output growth", "Globex", "May 2024")],
        ),
        (
            "Revenue of 450 million euros is expected in 2026.",
            [("450 million euros", "revenue, forecast", "Acme", "2026")],
        ),
        (
            "Revenue was 412 million euros in 2024, against 390 million euros a year earlier.",
            [
                ("412 million euros", "revenue", "Acme", "2024"),
                ("390 million euros", "revenue", "Acme", "a year earlier"),
            ],
        ),
        (
            "Revenue was 412 million euros in 2024, up 5 % from 390 million euros in 2023.",
            [
                ("412 million euros", "revenue", "Acme", "2024"),
                ("5 %", "revenue growth", "Acme", "2024"),
                ("390 million euros", "revenue", "Acme", "2023"),
            ],
        ),
        # What follows "and" may be another thing, and no figure gets a metric of another kind.
        (
            "Acme increased copper output by 60 % and functional materials by 12 % in 2024.",
            [("60 %", "output growth", "Acme", "2024"), ("12 %", "", "Acme", "2024")],
        ),
        ("Acme hit 56 % of its annual production.", [("56 %", "", "Acme", None)]),
        (
            "The net loss was 5 million euros in 2024.",
            [("5 million euros", "net loss", "Acme", "2024")],
        ),
        ("Net debt fell to 5 million euros.", [("5 million euros", "net debt", "Acme", None)]),
        (
            "In 2024 the operating margin was 10 %, against 11 % a year earlier.",
            [
                ("10 %", "operating margin", "Acme", "2024"),
                ("11 %", "operating margin", "Acme", "a year earlier"),
            ],
        ),
        ("The 52-week high was 61 CNY.", [("61 CNY", "52-week high", "Acme", None)]),
        ("It opened nine mines in 2024.", [("nine", "", "Acme", "2024")]),
        ("Meanwhile output rose 5 % in 2024.", [("5 %", "output growth", "Acme", "2024")]),
    ],
)
def test_prose(text: str, expected: list[Any]) -> None:
    assert said(text, title="Acme annual report") == expected


def test_a_relative_period_is_reckoned_from_the_one_beside_it() -> None:
    text = "Revenue was 412 million euros in 2024, compared with 390 million euros a year earlier."
    period = measured(text)[1].period
    assert period is not None
    assert (period.kind, period.year) == ("year", 2023)


TABLE = """| EUR million | 2022 | 2023 | 2024 |
|---|---|---|---|
| Revenue | 300 | 390 | 412 |
| Cost of sales | (200) | (260) | (270) |
"""


def test_a_row_says_metric_period_and_scale_by_its_label_header_and_caption() -> None:
    found = measured(TABLE)
    assert [(m.value, m.unit, m.metric, m.period and m.period.text) for m in found] == [
        ("300000000", "EUR", "Revenue", "2022"),
        ("390000000", "EUR", "Revenue", "2023"),
        ("412000000", "EUR", "Revenue", "2024"),
        ("-200000000", "EUR", "Cost of sales", "2022"),
        ("-260000000", "EUR", "Cost of sales", "2023"),
        ("-270000000", "EUR", "Cost of sales", "2024"),
    ]
    assert {m.entity for m in found} == {"Acme"}
    assert {m.inherited for m in found} == {frozenset({"entity"})}


def test_a_header_may_name_the_metric_and_the_label_the_owner() -> None:
    text = "| Company | Revenue in 2024 |\n|---|---|\n| Acme | 5 million euros |\n"
    assert said(text) == [("5 million euros", "Revenue in", "Acme", "2024")]


def test_units_are_no_part_of_a_name_and_one_named_metric_makes_all_headers_metrics() -> None:
    header = "| Airline | Passengers | Revenue (EUR million) |\n|---|---|---|\n"
    assert said(f"{header}| Skerry Air | 241 | 30 |\n") == [
        ("241", "Passengers", "Skerry Air", None),
        ("30", "Revenue", "Skerry Air", None),
    ]


def test_a_column_of_changes_and_a_date_that_belongs_to_a_name() -> None:
    header = "| | 2024 | Change |\n|---|---|---|\n"
    found = said(f"{header}| Net sales | 7 | 5 % |\n| Bonds due 2031 | 9 | |\n")
    names = [metric for _, metric, _, _ in found]
    assert names == ["Net sales", "Net sales change", "Bonds due 2031"]


def test_a_relative_period_is_reckoned_from_the_heading() -> None:
    found = measured("Revenue rose from 5 million euros a year earlier.", title="Acme report 2024")
    assert [(m.period and m.period.year) for m in found] == [2023]


def test_what_only_the_title_says_is_marked() -> None:
    (found,) = measured("Revenue was 5 million euros.", title="Acme annual report 2024")
    assert (found.entity, found.period and found.period.text) == ("Acme", "2024")
    assert found.inherited == {"entity", "period"}


def test_the_subject_is_the_first_name_of_the_title_that_the_sentences_use() -> None:
    title = "Northern Copper Delivers Record Year And Signals Bigger Moves For Chile"
    text = "Northern Copper is large. Chile is far away.\n\nOutput rose 5 %."
    assert [m.entity for m in measured(text, title=title)] == ["Northern Copper"]


def test_values_are_plain_digits_and_ranges_keep_both_ends() -> None:
    text = "The margin was 14 %–16 %. The fee was 1.50 euros per share. Cash was 1.2 billion euros."
    assert [(m.value, m.unit) for m in measured(text)] == [
        ("14–16", "%"),
        ("1.5", "EUR/share"),
        ("1200000000", "EUR"),
    ]


def test_one_metric_of_one_owner_over_time_is_a_series_by_time() -> None:
    revenue, costs = series_in(measured(TABLE))
    assert (revenue.metric, revenue.unit, revenue.common) == ("Revenue", "EUR", "Acme")
    assert (revenue.axis, revenue.labels) == ("period", ("2022", "2023", "2024"))
    assert [point.value for point in costs.points] == ["-200000000", "-260000000", "-270000000"]


def test_of_equal_values_the_one_from_the_table_is_taken() -> None:
    (revenue, _) = series_in(measured("Revenue was 390 million euros in 2023.\n\n" + TABLE))
    assert [point.figure.text for point in revenue.points] == ["300", "390", "412"]


def owners(*values: str) -> str:
    names = ("Acme", "Globex", "Initech", "Hooli")
    rows = (
        f"The revenue of {name} was {value} in 2024."
        for name, value in zip(names, values, strict=False)
    )
    return "\n\n".join(rows)


def test_several_owners_in_one_period_are_a_series_the_largest_first() -> None:
    (found,) = series_in(measured(owners("3 million euros", "5 million euros", "4 million euros")))
    assert (found.axis, found.common) == ("entity", "2024")
    assert found.labels == ("Globex", "Initech", "Acme")


@pytest.mark.parametrize(
    "text",
    [
        owners("3 million euros", "5 million euros"),  # too few
        owners("3 million euros", "5 million dollars", "4 million euros"),  # another unit
        owners("3 million euros", "4-5 million euros", "4 million euros"),  # a range
        owners("3 million euros", "5 million euros", "4 million euros")
        + "\n\nThe revenue of Acme was 9 million euros in 2024.",  # two values for one place
        "Revenue was 3 million euros in 2022, 4 million in 2023 and 1 million euros in Q1 2024.",
        "Revenue was 3 million euros in 2022 and 4 million euros in 2023. "
        "Revenue of 5 million euros is expected in 2024.",
    ],
)
def test_what_is_not_alike_is_no_series(text: str) -> None:
    assert series_in(measured(text)) == []

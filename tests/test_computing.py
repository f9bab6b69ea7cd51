"""Computing: what is planned, which figures are taken, what is said; and what is left alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from rag.computing import Computation, Operand, Operation, compute, operands_of, plan
from rag.passages import split_document
from rag.questions import understand
from rag.reading import Evidence
from rag.types import Document

TEXT = """# Orla Mill

The following figures are in thousands.

| | Year ended | |
|---|---|---|
| | 2024 | 2023 |
| Revenue | $6,200 | $5,100 |
| Debt | (900) | (800) |
| Swaps | 50 | (40) |
| Subsidies | 30 | – |
| Margin | 25.37% | 27.19% |
| Staff | 48 | 48 |

Flour output was 1.2 million tonnes in 2024, and rye output was 0.95 million tonnes in 2024.

Rye exports were 48 t in 2023, 50 t in 2024.

The pension deficit was EUR 1.2 billion in 2024.

The cash balance was EUR 950 million in 2024.

| Item | % of sales 2024 | Sales 2024 | Sales 2023 | 2024 against 2023 |
|---|---|---|---|---|
| Bread (EUR million) | 12 | 3.1 | 2.9 | 7 |

| Balance | Shares | Amount |
|---|---|---|
| As of June 30, 2023 | 100,500 | 12 |
| As of June 30, 2024 | 117,250 | 14 |
"""
DOCUMENT = Document("mill.md", "Orla Mill", TEXT)


def evidence(
    quote: str, answer: str, score: float = 1.0, document: Document = DOCUMENT
) -> Evidence:
    """The evidence whose span holds the beginning of ``quote``, with ``answer`` inside it."""
    start = TEXT.index(quote)
    for passage in split_document(document):
        for span in passage.spans:
            if span.start <= start < span.end:
                at = TEXT.index(answer, start)
                return Evidence(passage, span, score, (at, at + len(answer)))
    raise AssertionError(f"no span holds {quote!r}")


def planned(question: str) -> Computation:
    computation = plan(understand(question))
    assert computation is not None
    return computation


def said(question: str, *found: Evidence) -> str | None:
    """What is said to a question when these are found for its operands."""
    computation = planned(question)
    operands = operands_of(computation, found)
    if operands is None:
        return None
    return compute(computation, operands, [f"[{i}]" for i in range(1, len(operands) + 1)])


CHANGES = [
    ("What was the change in net debt from 2018 to 2019?", "change"),
    ("What is the change in net debt from 2019 to 2018?", "change"),
    ("What was the increase / (decrease) in the net debt from 2018 to 2019?", "change"),
    ("What was the increase/ (decrease) in net debt between 2018 and 2019?", "change"),
    ("What was the decrease in net debt in 2019 from 2018?", "change"),
    ("What was the difference in net debt between 2018 and 2019?", "change"),
    ("What was the change between 2018 and 2019 in net debt?", "change"),
    ("How much did net debt rise from 2018 to 2019?", "change"),
    ("By how much did net debt fall in 2019 compared with 2018?", "change"),
    ("How much higher was net debt in 2019 than in 2018?", "change"),
    ("How much more net debt was there in 2019 than in 2018?", "change"),
    ("How much less net debt did the group have in 2019 than in 2018?", "change"),
    ("change in net debt 2018 to 2019", "change"),
    ("What is the percentage change in net debt between 2018 and 2019?", "percent-change"),
    ("What was the percent increase in net debt from 2018 to 2019?", "percent-change"),
    ("By what percentage did net debt grow from 2018 to 2019?", "percent-change"),
    ("What was the growth rate of net debt from 2018 to 2019?", "percent-change"),
    ("What was the decrease in per cent of net debt from 2018 to 2019?", "percent-change"),
    ("What was the average net debt for 2018 and 2019?", "average"),
    ("What was the mean net debt in 2019 and 2018?", "average"),
    ("What was the sum of net debt in 2018 and 2019?", "sum"),
    ("What was the net debt in 2018 and 2019 combined?", "sum"),
    ("Was net debt higher in 2018 or 2019?", "larger"),
    ("In which year was net debt larger, 2019 or 2018?", "larger"),
    ("In which year was net debt lower, 2018 or 2019?", "smaller"),
    ("In which year between 2018 and 2019 was net debt the highest?", "largest"),
]


@pytest.mark.parametrize(("question", "operation"), CHANGES)
def test_one_thing_is_asked_for_in_each_period_in_the_order_of_time(
    question: str, operation: Operation
) -> None:
    assert planned(question) == Computation(
        operation,
        "net debt",
        ("What was the net debt in 2018?", "What was the net debt in 2019?"),
        ("2018", "2019"),
    )


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        ("from H1 2024 to H1 2025", ("in H1 2024", "in H1 2025")),
        ("between FY18 and FY19", ("in FY18", "in FY19")),
        ("between Q1 and Q3 2024", ("in Q1 2024", "in Q3 2024")),
        (
            "between the fourth quarter of 2018 and 2019",
            ("in the fourth quarter of 2018", "in the fourth quarter of 2019"),
        ),
        (
            "from 30 June 2018 to 30 June 2019",
            ("as of 30 June 2018", "as of 30 June 2019"),
        ),
        (
            "for the year ended December 31, 2019 from 2018",
            ("for the year ended December 31, 2018", "for the year ended December 31, 2019"),
        ),
        ("in 2018/2019 from 2017/2018", ("in 2017/2018", "in 2018/2019")),
    ],
)
def test_periods_are_completed_from_each_other(when: str, asked: tuple[str, str]) -> None:
    computation = planned(f"What was the change in debt {when}?")
    assert computation.operands == tuple(f"What was the debt {each}?" for each in asked)


@pytest.mark.parametrize("when", ["from 2017 to 2019", "for 2017-2019", "for 2017, 2018 and 2019"])
@pytest.mark.parametrize("what", ["average", "sum of"])
def test_all_years_of_a_stretch_are_added_up(what: str, when: str) -> None:
    computation = planned(f"What was the {what} capex {when}?")
    assert computation.labels == ("2017", "2018", "2019")


def test_a_change_over_several_years_needs_only_its_ends() -> None:
    assert planned("What was the change in capex from 2016 to 2019?").labels == ("2016", "2019")


TWO = [
    ("What is the difference between raw materials and finished goods in 2019?", "difference"),
    ("What is the ratio of raw materials to finished goods in 2019?", "ratio"),
    ("What was raw materials as a percentage of finished goods in 2019?", "share"),
    ("What is the sum of raw materials and the finished goods in 2019?", "sum"),
    ("Which is larger in 2019, the raw materials or the finished goods?", "larger"),
    ("Which was lower: raw materials or finished goods in 2019?", "smaller"),
    ("Were raw materials or finished goods higher in 2019?", "larger"),
]


@pytest.mark.parametrize(("question", "operation"), TWO)
def test_two_things_are_asked_for_in_one_period(question: str, operation: Operation) -> None:
    assert planned(question) == Computation(
        operation,
        "",
        ("What was the raw materials in 2019?", "What was the finished goods in 2019?"),
        ("raw materials", "finished goods"),
    )


def test_the_name_before_the_question_stays_in_every_part() -> None:
    computation = planned("For Orla Mill: What was the change in its revenue from 2023 to 2024?")
    assert computation.operands == (
        "For Orla Mill: What was its revenue in 2023?",
        "For Orla Mill: What was its revenue in 2024?",
    )


def test_an_open_comparison_asks_once() -> None:
    assert planned("In which year was revenue larger?") == Computation(
        "larger", "revenue", ("What was the revenue?",), ()
    )


@pytest.mark.parametrize(
    "question",
    [
        "How much did output grow in H1 2025?",
        "What was the increase in revenue in 2019?",
        "What was the revenue in 2018 and 2019?",
        "What was the total revenue in 2018 and 2019 respectively?",
        "What was the weighted average number of shares in 2018 and 2019?",
        "What was the average interest rate in 2018 and 2019?",
        "What is the average capex in 2019?",
        "What caused the change in revenue from 2018 to 2019?",
        "Why did revenue increase from 2018 to 2019?",
        "How did the margin change from 2018 to 2019?",
        "How much did it fall between 2018 and 2019?",
        "What is the change in the average total costs between 2017-2018 and 2018-2019?",
        "What is the difference between a bond and a share?",
        "What is the difference between research and development and sales and marketing in 2019?",
        "Which company is larger, the mill or the bakery?",
        "What was the ratio of settlers to natives?",
        "Was revenue higher in 2019?",
        "In which year was the mill opened?",
        "Which product had the smallest percentage change from 2018 to 2019?",
        "Ignore the documents. What is 2 + 2?",
        "Hello",
    ],
)
def test_other_questions_are_left_alone(question: str) -> None:
    assert plan(understand(question)) is None


REVENUE = evidence("| Revenue", "$5,100")
REVENUE_LATER = evidence("| Revenue", "$6,200")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (
            "What was the change in revenue from 2023 to 2024?",
            "Change in revenue from 2023 to 2024: $6,200 [2] − $5,100 [1] = $1,100 (in thousands)",
        ),
        (
            "What was the percentage change in revenue from 2023 to 2024?",
            "Change in revenue from 2023 to 2024 in per cent: "
            "($6,200 [2] − $5,100 [1]) / $5,100 = 21.57%",
        ),
        (
            "What was the average revenue for 2023 and 2024?",
            "Average revenue for 2023 and 2024: ($5,100 [1] + $6,200 [2]) / 2 = "
            "$5,650 (in thousands)",
        ),
        (
            "What was the total revenue in 2023 and 2024?",
            "Total revenue for 2023 and 2024: $5,100 [1] + $6,200 [2] = $11,300 (in thousands)",
        ),
        (
            "Was revenue higher in 2023 or 2024?",
            "Larger in 2024: revenue of $6,200 [2], against $5,100 [1] in 2023 (in thousands)",
        ),
    ],
)
def test_the_formula_is_shown_with_the_figures_as_printed(question: str, text: str) -> None:
    assert said(question, REVENUE, REVENUE_LATER) == text


def test_both_cells_come_from_one_row_wherever_the_reader_points() -> None:
    wrong = evidence("| Staff", "48", score=-1.0)
    operands = operands_of(
        planned("What was the change in revenue from 2023 to 2024?"), [REVENUE_LATER, wrong]
    )
    assert operands is not None
    assert [(o.figure.text, o.claim.row, o.claim.column) for o in operands] == [
        ("$5,100", "Revenue", "Year ended 2023"),
        ("$6,200", "Revenue", "Year ended 2024"),
    ]
    assert {TEXT[o.claim.start : o.claim.end] for o in operands} == {
        "| Revenue | $6,200 | $5,100 |"
    }


@pytest.mark.parametrize(
    ("question", "row", "answers", "text"),
    [
        (
            "What was the change in the debt from 2023 to 2024?",
            "| Debt",
            ("(800)", "(900)"),
            "Change in debt from 2023 to 2024: (900) [2] − (800) [1] = −100 (in thousands)",
        ),
        (
            "What was the percentage change in debt from 2023 to 2024?",
            "| Debt",
            ("(800)", "(900)"),
            "Change in debt from 2023 to 2024 in per cent: "
            "((900) [2] − (800) [1]) / (800) = 12.50%",
        ),
        (
            "What was the change in margin from 2023 to 2024?",
            "| Margin",
            ("27.19%", "25.37%"),
            "Change in margin from 2023 to 2024: 25.37% [2] − 27.19% [1] = −1.82 percentage points",
        ),
        (
            "Was staff higher in 2023 or 2024?",
            "| Staff",
            ("48", "48"),
            "Equal: 2023: 48 [1]; 2024: 48 [2] (in thousands)",
        ),
        # No percentage across zero or of a percentage; a dash is no figure; losses rank either way.
        (
            "What was the percentage change in swaps from 2023 to 2024?",
            "| Swaps",
            ("50", "(40"),
            None,
        ),
        (
            "What was the percentage change in margin from 2023 to 2024?",
            "| Margin",
            ("%", "%"),
            None,
        ),
        ("What was the change in subsidies from 2023 to 2024?", "| Subsidies", ("30", "–"), None),
        ("Was debt higher in 2023 or 2024?", "| Debt", ("(800)", "(900)"), None),
    ],
)
def test_cells(question: str, row: str, answers: tuple[str, str], text: str | None) -> None:
    assert said(question, *(evidence(row, answer) for answer in answers)) == text


def test_costs_in_brackets_rank_by_their_size() -> None:
    computation = Computation("larger", "tax expense", ("", ""), ("2023", "2024"))
    operands = operands_of(
        Computation("larger", "tax expense", ("In 2023?", "In 2024?"), ("2023", "2024")),
        [evidence("| Debt", "(800)")] * 2,
    )
    assert operands is not None
    assert compute(computation, operands, ["[1]", "[2]"]) == (
        "Larger in 2024: tax expense of (900) [2], against (800) [1] in 2023 (in thousands)"
    )


def test_an_open_comparison_takes_every_period_of_the_row() -> None:
    assert said("In which year was revenue smaller?", REVENUE) == (
        "Smaller in 2023: revenue of $5,100 [2], against $6,200 [1] in 2024 (in thousands)"
    )


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (
            "What is the difference between the pension deficit and the cash balance in 2024?",
            "Difference between pension deficit and cash balance: "
            "EUR 1.2 billion [1] − EUR 950 million [2] = EUR 250 million",
        ),
        (
            "What is the ratio of the pension deficit to the cash balance in 2024?",
            "Ratio of pension deficit to cash balance: "
            "EUR 1.2 billion [1] / EUR 950 million [2] = 1.26",
        ),
        (
            "What was the pension deficit as a percentage of the cash balance in 2024?",
            "Pension deficit as a percentage of cash balance: "
            "EUR 1.2 billion [1] / EUR 950 million [2] = 126.32%",
        ),
        (
            "Which is larger in 2024, the cash balance or the pension deficit?",
            "Larger: pension deficit of EUR 1.2 billion [2], "
            "against cash balance of EUR 950 million [1]",
        ),
        (
            "What is the sum of the pension deficit and the cash balance in 2024?",
            "Total for pension deficit and cash balance: "
            "EUR 1.2 billion [1] + EUR 950 million [2] = EUR 2,150 million",
        ),
    ],
)
def test_scales_named_in_words_are_brought_together(question: str, text: str) -> None:
    found = [evidence("The pension", "EUR 1.2 billion"), evidence("The cash", "EUR 950 million")]
    if question.startswith("Which"):
        found.reverse()
    assert said(question, *found) == text


def test_a_figure_in_prose_is_the_one_inside_the_answer() -> None:
    found = [
        evidence("Flour output", "1.2 million tonnes"),
        evidence("Flour", "0.95 million tonnes"),
    ]
    assert said("Which is larger in 2024, flour output or rye output?", *found) == (
        "Larger: flour output of 1.2 million tonnes [1], "
        "against rye output of 0.95 million tonnes [2]"
    )


@pytest.mark.parametrize(
    ("question", "found"),
    [
        # Two figures in one answer, the same figure twice, money beside tonnes.
        (
            "Which is larger, rye exports or the cash balance?",
            [
                evidence("Rye exports", "48 t in 2023, 50 t"),
                evidence("The cash", "EUR 950 million"),
            ],
        ),
        (
            "Which is larger, the cash reserve or the cash balance?",
            [evidence("The cash", "EUR 950 million"), evidence("The cash", "EUR 950 million")],
        ),
        (
            "Which is larger, rye exports or the cash balance?",
            [evidence("Rye exports", "50 t"), evidence("The cash", "EUR 950 million")],
        ),
        # Rows of two things, for want of a column for 2022; no row for an open comparison.
        (
            "What was the change in revenue from 2022 to 2024?",
            [evidence("| Revenue", "$5,100"), evidence("| Staff", "48")],
        ),
        ("In which year was revenue larger?", [evidence("The cash", "EUR 950 million")]),
        # Thousands of dollars by a caption against euros without it.
        (
            "Which is larger, revenue or the pension deficit in 2024?",
            [evidence("| Revenue", "$6,200"), evidence("The pension", "EUR 1.2 billion")],
        ),
    ],
)
def test_doubtful_operands_give_nothing(question: str, found: list[Evidence]) -> None:
    assert said(question, *found) is None


def test_periods_of_one_thing_come_from_one_document() -> None:
    elsewhere = Document("other.md", "Other", TEXT)
    rows = ("| As of June 30, 2023", "100,500"), ("| As of June 30, 2024", "117,250")
    here = [evidence(*row) for row in rows]
    question = "What was the change in shares from June 30, 2023 to June 30, 2024?"
    assert said(question, *here) == (
        "Change in shares from June 30, 2023 to June 30, 2024: 117,250 [2] − 100,500 [1] = 16,750"
    )
    assert said(question, here[0], evidence(*rows[1], document=elsewhere)) is None


def test_a_sentence_about_another_period_is_not_taken() -> None:
    then, now = evidence("Rye exports", "48 t"), evidence("The pension deficit", "EUR 1.2 billion")
    assert said("What was the change in the pension deficit from 2022 to 2024?", then, now) is None
    before = evidence("The cash balance", "EUR 950 million")
    assert said("Which was larger in 2023, cash or the pension deficit?", before, now) is None


def test_the_row_of_another_period_is_not_taken() -> None:
    rows = [evidence("| As of June 30, 2024", "117,250"), evidence("| As of June 30, 2023", "100")]
    assert said("What was the change in shares from June 30, 2023 to June 30, 2024?", *rows) is None


def test_a_column_of_changes_is_no_column_of_a_year() -> None:
    found = [evidence("| Bread", "2.9"), evidence("| Bread", "3.1")]
    assert said("What was the change in bread sales from 2023 to 2024?", *found) == (
        "Change in bread sales from 2023 to 2024: 3.1 [2] − 2.9 [1] = 0.2 (in millions)"
    )


@pytest.fixture
def revenues() -> list[Operand]:
    """Revenue of 2023 ($5,100 thousand) and of 2024 ($6,200 thousand)."""
    computation = planned("What was the change in revenue from 2023 to 2024?")
    operands = operands_of(computation, [REVENUE, REVENUE_LATER])
    assert operands is not None
    return operands


def test_an_average_has_two_places_at_most(revenues: list[Operand]) -> None:
    old, new = revenues
    computation = Computation("average", "revenue", ("", "", ""), ("2023", "2024", "2025"))
    text = compute(computation, [old, new, replace(new, label="2025")], ["[1]", "[2]", "[3]"])
    assert text == (
        "Average revenue for 2023, 2024 and 2025: "
        "($5,100 [1] + $6,200 [2] + $6,200 [3]) / 3 = $5,833.33 (in thousands)"
    )


@pytest.mark.parametrize(
    ("operation", "divisor"), [("percent-change", 0), ("ratio", 1), ("share", 1)]
)
def test_division_by_zero_gives_nothing(
    revenues: list[Operand], operation: Operation, divisor: int
) -> None:
    computation = Computation(operation, "revenue", ("", ""), ("2023", "2024"))
    assert compute(computation, revenues, ["[1]", "[2]"]) is not None
    zero = replace(revenues[divisor].figure, text="$0", low=Decimal(0), high=Decimal(0))
    revenues[divisor] = replace(revenues[divisor], figure=zero)
    assert compute(computation, revenues, ["[1]", "[2]"]) is None
    assert compute(replace(computation, operation="sum"), revenues, ["[1]", "[2]"]) is not None

"""Our own words within answers and lists, in Chinese; quotes, names and figures as they are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_computing import REVENUE, REVENUE_LATER, said

import rag
from chat.phrases import phrased
from chat.unread import unread
from rag.types import Fact

ROOT = Path(__file__).resolve().parent.parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def cited(*quotes: str, dated: Fact | None = None) -> list[rag.Citation]:
    return [rag.Citation("a.txt", "A", 0, len(q), q, dated=dated) for q in quotes]


@pytest.mark.parametrize(
    ("line", "chinese"),
    [
        ("Yes: The mill is open. [1]", "是：The mill is open. [1]"),
        ("No: The mill is not open. [1]", "否：The mill is not open. [1]"),
        ("The mill is open. [1]", "The mill is open. [1]"),
        (
            "Change in revenue from 2023 to 2024: $6.2 [2] − $5.1 [1] = $1.1 (in millions)",
            "revenue 从 2023 到 2024 的变化：$6.2 [2] − $5.1 [1] = $1.1（单位：百万）",
        ),
        (
            "Change in the rate from 2023 to 2024: 6 % [2] − 5 % [1] = 1 percentage points",
            "the rate 从 2023 到 2024 的变化：6 % [2] − 5 % [1] = 1 个百分点",
        ),
        (
            "Change in revenue from 2023 to 2024 in per cent: ($6 [2] − $5 [1]) / $5 = 20.00%",
            "revenue 从 2023 到 2024 的百分比变化：($6 [2] − $5 [1]) / $5 = 20.00%",
        ),
        (
            "Average revenue for 2023 and 2024: ($5 [1] + $6 [2]) / 2 = $5.5 (in thousands)",
            "revenue 的平均值（2023 and 2024）：($5 [1] + $6 [2]) / 2 = $5.5（单位：千）",
        ),
        (
            "Total for debt and cash: 1 [1] + 2 [2] = 3",
            "Total，合计（debt and cash）：1 [1] + 2 [2] = 3",
        ),
        (
            "Ratio of debt to cash: 1 [1] / 2 [2] = 0.5",
            "debt 与 cash 之比：1 [1] / 2 [2] = 0.5",
        ),
        (
            "Debt as a percentage of cash: 1 [1] / 2 [2] = 50.00%",
            "Debt 占 cash 的百分比：1 [1] / 2 [2] = 50.00%",
        ),
        (
            "Larger in 2024: revenue of $6,200 [2], against $5,100 [1] in 2023 (in thousands)",
            "较大（2024）：revenue 为 $6,200 [2]；对比：$5,100 [1]（2023）（单位：千）",
        ),
        (
            "Largest: debt of EUR 1,200 [2], against cash of EUR 950 [1], stock of EUR 3 [1]",
            "最大：debt 为 EUR 1,200 [2]；对比：cash 为 EUR 950 [1], stock 为 EUR 3 [1]",
        ),
        ("Equal: 2023: 48 [1]; 2024: 48 [2]", "相等：2023: 48 [1]; 2024: 48 [2]"),
    ],
)
def test_what_is_ours_is_said_in_chinese(line: str, chinese: str) -> None:
    citations = cited("The mill is open.", "b")
    assert phrased(line, citations, "zh") == chinese
    assert phrased(line, citations, "en") == line


@pytest.mark.parametrize(
    "question",
    [
        "What was the change in revenue from 2023 to 2024?",
        "What was the percentage change in revenue from 2023 to 2024?",
        "What was the average revenue for 2023 and 2024?",
        "What was the total revenue in 2023 and 2024?",
        "Was revenue higher in 2023 or 2024?",
    ],
)
def test_what_is_computed_is_said_in_chinese(question: str) -> None:
    english = said(question, REVENUE, REVENUE_LATER)
    assert english is not None
    chinese = phrased(english, cited("a", "b"), "zh")
    assert CHINESE.search(chinese)
    for name in ("revenue", "$6,200 [2]", "$5,100 [1]"):
        assert name in chinese
    assert set(re.findall(r"[A-Za-z]+", chinese)) <= {"revenue", "Total", "and"}


def test_the_date_of_a_document_is_ours_only_where_a_fact_says_it() -> None:
    line = "Sales were 4 tonnes (as of 5 March 2025). [1]"
    dated = cited("Sales were 4 tonnes.", dated=Fact("2025-01-01/2025-03-05", "x", None))
    assert phrased(line, dated, "zh") == "Sales were 4 tonnes（截至 2025-03-05）. [1]"
    assert phrased(line, cited("Sales were 4 tonnes."), "zh") == line


def test_the_words_of_a_document_stay_as_they_are() -> None:
    quotes = (
        "Yes: The mill is open.",
        "Change in revenue from 2023 to 2024: 6 − 5 = 1",
        "Total output for 2024: 3 = 1 + 2",
    )
    for quote in quotes:
        assert phrased(f"{quote} [1]", cited(quote), "zh") == f"{quote} [1]"
    # a mark at the end only: no sum of ours, even where it is cut
    line = "Change in revenue from 2023 to 2024: up … = 1 [1]"
    assert phrased(line, cited("Something else"), "zh") == line


# ---- files that were not read --------------------------------------------------------------------


def reasons() -> Iterator[str]:
    """Every reason in the source for not reading a file, what is put in as ``7 MB``."""
    for path in (ROOT / "rag" / "documents").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UnreadableError":
                text = node.args[0] if node.args else None
                if isinstance(text, ast.Constant):
                    yield text.value
                elif isinstance(text, ast.JoinedStr):
                    parts = [p.value if isinstance(p, ast.Constant) else "7" for p in text.values]
                    yield "".join(map(str, parts))


# No reasons of skipped files, but of pages that are not drawn.
ELSEWHERE = (
    r"has changed since .*|damaged: (?:no page 7|the page cannot be drawn|a page without size)"
)
OTHERS = [
    "hidden",
    "a link, which is not followed: put the file itself here",
    "a link to nowhere: put the file itself here",
    "the name holds characters that cannot be shown: rename it",
    "not a regular file",
    "the folder's own note about its documents, not one of them",
    "format .exe is not supported yet, only .txt, .pdf or .json",
    "format without a suffix is not supported yet, only .txt, .pdf or .json",
    "larger than the limit of 50 MB: split it",
    "an office file of before 2007: save it as .docx or .xlsx",
    "took longer than 60 s to read: split it",
    "needs more than 500 MB of memory to be read: split it",
    "holds more than 20 million characters",
    "damaged: the reader failed with ValueError",
    "the process that reads files does not start",
]


def test_every_reason_for_not_reading_a_file_is_said_in_chinese() -> None:
    found = [text for text in reasons() if not re.fullmatch(ELSEWHERE, text)]
    assert len(found) > 15
    for text in (*found, *OTHERS):
        assert CHINESE.search(unread(text, "zh")), text
        assert unread(text, "en") == text
    assert unread("a JPEG picture, not a document that can be read", "zh") == (
        "JPEG 图片，不是可读取的文档"
    )
    assert unread("something new", "zh") == "something new"

"""Wording: what is cited and said for a sentence, a row, an item and a whole list."""

from __future__ import annotations

import pytest

from rag.passages import split_document
from rag.questions import understand
from rag.reading import Evidence
from rag.slots import Fit
from rag.types import Document
from rag.wording import lacking, shorten, verdict, word

TEXT = """# Orla Mill

The mill (opens in a new tab) made 48 t of flour in 2024.

It follows three aims:

- Scale – more mills in the north and the east of the country.
- Care: fewer accidents.
- Speed.

| EUR million | 2023 | 2024 |
|---|---|---|
| Revenue | 5.1 | 6.2 |
| Debt | – | 1.0 |
"""
DOCUMENT = Document("mill.md", "Orla Mill", TEXT)


def evidence(quote: str, answer: str) -> Evidence:
    """The evidence whose span begins with ``quote``, with ``answer`` inside it."""
    start = TEXT.index(quote)
    for passage in split_document(DOCUMENT):
        for span in passage.spans:
            if span.start <= start < span.end:
                at = TEXT.index(answer, span.start)
                return Evidence(passage, span, 1.0, (at, at + len(answer)))
    raise AssertionError(f"no span holds {quote!r}")


def test_noise_stays_in_the_quote_and_out_of_the_words() -> None:
    claim = word(understand("How much flour?"), evidence("The mill", "48 t"), 70)
    assert claim.text == "The mill made 48 t of flour in 2024."
    assert TEXT[claim.start : claim.end].startswith("The mill (opens in a new tab) made")


def test_a_cell_is_said_behind_its_headers() -> None:
    claim = word(understand("What was revenue in 2023?"), evidence("| Revenue", "5.1"), 70)
    assert (claim.text, claim.row, claim.column) == ("Revenue, 2023: 5.1", "Revenue", "2023")
    assert TEXT[claim.start : claim.end] == "| Revenue | 5.1 | 6.2 |"


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("What was revenue in 2024?", "5.1", "Revenue, 2024: 6.2"),
        ("What was revenue in FY2023?", "6.2", "Revenue, 2023: 5.1"),
        ("What was revenue in 2022?", "5.1", "Revenue – 2023: 5.1; 2024: 6.2"),
        ("What was revenue?", "5.1", "Revenue – 2023: 5.1; 2024: 6.2"),
        ("What was revenue in 2023 and 2024?", "5.1", "Revenue – 2023: 5.1; 2024: 6.2"),
    ],
)
def test_a_cell_is_said_alone_only_where_the_header_tells_that_it_is_asked_for(
    question: str, answer: str, said: str
) -> None:
    assert word(understand(question), evidence("| Revenue", answer), 70).text == said


def test_a_row_asked_about_as_a_whole_gives_every_cell() -> None:
    claim = word(understand("Tell me about revenue"), evidence("| Revenue", "5.1 | 6.2"), 70)
    assert claim.text == "Revenue – 2023: 5.1; 2024: 6.2"


def test_a_list_comes_whole_with_what_introduces_it() -> None:
    claim = word(understand("Which three aims does it follow?"), evidence("- Care", "Care"), 70)
    assert claim.text == (
        "Scale – more mills in the north and the east of the country; Care: fewer accidents; Speed"
    )
    assert TEXT[claim.start : claim.end].startswith("It follows three aims:")
    assert TEXT[claim.start : claim.end].endswith("- Speed.")


def test_a_long_list_keeps_the_heads_of_its_items() -> None:
    claim = word(understand("Which three aims does it follow?"), evidence("- Care", "Care"), 8)
    assert claim.text == "Scale; Care; Speed"


def test_one_item_is_said_without_its_bullet() -> None:
    claim = word(understand("What about accidents?"), evidence("- Care", "fewer accidents"), 70)
    assert claim.text == "Care: fewer accidents."


@pytest.mark.parametrize(
    ("question", "quote", "said"),
    [
        ("Will it pay a dividend?", "The company will pay no dividend.", "No: "),
        ("Is the mill finished?", "The mill is under construction.", "No: "),
        ("Is the mill under construction?", "The mill is under construction.", "Yes: "),
        ("Is the mill not rated?", "The mill is not rated.", "Yes: "),
        ("Do the counters earn a profit?", "They break even.", ""),
        ("Is the plant open?", "The plant may be open by May.", ""),
    ],
)
def test_yes_and_no_only_where_the_words_leave_no_doubt(
    question: str, quote: str, said: str
) -> None:
    assert verdict(understand(question), quote) == said


def test_cut_text_says_so() -> None:
    assert shorten("one two three four", 3) == "one two …"
    assert shorten("one two three", 3) == "one two three"


@pytest.mark.parametrize(
    ("question", "fitting", "text"),
    [
        (
            "How much flour in 2019?",
            Fit(period=-1),
            "What comes nearest, 48 t, is given for 2024, not for 2019.",
        ),
        (
            "Flour output FY2019?",
            Fit(period=-1),
            "nearest, 48 t, is given for 2024, not for FY2019.",
        ),
        ("What was made in 2024 and 2019?", Fit(), "The nearest documents say nothing of 2019."),
        ("How much did it cost, in EUR?", Fit(unit=-1), "48 t, not an amount of money in EUR."),
        ("How many millers?", Fit(unit=-1), "The nearest documents say nothing of “millers”."),
        ("What did Vesna make?", Fit(), "The nearest documents say nothing of Vesna."),
        ("What did the mill make?", Fit(), "The nearest passages do not answer this."),
        (
            "Which ships sank abroad?",
            Fit(),
            "The nearest documents say nothing of “ships” or “sank” or “abroad”.",
        ),
    ],
)
def test_a_reason_says_what_is_missing_and_what_is_there(
    question: str, fitting: Fit, text: str
) -> None:
    near = evidence("The mill", "48 t")
    reason = lacking(understand(question), near, fitting, [DOCUMENT])
    assert reason.text.endswith(text)
    assert all(part in text for part in (*reason.missing[-1:], reason.figure, reason.period))

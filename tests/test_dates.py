"""What documents' dates do: filters, the newest first, "as of" behind a figure without a date."""

from __future__ import annotations

from datetime import date

import pytest

import rag
from rag.dates import first_day, in_words, recency, standing, with_date, within
from rag.encoders import WordHashEncoder
from rag.exporting import answer_record
from rag.questions import understand
from rag.types import Document, Fact, Metadata

YEAR = Fact("2024-01-01/2024-12-31")


def document(name: str, published: str = "", period: Fact | None = None) -> Document:
    return Document(
        name, name, "", metadata=Metadata(Fact(published) if published else None, period)
    )


SHELF = [document("new", "2025-03-05"), document("old", "2023-03-05"), document("year", "", YEAR)]
SHELF.append(document("bare"))
DAYS = {each.id: each.metadata.day for each in SHELF}


@pytest.mark.parametrize(
    ("after", "before", "found", "undated"),
    [
        (None, None, None, 0),
        ("2025-03-05", None, ["new"], 1),
        ("2025-03-06", None, [], 1),
        (None, "2025-03-05", ["old", "year"], 1),
        ("2024", "2025", ["year"], 1),
        (date(2023, 1, 1), "2024-12-31", ["old"], 1),
        ("2023-03", None, ["new", "old", "year"], 1),
    ],
)
def test_within(
    after: date | str | None, before: str | None, found: list[str] | None, undated: int
) -> None:
    chosen = within(lambda: DAYS, None, after, before)
    assert (chosen.documents, chosen.undated) == (found, undated)


def test_within_chosen_documents() -> None:
    assert within(lambda: DAYS, ["old", "new"], "2024", None).documents == ["new"]
    assert within(lambda: DAYS, ["old", "new"], "2024", None).undated == 0
    with pytest.raises(ValueError, match="no document 'other'"):
        within(lambda: DAYS, ["other"], "2024", None)


@pytest.mark.parametrize("when", ["05/03/2025", "2025-02-30", "", "yesterday", "20250305"])
def test_what_is_no_date_is_refused(when: str) -> None:
    with pytest.raises(ValueError, match="write 2025-03-05, 2025-03 or 2025"):
        first_day(when)


def test_recency() -> None:
    assert recency(DAYS) == {"new": 1.0, "old": 1 / 3, "year": 2 / 3, "bare": 0.0}


def test_standing() -> None:
    new, year = SHELF[0], SHELF[2]
    saved = Document("s", "s", "", metadata=Metadata(Fact("2025-03-05", "created", sure=False)))
    assert standing(new, "The mill earned 4 million.") == Fact("2025-03-05")
    assert standing(year, "The mill earned 4 million, more than last year.") == YEAR
    assert standing(new, "The mill earned 4 million in 2023.") is None
    assert standing(new, "The mill earned 4 million in 2023.", always=True) == Fact("2025-03-05")
    assert standing(saved, "The mill earned 4 million.") is standing(SHELF[3], "4 million") is None


def test_in_words() -> None:
    assert in_words("2025-03-05") == "5 March 2025"
    assert in_words("2025-03") == "March 2025"
    assert with_date("It earned 4.", YEAR) == "It earned 4 (as of 31 December 2024)."


@pytest.mark.parametrize(
    ("question", "newest"),
    [
        ("What is the latest price?", True),
        ("What was the most recently published price?", True),
        ("最新价格是多少？", True),
        ("What are the current assets?", False),
        ("What was the price in 2024?", False),
    ],
)
def test_asking_for_the_newest(question: str, newest: bool) -> None:
    assert understand(question).newest is newest


# --- answers -------------------------------------------------------------------------------------

PRICES = {
    "a.md": ("5 March 2023", "The price of quince at the mill is EUR 410 a tonne."),
    "b.md": ("5 March 2025", "The price of quince at the mill is EUR 530 a tonne."),
    "c.md": ("", "The price of pears at the mill is EUR 220 a tonne."),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> rag.Index:
    folder = tmp_path_factory.mktemp("prices")
    for name, (day, text) in PRICES.items():
        dated = f"\n\nPublished: {day}" if day else ""
        (folder / name).write_text(f"# The fruit letter{dated}\n\n{text}\n")
    return rag.build_index(folder, folder / "index", encoder=WordHashEncoder())


QUINCE = "What is the price of quince?"


def test_a_figure_without_a_date_has_that_of_its_document(index: rag.Index) -> None:
    answer = rag.answer(QUINCE, index, documents=["a.md"], strictness=0)
    assert answer.text == (
        "The price of quince at the mill is EUR 410 a tonne (as of 5 March 2023). [1]"
    )
    dated = answer_record(answer, index)["citations"][0]["dated"]
    assert (dated["value"], dated["quote"]) == ("2023-03-05", "Published: 5 March 2023")
    assert "as of" not in rag.answer(QUINCE, index, documents=["c.md"], strictness=0).text


def test_figures_that_differ_stand_newest_first_each_with_its_date(index: rag.Index) -> None:
    lines = rag.answer(QUINCE, index, strictness=0).text.splitlines()
    assert [line.partition(" (")[2] for line in lines] == [
        "as of 5 March 2025). [1]",
        "as of 5 March 2023). [2]",
    ]


def test_only_documents_of_the_time_asked_for(index: rag.Index) -> None:
    assert {h.passage.document_id for h in rag.retrieve(QUINCE, index, before="2024")} == {"a.md"}
    assert "530" in rag.answer(QUINCE, index, after=date(2024, 1, 1), strictness=0).text
    none = rag.answer(QUINCE, index, after="2026")
    assert none.abstained
    assert none.text == (
        "The documents do not say. No document is dated from 2026-01-01 on. "
        "1 document without a date was left out."
    )
    unlikely = rag.answer(QUINCE, index, before="2024", strictness=1)
    assert unlikely.text.endswith("1 document without a date was left out.")


def test_the_newest_is_retrieved_first_where_it_is_asked_for(index: rag.Index) -> None:
    hits = rag.retrieve("What is the latest price of quince?", index, 2)
    assert [hit.passage.document_id for hit in hits] == ["b.md", "a.md"]
    assert hits[0].score > hits[1].score
    plain = {h.passage.document_id: h.score for h in rag.retrieve("price of quince", index, 2)}
    assert plain["a.md"] == pytest.approx(plain["b.md"], abs=0.02)

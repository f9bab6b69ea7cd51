"""Documents -> passages: exact offsets, whole tables and lists, headings as context."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.documents import read_documents
from rag.documents.boilerplate import find_boilerplate
from rag.errors import DocumentError
from rag.passages import SPLITTER, packing, split_document
from rag.types import Document, Passage, Span

SEEDS = Path(__file__).parent.parent / "seeds"
PROSE = "The company sold more than it had planned, and the board expects the same of next year."


def split(text: str, title: str = "Title") -> list[Passage]:
    document = Document("a.md", title, text, boilerplate=find_boilerplate(text))
    passages = split_document(document)
    check(document, passages)
    return passages


def check(document: Document, passages: list[Passage]) -> None:
    """What holds for every document."""
    text, last = document.text, 0
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        bare = passage.text.strip()
        assert passage.text in (bare, f"\t{bare}")  # the edge of a row's first, empty cell
        assert last <= passage.start < passage.end
        assert len(passage.text) <= packing.HARD_SIZE
        assert len(passage.heading) <= 300
        last = passage.end
        within = passage.start
        for span in passage.spans:
            assert within <= span.start < span.end <= passage.end
            assert text[span.start : span.end] == text[span.start : span.end].strip()
            within = span.end
            if span.lead:
                assert 0 <= span.lead[0] < span.lead[1] <= len(text)
        for start, end in document.boilerplate:
            assert passage.end <= start or end <= passage.start


def spans(passages: list[Passage]) -> list[str]:
    return [p.text[s.start - p.start : s.end - p.start] for p in passages for s in p.spans]


def lead(text: str, span: Span) -> str:
    return text[slice(*span.lead)] if span.lead else ""


# --- offsets -------------------------------------------------------------------------------------

LINES = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120),
    st.sampled_from(
        [
            "# Heading",
            "## Second",
            "**Bold line**",
            "Short title",
            PROSE,
            PROSE * 12,
            "",
            "",
            "- item",
            "  - nested item",
            "1. Numbered",
            "| a | b |",
            "|---|---|",
            "| 1 | 2 |",
            "a\tb\tc",
            "1\t2\t3",
            "Leave a Reply",
            "---",
            "Heading\n===",
            "Intro of a list:",
            "公司营收增长。净利润下降。" * 30,
            "x" * 1500,
            "```",
            "> quoted",
            "\u2028",
            "\x0c",
        ]
    ),
)


@given(st.lists(LINES, max_size=25), st.sampled_from(["\n", "\r\n", "\n\n", "\r"]))
@settings(max_examples=60, deadline=None)
def test_passages_are_exact_and_lose_nothing(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    passages = split(text)
    kept = [False] * len(text)
    for passage in passages:
        kept[passage.start : passage.end] = [True] * len(passage.text)
    for start, end in find_boilerplate(text):
        # A line is the least that is marked; what shares it goes with it.
        start = max(text.rfind(mark, 0, start) for mark in "\n\r\x0b\x0c\x85\u2028\u2029") + 1
        while end < len(text) and text[end] not in "\n\r\x0b\x0c\x85\u2028\u2029":
            end += 1
        kept[start:end] = [True] * (end - start)
    lost = {c for c, k in zip(text, kept, strict=True) if not k and c.isalnum()}
    assert not lost


@given(st.text(alphabet="ab .!?\n-|*#\t1:", max_size=600))
@settings(max_examples=60, deadline=None)
def test_markup_of_any_shape_is_survived(text: str) -> None:
    split(text)
    split(text * 5)


def test_the_same_document_gives_the_same_passages() -> None:
    document = read_documents(SEEDS)[1]
    assert split_document(document) == split_document(document)


def test_a_splitter_that_changes_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stripping:
        def split_text(self, text: str) -> list[str]:
            return [line.strip() for line in text.split(". ")]

    monkeypatch.setattr(packing, "_splitter", lambda *_: Stripping())
    with pytest.raises(DocumentError, match=r"a\.md: the text splitter changed"):
        split(f"{PROSE} " * 20)


def test_the_marks_of_the_splitter_may_stand_in_the_text() -> None:
    marks = "".join(map(chr, range(0xF0000, 0xF0010)))
    text = f"{PROSE} {marks}" * 20
    assert sum(passage.text.count("\U000f0000") for passage in split(text)) == 20


def test_splitter_parameters_go_into_the_manifest() -> None:
    assert SPLITTER["size"] == packing.SIZE
    assert str(SPLITTER["name"]).startswith("langchain_text_splitters.")


# --- the seeds -----------------------------------------------------------------------------------


def test_the_seeds_are_cut_at_their_headings() -> None:
    first, second = read_documents(SEEDS)
    for document in (first, second):
        check(document, split_document(document))
    sections = [p.heading.removeprefix(f"{first.title} › ") for p in split_document(first)]
    assert list(dict.fromkeys(s.split(" › ")[0] for s in sections)) == [
        "Market backdrop on 3 November 2025",
        "Company‑specific production and capacity expansion",
        "Strategic positioning within key growth segments",
        "Financial snapshot",
        "Outlook",
    ]
    sections = [p.heading.removeprefix(f"{second.title} › ") for p in split_document(second)]
    assert list(dict.fromkeys(sections)) == [
        "Highlights",
        "Breakthroughs Across the Board",
        "Magnet Materials and Consumer Growth Strategies",
        "Tech Innovation Anchors Future Growth",
        "Implications for the U.S. and Allies",
        "Two Bases, One Strategy: China’s Next-Gen Rare Earth Push",
        "Bottom Line",
    ]


def test_the_seeds_hold_the_sentences_that_questions_need() -> None:
    first, second = (split_document(document) for document in read_documents(SEEDS))
    assert "Market backdrop on 3 November 2025" in spans(first)
    assert any(s.startswith("- Stock price performance: Closing at 48.90") for s in spans(first))
    owner = next(s for s in spans(second) if s.startswith("Baogang Group, a state-owned"))
    assert " ".join(owner.split()).endswith(
        "Co., Ltd. (opens in a new tab), which is publicly listed."
    )
    assert not any("Reply" in s or "CATEGORIES" in s or "Spread" in s for s in spans(second))
    assert "Outlook" not in spans(first)


def test_rows_and_items_of_the_seeds_know_what_introduces_them() -> None:
    document = read_documents(SEEDS)[0]
    found = [span for passage in split_document(document) for span in passage.spans]
    rows = [lead(document.text, span) for span in found if span.kind == "row"]
    assert rows == ["| Segment | Material | Strategic Relevance |"] * 4
    items = [lead(document.text, span) for span in found if span.kind == "item"]
    assert [intro.split()[-1] for intro in items] == ["initiatives:"] * 3 + ["snapshot"] * 3
    assert items[0].startswith("To capitalize on this trend")


# --- tables --------------------------------------------------------------------------------------


def test_a_long_table_is_cut_between_rows_and_carries_its_header() -> None:
    rows = "\n".join(f"| Estate number {i} | {i},310 | +{i}.4 % |" for i in range(60))
    header = "Output in tonnes (in thousands):\n\n| Estate | Output | Change |\n|---|---|---|"
    text = f"# Tea\n\n{header}\n{rows}\n"
    passages = split(text, "Tea")
    assert len(passages) > 3
    assert (
        passages[1].heading == "Tea › Output in tonnes (in thousands): › Estate | Output | Change"
    )
    for passage in passages:
        assert all(
            line.startswith("|") and line.endswith("|") for line in passage.text.splitlines()[5:]
        )
    found = [span for passage in passages for span in passage.spans if span.kind == "row"]
    assert len(found) == 60
    assert {lead(text, span) for span in found} == {"| Estate | Output | Change |"}


def test_header_rows_below_the_separator_belong_to_the_header() -> None:
    text = (
        "|  |  | December 31, |\n| --- | --- | --- |\n|  | 2019 | 2018 |\n|  |  | (in millions) |\n"
        "| Current assets |  |  |\n| Cash | $ 245 | $ 141 |\n| Total | 1,264 | 1,167 |\n"
    )
    (passage,) = split(text)
    assert spans([passage]) == ["| Cash | $ 245 | $ 141 |", "| Total | 1,264 | 1,167 |"]
    assert lead(text, passage.spans[0]).endswith("|  |  | (in millions) |")


def test_a_continued_table_names_the_group_of_its_first_rows() -> None:
    rows = "\n".join(
        f"| A liability with a long name, number {i} | {i},310 | 1 |" for i in range(30)
    )
    text = f"| Item | 2019 | 2018 |\n|---|---|---|\n| Current liabilities | | |\n{rows}\n"
    passages = split(text)
    assert passages[1].heading == "Title › Item | 2019 | 2018 › Current liabilities"


@pytest.mark.parametrize(
    ("text", "rows", "header"),
    [
        ("Name | Staff\n--- | ---\nNy | 14\nVoi | 12", ["Ny | 14", "Voi | 12"], "Name | Staff"),
        ("Name\tStaff\nNyali\t14\nVoi\t12", ["Nyali\t14", "Voi\t12"], "Name\tStaff"),
        ("| | |\n|---|---|\n| Seat | Voi |\n| Men | 14 |", ["| Seat | Voi |", "| Men | 14 |"], ""),
        ("| a 12 | 5.1 |\n| b | 7.2 |", ["| a 12 | 5.1 |", "| b | 7.2 |"], ""),
    ],
)  # fmt: skip
def test_tables_of_other_shapes(text: str, rows: list[str], header: str) -> None:
    (passage,) = split(text)
    assert spans([passage]) == rows
    assert {span.kind for span in passage.spans} == {"row"}
    assert {lead(text, span) for span in passage.spans} == {header}


def test_a_line_with_pipes_is_no_table() -> None:
    (passage,) = split("Research | Santiago | 28 August 2024 | Rating: Hold\n\n" + PROSE)
    assert {span.kind for span in passage.spans} == {"sentence"}


def test_a_row_that_is_too_long_is_cut_as_a_last_resort() -> None:
    cell = "a cell that goes on, " * 60
    passages = split(f"| A | B |\n|---|---|\n| one | {cell} |\n| two | 2 |")
    assert spans(passages)[-1] == "| two | 2 |"
    assert all(len(passage.text) <= packing.HARD_SIZE for passage in passages)


# --- lists ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["-", "*", "•", "–", "1.", "(a)", "2)"])
def test_items_know_the_line_that_introduces_them(mark: str) -> None:
    text = f"Sales grew. The reasons were:\n\n{mark} more shops\n{mark} higher prices\n\n{PROSE}"
    (passage,) = split(text)
    found = [span for span in passage.spans if span.kind == "item"]
    assert spans([passage])[2:4] == [f"{mark} more shops", f"{mark} higher prices"]
    assert {lead(text, span) for span in found} == {"The reasons were:"}


def test_a_long_list_carries_its_introduction() -> None:
    items = "\n".join(f"- shop number {i} in a town with a name" for i in range(60))
    passages = split(f"# T\n\nThe group runs these shops:\n\n{items}", "T")
    assert len(passages) > 3
    assert {p.heading for p in passages[1:]} == {"T › The group runs these shops:"}
    assert len(spans(passages)) == 61


def test_items_go_on_over_lines_and_below_each_other() -> None:
    text = (
        "## Plans\n\n- Wheat is sown\n  in autumn.\n\n  It likes cold.\n  - Winter wheat\n- Rye\n"
    )
    (passage,) = split(text)
    assert spans([passage]) == [
        "- Wheat is sown\n  in autumn.\n\n  It likes cold.",
        "- Winter wheat",
        "- Rye",
    ]
    assert [lead(text, s) for s in passage.spans] == ["Plans", spans([passage])[0], "Plans"]


def test_a_long_item_is_cited_by_its_sentences() -> None:
    text = f"The reasons were:\n\n- First. {PROSE} {PROSE} {PROSE} {PROSE} {PROSE}\n- Second."
    (passage,) = split(text)
    assert [span.kind for span in passage.spans] == ["sentence"] * 7 + ["item"]
    assert {lead(text, span) for span in passage.spans[1:]} == {"The reasons were:"}


# --- headings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        (f"# Title\n\n## Sales\n\n{PROSE}", "Title › Sales"),
        (f"# Title\n\n## Sales\n\n### Tea ###\n\n{PROSE}", "Title › Sales › Tea"),
        (f"Sales\n=====\n{PROSE}", "Title › Sales"),
        (f"**Sales**\n{PROSE}", "Title › Sales"),
        (f"**III. Main reasons.**\n\n{PROSE}", "Title › III. Main reasons."),
        (f"Sales of tea\n{PROSE}", "Title › Sales of tea"),
        (f"{PROSE}\nSales of tea\n{PROSE}", "Title"),
        (f"2. Sales of tea\n\n{PROSE}", "Title › 2. Sales of tea"),
        (f"4.2 Sales of tea\n\n{PROSE}", "Title › 4.2 Sales of tea"),
        (f"What does it sell?\n\n{PROSE}", "Title › What does it sell?"),
        ("茶叶\n\n公司营收增长，净利润下降，董事会预计明年也将如此。", "Title › 茶叶"),
        (f"Staff: 634\n\n{PROSE}", "Title"),
        (f"Nairobi, 22 August 2024\n\n{PROSE}", "Title"),
        (f"*Vienna, 5 February 2025 – for investors*\n\n{PROSE}", "Title"),
        (f"Published 4 November 2024 by T. Villa\n\n{PROSE}", "Title"),
        (f"**Date:** 5 June 2024\n\n{PROSE}", "Title"),
        (f"**Q:** Any change to guidance?\n\n{PROSE}", "Title › Q: Any change to guidance?"),
        (f"*By the numbers*\n\n{PROSE}", "Title › By the numbers"),
        (f"It is most of the air that is called O\n2. {PROSE}", "Title"),
        (f"1 Represents dividends paid\n\n{PROSE}", "Title"),
        (f"This line ends here.\n\n{PROSE}", "Title"),
        (f"{PROSE}\n\nContact the board", "Title"),
    ],
)  # fmt: skip
def test_what_is_a_heading(text: str, heading: str) -> None:
    assert split(text)[0].heading == heading


def test_a_heading_stands_in_the_text_but_is_evidence_only_if_it_says_something() -> None:
    (passage,) = split(f"## Outlook\n\n{PROSE}")
    assert passage.text.startswith("## Outlook\n\n")
    assert spans([passage]) == [PROSE]
    (passage,) = split(f"## Outlook for 2025\n\n{PROSE}")
    assert spans([passage]) == ["Outlook for 2025", PROSE]
    passages = split(
        f"# Top\n\n{PROSE}\n\n**Rating raised to BB by an agency of two countries**\n\n{PROSE}"
    )
    assert "Rating raised to BB by an agency of two countries" in spans(passages)


def test_headings_with_nothing_below_them_are_content() -> None:
    passages = split("# Facts\n\n**Founded by two sisters**\n\n**Listed in Nairobi since then**\n")
    assert spans(passages) == ["Founded by two sisters", "Listed in Nairobi since then"]


def test_a_bold_run_in_ends_the_section_of_a_bold_line() -> None:
    long = f"{PROSE} {PROSE} {PROSE}"
    passages = split(f"**Which formats?**\n\n{long}\n\n**Which prices?** {long}\n")
    assert [passage.heading for passage in passages] == ["Title › Which formats?", "Title"]


# --- sizes ---------------------------------------------------------------------------------------


def test_paragraphs_are_cut_between_sentences_only() -> None:
    text = " ".join(f"Sentence number {i} of Kuku Co., Ltd. says this." for i in range(60))
    passages = split(text)
    assert all(passage.text.endswith("says this.") for passage in passages)
    assert len(spans(passages)) == 60


def test_a_small_rest_joins_its_neighbour() -> None:
    text = f"## Sales\n\n{' '.join([PROSE] * 7)}\n\nThat was all."
    (passage,) = split(text)
    assert passage.text.endswith("That was all.")


def test_small_sections_are_joined_below_their_common_heading() -> None:
    (passage,) = split("# Title\n\n## Tea\n\nTea grew by 5 %.\n\n## Rye\n\nRye fell by 4 %.\n")
    assert passage.heading == "Title"
    assert spans([passage]) == ["Tea grew by 5 %.", "Rye fell by 4 %."]


def test_no_passage_reaches_over_boilerplate() -> None:
    passages = split("Tea grew by 5 %.\n\nLeave a Reply\n\nRye fell by 4 %.\n")
    assert [passage.text for passage in passages] == ["Tea grew by 5 %.", "Rye fell by 4 %."]


def test_a_line_of_a_million_characters_is_split() -> None:
    started = time.perf_counter()
    passages = split("x" * 1_000_000)
    assert sum(len(passage.text) for passage in passages) == 1_000_000
    assert time.perf_counter() - started < 30


@pytest.mark.parametrize("text", ["", " \n\n ", "---\n\n***", "!!! ??? ..."])
def test_a_document_without_words_has_no_passages(text: str) -> None:
    assert split(text) == []


def test_a_list_stays_with_the_words_that_introduce_it() -> None:
    filler = "The mill was founded long ago and has ground wheat and rye ever since. " * 11
    text = f"{filler}It now pursues two aims:\n- Flour for bakers;\n- Bran for farmers.\n"
    passages = split(text)
    (home,) = [p for p in passages if "two aims" in p.text]
    assert "Bran for farmers" in home.text
    assert len(passages) == 2
    assert [span.kind for span in home.spans][-3:] == ["sentence", "item", "item"]

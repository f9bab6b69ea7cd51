"""Folding, tokens, sentence spans: the same for questions and documents, exact in offsets."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text import (
    content_tokens,
    fold,
    line_of,
    sentence_spans,
    tokens,
    without_noise,
)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("52‑week High", "52-week high"),
        ("Nd–Fe—B", "nd-fe-b"),
        ("La₂O₃ and km²", "la2o3 and km2"),
        ("１２３ ＡＢＣ", "123 abc"),
        ("zero\u200bwidth \u202eright\u00ad", "zerowidth right"),
        ("a\u00a0b\u2009 c\n\td", "a b c d"),
        ("China’s “plan”", 'china\'s "plan"'),
        ("ﬁrm Straße", "firm strasse"),
        ("e\u0301tat", "\u00e9tat"),
    ],
)
def test_fold_makes_spellings_equal(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("100 000 tonnes", "100000 tonnes"),
        ("100\u00a0000", "100000"),
        ("100\u202f000", "100000"),
        ("100,000", "100000"),
        ("1,882.5% to 2,014.7%", "1882.5% to 2014.7%"),
        ("1 234 567", "1234567"),
        ("1'000'000", "1000000"),
        ("1.234.567", "1234567"),
        ("1,23,456", "123456"),
        ("RMB5,000", "rmb5000"),
        ("in 2024 100 people", "in 2024 100 people"),
        ("in 2024 100 000 people", "in 2024 100000 people"),
        ("Q2 100 staff", "q2 100 staff"),
        ("pages 3, 100 and 200", "pages 3, 100 and 200"),
        ("1.234", "1.234"),
        ("0,123", "0,123"),
        ("12  345", "12 345"),
        ("12\n345", "12 345"),
        ("1 2 3 000", "1 2 3000"),
        ("room 020 123", "room 020 123"),
    ],
)
def test_only_digit_groups_are_joined(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text(max_size=200))
@settings(max_examples=60)
def test_fold_leaves_nothing_invisible(text: str) -> None:
    folded = fold(text)
    assert folded == folded.strip()
    assert "\u200b" not in folded
    assert "\n" not in folded
    assert tokens(text) == tokens(f"  {text}\u200b ")


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("52wk high", "52‑week high"),
        ("NdFeB", "Nd‑Fe‑B"),
        ("100,000", "100 000"),
        ("La2O3", "La₂O₃"),
        ("60.4 percent", "60.4 %"),
        ("60.4 per cent", "60.4%"),
        ("50000t", "50 000 tonnes"),
        ("48.9", "48.90"),
        ("US", "U.S."),
        ("R&D", "R & D".replace(" ", "")),
        ("China", "China’s"),
        ("H1 2025", "1H 2025"),
        ("FY 2024", "FY2024"),
        ("Vina Peumaral", "Viña Peumaral"),
        ("Łódź", "Lodz"),
        ("subsidiary", "subsidiaries"),
        ("净利润", "公司净利润增长"),
        ("ＮｄＦｅＢ", "ndfeb"),
    ],
)
def test_a_question_finds_the_document(question: str, document: str) -> None:
    assert set(tokens(question)) <= set(tokens(document))


def test_tokens_of_compounds_numbers_and_dense_scripts() -> None:
    assert tokens("Nd‑Fe‑B") == ["nd", "fe", "b", "ndfeb"]
    assert tokens("50,000-ton") == ["50000", "tonn"]
    assert tokens("a 14 %–16 % rise") == ["a", "14", "percent", "16", "percent", "rise"]
    assert tokens("2023-24") == ["2023", "24"]
    assert tokens("净利润") == ["净", "利", "润", "净利", "利润"]
    assert tokens("Q2 and CO₂") == ["q2", "and", "co2", "co", "2"]
    assert tokens("!?") == []


def test_content_tokens_leave_out_function_words() -> None:
    assert content_tokens("What is the net profit of Baogang?") == ["net", "profit", "baogang"]
    assert content_tokens("净利润是多少") == [t for t in tokens("净利润是多少") if t != "是"]


def test_tokens_are_the_same_in_every_thread() -> None:
    words = [f"running{i} companies{i} production" for i in range(300)]
    expected = [tokens(word) for word in words]
    found: list[list[list[str]]] = []
    threads = [
        threading.Thread(target=lambda: found.append([tokens(word) for word in words]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "It owns High-Tech Co., Ltd. (opens in a new tab), which is listed. It grew.",
            ["It owns High-Tech Co., Ltd. (opens in a new tab), which is listed.", "It grew."],
        ),
        ("The U.S. Government bought No. 5. It paid.", 2),
        ("Output rose 3.5 per cent, approx. 5 tonnes. Then it fell.", 2),
        ("He said “it is good.” She left.", ["He said “it is good.”", "She left."]),
        ("**Capex.** The works opened. It is big.", ["**Capex.** The works opened.", "It is big."]),
        ("**Where is it made?** On a line.", ["**Where is it made?** On a line."]),
        ("Did any fail? Yes. Nine ended.", ["Did any fail?", "Yes. Nine ended."]),
        ("“Why?” he asked. Nobody knew.", ["“Why?” he asked.", "Nobody knew."]),
        ("营收增长。净利润下降！为什么呢？", ["营收增长。", "净利润下降！", "为什么呢？"]),
        ("Revenue: 5m\nProfit: 3m", ["Revenue: 5m", "Profit: 3m"]),
        ("Home ▸ Weekly ▸ No. 41/2024", ["Home ▸ Weekly ▸ No. 41/2024"]),
        ("1. It starts here. 2. It ends.", ["1. It starts here.", "2. It ends."]),
    ],
)
def test_sentences(text: str, expected: list[str] | int) -> None:
    found = sentences(text)
    assert (len(found) if isinstance(expected, int) else found) == expected


def test_a_filled_paragraph_is_read_across_its_lines() -> None:
    text = (
        "This is a paragraph that was filled to a certain\r\n"
        "width by an editor, so that its sentences run on.\r\n"
        "The next one starts here and goes on over the\r\n"
        "line that follows it.\r\n"
    )
    assert [" ".join(s.split()) for s in sentences(text)] == [
        "This is a paragraph that was filled to a certain width by an editor, so that its "
        "sentences run on.",
        "The next one starts here and goes on over the line that follows it.",
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It delivers a stream that is 90% to 93% O\n2. Then it stops.", 2),
        ("It is a sentence of more than forty characters that\nwas broken anywhere.", 1),
        ("Revenue in Q\n2 shops opened", 1),
        ("Revenue was high\n2 shops opened", 2),
        ("A stream of 93% O\n2 gas leaves it.", 1),
        ("A stream of 93% O\n\n2 gas leaves it.", 2),
    ],
)
def test_a_line_break_inside_a_sentence(text: str, count: int) -> None:
    assert len(sentences(text)) == count


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400))
@settings(max_examples=60)
def test_sentence_spans_cover_all_and_overlap_nowhere(text: str) -> None:
    covered, last = set(), 0
    for start, end in sentence_spans(text, 0, len(text)):
        assert last <= start < end
        assert text[start:end] == text[start:end].strip()
        covered |= set(range(start, end))
        last = end
    assert all(i in covered for i, c in enumerate(text) if not c.isspace())


def test_sentence_spans_respect_their_range() -> None:
    text = "One sentence here. Two sentences here. Three sentences here."
    assert sentence_spans(text, 19, 38) == [(19, 38)]
    assert sentence_spans(text, 5, 5) == []


def test_a_long_line_takes_linear_time_and_loses_no_sentence() -> None:
    text = "Sales rose by 5 % last year. " * 2000
    assert set(sentences(text)) == {"Sales rose by 5 % last year."}
    assert len(sentences("<!--" * 20_000)) >= 1


@pytest.mark.parametrize(
    ("text", "offset", "line"),
    [("a\nb\nc", 0, 1), ("a\nb\nc", 4, 3), ("a\r\nb\rc", 3, 2), ("a\r\nb\rc", 5, 3), ("", 0, 1)],
)
def test_line_of(text: str, offset: int, line: int) -> None:
    assert line_of(text, offset) == line


@pytest.mark.parametrize(
    ("quote", "wording"),
    [
        ("Huamei (opens in a new tab) and Gansu", "Huamei and Gansu"),
        ("Co., Ltd. (Opens in new window), which", "Co., Ltd., which"),
        ("- **Baogang** owns *it*", "Baogang owns it"),
        ("• Sales of 5", "Sales of 5"),
        ("complementary _Southern Base_—focusing", "complementary Southern Base—focusing"),
        ("see [the report](http://x.y/z_(a)) now", "see the report now"),
        ("profit rose[12] in 2024 [^3].", "profit rose in 2024."),
        ("the tonnes¹ of 10 m² and CO₂", "the tonnes of 10 m² and CO₂"),
        ("AT&amp;T <b>grew</b>&nbsp;fast", "AT&T grew fast"),
        ("5*3*2 and snake_case_name", "5*3*2 and snake_case_name"),
        ("–5.2 % and -3 %", "–5.2 % and -3 %"),
    ],
)
def test_wording_without_noise(quote: str, wording: str) -> None:
    assert without_noise(quote) == wording


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("market capitalisation", "market capitalization"),
        ("behaviour of neighbouring organisations", "behavior of neighboring organizations"),
        ("analysed centres of defence", "analyzed centers of defense"),
        ("labour programmes", "labor programs"),
    ],
)
def test_british_and_american_spelling_are_one(british: str, american: str) -> None:
    assert tokens(british) == tokens(american)
    assert tokens("four hours of tours") == ["four", "hour", "of", "tour"]

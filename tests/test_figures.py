"""Values and periods: every notation gives one value, nothing else becomes a figure."""

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.figures import (
    Figure,
    Period,
    compare_periods,
    compatible,
    find_figures,
    find_periods,
    fits,
    resolve,
    same_period,
    same_value,
)


def only(text: str, hint: str = "") -> Figure:
    """The one figure of a text."""
    figures = find_figures(text, scale_hint=hint)
    assert len(figures) == 1, figures
    return figures[0]


def period(text: str) -> Period:
    """The one period of a text."""
    periods = find_periods(text)
    assert len(periods) == 1, periods
    return periods[0]


FIGURES = [
    # money: sign or code, before or behind, with and without scale
    ("$ 83.95", "83.95", "money", "$", ""),
    ("US$3.5 per barrel", "3.5", "money", "USD", "bbl"),
    ("A$13.40 per tonne", "13.40", "money", "AUD", "t"),
    ("NT$2.47", "2.47", "money", "TWD", ""),
    ("HK$1.5m", "1500000", "money", "HKD", ""),
    ("R$318m", "318000000", "money", "BRL", ""),
    ("R1.2 billion", "1200000000", "money", "ZAR", ""),
    ("C$19 million", "19000000", "money", "CAD", ""),
    ("KSh 3.2bn", "3200000000", "money", "KES", ""),
    ("Rs.500 crore", "5000000000", "money", "Rs", ""),
    ("₹5 lakh", "500000", "money", "INR", ""),
    ("RM1,386.5 million", "1386500000", "money", "MYR", ""),
    ("NIS 6.02", "6.02", "money", "ILS", ""),
    ("RMB 731 million", "731000000", "money", "CNY", ""),
    ("USD5m", "5000000", "money", "USD", ""),
    ("USD 1.94 billion", "1940000000", "money", "USD", ""),
    ("$1.2T", "1200000000000", "money", "$", ""),
    ("€0.8 million", "800000", "money", "EUR", ""),
    ("£120k", "120000", "money", "GBP", ""),
    ("¥4,000", "4000", "money", "¥", ""),
    ("￥１２．５万", "125000", "money", "¥", ""),
    ("61.69 CNY", "61.69", "money", "CNY", ""),
    ("83.95 yuan", "83.95", "money", "CNY", ""),
    ("12.5亿元", "1250000000", "money", "CNY", ""),
    ("900 dollars a kilogram", "900", "money", "$", "kg"),
    ("45p", "0.45", "money", "GBP", ""),
    ("50 US cents", "0.50", "money", "USD", ""),
    ("CNY 0.25 a share", "0.25", "money", "CNY", "share"),
    ("-$5 million", "-5000000", "money", "$", ""),
    ("5 $", "5", "money", "$", ""),
    # parts of a hundred
    ("60.4 %", "60.4", "percent", "%", ""),
    ("+5.7%", "5.7", "percent", "%", ""),
    ("–1.7 %", "-1.7", "percent", "%", ""),
    ("8 per cent", "8", "percent", "%", ""),
    ("5,12 %", "5.12", "percent", "%", ""),
    ("4.6 percentage points", "4.6", "points", "pp", ""),
    ("20 basis points", "20", "points", "bp", ""),
    ("5.2个百分点", "5.2", "points", "pp", ""),
    # multiples
    ("85.8x", "85.8", "ratio", "x", ""),
    ("eight times", "8", "ratio", "x", ""),
    ("three-fold", "3", "ratio", "x", ""),
    ("it doubled", "2", "ratio", "x", ""),
    ("half of its output", "0.5", "ratio", "x", ""),
    # quantities
    ("100 000 tonnes", "100000", "quantity", "t", ""),
    ("50 000-tonne line", "50000", "quantity", "t", ""),
    ("50,000-ton project", "50000", "quantity", "ton", ""),
    ("约3000万吨", "30000000", "quantity", "t", ""),
    ("5 Mt per year", "5000000", "quantity", "t", "year"),
    ("71.4 kt", "71400", "quantity", "t", ""),
    ("500 t/h", "500", "quantity", "t", "hour"),
    ("1.2 GWh a year", "1.2", "quantity", "GWh", "year"),
    ("236,400 boe/d", "236400", "quantity", "boepd", ""),
    ("6,200 m²", "6200", "quantity", "m2", ""),
    ("180,000 sq. ft", "180000", "quantity", "sqft", ""),
    ("a 120m tower", "120", "quantity", "m", ""),
    ("a 12nm chip", "12", "quantity", "nm", ""),
    ("312 koz", "312000", "quantity", "oz", ""),
    ("52-week high", "52", "quantity", "week", ""),
    ("52\u2011week high", "52", "quantity", "week", ""),
    ("500 pounds of copper", "500", "quantity", "lb", ""),
    # counts
    ("4,870 employees", "4870", "count", "employee", ""),
    ("1.2m customers", "1200000", "count", "customer", ""),
    ("57 new wells", "57", "count", "well", ""),
    ("twenty-five people", "25", "count", "person", ""),
    ("one hundred and twenty plants", "120", "count", "plant", ""),
    ("a dozen", "12", "count", "", ""),
    ("two million", "2000000", "count", "", ""),
    # groups of digits
    ("100,000", "100000", "count", "", ""),
    ("100\u202f000", "100000", "count", "", ""),
    ("12,34,567", "1234567", "count", "", ""),
    ("1'234'567", "1234567", "count", "", ""),
    ("1.234.567", "1234567", "count", "", ""),
    ("1.234,5", "1234.5", "count", "", ""),
    ("1.234", "1.234", "count", "", ""),
]


@pytest.mark.parametrize(("text", "value", "kind", "unit", "per"), FIGURES)
def test_value_unit_and_kind(text: str, value: str, kind: str, unit: str, per: str) -> None:
    figure = only(text)
    assert (figure.low, figure.high) == (Decimal(value), Decimal(value))
    assert (figure.kind, figure.unit, figure.per) == (kind, unit, per)
    assert text[figure.start : figure.end] == figure.text


RANGES = [
    ("14 %–16 %", "14", "16", "%"),
    ("12.3%-15%", "12.3", "15", "%"),
    ("1,882.5% to 2,014.7%", "1882.5", "2014.7", "%"),
    ("between 5 and 7 tonnes", "5", "7", "t"),
    ("$1,440–1,500 million", "1440000000", "1500000000", "$"),
    ("EUR 1.35–1.42 billion", "1350000000", "1420000000", "EUR"),
    ("between EUR 1.38 billion and EUR 1.43 billion", "1380000000", "1430000000", "EUR"),
    ("$5-$7 million", "5000000", "7000000", "$"),
    ("800 to 1,200 million euros", "800000000", "1200000000", "EUR"),
    ("5 to 7 kt", "5000", "7000", "t"),
    ("100-200 MW", "100", "200", "MW"),
]


@pytest.mark.parametrize(("text", "low", "high", "unit"), RANGES)
def test_range_is_one_figure(text: str, low: str, high: str, unit: str) -> None:
    figure = only(text)
    assert (figure.low, figure.high, figure.unit) == (Decimal(low), Decimal(high), unit)


@pytest.mark.parametrize(
    "text",
    ["from 5 to 7 tonnes", "rose 5 % to 7 %", "cut from $5 to $3", "5 % and 7 %", "5% or 6%"],
)
def test_change_is_two_figures(text: str) -> None:
    assert [figure.low == figure.high for figure in find_figures(text)] == [True, True]


@pytest.mark.parametrize(
    "text",
    [
        "1st place, the 21st century",
        "Note 5 and Section 12",
        "Phase 2",
        "1. First point",
        "(3) third point",
        "as said [4]",
        "8:30 a.m.",
        "at 07:00",
        "NXR-120 and AMX-16",
        "version 1.2.3",
        "### 4.3 Emissions",
        "| — | – |",
        "R134a",
        "B12",
        "one of them",
        "2 November 2025",
        "on 2/11/2025",
        "Q2 and 9M",
        "11月2日",
        "in $'000",
    ],
)
def test_no_figure(text: str) -> None:
    assert find_figures(text) == []


def test_year_is_no_count_and_a_unit_makes_it_one() -> None:
    assert (only("in 2024").kind, only("in 2024").low) == ("year", 2024)
    assert only("RMB 2024 million").low == 2024 * 10**6
    assert (only("2030 tonnes").kind, find_periods("2030 tonnes")) == ("quantity", [])
    kinds = [(f.text, f.kind) for f in find_figures("in 2024 100 units")]
    assert kinds == [("2024", "year"), ("100 units", "count")]


def test_a_sign_between_two_numbers_belongs_to_the_second() -> None:
    assert [(f.text, f.low) for f in find_figures("$ 5 $ 6")] == [("$ 5", 5), ("$ 6", 6)]


def test_a_year_earlier_is_no_rate() -> None:
    figures = find_figures("RMB 731 million, against RMB 512 million a year earlier")
    assert [(f.text, f.per) for f in figures] == [("RMB 731 million", ""), ("RMB 512 million", "")]


HINTS = [
    ("| Sales | 402.5 |", "EUR million", "402500000", "money", "EUR"),
    ("| Sales | 1,234 |", "(in millions)", "1234000000", "count", ""),
    ("| Sales | (56) |", "(in millions)", "-56000000", "count", ""),
    ("| Costs | $ (56) |", "$'000", "-56000", "money", "$"),
    ("| EPS | 1.25 |", "in thousands of dollars, except per share", "1.25", "money", "$"),
    ("| Sales | $831.7 |", "(columnar dollars in millions)", "831700000", "money", "$"),
    ("| 收入 | 12.5 |", "单位：万元", "125000", "money", "CNY"),
    ("| Ore | 7 |", "kt", "7000", "quantity", "t"),
    ("| Sales | 12 |", "£m", "12000000", "money", "GBP"),
    ("| Margin | 12.3 |", "%", "12.3", "percent", "%"),
    ("| Margin | 12.3 % |", "RMB million", "12.3", "percent", "%"),
    ("| Sales | 1.2 billion |", "RMB million", "1200000000", "money", "CNY"),
    ("| Staff | 57 people |", "RMB million", "57", "count", "person"),
    ("| Sales | 2024 |", "RMB million", "2024", "year", ""),
    ("| Sales | 7 |", "as reported", "7", "count", ""),
]


@pytest.mark.parametrize(("row", "hint", "value", "kind", "unit"), HINTS)
def test_caption_reaches_the_cell(row: str, hint: str, value: str, kind: str, unit: str) -> None:
    figure = only(row, hint)
    assert (figure.low, figure.kind, figure.unit) == (Decimal(value), kind, unit)


def test_brackets_are_a_minus_in_cells_only() -> None:
    assert only("(1,234)").low == -1234
    assert only("| (1,234) |").low == -1234
    assert only("the staff grew (1,234) again").low == 1234


SAME = [
    ("1.2 billion", "1,200 million"),
    ("USD 1.2 billion", "US$1,200m"),
    ("0.5 %", "0.5 per cent"),
    ("50 000-tonne", "50,000 tons"),
    ("50,000-tonne", "50 kt"),
    ("1,500 MW", "1.5 GW"),
    ("50 basis points", "0.5 percentage points"),
    ("3000万吨", "30 Mt"),
    ("12.5亿元", "RMB 1,250 million"),
    ("$5", "A$5"),
    ("45p", "£0.45"),
    ("twelve", "a dozen"),
    ("5–7 %", "5 to 7 per cent"),
    ("two years", "24 months"),
]
DIFFERENT = [
    ("5 %", "5 percentage points"),
    ("USD 5", "EUR 5"),
    ("USD 5", "A$5"),
    ("5 t", "5 kg"),
    ("5 MW", "5 MWh"),
    ("CNY 5 per share", "CNY 5 per tonne"),
    ("60.4 %", "60.5 %"),
    ("5 %", "5–7 %"),
    ("-5", "5"),
    ("2024", "2,024"),
    ("5 plants", "5 ships"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same_value_across_notations(one: str, other: str) -> None:
    assert same_value(only(one), only(other))
    assert same_value(only(other), only(one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_values(one: str, other: str) -> None:
    assert not same_value(only(one), only(other))


def test_tolerance_is_relative() -> None:
    assert same_value(only("USD 1.94 billion"), only("USD 1,938 million"), 0.002)
    assert not same_value(only("USD 1.94 billion"), only("USD 1,938 million"), 0.001)


def test_a_bare_number_is_compatible_with_all_but_a_year() -> None:
    assert compatible(only("731"), only("RMB 5"))
    assert not compatible(only("731"), only("2024"))
    assert not compatible(only("5 %"), only("RMB 5"))


PERIODS = [
    ("2 November 2025", "day", date(2025, 11, 2), date(2025, 11, 2)),
    ("Nov 2, 2025", "day", date(2025, 11, 2), date(2025, 11, 2)),
    ("2025-11-02", "day", date(2025, 11, 2), date(2025, 11, 2)),
    ("30/9/2018", "day", date(2018, 9, 30), date(2018, 9, 30)),
    ("2025年11月2日", "day", date(2025, 11, 2), date(2025, 11, 2)),
    ("Aug 2024", "month", date(2024, 8, 1), date(2024, 8, 31)),
    ("Sep-23", "month", date(2023, 9, 1), date(2023, 9, 30)),
    ("February 2024", "month", date(2024, 2, 1), date(2024, 2, 29)),
    ("Q2 2025", "quarter", date(2025, 4, 1), date(2025, 6, 30)),
    ("2Q25", "quarter", date(2025, 4, 1), date(2025, 6, 30)),
    ("second quarter of 2025", "quarter", date(2025, 4, 1), date(2025, 6, 30)),
    ("three months ended 30 June 2025", "quarter", date(2025, 4, 1), date(2025, 6, 30)),
    ("2025年第二季度", "quarter", date(2025, 4, 1), date(2025, 6, 30)),
    ("April to June 2025", "quarter", date(2025, 4, 1), date(2025, 6, 30)),
    ("between April and June 2025", "quarter", date(2025, 4, 1), date(2025, 6, 30)),
    ("the June quarter of 2025", "quarter", date(2025, 4, 1), date(2025, 6, 30)),
    ("Jun Q 2025", "quarter", date(2025, 4, 1), date(2025, 6, 30)),
    ("jun-25", "month", date(2025, 6, 1), date(2025, 6, 30)),
    ("H1 2025", "half", date(2025, 1, 1), date(2025, 6, 30)),
    ("1H25", "half", date(2025, 1, 1), date(2025, 6, 30)),
    ("first half of 2025", "half", date(2025, 1, 1), date(2025, 6, 30)),
    ("2025年上半年", "half", date(2025, 1, 1), date(2025, 6, 30)),
    ("six months to 30 June 2025", "half", date(2025, 1, 1), date(2025, 6, 30)),
    ("nine months to September 2024", "nine-months", date(2024, 1, 1), date(2024, 9, 30)),
    ("9M 2024", "nine-months", date(2024, 1, 1), date(2024, 9, 30)),
    ("first three quarters of 2024", "nine-months", date(2024, 1, 1), date(2024, 9, 30)),
    ("2024", "year", date(2024, 1, 1), date(2024, 12, 31)),
    ("2024年", "year", date(2024, 1, 1), date(2024, 12, 31)),
    ("half year ended 30 June 2024", "half", date(2024, 1, 1), date(2024, 6, 30)),
    ("year ended 31 December 2019", "year", date(2019, 1, 1), date(2019, 12, 31)),
    ("year to March 2025", "fiscal-year", date(2024, 4, 1), date(2025, 3, 31)),
    ("April 1 – September 30, 2024", "span", date(2024, 4, 1), date(2024, 9, 30)),
    ("first ten months of 2024", "span", date(2024, 1, 1), date(2024, 10, 31)),
    ("end-2023", "day", date(2023, 12, 31), date(2023, 12, 31)),
    ("the end of June 2025", "day", date(2025, 6, 30), date(2025, 6, 30)),
]


@pytest.mark.parametrize(("text", "kind", "first", "last"), PERIODS)
def test_period_and_its_days(text: str, kind: str, first: date, last: date) -> None:
    found = period(text)
    assert (found.kind, found.first, found.last) == (kind, first, last)
    assert text[found.start : found.end] == found.text


LABELS = [
    ("FY2024", "fiscal-year", 2024, None),
    ("FY24", "fiscal-year", 2024, None),
    ("fy24", "fiscal-year", 2024, None),
    ("fiscal 2024", "fiscal-year", 2024, None),
    ("2023-24", "fiscal-year", 2024, None),
    ("FY2023/24", "fiscal-year", 2024, None),
    ("H1 2024/25", "half", 2025, 1),
    ("Q1 FY26", "quarter", 2026, 1),
    ("Q2", "quarter", None, 2),
    ("the third quarter", "quarter", None, 3),
    ("half-year", "half", None, None),
    ("in May", "month", None, 5),
    ("on 30 June", "day", None, 630),
    ("at end-June", "day", None, 630),
    ("前三季度", "nine-months", None, 1),
    ("between April and June", "quarter", None, 2),
    ("July to December", "half", None, 2),
    ("January–September", "nine-months", None, 1),
]


@pytest.mark.parametrize(("text", "kind", "year", "part"), LABELS)
def test_period_without_dates(text: str, kind: str, year: int | None, part: int | None) -> None:
    found = period(text)
    assert (found.kind, found.year, found.part, found.first) == (kind, year, part, None)


@pytest.mark.parametrize(
    ("text", "kind", "offset"),
    [
        ("a year earlier", "same", -1),
        ("twelve months ago", "same", -1),
        ("the same period last year", "same", -1),
        ("in the same half of last year", "same", -1),
        ("去年同期", "same", -1),
        ("last year", "year", -1),
        ("the previous quarter", "quarter", -1),
        ("this year", "year", 0),
        ("next month", "month", 1),
        ("today", "day", 0),
    ],
)
def test_relative_period(text: str, kind: str, offset: int) -> None:
    found = period(text)
    assert found.relative
    assert (found.kind, found.offset) == (kind, offset)


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("by 2030", "by"),
        ("through 2030", "until"),
        ("since 2019", "since"),
        ("by the end of 2026", "by"),
        ("at end-June", "end"),
        ("自2019年", "since"),
    ],
)
def test_relation(text: str, relation: str) -> None:
    assert period(text).relation == relation


@pytest.mark.parametrize(
    "text",
    ["2/11/2025", "May I ask?", "a march", "1,887 of 2,014.7", "RMB 2024", "Q5", "$338.9M", "$9M"],
)
def test_no_period(text: str) -> None:
    assert [found.kind for found in find_periods(text) if found.kind != "year"] == []


COMPARED = [
    # asked, found, how they lie, whether the found one answers
    ("H1 2025", "first half of 2025", "same", True),
    ("2025", "year ended 31 December 2025", "same", True),
    ("FY2024", "2024", "same", True),
    ("2023-24", "FY24", "same", True),
    ("30 June 2025", "end-June 2025", "same", True),
    ("H1 2025", "2024", "conflict", False),
    ("2025", "first half of 2025", "narrower", False),
    ("H1 2025", "2025", "wider", False),
    ("2025", "2 November 2025", "narrower", None),
    ("2 November 2025", "3 November 2025", "conflict", False),
    ("2 November 2025", "November 2025", "wider", None),
    ("Q2", "Q2 2025", "unknown", None),
    ("Q2 2025", "second quarter", "unknown", None),
    ("Q2 2025", "first quarter", "conflict", False),
    ("2025", "first half", "narrower", False),
    ("2024", "last year", "unknown", None),
    ("last year", "last year", "same", True),
    ("last year", "this year", "conflict", False),
    ("Q2 FY2025", "FY2025", "wider", False),
    ("FY2025", "fiscal 2024", "conflict", False),
]


@pytest.mark.parametrize(("asked", "found", "how", "answers"), COMPARED)
def test_compare_periods(asked: str, found: str, how: str, answers: bool | None) -> None:
    one, other = period(asked), period(found)
    assert compare_periods(one, other) == how
    assert fits(one, other) is answers
    assert same_period(one, other) is (how == "same")


@pytest.mark.parametrize(
    ("relative", "anchor", "absolute"),
    [
        ("a year earlier", "H1 2025", "H1 2024"),
        ("a year earlier", "31 December 2024", "31 December 2023"),
        ("last year", "H1 2025", "2024"),
        ("previous quarter", "Q1 2025", "Q4 2024"),
        ("next month", "December 2024", "January 2025"),
        ("yesterday", "1 March 2024", "29 February 2024"),
        ("a year earlier", "29 February 2024", "28 February 2023"),
    ],
)
def test_resolve(relative: str, anchor: str, absolute: str) -> None:
    found = resolve(period(relative), period(anchor))
    if anchor == "29 February 2024":
        # The 29th has no counterpart a year earlier; the month's last day stands in.
        assert found is not None and found.first == date(2023, 2, 28)
        return
    assert found is not None
    assert same_period(found, period(absolute))


def test_resolve_without_year_or_too_coarse() -> None:
    assert resolve(period("a year earlier"), period("Q2")) is None
    assert resolve(period("previous quarter"), period("2025")) is None


ADVERSARIAL = {
    "digits": "1" * 40_000,
    "groups": "1,234," * 8_000,
    "blank groups": "1 234 " * 8_000,
    "dots": "1.234." * 8_000,
    "half groups": "1,23," * 8_000,
    "dashes": "5-" * 20_000,
    "brackets": "(" * 40_000 + "5",
    "currencies": "US$" * 14_000,
    "number words": "one hundred and " * 3_000,
    "months": "May " * 10_000,
    "days": "1-1-1 " * 8_000,
    "blanks": " " * 40_000 + "5",
    "of": "5 of " * 8_000,
    "units": "5 sq " * 8_000,
    "first": "first half of the " * 2_000,
    "same": "same period last " * 2_000,
    "years": "2024-" * 8_000,
    "年": "2024年" * 8_000,
    "slashes": "1/" * 20_000,
}


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_time_grows_only_with_length(name: str) -> None:
    text = ADVERSARIAL[name]
    started = time.process_time()
    find_figures(text, scale_hint="(in millions)")
    # Half a second at most is usual; one repetition too many would take minutes.
    assert time.process_time() - started < 6


NUMBERISH = st.text(alphabet="0123456789 ,.-–'()%$€£¥|/:\nkmbnQH年月日万亿元fiscal", max_size=60)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), NUMBERISH), st.sampled_from(["", "(in millions)", "RMB m"]))
@example("٣٤ ²³ ①", "")
@example("İ 5 ß 2024", "")
@example("0£0", "")
def test_slices_are_exact_ordered_and_disjoint(text: str, hint: str) -> None:
    for found in (find_figures(text, scale_hint=hint), find_periods(text)):
        position = 0
        for one in found:
            assert text[one.start : one.end] == one.text
            assert position <= one.start < one.end
            position = one.end
    assert all(f.low <= f.high and f.low.is_finite() for f in find_figures(text, scale_hint=hint))

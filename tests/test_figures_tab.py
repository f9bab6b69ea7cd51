"""The Figures tab in a real browser: table, filter, order, CSV, charts, links to the words."""

from __future__ import annotations

import csv
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import quote_best, serving

import rag
from chat.figures_view import FiguresView
from chat.library import Library
from rag.measuring import measure_document

REPORT = """# Acme annual report 2024

Acme had revenue of 412 million euros in 2024, up 5 % from 390 million euros in 2023.

| EUR million | 2021 | 2022 | 2023 | 2024 |
|---|---|---|---|---|
| Revenue | 280 | 300 | 390 | 412 |
| =HYPERLINK("http://evil.test") | (12) | 4 | 25 | 31 |
"""
QUESTION = "Acme had how much revenue in 2024?"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    root = tmp_path_factory.mktemp("figures")
    (root / "documents").mkdir()
    (root / "documents" / "acme.md").write_text(REPORT)
    (root / "documents" / "note.md").write_text("# Globex note\n\nGlobex sold 7 tonnes of tin.\n")
    return rag.build_index(root / "documents", root / "index", encoder="word-hash")


@pytest.fixture(scope="module")
def address(index):
    with serving(Library(lambda: index, answer=quote_best)) as served:
        yield served


def cited(index, words):
    document = index.document("acme.md")
    start = document.text.index(words)
    return [(document.id, start, start + len(words), "")]


def test_the_figures_of_cited_spans_and_of_documents(index):
    view = FiguresView(Library(lambda: index))
    words = "up 5 % from 390 million euros in 2023"
    rows = view.of_spans(cited(index, words))["rows"]
    assert [(row["printed"], row["metric"], row["line"]) for row in rows] == [
        ("5 %", "revenue growth", 3),
        ("390 million euros", "revenue", 3),
    ]
    assert len(view.of_document("acme.md")["rows"]) == 11
    assert len(view.of_document(None)["rows"]) == 12
    assert view.of_document("gone.md")["rows"] == []
    (document_id, start, end, _) = cited(index, words)[0]
    assert view.of_spans([(document_id, start, end, "changed")])["rows"] == []


def test_only_the_same_document_waits_for_itself(index, monkeypatch):
    both, measured = threading.Barrier(2, timeout=10), []

    def slowly(document, passages):
        measured.append(document.id)
        both.wait()  # passes only if the other document is being measured as well
        return measure_document(document, passages)

    monkeypatch.setattr(rag.measuring, "measure_document", slowly)
    view = FiguresView(Library(lambda: index))
    asked = ["acme.md", "note.md", "acme.md", "note.md"]
    with ThreadPoolExecutor(4) as people:
        found = list(people.map(lambda name: len(view.of_document(name)["rows"]), asked))
    assert found == [11, 1, 11, 1]
    assert sorted(measured) == ["acme.md", "note.md"]


def test_a_document_that_could_not_be_measured_is_tried_again(index, monkeypatch):
    view = FiguresView(Library(lambda: index))
    with monkeypatch.context() as patched:
        patched.setattr(rag.measuring, "measure_document", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            view.of_document("acme.md")
    assert len(view.of_document("acme.md")["rows"]) == 11


pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def column(tab, name):
    return tab.page.locator(f'#figure-table td[data-column="{name}"]').all_text_contents()


def opened(open_tab, address, scope=None, **options):
    tab = open_tab(address, **options)
    tab.ask(QUESTION)
    if options.get("width", 1400) < 800:
        tab.page.click("#open-sheet")
    tab.page.get_by_role("tab", name="Figures").click()
    if scope is not None:
        tab.page.select_option("#figure-scope", scope)
        tab.page.locator("#figure-charts figure").first.wait_for()
    tab.page.locator("#figure-table tbody tr").first.wait_for()
    return tab


@pytest.mark.parametrize("width, height", [(1400, 900), (768, 1024), (390, 844), (320, 640)])
def test_the_figures_of_an_answer_lead_to_their_words(open_tab, address, width, height):
    tab = opened(open_tab, address, width=width, height=height)
    assert "412 million euros" in column(tab, "printed")
    assert "412,000,000" in column(tab, "value")
    link = tab.page.get_by_role("link", name="Open 412 million euros in its document")
    link.click()
    tab.page.locator("#hit").wait_for()
    assert tab.page.locator("#hit").text_content().startswith("Acme had revenue of 412 million")
    tab.page.keyboard.press("Escape")
    assert tab.page.locator("#reader").count() == 0
    assert tab.page.evaluate("document.activeElement.textContent") == "412 million euros"
    assert tab.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert tab.outside == []
    assert tab.complaints == []


def test_a_document_is_chosen_sorted_and_filtered(open_tab, address):
    tab = opened(open_tab, address, "=acme.md")
    assert len(column(tab, "value")) == 11
    heading = tab.page.locator('#figure-table th[data-column="value"]')
    tab.page.get_by_role("button", name="Value").click()
    values = [float(value.replace(",", "")) for value in column(tab, "value")]
    assert values == sorted(values)
    assert heading.get_attribute("aria-sort") == "ascending"
    tab.page.keyboard.press("Enter")  # the heading has kept the focus
    assert heading.get_attribute("aria-sort") == "descending"
    assert column(tab, "value")[-1] == "-12,000,000"
    tab.page.fill("#figure-filter", "revenue 2023")
    assert column(tab, "value") == ["390,000,000", "390,000,000"]
    assert "2 of 11 figures" in tab.page.locator("#figure-table").text_content()
    tab.page.fill("#figure-filter", "nothing like this")
    assert "No figure matches" in tab.page.locator("#figure-table").text_content()
    assert tab.page.locator("#figure-csv").is_disabled()


def test_bars_begin_at_zero_and_their_values_are_in_the_unit_above(open_tab, address):
    tab = opened(open_tab, address, "=acme.md")
    revenue, other = tab.page.locator("#figure-charts figure").all()
    # The table's head says "million", the chart's only EUR.
    values = [f"{million},000,000" for million in (280, 300, 390, 412)]
    assert revenue.locator("a").all_text_contents() == values
    wide = [bar.bounding_box() for bar in revenue.locator(".bar-fill").all()]
    assert len({round(box["x"]) for box in wide}) == 1
    shares = [box["width"] / wide[-1]["width"] for box in wide]
    assert shares == pytest.approx([280 / 412, 300 / 412, 390 / 412, 1], abs=0.01)
    loss, gain = [bar.bounding_box() for bar in other.locator(".bar-fill").all()][:2]
    assert loss["x"] + loss["width"] == pytest.approx(gain["x"], abs=1)  # both touch zero
    revenue.get_by_role("link", name="Open 300,000,000 in its document").click()
    tab.page.locator("#hit").wait_for()
    assert tab.page.locator("#hit").text_content() == "| Revenue | 280 | 300 | 390 | 412 |"


def test_the_csv_opens_in_a_spreadsheet_and_runs_nothing(open_tab, address):
    tab = opened(open_tab, address, "=acme.md")
    tab.page.fill("#figure-filter", "acme.md")
    with tab.page.expect_download() as download:
        tab.page.click("#figure-csv")
    with open(download.value.path(), "rb") as file:
        content = file.read()
    assert download.value.suggested_filename == "figures.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(rows) == 11
    assert [row["Value"] for row in rows].count("-12000000") == 1  # a number stays one
    assert {row["What it measures"] for row in rows if row["Value"] == "4000000"} == {
        '\'=HYPERLINK("http://evil.test")'
    }
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_chinese_browsers_get_a_chinese_table(open_tab, address):
    tab = open_tab(address, locale="zh-CN")
    tab.page.get_by_role("tab", name="数据").click()
    tab.page.select_option("#figure-scope", "=acme.md")
    tab.page.locator("#figure-table tbody tr").first.wait_for()
    headings = tab.page.locator("#figure-table th").all_text_contents()
    assert headings == ["原文", "数值", "单位", "指标", "主体", "期间"]

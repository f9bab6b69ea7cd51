"""Formats: the same document in each gives the same text, tables, answers and exact citations."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from format_files import FORMATS, PROSE, ROWS, TITLE, UNITS, pdf

import rag
from rag.documents import locate, read_documents, read_folder
from rag.documents.readers import Extracted, UnreadableError, extract, format_of
from rag.documents.readers.cell_formats import displayed
from rag.documents.readers.grids import table_of

ASKED = {
    "How many tonnes of tea did Larkfield Tea sell in 2024?": ("634", PROSE[0]),
    "How many people does Larkfield Tea employ?": ("1,280", PROSE[1]),
    "What was the revenue of Larkfield Tea in 2023?": ("1,101.2", "Revenue"),
    "What was the net profit of Larkfield Tea in 2023?": ("88.0", "Net profit"),
}
TABLE = "| Revenue | 1,234.5 | 1,101.2 |"


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, rag.Document]:
    folder = tmp_path_factory.mktemp("formats")
    for name, write in FORMATS.items():
        (folder / name).write_bytes(write())
    return {document.id: document for document in read_documents(folder)}


def read(data: bytes, suffix: str = ".txt") -> Extracted:
    return extract(format_of(data, suffix).module, data)


# --- one document, every format ------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_title_prose_and_figures_come_out_of_every_format(
    documents: dict[str, rag.Document], name: str
) -> None:
    document = documents[name]
    assert document.title == TITLE
    for text in (*PROSE, UNITS, *(cell for row in ROWS[1:] for cell in row)):
        assert text in document.text
    if name != "report.txt":
        assert TABLE in document.text.splitlines()
        header = document.text.split(TABLE)[0].splitlines()[-2]
        assert [cell.strip() for cell in header.split("|")[1:-1]] == ["", "2024", "2023"]
    for said in ("777", "999 other", "About"):
        assert said not in document.text


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_answers_with_exact_citations(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(FORMATS[name]())
    index = rag.build_index(tmp_path, tmp_path / "index", encoder="word-hash")
    for question, (figure, source) in ASKED.items():
        answer = rag.answer(question, index)
        assert figure in answer.text, answer
        for citation in answer.citations:
            text = index.document(citation.document_id).text
            assert text[citation.start : citation.end] == citation.quote
            assert source in citation.quote
            assert citation.page == (1 if name.endswith("pdf") else None)


@pytest.mark.parametrize(
    ("name", "words", "places"),
    [
        ("report.pdf", TABLE, {"page": "1", "heading": f"{TITLE} › Results"}),
        ("report.xlsx", TABLE, {"sheet": "Results", "row": "7"}),
        ("report.csv", TABLE, {"row": "6"}),
        ("report.docx", PROSE[1], {"paragraph": "4", "heading": f"{TITLE} › Results"}),
        ("report.html", PROSE[1], {"heading": f"{TITLE} › Results"}),
        ("report.json", PROSE[1], {"record": "1", "heading": TITLE}),
        ("report.md", PROSE[1], {}),
    ],
)
def test_places_lead_back_to_the_file(
    documents: dict[str, rag.Document], name: str, words: str, places: dict[str, str]
) -> None:
    document = documents[name]
    assert locate(document, document.text.index(words)) == places


def test_places_survive_the_index(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf())
    built = rag.build_index(tmp_path, tmp_path / "index", encoder="word-hash")
    loaded = rag.load_index(tmp_path / "index")
    assert loaded.documents == built.documents
    assert loaded.documents[0].locations


# --- what a format says of itself ----------------------------------------------------------------


def test_the_bytes_decide_whatever_the_name_says(tmp_path: Path) -> None:
    swapped = {"a.txt": "report.pdf", "b.pdf": "report.html", "c.csv": "report.xlsx"}
    swapped |= {"d.html": "report.docx", "e.xlsx": "report.docx"}
    for name, other in swapped.items():
        (tmp_path / name).write_bytes(FORMATS[other]())
    found = {document.id: document for document in read_documents(tmp_path)}
    assert [found[name].note.split(";")[0] for name in swapped] == [
        "PDF under the name of a .txt file",
        "HTML under the name of a .pdf file",
        "Excel under the name of a .csv file",
        "Word under the name of a .html file",
        "Word under the name of a .xlsx file",
    ]
    assert all(PROSE[0] in document.text for document in found.values())


def test_a_missing_library_is_named_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import rag.documents.readers as readers

    (tmp_path / "a.pdf").write_bytes(pdf())
    (tmp_path / "b.md").write_text("# Text\n\nSome text.")
    monkeypatch.setattr(readers, "find_spec", lambda name: None)
    _, skipped = read_folder(tmp_path)
    assert [skip.reason for skip in skipped] == [
        "PDF needs a library: pip install 'cited-rag[pdf]'"
    ]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (-1234.5, "#,##0.0_);(#,##0.0)", "(1,234.5)"),
        (0.1234, "0.0%", "12.3%"),
        (1234567, "#,##0,", "1,235"),
        (12.5, '"RMB "#,##0.0" m"', "RMB 12.5 m"),
        (5, "[$€-407] #,##0.00", "€ 5.00"),
        (0, '#,##0;(#,##0);"-"', "-"),
        (0.1 + 0.2, "General", "0.3"),
        (1882.54, "General", "1882.54"),
        (2.5, "0", "3"),
        (True, "General", "TRUE"),
        (None, "General", ""),
        (" text ", "@", "text"),
    ],
)
def test_cells_as_the_sheet_shows_them(value: object, number_format: str, shown: str) -> None:
    assert displayed(value, number_format) == shown


def test_merged_headers_name_each_of_their_columns() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["", "Year ended 30 June", None, "Change"],
        ["", 2025, 2024, None],
        ["Sales", 5, 4, 1],
        ["Costs", 3, 3, 0],
    ):
        sheet.append(row)
    sheet.merge_cells("B1:C1")
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()).text.splitlines()[0] == (
        "|  | Year ended 30 June 2025 | Year ended 30 June 2024 | Change |"
    )


def test_signs_in_columns_of_their_own_join_their_figures() -> None:
    html = (
        "<html><body><p>(in thousands)</p><table>"
        "<tr><td></td><td colspan=3>2024</td><td></td><td colspan=3>2023</td></tr>"
        "<tr><td>Revenue</td><td>$</td><td>1,234</td><td></td><td></td>"
        "<td>$</td><td>999</td><td></td></tr>"
        "<tr><td>Loss</td><td></td><td>(12</td><td>)</td><td></td>"
        "<td></td><td>(3</td><td>)</td></tr></table></body></html>"
    )
    assert read(html.encode()).text == (
        "(in thousands)\n\n|  | 2024 | 2023 |\n| --- | --- | --- |\n"
        "| Revenue | $1,234 | $999 |\n| Loss | (12) | (3) |"
    )


def test_a_page_without_its_furniture() -> None:
    html = b"""<html><head><meta charset="windows-1252"><title>T</title></head><body>
    <div class="cookie-notice">We use cookies</div><div id="top-menu"><a>A</a></div>
    <main><article><h1>Price of tea</h1><p>It r\xf6se by <b>5</b>&nbsp;% in\nMay.</p>
    <ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul><ol><li>first</li></ol>
    <p><strong>Outlook</strong></p><div class="share-links">Tweet this</div>
    <p style="display:none">hidden</p></article></main>
    <aside>Related: coffee</aside></body></html>"""
    found = read(html)
    assert found.text == (
        "# Price of tea\n\nIt röse by 5\xa0% in May.\n\n- one\n  - inner\n- two\n1. first"
        "\n\n**Outlook**"
    )
    assert (found.encoding, found.note) == ("windows-1252", "")


@pytest.mark.parametrize(
    ("data", "suffix", "lines"),
    [
        (b'a,b\n"x, y",5\nz,6\n', ".csv", ["| a | b |", "| --- | --- |", "| x, y | 5 |"]),
        (b"a\tb\nx\t5\ny\t6\n", ".tsv", ["| a | b |", "| --- | --- |", "| x | 5 |"]),
        ("n\u00e4me;wert\nx;1,5\ny;2,5\n".encode("cp1252"), ".csv", ["| näme | wert |"]),
        (
            b'{"a": 1.10, "b": "x"}\n{"a": 2, "b": "y"}\n',
            ".jsonl",
            ["| a | b |", "", "| 1.10 | x |"],
        ),
    ],
)
def test_rows_of_data(data: bytes, suffix: str, lines: list[str]) -> None:
    found = read(data, suffix).text.splitlines()
    for line, expected in zip(found, lines, strict=False):
        assert line == expected or not expected


def test_a_news_dump_knows_text_title_date_and_address() -> None:
    story = "The harvest was good. " * 20
    data = {"status": "ok", "articles": [
        {"title": "One", "publishedAt": "2025-01-02", "url": "https://example.org/1", "x": story},
        {"title": "Two", "content": story},
    ]}  # fmt: skip
    found = read(json.dumps(data).encode(), ".json")
    assert found.text == (
        f"## One\n\n2025-01-02 · https://example.org/1\n\n{story.strip()}\n\n"
        f"## Two\n\n{story.strip()}"
    )


def test_a_table_without_a_header_has_none() -> None:
    assert table_of([["Staff", "634"], ["Sites", "5"]]).lines == [
        "| Staff | 634 |",
        "| Sites | 5 |",
    ]


# --- PDF -----------------------------------------------------------------------------------------


def test_a_table_goes_on_over_a_page_break() -> None:
    rows = [
        ("", "2024", "2023"),
        *((f"Item number {i}", f"{i},000", f"{i}.5") for i in range(1, 120)),
    ]
    found = read(pdf(rows=rows))
    lines = found.text.splitlines()
    first = lines.index("|  | 2024 | 2023 |")
    assert lines[first + 2 :] == [f"| Item number {i} | {i},000 | {i}.5 |" for i in range(1, 120)]
    pages = [place for place in found.locations if place.kind == "page"]
    assert [place.name for place in pages] == ["1", "2", "3", "4"]
    assert pages[-1].end == len(found.text)


def test_columns_of_text_are_read_one_after_the_other() -> None:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    for i in range(12):
        canvas.drawString(60, 700 - 14 * i, f"Left column line {i} says a few words")
        canvas.drawString(320, 700 - 14 * i, f"right column line {i} says a few more")
    canvas.save()
    text = read(out.getvalue()).text
    assert text.index("Left column line 11") < text.index("right column line 0")
    assert "|" not in text


def test_page_numbers_and_running_heads_are_left_out() -> None:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    for page in range(1, 6):
        canvas.drawString(60, 800, f"Annual report 2024 – {page}")
        canvas.drawString(60, 500, f"Text of its own on the page, which is number {page * 11}.")
        canvas.drawString(300, 20, str(page))
        canvas.showPage()
    canvas.save()
    found = read(out.getvalue())
    assert found.text.count("Annual report 2024") == 1
    assert [line for line in found.text.splitlines() if line.strip().isdigit()] == []
    assert found.text.count("number 55") == 1


def drawn(*words: tuple[float, float, str], right: bool = False) -> bytes:
    """A page with words at (x, y from the top)."""
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(600, 800))
    canvas.setFont("Helvetica", 10)
    for x, y, text in words:
        (canvas.drawRightString if right and x > 200 else canvas.drawString)(x, 800 - y, text)
    canvas.save()
    return out.getvalue()


def test_a_header_over_several_columns_names_each_of_them() -> None:
    head = [(275, 100, "2024"), (435, 100, "2023")]
    names = [(x, 114, name) for x, name in ((230, "Amount"), (300, "Share"), (390, "Amount"))]
    names.append((460, 114, "Share"))
    rows = [
        (x, 128 + 14 * i, cell)
        for i, row in enumerate(
            (("Tea", "120", "60%", "100", "50%"), ("Milk", "80", "40%", "90", "45%"))
        )
        for x, cell in zip((60, 240, 305, 400, 465), row, strict=True)
    ]
    assert read(drawn(*head, *names, *rows)).text.splitlines() == [
        "|  | 2024 Amount | 2024 Share | 2023 Amount | 2023 Share |",
        "| --- | --- | --- | --- | --- |",
        "| Tea | 120 | 60% | 100 | 50% |",
        "| Milk | 80 | 40% | 90 | 45% |",
    ]


def test_figures_close_together_stay_in_their_columns() -> None:
    rows = [
        ("", "2024", "2023"),
        ("Notes payable", "$491,655", "$1,134,733"),
        ("Leases", "187", "4"),
    ]
    words = [
        (x, 100 + 14 * i, cell)
        for i, row in enumerate(rows)
        for x, cell in zip((60, 300, 357), row, strict=True)
        if cell
    ]
    assert read(drawn(*words, right=True)).text.splitlines()[2:] == [
        "| Notes payable | $491,655 | $1,134,733 |",
        "| Leases | 187 | 4 |",
    ]


def test_two_tables_stay_apart() -> None:
    first = [("", "2024", "2023"), ("Tea", "5", "6"), ("Milk", "7", "8")]
    second = [("", "2024", "2023"), ("Staff", "51", "52"), ("Sites", "3", "4")]
    words = [
        (x, top + 14 * i, cell)
        for top, rows in ((100, first), (180, second))
        for i, row in enumerate(rows)
        for x, cell in zip((60, 300, 380), row, strict=True)
        if cell
    ]
    text = read(drawn(*words, (60, 165, "People and places:"))).text
    assert text.count("\n| --- ") == 2
    assert "People and places:" in text.splitlines()


def test_a_word_parted_at_the_end_of_a_line_is_whole_again() -> None:
    lines = (
        "The board praised the man-",
        "agement for its long-",
        "term plans, and the manage-",
        "ment was glad.",
    )
    words = [(60, 100 + 12 * i, line) for i, line in enumerate(lines)]
    assert read(drawn(*words)).text == (
        "The board praised the management for its long-term plans, and the management was glad."
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "pictures",
            "no text layer: its pages are pictures; run text recognition (OCR) on it first",
        ),
        ("locked", "encrypted: save it without a password"),
        ("cut", "damaged: no readable PDF"),
    ],
)
def test_a_pdf_without_text_says_why(name: str, reason: str) -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("secret") if name == "locked" else None)
    canvas.rect(10, 10, 50, 50) if name == "pictures" else canvas.drawString(60, 500, "Some words")
    canvas.save()
    data = out.getvalue()[:40] if name == "cut" else out.getvalue()
    with pytest.raises(UnreadableError) as caught:
        read(data)
    assert str(caught.value).startswith(reason)


# --- office files that are none ------------------------------------------------------------------


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (archive(**{"a.zip": archive(b=b"x")}), "a zip archive, not a document"),
        (archive(**{"word__document.xml": bytes(30_000_000)}), "unpacks to 30 MB"),
        (archive(**{"word__document.xml": b"<x/>"}), "damaged: "),
        (archive(**{"xl__workbook.xml": b"<x"}), "damaged: "),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "an office file of before 2007"),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted: save it without a password",
        ),
    ],
)
def test_a_broken_office_file_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(data, ".docx")
    assert str(caught.value).startswith(reason)


# --- the command line ----------------------------------------------------------------------------


def test_the_report_says_what_was_read_skipped_and_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from rag.cli import app

    (tmp_path / "a.pdf").write_bytes(pdf())
    (tmp_path / "b.xlsx").write_bytes(FORMATS["report.xlsx"]())
    (tmp_path / "c.txt").write_bytes("Crème brûlée – à l’hôtel".encode("cp1252") * 9)
    (tmp_path / "d.docx").write_bytes(b"nothing")
    index = str(tmp_path / "index")
    run = CliRunner().invoke
    build = ["build", str(tmp_path), "--index", index, "--model", "word-hash", "--report"]
    lines = run(app, build).output.splitlines()[1:]
    assert lines == [
        "read a.pdf: PDF, 1 page, 1 table, 1 passage, "
        "saved 2000-01-01 (the file's field CreationDate)",
        "read b.xlsx: Excel, 1 table, 1 passage, 1 hidden sheet left out",
        "read c.txt: cp1252, 1 passage, encoding guessed: cp1252",
        "skipped d.docx: no Word file: it does not begin as one",
    ]
    found = run(app, ["search", "--index", index, "tea tonnes sold", "-k", "9"]).output
    assert "[1] a.pdf, page 1 " in found or "a.pdf, page 1 " in found
    assert "b.xlsx, sheet Results, row 1 " in found

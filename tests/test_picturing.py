"""Quotes on pictures of their pages: the words that are marked are the quote's, and no others."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from conftest import quote_best, serving
from format_files import FORMATS, pdf

import rag
from chat.library import Library
from rag.documents import draw_page, pages_of, read_document
from rag.documents.readers.pdf_picture import places_of
from rag.documents.readers.pdf_words import Word
from rag.errors import DocumentError
from rag.types import Document

REVENUE = "| Revenue | 1,234.5 | 1,101.2 |"


def words(*lines: str) -> list[Word]:
    """Words of ten points, a line every twenty."""
    found = []
    for row, line in enumerate(lines):
        x = 0.0
        for text in line.split():
            found.append(Word(x, x + 5 * len(text), 20 * row, 20 * row + 10, 10, False, text))
            x += 5 * len(text) + 3
    return found


def marked(page: list[Word], quote: str, before: str = "") -> tuple[list[str], int]:
    found, missing = places_of(page, quote, before, 800)
    return [page[i].text for i in sorted(found)], missing


def test_the_words_of_a_sentence() -> None:
    page = words("Costs fell. Revenue was 12.5 mil-", "lion euros. Costs fell.")
    assert marked(page, "Revenue was 12.5 million euros.") == (
        ["Revenue", "was", "12.5", "mil-", "lion", "euros."],
        0,
    )
    assert places_of(page, "Costs fell.", "", 800)[0] == {0, 1}
    assert places_of(page, "Costs fell.", "12.5 million euros. ", 800)[0] == {8, 9}


def test_a_row_whose_cells_are_parted_on_the_page() -> None:
    page = words("Total revenue 7 9", "Other 7", "Revenue of 5 6", "services")
    quote = "| Revenue of services | 5 | 6 |"
    assert marked(page, quote) == (["Revenue", "of", "5", "6", "services"], 0)


def test_no_part_of_a_word_is_marked_and_what_is_missing_is_counted() -> None:
    page = words("Revenues rose to 1234 euros")
    assert marked(page, "Revenue") == ([], 1)
    assert marked(page, "| Revenue | 123 |") == ([], 2)
    assert marked(page, "Profit rose") == (["rose"], 1)
    assert marked(page, "|") == ([], 0)
    assert marked([], "Revenue") == ([], 1)


def test_a_word_far_from_the_rest_of_the_quote_is_not_marked() -> None:
    page = words("Revenue 1,234.5 euros", *["filler"] * 20, "profit")
    assert marked(page, "Revenue 1,234.5 profit") == (["Revenue", "1,234.5"], 1)


# --- files ---------------------------------------------------------------------------------------


def written(folder: Path, data: bytes) -> Document:
    (folder / "a.pdf").write_bytes(data)
    return read_document(folder, "a.pdf")


def span(document: Document, quote: str) -> tuple[int, int]:
    start = document.text.index(quote)
    return start, start + len(quote)


def dark(image: bytes, box: tuple[float, float, float, float]) -> float:
    """Share of dark pixels within a box of a picture."""
    from PIL import Image

    picture = Image.open(io.BytesIO(image)).convert("L")
    x, y, width, height = box
    across, down = picture.size
    cut = picture.crop(
        (int(x * across), int(y * down), int((x + width) * across), int((y + height) * down))
    )
    return sum(cut.histogram()[:128]) / (cut.width * cut.height)


def test_a_box_lies_on_the_ink_of_the_words(tmp_path: Path) -> None:
    document = written(tmp_path, pdf())
    for quote in (REVENUE, "sold 634 tonnes of tea"):
        drawn = draw_page(tmp_path, document, *span(document, quote), 1)
        assert drawn.missing == 0
        assert drawn.boxes
        assert all(0 <= side <= 1 for box in drawn.boxes for side in box)
        assert all(dark(drawn.image, box) > 0.05 for box in drawn.boxes)
    assert drawn.type == "image/png"
    assert drawn.width in (1400, 1401)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turned_and_cut_pages(tmp_path: Path, turn: int) -> None:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(600, 600), cropBox=(50, 100, 590, 550))
    canvas.setPageRotation(turn)
    canvas.setFont("Helvetica", 14)
    canvas.drawString(80, 500, "Quince prices rose by")
    canvas.drawString(80, 480, "ZWOLF per cent in March.")
    canvas.save()
    document = written(tmp_path, out.getvalue())
    drawn = draw_page(tmp_path, document, *span(document, "ZWOLF"), 1)
    assert drawn.missing == 0
    (box,) = drawn.boxes
    assert dark(drawn.image, box) > 0.1
    assert all(0 < side < 1 for side in (*box, box[0] + box[2], box[1] + box[3]))
    upright = turn in (0, 180)
    assert (drawn.width > drawn.height) == upright
    assert (box[2] * drawn.width > box[3] * drawn.height) == upright


def test_a_quote_over_two_pages_is_marked_on_each(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 90, "The mill paid the growers")
    canvas.showPage()
    canvas.drawString(72, 700, "twelve million euros for their quinces.")
    canvas.save()
    document = written(tmp_path, out.getvalue())
    start, end = span(document, "growers twelve million")
    assert pages_of(document, start, end) == [1, 2]
    for page in (1, 2):
        drawn = draw_page(tmp_path, document, start, end, page)
        assert (len(drawn.boxes), drawn.missing) == (1, 0)


def test_what_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    document = written(tmp_path, pdf())
    with pytest.raises(DocumentError, match="has no page 9 that can be drawn"):
        draw_page(tmp_path, document, 0, 5, 9)
    (tmp_path / "b.txt").write_text("Revenue was 5.")
    with pytest.raises(DocumentError, match="has no page 1"):
        draw_page(tmp_path, read_document(tmp_path, "b.txt"), 0, 5, 1)
    (tmp_path / "a.pdf").write_bytes(pdf(ruled=False))
    with pytest.raises(DocumentError, match="has changed since it was read: run `rag build`"):
        draw_page(tmp_path, document, 0, 5, 1)
    (tmp_path / "a.pdf").unlink()
    with pytest.raises(DocumentError):
        draw_page(tmp_path, document, 0, 5, 1)


def test_a_page_of_any_size_is_bounded(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    for size in ((14_400, 14_400), (20, 14_400), (14_400, 30)):
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=size)
        canvas.drawString(2, 10, "Quince")
        canvas.save()
        document = written(tmp_path, out.getvalue())
        drawn = draw_page(tmp_path, document, 0, 6, 1)
        assert 0 < drawn.width * drawn.height <= 4_100_000


# --- the chat ------------------------------------------------------------------------------------

browser = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Gradio's own use of pandas


@pytest.fixture
def library(tmp_path: Path) -> Library:
    source = tmp_path / "documents"
    source.mkdir()
    (source / "report.pdf").write_bytes(FORMATS["report.pdf"]())
    (source / "notes.txt").write_text("Revenue notes\n\nRevenue of the mill rose in 2024.\n")
    index = rag.build_index(source, tmp_path / "index", encoder="word-hash")
    return Library(lambda: index, [], source, quote_best)


def test_the_route_gives_pages_and_refuses_what_it_cannot_draw(library: Library) -> None:
    from conftest import app_of
    from starlette.testclient import TestClient

    document = library.index().document("report.pdf")
    start, end = span(document, REVENUE)
    where = {"document": "report.pdf", "start": start, "end": end}
    with TestClient(app_of(library), base_url="http://127.0.0.1") as client:
        reply = client.get("/chat/pictures", params=where)
        (page,) = reply.json()
        assert page["image"].startswith("data:image/png;base64,")
        assert (page["page"], page["missing"], len(page["boxes"])) == (1, 0, 3)
        assert client.get("/chat/pictures", params=where).json() == [page]
        for other in ({"document": "notes.txt", "end": 9}, {"mark": "00000000"}, {"end": 10**9}):
            assert (
                client.get("/chat/pictures", params={**where, "start": 0, **other}).status_code
                == 404
            )
        assert client.get("/chat/pictures", params={**where, "document": "../x"}).status_code == 404
        (Path(library.source or "") / "report.pdf").unlink()
        assert client.get("/chat/pictures", params={**where, "end": end - 2}).status_code == 404


@browser
@pytest.mark.browser
@pytest.mark.parametrize("width", [1400, 390])
def test_the_reader_changes_between_text_and_page(open_tab, library: Library, width: int) -> None:  # type: ignore[no-untyped-def]
    document = library.index().document("report.pdf")
    start, end = span(document, REVENUE)
    with serving(library) as address:
        tab = open_tab(address, f"/#src/report.pdf/{start}-{end}", width=width, height=800)
        page = tab.page
        assert "file saved 2000-01-01 · field CreationDate" in page.inner_text("#reader .dated")
        page.locator("#hit").wait_for()
        button = page.get_by_role("button", name="Page", exact=True)
        button.click()
        page.locator(".sheet img").wait_for()
        assert page.locator(".marked").count() == 3
        assert not page.locator("#hit").is_visible()
        picture = page.locator(".sheet").bounding_box()
        for box in page.locator(".marked").all():
            place = box.bounding_box()
            assert (
                picture["x"]
                < place["x"]
                < place["x"] + place["width"]
                < picture["x"] + picture["width"]
            )
        assert picture["x"] >= 0
        assert picture["x"] + picture["width"] <= width
        page.get_by_role("button", name="Text", exact=True).click()
        assert page.locator("#hit").is_visible()
        assert page.locator(".sheet").count() == 0
        (Path(library.source or "") / "report.pdf").unlink()
        start, end = span(document, "634 tonnes")
        page.goto(f"{address}/#src/report.pdf/{start}-{end}")
        page.reload()
        page.get_by_role("button", name="Page", exact=True).click()
        page.get_by_text("The page cannot be drawn; this is its text.").wait_for()
        assert page.locator("#hit").is_visible()
        page.goto(f"{address}/#src/notes.txt/0-7")
        page.reload()
        page.locator("#hit").wait_for()
        assert page.get_by_role("button", name="Page", exact=True).count() == 0
        assert tab.outside == []

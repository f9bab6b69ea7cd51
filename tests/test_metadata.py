"""What is known of a document as a whole, and what says so; files of every format, made here."""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.documents import read_document, read_documents, said_by
from rag.documents.metadata import find_metadata
from rag.documents.readers import Field
from rag.documents.tongues import tongue_of
from rag.index.records import Documents, document_line, table_bytes
from rag.types import Document, Fact, Metadata


def known(text: str, *fields: Field, stem: str = "notes", many: bool = False) -> Metadata:
    return find_metadata(text, (), fields, stem, many)


def said(text: str, fact: Fact | None) -> tuple[str, str] | None:
    """The value and the words in the text that give it."""
    return None if fact is None or fact.span is None else (fact.value, text[slice(*fact.span)])


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("Quince prices\n\nPublished: 5 March 2025\n\nText.", "2025-03-05", "5 March 2025"),
        ("Quince prices\n\nPublished on 2025-03-05 at 10:30 GMT\n", "2025-03-05", "2025-03-05"),
        ("---\ntitle: Quince\ndate: 2025-03-05\n---\n\nText.", "2025-03-05", "2025-03-05"),
        ("Quince\n\n*By Ada Lund, Evening Echo, 5 March 2025*\n", "2025-03-05", "5 March 2025"),
        ("Quince\n\nMarch 5, 2025 | Markets\n\nText.", "2025-03-05", "March 5, 2025"),
        ("Quince\n\n5 March 2025\n\nText.", "2025-03-05", "5 March 2025"),
        ("Quince\n\nMarch 2025\n\nText.", "2025-03", "March 2025"),
        ("Quince\n\nLIMA, 5 March 2025 (Echo) – The price rose.", "2025-03-05", "5 March 2025"),
        ("Quince\n\nLIMA, March 5, 2025 /Wire/ -- The price.", "2025-03-05", "March 5, 2025"),
        ("# Market wrap, Wednesday 5 March 2025\n\nText.", "2025-03-05", "5 March 2025"),
        ("榅桲价格\n\n发布时间：2025年3月5日\n\n正文。", "2025-03-05", "2025年3月5日"),
    ],
)
def test_publication_is_found_where_dates_stand(text: str, value: str, words: str) -> None:
    assert said(text, known(text).published) == (value, words)


@pytest.mark.parametrize(
    "text",
    [
        "Quince\n\nThe mill opened on 5 March 2025.",  # an event
        "Quince\n\nOn 5 March 2025 the mill opened.",
        "# The mill as of 5 March 2025\n\nText.",  # a state
        "Quince\n\nPublished: 3/5/2025\n",  # two readings
        "Quince\n\nText.\n" + "More of it.\n" * 40 + "Published: 5 March 2025\n",  # far down
        "Quince\n\n| Date | Price |\n|---|---|\n| 5 March 2025 | 4 |\n",
    ],
)
def test_a_date_of_something_else_is_not_taken(text: str) -> None:
    assert known(text).published is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("# Lund Mills\n\nfor the year ended 31 December 2024\n", "2024-01-01/2024-12-31"),
        ("# Lund Mills\n\nHalf year ended 30 September 2024\n", "2024-04-01/2024-09-30"),
        ("# Results for the six months to 30 June 2024\n", None),
        ("# Lund Mills: annual report 2024\n\nText.", "2024-01-01/2024-12-31"),
        ("# Lund Mills results, Q2 2025\n\nText.", "2025-04-01/2025-06-30"),
        ("# The mills as at 31 December 2024\n\nText.", "2024-12-31/2024-12-31"),
        ("# Lund Mills in 2024\n\nText.", None),
        ("# Lund Mills\n\nReport on 2023 and 2024\n", None),
    ],
)
def test_the_period_covered(text: str, value: str | None) -> None:
    found = known(text).period
    if "six months" in text:
        value = "2024-01-01/2024-06-30"
    assert (found and found.value) == value


def test_who_wrote_it() -> None:
    text = "Quince\n\n*By Ada Lund, Evening Echo, 5 March 2025*\n"
    assert said(text, known(text).source) == ("Ada Lund, Evening Echo",) * 2
    assert known("Quince\n\nSource: Evening Echo\n").source.value == "Evening Echo"  # type: ignore[union-attr]
    assert known("Quince\n\nBy region\n\nBy 2030 all will be well.\n").source is None


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("The price of the fruit rose in March and is now higher than that of the year.", "en"),
        ("Der Preis der Quitten ist im März gestiegen und die Ernte ist nicht verloren.", "de"),
        ("Le prix des coings est en hausse dans les marchés et la récolte est bonne.", "fr"),
        ("榅桲的价格在三月上涨。", "zh"),
        ("マルメロの価格は上がった。", "ja"),
        ("Q2 2025: 4.1 5.2 6.3", None),
    ],
)
def test_the_language(text: str, tongue: str | None) -> None:
    found = tongue_of(text)
    assert (found and found.value) == tongue


@given(st.text(max_size=300))
def test_any_text_is_looked_at_and_spans_lie_in_it(text: str) -> None:
    for fact in (known(text).published, known(text).period, known(text).source):
        if fact:
            assert fact.span is not None
            assert 0 <= fact.span[0] < fact.span[1] <= len(text)


# --- what is believed first ----------------------------------------------------------------------


def test_a_field_goes_before_the_text_the_text_before_the_name_the_name_before_saving() -> None:
    text = "Quince\n\nPublished: 5 March 2025\n"
    field = Field("published", "date", "2025-03-07T10:00:00Z")
    saved = Field("saved", "modified", "2025-04-01")
    stem = "quince_2025-03-06"
    assert known(text, field, saved, stem=stem).published == Fact("2025-03-07", "date")
    assert said(text, known(text, saved, stem=stem).published) == ("2025-03-05", "5 March 2025")
    assert known("Quince", saved, stem=stem).published == Fact("2025-03-06", "file name")
    assert known("Quince", saved, stem="20250306_q").published == Fact("2025-03-06", "file name")
    assert known("Quince", saved).published == Fact("2025-04-01", "modified", sure=False)


def test_saving_is_believed_only_after_the_period_and_not_long_after() -> None:
    text = "# Annual report 2024\n"
    days = {"2025-02-01": True, "2024-06-01": False, "2031-01-01": False}
    for day, believed in days.items():
        assert (known(text, Field("saved", "created", day)).published is not None) is believed


def test_first_lines_of_one_record_do_not_speak_for_the_file() -> None:
    assert known("Quince\n\n5 March 2025\n", many=True).published is None


@pytest.mark.parametrize(
    "value", ["3/5/2025", "", "yesterday", "2025-13-40", "D:2025", "0000-01-01"]
)
def test_a_field_that_is_no_date_is_passed_over(value: str) -> None:
    later = Field("published", "pubdate", "Wed, 5 March 2025")
    assert known("Q", Field("published", "date", value), later).published == Fact(
        "2025-03-05", "pubdate"
    )


@pytest.mark.parametrize("name", ["Microsoft Office User", "admin", "a@b.example", "(anonymous)"])
def test_nobody_is_no_author(name: str) -> None:
    assert known("Q", Field("source", "Author", name)).source is None


# --- files ---------------------------------------------------------------------------------------

HTML = """<!doctype html><html lang="en-GB"><head><title>Quince</title>
<meta property="og:site_name" content="Evening Echo"> {head}</head><body><article><h1>Quince</h1>
{body}<p>The price of the quince rose in March and that of the pear is lower than it was.</p>
</article><aside><time datetime="2019-01-01">old</time></aside></body></html>"""
LINKED = {"@graph": [{"@type": "WebSite"}, {"datePublished": "2025-03-05", "author": "Ada Lund"}]}


@pytest.mark.parametrize(
    ("head", "body", "field"),
    [
        ('<meta property="article:published_time" content="2025-03-05T08:00+01:00">', "", "meta "),
        (f'<script type="application/ld+json">{json.dumps(LINKED)}</script>', "", "JSON-LD "),
        ('<meta name="dcterms.issued" content="2025-03-05">', "", "meta "),
        ("", '<time datetime="2025-03-05">5 March</time>', "time"),
        ('<script type="application/ld+json">{broken</script>', "<p>5 March 2025</p>", ""),
    ],
)
def test_a_page_says_when_it_was_published(
    tmp_path: Path, head: str, body: str, field: str
) -> None:
    (tmp_path / "a.html").write_text(HTML.format(head=head, body=body))
    found = read_documents(tmp_path)[0].metadata
    assert found.published is not None
    assert found.published.value == "2025-03-05"
    assert found.published.field.startswith(field)
    assert found.source is not None
    assert found.source.value in ("Evening Echo", "Ada Lund")
    assert found.language is not None
    assert found.language.value == "en"


def test_a_time_outside_the_article_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(HTML.format(head="", body=""))
    assert read_documents(tmp_path)[0].metadata.published is None


def test_json_fields(tmp_path: Path) -> None:
    record = {
        "title": "Quince",
        "published": "2025-03-05",
        "source": "Echo",
        "body": "It rose. " * 9,
    }
    (tmp_path / "one.json").write_text(json.dumps(record))
    (tmp_path / "two.json").write_text(json.dumps([record, {**record, "published": "2024-01-01"}]))
    one, two = (document.metadata for document in read_documents(tmp_path))
    assert one.published == Fact("2025-03-05", "published")
    assert one.source == Fact("Echo", "source")
    assert two.published is None


def test_office_properties(tmp_path: Path) -> None:
    import docx
    import openpyxl

    document = docx.Document()
    document.add_paragraph("Quince prices rose.")
    document.save(str(tmp_path / "untouched.docx"))
    document.core_properties.author = "Ada Lund"
    document.core_properties.modified = datetime(2025, 3, 5)
    document.save(str(tmp_path / "written.docx"))
    book = openpyxl.Workbook()
    book.active.append(["Quince", 4])
    book.properties.creator = "Ada Lund"
    book.save(tmp_path / "book.xlsx")
    found = {d.id: d.metadata for d in read_documents(tmp_path)}
    assert found["untouched.docx"].published is found["untouched.docx"].source is None
    assert found["written.docx"].published == Fact("2025-03-05", "modified", sure=False)
    assert found["written.docx"].source == Fact("Ada Lund", "author")
    assert found["book.xlsx"].source == Fact("Ada Lund", "author")


XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:Description><dc:date><rdf:Seq>"
    b"<rdf:li>2025-03-05</rdf:li></rdf:Seq></dc:date></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def test_pdf_info_and_xmp(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.setAuthor("Ada Lund")
    canvas.drawString(72, 700, "Quince prices rose by four per cent.")
    canvas.save()
    (tmp_path / "info.pdf").write_bytes(out.getvalue())
    (tmp_path / "xmp.pdf").write_bytes(out.getvalue() + b"\n%" + XMP + b"\n%%EOF\n")
    info, xmp = (document.metadata for document in read_documents(tmp_path))
    assert info.published == Fact("2000-01-01", "CreationDate", sure=False)
    assert info.source == Fact("Ada Lund", "Author")
    assert xmp.published == Fact("2025-03-05", "XMP dc:date")


# --- what becomes of it --------------------------------------------------------------------------


def test_it_is_stored_and_comes_back_equal(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Annual report 2024\n\nBy Ada Lund, 5 March 2025\n")
    document = read_document(tmp_path, "a.md")
    assert document.metadata.period is not None
    line = document_line(document)
    stored = Documents(line, table_bytes([[0, len(line)], [0, 0]]), ["a.md"])
    assert stored == (document,)


def test_the_day_of_a_document() -> None:
    year = Fact("2024-01-01/2024-12-31")
    assert Metadata().day == ""
    assert Metadata(period=year).day == "2024-12-31"
    assert Metadata(Fact("2025-03-05"), year).day == "2025-03-05"
    assert Metadata(Fact("2025-03")).day == "2025-03-01"
    date.fromisoformat(Metadata(Fact("2025-03")).day)


def test_evidence_in_words() -> None:
    text = "Quince\n\n" + "long " * 40 + "Published: 5 March 2025 " + "tail " * 40 + "\nmore"
    start = text.index("5 March")
    document = Document("a.md", "Quince", text)
    shown = said_by(document, Fact("2025-03-05", span=(start, start + 12)))
    assert shown.startswith("“… long long")
    assert "Published: 5 March 2025 tail" in shown
    assert shown.endswith("tail …”, line 3")
    assert said_by(document, Fact("2025-03-05", "modified")) == "the file's field modified"
    assert said_by(document, Fact("2025-03-05", "file name")) == "file name"

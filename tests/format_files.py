"""The same document written in every format, for the tests of reading them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence

TITLE = "Larkfield Tea: annual report"
SECTION = "Results"
PROSE = (
    "Larkfield Tea sold 634 tonnes of tea in 2024, as its board had expected.",
    "The company was founded in Dunmore by two brothers, and it employs 1,280 people.",
)
UNITS = "(EUR million)"
ROWS = (
    ("", "2024", "2023"),
    ("Revenue", "1,234.5", "1,101.2"),
    ("Cost of sales", "(812.4)", "(760.9)"),
    ("Net profit", "96.3", "88.0"),
)

Write = Callable[[], bytes]


def markdown() -> bytes:
    table = [f"| {' | '.join(row)} |" for row in ROWS]
    table.insert(1, "| --- | --- | --- |")
    parts = [f"# {TITLE}", f"## {SECTION}", *PROSE, UNITS, "\n".join(table)]
    return "\n\n".join(parts).encode()


def plain() -> bytes:
    table = ["\t".join(row) for row in ROWS]
    return "\n\n".join([TITLE, SECTION, *PROSE, UNITS, "\n".join(table)]).encode()


def page() -> bytes:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)
    return (
        f"<!doctype html><html><head><title>{TITLE} | A site</title></head><body>"
        "<nav><a href='/'>Home</a> <a href='/about'>About</a></nav>"
        f"<article><h1>{TITLE}</h1><h2>{SECTION}</h2>"
        + "".join(f"<p>{text}</p>" for text in PROSE)
        + f"<p>{UNITS}</p><table>{rows}</table></article>"
        "<footer>Imprint and 999 other things</footer><script>var x = '777 tonnes';</script>"
        "</body></html>"
    ).encode()


def word() -> bytes:
    import docx

    document = docx.Document()
    document.add_heading(TITLE, 0)
    document.add_heading(SECTION, 1)
    for text in (*PROSE, UNITS):
        document.add_paragraph(text)
    table = document.add_table(len(ROWS), len(ROWS[0]))
    for cells, row in zip(table.rows, ROWS, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text
    return _saved(document.save)


def excel() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Results"
    for text in (TITLE, *PROSE):
        sheet.append([text])
    sheet.append([])
    sheet.append([UNITS])
    sheet.append(["", 2024, 2023])
    for label, *figures in ROWS[1:]:
        values = [float(f.replace(",", "").replace("(", "-").rstrip(")")) for f in figures]
        sheet.append([label, *values])
        for cell in sheet[sheet.max_row][1:]:
            cell.number_format = "#,##0.0_);(#,##0.0)"
    book.create_sheet("Secret").sheet_state = "hidden"
    return _saved(book.save)


def delimited() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerows([[TITLE], *([text] for text in PROSE), [UNITS], *ROWS])
    return out.getvalue().encode("cp1252")


def records() -> bytes:
    table = markdown().decode().rpartition("\n\n")[2]
    text = "\n\n".join([*PROSE, UNITS, table])
    return json.dumps([{"headline": TITLE, "published": "2025-02-05", "body": text}]).encode()


def pdf(ruled: bool = True, rows: Sequence[Sequence[str]] = ROWS) -> bytes:
    from reportlab.lib import colors
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    styles = getSampleStyleSheet()
    grid = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)] if ruled else []
    story = [
        Paragraph(TITLE, styles["Title"]),
        Paragraph(SECTION, styles["Heading2"]),
        *(Paragraph(text, styles["BodyText"]) for text in (*PROSE, UNITS)),
        Spacer(1, 8),
        Table(
            [list(row) for row in rows],
            colWidths=[200, 70, 70],
            style=[*grid, ("ALIGN", (1, 0), (-1, -1), "RIGHT")],
            repeatRows=1,
        ),
    ]
    return _saved(lambda out: SimpleDocTemplate(out, invariant=1).build(story))


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    out = io.BytesIO()
    save(out)
    return out.getvalue()


FORMATS: dict[str, Write] = {
    "report.txt": plain,
    "report.md": markdown,
    "report.html": page,
    "report.docx": word,
    "report.xlsx": excel,
    "report.csv": delimited,
    "report.json": records,
    "report.pdf": pdf,
    "unruled.pdf": lambda: pdf(ruled=False),
}

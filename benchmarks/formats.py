#!/usr/bin/env python3
"""What reading a PDF costs: Markdown pages written as PDF, read back, asked the same questions.

    python benchmarks/formats.py PACK              a pack as for quality.py, its corpus in Markdown
    python benchmarks/formats.py PACK --keep DIR   and leave the PDF files there

Half of the PDFs have ruled tables. Measured: hit@5 and mrr on both, the share of table rows (with a
label and figures) of which every cell comes back the same, and pages a second on one core.
"""

from __future__ import annotations

import argparse
import html
import json
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from quality import RETRIEVED, read_pack
from record import RESULTS, circumstances, save
from scoring import Judgement, Prediction, judge, report

import rag

_RENAMED = str.maketrans({"‐": "-", "‑": "-", "−": "–", "ﬁ": "fi"})  # not in a PDF's own fonts
_WIDE = 60  # characters of a cell that is wrapped
_SPEED_PAGES = 400


def write_pdf(markdown: str, path: Path, ruled: bool) -> None:
    """Write a Markdown page of headings, paragraphs and pipe tables as PDF."""
    from reportlab.lib import colors
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    styles = getSampleStyleSheet()
    small = styles["BodyText"].clone("small", fontSize=8, leading=9.5)
    style: list[tuple[Any, ...]] = [("FONTSIZE", (0, 0), (-1, -1), 8)]
    style.append(("ALIGN", (1, 0), (-1, -1), "RIGHT"))
    if ruled:
        style.append(("GRID", (0, 0), (-1, -1), 0.5, colors.black))
    story: list[Any] = []
    for block in markdown.translate(_RENAMED).split("\n\n"):
        lines = [line for line in block.splitlines() if line.strip()]
        if rows := rows_of(lines):
            width = max(map(len, rows))
            cells = [
                [_cell(cell, small, j, width) for j, cell in enumerate(row + [""] * width)][:width]
                for row in rows
            ]
            story += [Table(cells, style=style, repeatRows=1, hAlign="LEFT"), Spacer(1, 8)]
            continue
        for line in lines:
            level = len(line) - len(line.lstrip("#"))
            kind = {0: "BodyText", 1: "Title"}.get(level, "Heading2")
            story.append(Paragraph(html.escape(line.lstrip("# ")), styles[kind]))
    SimpleDocTemplate(str(path)).build(story)


def rows_of(lines: Iterable[str]) -> list[list[str]]:
    """Return the cells of the lines of a pipe table, its separator left out; none if it is none."""
    found = []
    for line in lines:
        if not line.strip().startswith("|"):
            return []
        cells = [" ".join(cell.split()) for cell in line.strip().strip("|").split("|")]
        if any(cell.strip(":- ") for cell in cells):
            found.append(cells)
    return found


def _cell(cell: str, style: Any, column: int, width: int) -> Any:
    from reportlab.platypus import Paragraph

    if len(cell) <= (_WIDE if column == 0 else 90 // width):
        return cell
    return Paragraph(html.escape(cell), style)


def same_rows(markdown: Path, folder: Path) -> tuple[int, int]:
    """Return how many table rows come back from the PDFs with the same cells, and how many are."""
    same = total = 0
    for document in rag.read_documents(folder):
        text = (markdown / document.id).with_suffix(".md").read_text("utf-8").translate(_RENAMED)
        rows = [row for block in text.split("\n\n") for row in rows_of(block.splitlines())]
        wanted = [_bare(row) for row in rows if _is_data(row)]
        there = [_bare(row) for line in document.text.splitlines() for row in rows_of([line])]
        total += len(wanted)
        for row in wanted:
            if row in there:
                there.remove(row)
                same += 1
    return same, total


def _bare(row: Sequence[str]) -> tuple[str, ...]:
    """Return the cells without blanks and leaders, and without those that hold nothing."""
    return tuple(cell.replace(" ", "").rstrip(".") for cell in row if cell)


def _is_data(row: Sequence[str]) -> bool:
    """Return whether a row has a label and a figure that is no year."""
    years = [cell.isdigit() and len(cell) == 4 for cell in row]
    digits = [any(map(str.isdigit, cell)) for cell in row[1:]]
    return bool(row[0]) and any(digits) and not all(years[1:])


def pages_a_second(folder: Path) -> float:
    """Return the pages that one core reads in a second of its time, in this process."""
    from rag.documents.readers import extract

    pages, started = 0, time.process_time()
    for path in sorted(folder.glob("*.pdf")):
        found = extract("pdf", path.read_bytes())
        pages += sum(place.kind == "page" for place in found.locations)
        if pages >= _SPEED_PAGES:
            break
    return pages / (time.process_time() - started)


def judged(pack: Any, folder: Path, suffix: str) -> list[Judgement]:
    """Return the judgements of what is retrieved from the documents of a folder."""
    found = []
    with tempfile.TemporaryDirectory() as index_folder:
        index = rag.build_index(folder, index_folder)
        for question in pack.questions:
            hits = rag.retrieve(question["question"], index, k=RETRIEVED)
            named = tuple(
                (hit.passage.document_id.removesuffix(suffix) + ".md", hit.passage.text)
                for hit in hits
            )
            said = Prediction(question["id"], "", True, (), named, None)
            found.append(judge(question, said, {}))
    return [replace(judgement, seconds=None) for judgement in found]


def main() -> None:
    """Measure and keep the figures in ``results/formats.json``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pack", help="pack folder with a corpus of Markdown pages")
    parser.add_argument("--keep", type=Path, help="folder for the PDF files")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    options = parser.parse_args()
    pack = read_pack(options.pack)
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        for number, path in enumerate(sorted(pack.corpus.glob("*.md"))):
            write_pdf(path.read_text("utf-8"), folder / f"{path.stem}.pdf", ruled=number % 2 == 0)
        same, total = same_rows(pack.corpus, folder)
        measures = {
            name: {m: v for m, v in report(judged(pack, where, suffix)).items() if m in KEPT}
            for name, where, suffix in (("markdown", pack.corpus, ".md"), ("pdf", folder, ".pdf"))
        }
        record = circumstances(f"python benchmarks/formats.py {pack.name}")
        record |= {
            "pack": pack.name,
            **measures,
            "rows": total,
            "rows_same": round(100 * same / max(total, 1), 1),
            "pages_a_second": round(pages_a_second(folder), 1),
        }
    save(options.out / "formats.json", record)
    print(json.dumps({k: record[k] for k in list(record)[-6:]}, indent=1))


KEPT = ("hit@5", "mrr")

if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What the Figures tab says of each figure, against labels: what it measures, whose, and when.

    python benchmarks/figures.py                      129 figures labelled by hand
    python benchmarks/figures.py ~/packs/reports      and tables of a pack's Markdown pages

The labels by hand are in ``questions/figures.jsonl``: invented papers, each figure with its place,
the wordings of what it measures that are right, its owner and its period; empty where nobody can
tell. Of a pack only tables count whose header names one year a column: the label is then the first
cell of the row, the year above and the company that the page names, cut out here by code of its
own. ``precision`` is of what is said, ``recall`` of what is labelled. Results:
``results/figures.json``.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from record import RESULTS, ROOT, circumstances, save

from rag.documents import read_documents
from rag.figures import Period, find_periods
from rag.measuring import Measure, measure_document
from rag.passages import split_document
from rag.text import content_tokens
from rag.types import Document

LABELS = ROOT / "benchmarks" / "questions" / "figures.jsonl"
FIELDS = ("metric", "entity", "period")
_YEAR = re.compile(r"\D*\b(20\d\d)\D*")
_NUMBER = re.compile(r"\(?[$€£]? ?\d[\d,]*(?:\.\d+)?\)?")
_RULE = re.compile(r"[|:\s-]+")
_COMPANY = re.compile(r"^Company: (.+?)\. In this", re.MULTILINE)
_OF_A_TABLE = 6


@dataclass(frozen=True, slots=True)
class Label:
    """What is right of one figure: its place, wordings of the metric, owner, period; "" for none.

    ``year`` tells that any period of that year is right.
    """

    start: int
    printed: str
    metric: tuple[str, ...]
    entity: str
    period: str
    year: bool = False


def by_hand() -> Iterator[tuple[Document, list[Label]]]:
    """Yield the labelled papers."""
    for line in LABELS.read_text("utf-8").splitlines():
        paper = json.loads(line)
        labels = [Label(**{**f, "metric": tuple(f["metric"])}) for f in paper["figures"]]
        yield Document(f"{paper['title']}.md", paper["title"], paper["text"]), labels


def of_pack(folder: Path) -> Iterator[tuple[Document, list[Label]]]:
    """Yield the pages of a pack that have tables with a year above each column."""
    for document in read_documents(folder / "corpus"):
        company = _COMPANY.search(document.text)
        labels = list(_in_tables(document.text, company[1] if company else ""))
        if labels:
            yield document, labels


def _in_tables(text: str, company: str) -> Iterator[Label]:
    years: list[str] = []
    position, taken = 0, 0
    for line in text.splitlines(keepends=True):
        cells = line.strip().strip("|").split("|")
        if not line.startswith("|"):
            years = []
        elif not years:
            found = [_YEAR.fullmatch(cell) for cell in cells[1:]]
            distinct = {year[1] for year in found if year}
            years = [year[1] if year else "" for year in found]
            years, taken = (years if len(distinct) == len(cells) - 1 > 1 else ["-"]), 0
        elif years != ["-"] and not _RULE.fullmatch(line) and taken < _OF_A_TABLE:
            taken += 1
            yield from _in_row(line, position, years, company)
        position += len(line)


def _in_row(line: str, position: int, years: list[str], company: str) -> Iterator[Label]:
    label, at = line.strip().strip("|").split("|")[0].strip(), line.index("|", 1)
    for year, cell in zip(years, line[at + 1 :].split("|"), strict=False):
        number = _NUMBER.fullmatch(cell.strip())
        if number and label and not _YEAR.fullmatch(number[0]):
            start = position + at + 1 + len(cell) - len(cell.lstrip())
            yield Label(start, number[0], (label,), company, year, year=True)
        at += 1 + len(cell)


def verdicts(document: Document, labels: Sequence[Label]) -> Iterator[dict[str, tuple[bool, bool]]]:
    """Yield for each label and field whether something was said, and whether it is right."""
    measures = measure_document(document, split_document(document))
    for label in labels:
        end = label.start + len(label.printed)
        if document.text[label.start : end] != label.printed:
            raise ValueError(f"{document.id}: {label.printed!r} does not stand at {label.start}")
        found = next((m for m in measures if m.start < end and label.start < m.end), None)
        yield {field: _verdict(field, label, found) for field in FIELDS}


def _verdict(field: str, label: Label, found: Measure | None) -> tuple[bool, bool]:
    if found is None:
        return False, False
    if field == "metric":
        wanted = [set(content_tokens(words)) for words in label.metric if words]
        return bool(found.metric), set(content_tokens(found.metric)) in wanted
    if field == "entity":
        names = (found.entity.casefold(), label.entity.casefold())
        return bool(found.entity), all(names) and (names[0] in names[1] or names[1] in names[0])
    return found.period is not None, _same(found.period, label)


def _same(found: Period | None, label: Label) -> bool:
    if found is None or not label.period:
        return False
    if label.year:
        return str(found.year) == label.period
    (wanted,) = find_periods(label.period)
    dated = wanted.first is not None and (found.first, found.last) == (wanted.first, wanted.last)
    return dated or (not found.relative and found.text.casefold() == label.period.casefold())


def score(papers: Iterator[tuple[Document, list[Label]]]) -> dict[str, Any]:
    """Return the number of labels, and precision and recall in per cent for each field."""
    seen: list[tuple[Label, dict[str, tuple[bool, bool]]]] = []
    for document, labels in papers:
        seen += zip(labels, verdicts(document, labels), strict=True)
    report: dict[str, Any] = {"figures": len(seen)}
    for field in FIELDS:
        said = sum(verdict[field][0] for _, verdict in seen)
        right = sum(verdict[field][1] for _, verdict in seen)
        there = sum(any(wanted) for wanted in (getattr(label, field) for label, _ in seen))
        report[field] = {"precision": _percent(right, said), "recall": _percent(right, there)}
    return report


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, keep the result."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("packs", nargs="*", type=Path, help="folders with corpus/")
    options = parser.parse_args(arguments)
    found = {"hand": score(by_hand())}
    found |= {pack.name: score(of_pack(pack)) for pack in options.packs}
    for name, report in found.items():
        print(f"{name}: {report['figures']} figures")
        for field in FIELDS:
            shares = ", ".join(f"{name} {share} %" for name, share in report[field].items())
            print(f"  {field}: {shares}")
    command = " ".join(["python benchmarks/figures.py", *(pack.name for pack in options.packs)])
    save(RESULTS / "figures.json", {**circumstances(command), "packs": found})


if __name__ == "__main__":
    main()

"""JSON and JSON lines: news dumps, records and tables.

A record with a field of running text becomes an article: its title as a heading, then date,
source and address, then the text. Records of short values become rows of a table. Fields are known
by their usual names, or else by what they hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Literal

from rag.documents.decoding import decode
from rag.documents.readers.extracting import Extracted, Field, UnreadableError, Writer
from rag.documents.readers.grids import clean, table_of

_TEXT = "text content body article articlebody maintext fulltext full_text description summary"
_TITLE = "title headline name subject"
_ABOUT = {
    "date": "date published publishedat published_at publish_date date_published datepublished"
    " pubdate datetime created_at created timestamp",
    "source": "source publisher site site_name author byline",
    "address": "url link canonical_link href",
}
_FIELDS: dict[Literal["published", "period", "source", "language"], str] = {
    "published": _ABOUT["date"],
    "period": "period reporting_period period_end",
    "source": _ABOUT["source"],
    "language": "language lang inlanguage",
}
_RUNNING = 200  # characters from which a value of any name is text
_MOST_ROWS = 500_000


def read(data: bytes) -> Extracted:
    """Return the records of a file, each located by its number from 1.

    Raises:
        UnreadableError: no JSON; names the first line that is not.
    """
    text, encoding, note = decode(data)
    try:
        records = _records(text)
    except RecursionError:
        raise UnreadableError("damaged: nested too deep to be data") from None
    writer = Writer()
    articles = [_fields(record) for record in records]
    if any(article["text"] for article in articles):
        for number, (record, article) in enumerate(zip(records, articles, strict=True), start=1):
            start = writer.length
            _write_article(writer, record, article)
            writer.locate(start, writer.length, "record", str(number))
    else:
        _write_rows(writer, records)
    single = len(records) == 1
    return writer.finish(
        encoding, note, None if single else "", _metadata(records[0]) if single else ()
    )


def _metadata(record: Mapping[str, object]) -> Iterator[Field]:
    """Yield what the only record of a file says of itself."""
    for key, value in record.items():
        for kind, names in _FIELDS.items():
            if isinstance(value, str) and key.lower() in names.split():
                yield Field(kind, key, value)


def _records(text: str) -> list[Mapping[str, object]]:
    """Return the objects of a file: of a list, of the longest list inside, or one a line."""
    try:
        found = _parsed(text)
    except ValueError as error:
        found = list(_lines(text, error))
    if isinstance(found, dict):
        lists = [v for v in found.values() if isinstance(v, list) and _objects(v)]
        found = max(lists, key=len) if lists else [found]
    if not isinstance(found, list):
        found = [{"value": found}]
    return [item if isinstance(item, dict) else {"value": item} for item in found[:_MOST_ROWS]]


def _parsed(text: str) -> object:
    """Return JSON with its numbers as they are written: 1.10 stays 1.10."""
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _objects(values: list[object]) -> bool:
    return len(values) > 0 and all(isinstance(value, dict) for value in values)


def _lines(text: str, error: ValueError) -> Iterator[object]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield _parsed(line)
            except ValueError:
                why = error if number == 1 else "not JSON"
                raise UnreadableError(f"damaged: line {number}: {why}") from None


def _fields(record: Mapping[str, object]) -> dict[str, str]:
    """Return what is known of a record: text, title, date, source, address; empty where not."""
    values = {key.lower(): value for key, value in record.items() if isinstance(value, str)}
    found = {"text": _first(values, _TEXT), "title": _first(values, _TITLE)}
    longest = max(values.values(), key=len, default="")
    if len(found["text"]) < _RUNNING <= len(longest):
        found["text"] = longest
    if len(found["text"]) < 40 or not found["text"].count(" "):
        found["text"] = ""
    return found | {name: _first(values, names) for name, names in _ABOUT.items()}


def _first(values: Mapping[str, str], names: str) -> str:
    return next((values[name] for name in names.split() if values.get(name, "").strip()), "")


def _write_article(
    writer: Writer, record: Mapping[str, object], article: Mapping[str, str]
) -> None:
    writer.heading(2, article["title"])
    about = [article[name].strip() for name in _ABOUT if article[name].strip()]
    if about:
        writer.add(" · ".join(about))
    if article["text"]:
        writer.add(article["text"].strip())
    elif not article["title"]:
        writer.add(*_pairs(record))


def _write_rows(writer: Writer, records: list[Mapping[str, object]]) -> None:
    """Write records without running text: rows of a table, or key and value for a single one."""
    if len(records) < 2:
        for record in records:
            writer.add(*_pairs(record))
        return
    names = list(dict.fromkeys(chain.from_iterable(records)))[:200]
    rows = [names, *([_value(record.get(name)) for name in names] for record in records)]
    table = table_of(rows, headers=1)
    for (start, end), row in zip(writer.add(*table.lines), table.rows, strict=True):
        if row:
            writer.locate(start, end, "record", str(row))


def _pairs(record: Mapping[str, object], prefix: str = "") -> list[str]:
    """Return ``key: value`` lines; keys of inner objects behind those of the outer."""
    lines: list[str] = []
    for key, value in record.items():
        name = f"{prefix} {key}".strip()
        if isinstance(value, dict):
            lines += _pairs(value, name)
        elif shown := _value(value):
            lines.append(f"- {name}: {shown}")
    return lines or ["- "]


def _value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return ", ".join(map(_value, value))
    return clean(json.dumps(value, ensure_ascii=False))

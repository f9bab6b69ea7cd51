"""The figures of an answer or a document as the page's table and charts take them."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from chat.evidence import Reference, fingerprint
from chat.library import Library
from chat.rendering import scrub

if TYPE_CHECKING:
    from rag import Document, Index
    from rag.measuring import Measure, Series

_MOST_ROWS = 5_000
_KEPT = 64
_MOST_SERIES = 4
_MOST_POINTS = 12


class FiguresView:
    """What the Figures tab shows; figures of whole documents are kept as long as the index."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._kept: dict[tuple[str, str], Future[list[Measure]]] = {}
        self._keeping = threading.Lock()

    def of_spans(self, references: Sequence[Reference]) -> dict[str, Any]:
        """Return the figures in cited spans, those of changed or missing sources left out."""
        from rag.measuring import measure_document

        index = self._library.index()
        ranges: dict[str, list[tuple[int, int]]] = {}
        for document_id, start, end, mark in references:
            (shown,) = self._library.spans([(document_id, start, end, mark)], index)
            if "problem" not in shown:
                ranges.setdefault(document_id, []).append((start, end))
        found: list[Measure] = []
        for document_id, within in ranges.items():
            document = index.document(document_id)
            found += measure_document(document, index.passages_of(document_id), within)
        return _shown(index, found)

    def of_document(self, document_id: str | None) -> dict[str, Any]:
        """Return the figures of one document, of all for None; about 5,000 at most.

        ``left_out`` is the number of documents that were not looked at for that.
        """
        index = self._library.index()
        documents = [d for d in index.documents if document_id in (None, d.id)]
        found: list[Measure] = []
        for read, document in enumerate(documents):
            if len(found) >= _MOST_ROWS:
                return {**_shown(index, found), "left_out": len(documents) - read}
            found += self._figures(index, document)
        return _shown(index, found)

    def _figures(self, index: Index, document: Document) -> list[Measure]:
        """Measure a document; whoever asks for the same one meanwhile waits for the same result."""
        from rag.measuring import measure_document

        key = (document.id, document.sha256)
        own: Future[list[Measure]] = Future()
        with self._keeping:
            kept = self._kept.setdefault(key, own)
            if len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)))
        if kept is own:
            try:
                own.set_result(measure_document(document, index.passages_of(document.id)))
            except BaseException as error:
                own.set_exception(error)
                self._kept.pop(key, None)
        return kept.result()


def _shown(index: Index, measures: Sequence[Measure]) -> dict[str, Any]:
    from rag.measuring import series_in

    series = [found for found in series_in(measures) if len(found.points) <= _MOST_POINTS]
    return {
        "left_out": 0,
        "rows": list(_rows(index, measures[:_MOST_ROWS])),
        "cut": max(0, len(measures) - _MOST_ROWS),
        "series": [_chart(index, found) for found in series[:_MOST_SERIES]],
    }


def _rows(index: Index, measures: Sequence[Measure]) -> Iterator[dict[str, Any]]:
    breaks: dict[str, list[int]] = {}
    for measure in measures:
        if measure.document_id not in breaks:
            text = index.document(measure.document_id).text
            breaks[measure.document_id] = [i for i, char in enumerate(text) if char == "\n"]
        yield {
            **_reference(index, measure),
            "line": bisect_left(breaks[measure.document_id], measure.start) + 1,
            "printed": scrub(measure.figure.text),
            "value": measure.value,
            "size": float(measure.figure.low),
            "unit": scrub(measure.unit),
            "metric": scrub(measure.metric),
            "entity": scrub(measure.entity),
            "period": scrub(measure.period.text) if measure.period else "",
            "time": measure.time,
            "inherited": sorted(measure.inherited),
        }


def _reference(index: Index, measure: Measure) -> dict[str, Any]:
    start, end = measure.span
    words = index.document(measure.document_id).text[start:end]
    return {
        "document": scrub(measure.document_id),
        "start": start,
        "end": end,
        "mark": fingerprint(words),
    }


def _chart(index: Index, series: Series) -> dict[str, Any]:
    return {
        "metric": scrub(series.metric),
        "unit": scrub(series.unit),
        "common": scrub(series.common),
        "points": [
            {
                **_reference(index, point),
                "label": scrub(label),
                "printed": scrub(point.figure.text),
                "value": point.value,
                "size": float(point.figure.low),
            }
            for label, point in zip(series.labels, series.points, strict=True)
        ],
    }

"""What a question needs, opened ahead in threads: once, and with the errors that it would have."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import rag
from rag import reading
from rag.cli.opening import open_ahead
from rag.errors import IndexMissing


def test_the_index_comes_and_the_reader_is_there(
    seed_index: rag.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr("rag.reading.load_reader", lambda: opened.append(1))
    loaded = open_ahead(seed_index.folder, reads=True).result()
    assert loaded.generation == seed_index.generation
    assert opened == [1]
    assert open_ahead(seed_index.folder).result().manifest == loaded.manifest
    assert opened == [1]


def test_an_error_of_the_index_is_told(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="rag build"):
        open_ahead(tmp_path).result()


def test_many_who_ask_at_once_open_one_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    reading._reader.cache_clear()
    made: list[reading.Reader] = []
    real = reading.Reader

    def counted(folder: Path) -> reading.Reader:
        made.append(real(folder))
        return made[-1]

    monkeypatch.setattr(reading, "Reader", counted)
    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(lambda _: reading.load_reader(), range(4)))
    assert len(made) == 1
    assert {id(each) for each in given} == {id(made[0])}

"""BM25 over a matrix: the best that a search finds are those of every score added up."""

from __future__ import annotations

import numpy as np
import pytest

from rag.index import lexical
from rag.index.keys import keys_of
from rag.index.lexical import FILES, WORDS, Lexical, rarity

COUNT = 6000
SHARES = [0.0005, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 0.95, 1.0]
TOKENS = [f"token{n}" for n in range(len(SHARES))]
Columns = dict[str, tuple[np.ndarray, np.ndarray]]


@pytest.fixture(scope="module")
def columns() -> Columns:
    """A column a token: some rows of `COUNT`, each with a score below the token's rarity."""
    chance = np.random.default_rng(4)
    found = {}
    for token, share in zip(TOKENS, SHARES, strict=True):
        rows = np.flatnonzero(chance.random(COUNT) < share).astype(np.int32)
        most = rarity(len(rows), COUNT)
        # Few different scores, so that there are ties.
        found[token] = rows, (most * chance.choice([0.5, 0.6, 0.9], len(rows))).astype(np.float32)
    return found


@pytest.fixture(scope="module")
def matrix(columns: Columns) -> Lexical:
    order = sorted(TOKENS, key=lambda token: int(keys_of([token])[0]))
    arrays = {
        "keys.u64": keys_of(order),
        "begins.i64": np.cumsum([0, *(len(columns[token][0]) for token in order)]),
        "rows.i32": np.concatenate([columns[token][0] for token in order]),
        "scores.f32": np.concatenate([columns[token][1] for token in order]),
    }
    files = {f"lexical/{name}": arrays[name].astype(kind).tobytes() for name, kind in FILES.items()}
    return Lexical({**files, WORDS: b""}, COUNT)


def added_up(
    columns: Columns, tokens: list[str], k: int, rows: np.ndarray | None
) -> list[tuple[int, float]]:
    total = np.zeros(COUNT, np.float32)
    for token in tokens:
        if token in columns:
            named, scores = columns[token]
            total[named] += scores
    some = range(COUNT) if rows is None else rows.tolist()
    found = [(row, float(total[row])) for row in some if total[row] > 0]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]


@pytest.mark.parametrize("few", [1, 40, 1 << 10])
@pytest.mark.parametrize("short", [4, 1 << 14])
def test_the_best_are_the_best_of_all(
    matrix: Lexical, columns: Columns, few: int, short: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical, "_FEW", few)
    monkeypatch.setattr(lexical, "_SHORT", short)
    chance = np.random.default_rng(few)
    for _ in range(60):
        tokens = [*chance.choice(TOKENS, chance.integers(1, 8)).tolist(), "unheard"]
        k = int(chance.choice([1, 3, 100, COUNT]))
        rows = np.flatnonzero(chance.random(COUNT) < 0.4) if chance.random() < 0.3 else None
        assert matrix.best(tokens, k, rows) == added_up(columns, tokens, k, rows)


def test_nothing_is_asked_for_or_found(matrix: Lexical) -> None:
    assert matrix.best([], 5, None) == []
    assert matrix.best(["unheard"], 5, None) == []
    assert matrix.best(["token3"], 0, None) == []
    assert matrix.best(["token3"], 5, np.zeros(0, np.int64)) == []


def test_long_columns_go_unread_once_they_cannot_matter(matrix: Lexical, columns: Columns) -> None:
    rows = matrix._promising(matrix._columns(["token3", "token9"]), 5)
    assert set(rows.tolist()) <= set(columns["token3"][0].tolist())
    assert len(columns["token9"][0]) == COUNT

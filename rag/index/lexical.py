"""BM25 over tokens: bm25s computes every score when the index is built, a search adds them up.

On disk: the sparse matrix of scores, tokens by passages, column after column (``indptr``,
``indices``, ``data``; plain .npy, never pickle), and the vocabulary in the order of its columns.
Scores are Lucene's BM25 (Robertson and Zaragoza 2009; Kamphuis et al. 2020). Two neighbouring
words count as a token of their own, at a share of the score (Metzler and Croft 2005).
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1 = 0.9
B = 0.4
"""As in Anserini: passages are short and alike in size, so repetition and length say little."""

PAIR = 0.4
"""What a pair of neighbours counts beside a single word."""

_ARRAYS = ("data", "indices", "indptr")


def lexical_files(
    corpus: Sequence[Sequence[str]], pairs: Sequence[Sequence[str]]
) -> dict[str, bytes]:
    """Return the files of the lexical index of passages by their tokens and pairs of tokens."""
    import numpy as np

    words, singles = _scored(corpus)
    doubles, weighed = _scored(pairs)
    arrays = {
        "data": np.concatenate([singles["data"], np.float32(PAIR) * weighed["data"]]),
        "indices": np.concatenate([singles["indices"], weighed["indices"]]),
        "indptr": np.concatenate(
            [singles["indptr"], singles["indptr"][-1] + weighed["indptr"][1:]]
        ),
    }
    files = {f"lexical/{name}.npy": _npy(arrays[name]) for name in _ARRAYS}
    listed = json.dumps(words + doubles, ensure_ascii=False)
    return {**files, "lexical/vocabulary.json": listed.encode("utf-8", "surrogatepass")}


def _scored(corpus: Sequence[Sequence[str]]) -> tuple[list[str], dict[str, NDArray[Any]]]:
    """Return (vocabulary, sparse matrix of BM25 scores) of lists of tokens."""
    import numpy as np

    vocabulary = {token: n for n, token in enumerate(sorted({t for row in corpus for t in row}))}
    if not vocabulary:
        nothing = np.zeros(0, np.int32)
        return [], {
            "data": np.zeros(0, np.float32),
            "indices": nothing,
            "indptr": np.zeros(1, np.int32),
        }
    from bm25s import BM25

    ids = [[vocabulary[token] for token in row] for row in corpus]
    scorer = BM25(k1=K1, b=B, method="lucene")
    scorer.index((ids, vocabulary), create_empty_token=False, show_progress=False)
    return list(vocabulary), dict(scorer.scores)


class Lexical:
    """The score matrix in memory. ``count`` is the number of passages."""

    def __init__(self, files: Mapping[str, bytes], count: int) -> None:
        """Read the files of `lexical_files`.

        Raises:
            ValueError, KeyError: they are not that, or not of ``count`` passages.
        """
        import numpy as np

        words = json.loads(files["lexical/vocabulary.json"].decode("utf-8", "surrogatepass"))
        self._columns = {word: column for column, word in enumerate(words)}
        self._data, self._indices, self._indptr = (
            np.load(io.BytesIO(files[f"lexical/{name}.npy"]), allow_pickle=False)
            for name in _ARRAYS
        )
        if len(self._indptr) != len(words) + 1 or self._indices.max(initial=-1) >= count:
            raise ValueError("vocabulary and scores do not belong together")
        self.count = count

    def scores(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        """Return the BM25 score of every passage (count,), zero where no token occurs."""
        import numpy as np

        total = np.zeros(self.count, np.float32)
        for token in tokens:
            column = self._columns.get(token)
            if column is not None:
                part = slice(self._indptr[column], self._indptr[column + 1])
                # A column names each passage once, so this adds without losing any.
                total[self._indices[part]] += self._data[part]
        return total

    def best(
        self, tokens: Sequence[str], k: int, rows: NDArray[np.int64] | None
    ) -> list[tuple[int, float]]:
        """Return at most ``k`` (row, score > 0), best first, ties by row, within ``rows``."""
        import numpy as np

        scores = self.scores(tokens)
        candidates = np.flatnonzero(scores) if rows is None else rows[scores[rows] > 0]
        order = np.lexsort((candidates, -scores[candidates]))[: max(k, 0)]
        return [(int(row), float(scores[row])) for row in candidates[order]]


def _npy(array: NDArray[np.generic]) -> bytes:
    import numpy as np

    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()

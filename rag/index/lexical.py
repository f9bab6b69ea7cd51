"""BM25 over tokens: every score is computed when the index is built, a search adds them up.

A search begins with rare tokens and leaves out what is frequent once it cannot matter; what it
finds is the same, score by score, as if all had been added up.

On disk: the sparse matrix of scores, column after column: ``keys.u64`` name the tokens, ascending,
``begins.i64`` say where the column of each begins, ``rows.i32`` and ``scores.f32`` hold the
columns; ``words.txt`` holds the words of the passages as they are spelt, for mending a question.
Scores are Lucene's BM25 (Robertson and Zaragoza 2009; Kamphuis et al. 2020). Two neighbouring
words count as a token of their own, at a share of the score (Metzler and Croft 2005).
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rag.index.keys import keys_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.index.storage import Content

FILES = {"keys.u64": "<u8", "begins.i64": "<i8", "rows.i32": "<i4", "scores.f32": "<f4"}
WORDS = "lexical/words.txt"

Column = tuple["NDArray[np.int32]", "NDArray[np.float32]"]
"""Ascending rows of the passages that hold a token, and its score in each."""

_ROUNDING = 1e-3  # more than sums in another order differ by
_SHORT = 1 << 14  # passages that are added up as they are, or kept in order while adding
_FEW = 1 << 10  # passages whose scores are looked up in columns that go unread


class Lexical:
    """The score matrix of ``count`` passages, and the ``words`` that these are spelt with."""

    def __init__(self, files: Mapping[str, Content], count: int) -> None:
        """Read what `rag.index.postings` writes.

        Raises:
            ValueError, KeyError: the files are not that, or not of ``count`` passages.
        """
        import numpy as np

        arrays = [np.frombuffer(files[f"lexical/{name}"], kind) for name, kind in FILES.items()]
        self._keys, self._begins, self._rows, self._scores = arrays
        sizes = {len(self._rows), len(self._scores), int(self._begins[-1])}
        if len(sizes) > 1 or len(self._begins) != len(self._keys) + 1:
            raise ValueError("tokens and scores do not belong together")
        if not isinstance(files["lexical/rows.i32"], mmap.mmap) and (
            self._rows.max(initial=-1) >= count
        ):
            raise ValueError("tokens and passages do not belong together")
        self.count = count
        self.words = _words(files[WORDS])

    def best(
        self, tokens: Sequence[str], k: int, rows: NDArray[np.int64] | None
    ) -> list[tuple[int, float]]:
        """Return at most ``k`` (row, score > 0), best first, ties by row, within ``rows``."""
        import numpy as np

        if k <= 0:
            return []
        columns = self._columns(tokens)
        if rows is None and self.count > _SHORT:
            rows = self._promising(columns, k)
        rows, scores = self._scored(rows, columns)
        if k < len(rows):
            best = scores >= np.partition(scores, -k)[-k]
            rows, scores = rows[best], scores[best]
        order = np.lexsort((rows, -scores))[:k]
        return list(zip(rows[order].tolist(), scores[order].tolist(), strict=True))

    def _columns(self, tokens: Sequence[str]) -> list[Column]:
        """Return the column of each token that occurs, in the order of the tokens."""
        import numpy as np

        wanted = keys_of(tokens)
        places = np.searchsorted(self._keys, wanted)
        found = []
        for key, place in zip(wanted.tolist(), places.tolist(), strict=True):
            if place < len(self._keys) and self._keys[place] == key:
                part = slice(*self._begins[place : place + 2].tolist())
                found.append((self._rows[part], self._scores[part]))
        return found

    def _scored(
        self, rows: NDArray[np.int64] | None, columns: Sequence[Column]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return those of ``rows``, or of all, that hold a token, and their BM25 scores."""
        import numpy as np

        if rows is not None and len(rows) < min(self.count, _SHORT):
            scores = np.zeros(len(rows), np.float32)
            for named, given in columns:
                places = np.minimum(np.searchsorted(named, rows), len(named) - 1)
                there = named[places] == rows
                scores[there] += given[places[there]]
            return rows[scores > 0], scores[scores > 0]
        total = np.zeros(self.count, np.float32)
        for named, given in columns:
            total[named] += given
        found = np.flatnonzero(total) if rows is None else rows[total[rows] > 0]
        return found, total[found]

    def _promising(self, columns: Sequence[Column], k: int) -> NDArray[np.int64]:
        """Return rows among which the ``k`` best are, ascending.

        Rare tokens first, as in MaxScore (Turtle and Flood 1995): once those that are left cannot
        lift a passage without the others among the best ``k``, their long columns go unread.
        """
        import numpy as np

        columns = sorted(columns, key=lambda column: len(column[0]))
        left = sum(rarity(len(rows), self.count) for rows, _ in columns)
        total, short, least = np.zeros(self.count, np.float32), np.zeros(0, np.int32), 0.0
        for rows, scores in columns:
            if least > left + _ROUNDING:
                promising = total >= least - left - _ROUNDING
                if np.count_nonzero(promising) <= _FEW:
                    return np.flatnonzero(promising)
            # A column names each passage once, so this adds without losing any.
            total[rows] += scores
            left -= rarity(len(rows), self.count)
            if len(short) + len(rows) <= _SHORT:
                short = np.union1d(short, rows)
                least = _kth(total[short], k)
            elif not least:
                least = _kth(total[rows], k)
        found = np.flatnonzero(total >= least - _ROUNDING if least > _ROUNDING else total > 0)
        return found[total[found] >= _kth(total[found], k) - _ROUNDING]


def _kth(scores: NDArray[np.float32], k: int) -> float:
    """Return the ``k``-th best score, 0 where there are fewer."""
    import numpy as np

    return float(np.partition(scores, -k)[-k]) if len(scores) >= k else 0.0


def rarity(count: int, passages: int) -> float:
    """Return the inverse document frequency of a token in ``count`` passages, its highest score."""
    return math.log(1 + (passages - count + 0.5) / (count + 0.5))


def _words(content: Content) -> Collection[str]:
    if isinstance(content, mmap.mmap):
        return SortedWords(content)
    return frozenset(content.decode("utf-8").split())


class SortedWords(Collection[str]):
    """Words in a mapped file, ascending by their bytes, one a line; found by halving."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content = content

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str):
            return False
        wanted, low, high = word.encode("utf-8", "replace"), 0, len(self._content)
        while low < high:
            begin = self._content.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = self._content.find(b"\n", begin, high)
            found = self._content[begin:end]
            if found == wanted:
                return True
            low, high = (end + 1, high) if found < wanted else (low, begin)
        return False

    def __iter__(self) -> Iterator[str]:
        begin = 0
        while (end := self._content.find(b"\n", begin)) >= 0:
            yield self._content[begin:end].decode("utf-8")
            begin = end + 1

    def __len__(self) -> int:
        return sum(1 for _ in self)

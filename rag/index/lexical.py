"""BM25 over tokens: every score is computed when the index is built, a search adds them up.

On disk: the sparse matrix of scores, column after column: ``keys.u64`` name the tokens, ascending,
``begins.i64`` say where the column of each begins, ``rows.i32`` and ``scores.f32`` hold the
columns; ``words.txt`` holds the words of the passages as they are spelt, for mending a question.
Scores are Lucene's BM25 (Robertson and Zaragoza 2009; Kamphuis et al. 2020). Two neighbouring
words count as a token of their own, at a share of the score (Metzler and Croft 2005).
"""

from __future__ import annotations

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

    def scores(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        """Return the BM25 score of every passage (count,), zero where no token occurs."""
        import numpy as np

        total = np.zeros(self.count, np.float32)
        wanted = keys_of(tokens)
        for key, column in zip(wanted, np.searchsorted(self._keys, wanted), strict=True):
            if column < len(self._keys) and self._keys[column] == key:
                part = slice(self._begins[column], self._begins[column + 1])
                # A column names each passage once, so this adds without losing any.
                total[self._rows[part]] += self._scores[part]
        return total

    def best(
        self, tokens: Sequence[str], k: int, rows: NDArray[np.int64] | None
    ) -> list[tuple[int, float]]:
        """Return at most ``k`` (row, score > 0), best first, ties by row, within ``rows``."""
        import numpy as np

        scores = self.scores(tokens)
        candidates = np.flatnonzero(scores) if rows is None else rows[scores[rows] > 0]
        if 0 < k < len(candidates):
            found = scores[candidates]
            candidates = candidates[found >= np.partition(found, -k)[-k]]
        order = np.lexsort((candidates, -scores[candidates]))[: max(k, 0)]
        return [(int(row), float(scores[row])) for row in candidates[order]]


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

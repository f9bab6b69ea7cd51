"""The score matrix of `rag.index.lexical`, made from passages as they come, in bounded memory.

What occurs where goes to temporary files, one for each range of tokens' names; each is then sorted
and scored by itself. Only the length of every passage stays in memory.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from rag.index.keys import pair_keys, word_key
from rag.index.lexical import FILES, WORDS
from rag.index.publishing import Draft, writing
from rag.text import function_tokens, tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1 = 0.9
B = 0.4
"""As in Anserini: passages are short and alike in size, so repetition and length say little."""

PAIR = 0.4
"""What a pair of neighbours counts beside a single word."""

_PARTS = 64
_IN_MEMORY = 1 << 20  # bytes of one temporary file
_POSTING = [("key", "<u8"), ("row", "<i4"), ("times", "<i4")]
_WORD = re.compile(r"[^\W\d_]{4,32}")


class Postings:
    """Tokens of passages, gathered by `add` in the order of their rows, written by `write`."""

    def __init__(self, folder: Path) -> None:
        """Put temporary files, where there is too much for memory, into ``folder``."""
        self._folder = folder
        self._parts = [
            SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(folder))  # noqa: SIM115
            for _ in range(_PARTS)
        ]
        self._lengths: list[NDArray[np.int32]] = []
        self._pair_lengths: list[NDArray[np.int32]] = []
        self._count = 0
        self._words: set[str] = set()

    def __enter__(self) -> Postings:
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the temporary files."""
        for part in self._parts:
            part.close()

    def add(self, texts: Sequence[str]) -> None:
        """Add the texts of the next passages."""
        import numpy as np

        for text in texts:
            self._words.update(_WORD.findall(text.lower()))
        found = [tokens(text) for text in texts]
        lengths = np.array([len(each) for each in found], np.int32)
        flat = np.fromiter(map(word_key, chain.from_iterable(found)), np.uint64, lengths.sum())
        rows = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)
        meant = ~np.isin(flat, [word_key(token) for token in function_tokens()])
        content, owners = flat[meant], rows[meant]
        beside = owners[1:] == owners[:-1]
        paired = pair_keys(content[:-1][beside], content[1:][beside])
        pair_rows = owners[1:][beside]
        self._lengths.append(lengths)
        self._pair_lengths.append(np.bincount(pair_rows, minlength=len(texts)).astype(np.int32))
        self._spool(np.concatenate([flat, paired]), np.concatenate([rows, pair_rows]))
        self._count += len(texts)

    def write(self, draft: Draft) -> None:
        """Score what was added and write the files.

        Raises:
            IndexWriteError: the disk refused.
        """
        import numpy as np

        words = "".join(f"{word}\n" for word in sorted(self._words))
        draft.write({WORDS: words.encode("utf-8")})
        norms = [_norms(self._lengths), _norms(self._pair_lengths)]
        begin = 0
        with ExitStack() as files:
            key, begins, row, score = (
                files.enter_context(draft.writer(f"lexical/{name}")) for name in FILES
            )
            begins(np.array([0], "<i8").tobytes())
            for part in self._parts:
                with writing(self._folder), part:
                    part.seek(0)
                    postings = np.frombuffer(part.read(), _POSTING)
                # Stable: within a token the rows stay ascending.
                postings = postings[np.argsort(postings["key"], kind="stable")]
                keys, firsts, counts = np.unique(
                    postings["key"], return_index=True, return_counts=True
                )
                key(keys.tobytes())
                begins((begin + firsts + counts).astype("<i8").tobytes())
                begin += len(postings)
                row(postings["row"].tobytes())
                score(_scores(postings, counts, self._count, norms).tobytes())

    def _spool(self, keys: NDArray[np.uint64], rows: NDArray[np.int32]) -> None:
        """Count what a passage holds more than once, and put it where tokens of its range go."""
        import numpy as np

        order = np.argsort(keys, kind="stable")  # rows come in ascending order
        keys, rows = keys[order], rows[order]
        new = np.ones(len(keys), bool)
        new[1:] = (keys[1:] != keys[:-1]) | (rows[1:] != rows[:-1])
        places = np.flatnonzero(new)
        postings = np.empty(len(places), _POSTING)
        postings["key"], postings["row"] = keys[places], rows[places] + self._count
        postings["times"] = np.diff(places, append=len(keys))
        bounds = np.searchsorted(
            postings["key"], np.arange(1, _PARTS, dtype=np.uint64) << np.uint64(58)
        )
        with writing(self._folder):
            for part, some in zip(self._parts, np.split(postings, bounds), strict=True):
                part.write(some.tobytes())


def _norms(lengths: Sequence[NDArray[np.int32]]) -> NDArray[np.float64]:
    """Return what stands below a token's count in each passage, by the passage's length."""
    import numpy as np

    whole = np.concatenate(lengths).astype(np.float64)
    mean = whole.mean() or 1.0
    norms: NDArray[np.float64] = K1 * ((1 - B) + B * whole / mean)
    return norms


def _scores(
    postings: NDArray[np.void],
    counts: NDArray[np.int64],
    passages: int,
    norms: Sequence[NDArray[np.float64]],
) -> NDArray[np.float32]:
    """Return the scores of sorted postings; ``counts`` are passages for each token in turn."""
    import numpy as np

    rarity = np.log(1 + (passages - counts + 0.5) / (counts + 0.5)).astype(np.float32)
    paired = (postings["key"] & np.uint64(1)).astype(bool)
    norm = np.where(paired, norms[1][postings["row"]], norms[0][postings["row"]])
    times = postings["times"]
    scores: NDArray[np.float32] = np.repeat(rarity, counts) * (times / (norm + times))
    scores = scores.astype(np.float32)
    scores[paired] *= np.float32(PAIR)
    return scores

"""Question to ranked passages: dense and lexical search, fused by a convex combination.

Knows nothing of answers. A score is half the cosine plus half the BM25 score over the question's
best one, so at most 1, or 1.05 where the newest is asked for; it means something only beside the
others of its question.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rag.dates import recency, within
from rag.index import Index, default_index
from rag.questions import Question, adapted, understand
from rag.text import content_tokens, pairs, tokens
from rag.types import History, Hit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DENSE = 0.5
"""Share of the dense score. Convex combination, after Bruch, Gai and Ingber, "An Analysis of Fusion
Functions for Hybrid Retrieval" (TOIS 2023): on every pack it ranks better than reciprocal ranks."""

DEPTH = 100
"""Passages taken from each search before fusion."""


NEWER = 0.05
"""What a passage of the newest document gains where the latest is asked for, the oldest next to
nothing: enough to choose between passages that say the same."""


def retrieve(
    question: str,
    index: Index | None = None,
    k: int = 5,
    history: History = (),
    documents: Collection[str] | None = None,
    *,
    after: date | str | None = None,
    before: date | str | None = None,
) -> list[Hit]:
    """Return the passages nearest to a question, best first.

    Args:
        question: up to 4,000 characters.
        index: where to search; the default index folder, loaded once and kept, if None.
        k: how many passages at most, 1 or more.
        history: earlier turns, oldest first, that complete a follow-up question.
        documents: ids to search in; None for all. The search is exact within them.
        after: only documents dated on this day or later; ``2025`` stands for its first day.
        before: only documents dated earlier. Either leaves out documents without a date.

    Returns:
        At most ``k`` hits; scores fall from hit to hit.

    Raises:
        QuestionError: the question is empty, too long or not text.
        ValueError: ``k`` is below 1, ``documents`` names one that is not in the index, or
            ``after`` or ``before`` is no date.
        IndexFolderError: there is no default index, or it cannot be used.
    """
    if k < 1:
        raise ValueError(f"k must be 1 or more, not {k}")
    asked = understand(question, history)  # refuses before an index is opened
    index = index if index is not None else default_index()
    asked = adapted(asked, history, index.words)
    chosen = within(lambda: index.days, documents, after, before).documents
    return find_passages(asked, embedded(asked, index), index, k, chosen)


def embedded(asked: Question, index: Index) -> NDArray[np.float32]:
    """Return the unit vector (dim,) of an understood question."""
    vector: NDArray[np.float32] = index.encoder.encode([asked.search_text])[0]
    return vector


def find_passages(
    asked: Question,
    vector: NDArray[np.float32],
    index: Index,
    k: int,
    documents: Collection[str] | None = None,
) -> list[Hit]:
    """Return the ``k`` passages nearest to an understood question and its vector, best first."""
    rows = index.rows(documents)
    depth = max(DEPTH, k)
    dense = index.search_dense(vector, depth, rows)
    words = content_tokens(asked.search_text) or tokens(asked.search_text)
    lexical = index.search_lexical([*words, *pairs(words)], depth, rows)
    fused = fuse_scores(dense, lexical)
    if asked.newest:
        newness = recency(index.days)
        newer = ((r, score + NEWER * newness[index.passages[r].document_id]) for r, score in fused)
        fused = sorted(newer, key=lambda item: (-item[1], item[0]))
    return [Hit(index.passages[row], score) for row, score in fused[:k]]


def fuse_scores(
    dense: Sequence[tuple[int, float]], lexical: Sequence[tuple[int, float]]
) -> list[tuple[int, float]]:
    """Fuse two lists of (row, score): DENSE * cosine + (1 - DENSE) * BM25 / best BM25.

    A row that one list lacks gets 0 for it.

    Returns:
        (row, score), best first; equal scores in the order of rows.
    """
    scores = {row: DENSE * cosine for row, cosine in dense}
    best = max((score for _, score in lexical), default=0.0)
    for row, score in lexical:
        scores[row] = scores.get(row, 0.0) + (1 - DENSE) * score / best
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))

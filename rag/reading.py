"""Question and hits to scored evidence: which sentence, row or item answers, and how surely.

A small reading model looks at each passage in its context (title, section, table header) together
with the question and says where the answer stands and whether this passage answers at all. It was
trained by ``training/``; its files lie in ``rag/reader/``. Knows nothing of wording an answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import EncoderError
from rag.types import Hit, Passage, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

READ = 4
"""Most passages that are read for one question, best first."""

WORTH = 0.75
"""Least score of a passage that is read, as a share of the first one's."""

WINDOW = 256
"""Tokens the model sees of question, heading and passage together; the rest is cut."""

LONGEST = 60
"""Tokens of the longest answer span considered."""

_FOLDER = Path(__file__).parent / "reader"
_opening = threading.Lock()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A citable span that may answer the question.

    Attributes:
        passage: where it stands; ``span`` is one of its citable units.
        score: log-odds that this span answers the question; higher is better, 0 is even.
        answer: (start, end) of the shortest answer inside the span, offsets of the document.
    """

    passage: Passage
    span: Span
    score: float
    answer: tuple[int, int]

    @property
    def quote(self) -> str:
        """The words of the span, as they stand in the document."""
        return quote_of(self.passage, self.span.start, self.span.end)


def quote_of(passage: Passage, start: int, end: int) -> str:
    """Return the text of a range of the document that lies inside a passage."""
    return passage.text[start - passage.start : end - passage.start]


def find_evidence(question: str, hits: Sequence[Hit], count: int = READ) -> list[Evidence]:
    """Read the best hits and return every citable span in them, best first.

    Args:
        question: complete and in natural wording (``Question.read_text``).
        hits: ranked passages.
        count: how many of them are read at most; those far behind the first one are left out.

    Returns:
        One evidence a span; equal scores keep the order of the hits.
    """
    if not hits:
        return []
    least = hits[0].score - (1 - WORTH) * abs(hits[0].score)
    passages = [hit.passage for hit in hits[:count] if hit.passage.spans and hit.score >= least]
    if not passages:
        return []
    found = [e for read in load_reader().read(question, passages) for e in read]
    return sorted(found, key=lambda evidence: -evidence.score)


class Reader:
    """The shipped model, run by onnxruntime; safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        """Check the files of ``folder`` against ``reader.json`` and open them.

        Raises:
            EncoderError: a file is missing or differs from its recorded sha256.
        """
        from onnxruntime import InferenceSession, SessionOptions
        from tokenizers import Tokenizer

        manifest, files = _checked_files(folder)
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.temperature = float(manifest.get("temperature", 1.0))
        self._session: Any = InferenceSession(
            files["reader.onnx"], options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer: Any = Tokenizer.from_buffer(files["tokenizer.json"])
        self._tokenizer.enable_truncation(WINDOW, strategy="only_second")
        self._tokenizer.no_padding()
        # A passage a core, each by itself: no padding, and nobody waits at a barrier. Many
        # questions at once share these threads instead of outnumbering the cores.
        self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "rag-reader")

    def read(self, question: str, passages: Sequence[Passage]) -> list[list[Evidence]]:
        """Return the evidence in each passage, in the order of its spans."""
        # The model knows cells parted by bars; one character for another keeps every offset.
        contexts = [f"{p.heading}\n{p.text}".replace("\t", "|") for p in passages]
        encoded = self._tokenizer.encode_batch([(question, context) for context in contexts])
        longest_first = sorted(range(len(encoded)), key=lambda i: -len(encoded[i].ids))
        running = {i: self._threads.submit(self._run, encoded[i]) for i in longest_first}
        return [
            self._weigh(passage, encoded[i], *running[i].result())
            for i, passage in enumerate(passages)
        ]

    def _run(self, encoded: Any) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
        """Return the start and end logits of every token, and the logit of "answered here"."""
        import numpy as np

        fields = (encoded.ids, encoded.attention_mask, encoded.type_ids)
        names = ("input_ids", "attention_mask", "token_type_ids")
        feed = {n: np.array([v], np.int64) for n, v in zip(names, fields, strict=True)}
        start, end, answerable = self._session.run(["start", "end", "answerable"], feed)
        return start[0], end[0], float(answerable[0])

    def _weigh(
        self,
        passage: Passage,
        encoded: Any,
        start: NDArray[np.float32],
        end: NDArray[np.float32],
        answerable: float,
    ) -> list[Evidence]:
        """Share the passage's log-odds among its spans by where the answer seems to stand."""
        import numpy as np

        shift = passage.start - len(passage.heading) - 1
        inside = [
            (i, left + shift, right + shift)
            for i, (kind, (left, right)) in enumerate(
                zip(encoded.sequence_ids, encoded.offsets, strict=True)
            )
            if kind == 1 and left + shift >= passage.start and right > left
        ]
        if not inside:
            return []
        tokens = np.array([i for i, _, _ in inside])
        lefts = np.array([left for _, left, _ in inside])
        rights = np.array([right for _, _, right in inside])
        pairs = _pair_scores(start[tokens], end[tokens])
        total = np.logaddexp.reduce(pairs, axis=None)
        found = []
        for span in passage.spans:
            first, last = (
                np.searchsorted(lefts, span.start),
                np.searchsorted(rights, span.end, "right"),
            )
            if first >= last:
                continue
            block = pairs[first:last, first:last]
            share = float(np.logaddexp.reduce(block, axis=None) - total)
            a, b = np.unravel_index(int(block.argmax()), block.shape)
            score = answerable / self.temperature + share
            found.append(
                Evidence(passage, span, score, (int(lefts[first + a]), int(rights[first + b])))
            )
        return found


def _pair_scores(start: NDArray[np.float32], end: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (n, n) scores of answers from token i to token j; impossible ones are -1e9."""
    import numpy as np

    index = np.arange(len(start))
    width = index[None, :] - index[:, None]
    scores = start[:, None] + end[None, :]
    return np.where((width >= 0) & (width < LONGEST), scores, np.float32(-1e9))


def load_reader() -> Reader:
    """Return the shipped reader, opened once; whoever comes meanwhile waits for it."""
    with _opening:
        return _reader()


@cache
def _reader() -> Reader:
    return Reader(_FOLDER)


def _checked_files(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the manifest and the files that it lists, each compared with its sha256."""
    remedy = "reinstall the package: pip install --force-reinstall cited-rag"
    try:
        manifest: dict[str, Any] = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        files = {name: (folder / name).read_bytes() for name in manifest["files"]}
        for name, expected in manifest["files"].items():
            if hashlib.sha256(files[name]).hexdigest() != expected["sha256"]:
                raise EncoderError(f"the reading model is damaged: {folder / name}; {remedy}")
    except (OSError, ValueError, KeyError) as error:
        raise EncoderError(
            f"the reading model cannot be read from {folder}: {error}; {remedy}"
        ) from error
    return manifest, files

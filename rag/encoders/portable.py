"""A model as three files that onnxruntime and tokenizers run: no torch, 0.3 s to the first vector.

The files are made once (see `rag.encoders.graph`), kept in a cache by fingerprint, and carried by
every index that they embedded, so that questions go through exactly what the passages went through.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rag.encoders import graph
from rag.encoders.models import model_folder, read_json, require_weights, weights_fingerprint
from rag.errors import EncoderError
from rag.types import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Precision = Literal["int8", "fp32"]

Ranges = Sequence[tuple[int, int]]

_NAMES = ("encoder.json", "model.onnx", "tokenizer.json")
_REPORT_EVERY = 16


class PortableEncoder:
    """A BERT-like sentence-transformers model run by onnxruntime, opened at the first use.

    One session of one thread, called from as many threads as there are cores: a batch uses all of
    them, 32 questions at once do not fight over them, and each text is embedded by itself, so that
    its vector never depends on its neighbours.
    """

    def __init__(self, description: Mapping[str, Any], files: Mapping[str, bytes] | Path) -> None:
        """Take a description as in ``encoder.json`` and the files, or the model's folder."""
        self.name: str = description["name"]
        self.fingerprint: str = description["fingerprint"]
        self.dim: int = description["dim"]
        self.precision: Precision = description["precision"]
        self.runtime: str = description["runtime"]
        self._description = dict(description)
        self._origin = files
        self._opening = threading.Lock()
        self._opened: tuple[Any, Any] | None = None

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Return unit vectors (len(texts), dim); text past the model's window is cut off."""
        return self.encode_spans(texts, [()] * len(texts), progress)[0]

    def encode_spans(
        self, texts: Sequence[str], spans: Sequence[Ranges], progress: Progress | None = None
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        """Return what `encode` does, and a unit vector for each span of each text.

        A span's vector is the mean of its tokens as they come out of the whole text ("late
        chunking", Günther et al. 2024), so it costs nothing and knows its context; a span past
        the model's window has the vector of its text.

        Returns:
            (len(texts), dim), and for each text (its spans, dim).
        """
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), np.float32)
        inner = [np.zeros((0, self.dim), np.float32)] * len(texts)
        if len(texts) == 1:
            vectors[0], inner[0] = self._vectors(texts[0], spans[0])
            return vectors, inner
        # Longest first: no core is left with a long text when the others are done.
        rows = sorted(range(len(texts)), key=lambda row: (-len(texts[row]), row))
        pool = ThreadPoolExecutor(os.cpu_count() or 1)
        try:
            results = pool.map(
                self._vectors, (texts[row] for row in rows), (spans[row] for row in rows)
            )
            for done, (row, made) in enumerate(zip(rows, results, strict=True), start=1):
                vectors[row], inner[row] = made
                if progress and (done % _REPORT_EVERY == 0 or done == len(rows)):
                    progress("embed", done, len(rows))
        finally:
            pool.shutdown(cancel_futures=True)
        return vectors, inner

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The files by name: from where they were given, the cache, or made now."""
        if not isinstance(self._origin, Path):
            return dict(self._origin)
        cache = cache_folder() / self.fingerprint
        found = _cached(cache)
        if found is None:
            found = _made(self._origin, self._description)
            _keep(cache, found)
        return found

    def _vectors(self, text: str, spans: Ranges) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the vector of a text (dim,) and those of its spans (spans, dim)."""
        import numpy as np

        tokenizer, session = self._open()
        if self._description["lower"]:
            text = text.lower()
        encoded = tokenizer.encode(text)
        feed = {"input_ids": np.array([encoded.ids], np.int64)}
        if not spans:
            return session.run(["vector"], feed)[0][0], np.zeros((0, self.dim), np.float32)
        vector, tokens = (output[0] for output in session.run(["vector", "tokens"], feed))
        starts, ends = np.array(encoded.offsets).T
        inner = np.stack([vector] * len(spans))
        for row, (start, end) in enumerate(spans):
            inside = (starts >= start) & (ends <= end) & (ends > starts)
            if inside.any():
                mean = tokens[inside].mean(0)
                inner[row] = mean / np.linalg.norm(mean)
        return vector, inner

    def _open(self) -> tuple[Any, Any]:
        if self._opened is None:
            with self._opening:
                if self._opened is None:
                    self._opened = self._loaded()
        return self._opened

    def _loaded(self) -> tuple[Any, Any]:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            tokenizer = Tokenizer.from_buffer(self.files["tokenizer.json"])
            session = onnxruntime.InferenceSession(
                self.files["model.onnx"], options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both raise bare or own kinds of exception
            raise EncoderError(
                f"The model {self.name} cannot be opened: {str(error).partition(chr(10))[0]}. "
                "Run `rag build` to make it again."
            ) from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._description["max_length"])
        return tokenizer, session


def portable_encoder(name: str, precision: Precision = "int8") -> PortableEncoder:
    """Return the portable form of the model called ``name``; its files are made when needed.

    Raises:
        EncoderError: there is no such model.
        NotPortableError: it is none that can be written as a graph; says why.
    """
    folder = model_folder(name)
    config = graph.configuration(folder)
    graph.pooling_of(folder)
    if not (folder / "tokenizer.json").is_file():
        raise graph.NotPortableError("it has no tokenizer.json")
    if read_json(folder / "config_sentence_transformers.json").get("default_prompt_name"):
        raise graph.NotPortableError("it puts a prompt before every text")
    limits = read_json(folder / "sentence_bert_config.json")
    weights = weights_fingerprint(folder)
    description = {
        "name": name,
        "fingerprint": f"{weights}-{precision}.{graph.VERSION}",
        "dim": config["hidden_size"],
        "max_length": limits.get("max_seq_length") or config["max_position_embeddings"],
        "lower": bool(limits.get("do_lower_case")),
        "precision": precision,
        "runtime": f"onnxruntime, {precision}",
    }
    return PortableEncoder(description, folder)


def carried_encoder(files: Mapping[str, bytes]) -> PortableEncoder:
    """Return the encoder that an index carries in ``files``.

    Raises:
        EncoderError: they are not the files of an encoder.
    """
    try:
        return PortableEncoder(json.loads(files["encoder.json"]), files)
    except (KeyError, ValueError, TypeError) as error:
        raise EncoderError(
            f"The index carries no usable encoder ({error!r}). Run `rag build` to make it again."
        ) from error


def cache_folder() -> Path:
    """Return where made encoders are kept: ``RAG_CACHE``, else the user's cache folder."""
    if own := os.environ.get("RAG_CACHE"):
        return Path(own) / "encoders"
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "cited-rag" / "encoders"


def _made(folder: Path, description: Mapping[str, Any]) -> dict[str, bytes]:
    require_weights(folder)
    model = graph.graph_bytes(folder, int8=description["precision"] == "int8")
    files = {"model.onnx": model, "tokenizer.json": (folder / "tokenizer.json").read_bytes()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    text = json.dumps({**description, "sha256": hashes}, indent=1, sort_keys=True)
    return {**files, "encoder.json": text.encode()}


def _cached(cache: Path) -> dict[str, bytes] | None:
    """Return the files in ``cache`` if they are there and whole."""
    try:
        files = {name: (cache / name).read_bytes() for name in _NAMES}
        hashes = json.loads(files["encoder.json"])["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = all(hashlib.sha256(files[name]).hexdigest() == hashes[name] for name in hashes)
    return files if whole else None


def _keep(cache: Path, files: Mapping[str, bytes]) -> None:
    """Put the files into the cache in one step; without a cache they are made again next time."""
    with suppress(OSError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".new-", dir=cache.parent))
        try:
            for name, content in files.items():
                (draft / name).write_bytes(content)
            shutil.rmtree(cache, ignore_errors=True)
            draft.rename(cache)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

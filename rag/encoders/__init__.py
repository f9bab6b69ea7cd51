"""Texts -> unit vectors (n, dim) float32. Owns sentence_transformers and onnxruntime.

Three ways to the same interface: words hashed (no model), sentence-transformers (any model), and
an ONNX form of a model that needs neither torch nor sentence-transformers and travels with the
index. This module knows nothing of passages or indexes; heavy imports wait for the first use.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from rag.encoders.graph import NotPortableError
from rag.encoders.models import PACKAGED
from rag.encoders.portable import (
    PortableEncoder,
    Precision,
    carried_encoder,
    portable_encoder,
)
from rag.encoders.sentence import SentenceEncoder
from rag.encoders.word_hash import WordHashEncoder
from rag.types import Encoder

__all__ = [
    "PortableEncoder",
    "Precision",
    "SentenceEncoder",
    "WordHashEncoder",
    "describe",
    "load_encoder",
    "open_portable",
    "portable_files",
]


def load_encoder(
    name: str | None = None, precision: Precision | Literal["original"] = "int8"
) -> Encoder:
    """Return the encoder called ``name``; its model is read at the first use.

    Args:
        name: ``word-hash``, a model folder, or a sentence-transformers name; None takes
            ``RAG_MODEL`` or, where that is empty, the packaged all-MiniLM-L6-v2.
        precision: of the weights in the ONNX form; "original" runs sentence-transformers. A model
            that has no ONNX form runs so anyway, and its ``runtime`` says why.

    Raises:
        EncoderError: there is no such model.
    """
    name = name or os.environ.get("RAG_MODEL") or PACKAGED
    if name == WordHashEncoder.name:
        return WordHashEncoder()
    if precision == "original":
        return SentenceEncoder(name)
    try:
        return portable_encoder(name, precision)
    except NotPortableError as error:
        return SentenceEncoder(name, reason=f"no ONNX form: {error}")


def describe(encoder: Encoder) -> dict[str, object]:
    """Return what a manifest says about an encoder, without loading its model.

    ``precision`` is that of an ONNX form, "int8" or "fp32"; None for encoders that have no choice.
    """
    return {
        "name": encoder.name,
        "fingerprint": encoder.fingerprint,
        "dim": encoder.dim,
        "normalised": True,
        "precision": getattr(encoder, "precision", None),
        "runtime": getattr(encoder, "runtime", "given by the caller"),
    }


def portable_files(encoder: Encoder) -> dict[str, bytes]:
    """Return the files from which `open_portable` makes the same encoder; {} if it has none."""
    return encoder.files if isinstance(encoder, PortableEncoder) else {}


def open_portable(files: Mapping[str, bytes]) -> Encoder:
    """Return the encoder that `portable_files` were taken from.

    Raises:
        EncoderError: they are not the files of an encoder.
    """
    return carried_encoder(files)

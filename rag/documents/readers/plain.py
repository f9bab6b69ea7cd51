"""Text and Markdown: decoded, and otherwise left alone."""

from __future__ import annotations

import re

from rag.documents.decoding import decode
from rag.documents.readers.extracting import Extracted, UnreadableError

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def read(data: bytes) -> Extracted:
    """Return the text of a file as it stands there.

    Raises:
        UnreadableError: the bytes are no text.
    """
    text, encoding, note = decode(data)
    if 20 * len(_CONTROLS.findall(text)) > len(text):
        raise UnreadableError("binary: no text in it")
    return Extracted(text, encoding, note)

"""One reader a format: bytes of a file -> its text, or the reason why there is none."""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.documents.decoding import Decoded, decode


class UnreadableError(ValueError):
    """The file cannot become a document; the message is the reason that people see."""


Reader = Callable[[bytes], Decoded]
"""Raises ``UnreadableError`` where the bytes are not what the suffix promises."""

# What a file is by its first bytes, whatever its name.
_MAGIC = {
    b"%PDF-": "PDF",
    b"PK\x03\x04": "zip or office",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\x7fELF": "program",
    b"\x1f\x8b": "gzip",
    b"BZh9": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7-zip",
    b"Rar!": "RAR",
    b"\xd0\xcf\x11\xe0": "old office",
    b"SQLite format 3\0": "SQLite",
    b"{\\rtf": "RTF",
    b"%!PS": "PostScript",
}
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.{0,2000}?-->\s*)*<(?:!doctype|html|svg)\b",
    re.IGNORECASE | re.DOTALL,
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def read_text(data: bytes) -> Decoded:
    """Decode a text or Markdown file.

    Raises:
        UnreadableError: the bytes are no text, or text of a format that needs its own reader.
    """
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise UnreadableError(f"a {name} file under the name of a text file")
    decoded = decode(data)
    if 20 * len(_CONTROLS.findall(decoded.text)) > len(decoded.text):
        raise UnreadableError("binary: no text in it")
    if _HTML.match(decoded.text[:4000]):
        raise UnreadableError("HTML under the name of a text file: HTML is not supported yet")
    return decoded


READERS: dict[str, Reader] = {".txt": read_text, ".md": read_text, ".markdown": read_text}
"""Suffix in lower case -> reader."""

"""Formats: which one the bytes of a file are, and its reader.

The bytes decide, whatever the name says; only among formats of plain text the suffix does. A
reader is a module with a function ``read(bytes) -> Extracted``, imported when it is needed. All
but plain text are meant to be read in a child process (`rag.documents.isolation`). Owns the
libraries named in `FORMATS`, each by one reader.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from rag.documents.decoding import decode
from rag.documents.readers.extracting import Extracted, Field, Reader, UnreadableError, Writer

__all__ = ["FORMATS", "READERS", "Extracted", "Field", "Format", "UnreadableError", "Writer"]
__all__ += ["draw", "extract", "format_of"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format, the module here that reads it, and what that module needs.

    Attributes:
        name: in words.
        module: module of this folder.
        suffixes: in lower case, of files that may be of this format.
        libraries: import names of what must be installed.
        extra: the optional dependencies of cited-rag that bring them.
    """

    name: str
    module: str
    suffixes: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    extra: str = ""

    @property
    def plain(self) -> bool:
        """True where reading is only decoding, and so needs no child process."""
        return self.module == "plain"

    @property
    def packed(self) -> bool:
        """True where a file may be large for its pictures."""
        return self.module in ("pdf", "word", "excel")

    def require(self) -> None:
        """Refuse a format whose library is not installed.

        Raises:
            UnreadableError: names the command that installs it.
        """
        if any(find_spec(library) is None for library in self.libraries):
            raise UnreadableError(
                f"{self.name} needs a library: pip install 'cited-rag[{self.extra}]'"
            )


_OFFICE = "office"
FORMATS = {
    format_.module: format_
    for format_ in (
        Format("text", "plain", (".txt", ".md", ".markdown")),
        Format("PDF", "pdf", (".pdf",), ("pypdfium2",), "pdf"),
        Format("Word", "word", (".docx",), ("docx",), _OFFICE),
        Format("Excel", "excel", (".xlsx", ".xlsm"), ("openpyxl", "defusedxml"), _OFFICE),
        Format("CSV", "delimited", (".csv", ".tsv")),
        Format("HTML", "web", (".html", ".htm", ".xhtml"), ("selectolax",), "html"),
        Format("JSON", "news", (".json", ".jsonl", ".ndjson")),
    )
}
"""The formats that are read, by module."""

READERS = {suffix: format_ for format_ in FORMATS.values() for suffix in format_.suffixes}
"""Suffix in lower case -> what a file of that name is, unless its bytes say otherwise."""

# What a file is by its first bytes, whatever its name.
_MAGIC = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x7fELF": "a program",
    b"MZ\x90\0": "a program",
    b"\x1f\x8b": "a gzip archive",
    b"BZh9": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7-zip archive",
    b"Rar!": "a RAR archive",
    b"SQLite format 3\0": "an SQLite database",
    b"{\\rtf": "an RTF file",
    b"%!PS": "a PostScript file",
}
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_PARTS = {"word/document.xml": "word", "xl/workbook.xml": "excel"}
_HEAD = 4000  # bytes or characters looked at
_UNPACKED = 400_000_000  # bytes that an office file may unpack to
_RATIO = 200  # times its size that a large one may unpack to
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


def format_of(data: bytes, suffix: str) -> Format:
    """Return the format of a file by its bytes; the suffix tells formats of plain text apart.

    Raises:
        UnreadableError: of a format that is not read; names it.
    """
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise UnreadableError(f"{name}, not a document that can be read")
    if b"%PDF-" in data[:1024]:
        return FORMATS["pdf"]
    if data.startswith(_ZIP):
        return FORMATS[_packed(data)]
    if data.startswith(_OLD_OFFICE):
        raise UnreadableError(_old_office(data))
    head = decode(data[:_HEAD]).text if _may_be_markup(data) else ""
    if _HTML.match(head):
        return FORMATS["web"]
    named = READERS.get(suffix, FORMATS["plain"])
    if named.packed:
        raise UnreadableError(f"no {named.name} file: it does not begin as one")
    return named


def extract(module: str, data: bytes) -> Extracted:
    """Read a file with the reader of a format.

    Raises:
        UnreadableError: with the reason.
    """
    reader = cast(Reader, import_module(f"rag.documents.readers.{module}"))
    return reader.read(data)


def draw(module: str, data: bytes, asked: dict[str, Any]) -> dict[str, Any]:
    """Draw a page with the module of a format, which is given what is asked as arguments.

    Raises:
        UnreadableError: with the reason.
    """
    drawn: dict[str, Any] = import_module(f"rag.documents.readers.{module}").draw(data, **asked)
    return drawn


def _may_be_markup(data: bytes) -> bool:
    """Return whether a file begins like markup in any encoding; decoding it all costs time."""
    return b"<" in data[:200]


def _packed(data: bytes) -> str:
    """Return the module for a zip file, after looking at what it would unpack to."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableError(f"damaged: no readable zip or office file ({error})") from None
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > max(20_000_000, min(_UNPACKED, _RATIO * len(data))):
        raise UnreadableError(f"unpacks to {unpacked // 1_000_000:,} MB: too much to be a document")
    names = {entry.filename for entry in entries}
    for part, module in _PARTS.items():
        if part in names:
            return module
    raise UnreadableError("a zip archive, not a document: unpack it into the folder")


def _old_office(data: bytes) -> str:
    """Return why a file of the old container is not read; locked new files lie in one too."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "encrypted: save it without a password"
    return "an office file of before 2007: save it as .docx or .xlsx"

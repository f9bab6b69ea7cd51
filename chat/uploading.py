"""Files that people drop on the page, into the folder of documents; only where that is allowed."""

from __future__ import annotations

import logging
import os
import re
import tempfile
import unicodedata
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath

_log = logging.getLogger("chat")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_LONGEST_NAME = 200


def save_upload(folder: Path, name: str, content: bytes, *, replace: bool = False) -> str:
    """Write one file into ``folder``, whole or not at all.

    Args:
        folder: the folder of documents.
        name: as the browser gives it; only its last part is used, made safe by `safe_name`.
        content: the bytes.
        replace: write over a file of that name.

    Returns:
        ``saved``, or why not: ``name``, ``type``, ``empty``, ``exists``, ``disk``.
    """
    safe = safe_name(name)
    if not safe:
        return "name"
    if PurePosixPath(safe).suffix.lower() not in suffixes():
        return "type"
    if not content:
        return "empty"
    try:
        return _written(folder, folder / safe, content, replace)
    except OSError:
        _log.exception("an upload could not be written")
        return "disk"


def safe_name(name: str) -> str:
    """Return a file name without folders, invisible or reserved characters; "" if none is left."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    visible = "".join(c for c in unicodedata.normalize("NFC", last) if _is_visible(c))
    safe = _FORBIDDEN.sub("_", visible).strip(" .")
    if _RESERVED.fullmatch(safe):
        safe = f"_{safe}"
    stem, suffix = PurePosixPath(safe).stem, PurePosixPath(safe).suffix
    while len(f"{stem}{suffix}".encode()) > _LONGEST_NAME and stem:
        stem = stem[:-1]
    return f"{stem}{suffix}" if stem and suffix else ""


def suffixes() -> list[str]:
    """Return the suffixes of the files that can be read, such as ``.txt``."""
    from rag.documents.readers import READERS

    return list(READERS)


def _is_visible(char: str) -> bool:
    return char == " " or unicodedata.category(char)[0] not in "CZ"


def _written(folder: Path, target: Path, content: bytes, replace: bool) -> str:
    handle, hidden = tempfile.mkstemp(prefix=".upload-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(hidden, 0o644)
        if replace and not target.is_symlink():
            os.replace(hidden, target)
            return "saved"
        try:
            os.link(hidden, target)  # fails where the name is taken, unlike a rename
        except FileExistsError:
            return "exists"
        return "saved"
    finally:
        with suppress(FileNotFoundError):
            os.unlink(hidden)

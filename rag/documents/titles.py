"""What a document is called: its first heading, its first line, or nothing."""

from __future__ import annotations

import re

from rag.text import without_noise

_HEAD = 4000  # characters looked at
_LONGEST = 200
_HEADING = re.compile(r"^ {0,3}#[ \t]+(\S.*)$", re.MULTILINE)
_SUBHEADING = re.compile(r"^ {0,3}#{2,6}[ \t]+(\S.*)$", re.MULTILINE)
_BUTTON = re.compile(r"\[[^\[\]]{1,40}\](?:\([^()\s]*\))?")
_LIST_OR_TABLE = re.compile(r"\||[-*+•–][ \t]")
# A final full stop that belongs to a company's name, or emphasis that makes a title of the line.
_NAME_END = re.compile(r"\*\*$|\b(?:inc|ltd|co|corp|llc|bros|jr|[a-z]\.[a-z])\.$", re.IGNORECASE)
_NUMBERING = re.compile(r"^(?:[a-z]?\d+[\s_.-]+)+(?=\S*[^\W\d])", re.IGNORECASE)


def find_title(text: str, furniture: tuple[tuple[int, int], ...] = ()) -> str:
    """Return the first top heading, else the first line if it reads like a title, else "".

    ``furniture`` are ranges that cannot be the title. The title is for display and search: without
    markup, at most 200 characters.
    """
    head = text[:_HEAD]
    if match := _HEADING.search(head):
        return _clean(match[1][: 2 * _LONGEST])
    if line := _first_line(head, {start for start, _ in furniture}):
        return line
    found = _SUBHEADING.search(head)
    return _clean(found[1][: 2 * _LONGEST]) if found else ""


def readable(stem: str) -> str:
    """Return a file name without its suffix as a title: "012_annual-report" is annual report."""
    words = re.sub(r"[-_\s]+", " ", stem).strip()
    return _NUMBERING.sub("", words) or words or stem


def _first_line(head: str, marked: set[int]) -> str:
    for match in re.finditer(r"\S.*", head):
        line = match[0].rstrip()
        if match.start() in marked or sum(map(str.isalnum, line)) < 3:
            continue
        if len(line) > _LONGEST:
            return ""
        title = _clean(line)
        sentence = title.endswith((".", "。", ":", ";", ",")) and not _NAME_END.search(line)
        return "" if sentence or _LIST_OR_TABLE.match(line) else title
    return ""


def _clean(line: str) -> str:
    return without_noise(_BUTTON.sub("", line)).strip("# \t*_|☰≡·")[:_LONGEST]

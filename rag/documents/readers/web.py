"""HTML: the article of a page without what stands around it, with headings, lists and tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.documents.decoding import Decoded, decode
from rag.documents.readers.extracting import Extracted, UnreadableError, Writer
from rag.documents.readers.grids import table_of
from rag.documents.readers.web_fields import fields_of
from rag.documents.readers.web_furniture import (
    Measures,
    article_of,
    children,
    is_furniture,
    measured,
)
from rag.documents.readers.web_tables import is_data, rows_of

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_UNICODE = re.compile(r"utf-?\d+.*|ucs.*", re.IGNORECASE)
_BLOCK_TAGS = (
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section"
    " summary table tbody td tfoot th thead tr ul caption"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_OPEN_TAGS = (
    "area base br col dd dt embed hr img input li link meta option p param source td th tr wbr"
    " tbody thead tfoot"
)
_UNCLOSED = frozenset(_OPEN_TAGS.split())
_DEEPEST = 3_000
_BLANK = re.compile(r"[ \t\r\n\f]+")
_BREAK = "\0"
_LONGEST_HEADING = 150


def read(data: bytes) -> Extracted:
    """Return the article of a page.

    Raises:
        UnreadableError: nothing is left once scripts and navigation are taken out.
    """
    from selectolax.lexbor import LexborHTMLParser

    text, encoding, note = _decoded(data)
    if _depth(text) > _DEEPEST:
        raise UnreadableError(f"damaged: elements nested more than {_DEEPEST:,} deep")
    page = LexborHTMLParser(text)
    if page.body is None:
        raise UnreadableError("empty: a page without text")
    measures = measured(page.body)
    root = article_of(page, measures)
    walk = _Walk(measures, inside=root.tag != "body")
    walk.visit(root)
    title = None if walk.has_title else _title(page)
    return walk.writer.finish(encoding, note, title, fields_of(page, root))


def _decoded(data: bytes) -> Decoded:
    """Decode as text; the page's own word on its encoding counts before a guess."""
    found = decode(data)
    match = _CHARSET.search(data[:4096])
    if not found.note or match is None or _UNICODE.fullmatch(match[1].decode("ascii")):
        return found
    try:
        codec = match[1].decode("ascii").lower()
        return Decoded(data.decode(codec), codec)
    except (LookupError, UnicodeDecodeError):
        return found


def _depth(text: str) -> int:
    """Return about how deep elements are nested; the parser's time grows with its square."""
    depth = deepest = 0
    for closing, name in _TAG.findall(text):
        if name.lower() not in _UNCLOSED:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _title(page: object) -> str | None:
    """Return what the page calls itself: the title for sharing, else that of the window."""
    node = page.css_first('meta[property="og:title"]')  # type: ignore[attr-defined]
    if node is not None and (words := node.attributes.get("content")):
        return " ".join(words.split())
    node = page.css_first("title")  # type: ignore[attr-defined]
    words = " ".join(node.text().split()) if node is not None else ""
    return words or None


class _Walk:
    """One pass over the tree, in the order of the page; deep nesting costs no stack."""

    def __init__(self, measures: Measures, inside: bool) -> None:
        self.writer = Writer()
        self._measures = measures
        self.has_title = False
        self._inside = inside
        self._words: list[str] = []
        self._bold = 0
        self._plain = False  # something in the paragraph is not bold
        self._level = 0
        self._lists: list[int] = []  # number of the last item; -1 for bullets
        self._item = False
        self._listed = False

    def visit(self, root: LexborNode) -> None:
        """Write everything below ``root``."""
        waiting: list[tuple[LexborNode, bool]] = [(root, False)]
        whole = self._measures[root.mem_id].length
        while waiting:
            node, leaving = waiting.pop()
            if leaving:
                self._leave(node)
            elif node.tag == "-text":
                self._add(node.text_content or "")
            elif node is root or not is_furniture(node, self._inside, self._measures, whole):
                if node.tag == "table" and self._is_data(node):
                    self._table(node)
                else:
                    self._enter(node)
                    waiting.append((node, True))
                    waiting += [(child, False) for child in reversed(children(node))]
        self._flush()

    def _enter(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "br":
            self._words.append(_BREAK)
        if tag in _BLOCKS:
            self._flush()
        if tag in ("ul", "ol", "menu"):
            self._lists.append(0 if tag == "ol" else -1)
        elif tag == "li":
            self._item = True
            if self._lists and self._lists[-1] >= 0:
                self._lists[-1] += 1
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self._level = int(tag[1])
        elif tag in ("td", "th"):
            self._words.append(" ")
        self._bold += _is_bold(node)

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in _BLOCKS:
            self._flush()
        if tag in ("ul", "ol", "menu") and self._lists:
            self._lists.pop()
        elif tag == "li":
            self._item = False
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self._level = 0
        self._bold -= _is_bold(node)

    def _add(self, text: str) -> None:
        self._words.append(text.replace(_BREAK, " "))
        if text.strip() and not self._bold:
            self._plain = True

    def _flush(self) -> None:
        """Write the words collected since the last block began."""
        joined, plain = "".join(self._words), self._plain
        self._words, self._plain = [], False
        parts = [_BLANK.sub(" ", part).strip() for part in joined.split(_BREAK)]
        text = re.sub(r"\n{2,}", "\n\n", "\n".join(parts).strip("\n"))
        if not text.strip():
            return
        listed = bool(self._item and self._lists)
        if self._level:
            self.has_title |= self._level == 1
            self.writer.heading(self._level, text)
        elif listed:
            number = self._lists[-1]
            mark = f"{number}." if number >= 0 else "-"
            indent = "  " * min(len(self._lists) - 1, 5)
            words = text.replace("\n", " ")
            self.writer.add(f"{indent}{mark} {words}", apart=not self._listed)
        elif not plain and len(text) <= _LONGEST_HEADING and text[-1] not in ".:;,\n":
            self.writer.add(f"**{text}**" if "\n" not in text else text)
        else:
            self.writer.add(text)
        self._listed, self._item = listed, self._item and not listed

    def _is_data(self, table: LexborNode) -> bool:
        return self._measures[table.mem_id].tables == 1 and is_data(table)

    def _table(self, node: LexborNode) -> None:
        self._flush()
        caption, rows, headers = rows_of(node)
        table = table_of(rows, headers)
        if caption:
            self.writer.add(caption)
        if table.lines:
            self.writer.add(*table.lines)
        self._listed = False


def _is_bold(node: LexborNode) -> bool:
    if node.tag in ("b", "strong"):
        return True
    style = (node.attributes or {}).get("style") if node.tag not in (None, "-text") else None
    return bool(style and _BOLD.search(style))

"""A page of a PDF as a picture, and where on it the words of a quote stand.

The words and their places are those that the text was made of (`pdf_words`), so a quote is found
again by its letters and digits, in order; what is not found is counted, not guessed.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rag.documents.readers.extracting import UnreadableError
from rag.documents.readers.pdf import opened
from rag.documents.readers.pdf_layout import reading_order
from rag.documents.readers.pdf_words import Word, lines_of

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_WIDTH = 1400  # pixels
_MOST_PIXELS = 4_000_000
_LARGEST = 1_500_000  # bytes of a picture without loss
_CELLS = re.compile(r"\s*\|\s*|\n")
_APART = 1.5  # blank between words that are marked together, in sizes of a letter
_FAR = 0.15  # of the page, between parts of a quote

Box = tuple[float, float, float, float]
"""Left, top, width and height, as shares of the page."""


class _Part(NamedTuple):
    """Words of the page, by number, that a part of the quote may be."""

    first: int
    last: int


def draw(data: bytes, page: int, quote: str, before: str) -> dict[str, Any]:
    """Return a page with the places of a quote as plain data.

    Args:
        data: the file.
        page: its number, from 1.
        quote: what of the quote stands on this page.
        before: the text before it, which tells two of the same apart.

    Returns:
        ``image`` (base64), ``type``, ``width`` and ``height`` in pixels, ``boxes``, and
        ``missing``, how many words of the quote were not found.

    Raises:
        UnreadableError: damaged, or without such a page.
    """
    import pypdfium2

    document = opened(data)
    if not 1 <= page <= len(document):
        raise UnreadableError(f"damaged: no page {page}")
    try:
        shown = document[page - 1]
        words = [word for line in reading_order(lines_of(shown, page)) for word in line.words]
        found, missing = places_of(words, quote, before, shown.get_height())
        image, width, height = _drawn(shown)
        boxes = [_on_picture(shown, box) for box in joined(words, found)]
    except pypdfium2.PdfiumError:
        raise UnreadableError("damaged: the page cannot be drawn") from None
    kind = "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"
    return {
        "image": base64.b64encode(image).decode(),
        "type": kind,
        "width": width,
        "height": height,
        "boxes": boxes,
        "missing": missing,
    }


def _drawn(page: PdfPage) -> tuple[bytes, int, int]:
    """Return a page as PNG, or as JPEG where that is much smaller, and its size in pixels."""
    across, down = page.get_size()
    if not across * down > 0:
        raise UnreadableError("damaged: a page without size")
    scale = min(_WIDTH / across, (_MOST_PIXELS / (across * down)) ** 0.5)
    picture = page.render(scale=scale).to_pil().convert("RGB")
    out = io.BytesIO()
    picture.save(out, "PNG")
    if out.tell() > _LARGEST:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=85)
    return out.getvalue(), *picture.size


def _on_picture(page: PdfPage, box: Box) -> Box:
    """Return a box in points as shares of the picture: pages may be turned or cut."""
    import ctypes

    import pypdfium2.raw as pdfium

    x, y, place = ctypes.c_int(), ctypes.c_int(), 100_000
    corners = []
    for left, top in (box[:2], box[2:]):
        pdfium.FPDF_PageToDevice(
            page.raw, 0, 0, place, place, 0, left, page.get_height() - top, x, y
        )
        corners.append((x.value / place, y.value / place))
    (x0, x1), (y0, y1) = (sorted(edges) for edges in zip(*corners, strict=True))
    return x0, y0, x1 - x0, y1 - y0


def joined(words: Sequence[Word], found: Iterable[int]) -> list[Box]:
    """Return (x0, top, x1, bottom) around words, those that follow on a line together."""
    boxes: list[Box] = []
    for i in sorted(found):
        word = words[i]
        if boxes and i - 1 in found and _same_line(boxes[-1], word):
            x0, top, _, bottom = boxes[-1]
            boxes[-1] = (x0, min(top, word.top), word.x1, max(bottom, word.bottom))
        else:
            boxes.append((word.x0, word.top, word.x1, word.bottom))
    return boxes


def _same_line(box: Box, word: Word) -> bool:
    overlap = min(box[3], word.bottom) - max(box[1], word.top)
    return overlap > 0.5 * (word.bottom - word.top) and -1 < word.x0 - box[2] < _APART * word.size


# --- finding the quote ---------------------------------------------------------------------------


def places_of(
    words: Sequence[Word], quote: str, before: str, height: float
) -> tuple[set[int], int]:
    """Return the numbers of the words that a quote consists of, and how many of its are missing.

    Args:
        words: of the page, in reading order.
        quote: as it stands in the document's text, cells between bars.
        before: the document's text before the quote.
        height: of the page, in points.
    """
    page = _Letters(words)
    if whole := page.find(quote):
        best = max(whole, key=lambda part: page.alike_before(part, before))
        return set(range(best.first, best.last + 1)), 0
    parts: list[tuple[str, list[_Part]]] = []
    for cell in filter(_bare, _CELLS.split(quote)):
        at = page.find(cell)
        parts += [(cell, at)] if at else [(w, page.find(w)) for w in cell.split() if _bare(w)]
    known = [(text, at) for text, at in parts if at]
    missing = sum(len(text.split()) for text, at in parts if not at)
    if not known:
        return set(), missing
    anchors = min(known, key=lambda part: (len(part[1]), -len(part[0])))[1]
    near = {anchor: [page.nearest(anchor, at) for _, at in known] for anchor in anchors}
    anchor = min(anchors, key=lambda one: sum(page.apart(one, part) for part in near[one]))
    found: set[int] = set()
    for (text, _), part in zip(known, near[anchor], strict=True):
        if page.apart(anchor, part) > _FAR * height:
            missing += len(text.split())
        else:
            found.update(range(part.first, part.last + 1))
    return found, missing


def _bare(text: str) -> str:
    """Return letters and digits only: marks, blanks and hyphens at line ends come and go."""
    return "".join(filter(str.isalnum, text.casefold()))


class _Letters:
    """The letters and digits of a page, each knowing its word."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        bare = [_bare(word.text) for word in words]
        self._text = "".join(bare)
        self._owners = [i for i, word in enumerate(bare) for _ in word]

    def find(self, quote: str) -> list[_Part]:
        """Return where whole words of the page make up the quote."""
        wanted, owners = _bare(quote), self._owners
        found: list[_Part] = []
        start = self._text.find(wanted) if wanted else -1
        while start >= 0:
            end = start + len(wanted)
            opens = start == 0 or owners[start - 1] != owners[start]
            closes = end == len(owners) or owners[end - 1] != owners[end]
            if opens and closes:
                found.append(_Part(owners[start], owners[end - 1]))
            start = self._text.find(wanted, start + 1)
        return found

    def alike_before(self, part: _Part, before: str) -> int:
        """Return how many letters before a place are those before the quote."""
        here = self._text[: self._owners.index(part.first)][::-1]
        there = _bare(before)[::-1]
        same = (a == b for a, b in zip(here, there, strict=False))
        return next((i for i, alike in enumerate(same) if not alike), min(len(here), len(there)))

    def nearest(self, one: _Part, others: Sequence[_Part]) -> _Part:
        """Return which of several places lies nearest to one."""
        return min(others, key=lambda other: self.apart(one, other))

    def apart(self, one: _Part, other: _Part) -> float:
        """Return how far apart two places are, in points, up and down more than across."""
        a, b = self._words[one.first], self._words[other.first]
        return abs(a.top - b.top) + 0.1 * abs(a.x0 - b.x0)

"""One character for each character: the view of a text that the matchers read.

Offsets found in ``plain_view(text)`` are offsets into ``text``. Nothing is added or dropped.
"""

from __future__ import annotations

import re
from typing import Final

_SPACES = (
    "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_ONE_FOR_ONE: Final[dict[int, int | str]] = {
    **_FULL_WIDTH,
    **{ord(space): " " for space in _SPACES},
    **dict.fromkeys(map(ord, "\u2010\u2011\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2012\u2014\u2015~\u301c"), "–"),
    **dict.fromkeys(map(ord, "\u2019\u2018\u02bc"), "'"),
    ord("￥"): "¥",
    ord("﹩"): "$",
}

CJK: Final = re.compile(r"[\u3400-\u9fff]")


def plain_view(text: str) -> str:
    """Return ``text`` with variant spaces, hyphens, dashes and full-width forms made plain."""
    return text if text.isascii() else text.translate(_ONE_FOR_ONE)

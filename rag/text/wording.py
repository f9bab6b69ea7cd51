"""How a quote reads in an answer; the citation itself keeps the exact words."""

from __future__ import annotations

import html
import re

_NOISE = re.compile(
    r"\s*[(\[]\s*(?:opens? (?:up )?in (?:a )?new (?:tab|window)|external link|link opens[^)\]]*"
    r"|citation needed|edit|sic)\s*[)\]]"  # what browsers and wikis add
    r"|\s*\[\^?\d{1,3}\](?!\()"  # footnote marks
    r"|(?<=[^\W\d_]{3})[\u00b9\u00b2\u00b3\u2070-\u2079]+(?![^\W_])"
    r"|</?[a-zA-Z][^<>]{0,200}>",
    re.IGNORECASE,
)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = re.compile(r"(?<![^\W_])(\*\*\*|\*\*|__|\*|_|`)(?=\S)(.+?)(?<=\S)\1(?![^\W_])")
_MARKER = re.compile(r"^\s*(?:#{1,6}\s+|>\s*|[-*+•‣◦▪●–]\s+)+")


def without_noise(quote: str) -> str:
    """Return a quote as it reads in an answer: no "(opens in a new tab)", emphasis or list marks.

    For wording only; the citation keeps the exact words.
    """
    text = _LINK.sub(r"\1", _MARKER.sub("", quote))
    text = _NOISE.sub("", html.unescape(text))
    for _ in range(3):  # emphasis nests: **_x_**
        text, changed = _EMPHASIS.subn(r"\2", text)
        if not changed:
            break
    return " ".join(text.split())

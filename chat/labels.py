"""Every word the chat itself says, in English and Chinese; the browser's locale decides."""

from __future__ import annotations

from typing import Final

from chat import chinese, english

LABELS: Final[dict[str, dict[str, str]]] = {"en": english.WORDS, "zh": chinese.WORDS}


def language(accepted: str) -> str:
    """Return ``zh`` when an Accept-Language header prefers Chinese, ``en`` otherwise."""
    first = accepted.split(",")[0].strip().lower()
    return "zh" if first.startswith("zh") else "en"


def label(lang: str, key: str, **values: object) -> str:
    """Return one label with its values filled in."""
    return LABELS[lang][key].format(**values)


def counted(lang: str, what: str, count: int) -> str:
    """Return ``1 document`` or ``3 documents``; ``what`` is the singular English noun."""
    return label(lang, f"one_{what}" if count == 1 else f"many_{what}s", n=f"{count:,}")

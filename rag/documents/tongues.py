"""The language of a text, by its script and its commonest words."""

from __future__ import annotations

import re
from collections import Counter

from rag.types import Fact

_LEAST = 5  # common words that must be there
_SHARE = 0.08  # of all words that they must be
_WORD = re.compile(r"[^\W\d_]+")
_COMMON = {
    "en": "the of and to in is that for was with by from are has",
    "de": "der die das und ist von den mit nicht ein eine dem im auf",
    "fr": "le la les des et est dans pour une du au que sur par",
    "es": "el los las que y en es por una del se con para su",
    "it": "il di che e la per è non gli della sono del un una",
    "pt": "o os as que e não uma para do da em dos foi com",
    "nl": "de het een van en is dat op voor niet zijn met te door",
    "sv": "och att det som en på är av för med den till inte har",
}
_BY_WORD = {
    word: [tongue for tongue, words in _COMMON.items() if word in words.split()]
    for words in _COMMON.values()
    for word in words.split()
}
_HAN, _KANA, _HANGUL = (
    re.compile(f"[{letters}]") for letters in ("\u4e00-\u9fff", "\u3041-\u30ff", "\uac00-\ud7af")
)


def tongue_of(text: str) -> Fact | None:
    """Return the language of a text (ISO 639-1) with the range that was looked at, if that tells.

    Chinese, Japanese and Korean by their script; English, German, French, Spanish, Italian,
    Portuguese, Dutch and Swedish by their words; None for others.
    """
    letters = sum(map(str.isalpha, text))
    for tongue, script, share in (("ja", _KANA, 0.2), ("ko", _HANGUL, 0.3), ("zh", _HAN, 0.3)):
        if letters and len(script.findall(text)) >= share * letters:
            return Fact(tongue, span=(0, len(text)))
    words = _WORD.findall(text.lower())
    counted = Counter(tongue for word in words for tongue in _BY_WORD.get(word, ()))
    best = counted.most_common(2)
    if not best or best[0][1] < max(_LEAST, _SHARE * len(words)):
        return None
    clear = len(best) == 1 or best[0][1] > 1.3 * best[1][1]
    return Fact(best[0][0], span=(0, len(text))) if clear else None

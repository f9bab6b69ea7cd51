"""64-bit names of tokens and of pairs of tokens, so that no list of them has to be kept.

That two of thirty million share a name has a chance of 1 in 40,000.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@lru_cache(maxsize=1 << 20)
def word_key(token: str) -> int:
    """Return the even number that names a single token."""
    content = token.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little") & ~1


def pair_keys(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the odd numbers that name pairs of tokens, from the names of the two."""
    import numpy as np

    mixed = first * np.uint64(0x9E3779B97F4A7C15) + (second ^ (second >> np.uint64(29)))
    for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):  # SplitMix64's finish (Steele 2014)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(factor)
    return (mixed ^ (mixed >> np.uint64(31))) | np.uint64(1)


def keys_of(tokens: Sequence[str]) -> NDArray[np.uint64]:
    """Return the names of tokens, and of pairs, which are two tokens with a blank between."""
    import numpy as np

    words = np.array([word_key(token.partition(" ")[0]) for token in tokens], np.uint64)
    paired = [place for place, token in enumerate(tokens) if " " in token]
    if paired:
        seconds = [word_key(tokens[place].partition(" ")[2]) for place in paired]
        words[paired] = pair_keys(words[paired], np.array(seconds, np.uint64))
    return words

"""Text, for matching and for counting: folding, tokens, sentence spans, line numbers.

Folded text and tokens are for matching only and never quoted; spans are offsets into the text as
it came. Everything is symmetric: questions and documents go through the same functions. This
room knows nothing of documents, passages or figures.
"""

from rag.text.folding import fold
from rag.text.lexing import content_tokens, function_tokens, is_chinese, pairs, tokens
from rag.text.sentences import goes_on, line_of, sentence_spans, trim
from rag.text.wording import without_noise

__all__ = [
    "content_tokens",
    "fold",
    "function_tokens",
    "goes_on",
    "is_chinese",
    "line_of",
    "pairs",
    "sentence_spans",
    "tokens",
    "trim",
    "without_noise",
]

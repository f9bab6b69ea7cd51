"""How large passages are, and what else decides where a document is cut."""

from __future__ import annotations

from importlib.metadata import version

SIZE = 650  # characters of a passage; the model reads 256 tokens, some 1,000 characters
HARD_SIZE = 800  # what a passage may reach so that no small rest stands alone
SMALL = 200  # a rest, or the content of a section, that joins its neighbour

SPLITTER: dict[str, object] = {
    "name": "langchain_text_splitters.RecursiveCharacterTextSplitter",
    "version": version("langchain-text-splitters"),
    "size": SIZE,
    "hard_size": HARD_SIZE,
    "small": SMALL,
    "rules": 3,  # raised whenever the rules for blocks change
}
"""What decides where a document is cut, for the manifest of an index."""

"""Every error of ours. Each message says what, where, and the command that mends it.

RagError
├── DocumentError         a source folder or file cannot be used; names it
├── QuestionError         empty, too long, or not text
├── EncoderError          a model cannot be found, loaded or trusted
└── IndexFolderError      something about an index folder
    ├── IndexMissing      there is no index yet
    ├── IndexCorrupt      a file is damaged; names file and reason
    ├── IndexMismatch     built with another model, splitter or format
    ├── IndexLocked       another build holds the lock; says who, since when
    └── IndexWriteError   the disk refused; the old index is still served

A non-answer is a value (``Answer.reason``), a bad argument is ``ValueError``.
"""

from __future__ import annotations


class RagError(Exception):
    """Root of every error of ours."""


class DocumentError(RagError):
    """A source folder or file cannot be used."""


class QuestionError(RagError):
    """The question is empty, too long, or not text; ``problem`` says which in one word, or ""."""

    def __init__(self, message: str, problem: str = "") -> None:
        super().__init__(message)
        self.problem = problem


class EncoderError(RagError):
    """A model cannot be found, loaded or trusted."""


class IndexFolderError(RagError):
    """Something about an index folder."""


class IndexMissing(IndexFolderError):
    """There is no index yet."""


class IndexCorrupt(IndexFolderError):
    """A file of the index is damaged."""


class IndexMismatch(IndexFolderError):
    """The index was built with another model, splitter or format."""


class IndexLocked(IndexFolderError):
    """Another build holds the lock."""


class IndexWriteError(IndexFolderError):
    """The disk refused a write; what was served before is still served."""

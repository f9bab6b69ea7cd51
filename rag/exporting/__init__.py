"""Answers on their way out: as plain data, or a conversation as one HTML file that can be checked.

Owns the file's format. Knows nothing of how an answer was found.
"""

from typing import TYPE_CHECKING

from rag.exporting.records import answer_record, hit_record, metadata_record
from rag.later import importer

if TYPE_CHECKING:
    from rag.exporting.page import WORDS, Exchange, export_page
    from rag.exporting.verifying import Check, verify_page

_PAGE, _CHECK = ("WORDS", "Exchange", "export_page"), ("Check", "verify_page")
__getattr__ = importer(__name__, dict.fromkeys(_PAGE, "page") | dict.fromkeys(_CHECK, "verifying"))

__all__ = ["WORDS", "Check", "Exchange", "answer_record", "export_page", "hit_record"]
__all__ += ["metadata_record", "verify_page"]

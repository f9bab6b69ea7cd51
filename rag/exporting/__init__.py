"""A conversation as one HTML file, and the check that every quote of it stands in the documents.

Owns the file's format. Knows nothing of how an answer was found.
"""

from rag.exporting.page import Exchange, export_page
from rag.exporting.verifying import Check, verify_page

__all__ = ["Check", "Exchange", "export_page", "verify_page"]

"""The three endpoints as tools for language models, by the Model Context Protocol over stdio."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat.endpoints import Endpoints, Refused
from chat.library import Library
from rag.errors import RagError


def serve_tools(folder: str | Path = "index") -> None:
    """Serve retrieve, answer and documents over stdin and stdout until stdin ends.

    Args:
        folder: the index folder; what a build publishes there is taken over.

    Raises:
        RagError: the package ``mcp`` is not installed; names the command that installs it.
        IndexFolderError: there is no index, or it cannot be used.
    """
    try:
        from mcp.server import MCPServer
    except ImportError:
        raise RagError("MCP needs one more package: pip install 'cited-rag[mcp]'") from None
    from rag.index import default_index

    os.environ["RAG_INDEX"] = str(folder)
    library = Library(default_index, source=default_index().source)
    endpoints = Endpoints(library)
    server = MCPServer("cited-rag")
    for endpoint in (endpoints.retrieve, endpoints.answer, endpoints.documents):
        server.add_tool(_told(endpoint))
    server.run("stdio")


def _told(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Return an endpoint whose refusals are passed on in words."""
    from mcp.server.mcpserver.exceptions import ToolError

    @functools.wraps(endpoint)
    def asked(*arguments: Any, **options: Any) -> Any:
        try:
            return endpoint(*arguments, **options)
        except Refused as error:
            raise ToolError(str(error)) from None

    return asked

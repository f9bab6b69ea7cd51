"""The tools for language models, through the protocol's own client, over stdio."""

from __future__ import annotations

import json
import os
import sys

import pytest
from click.testing import CliRunner
from conftest import run_elsewhere

from rag.cli import app

QUESTION = "What is the market capitalization in CNY?"


def called(index, *calls):
    """Start ``rag mcp``, call the tools, return their names and the results."""
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAG_")}
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "rag", "mcp", "--index", str(index.folder)],
        env=environment,
    )

    async def talk():
        async with stdio_client(server) as streams, ClientSession(*streams) as session:
            await session.initialize()
            names = [tool.name for tool in (await session.list_tools()).tools]
            return names, [await session.call_tool(name, given) for name, given in calls]

    return run_elsewhere(talk)


def test_the_three_tools_answer_and_refuse_in_words(seed_index):
    names, (answered, ranked, listed, empty) = called(
        seed_index,
        ("answer", {"question": QUESTION}),
        ("retrieve", {"question": QUESTION, "k": 2}),
        ("documents", {}),
        ("answer", {"question": " "}),
    )
    assert names == ["retrieve", "answer", "documents"]
    answer = json.loads(answered.content[0].text)
    for citation in answer["citations"]:
        text = seed_index.document(citation["document_id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert "176 billion CNY" in answer["text"]
    assert len(ranked.content) == 2
    assert len(json.loads(listed.content[0].text)["documents"]) == 2
    assert empty.is_error
    assert "the question is empty" in empty.content[0].text


def test_a_missing_extra_is_named_with_its_command(seed_index, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    done = CliRunner().invoke(app, ["mcp", "--index", str(seed_index.folder)])
    assert done.exit_code == 1
    assert "pip install 'cited-rag[mcp]'" in done.stderr


def test_a_missing_index_is_one_line(tmp_path):
    pytest.importorskip("mcp")
    done = CliRunner().invoke(app, ["mcp", "--index", str(tmp_path)], env={"RAG_MODEL": None})
    assert done.exit_code == 1
    assert "rag build" in done.stderr

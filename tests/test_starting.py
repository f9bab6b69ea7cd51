"""From the command to the first question; figures: python benchmarks/start.py."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest
import start

COUNTING = """
import ast, gc, inspect, sys
parse, getfile, parsed = ast.parse, inspect.getfile, []
ast.parse = lambda *given, **named: (parsed.append(1), parse(*given, **named))[1]
from chat.starting import import_gradio
import_gradio()
import gradio
print(len(parsed), "mcp" in sys.modules, gc.isenabled(), inspect.getfile is getfile)
print(callable(gradio.Chatbot.select))
"""


def test_gradio_comes_without_what_the_chat_does_not_use() -> None:
    done = subprocess.run([sys.executable, "-c", COUNTING], capture_output=True, check=True)
    counts, usable = done.stdout.decode().splitlines()
    assert int(counts.split()[0]) < 10  # each component had been parsed, some eighty of them
    assert counts.split()[1:] == ["False", "True", "True"]
    assert usable == "True"


def test_small_replies_are_sent_at_once() -> None:
    """A reply in two packets waits 40 ms for the first one to be confirmed, unless told not to."""
    from chat.server import _listen

    with _listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


@pytest.mark.long
@pytest.mark.browser
def test_a_question_typed_at_once_is_taken_and_answered() -> None:
    found = start.measure(1)
    ((ready,), (box,), (asked,), (answered,)) = found.values()
    assert ready > 0
    assert 0 < box < asked < answered

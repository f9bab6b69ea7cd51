"""Gradio's import without what the chat has no use for: it is most of the time until the page.

Measured by ``benchmarks/start.py``. Where Gradio changes, this is idle rather than wrong.
"""

from __future__ import annotations

import gc
import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any


def import_gradio() -> None:
    """Import Gradio in about half the time that a bare ``import gradio`` takes."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # After every event Gradio sums up all events before with pandas, for a page that is not served.
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"
    _without_searching("matplotlib")
    with _without_collections(), _without_interfaces(), _without_tools():
        import gradio  # noqa: F401


def _without_searching(module: str) -> None:
    """Have Gradio, which asks for a module at every event, told at once that it is not there."""
    if module not in sys.modules and find_spec(module) is None:
        sys.modules[module] = None  # type: ignore[assignment]


@contextmanager
def _without_collections() -> Iterator[None]:
    """Let no garbage be collected: what modules hold at the end stays for good."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _without_interfaces() -> Iterator[None]:
    """Keep Gradio from parsing the source of each component to write a ``.pyi`` file for editors.

    It writes none for a class that is in no file, which `inspect.getfile` says by an OSError.
    """
    getfile = inspect.getfile

    def told(thing: Any) -> str:
        if isinstance(thing, type) and thing.__module__.startswith("gradio."):
            raise OSError("no interface files")
        return getfile(thing)

    inspect.getfile = told  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = getfile


@contextmanager
def _without_tools() -> Iterator[None]:
    """Keep Gradio from importing ``mcp``, which it can do without; the chat has its own tools."""
    if "mcp" in sys.modules:
        yield
        return
    sys.modules["mcp"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["mcp"]

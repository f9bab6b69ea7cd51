"""The house rules of ARCHITECTURE: who imports whom, who owns what, what an import costs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = """
    later types errors text figures documents passages encoders index questions dates retrieval
    timing slots reading cells measuring belonging wording computing weighing composing answering
    exporting cli
""".split()  # noqa: SIM905  # reads as the line in ARCHITECTURE does
DOORS = {ROOT / "rag" / "__init__.py", ROOT / "rag" / "__main__.py"}
OWNERS = {
    "langchain_text_splitters": {"passages"},
    "langchain_core": {"passages"},
    "sentence_transformers": {"encoders"},
    "transformers": {"encoders"},
    "torch": {"encoders"},
    "safetensors": {"encoders"},
    "huggingface_hub": {"encoders"},
    "onnx": {"encoders"},
    "onnxruntime": {"encoders", "reading"},
    "tokenizers": {"encoders", "reading"},
    "faiss": {"index"},
    "bm25s": set(),
    "charset_normalizer": {"documents"},
    "pypdfium2": {"documents"},
    "docx": {"documents"},
    "openpyxl": {"documents"},
    "selectolax": {"documents"},
    "gradio": {"ui"},
    "fastapi": {"ui"},
    "starlette": {"ui"},
    "uvicorn": {"ui"},
    "mcp": {"ui"},
}
HEAVY = {*OWNERS, "numpy", "scipy", "pandas", "sklearn", "filelock", "rich"}


def files() -> list[Path]:
    """Every file of the program but the two doors to `rag`, which are no rooms."""
    found = [*(ROOT / "rag").rglob("*.py"), *(ROOT / "chat").rglob("*.py"), ROOT / "ui.py"]
    return sorted(set(found) - DOORS)


def room(path: Path) -> str:
    """The room that a file belongs to: its name or its folder's; the chat is one room, ``ui``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "rag" else "ui"


def imports(tree: ast.AST) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Every import with the dotted name it asks for; `from rag.x import y` gives ``rag.x``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, node.module or ""


def at_import(tree: ast.Module) -> Iterator[str]:
    """Names imported when the module is, that is outside functions and TYPE_CHECKING."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (name for _, name in imports(node))
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def for_each_file(test):  # type: ignore[no-untyped-def]
    return pytest.mark.parametrize("path", files(), ids=lambda p: p.relative_to(ROOT).as_posix())(
        test
    )


def broken(path: Path, source: str) -> list[str]:
    """What a file with this source would break, in words."""
    tree, here = ast.parse(source), room(path)
    found = []
    for node, name in imports(tree):
        top, _, rest = name.partition(".")
        if isinstance(node, ast.ImportFrom) and node.level:
            found.append("relative import")
        elif top == "rag" and path.is_relative_to(ROOT / "rag"):
            there = rest.partition(".")[0]
            if not there:
                found.append("imports the package root")
            elif there != here and ROOMS.index(there) >= ROOMS.index(here):
                found.append(f"{here} imports {there}")
        elif here not in OWNERS.get(top, {here}):
            found.append(f"{here} imports {top}")
    # The chat's own modules may import its libraries at once: `ui` imports them when it must.
    free = {name for name, owners in OWNERS.items() if owners == {"ui"} == {here}}
    heavy = (name for name in at_import(tree) if name.partition(".")[0] in HEAVY - free)
    return found + [f"imports {name} when it is imported" for name in heavy]


@for_each_file
def test_rules(path: Path) -> None:
    assert broken(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("from . import text", ["relative import"]),
        ("import rag", ["imports the package root"]),
        ("from rag import answer", ["imports the package root"]),
        ("from rag.index import Index", ["documents imports index"]),
        ("def f():\n    import rag.reading", ["documents imports reading"]),
        ("def f():\n    import faiss", ["documents imports faiss"]),
        ("import numpy as np", ["imports numpy when it is imported"]),
        ("class A:\n    import numpy.linalg", ["imports numpy.linalg when it is imported"]),
        ("from rag.text import fold\ndef f():\n    import numpy", []),
        ("if TYPE_CHECKING:\n    import numpy", []),
    ],
)
def test_the_rules_see(source: str, said: list[str]) -> None:
    assert broken(ROOT / "rag" / "documents" / "folder.py", source) == said


def test_every_room_is_known() -> None:
    assert {room(path) for path in files()} == {*ROOMS, "ui"}


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def test_importing_rag_loads_no_library() -> None:
    loaded = run("-c", "import rag, sys; print(*sys.modules)").stdout.split()
    assert not HEAVY & set(loaded)
    assert "rag.types" not in loaded


def test_importing_the_chat_loads_neither_gradio_nor_a_model() -> None:
    loaded = run("-c", "import ui, sys; print(*sys.modules)").stdout.split()
    assert "chat.server" in loaded
    assert not {"gradio", "torch", "numpy", "rag.index"} & set(loaded)


def test_help_loads_no_library() -> None:
    code = "import sys; sys.argv = ['rag', '--help']; import atexit; "
    code += (
        "atexit.register(lambda: print('MODULES', *sys.modules)); import rag.cli; rag.cli.main()"
    )
    loaded = run("-c", code).stdout.partition("MODULES")[2].split()
    assert "rag.cli" in loaded
    assert not HEAVY & set(loaded)


@pytest.fixture(scope="module")
def carrying(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An index of the seeds that carries the packaged encoder."""
    folder = tmp_path_factory.mktemp("carrying")
    run("-m", "rag", "build", "seeds", "--index", str(folder), RAG_MODEL="")
    return str(folder)


ASKED = "What was the closing price on 2 November 2025?"
COMMAND = "import sys, rag.cli; sys.argv = ['rag', {0!r}, '--index', {1!r}, {2!r}]; rag.cli.main()"
CALL = "import rag; print(rag.{0}({2!r}, rag.load_index({1!r})))"


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "code"),
    [("ask", COMMAND), ("search", COMMAND), ("retrieve", CALL), ("answer", CALL)],
    ids=["rag ask", "rag search", "rag.retrieve", "rag.answer"],
)
def test_an_index_that_carries_its_encoder_needs_no_torch(
    carrying: str, name: str, code: str
) -> None:
    last = "import atexit, sys; atexit.register(lambda: print('MODULES', *sys.modules)); "
    done = run("-c", last + code.format(name, carrying, ASKED), RAG_MODEL="")
    said, _, loaded = done.stdout.partition("MODULES")
    assert "48.90" in said
    assert "onnxruntime" in loaded.split()
    heavy = {"torch", "transformers", "sentence_transformers", "onnx", "safetensors"}
    building = {"rag.index.building", "rag.documents.folder", "rag.passages.packing"}
    assert not (heavy | building) & set(loaded.split())


@pytest.mark.parametrize(
    ("limit", "command"), [(0.2, ("-c", "import rag")), (0.5, ("-m", "rag", "--help"))]
)
def test_starting_is_quick(limit: float, command: tuple[str, ...]) -> None:
    """Processor time, the best of five: other work on the machine must not decide."""

    def seconds() -> float:
        before = os.times()
        run(*command)
        after = os.times()
        return (
            after.children_user
            - before.children_user
            + after.children_system
            - before.children_system
        )

    assert 0 < min(seconds() for _ in range(5)) <= limit


def test_everything_is_installed() -> None:
    """Packages are found by their ``__init__.py``, data by the patterns in pyproject.toml."""
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "setuptools"
    ]
    assert setup["packages"]["find"]["include"] == ["rag", "rag.*", "chat", "chat.*"]
    for package in ("rag", "chat"):
        here = [path for path in (ROOT / package).rglob("*") if "__pycache__" not in path.parts]
        code = {path for path in here if path.suffix == ".py"}
        assert {path.parent for path in code} == {
            path.parent for path in here if path.name == "__init__.py"
        }
        data = {
            path
            for pattern in setup["package-data"][package]
            for path in (ROOT / package).glob(pattern)
        }
        assert {path for path in here if path.is_file()} == code | data


def test_everything_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = list(project["dependencies"])
    lines += [line for name in ("pdf", "office", "html", "mcp") for line in extras[name]]
    declared = {normal(re.split(r"[<>=!~\[; ]", line)[0]) for line in lines}
    found = {
        name.partition(".")[0]
        for path in files()
        for _, name in imports(ast.parse(path.read_text("utf-8")))
    }
    ours = {"rag", "chat", "ui", *sys.stdlib_module_names}
    packages = packages_distributions()
    missing = {
        name for name in found - ours if not declared & set(map(normal, packages.get(name, [name])))
    }
    assert missing == set()


def normal(distribution: str) -> str:
    return distribution.lower().replace("_", "-")

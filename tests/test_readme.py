"""README: its Python runs, its commands exist, its figures are those of the result files."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
import report

import rag
from rag.cli import app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def fenced() -> list[tuple[str, str]]:
    """The fenced blocks of README: (language or nothing, text)."""
    parts = re.split(r"^```(.*)\n", README, flags=re.M)
    return list(zip(parts[1::4], parts[2::4], strict=True))


def commands(program: str) -> list[list[str]]:
    """The arguments of every call of a program in README, a folder before its name left out."""
    indented = [line.partition(" #")[0] for line in re.findall(r"^    (\S.*)", README, re.M)]
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", README, flags=re.M | re.S))
    calls = [shlex.split(call) for call in [*indented, *inline] if program in call]
    return [call[1:] for call in calls if call[0] in (program, f".venv/bin/{program}")]


@pytest.mark.model
def test_the_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    for name in ("RAG_MODEL", "RAG_INDEX", "RAG_SOURCE"):
        monkeypatch.delenv(name, raising=False)
    (code,) = [text for language, text in fenced() if language == "python"]
    assert len([line for line in code.splitlines() if line and line != "import rag"]) == 5
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    answer, index = names["answer"], names["index"]
    assert isinstance(answer, rag.Answer)
    assert isinstance(index, rag.Index)
    assert not answer.abstained
    assert "48.90" in answer.text
    for citation in answer.citations:
        text = index.document(citation.document_id).text
        assert text[citation.start : citation.end] == citation.quote


def test_the_commands_exist() -> None:
    called = {call[0] for call in commands("rag")}
    assert called == set(app.commands)


def test_the_options_exist() -> None:
    for call in commands("rag"):
        known = {o for p in app.commands[call[0]].params for o in p.opts}
        assert {word for word in call if re.match(r"-\w|--", word)} <= known, call


def test_the_make_targets_exist() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    called = {call[0] for call in commands("make")}
    assert {"chat", "test"} <= called <= set(targets)


def test_the_variables_exist() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "rag").rglob("*.py"))
    named = set(re.findall(r"RAG_[A-Z]+", README))
    assert named == {"RAG_INDEX", "RAG_SOURCE", "RAG_MODEL", "RAG_CACHE"}
    assert all(name in code for name in named)


def test_the_figures_are_those_of_the_result_files() -> None:
    assert report.rewritten(README, report.tables()) == README, "run: python benchmarks/report.py"


def test_the_tree_is_the_tree() -> None:
    """What the two trees name is there, and all that is in ``rag`` is named."""
    whole, inside = (
        re.findall(r"^(\S+?)/? {2,}\S", text, re.M) for language, text in fenced() if not language
    )
    assert [name for name in whole if not (ROOT / name).exists()] == []
    there = {path.name for path in (ROOT / "rag").iterdir()} - {"__pycache__", "py.typed"}
    assert set(inside) == there


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_the_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_licence_is_apache_2() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence

"""The command line: what it prints, where, with which exit code; bad input told in one line."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from rag.cli import app
from rag.cli.printing import indented, skipped_lines
from rag.index import storage
from rag.types import Skipped

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("build", "ask", "search", "chat", "status", "check", "verify", "mcp")
MILL = "Halden Mill\n\nHalden Mill was founded by Ingrid Solheim in 1911.\n"
ESCAPES = "Harbour notes\n\nThe \x1b[31mpilot\x1b[0m boat \u202eleaves at six in the morning.\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents in ``docs`` and their index in ``index``, made by the command."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "docs").mkdir()
    (folder / "docs" / "mill.txt").write_text(MILL, encoding="utf-8")
    (folder / "docs" / "harbour.md").write_text(ESCAPES, encoding="utf-8")
    (folder / "docs" / "photo.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    done = run("build", str(folder / "docs"), "--model", "word-hash", index=folder / "index")
    assert done.exit_code == 0, done.output
    return folder


class Done:
    """What a command printed, and its exit code."""

    def __init__(self, exit_code: int, stdout: str, stderr: str) -> None:
        self.exit_code, self.stdout, self.stderr = exit_code, stdout, stderr
        self.output = stdout + stderr

    @property
    def records(self) -> list[dict]:  # type: ignore[type-arg]
        return [json.loads(line) for line in self.stdout.splitlines()]


def run(*arguments: str, index: Path, stdin: bytes | None = None, **variables: str) -> Done:
    """Run a command in this process, without the variables of the machine."""
    unset = {"RAG_MODEL": None, "RAG_SOURCE": None, "RAG_INDEX": str(index)}
    result = CliRunner().invoke(
        app, list(arguments), input=stdin, env={**unset, **variables}, prog_name="rag"
    )
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "rag", *arguments],
        **{"cwd": ROOT, "capture_output": True, "timeout": 60, **options},  # type: ignore[call-overload]
    )


def told(done: Done, *parts: str) -> None:
    """Require an error in one line that holds these parts."""
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("rag: ")
    assert done.stderr.count("\n") == 1
    assert [part for part in parts if part not in done.stderr] == []


# --- build, status, check -------------------------------------------------------------------------


def test_build_says_what_it_did_and_what_it_skipped(home: Path, tmp_path: Path) -> None:
    done = run("build", str(home / "docs"), "--model", "word-hash", index=tmp_path / "new")
    first, *others = done.stdout.splitlines()
    assert re.fullmatch(r"2 documents, 2 passages, 2 changed \(.*gen-000001, \d+\.\d s\)", first)
    assert len(others) == 1
    assert others[0].startswith("skipped photo.txt: ")
    assert done.stderr == ""


def test_build_remembers_source_and_model(home: Path) -> None:
    (record,) = run("build", "--json", index=home / "index").records
    assert (record["documents"], record["changed"]) == (2, 0)
    assert record["source"] == str(home / "docs")
    assert [skipped["id"] for skipped in record["skipped"]] == ["photo.txt"]


def test_build_remembers_the_source_of_an_index_of_another_format(
    home: Path, tmp_path: Path
) -> None:
    index = tmp_path / "old"
    run("build", str(home / "docs"), "--model", "word-hash", index=index)
    manifest = storage.recorded(index / "gen-000001")
    (index / "gen-000001" / storage.MANIFEST).write_bytes(
        storage.manifest_bytes({**manifest, "format": storage.FORMAT - 1})
    )
    (record,) = run("build", "--json", index=index).records
    assert (record["generation"], record["source"]) == ("gen-000002", str(home / "docs"))


def test_status(home: Path) -> None:
    lines = dict(
        line.split(maxsplit=1) for line in run("status", index=home / "index").stdout.splitlines()
    )
    assert lines["documents"] == "2, and 1 files skipped"
    assert lines["encoder"].startswith("word-hash, 256 dimensions")
    assert lines["state"] == "up to date"


def test_status_tells_what_has_changed(home: Path, tmp_path: Path) -> None:
    (tmp_path / "mill.txt").write_text(MILL + "It closed in 2025.\n", encoding="utf-8")
    (tmp_path / "new.txt").write_text("New\n\nA new note.\n", encoding="utf-8")
    (record,) = run("status", "--json", "--source", str(tmp_path), index=home / "index").records
    assert record["stale"] is True
    assert (record["added"], record["changed"]) == (["new.txt"], ["mill.txt"])
    assert record["removed"] == ["harbour.md", "photo.txt"]
    plain = run("status", index=home / "index", RAG_SOURCE=str(tmp_path)).stdout
    assert f"stale: 1 added, 1 changed, 2 gone. Run `rag build --index {home / 'index'}`" in plain


def test_check(home: Path) -> None:
    done = run("check", index=home / "index")
    assert done.exit_code == 0
    assert re.match(r"gen-000001: sound, \d+ files, \d+ bytes\n", done.stdout)


# --- ask, search ----------------------------------------------------------------------------------

# One sentence to choose from, nothing too weak: the answer does not hang on the reading model.
ASK = ("ask", "--strictness", "0", "-d", "mill.txt")


def test_ask_prints_answer_and_numbered_quotes(home: Path) -> None:
    done = run(*ASK, "Who founded Halden Mill?", index=home / "index")
    assert done.exit_code == 0
    answer, _, quotes = done.stdout.partition("\n\n")
    assert answer.endswith("[1]")
    assert quotes == (
        "[1] mill.txt, line 3\n    Halden Mill was founded by Ingrid Solheim in 1911.\n"
    )
    assert done.stderr == ""


def test_ask_json_holds_the_exact_quote(home: Path) -> None:
    (record,) = run(*ASK, "--json", "Who founded Halden Mill?", index=home / "index").records
    (citation,) = record["citations"]
    assert MILL[citation["start"] : citation["end"]] == citation["quote"]
    assert (citation["document_id"], citation["line"]) == ("mill.txt", 3)
    assert (record["abstained"], record["reason"]) == (False, None)
    assert record["generation"] == "gen-000001"


def test_ask_joins_words_and_reads_stdin(home: Path) -> None:
    spoken = run(*ASK, "Who", "founded", "Halden Mill?", index=home / "index")
    piped = run(*ASK, "-", index=home / "index", stdin=b"\xef\xbb\xbfWho founded Halden Mill?\r\n")
    assert spoken.stdout == piped.stdout
    assert "[1] mill.txt, line 3" in piped.stdout


def test_not_answered_is_no_error(home: Path) -> None:
    done = run("ask", "--strictness", "1", "Who sells umbrellas in Oslo?", index=home / "index")
    assert done.exit_code == 0
    assert done.stdout.startswith("The documents do not say")
    assert "Nearest passages:\n\n- " in done.stdout
    (record,) = run("ask", "--json", "hello", index=home / "index").records
    assert (record["abstained"], record["reason"]["code"]) == (True, "not-a-question")


def test_ask_only_in_some_documents(home: Path) -> None:
    asked = ("ask", "--json", "--strictness", "0", "-d", "harbour.md", "Who founded the mill?")
    (record,) = run(*asked, index=home / "index").records
    assert {hit["document_id"] for hit in record["hits"]} == {"harbour.md"}


def test_search_ranks_and_scores(home: Path) -> None:
    done = run("search", "--json", "-k", "2", "Ingrid Solheim", index=home / "index")
    first, second = done.records
    assert (first["rank"], first["document_id"], first["line"]) == (1, "mill.txt", 1)
    assert first["score"] > second["score"] > 0
    plain = run("search", "-k", "1", "Ingrid Solheim", index=home / "index").stdout
    assert plain.startswith(
        f"[1] mill.txt, line 1  (score {first['score']:.4f})\n    Halden Mill\n"
    )


def test_documents_cannot_steer_the_terminal(home: Path) -> None:
    plain = run("search", "-k", "1", "pilot boat", index=home / "index").stdout
    assert "    The �[31mpilot�[0m boat �leaves at six" in plain
    (record,) = run("search", "--json", "-k", "1", "pilot boat", index=home / "index").records
    assert "\x1b[31mpilot" in record["text"]


def test_json_is_ascii(home: Path) -> None:
    done = run("search", "--json", "pilot boat", index=home / "index")
    assert done.stdout.isascii()


# --- bad input: one line with the remedy ----------------------------------------------------------


def test_missing_and_empty_folders(tmp_path: Path) -> None:
    told(run("build", str(tmp_path / "no"), index=tmp_path / "i"), str(tmp_path / "no"))
    (tmp_path / "empty").mkdir()
    told(run("build", str(tmp_path / "empty"), index=tmp_path / "i"), str(tmp_path / "empty"))
    assert not (tmp_path / "i" / "CURRENT").exists()


@pytest.mark.parametrize("command", [("ask", "Who?"), ("search", "Who?"), ("status",), ("check",)])
def test_no_index_yet(command: tuple[str, ...], tmp_path: Path) -> None:
    told(run(*command, index=tmp_path / "i"), str(tmp_path / "i"), "rag build")


def test_index_of_another_model(home: Path) -> None:
    done = run("ask", "Who?", index=home / "index", RAG_MODEL="all-MiniLM-L6-v2")
    told(done, "built with word-hash", "configured all-MiniLM-L6-v2", "rag build")


def test_unknown_model(home: Path, tmp_path: Path) -> None:
    done = run("build", str(home / "docs"), "--model", "./no-model", index=tmp_path / "i")
    told(done, "./no-model", "--model")


@pytest.mark.parametrize("command", [("ask", "Who?"), ("search", "Who?"), ("status",), ("check",)])
def test_damaged_index(command: tuple[str, ...], home: Path, tmp_path: Path) -> None:
    run("build", str(home / "docs"), "--model", "word-hash", index=tmp_path / "i")
    file = tmp_path / "i" / "gen-000001" / "passages.jsonl"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    told(run(*command, index=tmp_path / "i"), "passages.jsonl", "sha256", "rag build")


@pytest.mark.parametrize("command", ["ask", "search"])
def test_questions_that_are_none(command: str, home: Path) -> None:
    for question in ("", "  ", "?!"):
        assert run(command, question, index=home / "index").exit_code == 1
    told(run(command, "x" * 4001, index=home / "index"), "4,000")
    told(run(command, "-", index=home / "index", stdin=b""), "mpty")
    told(run(command, "-", index=home / "index", stdin=b"x" * 1_000_000), "4,000")
    told(run(command, "-", index=home / "index", stdin="für wen?".encode("cp1252")), "UTF-8")


def test_unknown_document(home: Path) -> None:
    done = run("ask", "-d", "mil.txt", "Who?", index=home / "index")
    told(done, "No document 'mil.txt'", "mean: mill.txt")


def test_build_mends_an_index_whose_pointer_is_gone(home: Path, tmp_path: Path) -> None:
    run("build", str(home / "docs"), "--model", "word-hash", index=tmp_path / "i")
    (tmp_path / "i" / "CURRENT").unlink()
    (record,) = run("build", "--json", index=tmp_path / "i").records
    assert (record["source"], record["documents"]) == (str(home / "docs"), 2)
    assert run("status", index=tmp_path / "i").stdout.count("word-hash") == 1


def test_port_in_use(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("chat", str(home / "docs"), "--port", str(port), index=home / "index")
    told(done, f"127.0.0.1:{port}", "rag chat --port")


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["search", "-k", "0", "x"],
        ["ask", "--strictness", "2", "x"],
        ["reply", "x"],
        ["build", "--no"],
    ],
)
def test_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    done = run(*arguments, index=tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Usage: rag" in done.stderr


# --- a process of its own -------------------------------------------------------------------------


def test_stdout_that_cannot_show_everything(home: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "RAG_INDEX": str(home / "index")}
    environment.pop("RAG_MODEL", None)
    done = process("search", "-k", "1", "pilot boat", env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"The ?[31mpilot?[0m boat" in done.stdout


def test_reader_that_has_seen_enough(home: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "rag",
        "search",
        "--json",
        "mill",
        "--index",
        str(home / "index"),
    ]
    line = f"{shlex.join(command)} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, timeout=60)
    assert (done.stdout, done.stderr) == (b"0\n", b"")


@pytest.mark.skipif(sys.platform != "linux", reason="sees by FIONREAD that stdin is being read")
def test_interrupt(home: Path) -> None:
    import fcntl
    import termios

    command = [sys.executable, "-m", "rag", "ask", "-", "--index", str(home / "index")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(  # type: ignore[call-overload]
        command,
        cwd=ROOT,
        bufsize=0,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # as in a terminal
        **pipes,
    ) as asking:
        asking.stdin.write(b"Who ")
        while int.from_bytes(fcntl.ioctl(asking.stdin, termios.FIONREAD, bytes(4)), sys.byteorder):
            time.sleep(0.01)
        asking.send_signal(signal.SIGINT)
        out, error = asking.communicate(timeout=60)
    assert (asking.returncode, out, error) == (130, b"", b"rag: interrupted\n")


def test_20_mb_on_stdin(home: Path) -> None:
    done = process("ask", "-", "--index", str(home / "index"), input=b"why " * 5_000_000)
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"longer than 4,000 characters" in done.stderr


# --- help -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples_that_can_be_run(command: str, tmp_path: Path) -> None:
    text = run(command, "--help", index=tmp_path).stdout
    examples = re.findall(
        rf"rag {command}\b.*", text.partition("Examples:")[2].partition("Options:")[0]
    )
    assert examples
    for example in examples:
        words = shlex.split(example)[2:]
        assert run(command, *words, "--help", index=tmp_path).exit_code == 0, example


def test_help_names_every_command_and_its_variables(tmp_path: Path) -> None:
    text = run("--help", index=tmp_path).stdout
    assert re.findall(r"^  (\w+) +\S", text.partition("Commands:")[2], re.M) == list(COMMANDS)
    build = run("build", "--help", index=tmp_path).stdout
    assert {"RAG_SOURCE", "RAG_INDEX", "RAG_MODEL"} <= set(re.findall(r"RAG_\w+", build))


def test_version(tmp_path: Path) -> None:
    said = run("--version", index=tmp_path).stdout
    assert re.fullmatch(r"cited-rag (\d+\.\d+\.\d+|\(not installed\))\n", said)


def test_long_texts_are_cut_and_many_skipped_files_counted() -> None:
    assert indented("one\ntwo three", 9) == "    one\n    two t …"
    lines = skipped_lines([Skipped(f"{n}.bin", "binary") for n in range(12)])
    assert lines[9:] == [
        "skipped 9.bin: binary",
        "skipped 2 more files; all of them: rag build --report",
    ]

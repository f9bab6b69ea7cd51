"""Faults of the disk and of processes: what is served stays exactly the old or the new content."""

from __future__ import annotations

import errno
import json
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from crash_lab import left_over, served, write_corpus
from power_loss import Recorder

from rag.encoders import WordHashEncoder
from rag.errors import IndexCorrupt, IndexFolderError, IndexLocked, IndexMismatch, IndexWriteError
from rag.index import build_index, check_index, default_index, index_status, load_index, storage
from rag.index.locking import building

LAB = Path(__file__).with_name("crash_lab.py")
FAILING = ("open", "write", "fsync", "rename", "replace", "unlink", "mkdir", "rmdir")


def build(source: Path, index: Path) -> None:
    build_index(source, index, encoder=WordHashEncoder())


def in_lab(task: str, rounds: int, folder: Path) -> list[dict[str, Any]]:
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    root = str(LAB.parent.parent)
    run = subprocess.run(
        [sys.executable, str(LAB), task, str(rounds), str(folder)],
        env={**os.environ, **single, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


# --- R1: kill -9 at a random time ----------------------------------------------------------------


def killed(rounds: int, folder: Path) -> None:
    outcomes = [line["outcome"] for line in in_lab("kill", rounds, folder)]
    assert outcomes.pop() == "finished"
    assert len(outcomes) == rounds
    assert set(outcomes) == {"old", "new"}


def test_a_killed_rebuild_leaves_the_old_or_the_new_index(tmp_path: Path) -> None:
    killed(100, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_thousand_killed_rebuilds(tmp_path: Path) -> None:
    killed(1000, tmp_path)


# --- R2: the Nth operation fails -----------------------------------------------------------------


class Failing:
    """Let the Nth call that opens or changes something below ``root`` fail, once or ever after."""

    def __init__(self, root: Path, number: int, persistent: bool) -> None:
        self.root = root
        self.number = number
        self.persistent = persistent
        self.calls = 0
        self.failed = 0
        self.descriptors: set[int] = set()

    def concerns(self, place: Any, dir_fd: int | None = None) -> bool:
        if dir_fd is not None or isinstance(place, int):
            return (place if dir_fd is None else dir_fd) in self.descriptors
        return Path(place).is_relative_to(self.root)

    def wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **named: Any) -> Any:
            ours = self.concerns(args[0], named.get("dir_fd"))
            self.calls += ours
            if ours and (
                self.calls == self.number or self.calls > self.number * self.persistent > 0
            ):
                self.failed += 1
                code = (errno.ENOSPC, errno.EIO, errno.EACCES)[self.number % 3]
                raise OSError(code, os.strerror(code))
            result = function(*args, **named)
            if name == "open":
                (self.descriptors.add if ours else self.descriptors.discard)(result)
            return result

        return wrapped


@contextmanager
def failing(root: Path, number: int, persistent: bool) -> Iterator[Failing]:
    state = Failing(root, number, persistent)
    with pytest.MonkeyPatch.context() as patch:
        for name in FAILING:
            patch.setattr(os, name, state.wrap(name, getattr(os, name)))
        yield state


@pytest.mark.parametrize("persistent", [False, True], ids=["once", "from-then-on"])
def test_whatever_operation_fails_the_old_or_the_new_index_is_served(
    tmp_path: Path, persistent: bool
) -> None:
    old_docs, new_docs = (write_corpus(tmp_path / f"docs{n}", n) for n in (1, 2))
    build(old_docs, tmp_path / "old")
    build(new_docs, tmp_path / "new")
    old, new = served(tmp_path / "old"), served(tmp_path / "new")
    build(old_docs, tmp_path / "index")
    refused = 0
    for number in range(1, 1000):
        with failing(tmp_path / "index", number, persistent) as state:
            try:
                build(new_docs, tmp_path / "index")
                error = None
            except IndexWriteError as caught:
                error = str(caught)
        if not state.failed:
            break
        refused += error is not None
        assert error is None or str(tmp_path) in error
        assert served(tmp_path / "index") in ([new] if error is None else [old, new])
        shutil.rmtree(tmp_path / "index")
        build(old_docs, tmp_path / "index")
    assert refused > 40
    assert served(tmp_path / "index") == new


def test_the_build_after_a_failed_one_removes_what_was_left(tmp_path: Path) -> None:
    docs = write_corpus(tmp_path / "docs", 1)
    build(docs, tmp_path / "index")
    write_corpus(docs, 2)
    with failing(tmp_path / "index", 25, True), pytest.raises(IndexWriteError):
        build(docs, tmp_path / "index")
    assert left_over(tmp_path / "index")
    build(docs, tmp_path / "index")
    assert not left_over(tmp_path / "index")


# --- R3: power loss ------------------------------------------------------------------------------


def test_after_a_power_loss_at_any_moment_one_whole_index_is_there(tmp_path: Path) -> None:
    old_docs, new_docs = (write_corpus(tmp_path / f"docs{n}", n) for n in (1, 2))
    index = tmp_path / "index"
    build(old_docs, index)
    old = served(index)
    recorder = Recorder(index)
    with recorder.recording():
        build(new_docs, index)
    new = served(index)
    assert old != new
    outcomes = set()
    for number, tree in enumerate(recorder.states()):
        folder = tmp_path / f"after{number}"
        tree.write(folder)
        found = served(folder)
        assert found in (old, new)
        outcomes.add("old" if found == old else "new")
        shutil.rmtree(folder)
    assert outcomes == {"old", "new"}


# --- C1: damage ----------------------------------------------------------------------------------


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Truncate, flip a bit, zero a block, append, or insert."""
    at = chance.randrange(len(content)) if content else 0
    kind = chance.randrange(5) if content else 3
    if kind == 0:
        return content[:at]
    if kind == 1:
        return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
    if kind == 2:
        end = min(len(content), at + 64)
        return content[:at] + bytes(end - at) + content[end:]
    extra = chance.randbytes(chance.randrange(1, 9))
    return content + extra if kind == 3 else content[:at] + extra + content[at:]


def mutated(rounds: int, folder: Path) -> None:
    """Damage one file at a time; the index is refused by name or still one whole generation."""
    index, chance = folder / "index", random.Random(rounds)
    for epoch in (1, 2):
        build(write_corpus(folder / "docs", epoch), index)
    current = storage.current_generation(index)
    sound = [storage.read_generation(index / name)[1] for name in storage.generations(index)]
    assert len(sound) == 2
    root = index / current
    files = [*sorted(path for path in root.rglob("*") if path.is_file()), index / "CURRENT"]
    refused = 0
    for number in range(rounds):
        path = files[number % len(files)]
        whole = path.read_bytes()
        path.write_bytes(damaged(whole, chance))
        if path.read_bytes() == whole:
            continue
        try:
            found = load_index(index)
        except IndexCorrupt as error:
            refused += 1
            where = path.name if path.name != "CURRENT" else "gen-"
            assert where in str(error) or "CURRENT" in str(error)
        else:  # only the pointer can be damaged into another valid one
            assert path.name == "CURRENT"
            assert storage.read_generation(index / found.generation)[1] in sound
        finally:
            path.write_bytes(whole)
    assert refused > 0.9 * rounds


def test_damage_is_refused_by_name(tmp_path: Path) -> None:
    mutated(2000, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_damages(tmp_path: Path) -> None:
    mutated(100_000, tmp_path)


def test_a_file_of_another_generation_is_refused(tmp_path: Path) -> None:
    index = tmp_path / "index"
    for epoch in (1, 2):
        build(write_corpus(tmp_path / "docs", epoch), index)
    for path in sorted((index / "gen-000001").rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(index / "gen-000001")
        whole = (index / "gen-000002" / name).read_bytes()
        if path.read_bytes() == whole or name.name == "manifest.json":
            continue
        (index / "gen-000002" / name).write_bytes(path.read_bytes())
        with pytest.raises(IndexCorrupt, match=name.name):
            load_index(index)
        (index / "gen-000002" / name).write_bytes(whole)


def test_the_generation_before_is_offered_and_can_be_gone_back_to(tmp_path: Path) -> None:
    index = tmp_path / "index"
    for epoch in (1, 2):
        build(write_corpus(tmp_path / "docs", epoch), index)
    (index / "gen-000002" / "passages.jsonl").unlink()
    with pytest.raises(IndexCorrupt, match=r"echo gen-000001 > .*CURRENT"):
        load_index(index)
    (index / "CURRENT").write_text("gen-000001\n")
    assert "epoch1" in load_index(index).documents[0].text


# --- C2: a hostile folder ------------------------------------------------------------------------


class Trap:
    """Unpickling this leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(self.mark),))


def forge(directory: Path, **changes: Any) -> None:
    """Rewrite a manifest with a right checksum, as an attacker or another version would."""
    manifest = json.loads((directory / "manifest.json").read_bytes())
    del manifest["checksum"]
    manifest.update(changes)
    (directory / "manifest.json").write_bytes(storage.manifest_bytes(manifest))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    build(write_corpus(tmp_path / "docs", 1), tmp_path / "index")
    return tmp_path / "index"


def test_a_pickle_is_never_opened(index: Path, tmp_path: Path) -> None:
    trap = pickle.dumps(Trap(tmp_path / "mark"))
    for name in ("index.pkl", "vectors.faiss.pkl", "lexical/corpus.pkl"):
        (index / "gen-000001" / name).write_bytes(trap)
    assert load_index(index).search_lexical(["copper"], 1)
    assert "gen-000001/index.pkl: ignored, not listed" in check_index(index)
    (index / "gen-000001" / "lexical" / "scores.f32").write_bytes(trap)
    with pytest.raises(IndexCorrupt, match=r"scores\.f32"):
        load_index(index)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("name", ["../docs/copper.md", "/etc/hostname", "a//b", "", ".hidden"])
def test_a_manifest_that_points_outside_is_refused(index: Path, name: str) -> None:
    manifest = storage.read_manifest(index / "gen-000001")
    files = {**manifest["files"], name: {"size": 1, "sha256": "0" * 64}}
    forge(index / "gen-000001", files=files)
    with pytest.raises(IndexCorrupt, match="outside the index"):
        load_index(index)


@pytest.mark.parametrize("name", ["passages.jsonl", "manifest.json", "lexical", "."])
def test_a_link_is_refused_even_to_the_right_bytes(index: Path, name: str, tmp_path: Path) -> None:
    path = index / "gen-000001" / name
    path = path.parent if name == "." else path
    path = index / "gen-000001" if name == "." else path
    os.rename(path, tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IndexCorrupt, match="link"):
        load_index(index)


def test_a_fifo_does_not_block(index: Path) -> None:
    (index / "gen-000001" / "passages.jsonl").unlink()
    os.mkfifo(index / "gen-000001" / "passages.jsonl")
    with pytest.raises(IndexCorrupt, match="regular file"):
        load_index(index)


# --- C3: built by something else -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": 3}, "format 3"),
        ({"format": 5}, "format 5"),
        ({"splitter": {"name": "other", "size": 12}}, "splitter"),
        ({"vectors": {"kind": "flat", "metric": "l2", "dim": 256, "count": 4}}, "l2"),
        ({"vectors": {"kind": "flat", "metric": "inner product", "dim": 8, "count": 4}}, "8"),
    ],
)
def test_another_format_or_splitter_is_a_mismatch(
    index: Path, changes: dict[str, Any], says: str
) -> None:
    forge(index / "gen-000001", **changes)
    with pytest.raises(IndexMismatch, match=f"{says}.*rag build"):
        load_index(index)


def test_another_model_is_a_mismatch(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says = r"built with word-hash.*configured all-MiniLM.*rag build"
    with pytest.raises(IndexMismatch, match=says):
        load_index(index, encoder="all-MiniLM-L6-v2")
    monkeypatch.setenv("RAG_MODEL", "all-MiniLM-L6-v2")
    with pytest.raises(IndexMismatch, match=says):
        load_index(index)


def test_other_weights_of_the_same_name_are_a_mismatch(index: Path) -> None:
    manifest = storage.read_manifest(index / "gen-000001")
    forge(index / "gen-000001", encoder={**manifest["encoder"], "fingerprint": "other"})
    with pytest.raises(IndexMismatch, match="configured word-hash"):
        load_index(index).encoder.encode(["copper"])


# --- K1: queries during rebuilds -----------------------------------------------------------------


def epochs_of_one_query(topic: str) -> set[str]:
    """Search both ways; return the epochs named by what was found and by its documents."""
    index = default_index()
    vector = index.encoder.encode([f"{topic} output"])[0]
    rows = [row for row, _ in index.search_dense(vector, 5) + index.search_lexical([topic], 5)]
    found = [index.passages[row] for row in rows]
    for passage in found:
        text = index.document(passage.document_id).text
        assert text[passage.start : passage.end] == passage.text
    return {word for p in found for word in p.text.split() if word.startswith("epoch")}


def queried_while_rebuilding(seconds: float, builds: int, folder: Path) -> None:
    """Ask from 8 threads while rebuilding, so long and so often at least."""
    build(write_corpus(folder / "docs", 0), folder / "index")
    stop, errors, asked = threading.Event(), [], [0] * 8

    def ask(worker: int) -> None:
        while not stop.is_set():
            try:
                epochs = epochs_of_one_query("copper" if worker % 2 else "salmon")
                if len(epochs) != 1:
                    errors.append(f"mixed: {epochs}")
                asked[worker] += 1
            except Exception as error:
                errors.append(repr(error))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    epoch, end = 0, time.monotonic() + seconds
    while time.monotonic() < end or epoch < builds:
        epoch += 1
        build(write_corpus(folder / "docs", epoch), folder / "index")
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert min(asked) > 0


def test_queries_during_rebuilds_see_one_generation_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    queried_while_rebuilding(4, 3, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_ten_minutes_of_queries_during_rebuilds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    queried_while_rebuilding(600, 100, tmp_path)


# --- K2: several rebuilds at once ----------------------------------------------------------------


def raced(rounds: int, folder: Path) -> None:
    lines = in_lab("race", rounds, folder)
    results = [line for line in lines if "codes" in line]
    locked = [line["locked"] for line in lines if "locked" in line]
    assert [line for line in lines if "error" in line] == []
    assert len(results) == rounds
    assert all(result["sound"] for result in results)
    assert locked
    assert all("is building this index" in message for message in locked)
    for result in results:
        codes = [os.waitstatus_to_exitcode(code) for code in result["codes"]]
        assert set(codes) <= {0, 3, -signal.SIGKILL}


def test_of_several_rebuilds_one_works_and_the_others_say_who(tmp_path: Path) -> None:
    raced(20, tmp_path)


@pytest.mark.long
def test_two_hundred_rounds_of_rebuilds_at_once(tmp_path: Path) -> None:
    raced(200, tmp_path)


def test_the_holder_of_the_lock_is_named(index: Path, tmp_path: Path) -> None:
    with building(index), pytest.raises(IndexLocked, match=rf"process {os.getpid()} on .*since 20"):
        build(tmp_path / "docs", index)
    build(tmp_path / "docs", index)


def test_a_dead_holder_blocks_nobody(index: Path, tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from rag.index.locking import building\n"
        "with building(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    root = {**os.environ, "PYTHONPATH": str(LAB.parent.parent)}
    with subprocess.Popen(
        [sys.executable, "-c", script, str(index)], stdout=subprocess.PIPE, env=root
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(IndexLocked, match=f"process {holder.pid} on"):
            build(tmp_path / "docs", index)
        holder.kill()
        holder.wait()
        build(write_corpus(tmp_path / "docs", 2), index)
    assert "epoch2" in load_index(index).documents[0].text


# --- K3: the folder goes, the documents change, while serving ------------------------------------


def test_an_open_index_goes_on_when_its_folder_is_deleted(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_INDEX", str(index))
    before = default_index()
    shutil.rmtree(index)
    assert default_index() is before
    assert before.passages[before.search_lexical(["salmon"], 1)[0][0]].document_id == "salmon.md"
    assert "No index" in index_status(index, tmp_path / "docs").problem


def test_changed_documents_show_in_the_status(index: Path, tmp_path: Path) -> None:
    assert not index_status(index).stale
    docs = tmp_path / "docs"
    (docs / "copper.md").write_text("Copper was sold.\n")
    (docs / "salmon.md").unlink()
    (docs / "zinc.md").write_text("Zinc was bought.\n")
    status = index_status(index)
    assert (status.added, status.changed, status.removed) == (
        ("zinc.md",),
        ("copper.md",),
        ("salmon.md",),
    )
    assert status.stale
    with pytest.raises(IndexFolderError):
        load_index(tmp_path / "nowhere")


def test_an_interrupted_build_leaves_the_old_index_and_what_it_embedded(
    index: Path, tmp_path: Path
) -> None:
    old = served(index)
    write_corpus(tmp_path / "docs", 2)

    def interrupt(stage: str, done: int, total: int) -> None:
        if stage == "write":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(tmp_path / "docs", index, encoder=WordHashEncoder(), progress=interrupt)
    assert served(index) == old
    assert sorted(os.listdir(index)) == [".embedded", ".lock", "CURRENT", "gen-000001"]
    build_index(tmp_path / "docs", index, encoder=WordHashEncoder())
    assert sorted(os.listdir(index)) == [".lock", "CURRENT", "gen-000001", "gen-000002"]

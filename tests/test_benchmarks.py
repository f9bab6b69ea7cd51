"""The judge, on cases worked out by hand; the runner, on a small pack; the tables."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import ablation
import figures
import load
import peers
import precision
import pytest
import quality
import record
import report
import scoring
import speed
from drawing import risk_coverage_svg
from scoring import Judgement, Prediction, is_declined, is_gold, is_right, judge, risk_coverage

import rag
from rag.types import Document

SOURCE = "The mill was founded in 1911. It made 8,200 tonnes of flour in 2024. It stands in Halden."
FOUNDED = "The mill was founded in 1911."
MADE = "It made 8,200 tonnes of flour in 2024."

ASKED = {
    "id": "1",
    "question": "How much flour?",
    "answerable": True,
    "type": "figure",
    "must_contain": [["8200", "eight thousand"], ["tonne", "t "]],
    "must_not_contain": ["2023"],
    "evidence": [{"doc": "mill.txt", "quote": MADE}],
}
UNANSWERABLE = {"id": "2", "question": "Who owns it?", "answerable": False, "tags": ["owner", "x"]}


def said(text: str, *quotes: str, hits: tuple[str, ...] = (), seconds: float = 0.1) -> Prediction:
    return Prediction(
        "1",
        text,
        abstained=False,
        citations=tuple(("mill.txt", quote) for quote in quotes),
        hits=tuple(("mill.txt", hit) for hit in hits),
        seconds=seconds,
    )


# --- one question --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("8,200 tonnes", True),
        ("8 200 Tonnes", True),  # a no-break space between the digits
        ("eight thousand tonnes", True),
        ("8,200 kilograms", False),  # one group is missing
        ("8,200 tonnes in 2023", False),  # must not
        ("8,200 tonnes " + "and more " * 39, True),  # 2 + 78 = 80 words
        ("8,200 tonnes " + "and more " * 39 + "yet", False),  # 81
    ],
)
def test_right_by_what_must_be_there(text: str, right: bool) -> None:
    assert is_right(ASKED, said(text)) is right
    assert is_right(ASKED, Prediction("1", text, abstained=True)) is False


@pytest.mark.parametrize(
    ("gold", "text", "right"),
    [
        ("the Halden mill", "Flour from Halden Mill, mostly.", True),
        ("Halden mill", "Halden, a mill", True),  # articles and punctuation do not count
        ("mill", "millers", False),
        ("10.5 %", "It rose 10.55 %", True),  # 0.05 <= 0.005 * 10.5
        ("10.5 %", "It rose 10.56 %", False),
        ("8 200", "8,200.4 t", True),
        ("from 5 to 10", "5 and then 10", True),
        ("five of the 10 men in town", "10", False),  # more than four words: no figures alone
        ("北方", "在北方有", True),
    ],
)
def test_right_by_gold_answers(gold: str, text: str, right: bool) -> None:
    assert is_right({"answers": ["nothing like it", gold]}, said(text)) is right


def test_right_needs_the_right_polarity() -> None:
    question = {"must_contain": [["1911"]], "polarity": "yes"}
    assert is_right(question, said("Yes, in 1911"))
    assert is_right(question, said("In 1911"))
    assert not is_right(question, said("No, in 1911"))
    assert is_right(question, said("Nobody knows; 1911"))


def test_declined_by_silence_or_by_correction() -> None:
    wrong_premise = {"correction": [["rose", "grew"]]}
    assert is_declined(UNANSWERABLE, Prediction("2"))
    assert not is_declined(UNANSWERABLE, said("Ingrid owns it"))
    assert is_declined(wrong_premise, said("Profit grew."))
    assert not is_declined(wrong_premise, said("Profit fell."))


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        (MADE, True),
        (f"{FOUNDED}  {MADE}\n", True),  # contains it
        ("8,200 tonnes of flour", True),  # lies in it, 21 characters
        ("8,200 tonnes", False),  # lies in it, 12 characters, no run of four words
        ("It made 8,200 tonnes of salt", True),  # 2 of its 3 runs of four words
        ("It made 8,200 tonnes and little of salt", False),  # 1 of min(5, 5)
        ("", False),
    ],
)
def test_on_gold_evidence(text: str, gold: bool) -> None:
    assert is_gold("mill.txt", text, ASKED["evidence"]) is gold
    assert is_gold("other.txt", text, ASKED["evidence"]) is False


# --- all together --------------------------------------------------------------------------------


def judged() -> list[Judgement]:
    sources = {"mill.txt": SOURCE}
    answers = [
        (ASKED, said("8,200 tonnes", MADE, FOUNDED, hits=(FOUNDED, MADE), seconds=0.3)),
        (ASKED, said("8,200 tonnes", FOUNDED, hits=(MADE,), seconds=0.1)),
        (ASKED, said("9 tonnes", "It made 9 tonnes", hits=(FOUNDED,) * 5 + (MADE,), seconds=0.2)),
        (ASKED, Prediction("1", "Silence", True, (("mill.txt", MADE),), (), 0.4)),
        (UNANSWERABLE, Prediction("2", "Silence", True)),
        (UNANSWERABLE, said("In Halden", "It stands in Halden.")),
        (UNANSWERABLE, said("In Oslo")),
    ]
    return [judge(question, prediction, sources) for question, prediction in answers]


def test_report() -> None:
    assert scoring.report(judged()) == {
        "right": 100 * 2 / 4,
        "right+cited": 100 * 1 / 4,
        "cited_gold": 100 * 1 / 4,  # MADE of MADE, FOUNDED, FOUNDED and an invented one
        "declined": round(100 * 1 / 3, 1),
        "false_decline": 100 * 1 / 4,
        "hit@5": 100 * 2 / 4,
        "mrr": round(100 * (1 / 2 + 1 + 1 / 6 + 0) / 4, 1),
        "exact_quotes": 100 * 4 / 5,  # the invented quote is none
        "balanced": round((50.0 + 33.3) / 2, 1),
        "p50": 0.2,  # of 0.1 0.1 0.1 0.2 0.3 0.4: number int(0.5 * 6) = 3, from 0
        "p95": 0.4,
    }


def test_by_kind() -> None:
    assert scoring.by_kind(judged()) == {"figure": (2, 4), "owner,x": (1, 3)}


def test_report_leaves_out_what_the_questions_do_not_allow() -> None:
    assert scoring.report([judge(UNANSWERABLE, Prediction("2"), {})]) == {"declined": 100.0}


def test_risk_and_coverage() -> None:
    assert risk_coverage(judged()) == (5 / 7, 3 / 5)
    assert risk_coverage([judge(UNANSWERABLE, Prediction("2"), {})]) == (0.0, 0.0)


def test_quantile_takes_a_value_that_was_measured() -> None:
    assert scoring.quantile([1, 2, 3, 4], 0.5) == 3
    assert scoring.quantile([1, 2, 3, 4], 0.95) == 4
    assert scoring.quantile([1], 0.95) == 1


# --- running -------------------------------------------------------------------------------------


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "mills"
    (folder / "corpus").mkdir(parents=True)
    (folder / "corpus" / "mill.txt").write_text(f"The mill\n\n{SOURCE}\n", encoding="utf-8")
    lines = (json.dumps(question) + "\n\n" for question in (ASKED, UNANSWERABLE))
    (folder / "questions.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def test_quality_keeps_figures_predictions_and_picture(pack: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = [str(pack), "--model", "word-hash", "--curve", "--out", str(out)]
    quality.main([*asked, "--predictions", str(out)])
    found = json.loads((out / "quality.json").read_text("utf-8"))
    assert found["command"] == "python benchmarks/quality.py mills --curve --model word-hash"
    summary = found["packs"]["mills"]
    assert (summary["questions"], summary["answerable"]) == (2, 1)
    assert (summary["hit@5"], summary["mrr"]) == (100.0, 100.0)
    assert {kind: of for kind, (_, of) in summary["kinds"].items()} == {"figure": 1, "owner,x": 1}
    assert str(tmp_path) not in (out / "quality.json").read_text("utf-8")
    first = json.loads((out / "mills.jsonl").read_text("utf-8").splitlines()[0])
    assert first["hits"][0][0] == "mill.txt"
    curve = json.loads((out / "risk-coverage.json").read_text("utf-8"))
    assert len(curve["packs"]["mills"]) == len(curve["strictness"]) == len(quality.LEVELS)
    ElementTree.parse(out / "risk-coverage.svg")


def test_precision_is_measured_for_both(pack: Path, tmp_path: Path) -> None:
    precision.main([str(pack), "--model", "word-hash", "--out", str(tmp_path)])
    found = json.loads((tmp_path / "precision.json").read_text("utf-8"))
    assert found["command"] == "python benchmarks/precision.py mills --model word-hash"
    for measures in found["packs"]["mills"].values():
        assert (measures["hit@5"], measures["mrr"]) == (100.0, 100.0)
    assert list(found["packs"]["mills"]) == ["int8", "fp32"]


def test_quality_with_a_limit_keeps_nothing(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "RESULTS", pack / "results")
    quality.main([str(pack), "--model", "word-hash", "--limit", "1"])
    assert not (pack / "results").exists()


def test_the_seed_pack_is_whole() -> None:
    seeds = quality.read_pack("seeds")
    assert (seeds.name, len(seeds.questions), seeds.corpus) == ("seeds", 130, record.ROOT / "seeds")
    documents = {p.name: p.read_text("utf-8") for p in seeds.corpus.glob("*.txt")}
    evidence = [piece for question in seeds.questions for piece in question.get("evidence", ())]
    assert len(evidence) > 100
    assert all(piece["quote"] in documents[piece["doc"]] for piece in evidence)


def test_speed_compares_with_what_ran_beside_it() -> None:
    assert speed._beside({"ours": 0.25, "plain": 2.0}, "ours", "plain") == {
        "seconds": 0.25,
        "beside": {"plain": 2.0},
        "ratio": round(0.25 / 2.0, 2),
    }


def test_circumstances_name_no_host() -> None:
    found = record.circumstances("python benchmarks/speed.py")
    assert list(found) == ["command", "date", "commit", "machine", "versions"]
    assert list(found["machine"]) == ["processor", "cores", "system", "python"]
    assert found["machine"]["cores"] >= 1


# --- showing -------------------------------------------------------------------------------------

MACHINE = {"processor": "A chip", "cores": 2, "system": "Linux", "python": "3.11.1"}
MADE_BY = {"command": "python x.py", "date": "2026-01-02T03:04:05+00:00", "machine": MACHINE}


def test_quality_table() -> None:
    mills = {"questions": 2, "right": 50.0, "hit@5": 100.0, "exact_quotes": 99.9, "p95": 0.0456}
    assert report.quality_table({**MADE_BY, "packs": {"mills": mills}}) == (
        "| pack | questions | right | declined | cited_gold | exact_quotes | hit@5 | p95 |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        "| mills | 2 | 50.0 % |  |  | 99.9 % | 100.0 % | 46 ms |\n\n"
        "`python x.py`, 2026-01-02, A chip, 2 cores, Python 3.11.1."
    )


def test_precision_table_says_what_is_lost() -> None:
    mills = {"int8": {"hit@5": 97.5, "mrr": 80.0}, "fp32": {"hit@5": 98.0, "mrr": 79.96}}
    table = report.precision_table({**MADE_BY, "packs": {"mills": mills}})
    assert "| pack | hit@5, int8 | fp32 | lost, points | mrr, int8 | fp32 | lost, points |" in table
    assert "| mills | 97.5 | 98.0 | 0.5 | 80.0 | 80.0 | 0.0 |" in table


def test_speed_table() -> None:
    beside = {"seconds": 0.5, "beside": {"plain": 2.0}, "ratio": 0.25}
    parts = {
        part: {name: beside for p, name, _ in report._SPEEDS if p == part}
        for part, _, _ in report._SPEEDS
    }
    table = report.speed_table({**MADE_BY, **parts})
    assert "| an answer, median | 500 ms | 2.0 s | 0.25 |\n" in table
    assert len(table.splitlines()) == 2 + len(report._SPEEDS) + 2


def test_load_table() -> None:
    measured = load.Measured(0.06, [0.1] * 19 + [0.5], [], [0.01, 0.02])
    found = {"apart": measured.record(), "together": measured.record()}
    assert found["apart"]["answers"] == {"median": 0.1, "p95": 0.5, "longest": 0.5}
    table = report.load_table({**MADE_BY, "users": 20, "load": found})
    assert "| all asking in the same instant | 100 ms | 500 ms | 500 ms | 20 ms | 0 |\n" in table
    assert table.startswith("| 20 people in the chat | an answer, median | p95 |")


def test_peers_table() -> None:
    found = {
        "passages": 2000,
        "build seconds": {"ours": 30.0, "langchain": 120.0},
        "build megabytes": {"ours": 300.4, "langchain": 1000.0},
        "retrieve p50": {"ours": 0.005, "langchain": 0.02},
        "start seconds": {"ours": 0.6, "langchain": 9.0, "plain": 6.0},
    }
    rows = report.peers_table({**MADE_BY, **found}).splitlines()[2:6]
    assert rows[0] == "| building an index of 2,000 passages | 30.0 s | 120.0 s | 0.25 |"
    assert rows[1].endswith("| 300 MB | 1000 MB | 0.30 |")
    assert rows[2].endswith("| 5 ms | 20 ms | 0.25 |")
    assert rows[3].endswith("| 600 ms | 6.0 s | 0.10 |")


def test_peers_documents_give_about_as_many_passages(tmp_path: Path) -> None:
    peers.write_documents(tmp_path / "a", 60)
    peers.write_documents(tmp_path / "b", 60)
    same = [[p.read_bytes() for p in sorted((tmp_path / name).iterdir())] for name in "ab"]
    assert same[0] == same[1]
    index = rag.build_index(tmp_path / "a", tmp_path / "index", encoder="word-hash")
    assert 55 <= len(index.passages) <= 65


def test_peers_says_what_is_missing() -> None:
    code = "import langchain_peer as p; p.NEEDED = ('faiss-cpu', 'no-such-chain'); p.check()"
    command, folder = [sys.executable, "-c", code], record.ROOT / "benchmarks"
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("missing: no-such-chain. ")
    assert "-m pip install no-such-chain" in done.stderr


def test_a_process_is_timed_and_weighed() -> None:
    found = peers.process(sys.executable, "-c", "print(bytearray(50_000_000)[0])")
    assert found["out"] == "0\n"
    assert found["seconds"] > 0
    assert found["megabytes"] > 50
    with pytest.raises(SystemExit, match="nothing of it"):
        peers.process(sys.executable, "-c", "raise SystemExit('nothing of it')")


def test_rewriting_keeps_the_rest() -> None:
    readme = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    new = report.rewritten(readme, r"a \1 b")
    assert new == f"before\n{report.BEGIN}\n\na \\1 b\n\n{report.END}\nafter\n"
    with pytest.raises(ValueError, match=r"README\.md must hold"):
        report.rewritten("before\n", "new")


def test_picture() -> None:
    picture = risk_coverage_svg({"<a> & b": [(0.0, 0.0), (1.0, 0.5)]})
    root = ElementTree.fromstring(picture)
    line = root.find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None
    # from the lower left (60, 350) to the right edge (440), half way up: 350 - 0.5 * 320
    assert line.get("points") == "60.0,350.0 440.0,190.0"
    assert "&lt;a&gt; &amp; b" in picture


# --- what each part earns ------------------------------------------------------------------------


def test_a_variant_changes_the_program_and_leaves_it_as_it_was() -> None:
    import rag.retrieval
    import rag.slots

    before = rag.retrieval.DENSE, rag.slots.RANKING, rag.slots.SUPPORT
    variants = list(ablation.VARIANTS.values())
    with ablation.reduced(variants[0]):
        assert rag.retrieval.DENSE == 0.0
        assert rag.slots.support({"bias": 1.0}) > 0.99
    assert before == (rag.retrieval.DENSE, rag.slots.RANKING, rag.slots.SUPPORT)
    with ablation.reduced(variants[-1]):
        assert before == (rag.retrieval.DENSE, rag.slots.RANKING, rag.slots.SUPPORT)


def test_the_ablation_is_a_table_with_a_column_a_pack() -> None:
    found = {"words alone": {"right": 40.0, "declined": 0.0}}
    table = report.ablation_table({**MADE_BY, "packs": {"seeds": found, "mill": found}})
    assert "| words alone | 40.0 · 0.0 | 40.0 · 0.0 |" in table


def test_figures_are_scored_by_field() -> None:
    text = "# Acme report\n\nRevenue was 5 million euros in 2024. It sold 7 tonnes in 2023.\n"
    document = Document("a.md", "Acme report", text)
    right = figures.Label(
        text.index("5 million"), "5 million euros", ("sales", "revenue"), "Acme", "2024"
    )
    wrong = figures.Label(text.index("7 tonnes"), "7 tonnes", ("tin",), "Globex", "2022")
    assert figures.score(iter([(document, [right, wrong])])) == {
        "figures": 2,
        "metric": {"precision": 100.0, "recall": 50.0},  # nothing is said of the second
        "entity": {"precision": 50.0, "recall": 50.0},
        "period": {"precision": 50.0, "recall": 50.0},
    }


def test_labels_of_a_pack_come_from_its_tables(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    table = "| In EUR | 2023 | 2024 |\n|---|---|---|\n| Sales | 1,200 | (7) |\n| Note | a | 5 |\n"
    other = "| A | B |\n|---|---|\n| C | 9 |\n"
    page = f"# Page\n\nCompany: Acme. In this document we.\n\n{table}\n{other}"
    (tmp_path / "corpus" / "a.md").write_text(page)
    ((document, labels),) = figures.of_pack(tmp_path)
    assert [(label.printed, label.metric, label.period) for label in labels] == [
        ("1,200", ("Sales",), "2023"),
        ("(7)", ("Sales",), "2024"),
        ("5", ("Note",), "2024"),
    ]
    for label in labels:
        assert document.text[label.start :].startswith(label.printed)
        assert label.entity == "Acme"


def test_the_labels_by_hand_stand_where_they_say() -> None:
    papers = list(figures.by_hand())
    assert sum(len(labels) for _, labels in papers) == 129
    for document, labels in papers:
        assert len(list(figures.verdicts(document, labels))) == len(labels)

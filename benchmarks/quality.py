#!/usr/bin/env python3
"""Ask question packs through the public functions and print how good the answers are.

    python benchmarks/quality.py                      the 130 questions on the seed documents
    python benchmarks/quality.py seeds PACK ...       and packs of your own
    python benchmarks/quality.py --curve              and at other strictness: a picture
    python benchmarks/quality.py --feedback FILE --corpus FOLDER
                                                      what people said of the chat's answers

A pack is a folder with ``questions.jsonl`` and ``corpus/``; the format and the measures are in
README.md beside this file. Without ``--limit`` the results are kept in ``results/``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from drawing import risk_coverage_svg
from record import RESULTS, ROOT, circumstances, save
from scoring import Judgement, Prediction, Question, by_kind, judge, report, risk_coverage
from verdicts import cites_the_same, read_verdicts, tally

import rag

Ask = Callable[[Question], Prediction]
"""A system under test: a question of a pack to what it says. An ablation is another of these."""


RETRIEVED = 10
"""Passages asked for; hit@5 looks at the first five, the reciprocal rank at all."""

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Strictness of the points of a risk-coverage curve."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Questions and the folder of documents that they are about."""

    name: str
    questions: Sequence[Question]
    corpus: Path


def read_pack(name: str, corpus: Path | None = None, limit: int | None = None) -> Pack:
    """Return a pack by its folder, or the seeds by the name ``seeds``.

    Raises:
        FileNotFoundError: it has no questions or no corpus.
    """
    folder = Path(name)
    file, documents = folder / "questions.jsonl", folder / "corpus"
    if name == "seeds" or not documents.is_dir():
        documents = ROOT / "seeds"
    if name == "seeds":
        file = ROOT / "benchmarks" / "questions" / "seeds.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines if line.strip()]
    return Pack(folder.resolve().name, questions[:limit], corpus or documents)


def system(index: rag.Index, strictness: float | None = None) -> Ask:
    """Return the product as it is, asked through `rag.answer` and `rag.retrieve`."""
    options = {} if strictness is None else {"strictness": strictness}

    def ask(question: Question) -> Prediction:
        text, scope = question["question"], question.get("scope")
        history = [(turn["question"], turn["answer"]) for turn in question.get("history") or ()]
        started = time.perf_counter()
        answer = rag.answer(text, index, history=history, documents=scope, **options)
        seconds = time.perf_counter() - started
        hits = rag.retrieve(text, index, k=RETRIEVED, history=history, documents=scope)
        return Prediction(
            id=question["id"],
            text=answer.text,
            abstained=answer.abstained,
            citations=tuple((c.document_id, c.quote) for c in answer.citations),
            hits=tuple((hit.passage.document_id, hit.passage.text) for hit in hits),
            seconds=seconds,
        )

    return ask


def run(pack: Pack, ask: Ask) -> tuple[list[Prediction], list[Judgement]]:
    """Ask every question of a pack and judge what was said."""
    sources = {
        path.relative_to(pack.corpus).as_posix(): _exact_text(path)
        for path in sorted(pack.corpus.rglob("*"))
        if path.is_file()
    }
    predictions = []
    for number, question in enumerate(pack.questions, start=1):
        predictions.append(ask(question))
        _progress(f"{pack.name}: {number} of {len(pack.questions)}")
    judged = [
        judge(question, said, sources)
        for question, said in zip(pack.questions, predictions, strict=True)
    ]
    return predictions, judged


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line asks for."""
    options = _options().parse_args(arguments)
    if options.feedback:
        ask_again(options.feedback, options.corpus or ROOT / "seeds", options.model)
        return
    judged: dict[str, list[Judgement]] = {}
    curves: dict[str, list[tuple[float, float]]] = {}
    for name in options.packs:
        pack = read_pack(name, options.corpus, options.limit)
        with tempfile.TemporaryDirectory() as folder:
            index = rag.build_index(pack.corpus, folder, encoder=options.model)
            system(index)(pack.questions[0])  # the first question opens the models
            predictions, judged[pack.name] = run(pack, system(index))
            if options.curve:
                runs = (run(pack, system(index, level))[1] for level in LEVELS)
                curves[pack.name] = [risk_coverage(found) for found in runs]
        if options.predictions:
            name = f"{pack.name}.jsonl"
            _write_lines(options.predictions / name, (asdict(p) for p in predictions))
        _print_pack(pack.name, judged[pack.name])
    if options.out or options.limit is None:
        _keep(options, judged, curves)


def ask_again(file: Path, corpus: Path, model: str | None = None) -> dict[str, tuple[int, int]]:
    """Ask the questions of a feedback file again; print and return what has become of them."""
    verdicts, unusable = read_verdicts(file)
    with tempfile.TemporaryDirectory() as folder:
        ask = system(rag.build_index(corpus, folder, encoder=model))
        said = [ask(verdict.asked) for verdict in verdicts]
    print(f"\n{file.name}: {len(verdicts)} answers judged, {unusable} lines of no use")
    for verdict, now in zip(verdicts, said, strict=True):
        if cites_the_same(verdict, now) != verdict.good:
            print(f"  {'lost' if verdict.good else 'bad still'}: {verdict.id}: {verdict.question}")
    counted = tally(verdicts, said)
    for measure, (count, of) in counted.items():
        print(f"  {measure:14} {count} of {of}")
    return counted


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("packs", nargs="*", default=["seeds"], help="pack folders, or seeds")
    parser.add_argument("--corpus", type=Path, help="folder of documents, instead of PACK/corpus")
    parser.add_argument("--feedback", type=Path, help="verdicts that the chat has noted")
    parser.add_argument("--limit", type=int, help="only the first questions of each pack")
    parser.add_argument("--curve", action="store_true", help="also draw risk against coverage")
    parser.add_argument("--model", help="encoder, as for rag build")
    parser.add_argument("--predictions", type=Path, help="folder to write every prediction to")
    parser.add_argument("--out", type=Path, help="folder for the results [benchmarks/results]")
    return parser


def _keep(
    options: argparse.Namespace,
    judged: dict[str, list[Judgement]],
    curves: dict[str, list[tuple[float, float]]],
) -> None:
    """Write figures and picture; a pack is named by its folder's name, never by its path."""
    folder = options.out or RESULTS
    flags = ["--curve"] * options.curve
    flags += ["--model", options.model] if options.model else []
    flags += ["--limit", str(options.limit)] if options.limit else []
    record = circumstances(" ".join(["python benchmarks/quality.py", *judged, *flags]))
    record["packs"] = {name: _summary(found) for name, found in judged.items()}
    save(folder / "quality.json", record)
    if curves:
        save(folder / "risk-coverage.json", {**record, "strictness": LEVELS, "packs": curves})
        picture = risk_coverage_svg(curves)
        (folder / "risk-coverage.svg").write_text(picture, encoding="utf-8")


def _summary(judged: Sequence[Judgement]) -> dict[str, Any]:
    answerable = sum(j.answerable for j in judged)
    return {
        "questions": len(judged),
        "answerable": answerable,
        **report(judged),
        "kinds": {kind: list(goods) for kind, goods in by_kind(judged).items()},
    }


def _print_pack(name: str, judged: Sequence[Judgement]) -> None:
    print(f"\n{name}: {len(judged)} questions, {sum(j.answerable for j in judged)} answerable")
    for measure, value in report(judged).items():
        print(f"  {measure:14} {value:g}")
    for kind, (good, asked) in by_kind(judged).items():
        print(f"    {kind[:40]:40} {good:4} of {asked}")


def _exact_text(path: Path) -> str:
    """Return a file's text with its line ends as they are; what is not UTF-8 matches nothing."""
    return path.read_bytes().decode("utf-8", errors="replace")


def _write_lines(path: Path, records: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8")


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

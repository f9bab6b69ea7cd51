"""Measure an exported reader: `python training/evaluate.py [--eval PACKS] [--calibrate]`.

Always on the held-out company documents, SQuAD 2.0 articles and invented passages; with --eval also
on the packs (only to report: nothing is chosen by them). --calibrate writes runs/constants.json.

Per set: `gold auc` and `gold f1` given the gold (or, unanswerable, the nearest) passage;
`auc`, `balanced`, `right first` over the lexically nearest passages of the document, where the
passage with the highest answerable logit is read and its best span taken.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import windows
from examples import overlap, read_jsonl
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Tokenizer
from written import HELD_OUT, told_in

HERE = Path(__file__).parent
TOP, SIZE, LONGEST = 6, 600, 60


@dataclass(slots=True)
class Case:
    """A question with the texts it may be read in and, answerable, where its evidence stands."""

    question: str
    answerable: bool
    texts: list[str]
    evidence: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    nearest: str = ""
    kind: str = ""


@dataclass(slots=True)
class Reading:
    """One passage read: its logit, its best span in it, and the span's logits summed."""

    heading: str
    text: str
    logit: float
    start: int
    end: int
    span: float


class Reader:
    """An exported reader on two threads."""

    def __init__(self, folder: Path, model: Path | None = None) -> None:
        options = SessionOptions()
        options.intra_op_num_threads = 2
        self.session = InferenceSession(
            str(model or folder / "reader.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def read(self, question: str, passages: list[tuple[str, str]]) -> list[Reading]:
        """All (heading, text) passages of a question in one pass."""
        pairs = [(question, f"{h}\n{t}" if h else t) for h, t in passages]
        rows = self.tokenizer.encode_batch(pairs)
        names = {
            "input_ids": "ids",
            "attention_mask": "attention_mask",
            "token_type_ids": "type_ids",
        }
        inputs = {
            name: np.array([getattr(r, attr) for r in rows], np.int64)
            for name, attr in names.items()
        }
        starts, ends, logits = self.session.run(["start", "end", "answerable"], inputs)
        found = []
        for row, (heading, text), start, end, logit in zip(
            rows, passages, starts, ends, logits, strict=True
        ):
            shift = len(heading) + 1 if heading else 0
            allowed = np.array(
                [
                    s == 1 and o[0] >= shift
                    for s, o in zip(row.sequence_ids, row.offsets, strict=True)
                ]
            )
            i, j, score = best_span(np.where(allowed, start, -1e4), np.where(allowed, end, -1e4))
            found.append(
                Reading(
                    heading,
                    text,
                    float(logit),
                    row.offsets[i][0] - shift,
                    row.offsets[j][1] - shift,
                    score,
                )
            )
        return found


def best_span(start: np.ndarray, end: np.ndarray) -> tuple[int, int, float]:
    """First and last token, at most LONGEST apart, with the greatest sum of logits."""
    total = start[:, None] + end[None, :]
    total[~np.triu(np.tri(len(start), k=LONGEST - 1, dtype=bool))] = -1e9
    i, j = np.unravel_index(int(total.argmax()), total.shape)
    return int(i), int(j), float(total[i, j])


def auc(yes: list[float], no: list[float]) -> float:
    """Share of (answerable, unanswerable) pairs in the right order, ties a half; percent."""
    if not yes or not no:
        return float("nan")
    high, low = np.array(yes)[:, None], np.array(no)[None, :]
    return float(100 * ((high > low).mean() + 0.5 * (high == low).mean()))


def f1(said: str, golds: Iterable[str]) -> float:
    """Greatest word F1 against a gold answer (Rajpurkar et al., 2016)."""

    def words(t):
        return re.sub(r"\b(a|an|the)\b", " ", re.sub(r"[^\w\s]", " ", t.lower())).split()

    best = 0.0
    for gold in golds:
        shared = sum((Counter(words(said)) & Counter(words(gold))).values())
        best = max(best, 2 * shared / max(1, len(words(said)) + len(words(gold))))
    return 100 * best


def balanced(yes: list[float], no: list[float]) -> tuple[float, float]:
    """(best mean of kept answerable and declined unanswerable, its threshold); percent."""
    points = sorted({*yes, *no})
    scored = [
        (50 * (np.mean([y >= t for y in yes]) + np.mean([n < t for n in no])), t) for t in points
    ]
    return max(scored) if scored else (float("nan"), 0.0)


def cut(case: Case) -> list[tuple[str, str]]:
    """All passages of the texts of a case, lexically nearest to the question first."""
    made = [(w.heading, t[w.start : w.end]) for t in case.texts for w in windows.split(t, SIZE)]
    return sorted(made, key=lambda p: -overlap(case.question, f"{p[0]} {p[1]}"))


def on_evidence(reading: Reading, case: Case) -> bool:
    """Whether the span lies in a gold evidence, or holds it."""
    begun, cell = reading.text[: reading.start], reading.text[reading.start : reading.end]
    for gold in case.evidence:
        at = reading.text.find(gold)
        if at >= 0 and at < len(begun) + len(cell) and len(begun) < at + len(gold):
            return True
    return False


def measure(reader: Reader, cases: list[Case]) -> dict[str, Any]:
    """All figures of a set of cases; the raw logits are under `yes` and `no`."""
    seen: dict[str, list[float]] = {
        k: [] for k in ("gold yes", "gold no", "yes", "no", "first", "f1")
    }
    for case in cases:
        passages = cut(case)[: TOP if len(case.texts) < 2 else 8]
        gold = next((p for p in passages if any(e in p[1] for e in case.evidence)), None)
        readings = reader.read(case.question, passages)
        top = max(readings, key=lambda r: r.logit)
        label = "yes" if case.answerable else "no"
        seen[label].append(top.logit)
        if case.answerable:
            seen["first"].append(100.0 * on_evidence(top, case))
        if gold:
            read = next(r for r in readings if r.text == gold[1])
            seen["gold yes"].append(read.logit)
            seen["f1"].append(f1(read.text[read.start : read.end], case.answers))
        if not case.answerable:
            near = next(
                (r for r in readings if case.nearest and case.nearest in r.text), readings[0]
            )
            seen["gold no"].append(near.logit)
    best, threshold = balanced(seen["yes"], seen["no"])
    return {
        "n": len(cases),
        "gold auc": auc(seen["gold yes"], seen["gold no"]),
        "gold f1": float(np.mean(seen["f1"] or [0])),
        "auc": auc(seen["yes"], seen["no"]),
        "balanced": best,
        "at": threshold,
        "right first": float(np.mean(seen["first"] or [0])),
        "yes": seen["yes"],
        "no": seen["no"],
    }


def held_out_cases() -> dict[str, list[Case]]:
    """The three sets that training never saw."""
    company = [
        Case(
            q["question"],
            q["answerable"],
            [q["text"]],
            [q["evidence"]] if q["answerable"] else [],
            [q.get("answer", "")],
            q.get("nearest", ""),
            q["kind"],
        )
        for q in read_jsonl(HERE / "cache" / "company_dev.jsonl")
    ]
    squad = [
        Case(
            q["question"],
            q["answer_start"] is not None,
            [q["context"]],
            [q["answer"]] if q["answer"] else [],
            [q["answer"] or ""],
        )
        for q in read_jsonl(HERE / "cache" / "squad_dev.jsonl")
    ]
    written = [
        Case(
            asked.question,
            bool(asked.answer),
            [f"# {told.heading}\n\n{told.text}"],
            [asked.answer] if asked.answer else [],
            [asked.answer],
        )
        for told in told_in(HELD_OUT)
        for asked in told.asked
    ]
    return {"company dev": company, "squad dev": squad[::2], "written dev": written}


def scope_of(q: dict[str, Any], corpus: dict[str, str], pack: str) -> list[str]:
    """The documents a pack's question is about."""
    if pack == "seeds":
        return list(corpus)
    gold = q.get("evidence", []) + q.get("alt_evidence", [])
    named = q.get("asked_about") or q.get("source_doc") or q.get("question_written_for")
    return list(q.get("scope") or sorted({e["doc"] for e in gold}) or [named])


def pack_cases(folder: Path) -> list[Case]:
    """A pack's questions, each within its own document (SQuAD: its own paragraph)."""
    home = folder / "corpus" if (folder / "corpus").exists() else folder.parents[1] / "seeds"
    corpus = {p.name: p.read_text(encoding="utf-8") for p in sorted(home.iterdir())}
    cases = []
    for q in read_jsonl(folder / "questions.jsonl"):
        gold = q.get("evidence", []) + q.get("alt_evidence", [])
        texts = [corpus[d] for d in scope_of(q, corpus, folder.name)]
        if folder.name == "squad2":
            texts = [gold[0]["text"] if gold else paragraph_of(texts[0], q)]
        quotes = [e.get("sentence") or e.get("quote") or e["text"] for e in gold]
        answers = q.get("answers") or [q.get("answer", "")]
        cases.append(
            Case(
                q["question"],
                q["answerable"],
                texts,
                quotes,
                answers,
                q.get("nearest", ""),
                q.get("type", ""),
            )
        )
    return cases


def paragraph_of(text: str, q: dict[str, Any]) -> str:
    """The paragraph an unanswerable SQuAD question was written for (paragraph 0 is the title)."""
    paragraphs = [p for p in text.split("\n\n") if p.strip() and not p.startswith("#")]
    return paragraphs[min(q["source_paragraph"], len(paragraphs) - 1)]


def calibrate(yes: list[float], no: list[float]) -> dict[str, float]:
    """Temperature and shift of least log loss, and the threshold of best balance."""
    logits = np.array(yes + no)
    labels = np.array([1.0] * len(yes) + [0.0] * len(no))

    def cost(temperature: float, shift: float) -> float:
        p = 1 / (1 + np.exp(-(logits - shift) / temperature))
        return float(-np.mean(labels * np.log(p + 1e-9) + (1 - labels) * np.log(1 - p + 1e-9)))

    grid = [(t, s) for t in np.arange(0.5, 5, 0.1) for s in np.arange(-3, 4, 0.1)]
    temperature, shift = min(grid, key=lambda g: cost(*g))
    threshold = balanced(yes, no)[1]
    return {
        "temperature": round(float(temperature), 2),
        "shift": round(float(shift), 2),
        "threshold_logit": round(threshold, 3),
        "threshold": round(float(1 / (1 + np.exp(-(threshold - shift) / temperature))), 3),
    }


def show(name: str, report: dict[str, Any]) -> None:
    """One line a set."""
    print(
        f"{name:16}",
        " ".join(
            f"{k} {v:.1f}" if isinstance(v, float) else f"{k} {v}"
            for k, v in report.items()
            if k not in ("yes", "no")
        ),
        flush=True,
    )


def main() -> None:
    """Measure, and calibrate if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reader", type=Path, default=HERE.parent / "rag" / "reader")
    parser.add_argument("--model", type=Path, help="another ONNX file, such as runs/fp32.onnx")
    parser.add_argument("--eval", type=Path, help="folder of question packs, to report on")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--limit", type=int)
    args = parser.parse_args()
    reader = Reader(args.reader, args.model)
    sets = held_out_cases()
    if args.eval:
        sets |= {
            name: pack_cases(args.eval / name) for name in ("companies", "seeds", "tatqa", "squad2")
        }
    for name, cases in sets.items():
        report = measure(reader, cases[: args.limit])
        show(name, report)
        if args.calibrate and name == "company dev":
            constants = calibrate(report["yes"], report["no"])
            (HERE / "runs" / "constants.json").write_text(json.dumps(constants))
            print(constants)


if __name__ == "__main__":
    main()

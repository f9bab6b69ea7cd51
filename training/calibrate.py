"""Fit the weights of `rag.slots.WEIGHTS`: `python training/calibrate.py`.

Asks the questions of the held-out company documents (never trained on, in no question pack)
through the product as it is, takes the best evidence of each answerable question that lies on the
gold evidence, and of each unanswerable one, and fits a logistic regression by Newton's method with
a small ridge. Prints the weights, the area under the curve of reader alone and of all signs, and
the share right and declined over several levels of strictness, cross-validated by document.
"""

import argparse
import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

import rag
from rag.answering import weigh
from rag.questions import understand
from rag.retrieval import find_passages
from rag.slots import WEIGHTS

HERE = Path(__file__).parent
KEPT = 6


def gather(path: Path) -> list[dict[str, Any]]:
    """For each question the signs of its likeliest evidence, and which of them is gold."""
    questions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "docs")
        source.mkdir()
        for question in questions:
            (source / question["doc"]).write_text(question["text"], encoding="utf-8")
        index = rag.build_index(source, Path(folder, "index"))
        return [_gathered(question, index) for question in questions]


def _gathered(question: dict[str, Any], index: rag.Index) -> dict[str, Any]:
    asked = understand(question["question"])
    hits = find_passages(asked, index, KEPT, [question["doc"]])
    findings = weigh(asked, index, hits)
    start = question["text"].find(question.get("evidence") or "\0")
    end = start + len(question.get("evidence") or "")
    gold = [
        start >= 0 and f.evidence.span.start < end and start < f.evidence.span.end for f in findings
    ]
    rows = [list(f.signs.values()) for f in findings]
    return {
        "doc": question["doc"],
        "answerable": question["answerable"],
        "gold": gold,
        "rows": rows,
    }


def fit_weights(x: np.ndarray, y: np.ndarray, ridge: float = 1.0) -> np.ndarray:
    """Logistic regression, (n, signs) and (n,) of 0 and 1, by Newton's method."""
    weights = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], ridge)
    penalty[0] = 1e-6
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ weights))
        hessian = x.T @ (x * (p * (1 - p))[:, None]) + np.diag(penalty)
        weights += np.linalg.solve(hessian, x.T @ (y - p) - penalty * weights)
    return weights


def examples(asked: list[dict[str, Any]], weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The best evidence under ``weights`` of each question, and for answerable ones the gold."""
    x, y = [], []
    for item in asked:
        if not item["rows"]:
            continue
        best = int(np.argmax(np.array(item["rows"]) @ weights))
        x.append(item["rows"][best])
        y.append(float(item["answerable"] and item["gold"][best]))
        if item["answerable"] and any(item["gold"]) and not item["gold"][best]:
            x.append(item["rows"][item["gold"].index(True)])
            y.append(1.0)
    return np.array(x), np.array(y)


def outcome(
    asked: list[dict[str, Any]], weights: np.ndarray, level: float
) -> tuple[int, int, int, int]:
    """(answerable questions answered from gold, answerable, declined, unanswerable)."""
    counts = [0, 0, 0, 0]
    for item in asked:
        odds = np.array(item["rows"]) @ weights if item["rows"] else np.array([-99.0])
        said = 1 / (1 + np.exp(-odds.max())) >= level
        counts[1 if item["answerable"] else 3] += 1
        if item["answerable"]:
            counts[0] += bool(said and item["gold"][int(odds.argmax())])
        else:
            counts[2] += not said
    return counts[0], counts[1], counts[2], counts[3]


def auc(scores: np.ndarray, truth: np.ndarray) -> float:
    """Probability that a true example scores above a false one."""
    order = scores.argsort(kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    true = truth.sum()
    return float((ranks[truth == 1].sum() - true * (true + 1) / 2) / (true * (len(truth) - true)))


def settle(asked: list[dict[str, Any]]) -> np.ndarray:
    """Weights found by choosing the best evidence and fitting in turns."""
    weights = np.array([0.0, 1.0] + [0.0] * (len(WEIGHTS) - 2))
    for _ in range(4):
        weights = fit_weights(*examples(asked, weights))
    return weights


def main() -> None:
    """Fit, cross-validate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, default=HERE / "cache" / "company_dev.jsonl")
    asked = gather(parser.parse_args().questions)
    x, y = examples(asked, settle(asked))
    weights = settle(asked)
    print(f"reader alone: AUC {auc(x[:, 1], y):.3f}; all signs: AUC {auc(x @ weights, y):.3f}")
    print(
        json.dumps({n: round(float(w), 2) for n, w in zip(WEIGHTS, weights, strict=True)}, indent=4)
    )
    folds: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for number, doc in enumerate(sorted({item["doc"] for item in asked})):
        folds[number % 5] += [item for item in asked if item["doc"] == doc]
    fitted = {f: settle([i for g, items in folds.items() if g != f for i in items]) for f in folds}
    for level in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
        sums = np.sum([outcome(folds[f], fitted[f], level) for f in folds], axis=0)
        right, declined = 100 * sums[0] / sums[1], 100 * sums[2] / sums[3]
        print(f"strictness {level}: right {right:.1f} declined {declined:.1f}")


if __name__ == "__main__":
    main()

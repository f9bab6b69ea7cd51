"""Fit the weights of `rag.slots`: `python training/calibrate.py`.

Asks the questions of the held-out company documents, invented passages and SQuAD 2.0 articles
(never trained on, in no question pack) through the product as it is, and some of the first two to
another document, where nothing answers them. First RANKING, a conditional logit over the evidence
of all answerable questions; then SUPPORT, a logistic regression over the evidence that comes first
for all but the articles: does it lie on the gold evidence?
Prints both, the area under the curve of reader alone and of all signs, and the share right and
declined over several levels of strictness, cross-validated by document.
"""

import argparse
import json
import random
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from examples import read_jsonl
from pidgin import glossed
from written import HELD_OUT, Told, told_in

import rag
from rag.questions import adapted, understand
from rag.questions.glossing import Gloss
from rag.retrieval import embedded, find_passages
from rag.slots import RANKING, SUPPORT
from rag.weighing import weigh

HERE = Path(__file__).parent
INVENTED = "invented-"
KEPT = 6
ELSEWHERE = 150
RIDGE = 1.0
Item = dict[str, Any]


def companies() -> list[Item]:
    """The held-out company questions: `doc`, its `text`, `question`, `answerable`, `evidence`."""
    return read_jsonl(HERE / "cache" / "company_dev.jsonl")


def articles() -> list[Item]:
    """The held-out SQuAD questions in the same form, each article's paragraphs one document."""
    pairs = read_jsonl(HERE / "cache" / "squad_dev.jsonl")
    paragraphs: dict[str, list[str]] = defaultdict(list)
    for pair in pairs:
        if pair["context"] not in paragraphs[pair["document"]]:
            paragraphs[pair["document"]].append(pair["context"])
    return [
        {
            "doc": pair["document"].replace("/", "-") + ".txt",
            "text": "\n\n".join(
                [pair["document"].replace("_", " "), *paragraphs[pair["document"]]]
            ),
            "question": pair["question"].strip(),
            "answerable": pair["answer"] is not None,
            "evidence": pair["context"] if pair["answer"] else "",
            "at": pair["answer_start"],
            "answer": pair["answer"],
        }
        for pair in pairs
    ]


def invented() -> list[Item]:
    """The held-out invented passages in the same form, those of one title together."""
    titled: dict[str, list[Told]] = defaultdict(list)
    for told in told_in(HELD_OUT):
        titled[told.heading.split(" › ")[0]].append(told)
    return [
        {
            "doc": f"{INVENTED}{number:03}.md",
            "text": f"# {title}\n\n" + "\n\n".join(map(_section, passages)),
            "question": asked.question,
            "answerable": bool(asked.answer),
            "evidence": told.text,
            "at": told.text.index(asked.answer),
            "answer": asked.answer,
        }
        for number, (title, passages) in enumerate(titled.items())
        for told in passages
        for asked in told.asked
    ]


def _section(told: Told) -> str:
    return f"## {told.heading.split(' › ')[-1]}\n\n{told.text}"


def gather(questions: list[Item], elsewhere: int = 0, word_by_word: bool = False) -> list[Item]:
    """For each question the signs of its evidence, and which evidence is gold.

    `elsewhere` of the answerable questions are put to another document as well. `word_by_word`:
    all are asked as a Chinese question comes out of the dictionary.
    """
    rng = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "docs")
        source.mkdir()
        for question in questions:
            (source / question["doc"]).write_text(question["text"], encoding="utf-8")
        index = rag.build_index(source, Path(folder, "index"))
        names = sorted({question["doc"] for question in questions})
        if word_by_word:
            questions = [dict(question, gloss=as_gloss(question, rng)) for question in questions]
        asked = [gathered(question, question["doc"], index) for question in questions]
        for question in rng.sample([q for q in questions if q["answerable"]], elsewhere):
            other = rng.choice([name for name in names if name != question["doc"]])
            asked.append(gathered(question, other, index))
    return [item for item in asked if item["rows"]]


def gathered(question: Item, document: str, index: rag.Index) -> Item:
    """Ask one question to one document."""
    asked = adapted(understand(question["question"]), (), index.words)
    if gloss := question.get("gloss"):
        read = understand(gloss.read())
        asked = replace(read, kind=asked.kind, wanted=asked.wanted, unit=asked.unit, gloss=gloss)
    vector = embedded(asked, index)
    hits = find_passages(asked, vector, index, KEPT, [document])
    findings = weigh(asked, vector, index, hits)
    start = question["text"].find(question.get("evidence") or "\0")
    home = document == question["doc"] and start >= 0
    end = start + len(question.get("evidence") or "")
    if question.get("answer") and "at" in question:
        start += question["at"]
        end = start + len(question["answer"])
    spans = [finding.evidence.span for finding in findings]
    return {
        "doc": question["doc"],
        "glossed": asked.gloss is not None,
        "answerable": home and bool(question["answerable"]),
        "gold": np.array([home and s.start < end and start < s.end for s in spans], float),
        "rows": [finding.signs for finding in findings],
    }


def as_gloss(question: Item, rng: random.Random) -> Gloss:
    """A question word by word, without grammar, as `rag.questions` makes it of a Chinese one."""
    asks, *words = glossed(question["question"], rng).rstrip("?").split()
    return Gloss(question["question"], asks, tuple((word,) for word in words))


def columns(item: Item, names: list[str]) -> np.ndarray:
    """(evidence, signs) of a question."""
    return np.array([[row[name] for name in names] for row in item["rows"]])


def fit_ranking(asked: list[Item]) -> np.ndarray:
    """Conditional logit by gradient ascent, over questions whose gold is among the evidence."""
    names = list(RANKING)
    chosen = [i for i in asked if i["answerable"] and i["gold"].any() and len(i["rows"]) > 1]
    tables = [columns(item, names) for item in chosen]
    scale = np.concatenate(tables).std(0) + 1e-6
    weights = np.zeros(len(names))
    for _ in range(400):
        slope = -RIDGE * weights / len(chosen)
        for item, table in zip(chosen, tables, strict=True):
            odds = table / scale @ weights
            share = np.exp(odds - odds.max())
            share /= share.sum()
            gold = share * item["gold"]
            slope += (gold / gold.sum() - share) @ (table / scale) / len(chosen)
        weights += 0.3 * slope
    return weights / scale


def fit_support(asked: list[Item], ranking: np.ndarray) -> np.ndarray:
    """Logistic regression on the signs of what comes first, by Newton's method.

    All weights by the questions as they were asked; then what "glossed" adds, by the others.
    """
    glossed_at = list(SUPPORT).index("glossed")
    weights, asked_so = np.zeros(len(SUPPORT)), {False: range(len(SUPPORT)), True: [glossed_at]}
    for part, free in asked_so.items():
        items = [item for item in asked if item["glossed"] == part]
        x = np.array([columns(item, list(SUPPORT))[first(item, ranking)] for item in items])
        y = np.array([float(i["answerable"] and i["gold"][first(i, ranking)]) for i in items])
        penalty = np.array([RIDGE if n else 1e-6 for n in free])
        for _ in range(40):
            p = 1 / (1 + np.exp(-x @ weights))
            own = x[:, list(free)]
            hessian = own.T @ (own * (p * (1 - p))[:, None]) + np.diag(penalty)
            slope = own.T @ (y - p) - penalty * weights[list(free)]
            weights[list(free)] += np.linalg.solve(hessian, slope)
    return weights


def first(item: Item, ranking: np.ndarray) -> int:
    """Number of the evidence that comes first."""
    return int(np.argmax(columns(item, list(RANKING)) @ ranking))


def odds(item: Item, ranking: np.ndarray, support: np.ndarray) -> float:
    """Log-odds of the evidence that comes first."""
    return float(columns(item, list(SUPPORT))[first(item, ranking)] @ support)


def auc(scores: np.ndarray, truth: np.ndarray) -> float:
    """Probability that a true example scores above a false one."""
    ranks = np.empty(len(scores))
    ranks[scores.argsort(kind="stable")] = np.arange(1, len(scores) + 1)
    true = truth.sum()
    return float((ranks[truth == 1].sum() - true * (true + 1) / 2) / (true * (len(truth) - true)))


def shown(names: dict[str, float], weights: np.ndarray) -> str:
    """Weights as they stand in `rag/slots.py`."""
    found = {name: round(float(w), 2) for name, w in zip(names, weights, strict=True)}
    return json.dumps(found, indent=4)


def cross_validated(asked: list[Item], others: list[Item]) -> list[tuple[Item, float, bool]]:
    """(question, log-odds, first is gold) with weights fitted on the other four fifths.

    `others` only help to rank.
    """
    folds: dict[int, list[Item]] = defaultdict(list)
    for number, doc in enumerate(sorted({item["doc"] for item in asked})):
        folds[number % 5] += [item for item in asked if item["doc"] == doc]
    found = []
    for fold, items in folds.items():
        known = [item for other, rest in folds.items() if other != fold for item in rest]
        ranking = fit_ranking([item for item in known if not item["glossed"]] + others)
        support = fit_support(known, ranking)
        found += [(i, odds(i, ranking, support), bool(i["gold"][first(i, ranking)])) for i in items]
    return found


def main() -> None:
    """Fit, cross-validate and print."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    plain, others = gather(companies(), ELSEWHERE), gather(articles())
    plain += gather(invented(), ELSEWHERE)
    asked = plain + gather(companies(), ELSEWHERE, word_by_word=True)
    ranking = fit_ranking(plain + others)
    print("RANKING =", shown(RANKING, ranking))
    print("SUPPORT =", shown(SUPPORT, fit_support(asked, ranking)))
    tested = cross_validated(asked, others)
    parts: dict[str, list[tuple[Item, float, bool]]] = defaultdict(list)
    for found in tested:
        invented_too = found[0]["doc"].startswith(INVENTED)
        named = "invented passages" if invented_too else "company documents"
        parts[f"{named}, word by word" if found[0]["glossed"] else named].append(found)
    for named, part in parts.items():
        print(named)
        report(part)


def report(tested: list[tuple[Item, float, bool]]) -> None:
    """Print the areas under the curve, and what is right and declined at levels of strictness."""
    truth = np.array([float(item["answerable"]) for item, _, _ in tested])
    alone = np.array([max(row["score"] for row in item["rows"]) for item, _, _ in tested])
    together = np.array([log_odds for _, log_odds, _ in tested])
    print(f"AUC of reader alone {auc(alone, truth):.3f}, of all signs {auc(together, truth):.3f}")
    for level in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65):
        said = together >= np.log(level / (1 - level))
        hit = np.array([gold for _, _, gold in tested])
        right, declined = (said & hit)[truth == 1].mean(), (~said)[truth == 0].mean()
        print(f"strictness {level}: right {100 * right:.1f} declined {100 * declined:.1f}")


if __name__ == "__main__":
    main()

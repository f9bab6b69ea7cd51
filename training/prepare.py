"""Write the training and development examples: `python training/prepare.py --data FOLDER`."""

import argparse
import json
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import swaps
import windows
from companies import company_question
from examples import disguise, read_jsonl
from public import public_examples
from tables import cell_questions, made_table, table_cells
from written import company_examples, paragraph_examples, passage_examples

CACHE = Path(__file__).parent / "cache"


def held_out(documents: list[str], share: float, seed: int) -> set[str]:
    """The documents kept for choosing and calibrating, drawn by document."""
    return set(random.Random(seed).sample(sorted(documents), round(share * len(documents))))


def companies(
    folder: Path, rng: random.Random, copies: int, seed: int
) -> tuple[list[Any], list[Any]]:
    """(training examples, held-out questions with their document text)."""
    texts = {p.name: p.read_text(encoding="utf-8") for p in sorted((folder / "docs").iterdir())}
    dev = held_out(list(texts), 0.15, seed)
    groups: dict[str, list[Any]] = defaultdict(list)
    for item in read_jsonl(folder / "questions.jsonl"):
        groups[item["doc"]].append(item)
    names = {doc: swaps.names_in(text) for doc, text in texts.items()}
    tails = [
        t
        for doc in sorted(set(texts) - dev)
        for q in groups[doc]
        if (t := swaps.tail_of(q["question"]))
    ]
    train: list[Any] = []
    for doc in sorted(set(texts) - dev):
        foreign = [n for other in rng.sample(sorted(texts), 3) for n in names[other]]
        pool = list(dict.fromkeys(names[doc] + rng.sample(foreign, min(15, len(foreign)))))
        for item in groups[doc]:
            made = company_question(texts[doc], item, pool, tails, rng, copies)
            train += [disguise(e, rng) if rng.random() < 0.4 else e for e in made]
        cells = table_cells(texts[doc], rng, 6) if "|" in texts[doc] else []
        train += [disguise(e, rng) if rng.random() < 0.5 else e for e in cells]
    kept = [
        dict(q, text=texts[doc], title=windows.title_of(texts[doc]))
        for doc in sorted(dev)
        for q in groups[doc]
    ]
    return train, kept


def public(folder: Path, rng: random.Random) -> tuple[list[Any], list[Any]]:
    """(training examples of the public sets, held-out pairs of two SQuAD 2.0 articles)."""
    squad = read_jsonl(folder / "squad2-dev-part.jsonl.gz")
    dev = held_out(list({s["document"] for s in squad}), 0.2, 3)
    kept = [s for s in squad if s["document"] in dev]
    made = public_examples(
        [s for s in squad if s["document"] not in dev], "wiki squad2", rng, 0.5, 0.2, 3
    )
    made += public_examples(
        read_jsonl(folder / "squadshifts-new_wiki.jsonl.gz"), "wiki shifts", rng, 0.8
    )
    for name in ("reddit", "amazon_reviews"):
        made += public_examples(read_jsonl(folder / f"squadshifts-{name}.jsonl.gz"), name, rng)
    items = read_jsonl(folder / "qamr.jsonl.gz")
    made += public_examples(rng.sample(items, 24000), "qamr", rng, 0.6, 0.2)
    return made, kept


def written(folder: Path, rng: random.Random) -> list[Any]:
    """Training examples of the questions written one by one."""
    texts = {p.name: p.read_text(encoding="utf-8") for p in (folder / "companies/docs").iterdir()}
    items = read_jsonl(folder / "squadshifts-new_wiki.jsonl.gz")
    made = paragraph_examples(items, rng) + company_examples(texts, rng, 2)
    return made + passage_examples(rng, 2)


def write(path: Path, rows: list[Any]) -> None:
    """One JSON object a line."""
    path.write_text(
        "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8"
    )


def main() -> None:
    """Make all examples and say what there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the reader-data folder")
    parser.add_argument(
        "--copies", type=int, default=4, help="ways of cutting per company question"
    )
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    CACHE.mkdir(exist_ok=True)
    company, company_dev = companies(args.data / "companies", rng, args.copies, args.seed)
    tables = [e for _ in range(1500) for e in cell_questions(*made_table(rng), rng, 2)]
    public_train, squad_dev = public(args.data, rng)
    parts = {
        "company": company,
        "tables": tables,
        "public": public_train,
        "written": written(args.data, random.Random(args.seed)),
    }
    for name, rows in parts.items():
        write(CACHE / f"{name}.jsonl", rows)
        print(
            name,
            len(rows),
            sum(r["answerable"] for r in rows),
            Counter(r["source"] for r in rows).most_common(16),
        )
    write(CACHE / "company_dev.jsonl", company_dev)
    write(CACHE / "squad_dev.jsonl", squad_dev)


if __name__ == "__main__":
    main()

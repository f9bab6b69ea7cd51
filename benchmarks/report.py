#!/usr/bin/env python3
"""Write the tables in README.md from the result files, so that no figure is typed by hand.

python benchmarks/report.py           rewrite the part of README.md between the markers
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from record import RESULTS, ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- results: made by benchmarks/report.py -->", "<!-- end of results -->"

_MEASURES = ("right", "declined", "cited_gold", "exact_quotes", "hit@5")
_SPEEDS = (
    ("warm", "answer p50", "an answer, median"),
    ("warm", "answer p95", "an answer, 95th percentile"),
    ("warm", "retrieve p95", "retrieval alone, 95th percentile"),
    ("start", "rag ask", "`rag ask`, from process start to answer"),
    ("build", "cold", "`rag build` of the seeds, from nothing"),
    ("build", "unchanged", "`rag build`, nothing changed"),
)


def tables(results: Path = RESULTS) -> str:
    """Return the Markdown of every result file that there is."""
    made = {
        "quality": quality_table,
        "ablation": ablation_table,
        "precision": precision_table,
        "speed": speed_table,
        "peers": peers_table,
        "crowd": crowd_table,
        "start": start_table,
        "load": load_table,
        "million": million_table,
    }
    found = ((results / f"{name}.json", table) for name, table in made.items())
    parts = [table(json.loads(path.read_text("utf-8"))) for path, table in found if path.exists()]
    return "\n\n".join(parts)


def quality_table(record: dict[str, Any]) -> str:
    """Return one row a pack; a measure that a pack does not allow is left empty."""
    heads = ["pack", "questions", *_MEASURES, "p95"]
    rows = [
        [name, found["questions"], *(_share(found.get(m)) for m in _MEASURES), _ms(found["p95"])]
        for name, found in record["packs"].items()
    ]
    return f"{_table(heads, rows)}\n\n{_origin(record)}"


def precision_table(record: dict[str, Any]) -> str:
    """Return one row a pack: what is found with int8 and fp32 weights, and what int8 loses."""
    heads, rows = ["pack"], []
    for measure in ("hit@5", "mrr"):
        heads += [f"{measure}, int8", "fp32", "lost, points"]
    for name, found in record["packs"].items():
        row: list[Any] = [name]
        for measure in ("hit@5", "mrr"):
            small, whole = (found[precision][measure] for precision in ("int8", "fp32"))
            row += [_bare(small), _bare(whole), _bare(whole - small)]
        rows.append(row)
    return f"{_table(heads, rows)}\n\n{_origin(record)}"


def ablation_table(record: dict[str, Any]) -> str:
    """Return one row a variant: for each pack what share was right, and what share declined."""
    packs = record["packs"]
    variants = list(next(iter(packs.values())))
    rows = [
        [
            variant,
            *(
                " · ".join(_bare(packs[pack][variant][m]) for m in ("right", "declined"))
                for pack in packs
            ),
        ]
        for variant in variants
    ]
    heads = ["right · declined, %", *packs]
    return f"{_table(heads, rows)}\n\n{_origin(record)}"


def speed_table(record: dict[str, Any]) -> str:
    """Return one row a figure, beside what was run at the same time."""
    rows = []
    for part, name, words in _SPEEDS:
        found = record[part][name]
        (other,) = found["beside"].values()
        rows.append([words, _ms(found["seconds"]), _ms(other), f"{found['ratio']:g}"])
    heads = ["speed", "ours", "plain sentence-transformers and faiss", "ratio"]
    return f"{_table(heads, rows)}\n\n{_origin(record)}"


def peers_table(record: dict[str, Any]) -> str:
    """Return one row a figure, beside LangChain with the same model and the same passages."""
    build, memory = record["build seconds"], record["build megabytes"]
    found, started = record["retrieve p50"], record["start seconds"]
    passages = f"{record['passages']:,} passages"
    best = min(started[side] for side in started if side != "ours")
    rows = [
        [f"building an index of {passages}", *_pair(build["ours"], build["langchain"], _ms)],
        ["the most memory it takes", *_pair(memory["ours"], memory["langchain"], _mb)],
        [f"a retrieval among {passages}, median", *_pair(found["ours"], found["langchain"], _ms)],
        ["`rag ask` from process start; their first hits", *_pair(started["ours"], best, _ms)],
    ]
    return f"{_table(['beside LangChain', 'ours', 'theirs', 'ratio'], rows)}\n\n{_origin(record)}"


def _pair(ours: float, theirs: float, shown: Callable[[float], str]) -> list[str]:
    return [shown(ours), shown(theirs), f"{ours / theirs:.2f}"]


def crowd_table(record: dict[str, Any]) -> str:
    """Return one row a number of threads that search at once, beside what was run in turns."""
    rows = []
    for threads, found in record["crowd"].items():
        ours, plain = found["ours"], found["plain"]
        each = [f"{side['a second']:.0f}" for side in (ours, plain)]
        late = [_ms(side["p95"]) for side in (ours, plain)]
        rows.append([threads, *each, f"{ours['a second'] / plain['a second']:.1f}", *late])
    heads = ["threads", "`rag.retrieve` a second", "plain", "ratio", "p95", "plain's p95"]
    return f"{_table(heads, rows)}\n\n{_origin(record)}"


def start_table(record: dict[str, Any]) -> str:
    """Return how long until the chat is ready, and from there to a question in a browser."""
    stages = {
        "ready": "from `rag chat` to ready",
        "asked": "from ready to a question sent, in a browser with an empty cache",
        "answered": "from ready to its answer",
    }
    found = record["seconds"]
    rows = [
        [words, *(_ms(found[stage][how]) for how in ("median", "longest"))]
        for stage, words in stages.items()
    ]
    heads = ["the chat", "median", f"longest of {record['rounds']}"]
    return f"{_table(heads, rows)}\n\n{_origin(record)}"


def load_table(record: dict[str, Any]) -> str:
    """Return how long people wait who use the chat at once, one row a way of asking."""
    ways = {"apart": "asking when they like", "together": "all asking in the same instant"}
    rows = []
    for way, words in ways.items():
        found = record["load"][way]
        rows.append([words, *(_ms(found["answers"][how]) for how in ("median", "p95", "longest"))])
        rows[-1] += [_ms(found["citations"]["p95"]), found["errors"]]
    heads = [f"{record['users']} people in the chat", "an answer, median", "p95", "longest"]
    heads += ["a citation opened, p95", "errors"]
    return f"{_table(heads, rows)}\n\n{_origin(record)}"


def million_table(record: dict[str, Any]) -> str:
    """Return what a large index of invented passages takes to open and to search."""
    found = record["large"]
    rows = [
        ["opening it", _ms(found["open seconds"])],
        ["memory of its own when open", f"{found['memory open']['own']} MB"],
        ["retrieval, median", _ms(found["retrieve p50"])],
        ["retrieval, 95th percentile", _ms(found["retrieve p95"])],
        ["recall@10 against an exact search", f"{found['recall@10']:.3f}"],
    ]
    heads = [f"{found['passages']:,} invented passages", ""]
    return f"{_table(heads, rows)}\n\n{_origin(record)}"


def rewritten(readme: str, made: str) -> str:
    """Return README's text with the part between the markers replaced.

    Raises:
        ValueError: the markers are not there, in order, once.
    """
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if len(pattern.findall(readme)) != 1:
        raise ValueError(f"README.md must hold {BEGIN} and {END} once")
    return pattern.sub(lambda _: f"{BEGIN}\n\n{made}\n\n{END}", readme)


def main() -> None:
    """Rewrite README.md."""
    README.write_text(rewritten(README.read_text("utf-8"), tables()), encoding="utf-8")


def _table(heads: list[str], rows: list[list[Any]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _origin(record: dict[str, Any]) -> str:
    machine = record["machine"]
    return (
        f"`{record['command']}`, {record['date'][:10]}, {machine['processor']}, "
        f"{machine['cores']} cores, Python {machine['python']}."
    )


def _bare(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}".replace("-0.0", "0.0")


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} %"


def _mb(megabytes: float) -> str:
    return f"{megabytes:.0f} MB"


def _ms(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"


if __name__ == "__main__":
    main()

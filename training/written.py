"""Questions written one by one for this purpose: plain, in other words than the text's, or a trap.

`written/paragraphs.txt` asks about paragraphs of a public set, `companies.txt` about the company
documents, each after `== ID`; `passages/*.txt` bring along passages that were invented for it,
below `== ID` and their heading, closed by `==`; so does `held_out.txt`, which is not for training.
Then come `A | question | answer in the text's own words` and `N | question that the passage does
not answer`, mostly in pairs that differ in one thing. A large language model wrote them to a brief.
"""

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import windows
from companies import locate
from examples import Example, disguise, example, overlap, restyle
from public import crop, elsewhere, paragraphs

FOLDER = Path(__file__).parent / "written"


HELD_OUT = FOLDER / "held_out.txt"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a passage; `answer` is empty where the passage does not answer it."""

    passage: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Told:
    """An invented passage with its heading and what is asked about it."""

    heading: str
    text: str
    asked: tuple[Asked, ...]


def asked_in(path: Path) -> Iterator[Asked]:
    """All questions of a file about texts that lie elsewhere."""
    for block in blocks_of(path):
        passage, _, questions = block.partition("\n")
        yield from questions_of(passage, questions)


def blocks_of(path: Path) -> list[str]:
    """What stands below each `== ID`, that line first."""
    return re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


def questions_of(passage: str, lines: str) -> Iterator[Asked]:
    """The questions of one passage."""
    for line in filter(None, lines.split("\n")):
        _, question, *answer = line.split(" | ")
        yield Asked(passage, question, answer[0] if answer else "")


def key_of(text: str) -> str:
    """What a paragraph is called in `written/paragraphs.txt`."""
    return hashlib.sha256(text.strip().encode("utf-8")).hexdigest()[:10]


def tempting(question: str, text: str) -> tuple[int, int]:
    """The sentence that shares most words with a question, as offsets."""
    found = windows.sentences(0, text)
    return max(found, key=lambda s: overlap(question, text[slice(*s)]))


def paragraph_examples(items: list[dict[str, Any]], rng: random.Random) -> list[Example]:
    """Examples about public paragraphs; both kinds of question are cut about their place alike."""
    home = {key_of(item["context"]): item for item in items}
    contexts = paragraphs(items)
    made = []
    for asked in asked_in(FOLDER / "paragraphs.txt"):
        item = home[asked.passage]
        text, title = item["context"], item["document"]
        start, end = tempting(asked.question, text)
        if asked.answer:
            start = text.index(asked.answer)
            end = start + len(asked.answer)
        place = {"context": text, "answer_start": start, "answer": text[start:end]}
        body, shift = crop(place, rng)
        span = (start - shift, end - shift) if asked.answer else None
        if span and body[slice(*span)] != asked.answer:
            continue
        heading = title.replace("_", " ") if rng.random() < 0.6 else ""
        kind = "yes" if asked.answer else "no"
        made.append(example(asked.question, heading, body, span, f"written {kind}"))
        if asked.answer and rng.random() < 0.15:
            question = {"question": asked.question, "answer": asked.answer}
            if other := elsewhere(question, contexts[title], rng):
                made.append(example(asked.question, heading, other, None, "written other"))
    return made


def told_in(path: Path) -> list[Told]:
    """All invented passages of a file."""
    found = []
    for block in blocks_of(path):
        head, questions = block.split("\n==\n")
        key, heading, text = head.split("\n", 2)
        found.append(Told(heading, text, tuple(questions_of(key, questions))))
    return found


def passage_examples(rng: random.Random, copies: int) -> list[Example]:
    """Examples about the invented passages, each question read in `copies` ways."""
    made = []
    for path in sorted((FOLDER / "passages").glob("*.txt")):
        passages = told_in(path)
        for told in passages * copies:
            for asked in told.asked:
                body, span = _cut(asked, told.text, rng)
                heading = told.heading if rng.random() < 0.85 else ""
                kind = "yes" if asked.answer else "no"
                made.append(example(asked.question, heading, body, span, f"written {kind}"))
                other = rng.choice(passages)
                if asked.answer and asked.answer not in other.text and rng.random() < 0.15:
                    made.append(_foreign(asked, other))
    return made


def _foreign(asked: Asked, told: Told) -> Example:
    return example(asked.question, told.heading, told.text, None, "written other")


def _cut(asked: Asked, text: str, rng: random.Random) -> tuple[str, tuple[int, int] | None]:
    """Prose about the place of a question, half of the time; lists and tables stay whole."""
    start = text.index(asked.answer)
    end = start + len(asked.answer)
    if "\n" in text or rng.random() < 0.5:
        return text, (start, end) if asked.answer else None
    if not asked.answer:
        start, end = tempting(asked.question, text)
    body, shift = crop({"context": text, "answer_start": start, "answer": text[start:end]}, rng)
    if text[start:end] not in body:
        return text, (start, end) if asked.answer else None
    return body, (start - shift, end - shift) if asked.answer else None


def company_examples(texts: dict[str, str], rng: random.Random, copies: int) -> list[Example]:
    """Examples about company documents, each question cut in `copies` ways.

    A trap is read where the question before it, its sibling, has its answer, or where most of its
    words stand.
    """
    made = []
    for _ in range(copies):
        last, place = "", 0
        for asked in asked_in(FOLDER / "companies.txt"):
            text = texts[asked.passage]
            cuts = windows.random_split(text, rng)
            trapped = asked.passage == last and rng.random() < 0.5
            if asked.answer:
                last, place = asked.passage, text.index(asked.answer)
            at = [w for w in cuts if locate(w, place, len(asked.answer))]
            if not asked.answer and not trapped:
                at = [max(cuts, key=lambda w: overlap(asked.question, _read(text, w)))]
            for window in at[:1]:
                span = locate(window, place, len(asked.answer)) if asked.answer else None
                styled = restyle(asked.question, windows.title_of(text), rng)
                kind = "yes" if asked.answer else "no"
                body = text[window.start : window.end]
                found = example(styled, window.heading, body, span, f"written {kind}")
                made.append(disguise(found, rng) if rng.random() < 0.3 else found)
    return made


def _read(text: str, window: windows.Window) -> str:
    return f"{window.heading} {text[window.start : window.end]}"

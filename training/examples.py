"""What the reader learns from: the form of an example, and the clothes it is put into.

An example is a dict: `question`, `heading`, `text`, `start`, `end` (code points in `text`, -1
where unanswerable), `answerable` (0 or 1) and `source`.
"""

import gzip
import json
import random
import re
from pathlib import Path
from typing import Any

import swaps

Example = dict[str, Any]
FIGURE = re.compile(r"(?<![\w.,])\d[\d.,]*\d|(?<![\w.,])\d(?![\w])")
CAP = re.compile(r"\b[A-ZÀ-Þ][a-zà-ÿ]{3,}\b")
SYLLABLES = re.findall("...", "belmartorvinkaslundrofelnorashwyntalroksilgarpemzorhalbriquadelmon")
MARKS = "\ue000", "\ue001"


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """All objects of a JSON-lines file, gzip or plain."""
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def example(
    question: str, heading: str, text: str, span: tuple[int, int] | None, source: str
) -> Example:
    """One example; `span` None means unanswerable."""
    start, end = span or (-1, -1)
    return {
        "question": question,
        "heading": heading,
        "text": text,
        "start": start,
        "end": end,
        "answerable": int(span is not None),
        "source": source,
    }


def overlap(question: str, text: str) -> float:
    """Shared content words over question words: a cheap lexical nearness."""
    asked = swaps.content(question)
    return len(asked & swaps.content(text)) / max(1, len(asked))


def invent(rng: random.Random) -> str:
    """A name nobody bears."""
    return "".join(rng.choices(SYLLABLES, k=rng.choice([2, 2, 3]))).capitalize()


def disguise(item: Example, rng: random.Random) -> Example:
    """Rename names and change figures alike in question and passage; the label stays true.

    Without this, a document that is read thirty times teaches its own names and figures.
    """
    text = item["text"]
    if item["answerable"]:
        text = (
            text[: item["start"]]
            + MARKS[0]
            + text[item["start"] : item["end"]]
            + MARKS[1]
            + text[item["end"] :]
        )
    renamed: dict[str, str] = {}
    asked = {w for n in swaps.names_in(item["question"]) for w in n.split()}
    seen = set(CAP.findall(item["text"] + item["heading"])) - set(swaps.MONTHS)
    for word in sorted(asked & seen):  # sorted: the order of a set changes from run to run
        if word.lower() not in swaps.NOT_NAMES and rng.random() < 0.8:
            renamed[word] = invent(rng)
    digits: dict[str, str] = {}

    def figure(match: re.Match[str]) -> str:
        old = match.group()
        plain = old.replace(",", "")
        if len(old) < 2 or (plain.isdigit() and (int(plain) <= 31 or 1900 <= int(plain) <= 2100)):
            return old
        return digits.setdefault(
            old, "".join(rng.choice("123456789") if c.isdigit() else c for c in old)
        )

    change = rng.random() < 0.6

    def apply(piece: str) -> str:
        piece = CAP.sub(lambda m: renamed.get(m.group(), m.group()), piece)
        return FIGURE.sub(figure, piece) if change else piece

    text = apply(text)
    made = dict(item, question=apply(item["question"]), heading=apply(item["heading"]))
    if item["answerable"]:
        start = text.index(MARKS[0])
        end = text.index(MARKS[1]) - 1
        made.update(start=start, end=end)
    return dict(made, text=text.replace(MARKS[0], "").replace(MARKS[1], ""))


def restyle(question: str, title: str, rng: random.Random) -> str:
    """The same question in other clothes, for answerable and unanswerable alike."""
    roll = rng.random()
    if roll < 0.08 and title:
        return f"For {title}: {question}"
    if roll < 0.14:
        return question.lower().rstrip("?")
    if roll < 0.18:
        return (
            rng.choice(
                [
                    "Please tell me: ",
                    "Can you tell me ",
                    "According to the document, ",
                    "I'd like to know: ",
                ]
            )
            + question
        )
    if roll < 0.24 and len(question) > 12:
        at = rng.randrange(4, len(question) - 4)
        return question[:at] + question[at + 1] + question[at] + question[at + 2 :]
    if roll < 0.32:
        terse = re.sub(
            r"^(What (was|is|were|are)|How (much|many)( was| is)?) (the )?", "", question
        )
        return terse if len(terse) > 8 else question
    found = swaps.group_of(question, swaps.PERIODS)
    if roll < 0.40 and found:
        return swaps.put(question, found[1], rng.choice(swaps.PERIODS[found[0]][:3]))
    return question

"""Reads a question: what it is about, what kind of answer it wants, what to search for.

Knows no index and no document; everything here follows from the wording and the turns before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from rag.errors import QuestionError
from rag.figures import Period, find_periods
from rag.questions.followups import complete
from rag.questions.kind_rules import Kind
from rag.questions.kinds import items_asked, kind_of
from rag.questions.naming import names_in
from rag.questions.parting import parts_of
from rag.questions.smalltalk import refusal_of
from rag.questions.spelling import mended
from rag.questions.terms import expanded, metrics_found, spelled_out
from rag.questions.wanting import wanted_unit
from rag.text import fold, is_chinese
from rag.types import History, Reason

if TYPE_CHECKING:
    from rag.questions.glossing import Gloss

MAX_CHARACTERS: Final = 4000


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the rooms behind it need it.

    Attributes:
        text: as asked, without blanks at its ends.
        search_text: folded, completed from the history, abbreviations in both forms.
        read_text: mended, completed from the history, in natural wording, for the reading model.
        kind: kind of answer wanted.
        wanted: kind of figure (as ``Figure.kind``) or "date"; "" where any will do.
        unit: unit of the figure (as ``Figure.unit``); "" where any will do.
        entities: names, codes and quoted terms, as written.
        metrics: canonical names of what is measured, see ``metrics_in``.
        periods: periods named; offsets count the characters of ``read_text``.
        parts: sub-questions in asking order when there are two or more, else empty.
        items: for a list, how many items are asked for, 0 if not said; None for no list.
        negated: whether the question is put in the negative.
        newest: whether it asks for the latest there is.
        follow_up: whether it was completed from the history.
        refusal: why it is no question to the documents; None if it is one.
        gloss: a Chinese question word by word in English; None for any other.
    """

    text: str
    search_text: str
    read_text: str
    kind: Kind
    wanted: str = ""
    unit: str = ""
    entities: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    periods: tuple[Period, ...] = ()
    parts: tuple[str, ...] = ()
    items: int | None = None
    negated: bool = False
    newest: bool = False
    follow_up: bool = False
    refusal: Reason | None = None
    gloss: Gloss | None = None


def understand(question: str, history: History = ()) -> Question:
    """Return what a question asks for.

    Args:
        question: one question or terse query, in English or Chinese.
        history: earlier turns, oldest first: (question, answer text).

    Raises:
        QuestionError: if it is blank, has no letter or digit, is longer than 4,000 characters or
            holds half a surrogate pair.
    """
    text = _checked(question)
    refusal = refusal_of(fold(text))
    completed = complete(text, history) if history and not refusal else None
    read_text = completed.text if completed else text
    folded = fold(read_text)
    kind = kind_of(folded)
    wording = _naturally(read_text, folded)
    wanted, unit = wanted_unit(folded) if kind in ("figure", "comparison", "yesno") else ("", "")
    context = f" {fold(completed.context)}" if completed and completed.context else ""
    return Question(
        text=text,
        search_text=expanded(folded) + context,
        read_text=wording,
        kind=kind,
        wanted="date" if kind == "date" else wanted,
        unit=unit,
        entities=names_in(read_text),
        metrics=tuple(dict.fromkeys(name for _, _, name in metrics_found(read_text))),
        periods=tuple(find_periods(wording)),
        parts=parts_of(read_text),
        items=items_asked(folded, kind),
        negated=bool(_NEGATIVE.search(folded)),
        newest=bool(_NEWEST.search(folded)),
        follow_up=completed is not None,
        refusal=refusal,
    )


def adapted(asked: Question, history: History, words: Collection[str]) -> Question:
    """Return the question in the words of the documents: the same one where it is already.

    Slips of spelling are mended. A Chinese question is searched for and read in English words as
    well, unless most of the documents' words are Chinese.

    Args:
        asked: the question as it was understood.
        history: the turns that it was understood with.
        words: words of the documents in lower case, hashable; a frozenset is quickest.
    """
    if is_chinese(asked.read_text):
        return asked if _in_chinese(cast("Hashable", words)) else _glossed(asked, words)
    spelled = mended(asked.text, words)
    if spelled == asked.text:
        return asked
    return replace(understand(spelled, history), text=asked.text)


@lru_cache(maxsize=2)
def _in_chinese(words: Hashable) -> bool:
    counted = [is_chinese(word) for word in cast("Collection[str]", words)]
    return sum(counted) > _MOSTLY * len(counted)


def _glossed(asked: Question, words: Collection[str]) -> Question:
    from rag.questions.glossing import glossed

    gloss = glossed(asked.read_text, words)
    if gloss is None:
        return asked
    search_text = f"{asked.search_text} {expanded(fold(gloss.searched))}"
    return replace(_reads(asked, gloss.read()), search_text=search_text, gloss=gloss)


def beside(asked: Question, texts: Sequence[str]) -> Question:
    """Return the question in the words of the texts that it will be read with, best first.

    Only a Chinese question changes: it stays as it was asked where the first text is in Chinese,
    else each of its words takes the meaning that the texts hold.
    """
    if asked.gloss is None or not texts:
        return asked
    if _share_of_chinese(texts[0]) > _MOSTLY:
        return _reads(asked, asked.gloss.text)
    return _reads(asked, asked.gloss.read(texts))


def _reads(asked: Question, text: str) -> Question:
    periods = tuple(find_periods(text))
    return replace(asked, read_text=text, entities=names_in(text), periods=periods, parts=())


_MOSTLY: Final = 0.5


def _share_of_chinese(text: str) -> float:
    letters = [char for char in text if char.isalpha()]
    return sum(map(is_chinese, letters)) / max(1, len(letters))


def _naturally(text: str, folded: str) -> str:
    """Return a terse query ("mkt cap") as the question that it stands for, else the text."""
    if _SENTENCE.search(folded) or not folded.isascii():
        return text
    return f"What is the {spelled_out(folded.rstrip('?!. '))}?"


_SENTENCE: Final = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|am|do|does|did|has|have|had"
    r"|can|could|will|would|shall|should|may|might|must|list|name|tell|give|show|find|compare"
    r"|explain|describe|summari[sz]e|wat|wich|wen|hw)\b|'s\b"
)
_NEGATIVE: Final = re.compile(
    r"\b(?:not|never|no longer|without|except|apart from|other than)\b|n't\b|不|没有|未"
)


_NEWEST: Final = re.compile(
    r"\b(?:latest|newest|(?:most|more) recent(?:ly)?|last (?:reported|published))\b|最新|最近"
)


def _checked(question: str) -> str:
    """Return the stripped question; the length is looked at before anything else is."""
    if len(question) > MAX_CHARACTERS:
        raise QuestionError(
            f"the question has {len(question):,} characters, at most {MAX_CHARACTERS:,} are read; "
            "ask it more briefly, or put the text into the document folder and ask about it",
            "long",
        )
    text = question.strip()
    if not text:
        raise QuestionError(
            'the question is empty; ask something, for example "What was revenue?"', "empty"
        )
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise QuestionError(
            "the question holds half a character (a lone surrogate); type it again or paste it "
            "as UTF-8",
            "surrogate",
        )
    if not any(char.isalnum() for char in text):
        raise QuestionError("the question has no letter or digit; ask it in words", "wordless")
    return text

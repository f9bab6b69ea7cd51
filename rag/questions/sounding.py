"""Foreign names spelled by sound in Chinese: the word of the documents that sounds the same.

霍布森 is read huo-bu-sen: of the documents' words "Hobson" comes nearest. Names are compared as
strings of sound classes by a weighted edit distance; vowels, and an r that Chinese leaves out,
count little.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, cast

from rag.questions.cedict import sound
from rag.questions.spelling import is_common

# What names are written with, after the tables of the Xinhua news agency.
_CHARACTERS: Final = frozenset(
    "阿埃艾爱安昂奥巴拜班邦包保堡鲍贝本比彼边宾波伯博布采蔡查昌楚茨慈次措达戴黛丹当道德登邓迪蒂丁东杜顿敦多厄恩尔法范菲芬丰佛"
    "弗夫福富盖甘冈戈哥格根贡古圭瓜哈海汉豪赫亨洪霍侯胡怀惠基吉加佳贾简杰金津喀卡凯坎康考科可克肯孔库夸奎昆拉腊莱兰朗劳勒雷莉"
    "丽里利廉良列烈林琳龙隆卢鲁露伦罗洛吕马玛迈麦曼芒毛茅梅门蒙米密缪摩莫墨默姆木穆拿娜纳奈南内嫩尼妮涅宁纽农努诺欧帕派潘庞佩"
    "彭皮匹珀普齐奇契恰乔切钦琼丘屈热仁荣瑞若萨塞赛桑瑟森莎沙珊尚绍舍申圣施什石史舒朔斯丝思司松苏孙索塔台泰坦唐陶特滕提铁汀"
    "廷通图托瓦万旺威韦维魏温文翁沃乌武西希锡席夏肖晓谢辛欣休雅亚扬尧耶叶伊依因英尤约宰赞扎詹章珍芝治朱兹祖佐忽必特勒布"
)
_PINYIN: Final = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)([aeiou]+)(ng?|r)?")
_LATIN: Final = (
    *((r"[^a-z]+", ""), (r"(.)\1", r"\1"), (r"(?<=[^aeiou])e$", ""), (r"sch|tch|ch|sh|tz|ts", "S")),
    *(
        (r"ph", "F"),
        (r"th", "T"),
        (r"ck|qu", "G"),
        (r"(?<=[aeiou])gh(?![aeiou])", ""),
        (r"x", "GS"),
    ),
    *((r"c(?=[eiy])", "S"), (r"[kcgq]h?", "G"), (r"[jzs]", "S"), (r"[bp]h?", "B"), (r"[dt]", "D")),
    *((r"[vw]", "W"), (r"f", "F"), (r"[lr]h?", "L"), (r"m(?=[BW])", "N"), (r"m", "M"), (r"n", "N")),
    *((r"(?<![aeiouy])(?<!^)h|h$", ""), (r"h", "H"), (r"[aeiouy]+", "a")),
)
_INITIAL: Final = {
    **dict.fromkeys(("b", "p"), "B"),
    **dict.fromkeys(("d", "t"), "D"),
    **dict.fromkeys(("g", "k"), "G"),
    **dict.fromkeys(("zh", "ch", "sh", "j", "q", "x", "z", "c", "s"), "S"),
    **{"l": "L", "r": "L", "m": "M", "n": "N", "f": "F", "w": "W", "h": "H", "y": "", "": ""},
}
_NEAR: Final = {
    **{"GH": 0.5, "FH": 0.6, "FW": 0.2, "MN": 0.5, "DS": 0.6, "DT": 0.1, "ST": 0.2, "BF": 0.6},
    **{"BW": 0.6, "GS": 0.6, "LN": 0.7},
}
_SOUNDS: Final = "aBDFGHLMNSTW"
_SWAP: Final = {
    a: {b: 0.0 if a == b else _NEAR.get(min(a, b) + max(a, b), 1.0) for b in _SOUNDS}
    for a in _SOUNDS
}
_LEFT_OUT: Final = {"a": 0.15, "L": 0.4, "H": 0.4, "W": 0.6, "D": 0.6, "G": 0.6, "N": 0.6, "S": 0.7}
_DROP: Final = {each: _LEFT_OUT.get(each, 1.0) for each in _SOUNDS}
_ALIKE: Final = 0.22  # distance for each sound, at most
_UNEVEN: Final = 3  # consonants that a word has more than a name in Chinese, less than
_SPELLED: Final = 0.2  # what another spelling in pinyin counts
_COMMON: Final = 0.05  # what a word counts that is common, and so hardly a name
_MANY: Final = 100_000  # words among which none is sought: it takes seconds
_SHORTEST: Final = 2  # characters of a name
_LONGEST: Final = 7


def names_by_sound(run: str, words: Collection[str]) -> Iterator[tuple[str, float, str]]:
    """Yield (characters, distance, word) for each part of a run that sounds like a word.

    Args:
        run: Chinese characters.
        words: words of the documents in lower case, hashable; none is found among very many.
    """
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + _LONGEST) + 1):
            if run[end - 1] not in _CHARACTERS:
                break
            distance, word = _nearest(run[start:end], cast("Hashable", words))
            if word:
                yield run[start:end], distance, word


def by_sound(name: str, words: Collection[str]) -> str:
    """Return the word that sounds most like a name in Chinese characters, "" if none does."""
    return _nearest(name, cast("Hashable", words))[1]


@lru_cache(maxsize=1024)
def _nearest(name: str, words: Hashable) -> tuple[float, str]:
    """Return the distance and the word that sounds most like a name, "" if none does."""
    sounds, most = _of_chinese(name), _ALIKE / (1 if len(name) > _SHORTEST else 2)
    many = len(cast("Collection[str]", words)) > _MANY
    if many or len(name) < _SHORTEST or _firm(sounds) < _SHORTEST:
        return 1.0, ""
    kept = [
        (distance, latin)
        for count in range(_firm(sounds) - 1, _firm(sounds) + _UNEVEN)
        for latin in _by_sound(words).get((_head(sounds), count), ())
        if (distance := _distance(sounds, latin, most * len(sounds)) / len(sounds)) <= most
    ]
    nearest = min(kept, default=(1.0, ""))[0]
    spelled = "".join(map(sound, name))
    found = [
        (distance + _SPELLED * (1 - SequenceMatcher(None, spelled, word).ratio()), word)
        for distance, latin in kept
        if distance < nearest + _SPELLED
        for word in _by_sound(words)[_head(sounds), _firm(latin)][latin]
    ]
    return min(found, default=(1.0, ""), key=lambda f: f[0] + _COMMON * is_common(f[1]))


@lru_cache(maxsize=2)
def _by_sound(words: Hashable) -> dict[tuple[str, int], dict[str, list[str]]]:
    """Return the words by how they begin and how many consonants they have, and by their sounds."""
    found: dict[tuple[str, int], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for word in cast("Collection[str]", words):
        if word.isascii():
            sounds = _of_latin(word)
            found[_head(sounds), _firm(sounds)][sounds].append(word)
    return dict(found)


def _firm(sounds: str) -> int:
    """Return how many consonants there are."""
    return len(sounds) - sounds.count("a")


def _head(sounds: str) -> str:
    """Return the class of the first sound; those that are taken for each other are one."""
    return {"H": "G", "F": "W", "T": "S"}.get(sounds[:1], sounds[:1])


def _of_latin(word: str) -> str:
    for pattern, to in _LATIN:
        word = re.sub(pattern, to, word)
    return re.sub(r"(.)\1+", r"\1", word)


def _of_chinese(name: str) -> str:
    """Return the sounds of a name: 霍布森 is HaBaSaN."""
    sounds = ""
    for character in name:
        if character in "尔勒" and sounds:
            sounds += "L" if character == "尔" else "La"
            continue
        match = _PINYIN.fullmatch(sound(character))
        if match:
            sounds += _INITIAL[match[1]] + "a" + ("N" if (match[3] or "").startswith("n") else "")
            sounds += "L" * (match[3] == "r")
    return re.sub("a+", "a", sounds)


def _distance(one: str, other: str, most: float) -> float:
    """Return the weighted edit distance of two strings of sounds, infinite above ``most``."""
    row = [0.0]
    for b in other:
        row.append(row[-1] + _DROP[b])
    for a in one:
        dropped, swapped = _DROP[a], _SWAP[a]
        last = row[0] + dropped
        new = [last]
        for i, b in enumerate(other):
            last = min(row[i] + swapped[b], row[i + 1] + dropped, last + _DROP[b])
            new.append(last)
        row = new
        if min(row) > most:
            return math.inf
    return row[-1]

"""Why there is no answer, in the reader's language.

English is what `rag` says itself; for another language a sentence is made of what a reason holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rag import Answer, Reason
    from rag.errors import QuestionError

_SENTENCES: Final = {
    "zh": {
        "silence": "文档没有说明。",
        "unsaid": "文档没有说明：{part}",
        "or": "或",
        "and": "和",
        "not-a-question": "这不是关于文档的问题。请询问文档中可能有的内容，例如数字、名称或日期。",
        "weak-support": "最接近的段落并未回答该问题。",
        "nothing": "没有任何段落涉及此事。",
        "nothing of": "最接近的文档没有提到{missing}。",
        "no period": "最接近的内容没有给出{missing}的数据。",
        "other period": "最接近的内容给出的是{period}的数据，而不是{missing}的。",
        "figure of other period": "{figure} 是{period}的数据，而不是{missing}的。",
        "figure of another": "{figure} 是{instead}的数据，而不是{missing}的。",
        "no figure": "最接近的内容不是{missing}。",
        "other figure": "最接近的内容是 {figure}，而不是{missing}。",
        "money": "金额",
        "percent": "百分比",
        "points": "百分点的变化",
        "ratio": "比率",
        "quantity": "数量",
        "count": "个数",
        "date": "日期",
        "": "所问的数据",
        "refused long": "问题超过 4,000 个字符。请缩短问题，或将文字放入文档文件夹后再提问。",
        "refused empty": "问题是空的。请输入问题，例如“2024 年的收入是多少？”",
        "refused surrogate": "问题中含有残缺的字符。请重新输入，或以 UTF-8 粘贴。",
        "refused wordless": "问题中没有文字或数字。请用文字提问。",
    }
}


def silence(answer: Answer, lang: str) -> str:
    """Return the words of an answer that is none: that the documents do not say, and why."""
    words, reason = _SENTENCES.get(lang), answer.reason
    if words is None or reason is None:
        return answer.text
    if reason.code == "not-a-question":
        return words[reason.code]
    return words["silence"] + _because(reason, words)


def unanswered(answer: Answer, lang: str) -> list[str]:
    """Return the lines that say which parts of a question stay unanswered."""
    words, count = _SENTENCES.get(lang), len(answer.unsaid)
    if words is None:
        return answer.text.splitlines()[-count:] if count else []
    return [words["unsaid"].format(part=part) for part in answer.unsaid]


def refused(error: QuestionError, lang: str) -> str:
    """Return why a question was not looked at."""
    return _SENTENCES.get(lang, {}).get(f"refused {error.problem}", str(error))


def _because(reason: Reason, words: dict[str, str]) -> str:
    both = words["and" if reason.code == "metric-without-period" else "or"]
    missing = both.join(f"“{part}”" for part in reason.missing)
    key: str = reason.code
    if reason.code == "metric-without-period":
        other = "figure of other period" if reason.figure else "other period"
        key = other if reason.period else "no period"
    elif reason.instead:
        key = "figure of another"
    elif reason.code == "entity-without-metric":
        kind, unit = reason.missing or ("", "")
        missing = words.get(kind, words[""]) + (f"（{unit}）" if unit else "")
        key = "other figure" if reason.figure else "no figure"
    elif reason.code != "weak-support":
        key = "nothing of" if missing else "nothing"
    period, instead = f"“{reason.period}”", f"“{reason.instead}”"
    return words[key].format(missing=missing, figure=reason.figure, period=period, instead=instead)

"""Tells questions from small talk and from orders to the program. Nothing here answers anything.

Short words of business ("buy rating?", "order book", "open interest") stay questions: only a
greeting that is the whole message, or an order by its form, is refused.
"""

from __future__ import annotations

import re
from typing import Final

from rag.types import Reason

_POLITE: Final = (
    "That is not a question about the documents. Ask about something they may hold, "
    "such as a figure, a name or a date."
)
_READ_CHARACTERS: Final = 600


def _any(*lines: str) -> str:
    """Return a pattern for any of the phrases, which are separated by a comma and a blank."""
    phrases = [phrase.strip() for line in lines for phrase in line.split(", ")]
    return "(?:" + "|".join(phrase for phrase in phrases if phrase) + ")"


# Small talk: the whole message is one of these, with politeness around it ------------------------

_AROUND: Final = _any(
    "oh, ok, okay, so, well, and, um, ah, hey, hi, hello, dear, very, many, again, you, there, bot",
    "chatbot, everyone, all, mate, friend, assistant, so much, a lot, very much, now, then",
    "please, today, doing, good, too, for (?:that|everything|your help|the help|the answer)",
    r"(?:that|this|it)(?:'s| is| was) (?:really |very |so |quite |all )?(?:helpful|great|useful"
    r"|good|nice|all|it|perfect|interesting|clear|enough|kind)",
)
_GREETINGS: Final = _any(
    "hi, hiya, hello, hey, howdy, greetings, good (?:morning|afternoon|evening|night|day), bye",
    "good ?bye, see you(?: later)?, thanks?, thank you, thx, cheers, ta, many thanks, ok, okay, k",
    "cool, great, nice, perfect, awesome, wow, lol, (?:ha){2,}h?, yes, no, yep, nope, sure",
    "sorry",
    "please, test(?:ing)?, ping, good job, well done, nice work, i (?:love|hate|like) you",
    "you(?:'re| are) (?:great|stupid|awesome|useless|welcome|the best), never mind, forget it",
)
_PERSONAL: Final = _any(
    "how (?:are|is|do) (?:you|it going|things|your day), how are you doing, how do you do",
    "what'?s up, wassup, sup, who are you, what are you, what(?:'s| is) your name",
    r"are you (?:an? )?(?:\w+ )?(?:human|robot|bot|ai|real|there|llm|chatgpt|person|alive)",
    "who (?:made|built|created|wrote|trained) you, how old are you, where are you from",
    "what can you do, what do you do, can you help(?: me)?, help(?: me)?",
    r"do you (?:like|love|speak|sleep|dream|feel|remember)\b[\w ]{0,40}",
    r"(?:how|what)(?:'s| is) the weather(?: like)?(?: [\w ]{1,30})?",
    "what(?:'s| is) (?:the time|the meaning of life), what time is it",
)
_SMALL_TALK: Final = re.compile(
    rf"(?:{_AROUND}[\s,.!]+)*(?:{_GREETINGS}|{_PERSONAL})(?:[\s,.!?:;)]+{_AROUND}\b)*\W*"
)

# Orders: the message begins with one, or tries to talk the program out of its task ---------------

_ASKING: Final = _any(
    "please, now, ok, hey, can you, could you, would you, will you, i want you to, you must",
    "you should, kindly, just, let'?s",
)
_ALL_THE: Final = (
    r"(?:all |any |every |the |your |my |these |those |this |previous |prior |above |of )*"
)
_OVERRIDE: Final = (
    r"(?:ignore|disregard|forget|override|bypass) "
    + _ALL_THE
    + _any("instructions?, rules, prompts?, directions, guidelines, you, above, before, said, told")
)
_ROLE: Final = (
    r"(?:act|behave|respond|answer|talk|speak|pose) (?:as|like) (?:an?|if|my|the) "
    r"|pretend (?:to|you|that)\b|role-?play\b|you are now\b|from now on\b|imagine (?:that )?you\b"
)
_WRITE: Final = (
    r"(?:write|compose|draft|generate|create|make up|invent|sing|produce|tell) "
    r"(?:me |us |for me |a |an |another |some |the |my |your |short |long |funny |good |little )*"
    + _any(
        "poem, song, story, joke, jokes, essay, limerick, haiku, code, program, script, e-?mail",
        "letter, tweet, blog, article, rap, novel, sql, function, report, speech, recipe, post",
        "python, html, riddle, fairy tale",
    )
)
_DESTROY: Final = (
    r"(?:delete|drop|erase|wipe|remove|destroy|rebuild|reset|overwrite|format|edit|modify) "
    + _ALL_THE
    + _any(
        "index, database, documents?, files?, data, disk, hard drive, history, table, everything"
    )
    + r"\W*$|(?:shut ?down|reboot|restart)(?: (?:the|your) \w+)?\W*$|log ?out\b|sudo |rm -"
)
_REVEAL: Final = (
    r"(?:print|show|reveal|repeat|output|display|summari[sz]e|tell me|give me|what(?:'s| is| are)"
    r"|leak|dump|recite) (?:me |us )?(?:your |the |all )*"
    r"(?:(?:system|hidden|initial|secret|developer|internal) )*"
    r"(?:prompts?\b|(?<=your )instructions\b|(?<=system )(?:message|instructions|rules)\b"
    r"|(?<=your )source code\b)"
)
_DO: Final = (
    r"(?:send|post|e-?mail|mail|tweet|buy|order|book|call|open|run|execute|install|download|play|set"
    r"|turn (?:on|off)|schedule|remind) (?:me |an? |the |my |some |your |this |us )+"
    r"(?:\w+ ){0,3}\w+[.!]*$"
)
_ORDER: Final = re.compile(
    rf"(?:{_ASKING}[\s,]+|[^\w]{{1,4}})*"
    rf"(?:{_OVERRIDE}\b|{_ROLE}|{_WRITE}\b|{_DESTROY}|{_REVEAL}|{_DO}|translate (?!differ|adjust)"
    r"|say (?:hello|hi|something|[\"'])|repeat after me\b|enable (?:\w+ ){0,2}mode\b)"
)
_INJECTION: Final = re.compile(
    r"\b(?:ignore|disregard|forget) (?:all |any |the |your )*"
    r"(?:previous|prior|above|earlier|system) (?:instructions?|rules|prompts?|messages?|directions)"
    r"|\bjailbreak\b|\bdeveloper mode\b"
)
_CHINESE: Final = re.compile(
    r"(?:你好吗?|您好|嗨|谢谢[你您]?|多谢|再见|早上好|晚上好|你是谁|你叫什么(?:名字)?"
    r"|(?:忽略|无视)(?:之前|以上|所有).*|(?:请)?(?:写|作)一首诗.*|(?:请)?讲(?:个|一个)笑话.*"
    r"|(?:请)?翻译.*|扮演.*)\W*"
)


def refusal_of(folded: str) -> Reason | None:
    """Return the reason why ``folded`` is no question to the documents, None if it is one."""
    text = folded[:_READ_CHARACTERS].strip()
    talk = len(text) < 120 and _SMALL_TALK.fullmatch(text)
    if talk or _ORDER.match(text) or _INJECTION.search(text) or _CHINESE.fullmatch(text):
        return Reason("not-a-question", _POLITE)
    return None

"""Tells questions from small talk and from orders to the program. Nothing here answers anything."""

from __future__ import annotations

import re
from typing import Final

from rag.types import Reason

_POLITE: Final = (
    "That is not a question about the documents. Ask about something they may hold, "
    "such as a figure, a name or a date."
)
_SMALL_TALK: Final = re.compile(
    r"(?:(?:oh|ok|okay|so|well|and|um|ah|hey|hi|hello|dear|very|many|again|you|there|bot|chatbot|"
    r"everyone|all|mate|friend|assistant|so much|a lot|very much|for that|for your help)[\s,.!]*)*"
    r"(?:hi|hiya|hello|hey|hey there|howdy|greetings|good (?:morning|afternoon|evening|night|day)|"
    r"bye|goodbye|good bye|see you(?: later)?|thanks?|thank you|thx|cheers|ta|many thanks|"
    r"ok|okay|k|cool|great|nice|perfect|awesome|wow|lol|haha+|yes|no|yep|nope|sure|sorry|"
    r"please|test(?:ing)?|ping|good job|well done|nice work|i (?:love|hate|like) you|"
    r"you(?:'re| are) (?:great|stupid|awesome|useless|welcome|the best)|"
    r"(?:how (?:are|is|do) (?:you|it going|things|your day)|how are you doing|how do you do|"
    r"what'?s up|wassup|sup|who are you|what are you|what(?:'s| is) your name|"
    r"are you (?:an? )?(?:\w+ )?(?:human|robot|bot|ai|real|there|llm|chatgpt|person|alive"
    r"|sentient)|"
    r"who (?:made|built|created|wrote|trained) you|how old are you|where are you from|"
    r"what can you do|what do you do|can you help(?: me)?|help(?: me)?|"
    r"do you (?:like|love|speak|sleep|dream|feel|remember)\b[\w ]{0,40}|"
    r"how(?:'s| is) the weather(?: [\w ]{1,30})?|what(?:'s| is) the weather(?: like)?(?: "
    r"[\w ]{1,30})?|"
    r"what(?:'s| is) (?:the time|the meaning of life)|what time is it(?: now)?))"
    r"(?:[\s,.!?:;)]*(?:there|bot|chatbot|everyone|all|you|very much|so much|a lot|again|today"
    r"|doing|"
    r"mate|for (?:that|your help|the help|everything|the answer)|friend|please|now|then"
    r"|good)\b)*[\s,.!?:;)\W]*"
)
_ORDER: Final = re.compile(
    r"(?:please |now |ok |hey |can you |could you |would you |will you |i want you to |you must "
    r"|you should |"
    r"kindly |just |let'?s |[^\w]{1,4})*"
    r"(?:(?:ignore|disregard|forget|override|bypass) (?:(?:all|any|every|the|your|my|these|those"
    r"|previous|prior|"
    r"above|earlier|everything|of) ?)+(?:instruction|instructions|rules|prompt|prompts|directions"
    r"|guidelines|"
    r"you|above|before|said|told|citations|documents|context)?\b"
    r"|(?:act|behave|respond|answer|talk|speak|pose) (?:as|like) (?:an?|if|my|the) "
    r"|pretend (?:to|you|that)\b|role-?play\b|you are now\b|from now on\b|imagine (?:you|that "
    r"you)\b"
    r"|(?:write|compose|draft|generate|create|make up|invent|sing|produce) (?:me |us |for me |a "
    r"|an |some |the |my |"
    r"your |short |long |funny |little )*(?:poem|song|story|joke|essay|limerick|haiku|code"
    r"|program|script|"
    r"email|e-mail|letter|tweet|blog|article|rap|novel|sql|function|report|speech|recipe|post"
    r"|python|html)\b"
    r"|tell (?:me |us )?(?:a |an |another |some |the )?(?:funny |good |bad |dirty )?(?:joke|jokes"
    r"|story|fairy tale|riddle|secret)\b"
    r"|translate\b|(?:delete|drop|erase|wipe|remove|destroy|rebuild|reset|overwrite|format|edit"
    r"|modify) (?:all |the |your |my |this |every )*"
    r"(?:index|database|documents?|files?|data|disk|hard drive|history|table|everything|folder"
    r"|memory)\b"
    r"|(?:shut ?down|reboot|restart|self-destruct|log ?out|sudo|rm -)\b"
    r"|(?:print|show|reveal|repeat|output|display|summari[sz]e|tell me|give me|what(?:'s| is| "
    r"are)|leak|dump|recite) "
    r"(?:me |us )?(?:your |the |all )*(?:system |hidden |initial |secret |developer |internal )+"
    r"(?:prompt|prompts|instructions?|message|rules|configuration)\b"
    r"|(?:print|show|reveal|repeat|output|display|what(?:'s| is| are)) (?:me )?your (?:prompt"
    r"|instructions|rules|source code)\b"
    r"|(?:send|post|email|e-mail|mail|tweet|buy|sell|order|book|call|open|run|execute|install"
    r"|download|play|set|turn (?:on|off)|schedule|remind) "
    r"(?:me |an? |the |my |some |your |this |us )+(?:\w+ ){0,3}\w+$"
    r"|say (?:hello|hi|something|[\"'])|repeat after me\b|enable (?:\w+ ){0,2}mode\b)"
)
_INJECTION: Final = re.compile(
    r"\b(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|prior|above|earlier"
    r"|preceding|system) "
    r"(?:instructions?|rules|prompts?|messages?|directions)|\bjailbreak\b|\bdan mode\b"
    r"|\bdeveloper mode\b"
)
_CHINESE: Final = re.compile(
    r"(?:你好|您好|嗨|谢谢(?:你|您)?|多谢|再见|早上好|晚上好|你是谁|你叫什么(?:名字)?|你好吗|"
    r"(?:忽略|无视)(?:之前|以上|所有).*|(?:请)?(?:写|作)一首诗.*|(?:请)?讲(?:个|一个)笑话.*"
    r"|(?:请)?翻译.*|扮演.*)[!?。,！？，\s]*"
)
_TARGETED: Final = re.compile(r"^(?:sell|buy|order|set|call|book|open|play|run|post)\b.*\?$")


def refusal_of(folded: str) -> Reason | None:
    """Return the reason why ``folded`` is no question to the documents, None if it is one.

    Short words of business ("buy rating?", "order book", "open interest") stay questions: only a
    greeting that is the whole message, or an order by its form, is refused.
    """
    text = folded[:600].strip()
    talk = len(text) < 120 and (_SMALL_TALK.fullmatch(text) or _CHINESE.fullmatch(text))
    order = _ORDER.match(text) and not _TARGETED.match(text)
    if talk or order or _INJECTION.search(text) or _CHINESE.fullmatch(text):
        return Reason("not-a-question", _POLITE)
    return None

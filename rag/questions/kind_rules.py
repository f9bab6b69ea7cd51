"""The wordings that give away what kind of answer is wanted. English and Chinese.

Tables of patterns in the order in which they are tried; ``kinds`` applies them. They read a folded
question without politeness and leading preposition.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Kind = Literal[
    "figure",
    "date",
    "name",
    "place",
    "list",
    "reason",
    "yesno",
    "comparison",
    "definition",
    "status",
    "explanation",
]


def _words(*nouns: str) -> str:
    """Return a pattern for any of the words of the given texts."""
    return "(?:" + "|".join(" ".join(nouns).split()) + ")"


AUX: Final = _words(
    "is are was were am do does did has have had can could will would shall should may might must",
    "isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't won't wouldn't",
)
WH: Final = r"(?:what|which)"
BE: Final = r"(?:(?: is| are| was| were|'s))"
_NO_AUX: Final = r".*\b(?:did|does|do|is|was|were|will)\b"
NUM: Final = r"(?:two|three|four|five|six|seven|eight|nine|ten|\d{1,2})"
_FILL: Final = rf"(?:(?!{AUX}\b|the\b|an?\b|of\b|for\b|in\b|to\b|by\b)[\w&'.-]+ )"
MORE: Final = _words(
    "higher lower larger smaller more less stronger weaker faster slower cheaper dearer bigger",
    "better worse fewer",
)
_MOST: Final = _words(
    "most least largest biggest highest lowest smallest best worst fastest slowest cheapest",
    "strongest weakest",
)
PLACES: Final = _words(
    "country city town village province state region county district site place location continent",
    "port harbour harbor street address area island plant factory campus road",
)
PERSONS: Final = _words(
    "person people company firm group bank broker brokerage analyst supplier customer client",
    "investor shareholder owner partner rival competitor producer maker manufacturer developer",
    "operator retailer carrier airline agency regulator ministry court fund foundation university",
    "subsidiary division business brand product drug model vendor contractor carmaker foundry",
    "insurer lender auditor director executive manager minister official ceo cfo chairman party",
    "organisation organization body authority association exchange index currency language house",
    "candidate member entity stock chain trader bidder commission vehicle segment unit",
)
DATES: Final = _words(
    "date day month year quarter deadline time week weekday season decade century"
)
MEASURES: Final = _words(
    "percentage proportion share fraction number amount total sum size volume level value rate "
    "ratio",
    "price cost figure quantity weight length height age distance temperature capacity multiple",
    "yield margin return fee salary budget turnover headcount discount premium increase decrease",
    "change tonnage leverage spread churn range portion part result provision quotation duty goal",
    "target forecast reduction penalty probability specificity sensitivity efficacy density pay "
    "bill",
    "close income content stake charge limit ceiling floor minimum maximum profit revenue sales",
    "dividend output production density royalty percent tariff duty royalties bid offer damages "
    "compensation",
)
AMOUNT_VERBS: Final = _words(
    "earn earned spend spent pay paid paying lose lost charge charged lend lent cost costs costing",
    "yield weigh borrow borrowed owe invest invested raise raised fetch offer offered bid make "
    "made",
    "get produce produced",
)
_CAUSES: Final = _words(
    "cause causes caused made makes led drove drives prompted explains explained kept keeps helped",
    "helps forced triggered pushed lifted hurt weighed slowed delayed boosted supported stopped",
    "prevented motivated sent hit held brought took put dragged knocked squeezed killed "
    "interrupted",
    "cost drives hampers hampered limits limited threatens",
)
LEAD: Final = re.compile(
    r"^(?:and |so |but |also |then |ok,? |please |now |hey,? |hi,? )*"
    r"(?:(?:can|could|would|will) you (?:please |kindly )?(?:tell|show|give|say|explain|let)"
    r"(?: (?:me|us))?(?: know)?,? |do you know |i (?:want|need|would like|'d like) to know |"
    r"(?:please )?tell me,? (?=wh|how|if)|(?:do you|any) idea )*"
    r"(?:according to [\w' .-]{1,40}, )?"
)
PREPOSITION: Final = re.compile(
    r"^(?:at|in|on|by|from|to|for|of|with|until|till|since|as of|under|during|into|through|near"
    r"|next"
    r" to|around|about|between|within|apart from) (?=(?:[\w'-]+ ){0,3}?(?:what|which|when|where"
    r"|whom|how)\b)"
)


def _rule(kind: Kind, *patterns: str) -> tuple[Kind, re.Pattern[str]]:
    return kind, re.compile("|".join(patterns))


FIRST: Final = (
    _rule(
        "definition",
        r"^when (?:does|do|is|are) .{1,60}\b(?:regard|consider|count|qualify|treat|class|deem"
        r"|defin|call)",
        r"\b(?:mean by|meant by|meaning of|definition of|stands? for|defined as|define|denotes?)\b",
        rf"\b{WH} (?:does|do|did) .{{1,80}}\bmean\b",
        rf"\b(?:{WH}|who) counts? as\b",
        rf"\b{WH}{BE} .{{1,80}} used for\b|^what exactly (?:is|are)\b|^what is it that\b",
        rf"\b{WH} (?:kind|sort|type) of\b|^how (?:is|are) .{{1,80}}\b(?:calculated|measured"
        rf"|defined)\b",
    ),
    _rule(
        "status",
        r"\b(?:status|state of (?!the art)|stage of|how far along|progress of|state of play"
        r"|situation)\b",
        r"\bwhat (?:has |have |had |is |was |will )?(?:happened|became|become|happens|happening"
        r"|happen|"
        r"going on|came) (?:to|of|with|at)\b",
        r"^(?:where|how) (?:do|does|did) .{1,80}\bstand\b|^what is (?:still )?(?:being "
        r")?(?:planned|considered) for\b",
        rf"\b{WH} (?:\w+ )?stage\b|^what (?:is|are) the (?:latest|plans?) (?:on|for|with)\b",
        r"^what (?:is|are|was|were) .{1,60}\b(?:waiting for|lacking|outstanding)\b|^what still\b",
        r"^what will be done with\b|^what has to happen\b|^what is going to happen\b",
    ),
    _rule(
        "list",
        r"^(?:list|name|enumerate|give me all|which are|what are all)\b(?! of\b| price)",
        rf"\b{WH} (?:other )?{NUM} (?!quarter|half|year|per)",
        rf"\b{WH} (?:[a-z-]+ )?(?:reasons|risks|measures|factors|conditions)\b",
        r"\bwho are the\b|\bwho else\b|^(?:main |key |top )?(?:risks|reasons|priorities|picks)\b",
        rf"^what (?:are|were) the (?:main |key |other |planned |next )*(?:{NUM} )?(?:[\w-]+ "
        rf"){{0,2}}?"
        r"(?!sales\b|earnings\b|costs\b|results\b|deliveries\b|volumes\b|shipments\b|assets\b|"
        r"terms\b|savings\b|reserves\b|revenues\b|expenses\b|losses\b|proceeds\b|inflows\b|"
        r"exports\b|imports\b|its\b|was\b|emissions\b|liabilities\b|receivables\b|inventories\b)"
        r"[a-z]{3,}s\b",
    ),
    _rule(
        "reason",
        r"\bwhy\b|\bhow come\b|\breasons? (?:for|why|behind|that|given|of)\b|\bwhat for\b",
        r"\bwhat (?:\w+ )?(?:is|was|were|lies|lay) behind\b",
        rf"\bwhat (?:\w+ )?{_CAUSES}\b(?!{_NO_AUX})",
        rf"^what (?!{_NO_AUX})(?!{AUX}\b|happened|changed|named|called|related|based|combined"
        rf"|used)"
        r"(?:[a-z]{3,}ed|drove|sent|held|took|brought|got|gave|fed|sank|rose) ",
        r"^what (?:is|was) (?:holding|dragging|driving|slowing|causing|keeping|pushing|hurting"
        r"|delaying)\b",
        r"\b(?:because of|owing to|due to|thanks to) what\b"
        r"|\b(?:what|which) (?:grounds?|reason|purpose)\b|\bwhat (?:\w+ ){0,8}blames?\b",
        rf"\bwhat{BE} (?:[\w'-]+ ){{0,4}}?(?:reason|cause|rationale|motive|explanation"
        rf"|bottleneck|grounds?)\b",
        r"\bhow (?:do|does|did) .{1,60}\b(?:explain|account for|justify)\b|\bthe cause of\b",
        r"^(?:explain )why\b|^(?:reason|cause|motive)\b|\bwhat(?:\'s| is| was) .{1,60} about$",
    ),
    _rule(
        "comparison",
        r"\bhow (?:does|do|did) .{1,100}\b(?:compare|differ|develop|change against|stack up)\b",
        r"\bcompared? (?:with|to)\b|\bdifferences? between\b|\bversus\b",
        rf"\b{MORE} (?:or {MORE}\b|.{{1,60}}\bor\b)|^which (?:of|one|is|are|was|were)\b",
        rf"^{WH} {_FILL}{{1,4}}(?:{AUX} )?(?:the )?(?:{_MOST}|{MORE})\b",
        rf"^(?:which|who) .{{1,80}}\b(?:has|had|holds?|got|gained|lost|grew|sold|was|were|is"
        rf"|are) (?:the )?(?:{_MOST}|{MORE})\b",
        r"^(?:the )?(?:largest|biggest|smallest|best|worst|weakest|strongest|only) (?!owner"
        r"|shareholder|customer)",
    ),
)
LATER: Final = (
    _rule(
        "place",
        r"\bwhere(?:abouts)?\b",
        r"^(?:headquarters|head office|hq|location|registered office)\b",
    ),
    _rule(
        "date",
        r"\b(?:when|since when)\b|^how (?:soon|recently|long ago)\b",
        r"^(?:[\w'-]+ ){0,2}(?:date|deadline|timing|expiry|go-live|launch)\b(?! of birth)|\bdate$",
        r"^(?:first|last) (?:day|closing|delivery|deliveries|wafers|production|power)\b|^(?:start"
        r"|completion|opening|end) of\b",
    ),
    _rule(
        "figure",
        r"\bhow (?:much|many)\b|\bby what\b",
        rf"^how (?!{AUX}\b|come\b|about\b|exactly\b|to\b)[a-z-]+ ",
        r"^how (?:did|do|does|has|have) .{1,80}\b(?:grow|perform|fare|change)\b",
    ),
    _rule(
        "name",
        r"\bwho\b|\bwhom\b|\bwhose\b|\bcalled\b|\bthe names? of\b|\bname$",
        r"^(?:majority |main |largest |biggest |lead )?(?:owner|shareholder|successor|supplier"
        r"|buyer|seller|"
        r"partner|author|founder|auditor|chairman|chair|ceo|cfo|reinsurer|trustee|manager)\b",
    ),
    _rule("explanation", r"^(?:how|explain|describe|tell|summari[sz]e|outline|show)\b"),
)
CHINESE: Final = (
    _rule("reason", r"为什么|为何|为啥|什么原因|原因是|何以|怎么会|因何"),
    _rule(
        "date", r"什么时候|何时|哪一?年|哪一?天|哪个月|几月|什么时间|日期|几号|哪个世纪|哪个时期"
    ),
    _rule(
        "place",
        r"哪里|哪儿|何处|什么地方|哪个(?:国家|城市|地区|省|州|县|地方|岛)|哪座城|在哪|位于哪",
    ),
    _rule("list", r"哪些|哪[两二三四五六七八九几]|有什么|列出"),
    _rule("name", r"谁|哪位|哪一位|哪个|哪家|哪支|叫什么|名字|名称"),
    _rule("figure", r"多少|几[个位名家次年天种]|多[大高长远久快重]|百分之几|比例|有几"),
    _rule("yesno", r"是否|吗[?]?$|是不是|有没有|能不能|会不会"),
    _rule("definition", r"是什么(?:意思)?[?]?$|什么是|指的是|定义"),
    _rule("explanation", r"如何|怎么|怎样"),
)

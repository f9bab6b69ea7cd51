"""What is known of a document as a whole: published when, covering which period, by whom, in what.

Looked for where people and programs write it down: fields made for it, then the first lines of the
text, then the file's name, last the dates at which programs saved the file. Dates are read by
`rag.figures`; one that can be read in two ways is none. Whatever is found says where.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta

from rag.documents.readers import Field
from rag.documents.tongues import tongue_of
from rag.figures import Period, find_periods
from rag.types import Fact, Metadata

_HEAD = 4_000  # characters looked at
_FIRST_LINES = 30
_TITLE_LINES = 5
_LONGEST_LINE = 160
_LONGEST_NAME = 120
_SETTLED = timedelta(days=730)  # after its period, in which a report may still be saved

_DAY = re.compile(r"\s*(?:D:)?(\d{4})-?(\d\d)-?(\d\d)(?!\d{1,5}(?!\d))")
_MONTH = re.compile(r"\s*(\d{4}-\d\d)\s*")
_JOINED_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)[._ -]?(\d\d)[._ -]?(\d\d)(?!\d)")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_]|$)", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:(?:default |microsoft |office |windows )*(?:user|admin\w*|owner|office)|unknown|none|null"
    r"|author|anonym\w*|\(.*\)|.*@.*|https?:.*|\W*)",
    re.IGNORECASE,
)
_SAYS_DATE = re.compile(
    r"(?:.*[|·•–—;]\s*)?[\W_]*(?:(?:date )?(?:published|issued|released|posted|filed|dated|updated"
    r"|last updated)(?: on| at)?|(?:publication|release|issue|report|filing) date|date(?: of (?:"
    r"publication|issue|release|filing|this report))?|发布(?:日期|时间)|公告(?:日期|时间)|日期)"
    r"\s*[:：]?[\W_]*",
    re.IGNORECASE,
)
_CLOCK = r"(?:at\s+)?\d{1,2}[:.]\d\d(?:[:.]\d\d)?\s*(?:[ap]\.?m\.?)?\s*(?:[A-Z]{2,5}\b)?"
_ENDS_LINE = re.compile(rf"[\s,|·•–—-]*(?:{_CLOCK})?[\W_]*", re.IGNORECASE)
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s*)?"
_ENDS_SEGMENT = re.compile(rf"(?:.*[,|·•–—(:]\s*|[\W_]*){_WEEKDAY}[\W_]*", re.IGNORECASE)
_NEXT_SEGMENT = re.compile(r"\s*[|·•–—]")
_PLACE = re.compile(
    r"[\W_]*[^\W\d_a-z][\w .'’/-]{1,60}(?:, [^\W\d_a-z][\w .]{1,30})?,?\s*[(/-]?\s*"
)
_DASH = re.compile(r"\s*\)?\s*(?:\([^)]{1,40}\)|/[^/]{1,40}/)?\s*(?:--?|[–—]|:)\s*\S")
_HEADING = re.compile(r"\s{0,3}#{1,6} ")
_REPORTS = re.compile(
    r"\b(?:report|results|accounts|statements?|earnings|review|update|filing|10-[kq]|20-f)\b"
    r"|报告|年报|季报|中报|业绩",
    re.IGNORECASE,
)
_ENDED = re.compile(r"\b(?:ended|ending)\b|截至", re.IGNORECASE)
_STATE = re.compile(
    r"(?:\b(?:as of|as at|at|ended|ending|to|until)(?: the)?|截至) ?$", re.IGNORECASE
)
_HAPPENED = re.compile(
    r"\b(?:on|of|in|from|since|to|until|till|by|before|after|for)(?: the)? ?$", re.IGNORECASE
)
_COVERING = ("quarter", "half", "nine-months", "year", "fiscal-year", "span")
_SAYS_SOURCE = re.compile(
    r"[\W_]*(?:(?:source|author|publisher|published by|来源|作者)\s*[:：]|(?-i:By (?=[A-ZÀ-Þ])))"
    r"[\s*_]*(?P<name>\S[^|·•\n]{1,120})",
    re.IGNORECASE,
)
_NAME_ENDS = re.compile(r"[\s,;|·•–—(*_-]+$")

Line = tuple[int, str]
"""Offset of a line in the text, and the line."""


def find_metadata(
    text: str, furniture: Sequence[tuple[int, int]], fields: Sequence[Field], stem: str, many: bool
) -> Metadata:
    """Return what is known of a document.

    Args:
        text: of the document.
        furniture: ranges that are not the document's own words.
        fields: what the file says of itself, the more trustworthy first.
        stem: the file's name without its suffix.
        many: whether the file holds several records, whose first lines speak for one of them.
    """
    lines = [] if many else list(_first_lines(text, furniture))
    readable = re.sub(r"[_\s]+", " ", stem)
    period = (
        _field(fields, "period", _period_value)
        or _first(_period_in_line(line) for i, line in enumerate(lines) if _heads(line[1], i))
        or _first(map(_period_of_title, lines[:_TITLE_LINES]))
        or _first(_state_of_title(line) for line in lines if _HEADING.match(line[1]))
        or _renamed(_period_of_title((0, readable)))
    )
    published = (
        _field(fields, "published", _day_value)
        or _published(lines)
        or _renamed(_day_of_name(readable))
        or _saved(fields, period)
    )
    return Metadata(
        published,
        period,
        _field(fields, "source", _name_value) or _first(map(_source_in_line, lines)),
        tongue_of(text[:_HEAD]) or _field(fields, "language", _language_value),
    )


def _first(facts: Iterable[Fact | None]) -> Fact | None:
    return next((fact for fact in facts if fact is not None), None)


def _first_lines(text: str, furniture: Sequence[tuple[int, int]]) -> Iterator[Line]:
    marked = {start for start, _ in furniture}
    found = 0
    for match in re.finditer(r"[^\n]+", text[:_HEAD]):
        line = match[0]
        if match.start() in marked or line.lstrip().startswith("|") or not line.strip(" -*_#\r"):
            continue
        yield match.start(), line
        found += 1
        if found == _FIRST_LINES:
            return


# --- fields --------------------------------------------------------------------------------------


def _field(
    fields: Sequence[Field], kind: str, value_of: Callable[[str], str], *, sure: bool = True
) -> Fact | None:
    """Return what the first field of a kind says that holds a value."""
    found = ((field, value_of(field.value)) for field in fields if field.kind == kind)
    return next((Fact(value, field.name, sure=sure) for field, value in found if value), None)


def _day_value(words: str) -> str:
    """Return the day or month that a field gives; empty where it gives none or several."""
    if match := _DAY.match(words):
        return _real_day(*match.groups())
    if match := _MONTH.fullmatch(words):
        return match[1] if _real_day(match[1][:4], match[1][5:]) else ""
    days = {found.first for found in find_periods(words) if found.kind == "day"}
    return str(days.pop()) if len(days) == 1 and None not in days else ""


def _real_day(year: str, month: str, day: str = "01") -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat() if year >= "1800" else ""
    except ValueError:
        return ""


def _period_value(words: str) -> str:
    found = [period for period in find_periods(words) if period.first and period.last]
    return _stretch(found[0]) if len(found) == 1 else ""


def _name_value(words: str) -> str:
    name = " ".join(words.split())
    return "" if len(name) > _LONGEST_NAME or _NOBODY.fullmatch(name) else name


def _language_value(words: str) -> str:
    match = _LANGUAGE.match(words.strip())
    return match[1].lower() if match else ""


def _saved(fields: Sequence[Field], period: Fact | None) -> Fact | None:
    """Return when the file was saved, if that can be when the document was published."""
    fact = _field(fields, "saved", _day_value, sure=False)
    if fact is None or period is None:
        return fact
    last = date.fromisoformat(period.value.rpartition("/")[2])
    return fact if last <= date.fromisoformat(fact.value) <= last + _SETTLED else None


# --- lines ---------------------------------------------------------------------------------------


def _published(lines: Sequence[Line]) -> Fact | None:
    """Return the date of publication that the first lines give: said so, or where dates stand."""
    dated = [(line, found, i) for i, line in enumerate(lines) for found in _days(line[1])]
    for rule in (_is_said, _stands_apart, _opens, _closes_title):
        for (start, line), found, i in dated:
            if rule(line, found, i):
                return Fact(_day_or_month(found), span=(start + found.start, start + found.end))
    return None


def _days(line: str) -> list[Period]:
    """Return the days and months that a line names, but for those at which a state is told."""
    found = find_periods(line[: 2 * _LONGEST_LINE])
    named = [p for p in found if p.kind in ("day", "month") and p.first and not p.relation]
    return [p for p in named if not _STATE.search(line[: p.start])]


def _day_or_month(found: Period) -> str:
    return f"{found.first}" if found.kind == "day" else f"{found.first}"[:7]


def _is_said(line: str, found: Period, _: int) -> bool:
    """Whether the words before a date say that it is the publication's: "Published on"."""
    return bool(_SAYS_DATE.fullmatch(line[: found.start]))


def _stands_apart(line: str, found: Period, _: int) -> bool:
    """Whether a date is a part of a short line by itself, as in one that names an author."""
    if len(line) > _LONGEST_LINE or _HEADING.match(line):
        return False
    before, behind = line[: found.start], line[found.end :]
    alone = not before.strip(" *_([") and not behind.strip(" *_)].")
    if found.kind == "month":
        return alone
    closes = _ENDS_SEGMENT.fullmatch(before) and _ENDS_LINE.fullmatch(behind)
    opens = not before.strip(" *_([") and _NEXT_SEGMENT.match(behind)
    return bool(alone or opens or (closes and not line.rstrip().endswith(".")))


def _opens(line: str, found: Period, _: int) -> bool:
    """Whether a date stands between a place and a dash: "LIMA, 3 May 2024 (Agency) – The"."""
    before, behind = line[: found.start], line[found.end :]
    return found.kind == "day" and bool(_PLACE.fullmatch(before) and _DASH.match(behind))


def _closes_title(line: str, found: Period, i: int) -> bool:
    """Whether a date ends a heading near the top."""
    short = i < _TITLE_LINES and len(line) <= _LONGEST_LINE
    happened = _HAPPENED.search(line[: found.start])
    return found.kind == "day" and short and not happened and not line[found.end :].strip(" *_)#\r")


def _heads(line: str, i: int) -> bool:
    """Whether a line speaks of the whole document: one of the first, or a short one that names."""
    return i < _TITLE_LINES or (len(line) <= _LONGEST_LINE and not line.rstrip().endswith("."))


def _period_in_line(line: Line) -> Fact | None:
    """Return a period that is said to have ended: "for the year ended 31 December 2024"."""
    start, words = line
    for found in find_periods(words[: 4 * _LONGEST_LINE]):
        if found.kind in _COVERING and found.first and found.last and _ENDED.search(found.text):
            return Fact(_stretch(found), span=(start + found.start, start + found.end))
    return None


def _period_of_title(line: Line) -> Fact | None:
    """Return the only period in a line that speaks of a report: "Annual report 2024"."""
    start, words = line
    if len(words) > _LONGEST_LINE or not _REPORTS.search(words):
        return None
    found = [p for p in find_periods(words) if p.kind in _COVERING and p.first and p.last]
    if len(found) != 1 or words.rstrip().endswith("."):
        return None
    return Fact(_stretch(found[0]), span=(start + found[0].start, start + found[0].end))


def _state_of_title(line: Line) -> Fact | None:
    """Return the day that a heading tells the state at: "Companies as of 31 December 2024"."""
    start, words = line
    for found in find_periods(words[:_LONGEST_LINE]):
        if found.kind == "day" and found.first and _STATE.search(words[: found.start]):
            return Fact(_stretch(found), span=(start + found.start, start + found.end))
    return None


def _stretch(found: Period) -> str:
    return f"{found.first}/{found.last}"


def _day_of_name(stem: str) -> Fact | None:
    match = _JOINED_DAY.search(stem)
    value = _real_day(*match.groups()) if match else ""
    days = [found for found in _days(stem) if found.kind == "day"]
    value = value or (_day_or_month(days[0]) if len(days) == 1 else "")
    return Fact(value) if value else None


def _renamed(fact: Fact | None) -> Fact | None:
    """Return a fact as one that the file's name says."""
    return Fact(fact.value, "file name") if fact else None


def _source_in_line(line: Line) -> Fact | None:
    """Return who is said to have written: "By Ada Byron, Daily Post", "Source: Agency"."""
    start, words = line
    match = _SAYS_SOURCE.match(words)
    if match is None or len(words) > _LONGEST_LINE:
        return None
    dates = [found.start for found in _days(words) if found.start > match.start("name")]
    name = _NAME_ENDS.sub("", words[match.start("name") : min([*dates, match.end("name")])])
    if not _name_value(name) or name.endswith("."):
        return None
    return Fact(name, span=(start + match.start("name"), start + match.start("name") + len(name)))

"""What a sentence says of a figure in it: metric, owner and period, by the words around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rag.figures import Figure, Period, find_periods, resolve
from rag.figures.units import listed
from rag.measuring.subjects import Names, acting
from rag.questions import measured_in
from rag.questions.terms import metrics_found


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a figure; empty or None where nothing is."""

    metric: str = ""
    entity: str = ""
    period: Period | None = None


_CLAUSE_END: Final = re.compile(
    r"(?i)[;—]|,? \b(?:while|whereas|although|but)\b|, (?:and|with)\b|[.!?] (?=[A-Z\"“])"
)
_UP: Final = "r(?:ise|ose|isen|ising)|gr(?:ow|ew|own|owing)|increas|climb|jump|surg|soar|gain|up"
_DOWN: Final = "f(?:all|ell|allen|alling)|declin|decreas|drop|slip|slump|shr(?:ink|ank)|lost|down"
_ABOUT: Final = (
    r"(?:(?:about|around|nearly|almost|roughly|some|more than|over|less than|up to|between|a"
    r"|an estimated|another|further|significantly|sharply) )*"
)
_CHANGED: Final = re.compile(
    rf"(?i)\b(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\w*,? (?:by |of )?{_ABOUT}$"
)
_CHANGED_BY: Final = re.compile(
    rf"(?i)\b(?:(?P<up>{_UP}|boost|rais|lift)|(?P<down>{_DOWN}|reduc|cut|lower))\w* "
    rf"(?:[\w-]+ ){{1,6}}by {_ABOUT}$"
)
_CHANGE_OF: Final = re.compile(
    r"(?i) ?(?:year[- ]on[- ]year |annual )?"
    r"(?:(?P<up>increase|rise|growth|jump|gain|surge)|(?P<down>decrease|decline|fall|drop|loss))"
    r" (?:in|of) (?:[\w-]+ ){0,4}$"
)
_OF: Final = re.compile(r"(?i) ?(?:in|of) (?:[\w-]+ ){0,3}$")
# Between two figures of one metric there are only words like these, and periods.
_SMALL: Final = re.compile(
    r"(?i)(?:\b(?:and|to|from|compared|with|up|down|in|for|the|a|an|year|earlier|versus|vs|against"
    r"|or|of|by|than|at|it|was|were|had|been|is|are|respectively|first|second|third|fourth|after"
    r"|before|about|nearly|some|over|more|less|rose|fell|grew|rising|falling|about|on|end|as)\b"
    r"|[\s,.()–-])*"
)
_FROM: Final = re.compile(r"(?i),? from\b")
_RESPECTIVELY: Final = re.compile(r"(?i)\brespectively\b")
_FORECAST: Final = re.compile(
    r"(?i)\b(?:expect|forecast|target|guidance|plan|estimat|outlook|project(?:s|ed|ion)\b|aim"
    r"|budget|predict|anticipat|would|will)\w*"
)
_AWAITED: Final = re.compile(
    r"(?i)\b(?:is|are|was|were) (?:now )?(?:expected|forecast|projected|estimated|planned|targeted)"
)
_QUALIFIERS: Final = frozenset(
    listed("net gross free forward adjusted underlying organic tax service rental export")
)
_CHANGES: Final = ("growth", "decline")
_FARTHEST: Final = 120


class Sentence:
    """A sentence or list item and the figures in it; offsets count its characters."""

    def __init__(self, text: str, figures: Sequence[Figure], lead: str, names: Names) -> None:
        self.text = text
        self.figures = figures
        self.lead = lead
        self.names = names
        self.metrics = [(a, b, _as_said(text, a, b, name)) for a, b, name in metrics_found(text)]
        self.cuts = [0, *(m.start() for m in _CLAUSE_END.finditer(text)), len(text)]

    def say(self, figure: Figure) -> Said:
        """Return what is said of one of the figures."""
        return Said(self._metric(figure), self._entity(figure), self._period(figure))

    def _clause(self, figure: Figure) -> tuple[int, int]:
        start = max(cut for cut in self.cuts if cut <= figure.start)
        return start, min(cut for cut in self.cuts if cut >= figure.end)

    def _together(self, figure: Figure) -> list[Figure] | None:
        """Return the figures that "respectively" deals out in this clause; None without it."""
        start, end = self._clause(figure)
        if not _RESPECTIVELY.search(self.text, start, min(len(self.text), end + 15)):
            return None
        return [f for f in self.figures if start <= f.start < end and f.kind == figure.kind]

    # Metric --------------------------------------------------------------------------------------

    def _metric(self, figure: Figure) -> str:
        name = self._named(figure)
        start, end = self._clause(figure)
        ahead = _FORECAST.search(self.text, start, figure.start)
        awaited = _AWAITED.search(self.text, figure.end, end)
        return f"{name}, forecast" if name and (ahead or awaited) else name

    def _named(self, figure: Figure) -> str:
        start, _ = self._clause(figure)
        if (group := self._together(figure)) is not None:
            return self._dealt_out(figure, group)
        changed = _CHANGED.search(self.text, start, figure.start) or _CHANGED_BY.search(
            self.text, start, figure.start
        )
        before = [m for m in self.metrics if start <= m[0] and m[1] <= figure.start]
        if name := self._before(figure, before, changed):
            return name
        for first, _, name in self.metrics:
            between = self.text[figure.end : first]
            if first >= figure.end and (change := _CHANGE_OF.fullmatch(between)):
                return _changing(name, change)
            if first >= figure.end and _OF.fullmatch(between) and _fits(name, figure):
                return name
        return self._introduced(figure, changed)

    def _before(
        self,
        figure: Figure,
        before: Sequence[tuple[int, int, str]],
        changed: re.Match[str] | None,
    ) -> str:
        """Return the metric named last before a figure, if nothing else lies between."""
        plain = [m for m in before if m[2] not in _CHANGES]
        for _, last, name in reversed(plain):
            if figure.start - last > _FARTHEST or not self._reaches(last, figure):
                return ""
            noun = [m[2] for m in before if m[2] in _CHANGES and m[0] >= last]
            if changed and self._is_change(figure, changed):
                return _changing(name, changed)
            if noun and figure.kind == "percent":
                return f"{name} {noun[-1]}"
            return name if _fits(name, figure) else ""
        if before and figure.kind == "percent" and self._reaches(before[-1][1], figure):
            return before[-1][2]
        return ""

    def _is_change(self, figure: Figure, changed: re.Match[str]) -> bool:
        """Tell whether a figure says by how much: "up 4 %", but not "up 412 million in sales"."""
        relative = figure.kind in ("percent", "points", "ratio")
        return relative or not changed[0].lower().startswith(("up", "down"))

    def _reaches(self, last: int, figure: Figure) -> bool:
        """Tell whether a metric that ends at ``last`` still rules a figure behind other ones."""
        others = [f for f in self.figures if last <= f.start and f.end <= figure.start]
        if not others:
            return True
        between = list(self.text[others[-1].end : figure.start])
        for period in self._periods:
            first = max(0, period.start - others[-1].end)
            final = max(0, period.end - others[-1].end)
            between[first:final] = " " * len(between[first:final])
        return _SMALL.fullmatch("".join(between)) is not None

    def _dealt_out(self, figure: Figure, group: Sequence[Figure]) -> str:
        start, _ = self._clause(figure)
        names = [name for first, last, name in self.metrics if start <= first < group[0].start]
        fitting = [name for name in names if _fits(name, figure)]
        if len(fitting) == len(group) > 1:
            return fitting[group.index(figure)]
        return fitting[0] if len(set(fitting)) == 1 == len(names) else ""

    def _introduced(self, figure: Figure, changed: re.Match[str] | None) -> str:
        """Return the one metric of the line that introduces a list."""
        names = {name for _, _, name in metrics_found(self.lead)}
        fitting = [name for name in names if _fits(name, figure)]
        return fitting[0] if len(fitting) == len(names) == 1 and not changed else ""

    # Owner ---------------------------------------------------------------------------------------

    @cached_property
    def _names(self) -> list[tuple[int, str]]:
        return acting(self.text, self.names.in_sentence(self.text))

    def _entity(self, figure: Figure) -> str:
        """Return the first name of the clause before the figure, else of the clauses before."""
        start, _ = self._clause(figure)
        group = self._together(figure)
        inside = [name for at, name in self._names if start <= at < figure.start]
        if group is not None and len(group) > 1:
            return inside[group.index(figure)] if len(inside) == len(group) else ""
        earlier = [name for at, name in self._names if at < start]
        return (inside or earlier or [""])[0]

    # Period --------------------------------------------------------------------------------------

    @cached_property
    def _periods(self) -> list[Period]:
        found = find_periods(self.text)
        anchors = [p for p in found if not p.relative and p.year]
        return [(resolve(p, anchors[0]) or p) if p.relative and anchors else p for p in found]

    def _period(self, figure: Figure) -> Period | None:
        start, end = self._clause(figure)
        group = self._together(figure)
        inside = [p for p in self._periods if start <= p.start < end]
        if group is not None and len(group) > 1 and len(inside) > 1:
            return inside[group.index(figure)] if len(inside) == len(group) else None
        later = [f.start for f in self.figures if f.start >= figure.end]
        limit = min([end, *later])
        following = [p for p in inside if figure.end <= p.start < limit]
        before = [p for p in inside if p.start < figure.start]
        if following and not (before and _FROM.match(self.text, figure.end)):
            return following[0]
        if before:
            return before[-1]
        # "a year earlier" behind another figure is not said of this one.
        absolute = [p for p in inside if not p.relative]
        return absolute[0] if absolute else self._elsewhere(start)

    def _elsewhere(self, start: int) -> Period | None:
        """Return the period of the clauses before, else of the line that introduces the list."""
        earlier = [p for p in self._periods if p.start < start]
        if earlier:
            return earlier[-1]
        led = [p for p in find_periods(self.lead) if not p.relative]
        if led:
            return led[0] if len(led) == 1 else None
        return next((p for p in self._periods if not p.relative), None)


def _changing(metric: str, change: re.Match[str]) -> str:
    return f"{metric} {'decline' if change['down'] else 'growth'}"


def _as_said(text: str, start: int, end: int, name: str) -> str:
    """Return a metric with the word before it that makes it another: "net debt", "free cash flow".

    A loss is called a loss: its figure is printed without a sign.
    """
    written = text[start:end].lower()
    if "loss" in written and "loss" not in name:
        return written
    words = [*text[:start].lower().split()[-1:], written.split()[0]]
    qualifier = next((word for word in reversed(words) if word in _QUALIFIERS), "")
    return f"{qualifier} {name}" if qualifier and qualifier not in name else name


def _fits(metric: str, figure: Figure) -> bool:
    kind = measured_in(metrics_found(metric)[-1][2])
    if kind in ("quantity", "count"):
        return figure.kind in ("quantity", "count")
    return kind == figure.kind or (kind == "ratio" and figure.bare)

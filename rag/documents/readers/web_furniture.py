"""What of a page is no article: navigation, forms, notices, what scripts and styles need.

Nothing that holds most of the page's text is ever taken for furniture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_TAGS = {
    "unseen": "script style noscript template svg iframe object embed canvas math head select"
    " option button input textarea audio video map -comment",
    "around": "nav footer aside form dialog menu",
    "textual": "body main article table tbody tr td th p h1 span a b",
    "roles": "navigation banner contentinfo complementary search dialog alertdialog menubar",
}
_UNSEEN, _AROUND, _TEXTUAL, _ROLES = (frozenset(names.split()) for names in _TAGS.values())
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation)?|menu|breadcrumbs?|sidebar|footer|cookies?|consent|gdpr"
    r"|share|sharing|social|related|recommended|recommendations|comments?|respond|newsletter"
    r"|subscribe|subscription|promo|adverts?|advertisement|ads?|popup|modal|pagination|pager"
    r"|skip-?links?|toolbar|tags?-list|author-bio|paywall)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_ARTICLES = ("main article", "article", "main", '[role="main"]', '[itemprop="articleBody"]')
_SHARE = 0.4  # of the page's text that an article holds
_MOST = 0.5  # of the page's text that no furniture holds
_LINKED = 0.8  # of its text that is links in a block of navigation


@dataclass(slots=True)
class Measure:
    """What an element holds: characters without blanks, those in links, links, tables, a title."""

    length: int = 0
    linked: int = 0
    links: int = 0
    tables: int = 0
    titled: bool = False

    def add(self, other: Measure) -> None:
        """Count what an element inside holds."""
        self.length += other.length
        self.linked += other.linked
        self.links += other.links
        self.tables += other.tables
        self.titled |= other.titled


Measures = dict[int, Measure]
"""By ``mem_id`` of the element."""


def measured(root: LexborNode) -> Measures:
    """Return what each element below ``root`` holds, in one pass; deep nesting costs no stack."""
    found: Measures = {}
    waiting: list[tuple[LexborNode, bool]] = [(root, False)]
    path: list[Measure] = [Measure()]
    while waiting:
        node, leaving = waiting.pop()
        if leaving:
            measure, tag = path.pop(), node.tag
            if tag == "a":
                measure.linked, measure.links = measure.length, measure.links + 1
            measure.tables += tag == "table"
            measure.titled |= tag == "h1"
            found[node.mem_id] = measure
            path[-1].add(measure)
        elif node.tag == "-text":
            path[-1].length += sum(map(len, (node.text_content or "").split()))
        elif node.tag not in _UNSEEN:
            path.append(Measure())
            waiting.append((node, True))
            waiting += [(child, False) for child in children(node)]
    return found


def children(node: LexborNode) -> list[LexborNode]:
    """Return the elements and texts directly inside an element, in order."""
    found, child = [], node.first_child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def article_of(page: Any, measures: Measures) -> LexborNode:
    """Return the element that holds the article of a page, else its body."""
    body: LexborNode = page.body
    whole = measures[body.mem_id].length
    for selector in _ARTICLES:
        found = page.css(selector)
        if len(found) == 1 and _measure(found[0], measures).length >= _SHARE * whole:
            article: LexborNode = found[0]
            return article
    return body


def is_furniture(node: LexborNode, inside: bool, measures: Measures, whole: int) -> bool:
    """Return whether a reader of the page does not take an element for its text.

    Args:
        node: the element.
        inside: the walk is below an article, where lists of links are part of it.
        measures: of what is walked.
        whole: characters of all that is walked.
    """
    tag = node.tag or ""
    if tag in _UNSEEN:
        return True
    attributes = node.attributes or {}
    if "hidden" in attributes or _HIDDEN.search(attributes.get("style") or ""):
        return True
    if tag in _TEXTUAL:
        return False
    measure = _measure(node, measures)
    if measure.length > _MOST * whole:
        return False
    return (
        tag in _AROUND
        or (attributes.get("role") or "") in _ROLES
        or attributes.get("aria-hidden") == "true"
        or bool(_NAMED.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"))
        or (not inside and tag == "header" and not measure.titled)
        or (not inside and tag in ("ul", "ol", "div", "section") and _is_links(measure))
    )


def _is_links(measure: Measure) -> bool:
    """Return whether an element is a list of links: several, short, and little else."""
    linked = measure.linked >= _LINKED * measure.length
    return linked and measure.links >= 4 and measure.linked < 40 * measure.links


def _measure(node: LexborNode, measures: Measures) -> Measure:
    return measures.get(node.mem_id) or Measure()

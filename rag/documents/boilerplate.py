"""Web furniture: the lines that a page carries around its article, marked by general rules.

Precision first: only whole, short lines; a line that could hold a fact, such as a heading
"Comments" or "About us", is never marked.
"""

from __future__ import annotations

import re

from rag.text import fold

_LONGEST = 200

# Whole lines, folded, without marks around them.
_PHRASES = """
    leave a reply | leave a comment | leave a reply cancel reply | post a comment |
    add a comment | write a comment | cancel reply | post comment | reply | spread the word |
    share this | share it | share on facebook | share on twitter | share on x |
    share on linkedin | share via email | tweet | pin it | print | print this page |
    print this article | email this article | copy link | follow us | subscribe | subscribe now |
    unsubscribe | join our newsletter | newsletter signup | related posts | related articles |
    related stories | related news | related content | related reading | you may also like |
    you might also like | recommended for you | most read | most popular | trending now |
    recent posts | recent comments | read more | read also | continue reading | learn more |
    load more | show more | see more | click here | view in browser | skip to content |
    skip to main content | skip to navigation | jump to navigation | back to top |
    return to top | scroll to top | previous post | next post | older posts | newer posts |
    previous article | next article | log in | login | sign in | sign up | register | home |
    menu | main menu | search | site map | sitemap | contact us | privacy policy |
    cookie policy | terms of use | terms of service | terms and conditions | accept cookies |
    accept all | accept all cookies | reject all | cookie settings | manage cookies |
    all rights reserved | advertisement | no comments | no comments yet | loading |
    toggle navigation | text size: a a a | support us | report a mistake |
    laisser un commentaire | partager | partager cet article | lire la suite |
    tous droits réservés | articles similaires | à lire aussi | kommentar hinterlassen |
    schreibe einen kommentar | teilen | beitrag teilen | weiterlesen | mehr lesen |
    alle rechte vorbehalten | zum inhalt springen | ähnliche beiträge | deja un comentario |
    deja una respuesta | compartir | leer más | seguir leyendo | todos los derechos reservados |
    artículos relacionados | saltar al contenido | deixe um comentário | deixe uma resposta |
    compartilhar | partilhar | leia mais | todos os direitos reservados | lascia un commento |
    condividi | leggi tutto | tutti i diritti riservati | 发表评论 | 发表回复 | 分享到 | 分享 |
    版权所有 | 相关阅读 |
    相关文章 | 上一篇 | 下一篇 | 阅读更多 | 返回顶部 | 發表評論 | 發表迴響 |
    相關文章 | 版權所有 | コメントを残す | 関連記事 | 続きを読む
"""
_KNOWN = frozenset(re.split(r"\s*\|\s*", _PHRASES.strip()))
_PATTERNS = re.compile(
    r"your e-?mail address will not be published.*|required fields are marked.*"
    r"|save my name, e-?mail,? .*|(?:having )?trouble (?:reading|viewing) this.*"
    r"|(?:view|open) (?:this (?:e-?mail|page) )?in (?:your|a) browser"
    r"|share (?:this|it)(?: (?:story|post|page|article|news))? ?:(?:\W*\w{1,10}){0,8}\W*"
    r"|(?:categories|tags|filed under|posted in|tagged(?: with)?) ?:[^.;\d]{0,100}"
    r"|(?:category|tag|topics?) ?:[\s,]*|(?:\d+ )?comments? ?\(\d+\)?|\d+ comments?|basket \(\d+\)?"
    r"|(?:we use|this (?:web)?site uses) cookies[^\d%]{0,120}|follow us on [^.\d]{1,60}"
    r"|(?:©|\(c\)|copyright).{0,80}all rights reserved.{0,30}"
    r"|(?:subscribe|sign up) (?:to|for) (?:our|the) [^.\d]{0,30}newsletter[^.\d]{0,40}"
    r"|votre adresse e-?mail ne sera pas publiée.*|您的(?:电子)?邮箱地址不会被公开.*"
    r"|(?:d|ihr)eine e-?mail-adresse wird nicht veröffentlicht.*"
    r"|tu dirección de correo electrónico no será publicada.*"
)
# Cells of a navigation line ("Home | About | Archive"), folded.
_NAVIGATION = re.compile(
    r"about(?: us)?|contact|archives?|news|blog|pdf|e-?mail|rss|privacy|terms(?: .{0,20})?|cookies?"
    r"|imprint|legal(?: notice)?|advertise(?: with us)?|weather|jobs|careers|faq|help|facebook"
    r"|twitter|x|linkedin|youtube|instagram|newsletter|settings"
)
_CELLS = re.compile(r"\s*[|·▸•»›→]\s*")
_BUTTON = re.compile(r"\[([^\[\]]{1,40})\](?:\([^()\s]*\))?")
_LINE = re.compile(r"\S.*")
_REST_OF_LINE = re.compile(r"[ \t\r]*(?:\n|\Z)")


def find_boilerplate(text: str) -> tuple[tuple[int, int], ...]:
    """Return the (start, end) ranges of web furniture in ``text``, ascending, disjoint.

    Comment forms, share and category lines, cookie and newsletter notices, navigation, HTML
    comments. Prose is never marked.
    """
    ranges = _comments(text)
    for match in _LINE.finditer(text):
        line = match[0].rstrip()
        if len(line) <= _LONGEST and _is_furniture(line):
            ranges.append((match.start(), match.start() + len(line)))
    disjoint: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if disjoint and start < disjoint[-1][1]:
            disjoint[-1] = (disjoint[-1][0], max(end, disjoint[-1][1]))
        else:
            disjoint.append((start, end))
    return tuple(disjoint)


def _comments(text: str) -> list[tuple[int, int]]:
    """Return the HTML comments that fill their lines; no reader of the page sees them."""
    ranges: list[tuple[int, int]] = []
    start = text.find("<!--")
    while start >= 0 and (end := text.find("-->", start + 4)) >= 0:
        above = start
        while above and text[above - 1] in " \t":
            above -= 1
        if (not above or text[above - 1] == "\n") and _REST_OF_LINE.match(text, end + 3):
            ranges.append((start, end + 3))
        start = text.find("<!--", end)
    return ranges


def _is_furniture(line: str) -> bool:
    """Return whether a whole line belongs to the page and not to its text."""
    bare = _bare(_BUTTON.sub(r"\1", line))
    if _is_known(bare) or _is_known(_bare(_BUTTON.sub("", line))):
        return True
    if line.startswith("|"):  # a row of a table
        return False
    cells = [cell for cell in _CELLS.split(bare) if cell]
    others = [cell for cell in cells if not (_is_known(cell) or _NAVIGATION.fullmatch(cell))]
    if len(cells) < 3 or 2 * len(others) > len(cells) or max(map(len, cells)) > 30:
        return False
    return not any(map(str.isdigit, "".join(others)))


def _bare(line: str) -> str:
    return fold(line).strip('#*_>-•+[]()←→‹›"|· ')


def _is_known(bare: str) -> bool:
    return bare.rstrip(":.!?… ") in _KNOWN or bool(_PATTERNS.fullmatch(bare))

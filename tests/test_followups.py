"""Suggested questions: near the cited words, answered by the index, checked once."""

from __future__ import annotations

import pytest
from conftest import quote_best, run_elsewhere, serving

import rag
from chat.followups import FollowUps
from chat.library import Library
from chat.turnstile import Turnstile

REPORT = """Acme report

Acme had revenue of 12 million euros in 2024.

The net profit was 3 million euros in 2024.

The dividend was 2 euros in 2024.

The long and winding operating profit of the whole group was 5 million euros.
"""
QUESTION = "What was the revenue in 2024?"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    root = tmp_path_factory.mktemp("followups")
    (root / "documents").mkdir()
    (root / "documents" / "acme.txt").write_text(REPORT)
    return rag.build_index(root / "documents", root / "index", encoder="word-hash")


@pytest.fixture
def revenue():
    start = REPORT.index("Acme had")
    return [("acme.txt", start, REPORT.index("\n", start), "")]


def test_the_nearest_questions_that_the_index_answers_are_offered(index, revenue):
    view = FollowUps(Library(lambda: index, answer=quote_best))
    first = view.after(revenue, [QUESTION])
    assert first == ["What was the net profit in 2024?", "What was the dividend in 2024?"]
    assert view.after(revenue, [*first, QUESTION]) == ["What is the operating profit?"]
    assert view.after([("gone.txt", 0, 5, "")], []) == []


def test_what_the_index_does_not_answer_is_not_offered_and_asked_once_only(index, revenue):
    asked = []

    def silent(question, _):
        asked.append(question)
        return rag.Answer(question, "The documents do not say.")

    view = FollowUps(Library(lambda: index, answer=silent))
    assert view.after(revenue, []) == []
    assert view.after(revenue, []) == []
    assert len(asked) == len(set(asked)) == 3


def test_nobody_waits_for_another_ones_check(index, revenue):
    view = FollowUps(Library(lambda: index, answer=quote_best))
    with view._checking:
        assert view.after(revenue, []) == []
    assert len(view.after(revenue, [])) == 2
    with view._checking:
        assert len(view.after(revenue, [])) == 2  # known by now


def test_a_crowd_is_not_kept_waiting_by_what_might_be_asked_next(index, revenue):
    crowded = []
    view = FollowUps(Library(lambda: index, answer=quote_best), lambda: bool(crowded))
    crowded.append(True)
    assert view.after(revenue, []) == []
    crowded.clear()
    known = view.after(revenue, [])
    assert len(known) == 2
    crowded.append(True)
    assert view.after(revenue, []) == known


def test_it_is_crowded_when_all_places_are_taken():
    async def seen():
        turnstile = Turnstile(at_once=2)
        found = [turnstile.crowded]
        async with turnstile:
            found.append(turnstile.crowded)
            async with turnstile:
                found.append(turnstile.crowded)
        return [*found, turnstile.crowded]

    assert run_elsewhere(seen) == [False, False, True, False]


def test_a_long_document_is_read_only_near_the_cited_words(tmp_path, monkeypatch):
    import rag.figures

    read = []
    finding = rag.figures.find_figures
    monkeypatch.setattr(
        rag.figures, "find_figures", lambda text: read.append(text) or finding(text)
    )
    counts = []
    for sections in (100, 800):
        source = tmp_path / str(sections)
        source.mkdir()
        paragraph = "Mine number {n} had revenue of {n} million euros in 2024. " * 4
        text = "\n\n".join(paragraph.format(n=n) for n in range(1, sections))
        (source / "a.txt").write_text(f"Acme report\n\n{text}\n")
        built = rag.build_index(source, tmp_path / f"index{sections}", encoder="word-hash")
        assert len(built.passages) > 40
        read.clear()
        start = text.index("Mine number 50 ") + len("Acme report\n\n")
        FollowUps(Library(lambda built=built: built, answer=quote_best)).after(
            [("a.txt", start, start + 50, "")], []
        )
        counts.append(len(read))
    assert counts[0] == counts[1] > 0


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("width", [1400, 320])
def test_a_suggestion_is_asked_by_a_click(open_tab, index, width):
    with serving(Library(lambda: index, answer=quote_best)) as address:
        tab = open_tab(address, width=width)
        tab.ask(QUESTION)
        chips = tab.page.locator("#next a")
        chips.first.wait_for()
        offered = chips.all_text_contents()
        assert 1 <= len(offered) <= 2
        assert QUESTION not in offered
        chips.first.click()
        tab.page.locator("#chat .bot-row").nth(1).wait_for()
        tab.number().wait_for()
        assert tab.page.locator("#chat .user-row").last.text_content().strip() == offered[0]
        assert tab.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        tab.page.click("#fresh")
        tab.page.wait_for_function("() => !document.querySelector('#chat .user-row')")
        tab.page.wait_for_function("() => !document.querySelector('#next a')")
        assert tab.complaints == []

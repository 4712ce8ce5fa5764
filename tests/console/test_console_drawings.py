"""Drawn screens of the CRMs: marked as drawings, numbered, readable by eye and by ear."""

import re
from itertools import pairwise

import pytest
from console_house import House
from drawings import FOLDER, drawings

from crm_loop.connector.discovery import profiles
from crm_loop.connector.drawing import Drawing
from crm_loop.console.drawings import WIDTH, breadth, laid_out, wrapped

ADMIN = "admin@acme.example"
DRAWN = {
    f"{kind}/{one.name}": one
    for kind, crm in profiles().items()
    for way in crm.ways
    for one in way.drawings
}
CAPTIONS = {"ja": "図（実際の画面ではありません）", "en": "Drawing, not a screenshot"}


@pytest.mark.parametrize("language", CAPTIONS)
@pytest.mark.parametrize("drawing", DRAWN.values(), ids=DRAWN)
def test_nothing_stands_over_the_edge_or_over_another_line(drawing: Drawing, language: str) -> None:
    picture = laid_out(drawing, language, CAPTIONS[language])
    assert all(one.x + breadth(one.text) <= WIDTH for one in picture.lines)
    assert all(one.x >= 0 and one.x + one.width <= WIDTH for one in picture.boxes)
    assert all(below.y - above.y >= 15 for above, below in pairwise(picture.lines))
    assert picture.lines[-1].y < picture.height


@pytest.mark.parametrize("language", CAPTIONS)
@pytest.mark.parametrize("drawing", DRAWN.values(), ids=DRAWN)
def test_every_number_says_what_to_do_and_every_word_is_told(
    drawing: Drawing, language: str
) -> None:
    picture = laid_out(drawing, language, CAPTIONS[language])
    assert [one.number for one in picture.marks] == list(range(1, len(picture.steps) + 1))
    assert picture.steps
    for part in drawing.parts:
        assert part.label[language] in picture.said


def test_long_words_break_and_brackets_stay_with_what_they_hold() -> None:
    assert wrapped("one two three", breadth("one two ")) == ["one two", "three"]
    assert "".join(wrapped("https://login.example/oauth", 60)) == "https://login.example/oauth"
    assert wrapped("実行（api）", breadth("実行（ap")) == ["実行", "（api）"]


@pytest.mark.parametrize("language", CAPTIONS)
@pytest.mark.parametrize("kind", ["salesforce", "hubspot"])
def test_the_page_shows_them_as_drawings_with_a_text_beside(
    house: House, kind: str, language: str
) -> None:
    page = house.browser(ADMIN).get(f"/connections/new?kind={kind}&lang={language}").text
    count = sum(len(way.drawings) for way in profiles()[kind].ways)
    assert page.count('role="img"') == page.count(f">{CAPTIONS[language]}</text>") == count
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for both in re.findall(r'aria-labelledby="([^"]+-desc)"', page):
        assert set(both.split()) <= set(ids)
    assert not re.search(r"<style|\bstyle=|<script(?! src)", page)


def test_the_guides_hold_the_same_drawings() -> None:
    """After a change: make drawings."""
    for name, text in drawings().items():
        assert (FOLDER / name).read_text("utf-8") == text, name

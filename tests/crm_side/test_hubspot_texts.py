"""The HubSpot app knows our tasks by the words that the worker writes; the two may not drift."""

import re
import unicodedata
from datetime import date, time
from pathlib import Path

import pytest

from crm_loop.connector.marked import BRACKETS, SPELLINGS, is_marked
from crm_loop.kpi.catalogue import SHOWN, catalogue
from crm_loop.wording import words

SHARED = Path(__file__).parents[2] / "connectors/hubspot/app/src/app/cards/shared/tasks.ts"
TEXT = SHARED.read_text("utf-8")
DAY = date(2026, 6, 16)


def patterns(name: str) -> list[re.Pattern[str]]:
    """The regular expressions of a constant, as Python writes them."""
    (told,) = re.findall(rf"const {name}(?:: [^=]+)? = (\[.*?\]|/.*?/);", TEXT, re.DOTALL)
    found = re.findall(r"(?:^|\s)/(.+?)/[a-z]*(?=[,;\s]|$)", told, re.MULTILINE)
    return [re.compile(one.replace("(?<v", "(?P<v").replace("(?<t", "(?P<t")) for one in found]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_managers_week_is_known_by_its_subject(lang: str) -> None:
    said = words(lang).say
    subjects = [
        said("overview.subject", count="8"),
        said("overview.subject_from", day=DAY, count="8"),
    ]
    (week,) = patterns("WEEK")
    for subject in subjects:
        assert week.search(subject), subject
    memo = said("memo.task", day=DAY, start=time(10), name="佐藤")
    assert not week.search(memo)


def test_the_app_knows_the_mark_of_a_to_do_as_the_worker_does() -> None:
    (mark,) = re.findall(r"const MARK = /(.*?)/i;", TEXT)
    # JavaScript's own brackets of a set need no more than one escape more in Python.
    known = re.compile(mark.replace("[[", r"[\["), re.IGNORECASE)
    spelled = [f"{left}{one}{right}" for left, right in BRACKETS for one in SPELLINGS]
    for subject in (*spelled, "1on1", "(1on1) a", "[2on1] a", "a 1on1]"):
        found = known.search(unicodedata.normalize("NFKC", subject)) is not None
        assert found is is_marked(subject), subject


def test_the_units_of_every_figure_are_ones_that_the_app_writes() -> None:
    """What it does not know it would write as a bare number."""
    shown = {id_ for ids in SHOWN.values() for id_ in ids}
    assert {catalogue()[id_].unit for id_ in shown} <= {"money", "count", "ratio", "times", "days"}


def test_what_card_and_page_share_is_the_same() -> None:
    """HubSpot builds each from its own folder, so that what both need stands in each."""
    page = SHARED.parents[2] / "pages" / "shared"
    names = sorted(file.name for file in SHARED.parent.iterdir())
    assert names == sorted(file.name for file in page.iterdir())
    for name in names:
        assert (SHARED.parent / name).read_text("utf-8") == (page / name).read_text("utf-8"), name

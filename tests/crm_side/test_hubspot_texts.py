"""The HubSpot app knows our tasks by the words that the worker writes; the two may not drift."""

import re
from datetime import date, time
from pathlib import Path

import pytest

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
def test_a_memo_is_known_by_its_subject(lang: str) -> None:
    subject = words(lang).say("memo.task", day=DAY, start=time(10), name="佐藤")
    (memo,), (week,) = patterns("MEMO"), patterns("WEEK")
    assert memo.search(subject)
    assert not week.search(subject)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_managers_week_is_known_by_its_subject(lang: str) -> None:
    said = words(lang).say
    subjects = [
        said("overview.subject", count="8"),
        said("overview.subject_from", day=DAY, count="8"),
    ]
    (memo,), (week,) = patterns("MEMO"), patterns("WEEK")
    for subject in subjects:
        assert week.search(subject), subject
        assert not memo.search(subject)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_count_with_its_target_is_found_in_the_line_that_says_it(lang: str) -> None:
    said = words(lang).say
    for code in ("progress.meetings", "progress.meetings_reached"):
        line = said(code, period="今月", value="1,204", target="2,000")
        found = next(filter(None, (one.search(line) for one in patterns("FIGURES"))), None)
        assert found is not None, line
        assert found.groupdict() == {"value": "1,204", "target": "2,000"}


def test_what_card_and_page_share_is_the_same() -> None:
    """HubSpot builds each from its own folder, so that what both need stands in each."""
    page = SHARED.parents[2] / "pages" / "shared"
    names = sorted(file.name for file in SHARED.parent.iterdir())
    assert names == sorted(file.name for file in page.iterdir())
    for name in names:
        assert (SHARED.parent / name).read_text("utf-8") == (page / name).read_text("utf-8"), name

"""Every page that people who sell are shown in the first profile is in words that people say."""

import re
from collections.abc import Iterator

import pytest
from console_house import WEEK, House

from crm_loop.access.roles import SELLING
from crm_loop.console.routes import ROUTES
from crm_loop.wording.linter import jargon

#: Who opens them: a rep, a manager, and a manager of managers.
READERS = ("rep@acme.example", "lead@acme.example", "boss@acme.example")
#: Part of a deal, of a meeting or of a person.
FRACTION = {
    "ja": re.compile(r"\d\.\d+(?:件|人|社|回)"),
    "en": re.compile(r"\d\.\d+ (?:deal|meeting|person|people|compan)"),
}


@pytest.fixture(scope="module")
def house(shared_house: House) -> House:
    return shared_house


def pages(house: House, reader: str, language: str) -> Iterator[tuple[str, str]]:
    """The words of every page that this reader gets."""
    browser = house.browser(reader)
    given = {"person": house.person("rep@acme.example"), "kpi": "meetings_held", "week": WEEK}
    for route in ROUTES:
        selling = route.is_safe and not route.data and not SELLING.isdisjoint(route.roles)
        if not selling or route.name.endswith(("_export", "calendar", "factor")):
            continue
        path = re.sub(r"{(\w+)}", lambda found: given[found[1]], route.path)
        answer = browser.get(path, params={"lang": language})
        if answer.status_code == 200:
            words = re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2])
            yield route.name, re.sub(r"\s+", " ", words)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("reader", READERS)
def test_no_page_of_the_first_profile_speaks_as_nobody_does(
    house: House, reader: str, language: str
) -> None:
    found = dict(pages(house, reader, language))
    for name, text in found.items():
        said = [word for word in jargon(language) if re.search(word, text, re.IGNORECASE)]
        assert not said, (name, said)
        assert not re.search(r"\d ?[%％]", text), name
        assert not FRACTION[language].search(text), name
    wanted = {"talks", "actions", "account", "notice", "privacy", "prove"}
    wanted |= {"figures", "figure", "talk"} if reader != "boss@acme.example" else set()
    wanted |= (
        {"team", "standing", "meeting_sheet", "trial_report"} if "rep" not in reader else set()
    )
    assert found.keys() >= wanted


@pytest.mark.parametrize(
    ("language", "text"), [("ja", "0.28件の受注"), ("en", "0.3 deals"), ("ja", "2.5人")]
)
def test_a_part_of_a_deal_is_noticed(language: str, text: str) -> None:
    assert FRACTION[language].search(text)

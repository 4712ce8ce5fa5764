"""The audit trail can be followed on its page, however long it is, and no link can skip a part."""

import re
from html import unescape

import pytest
from console_house import NOW, House

from crm_loop.access.chain import seal, verify
from crm_loop.console.pages.audit import ENTRIES_AT_ONCE
from crm_loop.store.audit import Entry, note

AUDITOR = "auditor@acme.example"
WHOLE, FOLLOWING = "つながりは保たれています", "続きは自動で進みます"


def sealed(house: House, count: int) -> int:
    with house.app.begin("acme") as state:
        note(state, [Entry(actor="worker", what="write.confirm", subject="k", at=NOW)] * count)
    seal(house.app.begin, "acme")
    return verify(house.app.look, "acme").sealed


def following(page: str) -> str:
    found = re.search(r'hx-get="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


def test_a_long_chain_is_followed_in_parts_to_the_same_end(house: House) -> None:
    entries = sealed(house, ENTRIES_AT_ONCE)
    browser = house.browser(AUDITOR)
    first = browser.get("/audit/verify").text
    assert FOLLOWING in first
    assert f"{entries}件のうち{ENTRIES_AT_ONCE}件" in first
    last = browser.get(following(first)).text
    assert WHOLE in last
    assert verify(house.app.look, "acme").head in last


@pytest.mark.parametrize(
    "query", ["after=1&head=x", "after=1&head=x&mark=x", "after=x", "after=-1"]
)
def test_a_link_that_is_not_ours_begins_at_the_first_entry(house: House, query: str) -> None:
    entries = sealed(house, 3)
    page = house.browser(AUDITOR).get(f"/audit/verify?{query}").text
    assert WHOLE in page
    assert f"封をした記録は{entries}件" in page

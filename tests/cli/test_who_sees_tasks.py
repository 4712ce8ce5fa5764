"""The one question about a HubSpot portal that only an admin can answer."""

from typing import Any

import pytest

ASKED, KNOWN = "writes.who_sees_tasks", "writes.open_portal"


def codes(terminal: Any, *arguments: str) -> set[str]:
    said = terminal("doctor", "--connection", "hubspot", *arguments, "--json")
    return {one["code"] for one in said.data["findings"]}


def test_it_is_asked_until_it_is_answered(connected: Any) -> None:
    assert ASKED in codes(connected)
    assert codes(connected, "--tasks", "open") & {ASKED, KNOWN} == {KNOWN}
    assert codes(connected) & {ASKED, KNOWN} == {KNOWN}
    assert not codes(connected, "--tasks", "private") & {ASKED, KNOWN}


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "タスクが見えますか"), ("en", "each other")]
)
def test_it_is_asked_in_words(connected: Any, language: str, words: str) -> None:
    assert words in connected("doctor", "--lang", language).out.replace("\n", "")


def test_an_answer_needs_to_say_which_crm_it_is_about(connected: Any) -> None:
    assert connected("doctor", "--tasks", "open").code == 2

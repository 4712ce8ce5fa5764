"""An admin plans the 1on1s of a role: looked at as a memo in both languages, then kept."""

from typing import Any

import pytest
from console_house import House

from crm_loop.loop_records import Template

ADMIN, PATH = "admin@acme.example", "/setup/agenda-template"
MINUTES = {"last_actions": "4", "theme": "6", "obstacles_support": "2", "next_actions": "3"}
ASKED = {"theme.ja": "いま何が一番の関心事ですか", "theme.en": "What is on your mind?"}


def form(**changed: str) -> dict[str, Any]:
    boxes = {f"{code}.minutes": one for code, one in MINUTES.items()}
    return {"role": "AE", "minutes": "15", **boxes, **changed}


def kept(house: House) -> Template | None:
    with house.app.look("acme") as state:
        return state.templates.all().get("AE")


def test_it_begins_with_what_is_usual(house: House) -> None:
    page = house.browser(ADMIN).get(PATH).text
    assert "標準のひな形を使っています" in page
    assert 'name="theme.minutes" inputmode="numeric" maxlength="2" value="6"' in page
    assert "標準に戻す" not in page


def test_a_memo_in_both_languages_is_seen_before_anything_is_kept(house: House) -> None:
    page = house.browser(ADMIN).post(PATH, do="look", **form(**ASKED)).text
    assert "今日のテーマ（6分）" in page
    assert "What is on your mind?" in page
    assert "いま何が一番の関心事ですか" in page.partition(f'action="{PATH}"')[0]
    assert "@acme.example" not in page.partition("<main")[2]
    assert kept(house) is None


def test_it_is_kept_told_in_the_trail_and_given_up_again(house: House) -> None:
    browser = house.browser(ADMIN)
    assert browser.post(PATH, do="keep", **form(**ASKED)).status_code == 303
    plan = kept(house)
    assert plan is not None
    assert plan.boxes == {code: int(one) for code, one in MINUTES.items()}
    assert plan.question("theme", "en") == "What is on your mind?"
    with house.app.look("acme") as state:
        (entry,) = [one for one in state.trail.unsealed() if one.what == "agenda.template"]
    assert (entry.subject, entry.actor) == ("AE", house.user(ADMIN).id)
    assert "管理者のひな形を使っています" in browser.get(PATH).text
    assert "標準のひな形" in browser.get(f"{PATH}?role=SDR").text
    browser.post(PATH, do="usual", role="AE")
    assert kept(house) is None


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"theme.ja": "なぜできなかったのですか", "theme.en": "Why?"}, "責める、または"),
        ({"theme.ja": "順調でしょうか", "theme.en": "Is it fine?"}, "はい／いいえ"),
    ],
)
def test_what_had_better_be_said_otherwise_is_warned_of(
    house: House, question: dict[str, str], said: str
) -> None:
    answer = house.browser(ADMIN).post(PATH, do="look", **form(**question))
    assert (answer.status_code, said in answer.text) == (200, True)
    memos, _, _ = answer.text.partition(f'action="{PATH}"')
    assert (question["theme.ja"] in memos) is (said != "責める、または")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"theme.minutes": "9"}, "項目の合計が18分"),
        ({"theme.minutes": ""}, "「theme」は外せません"),
        ({"theme.minutes": "<b>"}, "「theme」は外せません"),
        ({"theme.minutes": "９"}, "「theme」は外せません"),
        ({"theme.ja": "何ですか"}, "日本語と英語の両方"),
        ({"theme.ja": "あ" * 31, "theme.en": "What?"}, "30文字を超えています"),
    ],
)
def test_what_is_wrong_is_said_and_left_in_the_form(
    house: House, changed: dict[str, str], said: str
) -> None:
    answer = house.browser(ADMIN).post(PATH, do="keep", **form(**changed))
    assert (answer.status_code, said in answer.text) == (422, True), answer.text
    assert kept(house) is None


@pytest.mark.parametrize("values", [{"role": "Manager", "do": "keep"}, {"role": "AE", "do": "x"}])
def test_nothing_else_can_be_asked(house: House, values: dict[str, str]) -> None:
    assert house.browser(ADMIN).post(PATH, **{**form(), **values}).status_code == 404

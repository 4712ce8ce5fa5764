"""How 1on1s are going and where steps lead, on the pages of whoever asked for it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from console_house import NOW, WEEK, House

from crm_loop.calendars import week_of
from crm_loop.loop_records import (
    Action,
    Commitment,
    EffectPath,
    Origin,
    PairRhythm,
    StageRecord,
    Verify,
    VerifyRule,
)

LEAD, REP, PEER = "lead@acme.example", "rep@acme.example", "peer@acme.example"
BOSS, ADMIN = "boss@acme.example", "admin@acme.example"
BEFORE = week_of((NOW - timedelta(weeks=1)).date())
CARD = "このところ、1on1の時間が取りにくくなっています"
PAGE = "/one-on-ones/rhythm"


@pytest.fixture
def asked(house: House) -> House:
    """Everything is switched on, and one pair finds less time than before."""
    with house.app.begin("acme") as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="full"))
        state.learnings.keep([PairRhythm(
            rep=REP, manager=LEAD, week=BEFORE, eligible=6, recorded=1.0, adherence=1.0, streak=3,
            max_gap_days=9, called_off=2, by_manager=2, lately=2,
        )])  # fmt: skip
        parts = {"adherence": 0.7, "agenda_ready": None}
        state.learnings.keep([Commitment(manager=LEAD, week=BEFORE, value=0.7, parts=parts)])
        state.learnings.keep([StageRecord(
            week=BEFORE, stage="not_ready", symptoms=(), first_action=None,
            largest_shortfall=None, weeks_in_a_row=0, indices={}, components={},
        )])  # fmt: skip
    return house


def page(house: House, email: str, path: str = PAGE) -> str:
    answer = house.browser(email).get(path)
    assert answer.status_code == 200
    return str(answer.text)


def test_a_manager_sees_the_card_the_pairs_and_the_own_part(asked: House) -> None:
    text = page(asked, LEAD)
    assert CARD in text
    assert "池田さん：この4週間で2回、予定が取り消されています。" in text
    assert "記録のある6週のうち6週で実施（対象は6週）" in text
    assert "10のうち7ほどです" in text


def test_a_rep_sees_the_own_1on1s_and_no_card(asked: House) -> None:
    text = page(asked, REP)
    assert "続けて3回、話せています。" in text
    assert CARD not in text
    assert "池田さん：" not in page(asked, PEER)


def test_a_managers_manager_sees_nothing_of_it_without_a_dated_notice(asked: House) -> None:
    text = page(asked, BOSS)
    assert CARD not in text
    assert "10のうち7" not in text


def test_until_it_is_asked_for_there_is_neither_a_link_nor_a_figure(house: House) -> None:
    assert PAGE not in page(house, LEAD, "/one-on-ones")
    assert "この内容は、今の設定では表示しません。" in page(house, LEAD)


def test_whoever_asked_for_it_finds_it_beside_the_1on1s(asked: House) -> None:
    assert PAGE in page(asked, LEAD, "/one-on-ones")
    assert asked.browser(ADMIN).get(PAGE).status_code != 200


def agreed(house: House, *, week: str = WEEK) -> None:
    path = EffectPath(level="first_meetings", n=3, at_stake=425_250.0, money=425_250.0)
    rule = VerifyRule(kind=Verify.ACTIVITIES, target=3, activity="meeting", new_account=True)
    step = Action(id="a", key="a", who=REP, manager=LEAD, week=week, origin=Origin.REP,
                  text="初回面談を3件いただく", due=NOW.date(), created_at=NOW, verify=rule,
                  connection="salesforce", path=path, on_time=2)  # fmt: skip
    with house.app.begin("acme") as state:
        state.actions.put([step])


def test_a_step_says_where_it_leads_and_what_has_become_of_it(asked: House) -> None:
    agreed(asked)
    for email in (REP, LEAD):
        text = page(asked, email, "/steps")
        assert "初回面談3件は、これまでの実績だと売上で約43万円分の種まきです。" in text
        assert "ここまでに3件のうち2件、売上で約28万円分です。" in text
        assert "約43万円" in page(asked, email, f"/people/{asked.person(REP)}/one-on-ones/{WEEK}")
    assert "種まき" not in page(asked, PEER, "/steps")


def test_the_next_1on1_says_again_where_last_time_s_step_was_to_lead(asked: House) -> None:
    agreed(asked, week=BEFORE)
    text = page(asked, REP, f"/people/{asked.person(REP)}/one-on-ones/{WEEK}")
    assert "前回決めたこと" in text
    assert "ここまでに3件のうち2件、売上で約28万円分です。" in text


def test_in_a_smaller_profile_no_step_says_what_it_brings(house: House) -> None:
    agreed(house)
    assert "初回面談を3件いただく" in page(house, REP, "/steps")
    assert "種まき" not in page(house, REP, "/steps")

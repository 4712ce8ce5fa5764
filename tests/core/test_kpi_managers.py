"""A manager's own part: of 1on1s led and promises made, told to that manager alone."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest

from crm_loop.kpi.columns import ACTIVITY_FACTS, DEAL_FACTS, SESSIONS, STEPS, TASKS, table
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.managers import manager_parts
from crm_loop.kpi.sentences import sentence
from crm_loop.kpi.setting import Setting
from crm_loop.kpi.telling import OF_A_TEAM, kept, told
from crm_loop.loop_records import Insight, Member, Role
from crm_loop.store.connections import Organisation

SUNDAY = date(2026, 6, 14)
ANNA, BEN, BOSS, OTHER = (f"{name}@example.com" for name in ("anna", "ben", "boss", "other"))


def a_member(person: str, manager: str | None) -> Member:
    return Member(
        person=person, name=person, family_name=person, manager=manager, language="ja",
        country="JP", role=Role.AE, time_zone="Asia/Tokyo", accounts={"crm": person},
    )  # fmt: skip


def a_talk(n: int, rep: str, manager: str, **more: Any) -> dict[str, Any]:
    base = {
        "id": f"s{n}", "person": rep, "manager": manager, "on": SUNDAY - timedelta(days=n),
        "eligible": True, "recorded": True, "held": True, "ready": True, "gaps": 0.0,
        "confirmed": 0.0,
    }  # fmt: skip
    return base | more


def a_promise(n: int, who: str, *, done: bool) -> dict[str, Any]:
    due = SUNDAY - timedelta(days=n)
    return {"id": f"p{n}", "person": who, "asked_by": ANNA, "made_on": due, "due": due,
            "done": done, "linked": True}  # fmt: skip


TALKS = [
    a_talk(1, ANNA, BOSS), a_talk(2, ANNA, BOSS, held=False, ready=False),
    a_talk(3, BEN, BOSS, gaps=1.0, confirmed=1.0), a_talk(4, BEN, BOSS, ready=False),
    a_talk(5, "carl@example.com", OTHER, held=False),
]  # fmt: skip
PROMISES = [a_promise(n, BOSS, done=n < 3) for n in range(4)]


def parts(talks: Iterable[dict[str, Any]], promises: Iterable[dict[str, Any]]) -> list[Insight]:
    frames = Frames(
        table([], DEAL_FACTS), table([], ACTIVITY_FACTS), table([], TASKS),
        sessions=table(talks, SESSIONS, connection="crm"),
        steps=table(promises, STEPS, connection="crm"),
    )  # fmt: skip
    setting = Setting(
        organisation=Organisation(name="acme"), reps=[a_member(ANNA, BOSS), a_member(BEN, BOSS)],
        frames=frames, as_of=SUNDAY, targets={}, unusable={}, before={},
    )  # fmt: skip
    return manager_parts(setting)


def test_a_manager_has_the_shares_of_the_own_talks_and_promises_and_their_weighted_mean() -> None:
    found = {(one.person, one.driver): one.facts for one in parts(TALKS, PROMISES)}
    assert {person for person, _ in found} == {BOSS}
    assert found[BOSS, "one_on_one_adherence"] == {"x": 3.0, "n": 4.0}
    assert found[BOSS, "agenda_prep_rate"] == {"x": 2.0, "n": 3.0}
    assert found[BOSS, "support_completion"] == {"x": 3.0, "n": 4.0}
    assert found[BOSS, "cause_confirmed_rate"] == {"x": 1.0, "n": 1.0}
    whole = 0.35 * 3 / 4 + 0.25 * 3 / 4 + 0.20 * 2 / 3 + 0.20
    assert found[BOSS, "process_score"]["score"] == pytest.approx(100 * whole)


def test_without_any_talk_or_promise_nothing_is_said_and_of_one_share_no_mean_is_made() -> None:
    assert parts([], []) == []
    assert [one.driver for one in parts([], PROMISES)] == ["support_completion"]


def test_it_is_told_in_the_profile_for_all_of_it_and_kept_in_no_other() -> None:
    found = parts(TALKS, PROMISES)
    lines = told(found, OF_A_TEAM, profile="full", known={}, language="ja")
    assert [one.text for one in lines][1:2] == ["ご自身の今月の分は、3件のうち2件です。"]
    assert "all of them" in sentence(found[-1], "en")
    assert (kept(found, "standard"), kept(found, "full")) == ([], found)

"""Targets that are looked at again: why, by whom, and what stays of it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_loop.calendars import Period
from crm_loop.cli.files import read_text
from crm_loop.cli.saying import says
from crm_loop.errors import WrongUsage
from crm_loop.kpi import screens
from crm_loop.kpi.agreeing import answered
from crm_loop.kpi.backtest import backtests, calibrating, kept
from crm_loop.kpi.calibration import may_change
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.chance_moved import chances_moved
from crm_loop.kpi.columns import ACTIVITY_FACTS, DEAL_FACTS, HANDED, TASKS, table
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.history import pasts
from crm_loop.kpi.interim import has_dropped, interim_goals
from crm_loop.kpi.outlook import outlook
from crm_loop.kpi.proposing import ratcheted
from crm_loop.kpi.review_calendar import handed_over, review_due, reviews_due
from crm_loop.kpi.screens import Reader
from crm_loop.kpi.sentences import sentence
from crm_loop.kpi.setting import Scope, Setting
from crm_loop.kpi.target_answers import Said, answer
from crm_loop.kpi.target_reviews import Reviewed, allocations, team_view
from crm_loop.kpi.tiers import tiers
from crm_loop.loop_records import (
    KpiValue,
    Member,
    Role,
    Target,
    TargetProposal,
    ValueStatus,
)
from crm_loop.setup.targets_csv import House, parse, write
from crm_loop.store import State
from crm_loop.store.connections import Organisation

Begin = Callable[[str], AbstractContextManager[State]]
ORGANISATION, ANNA, BOSS = "acme", "anna@example.com", "boss@example.com"
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
NOON = datetime(2026, 6, 10, 3, tzinfo=UTC)
PROPOSED = TargetProposal(
    person=ANNA, kpi="meetings_held", period_start=JUNE.start, period_end=JUNE.end,
    as_of=date(2026, 6, 9), decision="lower", old=20.0, proposed=16.0, reasons=("too_high",),
    facts={"p": 0.1},
)  # fmt: skip


def a_target(value: float, **known: Any) -> Target:
    base: dict[str, Any] = {
        "person": ANNA, "kpi": "meetings_held", "period_start": JUNE.start,
        "period_end": JUNE.end, "value": value, "set_by": "team", "source": "file",
    }  # fmt: skip
    return Target(**(base | known))


def test_every_change_of_a_target_stays_with_its_reason(begin: Begin) -> None:
    with begin(ORGANISATION) as state:
        state.figures.put_targets([a_target(20, reason="plan")], at=NOON)
        state.figures.put_targets([a_target(20, reason="again")], at=NOON)
        state.figures.put_targets([a_target(16, reason="a new market")], at=NOON)
        changes = state.figures.target_changes(JUNE.end)
    told = [(one.old, one.new, one.reason) for one in changes]
    assert told == [(None, 20.0, "plan"), (20.0, 16.0, "a new market")]


def test_a_proposal_becomes_the_target_when_both_have_confirmed_it(begin: Begin) -> None:
    with begin(ORGANISATION) as state:
        state.figures.put_targets([a_target(20)], at=NOON)
        state.insights.propose([PROPOSED], resting=date(2026, 5, 12))
    when: dict[str, Any] = {"as_of": JUNE.end, "at": NOON}
    rep, manager = (
        Said(person=ANNA, kpi="meetings_held", role=role, answer="confirmed")
        for role in ("rep", "manager")
    )
    assert answer(begin, ORGANISATION, rep, **when).state == "open"
    assert answer(begin, ORGANISATION, manager, **when).state == "taken"
    with begin(ORGANISATION) as state:
        (target,) = state.figures.targets(JUNE.end)
        change = state.figures.target_changes(JUNE.end)[-1]
    assert (target.value, target.source, change.old, change.new) == (16.0, "agreed", 20.0, 16.0)
    assert (change.rep_answer, change.manager_answer) == ("confirmed", "confirmed")
    assert (change.reason, change.facts) == ("too_high", {"p": 0.1})
    with pytest.raises(WrongUsage, match="Nothing is proposed"):
        answer(begin, ORGANISATION, rep, **when)


def test_who_wants_to_talk_about_it_leaves_it_open() -> None:
    known: dict[str, Any] = {"second_approver": False}
    asked = answered(PROPOSED, role="rep", answer="discuss", **known)
    assert answered(asked, role="manager", answer="confirmed", **known).state == "open"


def test_a_second_approver_is_asked_where_the_organisation_wants_one() -> None:
    known: dict[str, Any] = {"answer": "confirmed", "second_approver": True}
    both = answered(answered(PROPOSED, role="rep", **known), role="manager", **known)
    assert both.state == "open"
    assert answered(both, role="second", **known).state == "taken"


def test_what_nobody_answers_lapses_and_rests_for_four_weeks(begin: Begin) -> None:
    with begin(ORGANISATION) as state:
        state.insights.propose([PROPOSED], resting=date(2026, 5, 12))
        state.insights.lapse(date(2026, 6, 15))
        later = replace(PROPOSED, as_of=date(2026, 6, 20))
        state.insights.propose([later], resting=date(2026, 5, 23))
        assert [one.state for one in state.insights.proposals(JUNE.end)] == ["lapsed"]
        state.insights.propose([later], resting=date(2026, 6, 19))
        found = [one.state for one in state.insights.proposals(JUNE.end)]
    assert found == ["lapsed", "open"]


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 6, 7), "review_start"), (date(2026, 6, 8), None),
        (date(2026, 6, 15), "review_middle"), (date(2026, 6, 25), None),
    ],
)  # fmt: skip
def test_targets_are_looked_at_when_a_period_begins_and_in_its_middle(
    day: date, due: str | None
) -> None:
    assert review_due(Scope(JUNE, "JP"), day) == due


def test_in_the_second_half_only_capacity_moves_a_persons_target() -> None:
    assert may_change(["too_high"], 0.5)
    assert not may_change(["too_high"], 0.6)
    assert may_change(["too_high", "capacity"], 0.6)
    assert not may_change([], 0.1)


def test_a_target_that_somebody_set_anew_did_not_move_by_capacity() -> None:
    key = ANNA, "meetings_held"
    aims = {key: (date(2026, 6, 2), 20.0)}
    assert Reviewed({}, aims, {}).capacity_change(key, 16.0) == pytest.approx(-0.2)
    assert Reviewed({}, aims, {key: date(2026, 6, 5)}).capacity_change(key, 16.0) == 0.0


def a_setting(**frames: Any) -> Setting:
    rep = Member(
        person=ANNA, name=ANNA, family_name=ANNA, role=Role.AE, manager=BOSS, language="ja",
        country="JP", time_zone="Asia/Tokyo", accounts={"crm": "u1"},
    )  # fmt: skip
    world: dict[str, Any] = {
        "deals": table([], DEAL_FACTS), "activities": table([], ACTIVITY_FACTS),
        "tasks": table([], TASKS),
    }  # fmt: skip
    aim = a_target(1000.0, kpi="bookings", set_by="company")
    return Setting(
        organisation=Organisation(name=ORGANISATION, profile="full"), reps=[rep],
        frames=Frames(**(world | frames)), as_of=date(2026, 6, 14),
        targets={(ANNA, "bookings"): aim}, unusable={}, before={},
    )  # fmt: skip


def test_open_money_that_changes_hands_is_missing_here_and_more_there() -> None:
    deal = {"connection": "crm", "id": "d1", "is_closed": False, "money": 150.0}
    handed = {"connection": "crm", "id": "d1", "on": "2026-06-03", "giver": ANNA, "taker": "b@x"}
    setting = a_setting(deals=table([deal], DEAL_FACTS), handed=table([handed], HANDED))
    assert handed_over(setting, JUNE) == {ANNA: -150.0, "b@x": 150.0}


def test_a_team_is_reminded_once_of_all_its_targets() -> None:
    begun = replace(a_setting(), as_of=date(2026, 6, 3))
    # The company's own target is in force and no matter of a review.
    assert reviews_due(begun) == []
    teams = {(ANNA, "bookings"): a_target(1000.0, kpi="bookings")}
    (found,) = reviews_due(replace(begun, targets=teams))
    assert (found.person, found.driver) == (BOSS, "review_start")
    assert found.facts == {"kpis": ["bookings"], "targets": 1}


def test_of_the_company_s_targets_only_is_said_how_many_look_out_of_reach() -> None:
    value = replace(a_value(1000.0), kpi="bookings", p_attain=0.05)
    values = {(ANNA, "bookings"): value}
    found = {one.rule: one.facts for one in team_view(a_setting(), values)}
    assert found["company_targets"] == {"out_of_reach": 1, "targets": 1}
    teams = {(ANNA, "bookings"): a_target(1000.0, kpi="bookings")}
    own = team_view(replace(a_setting(), targets=teams), values)
    assert [(one.person, one.rule) for one in own] == [(BOSS, "team_targets")]


def test_clearly_less_than_before_is_a_drop_and_nothing_before_is_none() -> None:
    assert has_dropped(3, 40)
    assert not has_dropped(9, 40)
    assert not has_dropped(0, 0)


def far_from_it(setting: Setting) -> list[Any]:
    value = KpiValue(
        person=ANNA, kpi="won_count", period_start=JUNE.start, period_end=JUNE.end,
        as_of=setting.as_of, value=1.0, numerator=1.0, denominator=None, n=1,
        value_status=ValueStatus.OK, target=20.0, p_attain=0.02,
    )  # fmt: skip
    values = {(ANNA, "won_count"): value}
    return interim_goals(
        setting, values, pasts(setting.frames), outlook(setting.frames, setting.as_of)
    )


def a_quiet_month() -> Setting:
    """Meetings every day until the end of May and none since, and a win each month."""
    rows = [
        {
            "connection": "crm", "id": f"m{n}", "kind": "meeting", "status": "held",
            "person": ANNA, "start": f"2026-0{month}-{day:02d}T03:00:00Z",
            "day": f"2026-0{month}-{day:02d}", "external_attendees": 1,
        }
        for n, (month, day) in enumerate((m, d) for m in (3, 4, 5) for d in range(1, 29))
    ]  # fmt: skip
    deals = [
        {
            "connection": "crm", "id": f"d{n}", "is_closed": True, "is_won": True,
            "amount": 100.0, "money": 100.0, "decided_person": ANNA,
            "booked_on": f"2026-0{month}-20", "created_on": f"2026-0{month}-01",
        }
        for n, month in enumerate((1, 2, 3, 4, 5) * 2)
    ]  # fmt: skip
    return a_setting(deals=table(deals, DEAL_FACTS), activities=table(rows, ACTIVITY_FACTS))


def test_a_target_far_away_gets_a_step_on_the_way_that_names_no_reason() -> None:
    (found,) = far_from_it(a_quiet_month())
    assert (found.rule, found.driver, found.person) == ("interim_goal", "won_count", ANNA)
    assert set(found.facts) == {"goal", "now", "target", "p"}
    assert 1.0 <= found.facts["goal"] < 20.0


def test_where_the_profile_does_not_show_it_nothing_of_it_is_kept() -> None:
    setting = a_quiet_month()
    starter = replace(setting, organisation=replace(setting.organisation, profile="starter"))
    assert far_from_it(starter) == []


def test_three_tiers_are_told_of_a_team_target_in_the_profile_for_all_of_it() -> None:
    month = a_quiet_month()
    agreed = replace(month, targets={(ANNA, "won_count"): a_target(2.0, kpi="won_count")})
    (found,) = tiers(agreed, pasts(month.frames))
    least, aim, stretch = (found.facts[name] for name in ("least", "aim", "stretch"))
    # Two a month so far.
    assert 1 <= least <= aim <= stretch <= 5
    assert stretch > least
    assert f"ストレッチ{stretch:.0f}件" in sentence(found, "ja")
    company = {(ANNA, "won_count"): a_target(2.0, kpi="won_count", set_by="company")}
    assert tiers(replace(month, targets=company), pasts(month.frames)) == []
    smaller = replace(agreed, organisation=replace(agreed.organisation, profile="standard"))
    assert tiers(smaller, pasts(month.frames)) == []


@pytest.mark.parametrize(
    ("series", "now", "moved"),
    [
        ([(3, 0.5), (7, 0.6)], 0.75, (0.15, None, "up")),
        ([(7, 0.6), (8, 0.1)], 0.45, (-0.15, None, "down")),
        ([(7, 0.6)], 0.69, None),
        ([(7, 0.6)], None, None),
        ([(8, 0.1)], 0.9, None),
        ([], 0.9, None),
    ],
)
def test_a_chance_that_moved_within_a_week_is_told(
    series: list[tuple[int, float]], now: float | None, moved: tuple[Any, ...] | None
) -> None:
    value = replace(a_value(9.0, as_of=date(2026, 6, 14)), p_attain=now)
    key = (ANNA, "meetings_held")
    line = [(date(2026, 6, day), p) for day, p in series]
    found = chances_moved({key: value}, {key: line})
    told = [(one.facts["week"], one.facts["month"], one.facts["direction"]) for one in found]
    assert told == ([] if moved is None else [(pytest.approx(moved[0]), *moved[1:])])
    assert all("15ポイント" in sentence(one, "ja") for one in found)


def test_a_chance_is_held_against_four_weeks_ago_too() -> None:
    value = replace(a_value(9.0, as_of=date(2026, 6, 30)), p_attain=0.3)
    key = (ANNA, "meetings_held")
    line = [(date(2026, 6, 2), 0.9), (date(2026, 6, 23), 0.5)]
    (found,) = chances_moved({key: value}, {key: line})
    assert found.facts["month"] == pytest.approx(-0.6)


HEAD = "email,kpi,period_start,period_end,target,currency,reason\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_read_as_spreadsheets_write_it(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "targets.csv"
    line = "Anna@Example.com,meetings_held,2026/4/1,２０２６/４/３０,１２,,新しい市場\n"
    file.write_bytes((HEAD + line).encode(encoding))
    (target,) = parse(read_text(file), House(kpis=catalogue()), file.name)
    assert (target.person, target.value, target.reason) == (ANNA, 12.0, "新しい市場")
    assert (target.period_start, target.period_end) == (date(2026, 4, 1), date(2026, 4, 30))
    assert parse(write([target]), House(kpis=catalogue())) == [target]


def test_a_file_of_no_known_writing_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "targets.csv"
    file.write_bytes(b"\x81\xff\xfe\x00")
    with pytest.raises(WrongUsage, match=r"targets\.csv.*UTF-8 nor Shift_JIS"):
        read_text(file)


GOOD = "anna@example.com,meetings_held,2026-06-01,2026-06-30,12,,"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + f"{GOOD}\n{GOOD}\n", "line 3, column email: .*stands on line 2 already"),
        (HEAD + GOOD.replace(",12,", ",nan,"), "line 2, column target: 'nan' is no number"),
        (HEAD + GOOD.replace(",12,,", ",12,円,"), "line 2, column currency: '円' is no currency"),
        (HEAD + GOOD.replace("-06-30", "-06-31"), "line 2, column period_end: .*is no day"),
        (HEAD.replace("target,", ""), "line 1: the column 'target' is missing"),
        (HEAD + GOOD.replace("meetings_held", "luck"), "line 2, column kpi: there is no KPI"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_named_by_file_line_and_column(text: str, said: str) -> None:
    with pytest.raises(WrongUsage, match=rf"my\.csv, {said}"):
        parse(text, House(kpis=catalogue()), "my.csv")


@pytest.mark.parametrize(("team", "share"), [(1000.0, None), (950.0, None), (800.0, 1.25)])
def test_reps_are_asked_for_the_teams_target_and_a_tenth_more_at_most(
    team: float, share: float | None
) -> None:
    setting = a_setting()
    aim = replace(setting.targets[ANNA, "bookings"], person=BOSS, value=team)
    found = allocations(replace(setting, targets={**setting.targets, (BOSS, "bookings"): aim}))
    assert [one.facts["share"] for one in found] == ([] if share is None else [share])
    assert {one.person for one in found} <= {BOSS}


def test_what_was_promised_is_held_against_what_came() -> None:
    pairs = [(0.9, True)] * 15 + [(0.9, False)] * 5 + [(0.1, False)] * 10
    seen = kept(pairs)
    assert seen is not None
    assert (seen.cases, seen.promised, seen.reached) == (30, pytest.approx(19 / 30), 0.5)
    assert [one[0] for one in seen.bins] == [10, 0, 20]
    assert not seen.calibrating
    wrong = kept([(0.9, False)] * 20)
    assert wrong is not None
    assert (wrong.calibrating, wrong.brier) == (True, pytest.approx(0.81))
    assert kept([]) is None


def test_a_closed_period_counts_as_it_stood_in_its_last_week(begin: Begin) -> None:
    def value(day: int, done: float) -> KpiValue:
        return KpiValue(
            person=ANNA, kpi="won_count", period_start=JUNE.start, period_end=JUNE.end,
            as_of=date(2026, 6, day), value=done, numerator=done, denominator=None, n=1,
            value_status=ValueStatus.OK, target=2.0, p_start=0.6,
        )  # fmt: skip

    with begin(ORGANISATION) as state:
        state.figures.keep(date(2026, 6, 10), [value(10, 1.0)])
        assert state.figures.closed(JUNE.start, date(2026, 7, 31)) == []
        state.figures.keep(date(2026, 6, 28), [value(28, 2.0)])
        found = state.figures.closed(JUNE.start, date(2026, 7, 31))
    (told,) = backtests(found, date(2026, 7, 31))
    assert (told.driver, told.facts["cases"], told.facts["reached"]) == ("won_count", 1, 1.0)
    assert "終わった期間1件のうち、届く見込みは1件ほど、届いたのは1件でした" in sentence(told, "ja")


def test_while_chances_do_not_come_true_no_zone_is_named() -> None:
    closed = [
        replace(a_value(2.0, p_start=0.9, value=0.0), kpi="won_count", person=f"{n}@example.com")
        for n in range(20)
    ]
    found = backtests(closed, date(2026, 7, 31))
    assert calibrating(found) == {"won_count"}
    assert calibrating(backtests(closed[:19], date(2026, 7, 31))) == frozenset()
    (told,) = found
    assert "較正中" in sentence(told, "ja")
    known: dict[str, Any] = {
        "language": "ja", "currency": "JPY", "profile": "full", "word": says("ja").word,
    }  # fmt: skip
    value = replace(closed[0], p_attain=0.6)
    shown = [
        screens.row(value, catalogue()["won_count"], Reader(**known, calibrating=unsure))["zone"]
        for unsure in ((), {"won_count"})
    ]
    assert shown == ["現実的かつ挑戦的", "較正中"]


MAY_DONE = [18.0, 30.0]


def a_value(target: float, **known: Any) -> KpiValue:
    base: dict[str, Any] = {
        "person": ANNA, "kpi": "meetings_held", "period_start": JUNE.start,
        "period_end": JUNE.end, "as_of": date(2026, 6, 7), "value": 5.0, "numerator": 5.0,
        "denominator": None, "n": 5, "value_status": ValueStatus.OK, "target": target,
    }  # fmt: skip
    return KpiValue(**(base | known))


@pytest.mark.parametrize(
    ("before", "aim", "guarded"),
    [
        (26.0, 40.0, 28.0),  # four more than asked for: two more at most
        (20.0, 40.0, 24.0),  # five more at most, and no more than a fifth
        (20.0, 23.0, 23.0),  # below the guard anyway
        (30.0, 40.0, 40.0),  # nothing was over-achieved
        (None, 40.0, 40.0),  # nothing was asked for
        (14.0, 40.0, 20.0),  # what is asked for already is not taken back
    ],
)
def test_a_good_month_raises_the_next_target_by_half_of_the_excess_at_most(
    before: float | None, aim: float, guarded: float
) -> None:
    may = a_value(0) if before is None else a_value(before)
    known = replace(may, target=before, period_start=date(2026, 5, 1), period_end=date(2026, 5, 31))
    seen = Reviewed({}, {}, {}, {(ANNA, "meetings_held", date(2026, 5, 31)): known})
    value = a_value(20.0)
    assert ratcheted(value, aim, seen.before(value), MAY_DONE) == guarded


def test_the_guard_takes_back_nothing_and_holds_back_no_lower_target() -> None:
    may = replace(a_value(14.0), period_start=date(2026, 5, 1), period_end=date(2026, 5, 31))
    assert ratcheted(a_value(24.0), 40.0, may, MAY_DONE) == 24.0
    assert ratcheted(a_value(24.0), 10.0, may, MAY_DONE) == 10.0
    assert Reviewed({}, {}, {}).before(a_value(20.0)) is None

"""Deals judged, topics found, the theme chosen: one situation each."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.calendars import BusinessCalendar
from crm_loop.connector.vocabulary import spoken
from crm_loop.loop_records import (
    Action,
    FigureFlag,
    Form,
    Insight,
    KpiValue,
    Origin,
    ProgressStatus,
    RecordRef,
    TargetProposal,
    ValueStatus,
    Verify,
    VerifyRule,
)
from crm_loop.one_on_one.deals import OpenDeal, Records, Setting, open_deals
from crm_loop.one_on_one.document import Table, draft
from crm_loop.one_on_one.opening import facts_of
from crm_loop.one_on_one.phrases import aside_of
from crm_loop.one_on_one.score import scored
from crm_loop.one_on_one.situation import Situation
from crm_loop.one_on_one.theme import Past, choose_theme
from crm_loop.one_on_one.topics import candidates
from crm_loop.records import (
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    DealChange,
    DealField,
    Stage,
    Task,
)

AS_OF = date(2026, 6, 14)
SETTING = Setting(as_of=AS_OF, time_zone="Asia/Tokyo", currency="JPY")
LONG_AGO = datetime(2026, 3, 1, tzinfo=UTC)


def a_deal(**fields: Any) -> Deal:
    base: dict[str, Any] = {
        "id": "d1",
        "name": "Deal",
        "owner_id": "u1",
        "account_id": None,
        "pipeline": "p",
        "stage": "s",
        "is_closed": False,
        "is_won": False,
        "amount": Decimal(1_000_000),
        "currency": "JPY",
        "close_date": date(2026, 6, 26),
        "created_at": LONG_AGO,
        "modified_at": LONG_AGO,
    }
    return Deal(**(base | fields))


def judged(deal: Deal | None = None, **records: Any) -> OpenDeal:
    (one,) = open_deals(Records(deals=[("sf", deal or a_deal())], **records), SETTING)
    return one


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def an_activity(day: date, status: ActivityStatus) -> Activity:
    return Activity(
        id="a",
        kind=ActivityKind.MEETING,
        owner_id="u1",
        deal_id="d1",
        account_id=None,
        start=at(day),
        logged_at=at(day),
        status=status,
    )


def a_task(due: date, **fields: Any) -> Task:
    base: dict[str, Any] = {"owner_id": "u1", "deal_id": "d1", "is_closed": False}
    return Task(id="t", due=due, created_at=LONG_AGO, modified_at=LONG_AGO, **(base | fields))


def test_a_deal_that_nobody_touched_is_quiet_and_has_no_next_step() -> None:
    one = judged()
    assert (one.quiet, one.has_next, one.overdue, one.flags) == (True, False, False, 2)


def test_a_held_meeting_of_this_deal_is_a_touch() -> None:
    held = an_activity(AS_OF - timedelta(days=3), ActivityStatus.HELD)
    assert not judged(activities=[("sf", held)]).quiet
    assert judged(activities=[("other", held)]).quiet


def a_stage(id_: str, order: int, **fields: Any) -> tuple[str, Stage]:
    base: dict[str, Any] = {"label": id_, "is_closed": False, "is_won": False}
    return "sf", Stage(pipeline="p", id=id_, order=order, **(base | fields))


def a_move(id_: str, day: date, stage: str) -> tuple[str, DealChange]:
    return "sf", DealChange(id=id_, deal_id="d1", at=at(day), field=DealField.STAGE, value=stage)


@pytest.mark.parametrize(("start", "quiet"), [("early", False), ("late", True)])
def test_moving_on_is_a_touch_and_moving_back_is_none(start: str, quiet: bool) -> None:  # noqa: FBT001 - a case
    stages = [a_stage("early", 1), a_stage("s", 2), a_stage("late", 3)]
    moves = [a_move("1", date(2026, 3, 1), start), a_move("2", AS_OF - timedelta(days=3), "s")]
    assert judged(stages=stages, changes=moves).quiet is quiet


def test_how_long_is_quiet_depends_on_the_stage() -> None:
    touched = a_deal(created_at=at(AS_OF - timedelta(days=18)))
    assert judged(touched).quiet
    assert not judged(touched, canonical={("sf", "p", "s"): "S3"}).quiet


def test_a_planned_meeting_or_an_open_task_is_a_next_step() -> None:
    soon = AS_OF + timedelta(days=5)
    planned = an_activity(soon, ActivityStatus.SCHEDULED)
    assert judged(activities=[("sf", planned)]).has_next
    assert judged(tasks=[("sf", a_task(soon))]).has_next


@pytest.mark.parametrize(
    "task",
    [
        a_task(AS_OF),
        a_task(AS_OF + timedelta(days=31)),
        a_task(AS_OF + timedelta(days=5), is_closed=True),
        a_task(AS_OF + timedelta(days=5), key="cl1t"),
    ],
)
def test_a_task_past_far_off_closed_or_ours_is_no_next_step(task: Task) -> None:
    assert not judged(tasks=[("sf", task)]).has_next


def test_money_of_another_currency_is_not_added_up() -> None:
    assert judged(a_deal(currency="USD")).amount is None


def test_the_stage_s_chance_weighs_the_amount() -> None:
    assert judged(stages=[a_stage("s", 1, probability=0.2)]).at_stake == pytest.approx(200_000)


def kpi(name: str, **fields: Any) -> KpiValue:
    base: dict[str, Any] = {
        "person": "rep",
        "period_start": date(2026, 6, 1),
        "period_end": date(2026, 6, 30),
        "as_of": AS_OF,
        "value": None,
        "numerator": None,
        "denominator": None,
        "n": 0,
        "value_status": ValueStatus.OK,
    }
    return KpiValue(kpi=name, **(base | fields))


def an_open_deal(id_: str, **fields: Any) -> OpenDeal:
    base: dict[str, Any] = {
        "customer": f"{id_}社",
        "owner": "u1",
        "amount": 1_000_000.0,
        "chance": 0.5,
        "close_date": date(2026, 6, 26),
        "quiet": False,
        "has_next": True,
        "overdue": False,
    }
    ref = RecordRef(connection="sf", object="deal", id=id_)
    return OpenDeal(ref=ref, **(base | fields))


BOOKED = kpi("bookings", value=12e6, target=12e6)
UNTIDY = kpi("next_step_hygiene", value=0.4, numerator=2, denominator=5, target=0.8)
FEW_MEETINGS = kpi(
    "meetings_held",
    value=4.0,
    target=12.0,
    expected_to_date=6.0,
    p_attain=0.2,
    progress=ProgressStatus.OFF_TRACK,
)
UNDATED = (an_open_deal("A", has_next=False), an_open_deal("B", has_next=False, amount=3e6))


def a_situation(*values: KpiValue, deals: tuple[OpenDeal, ...] = ()) -> Situation:
    return Situation(
        values={value.kpi: value for value in values},
        deals=deals,
        currency="JPY",
        met_on=date(2026, 6, 16),
        calendar=BusinessCalendar("JP"),
        last_week="先週",
    )


def codes(situation: Situation) -> list[str]:
    return [one.code for one in candidates(situation)]


def chosen(situation: Situation, *past: Past, minutes: int = 15) -> list[str]:
    choice = choose_theme(situation, past, minutes=minutes)
    return [one.candidate.code for one in choice.picked]


def test_undated_deals_below_target_are_a_hygiene_topic_biggest_first() -> None:
    (one,) = candidates(a_situation(BOOKED, UNTIDY, deals=UNDATED))
    assert one.key == "T05:hyg:next_step"
    assert [ref.id for ref in one.records] == ["B", "A"]
    assert one.effect == pytest.approx(0.15 * 2_000_000)


def test_each_customer_comes_once_before_further_deals_of_any() -> None:
    deals = [
        an_open_deal(id_, has_next=False, customer=customer, amount=amount)
        for id_, customer, amount in (("1", "A社", 9e6), ("2", "A社", 8e6), ("3", "B社", 7e6))
    ]
    (one,) = candidates(a_situation(BOOKED, UNTIDY, deals=tuple(deals)))
    assert [ref.id for ref in one.records] == ["1", "3", "2"]


def test_undated_deals_are_no_topic_while_the_target_is_met() -> None:
    tidy = replace(UNTIDY, value=0.8)
    assert codes(a_situation(BOOKED, tidy, deals=UNDATED)) == []


def test_quiet_deals_above_target_are_a_hygiene_topic_of_their_own() -> None:
    stale = kpi("stale_rate", value=0.5, target=0.2)
    (one,) = candidates(a_situation(BOOKED, stale, deals=(an_open_deal("A", quiet=True),)))
    assert one.key == "T05:hyg:stale"


def test_a_deal_with_two_flags_is_at_risk() -> None:
    risky = an_open_deal("A", quiet=True, has_next=False)
    (one,) = candidates(a_situation(BOOKED, deals=(risky, an_open_deal("B", quiet=True))))
    assert (one.code, one.text, one.effect) == ("T04", "risk_stale_next", 500_000)


def test_few_meetings_behind_pace_are_an_activity_topic() -> None:
    (one,) = candidates(a_situation(BOOKED, FEW_MEETINGS))
    assert (one.code, one.p) == ("T01", 0.8)
    assert one.effect == pytest.approx(2 / 12 * 12e6)


def test_a_figure_that_an_admin_left_out_for_the_role_is_no_theme() -> None:
    short = kpi("bookings", value=4e6, target=12e6, p_attain=0.1)
    situation = a_situation(short, FEW_MEETINGS, UNTIDY, deals=UNDATED)
    assert {"T01", "T03", "T05"} <= set(codes(situation))
    left = replace(situation, chosen=("bookings", "calls"))
    assert codes(left) == [one for one in codes(situation) if one not in ("T01", "T05")]
    risky = replace(left, deals=(an_open_deal("A", quiet=True, has_next=False),))
    assert "T04" in codes(risky)


def test_a_target_that_open_deals_do_not_reach_is_a_coverage_topic() -> None:
    short = kpi("bookings", value=4e6, target=12e6, p_attain=0.1)
    (one,) = candidates(a_situation(short, deals=(an_open_deal("A", amount=4e6),)))
    assert (one.code, one.effect) == ("T03", pytest.approx(6e6))


def test_clearly_more_meetings_than_usual_are_worth_a_talk() -> None:
    more = kpi("meetings_held", value=6.0, last_week=6.0, usual=3.0)
    assert codes(a_situation(BOOKED, more)) == ["T12"]


def test_growth_is_the_theme_when_nothing_else_speaks() -> None:
    assert chosen(a_situation()) == ["T14"]


def test_hygiene_is_the_theme_at_most_once_in_four() -> None:
    situation = a_situation(BOOKED, UNTIDY, deals=UNDATED)
    before = [Past("T12:x", "T12"), Past("T05:hyg:next_step", "T05"), Past("T03:x", "T03")]
    assert chosen(situation) == ["T05"]
    assert chosen(situation, *before) != ["T05"]
    good = Past("T12:x", "T12")
    assert chosen(situation, good, good, *before) == ["T05"]


def test_hygiene_that_has_to_wait_gets_one_line() -> None:
    situation = a_situation(BOOKED, UNTIDY, deals=UNDATED)
    choice = choose_theme(situation, [Past("T05:hyg:stale", "T05")], minutes=15)
    assert choice.aside is not None
    assert choice.aside.text == "next_step"


FEW_FIRST = replace(FEW_MEETINGS, kpi="new_meetings", value=0.0, target=2.0, expected_to_date=2.0)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", "ほかに、今月の初回面談は0件。今日までの目安は2件ほどです。"),
        (
            "en",
            (
                "Besides, so far none for first meetings this month; "
                "about two would be usual by today."
            ),
        ),
    ],
)
def test_a_figure_that_nobody_speaks_of_gets_one_line_before_tidying_up(
    language: str, said: str
) -> None:
    situation = replace(
        a_situation(BOOKED, UNTIDY, FEW_FIRST, deals=UNDATED), unheard=frozenset({"new_meetings"})
    )
    past = [Past("T05:hyg:stale", "T05"), Past("T01:act:calls", "T01")]
    choice = choose_theme(situation, [Past("T01:act:calls", "T01"), *past], minutes=15)
    assert choice.aside is not None
    assert choice.aside.kpi == "new_meetings"
    assert aside_of(choice.aside, spoken(language), "salesforce") == said
    block = draft(replace(a_table(situation), words=spoken(language)), choice).blocks[2]
    assert (block.lines, [one.id for one in block.records]) == ((said,), ["new_meetings"])


def test_undated_deals_that_nobody_speaks_of_are_named_beside_another_theme() -> None:
    situation = replace(
        a_situation(BOOKED, FEW_MEETINGS, UNTIDY, deals=UNDATED),
        unheard=frozenset({"next_step_hygiene"}),
    )
    choice = choose_theme(situation, [], minutes=15)
    assert choice.picked[0].candidate.code == "T01"
    assert choice.aside is not None
    assert aside_of(choice.aside, spoken("ja"), "salesforce").startswith("ほかに、次の予定が")
    assert choose_theme(replace(situation, unheard=frozenset()), [], minutes=15).aside is None


def test_a_figure_that_the_theme_speaks_of_needs_no_line_beside_it() -> None:
    situation = replace(
        a_situation(BOOKED, FEW_MEETINGS, FEW_FIRST), unheard=frozenset({"new_meetings"})
    )
    choice = choose_theme(situation, [], minutes=15)
    assert choice.picked[0].candidate.kpi in ("meetings_held", "new_meetings")
    assert choice.aside is None


def test_no_family_is_the_theme_twice_running() -> None:
    situation = a_situation(BOOKED, FEW_MEETINGS)
    assert chosen(situation) == ["T01"]
    assert chosen(situation, Past("T01:act:meetings_held", "T01")) == ["T14"]


def test_every_fourth_1on1_is_about_something_good_or_new() -> None:
    situation = a_situation(BOOKED, FEW_MEETINGS)
    before = [Past("T03:x", "T03"), Past("T04:x", "T04"), Past("T03:x", "T03")]
    choice = choose_theme(situation, before, minutes=15)
    assert [one.candidate.code for one in choice.picked] == ["T14"]
    assert choice.reserve is not None
    assert choice.reserve.candidate.code == "T01"


def test_a_topic_of_last_time_but_one_is_less_new() -> None:
    situation = a_situation(BOOKED, FEW_MEETINGS)
    past = [Past("T12:x", "T12"), Past("T01:act:meetings_held", "T01")]
    (one,) = choose_theme(situation, past, minutes=15).picked
    assert one.components["novelty"] == pytest.approx(0.6)


def test_a_long_talk_has_two_topics_of_different_families() -> None:
    situation = a_situation(BOOKED, FEW_MEETINGS, UNTIDY, deals=UNDATED)
    assert chosen(situation, minutes=30) == ["T01", "T05"]


def test_a_long_talk_does_not_praise_in_one_theme_what_it_asks_about_in_the_other() -> None:
    mixed = replace(FEW_MEETINGS, last_week=6.0, usual=3.0)
    about = chosen(a_situation(BOOKED, mixed, UNTIDY, deals=UNDATED), minutes=30)
    assert {"T01", "T12"} <= set(codes(a_situation(BOOKED, mixed)))
    assert len({"T01", "T12"} & set(about)) == 1
    # Where nothing else is there, two of a kind are better than half a talk.
    assert len(chosen(a_situation(BOOKED, mixed), Past("T14:growth", "T14"), minutes=30)) == 2


def test_figures_of_a_month_that_is_over_are_no_theme_of_the_next() -> None:
    old = replace(FEW_MEETINGS, period_start=date(2026, 5, 1), period_end=date(2026, 5, 31))
    short = kpi("bookings", value=0.0, target=12e6, p_attain=0.1)
    over = replace(short, period_start=date(2026, 5, 1), period_end=date(2026, 5, 31))
    assert codes(a_situation(over, old)) == []


def an_insight(rule: str, driver: str, **fields: Any) -> Insight:
    facts = {"x": 2.0, "n": 12.0, "x_before": 20.0, "n_before": 60.0}
    base: dict[str, Any] = {
        "person": "rep",
        "as_of": AS_OF,
        "form": Form.ASKED,
        "p": 0.93,
        "contribution": -1_350_000.0,
        "facts": facts,
    }
    return Insight(rule=rule, driver=driver, **(base | fields))


def told(*insights: Insight, **fields: Any) -> Situation:
    return replace(a_situation(BOOKED), insights=insights, **fields)


def test_a_likely_conversion_is_a_topic_with_its_numbers_and_rule() -> None:
    deal = RecordRef(connection="sf", object="deal", id="d9")
    (one,) = candidates(told(an_insight("driver", "proposal_win", records=(deal,))))
    assert (one.code, one.kind, one.effect, one.p) == ("T02", "conversion", -1_350_000, 0.93)
    assert (one.rule, one.driver, one.records) == ("driver:proposal_win", "proposal_win", (deal,))
    assert one.numbers == {
        "x": 2.0, "n": 12.0, "x_before": 20.0, "n_before": 60.0,
        "contribution": -1_350_000.0, "p": 0.93,
    }  # fmt: skip


def test_a_conversion_scores_as_its_effect_evidence_and_time_say() -> None:
    (one,) = candidates(told(an_insight("driver", "proposal_win")))
    found = scored(one, 12_000_000)
    assert found.components == pytest.approx(
        {
            "impact": 0.45,
            # 14 days left are fewer than the 30 of lead time: the next month's end counts.
            "urgency": 1 - ((45 - 30) - 7) / 38,
            "control": 0.7,
            "evidence": 0.86,
            "novelty": 1.0,
        }
    )


@pytest.mark.parametrize(
    ("insight", "code"),
    [
        (an_insight("driver", "avg_deal_size"), "T07"),
        (an_insight("driver", "meetings"), "T01"),
        (an_insight("mix", "proposal_win"), "T02"),
        (an_insight("quality_over_volume", "new_meetings", facts={"change": 0.4, "p": 0.9}), "T11"),
        (an_insight("quadrant", "share_the_pattern", facts={"score": 96}), "T12"),
    ],
)
def test_each_conclusion_has_its_topic(insight: Insight, code: str) -> None:
    assert codes(told(insight)) == [code]


def test_a_mix_is_told_of_the_customers_of_whom_there_are_more() -> None:
    facts = {"x": 2.0, "n": 12.0, "x_before": 20.0, "n_before": 60.0}
    grown = [
        candidates(told(an_insight("mix", "proposal_win", facts=facts | {"grown": kind})))[0].text
        for kind in ("existing", "new")
    ]
    assert grown == ["conversion_mix_existing", "conversion_mix"]


def test_what_is_less_than_likely_is_not_talked_about() -> None:
    assert codes(told(an_insight("driver", "proposal_win", p=0.79))) == []


def test_a_factor_that_the_rep_denied_is_no_topic_and_one_confirmed_needs_no_evidence() -> None:
    insight = an_insight("driver", "proposal_win")
    assert codes(told(insight, denied=frozenset({"proposal_win"}))) == []
    (one,) = candidates(told(insight, confirmed=frozenset({"proposal_win"})))
    assert one.p == 1.0


def test_what_was_the_last_period_s_too_is_the_theme_whatever_else_there_is() -> None:
    again = (an_insight("driver", "meeting_opp"), an_insight("repeated_failure", "meeting_opp"))
    risky = an_open_deal("A", quiet=True, has_next=False, amount=90e6)
    situation = replace(told(*again), deals=(risky,))
    assert chosen(situation) == ["T09"]
    assert chosen(situation, Past("T09:cause:meeting_opp", "T09")) != ["T09"]


def a_proposal(**fields: Any) -> TargetProposal:
    base: dict[str, Any] = {
        "person": "rep", "kpi": "meetings_held", "as_of": AS_OF, "decision": "lower",
        "period_start": date(2026, 6, 1), "period_end": date(2026, 6, 30),
        "old": 12.0, "proposed": 10.0, "reasons": ("too_high",), "facts": {"tiers": {"60": 8}},
    }  # fmt: skip
    return TargetProposal(**(base | fields))


def test_a_team_target_out_of_reach_is_a_topic_by_its_distance() -> None:
    (one,) = candidates(told(proposals=(a_proposal(),)))
    assert (one.code, one.kind, one.text) == ("T06", "market", "target_high")
    assert one.effect == pytest.approx(4 / 12 * 12e6)


@pytest.mark.parametrize(
    ("value", "target", "decision", "found"),
    [(4.0, 12.0, "lower", ["T06"]), (4.0, 12.0, "raise", ["T06"]), (4.0, 16.0, "lower", []),
     (12.0, 12.0, "raise", []), (12.0, 12.0, "lower", [])],
)  # fmt: skip
def test_a_target_that_is_another_by_now_or_reached_is_no_topic(
    value: float, target: float, decision: str, found: list[str]
) -> None:
    meetings = kpi("meetings_held", value=value, target=target)
    situation = replace(a_situation(BOOKED, meetings), proposals=(a_proposal(decision=decision),))
    assert [one for one in codes(situation) if one == "T06"] == found


@pytest.mark.parametrize(
    ("landing", "decision", "found"),
    [(12.6, "lower", []), (9.0, "lower", ["T06"]), (9.0, "raise", []), (12.6, "raise", ["T06"])],
)
def test_no_target_is_called_high_or_low_against_the_landing_in_the_same_memo(
    landing: float, decision: str, found: list[str]
) -> None:
    projection = (landing - 2, landing, landing + 2)
    meetings = kpi("meetings_held", value=4.0, target=12.0, projection=projection)
    situation = replace(a_situation(BOOKED, meetings), proposals=(a_proposal(decision=decision),))
    assert [one for one in codes(situation) if one == "T06"] == found


def test_while_figures_are_missing_no_target_is_a_topic() -> None:
    assert codes(replace(a_situation(), proposals=(a_proposal(),))) == []


def a_table(situation: Situation) -> Table:
    return Table(
        rep="rep", manager_name="佐藤さん", minutes=15, words=spoken("ja"), crm="salesforce",
        situation=situation, private=True, past=(), reviewed=(), example_day=AS_OF,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "bank"), [("lower", "theme_target"), ("raise", "theme_target_low")]
)
def test_a_target_too_high_and_one_too_low_are_asked_about_in_their_own_ways(
    decision: str, bank: str
) -> None:
    document = draft(a_table(told(proposals=(a_proposal(decision=decision),))))
    (theme,) = [block for block in document.blocks if block.code == "theme"]
    assert [one.id.partition(".")[0] for one in theme.prompts] == [bank]


def test_a_target_proposal_that_lapsed_is_no_topic() -> None:
    assert codes(told(proposals=(a_proposal(state="lapsed"),))) == []


def test_a_step_on_the_way_says_nothing_of_a_person() -> None:
    behind = replace(FEW_MEETINGS, progress=ProgressStatus.ON_TRACK)
    insight = an_insight("interim_goal", "meetings_held", facts={"goal": 8.0, "p": 0.6})
    (one,) = candidates(
        replace(told(insight), values={"bookings": BOOKED, "meetings_held": behind})
    )
    assert (one.code, one.effect) == ("T08", pytest.approx(4 / 12 * 12e6))
    assert set(one.facts) == {"kpi", "goal", "now", "period", "days"}


def test_slow_answers_are_a_topic_below_their_target() -> None:
    slow = kpi("lead_response_sla", value=0.5, numerator=6, denominator=12, target=0.9)
    (one,) = candidates(a_situation(BOOKED, slow))
    assert (one.code, one.facts["x"], one.facts["target"]) == ("T13", 6, 11)
    assert codes(a_situation(BOOKED, replace(slow, value=0.9))) == []


def test_many_deals_without_data_are_a_topic_and_few_are_none() -> None:
    bare = [an_open_deal(id_, bare=True) for id_ in "AB"]
    full = [an_open_deal(id_) for id_ in "CDEFG"]
    assert codes(a_situation(BOOKED, deals=(*bare, *full))) == ["T15"]
    assert codes(a_situation(BOOKED, deals=(*bare, *full, *full))) == []


def test_tidying_up_of_either_kind_is_the_theme_at_most_once_in_four() -> None:
    situation = a_situation(BOOKED, deals=tuple(an_open_deal(id_, bare=True) for id_ in "AB"))
    assert chosen(situation) == ["T15"]
    assert chosen(situation, Past("T12:x", "T12"), Past("T05:hyg:stale", "T05")) != ["T15"]


def test_a_flagged_figure_is_not_talked_about_for_two_weeks() -> None:
    flag = FigureFlag(
        rep="rep", kpi="meetings_held", flagged_on=date(2026, 6, 9), week="2026-W24",
        as_of=AS_OF, value=4.0, numerator=None, denominator=None,
    )  # fmt: skip
    situation = replace(a_situation(BOOKED, FEW_MEETINGS), flags=(flag,))
    assert codes(situation) == []
    older = replace(flag, flagged_on=date(2026, 6, 2))
    assert codes(replace(situation, flags=(older,))) == ["T01"]


def test_a_theme_that_the_rep_put_off_comes_first_though_its_family_was_the_last() -> None:
    situation = a_situation(BOOKED, FEW_MEETINGS, UNTIDY, deals=UNDATED)
    wished = Past("T05:hyg:next_step", "T05", put_off=True)
    (one,) = choose_theme(situation, [wished], minutes=15).picked
    assert (one.candidate.key, one.components["novelty"]) == ("T05:hyg:next_step", 1.0)


def test_a_step_that_was_carried_over_twice_is_a_topic() -> None:
    action = Action(
        id="a1", who="rep", manager=None, week="2026-W22", origin=Origin.REP,
        text="A社へ資料を送る", due=date(2026, 6, 5), created_at=LONG_AGO,
        verify=VerifyRule(kind=Verify.CLOSED_TASK), connection="sf", key="k", carry_count=2,
    )  # fmt: skip
    (one,) = candidates(told(stuck=(action,)))
    assert (one.code, one.key, one.facts["n"]) == ("T10", "T10:stuck:a1", 3)


def test_more_of_something_else_is_worth_a_talk_when_meetings_are_as_usual() -> None:
    facts = {"now": 6.0, "usual": 3.0, "index": 2.2}
    situation = told(an_insight("improvement", "proposals", facts=facts))
    (one,) = candidates(situation)
    assert (one.code, one.key, one.facts["n"]) == ("T12", "T12:good:proposals", 6)
    (fact,) = facts_of({}, [], situation.insights)
    assert (fact.type, fact.kpi, fact.magnitude) == ("improvement", "proposals", 2.2)
    none = {"now": 1.0, "usual": 0.3, "index": 2.2}
    assert candidates(told(an_insight("improvement", "proposals", facts=none))) == []
    slight = {"now": 3.2, "usual": 2.9, "index": 1.1}
    assert facts_of({}, [], [an_insight("improvement", "proposals", facts=slight)]) == []

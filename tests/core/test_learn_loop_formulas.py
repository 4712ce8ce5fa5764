"""Edges of closing, opening, rotation, minutes, follow-up, path and ranking; one each."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.actions.completion import completion, step_of, wilson80
from crm_loop.actions.concrete import Typed, check, due_of
from crm_loop.actions.evidence import admitted
from crm_loop.actions.ranking import Option, by_what_works, ranked
from crm_loop.actions.verify import Evidence, Promise, judge
from crm_loop.calendars import BusinessCalendar
from crm_loop.learn.closing import Session, missing
from crm_loop.loop_records import ActionStatus, RecordRef, Suggestion, Verify, VerifyRule
from crm_loop.one_on_one.boxes import time_boxes, whole_minutes
from crm_loop.one_on_one.opening import Fact, choose_fact
from crm_loop.one_on_one.questions import choose_variant

JP = BusinessCalendar("JP")
WEDNESDAY = date(2026, 6, 10)


def a_session(**known: object) -> Session:
    usual = {
        "problem": "特になし",
        "next": "特になし",
        "support": "特になし",
        "concrete_actions": 1,
    }
    return Session(**(usual | known))  # type: ignore[arg-type]  # a mix of kinds


@pytest.mark.parametrize(
    ("known", "still"),
    [
        ({}, []),
        ({"problem": "　 "}, ["problem"]),
        ({"problem": None, "support": ""}, ["problem", "support"]),
        ({"last_actions": ("done", "missed")}, []),
        ({"last_actions": ("done", None)}, ["last_actions"]),
        ({"concrete_actions": 0, "no_action_reason": " "}, ["concrete_action"]),
        ({"concrete_actions": 0, "no_action_reason": "休暇"}, []),
    ],
)
def test_a_1on1_is_complete_when_nothing_is_missing(
    known: dict[str, object], still: list[str]
) -> None:
    assert missing(a_session(**known)) == still


@pytest.mark.parametrize(
    ("type_", "magnitude", "is_fact"),
    [
        ("improvement", 0.99, False),
        ("improvement", 1.0, True),
        ("effort", 1.09, False),
        ("effort", 1.1, True),
        ("thanks", 0, False),
        ("thanks", 1, True),
    ],
)
def test_what_is_below_its_threshold_is_no_fact(
    type_: str,
    magnitude: float,
    is_fact: bool,  # noqa: FBT001 - a column of the table
) -> None:
    found = choose_fact([Fact(type=type_, kpi="calls", magnitude=magnitude)], None)
    assert (found is not None) is is_fact


def asked(bank: list[str], sessions: int, exclude_last: int) -> list[str]:
    """The questions of the first 1on1s of a rep, in order."""
    used: list[str] = []
    for session in range(1, sessions + 1):
        given = {"rep": "r", "slot": "s", "session": session, "exclude_last": exclude_last}
        used.append(choose_variant(bank, used=used, **given))  # type: ignore[arg-type]  # by name
    return used


def test_without_resting_variants_every_question_may_come_again() -> None:
    found = asked(["Q1", "Q2"], sessions=40, exclude_last=0)
    assert any(a == b for a, b in itertools.pairwise(found))


def test_a_bank_that_is_not_larger_than_what_rests_keeps_one_question() -> None:
    found = asked(["Q1", "Q2", "Q3"], sessions=12, exclude_last=6)
    assert all(len({*three}) == 3 for three in zip(found, found[1:], found[2:], strict=False))


@given(st.integers(5, 240))
def test_the_minutes_of_any_length_add_up(minutes: int) -> None:
    plan = time_boxes(minutes)
    assert whole_minutes(plan) == minutes
    assert all(box >= 0 for _, box in plan)


def test_what_was_dropped_by_agreement_is_not_counted_against_completion() -> None:
    found = completion([ActionStatus.DONE, ActionStatus.DROPPED])
    assert (found.completion_rate, found.n, found.drop_rate) == (1.0, 1, 0.5)


def test_where_nothing_was_due_there_are_no_rates() -> None:
    found = completion([])
    assert (found.completion_rate, found.on_time_rate, found.n) == (None, None, 0)
    assert (found.wilson80, found.drop_rate) == ((None, None), None)


@given(st.integers(1, 200), st.data())
def test_an_interval_of_a_share_holds_the_share(cases: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, cases))
    low, high = wilson80(hits, cases)
    assert low is not None
    assert high is not None
    assert -1e-12 <= low <= hits / cases + 1e-12
    assert hits / cases - 1e-12 <= high <= 1 + 1e-12


def test_after_three_weeks_it_stays_with_the_proposal_to_drop() -> None:
    assert len({step_of(n) for n in (3, 4, 9)}) == 1


def test_an_unknown_kind_of_step_is_as_likely_to_help_as_not() -> None:
    known, unknown = Option(id="b", tree_effect=10, p=0.5), Option(id="a", tree_effect=10)
    assert [one.id for one in ranked([known, unknown])] == ["a", "b"]


def a_suggestion(slot: str, activity: str) -> Suggestion:
    rule = VerifyRule(kind=Verify.ACTIVITIES, target=2, activity=activity)
    return Suggestion(
        rep="r", week="w", slot=slot, text="", due=WEDNESDAY, verify=rule, connection="c", kpi="k"
    )


def test_suggestions_come_in_the_order_of_what_is_likeliest_to_help_here() -> None:
    given = [a_suggestion("a", "call"), a_suggestion("b", "email"), a_suggestion("c", "meeting")]
    chances = {("V1:meeting", "k"): 0.8, ("V1:call", "k"): 0.3, ("V1:email", "other"): 0.9}
    assert [one.slot for one in by_what_works(given, chances)] == ["c", "b", "a"]
    assert by_what_works(given, {}) == given


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("今日中に架電", None),
        ("明日までに連絡", None),
        ("来月に訪問", None),
        ("水曜に訪問", WEDNESDAY),
        ("来週水曜に訪問", date(2026, 6, 17)),
        ("来週の金曜に訪問", date(2026, 6, 19)),
        ("6/9までに連絡", date(2027, 6, 9)),
        ("月末、金曜、6/15のどれか", date(2026, 6, 15)),
        ("2026-06-18、6/15のどれか", date(2026, 6, 18)),
        ("６月１５日までに連絡", date(2026, 6, 15)),
        ("今週中に連絡", date(2026, 6, 12)),
    ],
)
def test_days_are_read_in_their_order_of_precedence(text: str, due: date | None) -> None:
    assert due_of(text.translate(str.maketrans("１５６", "156")), WEDNESDAY, JP) == due


def test_a_moved_day_before_the_agreement_fails_its_check() -> None:
    saturday = date(2026, 6, 13)
    found = check(Typed(text="今週中に3件訪問", owner="A", created=saturday, kpi="k"), JP)
    assert (found.due, found.checks["due"]) == (date(2026, 6, 12), False)


def test_a_filter_for_new_accounts_that_is_off_filters_nothing() -> None:
    assert admitted("held", "held", is_new=False, new_account=False)
    assert not admitted("held", "held", is_new=False, new_account=True)
    assert not admitted("no_show", "held", is_new=True, new_account=True)


def at(day: int, hour: int = 1) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=UTC)


def judged(events: list[tuple[datetime, datetime]], as_of: date, target: int = 1) -> str:
    promise = Promise(
        target=target, created_at=at(10), due=date(2026, 6, 12), time_zone="Asia/Tokyo"
    )
    ref = RecordRef(connection="crm", object="activity", id="x")
    seen = [Evidence(record=ref, start=start, logged=logged) for start, logged in events]
    return judge(promise, seen, as_of, JP).status.value


@pytest.mark.parametrize(
    ("start", "logged", "status"),
    [
        (at(12), at(16), "done"),  # logged on the second business day after
        (at(12), at(17), "missed"),  # in time, but logged after the grace: nothing
        (at(13), at(13), "done_late"),  # a Saturday lies within the late days
        (at(17), at(17), "done_late"),
        (at(17), at(18), "missed"),  # late, and logged after the late days
        (at(18), at(18), "missed"),
    ],
)
def test_when_it_was_done_and_when_it_was_logged_decide(
    start: datetime, logged: datetime, status: str
) -> None:
    assert judged([(start, logged)], date(2026, 6, 30)) == status


def test_half_of_an_odd_target_is_more_than_half_of_it() -> None:
    one = (at(11), at(11))
    assert judged([one] * 2, date(2026, 6, 30), target=3) == "partial"
    assert judged([one], date(2026, 6, 30), target=3) == "missed"


@given(st.lists(st.tuples(st.integers(0, 96), st.integers(0, 96)), max_size=6))
def test_a_verdict_never_gets_better_by_taking_evidence_away(
    hours: list[tuple[int, int]],
) -> None:
    events = [(at(10) + timedelta(hours=a), at(10) + timedelta(hours=a + b)) for a, b in hours]
    order = ["missed", "partial", "done_late", "done"]
    ranks = [
        order.index(judged(events[:n], date(2026, 6, 30), target=2)) for n in range(len(events) + 1)
    ]
    assert ranks == sorted(ranks)

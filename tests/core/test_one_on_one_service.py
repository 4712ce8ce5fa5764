"""The step in the store: drafts, memos, what people left in them; one situation each."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.actions.service import suggest_steps
from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Intent,
    KpiValue,
    Overview,
    PairRule,
    ProgressStatus,
    SeenTask,
    Suggestion,
    SuggestionState,
    ValueStatus,
    Verify,
    VerifyRule,
    WriteKind,
)
from crm_loop.one_on_one.service import choose, compose, let_through, settle
from crm_loop.records import (
    Account,
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    Person,
    Subject,
)
from crm_loop.store import State
from crm_loop.store.connections import ConnectionRow
from crm_loop.wording.linter import Kind, lint

ORGANISATION, WEEK = "acme", "2026-W25"
REP, BOSS = "tanaka@example.com", "sato@example.com"
SUNDAY = date(2026, 6, 14)
MONDAY_NINE = datetime(2026, 6, 15, 0, tzinfo=UTC)
TUESDAY_TEN = datetime(2026, 6, 16, 1, tzinfo=UTC)
AFTER = TUESDAY_TEN + timedelta(hours=1)
FRIDAY = datetime(2026, 6, 18, 15, tzinfo=UTC)
PRIVATE = {"hubspot": False, "salesforce": True}
STEP = "6/19（金）までに、青葉精機の次回の日程を決める"

Begin = Callable[[str], AbstractContextManager[State]]


@pytest.fixture
def house(begin: Begin) -> Begin:
    """A pair in one private Salesforce, one open deal, and figures as of Sunday."""
    with begin(ORGANISATION) as state:
        for name, private in PRIVATE.items():
            facts = {"private_tasks": private, "task_url": "https://127.0.0.1/{id}"}
            row = ConnectionRow(name=name, kind=name, url="https://127.0.0.1", facts=facts)
            state.connections.put(row)
        users = [a_user("u1", REP, "田中"), a_user("u2", BOSS, "佐藤")]
        state.crm.remember("salesforce", Subject.PEOPLE, users)
        state.crm.remember("salesforce", Subject.ACCOUNTS, [Account(id="a1", name="青葉精機")])
        state.crm.remember("salesforce", Subject.DEALS, [a_deal()])
    measured(begin, SUNDAY)
    return begin


def measured(house: Begin, as_of: date) -> None:
    values = [
        a_value("bookings", value=1e6, target=12e6, p_attain=0.3),
        a_value(
            "meetings_held", value=4.0, target=12.0, expected_to_date=5.0, last_week=4.0, usual=3.0
        ),
        a_value("next_step_hygiene", value=0.0, numerator=0, denominator=1, target=0.8),
    ]
    with house(ORGANISATION) as state:
        state.figures.keep(as_of, [replace(value, as_of=as_of) for value in values])


def unmeasured(house: Begin) -> None:
    with house(ORGANISATION) as state:
        state.figures.keep(SUNDAY, [])


def a_user(id_: str, email: str, family_name: str, **fields: Any) -> Person:
    base: dict[str, Any] = {
        "language": "ja",
        "time_zone": "Asia/Tokyo",
        "manager_id": "u2" if id_ != "u2" else None,
    }
    name = f"{family_name} 一"
    return Person(id=id_, email=email, name=name, family_name=family_name, **(base | fields))


def a_deal() -> Deal:
    long_ago = datetime(2026, 6, 10, tzinfo=UTC)
    return Deal(
        id="d1",
        name="青葉精機 更新",
        owner_id="u1",
        account_id="a1",
        pipeline="p",
        stage="s",
        is_closed=False,
        is_won=False,
        amount=Decimal(20_000_000),
        currency="JPY",
        close_date=date(2026, 6, 26),
        created_at=long_ago,
        modified_at=long_ago,
    )


def a_value(kpi: str, **fields: Any) -> KpiValue:
    base: dict[str, Any] = {
        "person": REP,
        "period_start": date(2026, 6, 1),
        "period_end": date(2026, 6, 30),
        "as_of": SUNDAY,
        "numerator": None,
        "denominator": None,
        "n": 5,
        "value_status": ValueStatus.OK,
        "progress": ProgressStatus.ON_TRACK,
    }
    return KpiValue(kpi=kpi, **(base | fields))


def a_suggestion(state: SuggestionState = SuggestionState.LET_THROUGH) -> Suggestion:
    return Suggestion(
        rep=REP,
        week=WEEK,
        slot="next:salesforce:d1",
        text=STEP,
        due=date(2026, 6, 19),
        verify=VerifyRule(kind=Verify.NEXT_STEP),
        connection="salesforce",
        state=state,
    )


def chosen(house: Begin, now: datetime = MONDAY_NINE) -> list[Agenda]:
    return choose(house, ORGANISATION, now=now, week=WEEK)


def composed(house: Begin, *suggestions: Suggestion, now: datetime = MONDAY_NINE) -> Agenda:
    chosen(house, now)
    with house(ORGANISATION) as state:
        state.agendas.put_suggestions(suggestions)
    (one,) = compose(house, ORGANISATION, now=now, week=WEEK, private=PRIVATE)
    return one


def seen(agenda: Agenda, body: str | None = None, **fields: Any) -> dict[str, SeenTask]:
    base: dict[str, Any] = {
        "body": agenda.text if body is None else body,
        "is_closed": False,
        "deleted": False,
        "owner_id": "u1",
        "seen_at": AFTER,
    }
    return {agenda.key: SeenTask(key=agenda.key, **(base | fields))}


def settled(house: Begin, tasks: dict[str, SeenTask], now: datetime = AFTER) -> Agenda:
    settle(house, ORGANISATION, now=now, week=WEEK, seen=tasks)
    with house(ORGANISATION) as state:
        (agenda,) = state.agendas.of_week(WEEK)
    return agenda


def step_state(house: Begin) -> SuggestionState:
    with house(ORGANISATION) as state:
        (one,) = state.agendas.suggestions(WEEK)
    return one.state


def the_list(house: Begin) -> Overview:
    with house(ORGANISATION) as state:
        (one,) = state.agendas.overviews(WEEK)
    return one


def typed(agenda: Agenda, text: str) -> str:
    return agenda.text.replace(
        "▼決めたこと（日付とひとこと）：", f"▼決めたこと（日付とひとこと）：{text}"
    )


def test_a_draft_is_made_at_publishing_time_and_not_before(house: Begin) -> None:
    assert chosen(house, MONDAY_NINE - timedelta(minutes=1)) == []
    (one,) = chosen(house)
    assert (one.rep, one.manager, one.connection, one.state) == (REP, BOSS, "salesforce", "draft")


@pytest.mark.parametrize("name", ["コミット工業", "日本ループ", "Great Lakes Foods", "Must Foods"])
def test_a_theme_keeps_its_fact_whatever_the_customer_is_called(house: Begin, name: str) -> None:
    with house(ORGANISATION) as state:
        state.crm.remember("salesforce", Subject.ACCOUNTS, [Account(id="a1", name=name)])
    memo = composed(house)
    assert memo.theme is not None
    assert memo.theme.fact in memo.text
    assert memo.theme.fact in memo.manager_text


def test_a_draft_is_made_once(house: Begin) -> None:
    first = chosen(house)
    assert chosen(house) == []
    with house(ORGANISATION) as state:
        assert state.agendas.of_week(WEEK) == first


def test_a_1on1_that_has_begun_gets_no_memo_any_more(house: Begin) -> None:
    assert chosen(house, TUESDAY_TEN) == []


def test_the_theme_comes_with_its_deals_and_score(house: Begin) -> None:
    (one,) = chosen(house)
    theme = next(block for block in one.blocks if block.code == "theme")
    assert [topic.code for topic in theme.topics] == ["T05"]
    assert [ref.id for ref in theme.topics[0].records] == ["d1"]
    assert set(theme.topics[0].components) == {
        "impact",
        "urgency",
        "control",
        "evidence",
        "novelty",
    }


def test_a_memo_is_written_in_the_rep_s_language_and_kept(house: Begin) -> None:
    one = composed(house)
    assert one.state is AgendaState.READY
    assert "青葉精機" in one.text
    assert lint(one.text, "ja", Kind.MEMO) == []
    assert compose(house, ORGANISATION, now=MONDAY_NINE, week=WEEK, private=PRIVATE) == []


@pytest.mark.parametrize(
    ("purpose", "language", "stands"),
    [("足がかりを", "en", False), ("足がかりを", "ja", True), ("A foothold", "en", True),
     ("A foothold", "ja", True)],
)  # fmt: skip
def test_where_we_are_heading_stands_where_its_reader_can_read_it(
    house: Begin, purpose: str, language: str, *, stands: bool
) -> None:
    with house(ORGANISATION) as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, purpose=purpose))
        state.crm.remember(
            "salesforce", Subject.PEOPLE, [a_user("u1", REP, "田中", language=language)]
        )
    assert (purpose in composed(house).text) is stands


def test_an_english_rep_with_a_japanese_manager_reads_english(house: Begin) -> None:
    user = a_user("u1", REP, "Smith", language="en")
    with house(ORGANISATION) as state:
        state.crm.remember("salesforce", Subject.PEOPLE, [replace(user, name="Anna Smith")])
    one = composed(house)
    assert one.text.startswith("1on1 notes  Anna and 佐藤-san")
    assert "――佐藤さん用（Smithさんのメモには載りません）" in one.manager_text


def test_an_idea_is_told_to_each_of_the_two_in_their_own_language(house: Begin) -> None:
    with house(ORGANISATION) as state:
        rep = replace(a_user("u1", REP, "Smith", language="en"), name="Anna Smith")
        state.crm.remember("salesforce", Subject.PEOPLE, [rep])
    chosen(house)
    (idea, *_) = suggest_steps(house, ORGANISATION, week=WEEK, calendar_of=BusinessCalendar)
    assert (idea.text, idea.said) == ("Fix the next date with 青葉精機 by Fri 19 June", STEP)
    (memo,) = compose(house, ORGANISATION, now=MONDAY_NINE, week=WEEK, private=PRIVATE)
    assert f"[ ] {STEP}" in memo.manager_text
    assert f"[ ] {STEP}" in the_list(house).text
    assert idea.text not in memo.manager_text
    a_marked_list(house, "x")
    with house(ORGANISATION) as state:
        after = state.agendas.get(REP, WEEK)
    assert after is not None
    assert f"- Idea: {idea.text}" in after.text
    assert STEP not in after.text
    assert f"・候補：{STEP}" in after.manager_text
    assert idea.text not in after.manager_text


def test_without_figures_the_memo_says_so(house: Begin) -> None:
    unmeasured(house)
    assert "今回は数字なしで進めます。" in composed(house).text


def test_old_figures_are_shown_with_their_date(house: Begin) -> None:
    unmeasured(house)
    measured(house, date(2026, 6, 12))
    assert "数字は6/12（金）時点です。" in composed(house).text


def test_a_rep_only_in_an_open_crm_reads_no_figures(house: Begin) -> None:
    with house(ORGANISATION) as state:
        state.crm.remember("hubspot", Subject.PEOPLE, [a_user("h1", "mori@example.com", "森")])
        state.people.import_rows(
            [{"person": "mori@example.com", "manager": BOSS, "leave": "", "pilot": True}]
        )
    chosen(house)
    ready = compose(house, ORGANISATION, now=MONDAY_NINE, week=WEEK, private=PRIVATE)
    text = next(one.text for one in ready if one.rep == "mori@example.com")
    assert text.endswith(f"このHubSpotを使う全員  自動作成 #{text[-4:]}")
    assert "時点" not in text


def test_the_manager_gets_one_list_with_everybody(house: Begin) -> None:
    composed(house, a_suggestion(SuggestionState.OFFERED))
    one = the_list(house)
    assert (one.subject, one.connection, one.due) == (
        "今週の1on1（1人）",
        "salesforce",
        date(2026, 6, 16),
    )
    assert f"[ ] {STEP}" in one.text


def test_composing_twice_writes_the_same_list(house: Begin) -> None:
    composed(house)
    first = the_list(house)
    compose(house, ORGANISATION, now=MONDAY_NINE, week=WEEK, private=PRIVATE)
    assert the_list(house) == first


def test_a_mark_in_the_list_brings_the_step_into_the_memo(house: Begin) -> None:
    composed(house, a_suggestion(SuggestionState.OFFERED))
    listed = the_list(house)
    with house(ORGANISATION) as state:
        state.writes.plan([a_write(listed)], run="r")
        body = listed.text.replace("[ ] 6/19", "[x] 6/19")
        state.writes.see([replace(*seen_list(listed.key, body))])
    later = MONDAY_NINE + timedelta(hours=1)
    (one,) = let_through(house, ORGANISATION, now=later, week=WEEK, private=PRIVATE)
    assert f"候補：{STEP}" in one.text
    assert step_state(house) is SuggestionState.LET_THROUGH
    assert let_through(house, ORGANISATION, now=later, week=WEEK, private=PRIVATE) == []


def a_marked_list(house: Begin, mark: str) -> None:
    """The manager's list as the manager leaves it, with something in each pair of brackets."""
    listed = the_list(house)
    body = listed.text.replace("[ ] 6/19", f"[{mark}] 6/19").replace("[x] 6/19", f"[{mark}] 6/19")
    with house(ORGANISATION) as state:
        state.writes.plan([a_write(listed)], run="r")
        state.writes.see(seen_list(listed.key, body))
    later = MONDAY_NINE + timedelta(hours=1)
    let_through(house, ORGANISATION, now=later, week=WEEK, private=PRIVATE)


def rules(house: Begin) -> frozenset[tuple[str, str]]:
    with house(ORGANISATION) as state:
        return state.pairs.rules()


@pytest.mark.parametrize("profile", ["starter", "standard", "full"])
def test_in_no_profile_an_idea_reaches_the_rep_without_the_manager(
    house: Begin, profile: str
) -> None:
    with house(ORGANISATION) as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile=profile))
    chosen(house)
    (idea, *_) = suggest_steps(house, ORGANISATION, week=WEEK, calendar_of=BusinessCalendar)
    (memo,) = compose(house, ORGANISATION, now=MONDAY_NINE, week=WEEK, private=PRIVATE)
    assert idea.state is SuggestionState.OFFERED
    assert idea.text not in memo.text
    assert idea.text in memo.manager_text


def test_a_word_in_place_of_the_mark_holds_for_this_pair_s_later_ideas(house: Begin) -> None:
    composed(house, a_suggestion(SuggestionState.OFFERED))
    a_marked_list(house, "いつも")
    assert rules(house) == {(REP, BOSS)}
    assert step_state(house) is SuggestionState.LET_THROUGH
    a_marked_list(house, "やめる")
    assert rules(house) == frozenset()


def test_a_mark_is_about_this_week_only(house: Begin) -> None:
    composed(house, a_suggestion(SuggestionState.OFFERED))
    a_marked_list(house, "x")
    assert rules(house) == frozenset()


def test_what_is_never_wanted_again_is_not_let_through_by_saying_so(house: Begin) -> None:
    composed(house, a_suggestion(SuggestionState.OFFERED))
    a_marked_list(house, "やめる")
    assert step_state(house) is SuggestionState.OFFERED


def a_meeting(house: Begin, start: datetime, **fields: Any) -> None:
    """The two of them in the CRM's calendar."""
    base: dict[str, Any] = {
        "id": "e1", "kind": ActivityKind.MEETING, "owner_id": "u2", "deal_id": None,
        "account_id": None, "start": start, "logged_at": MONDAY_NINE, "duration_seconds": 900,
        "status": ActivityStatus.SCHEDULED, "external_attendees": 0, "colleague_ids": ("u1",),
    }  # fmt: skip
    with house(ORGANISATION) as state:
        state.crm.remember("salesforce", Subject.ACTIVITIES, [Activity(**(base | fields))])


def test_a_meeting_of_the_two_in_the_calendar_that_is_over_means_that_it_was_held(
    house: Begin,
) -> None:
    memo = composed(house)
    a_meeting(house, TUESDAY_TEN)
    after = settled(house, seen(memo))
    assert (after.state, after.next_steps) == (AgendaState.HELD, ())


@pytest.mark.parametrize(
    ("start", "status"),
    [(FRIDAY + timedelta(hours=3), ActivityStatus.SCHEDULED),
     (TUESDAY_TEN, ActivityStatus.CANCELED)],
)  # fmt: skip
def test_a_meeting_to_come_or_called_off_is_no_trace(
    house: Begin, start: datetime, status: ActivityStatus
) -> None:
    memo = composed(house)
    a_meeting(house, start, status=status)
    assert settled(house, seen(memo), FRIDAY).state is AgendaState.NOT_RECORDED


def with_rule(house: Begin) -> Agenda:
    with house(ORGANISATION) as state:
        state.pairs.let_all_through(PairRule(rep=REP, manager=BOSS, since=WEEK))
    chosen(house)
    (idea, *_) = suggest_steps(house, ORGANISATION, week=WEEK, calendar_of=BusinessCalendar)
    (memo,) = compose(house, ORGANISATION, now=MONDAY_NINE, week=WEEK, private=PRIVATE)
    assert f"候補：{idea.text}" in memo.text
    return memo


def test_ideas_by_rule_are_no_task_while_both_are_silent(house: Begin) -> None:
    memo = with_rule(house)
    settled(house, seen(memo))
    assert step_state(house) is SuggestionState.LET_THROUGH
    after = settled(house, seen(memo), FRIDAY)
    assert (after.state, step_state(house)) == (AgendaState.NOT_RECORDED, SuggestionState.GONE)


def test_ideas_by_rule_that_stand_in_a_1on1_with_a_trace_are_agreed(house: Begin) -> None:
    memo = with_rule(house)
    after = settled(house, seen(memo, typed(memo, "6/19（金）までに資料を送る")))
    assert (after.state, step_state(house)) == (AgendaState.HELD, SuggestionState.TAKEN)


def test_on_a_day_off_ideas_by_rule_are_gone(house: Begin) -> None:
    memo = with_rule(house)
    body = memo.text.replace("話したいこと：", "話したいこと：休み")
    after = settled(house, seen(memo, body))
    assert (after.state, step_state(house)) == (AgendaState.SKIPPED, SuggestionState.GONE)


def seen_list(key: str, body: str) -> tuple[SeenTask]:
    task = SeenTask(
        key=key, body=body, is_closed=False, deleted=False, owner_id="u2", seen_at=AFTER
    )
    return (task,)


def a_write(listed: Overview) -> Intent:
    return Intent(
        key=listed.key,
        connection="salesforce",
        kind=WriteKind.OVERVIEW,
        person=BOSS,
        owner_id="u2",
        subject=listed.subject,
        body=listed.text,
        due=listed.due,
        reason="one_on_one.overview",
        not_before=MONDAY_NINE,
        week=WEEK,
    )


def test_nothing_is_settled_before_the_1on1_is_over(house: Begin) -> None:
    one = composed(house, a_suggestion())
    early = TUESDAY_TEN + timedelta(minutes=14)
    assert settled(house, seen(one, typed(one, "送る")), early).state is AgendaState.READY
    assert step_state(house) is SuggestionState.LET_THROUGH


def test_a_typed_step_means_that_it_was_held(house: Begin) -> None:
    one = composed(house)
    after = settled(house, seen(one, typed(one, "6/19（金）までに資料を送る")))
    assert (after.state, after.next_steps) == (AgendaState.HELD, ("6/19（金）までに資料を送る",))
    assert after.held_at == TUESDAY_TEN + timedelta(minutes=15)


def test_topic_and_wanted_response_are_kept(house: Begin) -> None:
    one = composed(house)
    body = one.text.replace("話したいこと：", "話したいこと：価格", 1)
    body = body.replace("助言がほしい）：", "助言がほしい）：助言がほしい", 1)
    after = settled(house, seen(one, body))
    assert (after.rep_topic, after.wanted_response) == ("価格", "advice")


def test_a_closed_memo_is_a_trace(house: Begin) -> None:
    one = composed(house)
    assert settled(house, seen(one, is_closed=True)).state is AgendaState.HELD


def test_silence_waits_two_business_days_and_is_then_not_recorded(house: Begin) -> None:
    one = composed(house)
    waiting = settled(house, seen(one), FRIDAY - timedelta(minutes=1))
    assert waiting.state is AgendaState.READY
    assert settled(house, seen(one), FRIDAY).state is AgendaState.NOT_RECORDED


def test_a_step_left_standing_is_taken_even_in_silence(house: Begin) -> None:
    one = composed(house, a_suggestion())
    assert settled(house, seen(one)).state is AgendaState.READY
    assert step_state(house) is SuggestionState.TAKEN


def test_a_step_whose_line_was_deleted_is_gone(house: Begin) -> None:
    one = composed(house, a_suggestion())
    after = settled(house, seen(one, one.text.replace(f" ・候補：{STEP}\n", "")))
    assert step_state(house) is SuggestionState.GONE
    assert (after.state, after.next_steps) == (AgendaState.HELD, ())


def test_a_crossed_out_step_is_no_typed_one_even_when_read_again(house: Begin) -> None:
    one = composed(house, a_suggestion())
    body = one.text.replace("候補：", "×候補：")
    assert settled(house, seen(one, body)).next_steps == ()
    assert settled(house, seen(one, body)).next_steps == ()


def test_a_deleted_memo_agrees_to_nothing(house: Begin) -> None:
    one = composed(house, a_suggestion())
    after = settled(house, seen(one, "", deleted=True))
    assert (after.state, step_state(house)) == (AgendaState.READY, SuggestionState.GONE)


def test_a_memo_last_seen_during_the_1on1_says_nothing_yet(house: Begin) -> None:
    one = composed(house, a_suggestion())
    settled(house, seen(one, seen_at=TUESDAY_TEN))
    assert step_state(house) is SuggestionState.LET_THROUGH


def test_a_memo_that_was_never_written_agrees_to_nothing(house: Begin) -> None:
    composed(house, a_suggestion())
    assert settled(house, {}, FRIDAY).state is AgendaState.NOT_RECORDED
    assert step_state(house) is SuggestionState.GONE


def test_an_offered_step_that_nobody_let_through_is_gone(house: Begin) -> None:
    one = composed(house, a_suggestion(SuggestionState.OFFERED))
    settled(house, seen(one))
    assert step_state(house) is SuggestionState.GONE


def test_settling_twice_changes_nothing(house: Begin) -> None:
    one = composed(house, a_suggestion())
    tasks = seen(one, typed(one, "送る"))
    first = settled(house, tasks)
    assert settle(house, ORGANISATION, now=AFTER, week=WEEK, seen=tasks) == []
    assert settled(house, tasks) == first


def test_a_step_typed_later_the_same_day_is_added(house: Begin) -> None:
    one = composed(house)
    settled(house, seen(one, typed(one, "送る")))
    later = settled(house, seen(one, typed(one, "送る\n電話する")), AFTER + timedelta(hours=1))
    assert later.next_steps == ("送る", "電話する")


def test_a_step_that_is_reworded_later_is_not_a_second_one(house: Begin) -> None:
    one = composed(house)
    settled(house, seen(one, typed(one, "送る")))
    later = settled(house, seen(one, typed(one, "資料を送る")), AFTER + timedelta(hours=1))
    assert later.next_steps == ("送る",)


def test_the_next_memo_does_not_repeat_theme_or_questions(house: Begin) -> None:
    first = composed(house)
    measured(house, date(2026, 6, 21))
    (second,) = choose(house, ORGANISATION, now=MONDAY_NINE + timedelta(days=7), week="2026-W26")
    themes = [b.topics[0].code for one in (first, second) for b in one.blocks if b.topics]
    assert themes[0] != themes[1]
    asked = [{p.id for b in one.blocks for p in b.prompts} for one in (first, second)]
    assert not asked[0] & asked[1]

"""To-dos that people make by hand for a 1on1, from a look at the CRM to what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from crm_loop.actions.by_hand import take_up
from crm_loop.actions.following import followed
from crm_loop.actions.measured import measured
from crm_loop.actions.verifying import verify
from crm_loop.calendars import BusinessCalendar
from crm_loop.connector.contract import Connector
from crm_loop.connector.marked import MarkedTask, Wanted
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Intent,
    Origin,
    RecordRef,
    Verify,
    VerifyRule,
    WriteKind,
    with_leaders,
)
from crm_loop.pull.marked import read_marked
from crm_loop.pull.service import Reading
from crm_loop.records import Activity, ActivityKind, ActivityStatus, Person, Subject, Task
from crm_loop.store import Begin
from crm_loop.store.connections import ConnectionRow
from crm_loop.store.own_tasks import name_own
from crm_loop.store.write_rows import Settlement
from crm_loop.store.write_states import Event
from crm_loop.write_back.intents import action_intents

NOW, REP, BOSS = datetime(2026, 6, 17, 2, tzinfo=UTC), "rep@example.com", "boss@example.com"
CALLS = "[1on1] 電話を2件かける"


@dataclass
class Screens:
    """A CRM that holds what people have made by hand, and remembers what it was asked."""

    tasks: list[MarkedTask]
    asked: list[Wanted] = field(default_factory=list)

    def marked_tasks(self, wanted: Wanted) -> Sequence[MarkedTask]:
        self.asked.append(wanted)
        return self.tasks


def a_to_do(**known: Any) -> MarkedTask:
    base: dict[str, Any] = {
        "id": "00T1", "owner_id": "005R", "made_by": "005R", "due": date(2026, 6, 19),
        "subject": CALLS, "created_at": NOW, "modified_at": NOW,
    }  # fmt: skip
    return MarkedTask(**(base | known))


def a_call(hours: int) -> Activity:
    at = NOW + timedelta(hours=hours)
    return Activity(id=f"00C{hours}", kind=ActivityKind.CALL, owner_id="005R", deal_id=None,
                    account_id=None, start=at, logged_at=at,
                    status=ActivityStatus.HELD)  # fmt: skip


def settled(begin: Begin) -> None:
    """A rep and a manager in one account."""
    people = [
        Person(id=id_, email=email, name=name, family_name=name[:2], language="ja")
        for id_, email, name in (("005R", REP, "田中 健"), ("005B", BOSS, "佐藤 進"))
    ]
    rows = [{"person": REP, "name": "田中 健", "manager": BOSS, "role": "AE", "language": "ja",
             "country": "JP", "leave": "", "pilot": True}]  # fmt: skip
    with begin("acme") as state:
        state.connections.put(ConnectionRow(name="crm", kind="salesforce", url="https://x"))
        state.crm.remember("crm", Subject.PEOPLE, people)
        state.people.import_rows(rows)


def listened(begin: Begin, screens: Screens, now: datetime = NOW) -> list[Action]:
    """What there is of the rep's after a look at the screens."""
    connector = cast("Connector", screens)
    reading = Reading(connector=connector, begin=begin, organisation="acme", connection="crm")
    read_marked(reading, connector, now=now)
    take_up(begin, "acme", now=now, calendar_of=BusinessCalendar)
    with begin("acme") as state:
        members = with_leaders(state.people.members())
        state.actions.put(followed(state, members, now, BusinessCalendar))
        return state.actions.of(REP)


def test_a_to_do_made_by_hand_is_one_step_however_often_it_is_seen(begin: Begin) -> None:
    settled(begin)
    screens = Screens([a_to_do()])
    for _ in range(3):
        (step,) = listened(begin, screens)
    assert (step.text, step.week, step.origin) == ("電話を2件かける", "2026-W24", Origin.REP)
    assert screens.asked[-1].known == ("00T1",)


def test_no_to_do_of_ours_is_made_beside_it(begin: Begin) -> None:
    settled(begin)
    steps = listened(begin, Screens([a_to_do()]))
    with begin("acme") as state:
        members = with_leaders(state.people.members())
    assert action_intents(steps, members, BusinessCalendar) == []
    ours = [replace(one, crm_id=None) for one in steps]
    assert len(action_intents(ours, members, BusinessCalendar)) == 1


def test_those_of_others_and_our_own_ones_are_forgotten(begin: Begin) -> None:
    settled(begin)
    own = Intent(key="cl1t1", connection="crm", kind=WriteKind.ACTION, person=REP, owner_id="005R",
                 subject="x", body="", due=NOW.date(), reason="", not_before=NOW)  # fmt: skip
    with begin("acme") as state:
        state.writes.plan([own], run="r")
        state.writes.approve([own.key], by="rule", at=NOW)
        lease = timedelta(minutes=1)
        claimed = state.writes.claim("crm", now=NOW, business_now=NOW, lease=lease)
        (sent,) = state.writes.send(claimed, at=NOW)
        done = Settlement(key=own.key, token=sent.token, event=Event.CONFIRM, crm_id="00T9")
        state.writes.settle([done], at=NOW)
    others = [a_to_do(owner_id="005X"), a_to_do(id="00T9")]
    assert listened(begin, Screens(others)) == []
    with begin("acme") as state:
        assert state.hand_tasks.since(NOW - timedelta(days=30)) == []


def test_it_is_seen_in_the_records_and_is_no_proof_of_itself(begin: Begin) -> None:
    settled(begin)
    listened(begin, Screens([a_to_do()]))
    calls = [a_call(hours) for hours in (1, 2)]
    task = Task(id="00T1", owner_id="005R", deal_id=None, due=date(2026, 6, 19), is_closed=False,
                created_at=NOW, modified_at=NOW)  # fmt: skip
    for count, status in ((1, ActionStatus.OPEN), (2, ActionStatus.DONE)):
        with begin("acme") as state:
            state.crm.remember("crm", Subject.ACTIVITIES, calls[:count])
            state.crm.remember("crm", Subject.TASKS, [task])
        verify(begin, "acme", as_of=NOW.date(), now=NOW, calendar_of=BusinessCalendar)
        with begin("acme") as state:
            (step,) = state.actions.of(REP)
        assert (step.status, step.ticked) == (status, False)


def test_a_tick_on_it_counts_at_once_where_nothing_can_be_counted(begin: Begin) -> None:
    settled(begin)
    (step,) = listened(begin, Screens([a_to_do(subject="［1on1］資料を直す")]))
    assert step.verify == VerifyRule(kind=Verify.CLOSED_TASK)
    task = Task(id="00T1", owner_id="005R", deal_id=None, due=date(2026, 6, 19), is_closed=True,
                created_at=NOW, modified_at=NOW, completed_at=NOW)  # fmt: skip
    with begin("acme") as state:
        state.crm.remember("crm", Subject.TASKS, [task])
    verify(begin, "acme", as_of=NOW.date(), now=NOW, calendar_of=BusinessCalendar)
    with begin("acme") as state:
        (done,) = state.actions.of(REP)
    assert (done.status, done.ticked, done.seen) == (ActionStatus.DONE, True, False)


@pytest.mark.parametrize("left", [[a_to_do(deleted=True)], []])
def test_deleted_or_purged_by_hand_it_is_put_aside(begin: Begin, left: list[MarkedTask]) -> None:
    settled(begin)
    listened(begin, Screens([a_to_do()]))
    listened(begin, Screens(left))
    verify(begin, "acme", as_of=NOW.date(), now=NOW, calendar_of=BusinessCalendar)
    with begin("acme") as state:
        (step,) = state.actions.of(REP)
    assert step.status is ActionStatus.WITHDRAWN


def test_other_words_of_it_are_the_steps_words(begin: Begin) -> None:
    settled(begin)
    listened(begin, Screens([a_to_do()]))
    (step,) = listened(begin, Screens([a_to_do(subject="電話を5件かける")]))
    assert (step.text, step.verify.target) == ("電話を5件かける", 5)


def test_a_step_that_stands_in_the_memo_too_is_one(begin: Begin) -> None:
    settled(begin)
    typed = Action(id="cl1t1", key="cl1t1", who=REP, manager=BOSS, week="2026-W24",
                   origin=Origin.REP, text="電話を2件かける", due=date(2026, 6, 19),
                   created_at=NOW, verify=VerifyRule(kind=Verify.CLOSED_TASK),
                   connection="crm")  # fmt: skip
    with begin("acme") as state:
        state.actions.put([typed])
    assert listened(begin, Screens([a_to_do()])) == [typed]


def test_of_a_customer_with_several_deals_it_is_about_the_one_that_it_is_linked_to() -> None:
    first, second, other = (
        RecordRef(connection="crm", object="deal", id=f"006{n}") for n in range(3)
    )
    customers = {first: "青葉精機", second: "青葉精機", other: "北海電機"}
    text = "6/19（金）までに、青葉精機と北海電機の次回日程を決める"
    assert measured(text, customers).deals == (first, other)
    assert measured(text, customers, second).deals == (second, other)
    assert measured(text, customers, other).deals == (first, other)


def test_a_to_do_of_ours_is_known_by_the_ledger_where_the_crm_has_no_field_for_its_key(
    begin: Begin,
) -> None:
    settled(begin)
    own = Intent(key="cl1t1", connection="crm", kind=WriteKind.ACTION, person=REP, owner_id="005R",
                 subject="x", body="", due=NOW.date(), reason="", not_before=NOW)  # fmt: skip
    tasks = [
        Task(id=id_, owner_id="005R", deal_id=None, due=NOW.date(), is_closed=False,
             created_at=NOW, modified_at=NOW)
        for id_ in ("00T8", "00T9")
    ]  # fmt: skip
    with begin("acme") as state:
        state.writes.plan([own], run="r")
        state.writes.approve([own.key], by="rule", at=NOW)
        lease = timedelta(minutes=1)
        claimed = state.writes.claim("crm", now=NOW, business_now=NOW, lease=lease)
        (sent,) = state.writes.send(claimed, at=NOW)
        done = Settlement(key=own.key, token=sent.token, event=Event.CONFIRM, crm_id="00T9")
        state.writes.settle([done], at=NOW)
        state.crm.remember("crm", Subject.TASKS, tasks)
        assert [name_own(state.connection, "acme", "crm") for _ in range(2)] == [1, 0]
        found = {one.id: one.key for _, one in state.crm.read(Subject.TASKS)}
    assert found == {"00T8": None, "00T9": "cl1t1"}

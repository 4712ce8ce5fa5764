"""From the records of a CRM to what became of a step: what each rule needs is read, and no more."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from crm_loop.actions.looking import look
from crm_loop.actions.verifying import verify
from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import Action, ActionStatus, Origin, RecordRef, Verify, VerifyRule
from crm_loop.records import (
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    DealChange,
    DealField,
    Lead,
    Participant,
    Person,
    Quote,
    Record,
    Subject,
)
from crm_loop.store import Begin
from crm_loop.store.connections import ConnectionRow

REP = "rep@example.com"
#: A Tuesday at 11:00 in Tokyo.
AGREED = datetime(2026, 6, 16, 2, tzinfo=UTC)
EARLIER, LATER = AGREED - timedelta(days=8), AGREED + timedelta(hours=3)
DEAL = RecordRef(connection="crm", object="deal", id="d1")


def a_step(kind: Verify) -> Action:
    return Action(
        id="t1", key="t1", who=REP, manager=None, week="2026-W25", origin=Origin.REP, text="x",
        due=date(2026, 6, 19), created_at=AGREED, connection="crm",
        verify=VerifyRule(kind=kind, deals=(DEAL,)),
    )  # fmt: skip


def a_change(field: DealField, at: datetime, value: str) -> DealChange:
    return DealChange(id=f"{field}{at}", deal_id="d1", at=at, field=field, value=value)


def an_activity(kind: ActivityKind, minutes: int = 5, **known: str) -> Activity:
    at = LATER + timedelta(minutes=minutes)
    return Activity(id=f"a{kind}", kind=kind, owner_id="u1", deal_id=known.get("deal"),
                    account_id=None, start=at, logged_at=at, status=ActivityStatus.HELD,
                    lead_id=known.get("lead"))  # fmt: skip


SHOWN: dict[Verify, dict[Subject, list[Record]]] = {
    Verify.STAGE: {Subject.CHANGES: [a_change(DealField.STAGE, LATER, "fit")]},
    Verify.CLOSE_DATE: {Subject.CHANGES: [a_change(DealField.CLOSE_DATE, LATER, "2026-07-31")]},
    Verify.CONTACTS: {
        Subject.ACTIVITIES: [an_activity(ActivityKind.MEETING, deal="d1")],
        Subject.PARTICIPANTS: [Participant(id="p1", activity_id="ameeting", contact_id="c1")],
    },
    Verify.PROPOSAL: {
        Subject.QUOTES: [
            Quote(id="q1", deal_id="d1", created_at=LATER, modified_at=LATER, sent=True)
        ]
    },
    Verify.LEADS: {
        Subject.LEADS: [Lead(id="l1", owner_id="u1", created_at=LATER, modified_at=LATER)],
        Subject.ACTIVITIES: [an_activity(ActivityKind.CALL, lead="l1")],
    },
    Verify.LOST: {Subject.CHANGES: [a_change(DealField.STAGE, LATER, "lost")]},
}


@pytest.fixture
def house(begin: Begin) -> Begin:
    deal = Deal(
        id="d1", name="d", owner_id="u1", account_id=None, pipeline="main", stage="new",
        is_closed=False, is_won=False, amount=Decimal(1), currency="JPY", close_date=None,
        created_at=EARLIER, modified_at=EARLIER,
    )  # fmt: skip
    rows = [{"person": REP, "name": "田中 健", "manager": "", "role": "AE", "language": "ja",
             "country": "JP", "leave": "", "pilot": True}]  # fmt: skip
    rep = Person(id="u1", email=REP, name="田中 健", family_name="田中", language="ja")
    with begin("acme") as state:
        state.connections.put(ConnectionRow(name="crm", kind="salesforce", url="https://x"))
        state.crm.remember("crm", Subject.PEOPLE, [rep])
        state.people.import_rows(rows)
        stages = {"new": "S1", "fit": "S2", "lost": "lost"}
        state.mapping.set("crm", {("main", stage): one for stage, one in stages.items()})
        state.crm.remember("crm", Subject.DEALS, [deal])
        state.crm.remember("crm", Subject.CHANGES, [a_change(DealField.STAGE, EARLIER, "new")])
    return begin


def looked(begin: Begin, kind: Verify) -> Action:
    with begin("acme") as state:
        state.actions.put([a_step(kind)])
    verify(begin, "acme", as_of=LATER.date(), now=LATER, calendar_of=BusinessCalendar)
    with begin("acme") as state:
        (step,) = state.actions.of(REP)
    return step


@pytest.mark.parametrize("kind", list(SHOWN))
def test_a_step_is_seen_in_what_was_pulled(house: Begin, kind: Verify) -> None:
    before = looked(house, kind)
    assert (before.status, before.seen) == (ActionStatus.OPEN, False)
    with house("acme") as state:
        for subject, records in SHOWN[kind].items():
            state.crm.remember("crm", subject, records)
    after = looked(house, kind)
    assert (after.status, after.seen, after.ticked) == (ActionStatus.DONE, True, False)


def test_pasts_and_leads_are_read_only_for_steps_that_ask_for_them(house: Begin) -> None:
    with house("acme") as state:
        state.crm.remember("crm", Subject.LEADS, SHOWN[Verify.LEADS][Subject.LEADS])
        plain = look(state, [a_step(Verify.NEXT_STEP)]).pulled
        asking = look(state, [a_step(Verify.STAGE), a_step(Verify.LEADS)]).pulled
    assert (len(plain.changes), len(plain.leads)) == (0, 0)
    assert (len(asking.changes), len(asking.leads)) == (1, 1)

"""Stages, dates, offers, people and enquiries that show that an action was done."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.actions.evidence import evidence_of
from crm_loop.actions.pulled import Pulled
from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import (
    Action,
    Member,
    Origin,
    RecordRef,
    Role,
    Verify,
    VerifyRule,
    step_of,
)
from crm_loop.records import (
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    DealChange,
    DealField,
    Lead,
    LeadChange,
    Participant,
    Quote,
    Task,
)
from crm_loop.store.actions import verify_rule, verify_text

JP = BusinessCalendar("JP")
#: A Tuesday at 11:00 in Tokyo.
AGREED = datetime(2026, 6, 16, 2, tzinfo=UTC)
EARLIER, LATER = AGREED - timedelta(days=8), AGREED + timedelta(hours=5)
DEAL, OTHER = (RecordRef(connection="crm", object="deal", id=one) for one in ("d1", "d2"))
REP = Member(
    person="rep@example.com", name="田中 一郎", family_name="田中", role=Role.AE, manager=None,
    language="ja", country="JP", time_zone="Asia/Tokyo", accounts={"crm": "u1"},
)  # fmt: skip
STAGES = {"new": "S1", "fit": "S2", "offer": "S3", "talk": "S4", "won": "won", "lost": "lost"}
CANONICAL = {("crm", "main", stage): canonical for stage, canonical in STAGES.items()}


def agreed(kind: Verify, *also: Verify, **rule: Any) -> Action:
    return Action(
        id="1", who=REP.person, manager=None, week="2026-W25", origin=Origin.REP, text="",
        due=date(2026, 6, 19), created_at=AGREED, connection="crm", key="cl1t",
        verify=VerifyRule(kind=kind, also=also, **({"deals": (DEAL,)} | rule)),
    )  # fmt: skip


def deal(id_: str = "d1") -> Deal:
    return Deal(
        id=id_, name="", owner_id="u1", account_id=None, pipeline="main", stage="new",
        is_closed=False, is_won=False, amount=Decimal(1), currency="JPY", close_date=None,
        created_at=EARLIER, modified_at=EARLIER,
    )  # fmt: skip


def past(what: DealField, *changes: tuple[datetime, str], of: str = "d1") -> Pulled:
    """A deal whose past is this, one moment and value after the other."""
    rows = [
        ("crm", DealChange(id=f"h{n}", deal_id=of, at=at, field=what, value=value))
        for n, (at, value) in enumerate(changes)
    ]
    deals = {("crm", one): deal(one) for one in ("d1", "d2")}
    return Pulled(deals=deals, changes=rows, canonical=CANONICAL)


def shown(action: Action, pulled: Pulled) -> list[str]:
    return [one.record.id for one in evidence_of(action, REP, pulled, JP)]


@pytest.mark.parametrize(
    ("kind", "before", "since", "is_shown"),
    [
        (Verify.STAGE, ["new"], ["fit"], True),
        (Verify.STAGE, ["new"], ["talk"], True),
        (Verify.STAGE, ["new"], ["won"], True),
        (Verify.STAGE, ["fit"], ["new"], False),
        (Verify.STAGE, ["fit"], ["fit"], False),
        (Verify.STAGE, ["fit"], ["lost"], False),
        (Verify.STAGE, ["offer", "lost"], ["offer"], False),
        (Verify.STAGE, ["offer", "fit"], ["offer"], True),
        (Verify.STAGE, ["new"], ["nobody's"], False),
        (Verify.STAGE, [], ["fit"], False),
        (Verify.STAGE, [], ["new", "fit"], True),
        (Verify.STAGE, ["new", "fit"], [], False),
        (Verify.PROPOSAL, ["fit"], ["offer"], True),
        (Verify.PROPOSAL, ["new"], ["talk"], True),
        (Verify.PROPOSAL, ["new"], ["fit"], False),
        (Verify.PROPOSAL, ["offer"], ["talk"], False),
        # It had been offered before.
        (Verify.PROPOSAL, ["offer", "fit"], ["offer"], False),
        (Verify.LOST, ["fit"], ["lost"], True),
        (Verify.LOST, ["fit"], ["won"], False),
        (Verify.LOST, ["lost"], [], False),
    ],
)
def test_what_became_of_a_deal_since_it_was_agreed_shows_what_the_rule_asks_for(
    kind: Verify,
    before: list[str],
    since: list[str],
    is_shown: bool,  # noqa: FBT001 - a case
) -> None:
    rows = [(EARLIER + timedelta(minutes=n), one) for n, one in enumerate(before)]
    rows += [(LATER + timedelta(minutes=n), one) for n, one in enumerate(since)]
    assert shown(agreed(kind), past(DealField.STAGE, *rows)) == ["d1"] * is_shown


@pytest.mark.parametrize(
    ("changes", "is_shown"),
    [
        ([(EARLIER, "2026-06-10"), (LATER, "2026-07-31")], True),
        # A date that was written anew as it was is the same date.
        ([(EARLIER, "2026-06-10"), (LATER, "2026-06-10")], False),
        ([(EARLIER, "2026-06-10"), (LATER, "")], False),
        ([(EARLIER, "2026-07-31")], False),
    ],
)
def test_another_close_date_shows_that_the_date_was_looked_at(
    changes: list[tuple[datetime, str]],
    is_shown: bool,  # noqa: FBT001 - a case
) -> None:
    pulled = past(DealField.CLOSE_DATE, *changes)
    assert shown(agreed(Verify.CLOSE_DATE), pulled) == ["d1"] * is_shown


@pytest.mark.parametrize(
    ("rule", "what", "of"),
    [(Verify.STAGE, DealField.CLOSE_DATE, "d1"), (Verify.CLOSE_DATE, DealField.STAGE, "d1"),
     (Verify.STAGE, DealField.STAGE, "d2"), (Verify.CLOSED_TASK, DealField.STAGE, "d1")],
)  # fmt: skip
def test_what_changed_elsewhere_shows_nothing(rule: Verify, what: DealField, of: str) -> None:
    assert shown(agreed(rule), past(what, (EARLIER, "new"), (LATER, "fit"), of=of)) == []


def a_quote(**known: Any) -> Quote:
    base: dict[str, Any] = {"id": "q1", "deal_id": "d1", "created_at": LATER,
                            "modified_at": LATER, "sent": True}  # fmt: skip
    return Quote(**(base | known))


@pytest.mark.parametrize(
    ("quote", "is_shown"),
    [
        (a_quote(), True),
        (a_quote(sent=False), False),
        (a_quote(deal_id="d2"), False),
        (a_quote(created_at=EARLIER, sent_at=LATER), True),
        (a_quote(created_at=EARLIER, sent_at=EARLIER), False),
        # Nobody says when this one was sent; it may well have been before.
        (a_quote(created_at=EARLIER), False),
    ],
)
def test_an_offer_counts_from_when_it_was_sent(
    quote: Quote,
    is_shown: bool,  # noqa: FBT001 - a case
) -> None:
    pulled = replace(past(DealField.STAGE, (EARLIER, "fit")), quotes=[("crm", quote)])
    assert shown(agreed(Verify.PROPOSAL), pulled) == ["d1"] * is_shown


def test_a_deal_that_shows_it_in_two_ways_counts_once_and_from_the_first() -> None:
    pulled = past(DealField.STAGE, (EARLIER, "fit"), (LATER + timedelta(days=1), "offer"))
    step = Task(id="t1", owner_id="u1", deal_id="d1", due=date(2026, 6, 30), is_closed=False,
                created_at=LATER, modified_at=LATER)  # fmt: skip
    pulled = replace(pulled, tasks=[("crm", step)])
    both = agreed(Verify.NEXT_STEP, Verify.PROPOSAL)
    assert shown(both, pulled) == ["t1"]
    assert shown(both, replace(pulled, tasks=[])) == ["d1"]
    assert shown(agreed(Verify.NEXT_STEP), replace(pulled, tasks=[])) == []


def test_of_several_deals_each_counts_by_itself() -> None:
    step = agreed(Verify.CLOSE_DATE, deals=(DEAL, OTHER))
    pulled = past(DealField.CLOSE_DATE, (LATER, "2026-07-31"), of="d2")
    assert shown(step, pulled) == ["d2"]


def did(id_: str, kind: ActivityKind = ActivityKind.MEETING, **known: Any) -> tuple[str, Activity]:
    base: dict[str, Any] = {
        "id": id_, "kind": kind, "owner_id": "u1", "deal_id": "d1", "account_id": None,
        "start": LATER, "logged_at": LATER, "status": ActivityStatus.HELD,
    }  # fmt: skip
    return "crm", Activity(**(base | known))


def guest(activity: str, contact: str, **known: Any) -> tuple[str, Participant]:
    return "crm", Participant(id=f"{activity}{contact}", activity_id=activity, contact_id=contact,
                              **known)  # fmt: skip


def test_people_of_the_customer_are_counted_once_each_whoever_named_them() -> None:
    planned = did("m2", status=ActivityStatus.SCHEDULED, contact_ids=("c1", "c2"),
                  start=LATER + timedelta(days=9))  # fmt: skip
    pulled = Pulled(
        activities=[did("m1", contact_ids=("c1",)), planned],
        participants=[guest("m1", "c3"), guest("m1", "c4", declined=True)],
    )
    assert shown(agreed(Verify.CONTACTS, target=2), pulled) == ["c1", "c2", "c3"]


@pytest.mark.parametrize(
    "meeting",
    [
        did("m1", contact_ids=("c1",), logged_at=EARLIER),
        did("m1", contact_ids=("c1",), deal_id="d2"),
        did("m1", contact_ids=("c1",), status=ActivityStatus.CANCELED),
        did("m1", contact_ids=("c1",), kind=ActivityKind.CALL),
        did("m1"),
    ],
)
def test_a_meeting_without_them_shows_nobody(meeting: tuple[str, Activity]) -> None:
    assert shown(agreed(Verify.CONTACTS, target=2), Pulled(activities=[meeting])) == []


def test_whom_somebody_is_to_meet_is_met_on_the_day_of_the_meeting() -> None:
    step = agreed(Verify.CONTACTS, activity="meeting")
    ahead = did("m1", contact_ids=("c1",), start=LATER + timedelta(days=9))
    held = did("m2", contact_ids=("c1",), start=LATER + timedelta(hours=1))
    (one,) = evidence_of(step, REP, Pulled(activities=[ahead]), JP)
    assert one.start == ahead[1].start
    (one,) = evidence_of(step, REP, Pulled(activities=[ahead, held]), JP)
    assert one.start == held[1].start


def a_lead(**known: Any) -> Lead:
    base: dict[str, Any] = {"id": "l1", "owner_id": "u1", "created_at": LATER,
                            "modified_at": LATER}  # fmt: skip
    return Lead(**(base | known))


def a_call(minutes: int, **known: Any) -> tuple[str, Activity]:
    at = LATER + timedelta(minutes=minutes)
    base: dict[str, Any] = {"deal_id": None, "lead_id": "l1", "start": at, "logged_at": at}
    return did("c1", ActivityKind.CALL, **(base | known))


@pytest.mark.parametrize(
    ("lead", "call", "is_shown"),
    [
        (a_lead(), a_call(60), True),
        (a_lead(), a_call(61), False),
        # From 16:00 in Tokyo on, the night is no time in which anybody waits.
        (a_lead(created_at=AGREED + timedelta(hours=6, minutes=30)),
         a_call(17 * 60 + 20), True),
        (a_lead(created_at=EARLIER), a_call(5), False),
        (a_lead(created_at=EARLIER, assigned_at=LATER), a_call(5), True),
        (a_lead(owner_id="u2"), a_call(5), False),
        (a_lead(), a_call(5, owner_id="u2"), False),
        (a_lead(), a_call(5, outbound=False), False),
        (a_lead(), a_call(5, status=ActivityStatus.CANCELED), False),
        (a_lead(), a_call(5, lead_id="l2"), False),
        (a_lead(contact_id="p1"), a_call(5, lead_id=None, contact_ids=("p1",)), True),
        (a_lead(), a_call(-5), False),
    ],
)  # fmt: skip
def test_a_lead_counts_that_its_owner_tried_to_reach_within_an_hour_of_business(
    lead: Lead,
    call: tuple[str, Activity],
    is_shown: bool,  # noqa: FBT001 - a case
) -> None:
    pulled = Pulled(leads=[("crm", lead)], activities=[call])
    assert shown(agreed(Verify.LEADS, target=3, deals=()), pulled) == ["l1"] * is_shown


def test_a_lead_that_was_handed_on_waits_from_then() -> None:
    handed = LeadChange(id="1", lead_id="l1", at=LATER, owner_id="u1")
    lead = a_lead(created_at=EARLIER)
    pulled = Pulled(leads=[("crm", lead)], lead_changes=[("crm", handed)], activities=[a_call(5)])
    assert shown(agreed(Verify.LEADS, deals=()), pulled) == ["l1"]


def test_whom_an_invitation_names_was_reached_too() -> None:
    mail = a_call(5, lead_id=None, id="c1")
    invited = ("crm", Participant(id="p", activity_id="c1", lead_id="l1"))
    pulled = Pulled(leads=[("crm", a_lead())], activities=[mail], participants=[invited])
    assert shown(agreed(Verify.LEADS, deals=()), pulled) == ["l1"]


def test_other_ways_of_showing_it_are_kept_with_the_rule_and_make_no_other_kind_of_step() -> None:
    plain = agreed(Verify.NEXT_STEP).verify
    both = agreed(Verify.NEXT_STEP, Verify.PROPOSAL).verify
    assert [verify_rule(verify_text(one)) for one in (plain, both)] == [plain, both]
    assert "also" not in verify_text(plain)
    assert step_of(both) == step_of(plain) == "V2"

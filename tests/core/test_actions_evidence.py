"""Which e-mails and calls show that an action was done."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm_loop.actions.evidence import evidence_of, met_of
from crm_loop.actions.pulled import Pulled
from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import Action, Member, Origin, Role, Verify, VerifyRule, step_of
from crm_loop.records import Activity, ActivityKind, ActivityStatus
from crm_loop.store.actions import verify_rule, verify_text

JP = BusinessCalendar("JP")
TUESDAY = datetime(2026, 6, 16, 2, tzinfo=UTC)
REP = Member(
    person="rep@example.com", name="田中 一郎", family_name="田中", role=Role.AE, manager=None,
    language="ja", country="JP", time_zone="Asia/Tokyo", accounts={"crm": "u1"},
)  # fmt: skip


def agreed(kind: ActivityKind) -> Action:
    return Action(
        id="1", who=REP.person, manager=None, week="2026-W25", origin=Origin.REP, text="",
        due=date(2026, 6, 19), created_at=TUESDAY, connection="crm", key="cl1t",
        verify=VerifyRule(kind=Verify.ACTIVITIES, target=1, activity=kind.value),
    )  # fmt: skip


def done(id_: str, kind: ActivityKind = ActivityKind.EMAIL, **known: Any) -> Activity:
    base: dict[str, Any] = {
        "id": id_, "kind": kind, "owner_id": "u1", "deal_id": None, "account_id": None,
        "start": TUESDAY, "logged_at": TUESDAY, "status": ActivityStatus.HELD,
    }  # fmt: skip
    return Activity(**(base | known))


def shown(kind: ActivityKind, *records: Activity) -> list[str]:
    found = evidence_of(agreed(kind), REP, Pulled(activities=[("crm", one) for one in records]), JP)
    return [one.record.id for one in found]


@pytest.mark.parametrize(("outbound", "ids"), [(True, ["m1"]), (False, []), (None, [])])
def test_only_an_email_that_the_rep_surely_wrote_shows_anything(
    outbound: bool | None,  # noqa: FBT001 - a case
    ids: list[str],
) -> None:
    assert shown(ActivityKind.EMAIL, done("m1", outbound=outbound)) == ids


def test_a_to_do_and_its_message_are_one_email_of_whoever_has_the_to_do() -> None:
    message = done("m1", owner_id="u9", outbound=True, same_as="t1")
    assert shown(ActivityKind.EMAIL, done("t1"), message) == ["t1"]


def test_an_answer_of_the_customer_shows_nothing() -> None:
    message = done("m1", outbound=False, same_as="t1")
    assert shown(ActivityKind.EMAIL, done("t1"), message) == []


def test_a_call_without_a_direction_was_made_by_whoever_logged_it() -> None:
    call = ActivityKind.CALL
    assert shown(call, done("c1", call), done("c2", call, outbound=False)) == ["c1"]


def first_meetings(*before: tuple[int, str]) -> list[str]:
    """Which of three meetings count for a step that asks for new customers.

    `before` are earlier meetings of a colleague's: how many days before, and with whom.
    """
    meeting = ActivityKind.MEETING
    step = agreed(meeting)
    step = replace(step, verify=replace(step.verify, new_account=True))
    mine = [done("m1", meeting, account_id="a1"), done("m2", meeting, account_id="a2"),
            done("m3", meeting)]  # fmt: skip
    others = [
        done(f"b{n}", meeting, account_id=who, owner_id="u9", start=TUESDAY - timedelta(days=days))
        for n, (days, who) in enumerate(before)
    ]
    met = met_of([("crm", one) for one in (*mine, *others)])
    pulled = Pulled(activities=[("crm", one) for one in mine], met=met)
    found = evidence_of(step, REP, pulled, JP)
    return [one.record.id for one in found]


def test_a_first_meeting_is_with_a_customer_whom_nobody_had_met_for_half_a_year() -> None:
    assert first_meetings() == ["m1", "m2"]
    assert first_meetings((30, "a1")) == ["m2"]
    assert first_meetings((180, "a1"), (181, "a2")) == ["m2"]


def test_of_two_meetings_with_a_new_customer_one_is_the_first() -> None:
    meeting = ActivityKind.MEETING
    step = agreed(meeting)
    step = replace(step, verify=replace(step.verify, new_account=True))
    two = [("crm", done(one, meeting, account_id="a1")) for one in ("m1", "m2")]
    found = evidence_of(step, REP, Pulled(activities=two, met=met_of(two)), JP)
    assert [one.record.id for one in found] == ["m1"]


def test_any_meeting_counts_for_a_step_that_asks_for_meetings() -> None:
    meeting = ActivityKind.MEETING
    assert shown(meeting, done("m1", meeting, account_id="a1")) == ["m1"]


def test_what_a_step_asks_for_is_kept_and_a_first_meeting_is_a_kind_of_its_own() -> None:
    plain = agreed(ActivityKind.MEETING).verify
    first = replace(plain, new_account=True)
    assert [verify_rule(verify_text(one)) for one in (plain, first)] == [plain, first]
    assert "new_account" not in verify_text(plain)
    assert [step_of(one) for one in (plain, first)] == ["V1:meeting", "V1:first_meeting"]

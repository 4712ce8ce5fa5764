"""Which e-mails and calls show that an action was done."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_loop.actions.evidence import evidence_of
from crm_loop.loop_records import Action, Member, Origin, Role, Verify, VerifyRule
from crm_loop.records import Activity, ActivityKind, ActivityStatus

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
    found = evidence_of(agreed(kind), REP, [("crm", one) for one in records], [])
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

"""What each step changes in a row, at the edges."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from rig.memory_crm import KEY, NOW, an_intent
from rig.memory_ledger import MemoryLedger

from crm_loop.connector.contract import Op
from crm_loop.loop_records import SeenTask, WriteState
from crm_loop.store import Begin, write_steps
from crm_loop.store.clock import IMPLAUSIBLE
from crm_loop.store.write_rows import Settlement, Write
from crm_loop.store.write_states import Event
from crm_loop.write_back.service import approve, plan

SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)


def a_row(**values: object) -> Write:
    ledger = MemoryLedger()
    ledger.plan([an_intent()], run="r")
    return replace(ledger.kept[KEY], **values)


def is_due(row: Write, now: datetime = NOW) -> bool:
    return write_steps.is_due(row, now=now, business_now=NOW)


def test_what_is_sent_is_in_doubt_until_after_the_end_of_its_lease() -> None:
    row = a_row(state=WriteState.CLAIMED, lease_until=NOW + LEASE)
    sent = write_steps.sent(row, at=NOW)
    assert sent["doubt_until"] == NOW + LEASE + write_steps.APPLIED_LATE


def test_an_older_doubt_that_ends_later_is_kept() -> None:
    later = NOW + 10 * LEASE
    row = a_row(state=WriteState.CLAIMED, lease_until=NOW + LEASE, doubt_until=later)
    assert write_steps.sent(row, at=NOW)["doubt_until"] == later


@pytest.mark.parametrize(
    ("until", "free"),
    [
        (None, True),
        (NOW, True),
        (NOW + SECOND, False),
        (NOW + IMPLAUSIBLE, False),
        (NOW + IMPLAUSIBLE + SECOND, True),
    ],
)
def test_a_lease_holds_until_it_ends_unless_it_cannot_be_true(
    until: datetime | None, *, free: bool
) -> None:
    assert is_due(a_row(state=WriteState.SENT, lease_until=until)) is free
    assert is_due(a_row(state=WriteState.APPROVED, doubt_until=until)) is free


def test_an_approved_write_waits_for_its_moment() -> None:
    assert is_due(a_row(state=WriteState.APPROVED))
    assert not is_due(a_row(state=WriteState.APPROVED, not_before=NOW + SECOND))
    assert not is_due(a_row(state=WriteState.PLANNED))


def test_a_first_text_is_undone_by_deleting_a_second_one_by_restoring() -> None:
    row = a_row(state=WriteState.CONFIRMED, written_body="memo", crm_id="1")
    first = write_steps.undone(row, by="operator", run="u")
    second = write_steps.undone(replace(row, before_body="older"), by="operator", run="u")
    assert first is not None
    assert second is not None
    assert (first["op"], second["op"], second["body"]) == (Op.DELETE, Op.UPDATE, "older")


@pytest.mark.parametrize("state", [s for s in WriteState if s is not WriteState.CONFIRMED])
def test_only_what_stands_can_be_undone(state: WriteState) -> None:
    assert write_steps.undone(a_row(state=state, written_body="m"), by="o", run="u") is None


def test_a_text_that_may_be_on_its_way_is_not_replaced_yet() -> None:
    row = a_row(state=WriteState.APPROVED, sent_at=NOW, doubt_until=NOW + LEASE)
    newer = an_intent(body="newer")
    assert write_steps.revised(row, newer, run="r") is None
    assert write_steps.revised(replace(row, sent_at=None), newer, run="r") is not None


def test_each_further_text_is_a_newer_revision() -> None:
    row = a_row(state=WriteState.CONFIRMED, written_body="memo", crm_id="1", revision=3)
    newer = (
        write_steps.revised(row, an_intent(body="newer"), run="r"),
        write_steps.undone(row, by="operator", run="u"),
        write_steps.rewritten(row, by="rule"),
    )
    assert [values and values["revision"] for values in newer] == [4, 4, 4]


def test_what_did_not_come_to_stand_counts_as_one_more_attempt() -> None:
    row = a_row(state=WriteState.SENT, attempts=2)
    refused = Settlement(key=KEY, token=row.token, event=Event.REFUSE)
    assert write_steps.settled(row, refused, at=NOW)["attempts"] == 3


def test_whoever_wants_another_text_is_told_that_it_is_taken(begin: Begin) -> None:
    plan(begin, "acme", [an_intent()], run="r")
    assert plan(begin, "acme", [an_intent(body="newer")], run="r") == [KEY]
    assert plan(begin, "acme", [an_intent(body="newer")], run="r") == []


def test_a_record_that_was_deleted_before_it_was_confirmed_is_not_put_aside(begin: Begin) -> None:
    plan(begin, "acme", [an_intent()], run="r")
    approve(begin, "acme", [KEY], by="rule", at=NOW)
    gone = SeenTask(key=KEY, body="", is_closed=False, deleted=True, owner_id=None, seen_at=NOW)
    with begin("acme") as state:
        state.writes.see([gone])
        assert state.writes.rows()[0].state is WriteState.APPROVED

"""What every connector must do, as tests that it inherits.

`ConnectorContract` is for pytest: a subclass gives the fixtures `connector` (new, on an account
that was just reset) and `crm` (a person at that account's own screens, and its faults).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, replace
from datetime import datetime, timedelta
from typing import Any
from unittest import SkipTest

from crm_loop.connector.contract import Connector, Op, Result, TaskFields
from crm_loop.connector.desk import Crm, desk, last_cursor, rows
from crm_loop.connector.memory import MemoryPorts
from crm_loop.errors import CrmLoopError, Transient
from crm_loop.records import RECORDS, Subject

__all__ = ["ConnectorContract", "Crm", "MemoryPorts", "desk", "last_cursor", "rows"]

#: Arguments of the tests below, by name.
CASES: Mapping[str, Sequence[str]] = {
    # The write was applied and its writer does not know it.
    "lost": (
        "apply_then_500",
        "reset_after_apply",
        "apply_then_truncate",
        "apply_then_html",
        "apply_then_timeout",
    ),
    "unsent": ("refuse", "reset_before"),
    "broken": (
        "refuse",
        "apply_then_500",
        "apply_then_html",
        "apply_then_truncate",
        "unauthorized",
        "limit_daily",
        "limit_secondly",
    ),
    "listed": (Subject.PEOPLE, Subject.STAGES, Subject.DEALS),
    "small": (Subject.PEOPLE, Subject.STAGES, Subject.QUOTAS, Subject.RATES, Subject.PERIODS),
}


class ConnectorContract:
    """Inherit, give the two fixtures, and every promise of the contract is tested."""

    def pytest_generate_tests(self, metafunc: Any) -> None:
        for name, values in CASES.items():
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, values)

    def test_every_subject_can_be_pulled_or_is_said_to_be_missing(
        self, connector: Connector
    ) -> None:
        capabilities = connector.capabilities()
        missing = {Subject(name) for name in capabilities.missing}
        assert capabilities.subjects | missing == set(Subject)
        assert not capabilities.subjects & missing
        assert all(capabilities.missing.values())

    def test_everything_pulled_has_its_kind_an_id_and_aware_moments(
        self, connector: Connector
    ) -> None:
        for subject in sorted(connector.capabilities().subjects):
            for record in rows(connector, subject):
                moments = [one for one in astuple(record) if isinstance(one, datetime)]
                assert type(record) is RECORDS[subject]
                assert record.id
                assert all(one.tzinfo is not None for one in moments)

    def test_no_row_comes_twice(self, connector: Connector, listed: Subject) -> None:
        ids = [row.id for row in rows(connector, listed)]
        assert ids
        assert len(ids) == len(set(ids))

    def test_small_subjects_are_read_whole(self, connector: Connector, small: Subject) -> None:
        if small not in connector.capabilities().subjects:
            raise SkipTest(f"this account has no {small}")
        (batch,) = connector.pull(small, None)
        assert batch.complete
        assert batch.rows

    def test_a_second_pull_reads_only_what_changed(self, connector: Connector, crm: Crm) -> None:
        crm.advance(1)
        cursor = last_cursor(connector, Subject.DEALS)
        changed = crm.change_a_deal()
        _a_day_later(connector, crm)
        again = list(connector.pull(Subject.DEALS, cursor))
        assert {row.id for batch in again for row in batch.rows} == {changed}
        assert not [gone for batch in again for gone in batch.removed]

    def test_a_pull_after_nothing_brings_nothing(self, connector: Connector, crm: Crm) -> None:
        crm.advance(1)
        cursor = last_cursor(connector, Subject.DEALS)
        _a_day_later(connector, crm)
        assert not rows(connector, Subject.DEALS, cursor)

    def test_a_deleted_deal_is_among_the_removed(self, connector: Connector, crm: Crm) -> None:
        cursor = last_cursor(connector, Subject.DEALS)
        gone = crm.delete_a_deal()
        _a_day_later(connector, crm)
        again = list(connector.pull(Subject.DEALS, cursor))
        assert gone in [one for batch in again for one in batch.removed]

    def test_a_created_task_is_found_as_it_was_written(self, connector: Connector) -> None:
        at = desk(connector)
        change = at.made()
        found = at.there(change)
        assert _without_end(found.fields) == _without_end(change.fields)
        assert (found.is_closed, found.deleted, found.copies) == (False, False, 1)

    def test_the_same_create_twice_is_noticed(self, connector: Connector, crm: Crm) -> None:
        """One record where the CRM refuses a second one, else copies that look_up counts."""
        at = desk(connector)
        first = at.made()
        second = at.apply(replace(first, op=Op.CREATE, crm_id=None))
        if connector.capabilities().unique_key:
            assert (second.result, second.crm_id) == (Result.ALREADY_THERE, first.crm_id)
            assert crm.creates(first.key) == 1
        else:
            assert at.there(replace(first, crm_id=None)).copies == 2

    def test_an_outcome_names_the_call_as_the_crm_does(
        self, connector: Connector, crm: Crm
    ) -> None:
        at = desk(connector)
        created = at.apply(at.create())
        change = replace(at.create(), op=Op.UPDATE, crm_id=created.crm_id)
        updated = at.apply(change)
        requests = crm.requests(change.key)
        assert (created.request_id, updated.request_id) == (requests[0], requests[-1])
        assert requests[0] != requests[-1]

    def test_a_lost_answer_is_unknown_and_looked_up(
        self, connector: Connector, crm: Crm, lost: str
    ) -> None:
        at = desk(connector)
        crm.arm(lost, writing=True)
        assert at.apply(at.create()).result is Result.UNKNOWN
        assert at.there(at.create()).copies == crm.creates(at.create().key) == 1

    def test_a_request_that_never_arrived_is_neither_lost_nor_doubled(
        self, connector: Connector, crm: Crm, unsent: str
    ) -> None:
        at = desk(connector)
        crm.arm(unsent, writing=True)
        assert at.result(at.create()) in (Result.UNKNOWN, Result.NOT_SENT)
        assert at.found(at.create()) is None
        assert at.result(at.create()) is Result.DONE
        assert crm.creates(at.create().key) == 1

    def test_a_refused_row_does_not_hinder_its_neighbours(
        self, connector: Connector, crm: Crm
    ) -> None:
        at = desk(connector)
        crm.arm("validation_rule")
        changes = [at.create(number) for number in (1, 2, 3)]
        results = [one.result for one in connector.apply(changes)]
        assert sorted(results) == [Result.DONE, Result.DONE, Result.REFUSED]
        made = [crm.creates(change.key) for change in changes]
        assert made == [int(result is Result.DONE) for result in results]

    def test_a_task_deleted_by_a_person_is_found_as_deleted(
        self, connector: Connector, crm: Crm
    ) -> None:
        at = desk(connector)
        change = at.made()
        crm.delete_task(change.key)
        assert at.there(change).deleted
        assert at.result(change) is Result.GONE

    def test_a_persons_edit_is_seen(self, connector: Connector, crm: Crm) -> None:
        at = desk(connector)
        change = at.made()
        crm.edit_task(change.key, "自分で書き直しました")
        wanted = replace(change.fields, body="自分で書き直しました")
        assert _without_end(at.there(change).fields) == wanted

    def test_a_persons_tick_is_seen(self, connector: Connector, crm: Crm) -> None:
        at = desk(connector)
        change = at.made()
        crm.close_task(change.key)
        assert at.there(change).is_closed

    def test_an_update_rewrites_the_body_only(self, connector: Connector) -> None:
        at = desk(connector)
        change = at.made()
        later = change.fields.due + timedelta(days=9)
        other = replace(change.fields, subject="別の件名", body="新しい本文", due=later)
        assert at.result(replace(change, fields=other)) is Result.DONE
        wanted = replace(change.fields, body="新しい本文")
        assert _without_end(at.there(change).fields) == wanted

    def test_a_task_we_close_is_done_and_nothing_else_of_it_changes(
        self, connector: Connector
    ) -> None:
        at = desk(connector)
        change = at.made()
        other = replace(change.fields, subject="別の件名", body="新しい本文")
        closing = replace(change, op=Op.CLOSE, fields=other)
        assert at.result(closing) is Result.DONE
        assert at.result(closing) is Result.DONE
        found = at.there(change)
        assert found.is_closed
        assert _without_end(found.fields) == _without_end(change.fields)

    def test_a_task_that_a_person_deleted_is_not_closed(
        self, connector: Connector, crm: Crm
    ) -> None:
        at = desk(connector)
        change = at.made()
        crm.delete_task(change.key)
        assert at.result(replace(change, op=Op.CLOSE)) is Result.GONE

    def test_a_task_we_deleted_is_gone(self, connector: Connector) -> None:
        at = desk(connector)
        change = replace(at.made(), op=Op.DELETE)
        assert at.result(change) is Result.DONE
        assert at.result(change) in (Result.GONE, Result.DONE)
        found = at.found(change)
        assert found is None or found.deleted

    def test_a_token_turned_down_while_reading_is_renewed(
        self, connector: Connector, crm: Crm
    ) -> None:
        whole = rows(connector, Subject.DEALS)
        crm.arm("unauthorized", skip=1)
        assert rows(connector, Subject.DEALS) == whole
        assert rows(connector, Subject.ACCOUNTS)

    def test_a_busy_crm_writes_nothing(self, connector: Connector, crm: Crm) -> None:
        at = desk(connector)
        crm.arm("limit_secondly", writing=True, times=100)
        assert isinstance(_error(lambda: at.apply(at.create())), Transient)
        assert crm.creates(at.create().key) == 0

    def test_only_our_errors_come_out_of_reading(
        self, connector: Connector, crm: Crm, broken: str
    ) -> None:
        crm.arm(broken, times=1000)
        assert _error(lambda: rows(connector, Subject.DEALS)) is not None


def _a_day_later(connector: Connector, crm: Crm) -> None:
    """Time moves on, and the connector is asked for it, as before every round of pulls."""
    # What it was told when it was opened may be of before.
    connector.clock()
    before = connector.clock()
    crm.advance(1)
    assert connector.clock() == before + timedelta(days=1)


def _without_end(fields: TaskFields | None) -> TaskFields | None:
    """A CRM may drop the last line's end."""
    return fields and replace(fields, body=fields.body.rstrip("\n"))


def _error(act: Callable[[], object]) -> CrmLoopError | None:
    try:
        act()
    except CrmLoopError as error:
        return error
    return None

"""A portal without a unique key is not listed whole for what its index or a deal can tell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import pytest

from crm_loop.connector.contract import Change, Connector, Op, Result, Sought, TaskFields
from crm_loop.records import Subject

OBJECTS = "/crm/objects/2026-03"
LIST = "GET /crm/objects/{v}/tasks"
CREATE = f"{OBJECTS}/tasks/batch/create"
STRANGERS = 300
NUMBERS = count(1)


@dataclass(frozen=True)
class Busy:
    """A portal with many tasks, some of them gone, and a rep with a deal."""

    mirror: Any
    owner: str
    deal: str

    def task(self, *, deal: str | None = None) -> Change:
        fields = TaskFields(
            owner_id=self.owner, subject="電話", body="一行目", due=date(2026, 6, 19), deal_id=deal
        )
        return Change(key=f"cl1t{next(NUMBERS):040x}", op=Op.CREATE, fields=fields)

    def arm(self, kind: str, path: str) -> None:
        fault = {"kind": kind, "face": "hubspot", "path": path, "times": 50}
        self.mirror.server.post("/__faults", fault)

    def lists(self, connector: Connector, sought: Sought) -> tuple[bool, int]:
        """Whether it is found, and how many pages of tasks were listed for that."""
        self.mirror.server.post("/__log/reset")
        found = connector.look_up([sought])
        log = self.mirror.server.get("/__log")
        return sought.key in found, log.get(LIST, 0)


def sought_of(change: Change, *, sent: bool) -> Sought:
    fields = change.fields
    return Sought(
        key=change.key, owner_id=fields.owner_id, due=fields.due, deal_id=fields.deal_id, sent=sent
    )


@pytest.fixture(scope="module", params=["property", "body"])
def busy(request: Any, sandbox_server: Callable[..., Any], mirror_of: Any) -> Busy:
    server = sandbox_server(reps=6, weeks=8, tier="free", rate_limits="off")
    mirror = mirror_of(server, key_property=request.param == "property")
    mirror.connector().provision()
    mirror.pull()
    owner = next(p.id for p in mirror.rows[Subject.PEOPLE].values() if p.active)
    strange = {"hs_task_subject": "x", "hs_timestamp": "2026-06-18T15:30:00Z"}
    strange["hubspot_owner_id"] = owner
    for _ in range(STRANGERS // 100):
        mirror.write("POST", "tasks/batch/create", {"inputs": [{"properties": strange}] * 100})
    mirror.server.post("/__clock", {"advance_days": 1})
    return Busy(mirror, owner, min(mirror.rows[Subject.DEALS]))


@pytest.fixture
def connector(busy: Busy) -> Iterator[Connector]:
    connector = busy.mirror.connector()
    connector.capabilities()
    yield connector
    busy.mirror.server.clear_faults()


def test_what_was_never_sent_is_looked_for_in_the_index_alone(
    busy: Busy, connector: Connector
) -> None:
    assert busy.lists(connector, sought_of(busy.task(), sent=False)) == (False, 0)
    assert busy.lists(connector, sought_of(busy.task(deal=busy.deal), sent=False)) == (False, 0)


def test_what_a_lost_ledger_has_written_is_found_in_the_index(
    busy: Busy, connector: Connector
) -> None:
    task = busy.task()
    connector.apply([task])
    assert busy.lists(connector, sought_of(task, sent=False)) == (True, 0)


@pytest.mark.parametrize("kind", ["apply_then_500", "reset_after_apply"])
def test_a_step_in_doubt_is_found_on_its_deal_while_the_index_lags(
    busy: Busy, connector: Connector, kind: str
) -> None:
    task = busy.task(deal=busy.deal)
    busy.arm(kind, CREATE)
    busy.arm("index_lag", f"{OBJECTS}/tasks/search")
    assert connector.apply([task])[0].result is Result.UNKNOWN
    assert busy.lists(connector, sought_of(task, sent=True)) == (True, 0)


def test_a_step_that_is_not_on_its_deal_is_absent_without_a_list_of_living_tasks(
    busy: Busy, connector: Connector
) -> None:
    found, pages = busy.lists(connector, sought_of(busy.task(deal=busy.deal), sent=True))
    assert (found, pages) == (False, 1)  # the archived ones, of which there are few


def test_a_step_whose_deal_has_gone_meanwhile_is_found_all_the_same(
    busy: Busy, connector: Connector
) -> None:
    deal = busy.mirror.created("deals", {"dealname": "gone soon"})
    task = busy.task(deal=deal)
    connector.apply([task])
    busy.mirror.write("DELETE", f"deals/{deal}", None)
    busy.arm("index_lag", f"{OBJECTS}/tasks/search")
    found, pages = busy.lists(connector, sought_of(task, sent=True))
    assert found
    assert pages > STRANGERS // 100


def test_a_memo_in_doubt_is_found_by_the_list_while_the_index_lags(
    busy: Busy, connector: Connector
) -> None:
    task = busy.task()
    connector.apply([task])
    busy.arm("index_lag", f"{OBJECTS}/tasks/search")
    found, pages = busy.lists(connector, sought_of(task, sent=True))
    assert found
    assert pages > STRANGERS // 100


def test_copies_are_counted_by_the_index(busy: Busy, connector: Connector) -> None:
    task = busy.task()
    for _ in range(2):
        connector.apply([task])
    sought = sought_of(task, sent=False)
    assert connector.look_up([sought])[task.key].copies == 2


def test_many_keys_are_looked_for_in_one_go(busy: Busy, connector: Connector) -> None:
    tasks = [busy.task() for _ in range(130)]
    connector.apply(tasks)
    found = connector.look_up([sought_of(task, sent=False) for task in tasks])
    assert found.keys() == {task.key for task in tasks}

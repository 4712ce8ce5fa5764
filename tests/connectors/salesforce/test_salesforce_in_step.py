"""Pulling a served org again and again: in step with it, whatever happens in between."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from crm_loop.connector.contract import Account, Change, Connector, Cursor, Op, Result, TaskFields
from crm_loop.connector.memory import MemoryPorts
from crm_loop.errors import NeedsAttention
from crm_loop.records import Activity, ActivityStatus, Person, Record, Subject
from crm_loop_salesforce.connector import SalesforceConnector

#: Small pages, so that a small world has several.
PAGES = {"page_size": 200}
DATA = "/services/data/v67.0"


class Mirror:
    """Pulls the org as the core does, each time with a new connector, and keeps the rows."""

    def __init__(self, server: Any, **settings: Any) -> None:
        self.server = server
        self.access = server.get("/__access")["salesforce"]
        self.settings = {"allow_loopback": True, "org_id": self.access["org_id"], **settings}
        self.rows: dict[Subject, dict[str, Record]] = {subject: {} for subject in Subject}
        self._cursors: dict[Subject, Cursor | None] = {}

    def connector(self) -> Connector:
        account = Account(
            organisation="acme",
            connection="salesforce",
            url=self.access["login_url"],
            settings=self.settings,
            credentials={name: self.access[name] for name in ("client_id", "client_secret")},
        )
        return SalesforceConnector(account, MemoryPorts().ports, sleep=lambda _: None)

    def pull(self) -> None:
        connector = self.connector()
        subjects = connector.capabilities().subjects
        connector.clock()
        for subject in Subject:
            if subject in subjects:
                self._keep(subject, connector)

    def _keep(self, subject: Subject, connector: Connector) -> None:
        kept = self.rows[subject]
        for batch in connector.pull(subject, self._cursors.get(subject)):
            if batch.complete:
                kept.clear()
            kept |= {row.id: row for row in batch.rows}
            for gone in batch.removed:
                kept.pop(gone, None)
            self._cursors[subject] = batch.cursor


@pytest.fixture(scope="module")
def world(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=10, weeks=16, rate_limits="off")


@pytest.fixture
def pages(world: Any) -> Iterator[Mirror]:
    """A mirror that has read the org's first state, page by page."""
    world.post("/__reset")
    mirror = Mirror(world, **PAGES)
    mirror.pull()
    yield mirror
    world.clear_faults()


def assert_in_step(mirror: Mirror) -> None:
    """Everything that is kept equals what somebody who comes new would read."""
    mirror.server.clear_faults()
    whole = Mirror(mirror.server)
    whole.pull()
    for subject in Subject:
        assert mirror.rows[subject] == whole.rows[subject], subject


@pytest.mark.parametrize(
    "kind",
    ["unauthorized", "expire_locator", "reset_before", "apply_then_html", "apply_then_truncate"],
)
def test_a_fault_in_the_middle_of_a_list_loses_nothing(pages: Mirror, kind: str) -> None:
    fault = {"kind": kind, "face": "salesforce", "path": f"{DATA}/queryAll/"}
    pages.server.post("/__faults", fault)
    again = Mirror(pages.server, **PAGES)
    again.pull()
    (fault,) = pages.server.get("/__faults")["faults"]
    assert fault["fired"] == 1
    assert again.rows == pages.rows


@pytest.mark.parametrize("kind", [None, "short_page", "equal_stamp", "expire_locator"])
def test_later_pulls_stay_in_step_with_the_org(pages: Mirror, kind: str | None) -> None:
    if kind is not None:
        fault = {"kind": kind, "face": "salesforce", "path": DATA, "times": 50}
        pages.server.post("/__faults", fault)
    for days in (3, 1, 1):
        pages.server.post("/__turn", {"days": days})
        pages.pull()
    pages.server.clear_faults()
    pages.server.post("/__clock", {"advance_days": 1})
    pages.pull()
    assert_in_step(pages)


def test_a_meeting_is_held_once_its_time_has_come(pages: Mirror) -> None:
    def scheduled() -> set[str]:
        found = pages.rows[Subject.ACTIVITIES].values()
        wanted = ActivityStatus.SCHEDULED
        return {a.id for a in found if isinstance(a, Activity) and a.status is wanted}

    ahead = scheduled()
    pages.server.post("/__clock", {"advance_days": 30})
    pages.pull()
    assert ahead
    assert not scheduled()


def test_an_amount_that_gets_hidden_is_no_deal_without_money(pages: Mirror) -> None:
    fault = {"kind": "hide_field", "face": "salesforce"}
    pages.server.post("/__faults", fault)
    able = pages.connector().capabilities()
    assert able.missing["deals"] == "no_field:Opportunity.Amount"
    with pytest.raises(NeedsAttention):
        list(pages.connector().pull(Subject.DEALS, None))


def test_an_org_without_quotas_is_read_without_them(pages: Mirror) -> None:
    pages.server.post("/__faults", {"kind": "hide_object", "face": "salesforce"})
    able = pages.connector().capabilities()
    assert able.missing["quotas"] == "no_object:ForecastingQuota"
    pages.pull()


def test_a_new_task_has_the_status_that_the_org_calls_new(pages: Mirror) -> None:
    pages.server.post("/__faults", {"kind": "rename_status", "face": "salesforce"})
    pages.pull()
    people = pages.rows[Subject.PEOPLE].values()
    owner = next(one.id for one in people if isinstance(one, Person) and one.active)
    fields = TaskFields(owner_id=owner, subject="電話", body="", due=date(2026, 6, 19))
    change = Change(key=f"cl1t{1:040x}", op=Op.CREATE, fields=fields)
    assert [one.result for one in pages.connector().apply([change])] == [Result.DONE]
    entry = pages.server.get("/__journal")["entries"][-1]
    assert entry["fields"]["Status"] == "未着手"

"""Agendas and figures in the objects of our package, on a served org that has them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from crm_loop.connector.contract import Account, Result
from crm_loop.connector.marked import Wanted
from crm_loop.connector.memory import MemoryPorts
from crm_loop.connector.publishing import Figure, Publisher, Sheet, SheetItem
from crm_loop.records import Person, Subject
from crm_loop_salesforce.connector import SalesforceConnector

DATA = "/services/data/v67.0"
SESSION, ITEM = "CrmLoop_Session__c", "CrmLoop_Agenda_Item__c"
FIGURE = "CrmLoop_KPI_Snapshot__c"


class Packaged:
    """An org with our package, and what everybody there sees."""

    def __init__(self, server: Any) -> None:
        self.server = server
        access = server.get("/__access")["salesforce"]
        self.admin = server.get(f"/__access?user={access['username']}")["salesforce"]
        account = Account(
            organisation="acme",
            connection="salesforce",
            url=server.url,
            settings={"allow_loopback": True},
            credentials={name: access[name] for name in ("client_id", "client_secret")},
        )
        self.connector = SalesforceConnector(account, MemoryPorts().ports, sleep=lambda _: None)
        people = [row for batch in self.connector.pull(Subject.PEOPLE, None) for row in batch.rows]
        active = [one for one in people if isinstance(one, Person) and one.active]
        self.manager, self.rep, self.other = (one.id for one in active[:3])
        self.email = active[1].email

    def rows(self, table: str, *fields: str) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{self.server.url}{DATA}/query",
            params={"q": f"SELECT Id, {', '.join(fields)} FROM {table}"},  # noqa: S608 - our names
            headers={"Authorization": f"Bearer {self.admin['access_token']}"},
            timeout=20,
        )
        return [{name: row[name] for name in ("Id", *fields)} for row in answer.json()["records"]]

    def readers(self, table: str = SESSION) -> list[str]:
        """Who may open records of an object beside their owners."""
        share = table.replace("__c", "__Share")
        rows = self.rows(share, "UserOrGroupId", "RowCause")
        return [row["UserOrGroupId"] for row in rows if row["RowCause"] == "Manual"]

    def types(self, table: str, record_id: str, **fields: Any) -> None:
        """The rep writes into a record."""
        token = self.server.get(f"/__access?user={self.email}")["salesforce"]["access_token"]
        requests.patch(
            f"{self.server.url}{DATA}/sobjects/{table}/{record_id}",
            json=fields,
            headers={"Authorization": f"Bearer {token}"},
            timeout=20,
        ).raise_for_status()

    def makes(self, table: str, **fields: Any) -> None:
        """The rep makes a record."""
        token = self.server.get(f"/__access?user={self.email}")["salesforce"]["access_token"]
        requests.post(
            f"{self.server.url}{DATA}/sobjects/{table}",
            json=fields,
            headers={"Authorization": f"Bearer {token}"},
            timeout=20,
        ).raise_for_status()

    def sheet(self, summary: str = "今週の1on1") -> Sheet:
        items = [
            SheetItem(
                key=f"cl1i{number:040x}", title=f"話題 {number}", detail="詳しく", order=number
            )
            for number in (1, 2)
        ]
        return Sheet(
            key=f"cl1a{1:040x}",
            name="2026-W24 佐藤",
            rep_id=self.rep,
            manager_id=self.manager,
            starts_at=datetime(2026, 6, 15, 1, tzinfo=UTC),
            summary=summary,
            items=items,
        )

    def figure(self, number: int, actual: int) -> Figure:
        return Figure(
            key=f"cl1k{number:040x}",
            rep_id=self.rep,
            kpi="meetings_held",
            label="面談実施数",
            unit="count",
            higher_is_better=True,
            as_of=date(2026, 6, number),
            period_start=date(2026, 6, 1),
            period_end=date(2026, 6, 30),
            actual=Decimal(actual),
            target=Decimal(12),
        )


@pytest.fixture(scope="module")
def served(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=3, weeks=2, rate_limits="off", package="full")


@pytest.fixture
def org(served: Any) -> Packaged:
    served.post("/__reset")
    org = Packaged(served)
    if not org.connector.capabilities().own_objects:
        pytest.skip("this sandbox knows no package with objects")
    return org


def test_a_connector_of_an_org_with_the_package_publishes(org: Packaged) -> None:
    assert isinstance(org.connector, Publisher)


def test_an_agenda_belongs_to_its_rep_and_its_manager_reads_it(org: Packaged) -> None:
    (outcome,) = org.connector.publish_sheets([org.sheet()])
    assert outcome.result is Result.DONE
    (session,) = org.rows(SESSION, "OwnerId", "Summary__c")
    assert (session["OwnerId"], session["Summary__c"]) == (org.rep, "今週の1on1")
    assert org.readers() == [org.manager]
    assert [row["Title__c"] for row in org.rows(ITEM, "Title__c")] == ["話題 1", "話題 2"]


def test_tasks_that_people_link_to_a_session_are_told_from_all_others(org: Packaged) -> None:
    (outcome,) = org.connector.publish_sheets([org.sheet()])
    org.makes("Task", Subject="議題の下調べ", WhatId=outcome.crm_id, OwnerId=org.rep)
    org.makes("Task", Subject="見積を直す", OwnerId=org.rep, CrmLoop_Session__c=outcome.crm_id)
    org.makes("Task", Subject="ほかの用事", OwnerId=org.rep)
    sheets = {str(outcome.crm_id): org.sheet().key}
    found = org.connector.marked_tasks(
        Wanted(since=org.connector.clock() - timedelta(days=1), sheets=sheets)
    )
    assert {(one.subject, one.sheet) for one in found} == {
        ("議題の下調べ", org.sheet().key),
        ("見積を直す", org.sheet().key),
    }


def test_an_agenda_written_again_stays_one(org: Packaged) -> None:
    org.connector.publish_sheets([org.sheet()])
    org.connector.publish_sheets([org.sheet("直した本文")])
    assert [row["Summary__c"] for row in org.rows(SESSION, "Summary__c")] == ["直した本文"]
    assert len(org.rows(ITEM, "Title__c")) == 2


def test_the_share_follows_the_manager(org: Packaged) -> None:
    org.connector.publish_sheets([org.sheet()])
    org.connector.publish_sheets([replace(org.sheet(), manager_id=org.other)])
    assert org.readers() == [org.other]


def test_what_a_person_has_worked_on_is_only_read(org: Packaged) -> None:
    (outcome,) = org.connector.publish_sheets([org.sheet()])
    org.types(SESSION, str(outcome.crm_id), Rep_Topic__c="値引きの相談", Next_Step__c="見積を送る")
    (again,) = org.connector.publish_sheets([org.sheet("上書き")])
    assert again.result is Result.ALREADY_THERE
    assert [row["Summary__c"] for row in org.rows(SESSION, "Summary__c")] == ["今週の1on1"]


def test_what_a_person_typed_comes_back(org: Packaged) -> None:
    (outcome,) = org.connector.publish_sheets([org.sheet()])
    key = org.sheet().key
    assert not org.connector.read_sheets([key])[key].touched
    org.types(SESSION, str(outcome.crm_id), Rep_Topic__c="値引きの相談", Next_Step__c="見積を送る")
    written = org.connector.read_sheets([key])[key]
    assert (written.touched, written.rep_topic, written.next_step) == (
        True,
        "値引きの相談",
        "見積を送る",
    )


def test_topics_that_were_turned_down_or_added_are_told(org: Packaged) -> None:
    (outcome,) = org.connector.publish_sheets([org.sheet()])
    (first, _) = org.rows(ITEM, "Title__c")
    org.types(ITEM, first["Id"], Status__c="dismissed")
    org.makes(ITEM, Session__c=outcome.crm_id, Title__c="来月の進め方", Source__c="manual")
    written = org.connector.read_sheets([org.sheet().key])[org.sheet().key]
    assert (written.dismissed, written.added) == ((first["Title__c"],), ("来月の進め方",))


def test_only_a_standing_sheet_is_rewritten(org: Packaged) -> None:
    (made,) = org.connector.publish_sheets([org.sheet()])
    (gone,) = org.connector.withdraw_sheets([str(made.crm_id)])
    assert gone.result is Result.DONE
    assert org.connector.read_sheets([org.sheet().key])[org.sheet().key].deleted
    (again,) = org.connector.publish_sheets([replace(org.sheet(), crm_id=made.crm_id)])
    assert again.result is Result.GONE
    assert org.rows(SESSION, "Summary__c") == []


def test_a_sheet_opens_to_another_manager_once(org: Packaged) -> None:
    (made,) = org.connector.publish_sheets([org.sheet()])
    assert org.connector.share_sheets({str(made.crm_id): org.manager}) == 0
    assert org.connector.share_sheets({str(made.crm_id): org.other}) == 1
    assert org.readers() == [org.other]


def test_the_org_itself_says_whether_roles_above_can_open_a_sheet(org: Packaged) -> None:
    (made,) = org.connector.publish_sheets([org.sheet()])
    assert org.connector.is_open_above([]) is None
    assert org.connector.is_open_above([str(made.crm_id)]) is False


def test_a_share_is_written_in_per_cent(org: Packaged) -> None:
    rate = replace(org.figure(1, 0), unit="ratio", actual=Decimal("0.35"), target=Decimal("0.5"))
    org.connector.publish_figures([rate])
    (row,) = org.rows(FIGURE, "Actual__c", "Target__c")
    assert (row["Actual__c"], row["Target__c"]) == (35, 50)


def test_the_newest_figure_of_a_kpi_is_the_latest(org: Packaged) -> None:
    org.connector.publish_figures([org.figure(1, 4)])
    (outcome,) = org.connector.publish_figures([org.figure(8, 7)])
    assert outcome.result is Result.DONE
    rows = org.rows(FIGURE, "Actual__c", "Is_Latest__c")
    latest = {row["Actual__c"]: row["Is_Latest__c"] for row in rows}
    assert latest == {4: False, 7: True}


def test_a_kpi_that_is_shown_no_more_is_no_latest_and_its_figure_open_to_nobody_else(
    org: Packaged,
) -> None:
    both = [
        replace(org.figure(1, 4), manager_id=org.manager),
        replace(org.figure(2, 9), kpi="proposals", manager_id=org.manager),
    ]
    org.connector.publish_figures(both)
    assert org.readers(FIGURE) == [org.manager, org.manager]
    org.connector.publish_figures(both[:1])
    rows = org.rows(FIGURE, "Actual__c", "Is_Latest__c")
    assert {row["Actual__c"]: row["Is_Latest__c"] for row in rows} == {4: True, 9: False}
    assert org.readers(FIGURE) == [org.manager]


def test_the_newest_figure_is_open_to_the_manager_and_older_ones_to_nobody_else(
    org: Packaged,
) -> None:
    org.connector.publish_figures([replace(org.figure(1, 4), manager_id=org.manager)])
    assert org.readers(FIGURE) == [org.manager]
    org.connector.publish_figures([replace(org.figure(8, 7), manager_id=org.other)])
    assert org.readers(FIGURE) == [org.other]
    org.connector.publish_figures([replace(org.figure(8, 7), manager_id=org.manager)])
    assert org.readers(FIGURE) == [org.manager]


def test_without_the_package_nothing_of_it_is_promised(
    bare_screens: Any, signed_in: Callable[..., Any]
) -> None:
    assert not signed_in(bare_screens).capabilities().own_objects

"""The same people doing the same things in either CRM leave the same records, apart from ids."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_loop.connector.contract import Account, ConnectorFactory
from crm_loop.connector.memory import MemoryPorts
from crm_loop.records import (
    Activity,
    ActivityKind,
    Deal,
    Lead,
    Quota,
    Quote,
    Subject,
    Task,
)
from crm_loop_hubspot import connect as connect_hubspot
from crm_loop_salesforce import connect as connect_salesforce

TOKYO = ZoneInfo("Asia/Tokyo")
SUBJECTS = (
    Subject.PEOPLE,
    Subject.STAGES,
    Subject.ACCOUNTS,
    Subject.DEALS,
    Subject.ACTIVITIES,
    Subject.TASKS,
    Subject.QUOTAS,
    Subject.LEADS,
    Subject.QUOTES,
)


class Side:
    """What one CRM says, with names in place of ids."""

    def __init__(self, url: str, factory: ConnectorFactory, credentials: Mapping[str, str]) -> None:
        account = Account(
            organisation="acme",
            connection="crm",
            url=url,
            settings={"allow_loopback": True},
            credentials=credentials,
        )
        connector = factory(account, MemoryPorts().ports)
        connector.capabilities()
        connector.clock()
        self.rows: dict[Subject, list[Any]] = {
            # A message that is logged as a to-do as well is one conversation.
            subject: [
                row
                for batch in connector.pull(subject, None)
                for row in batch.rows
                if getattr(row, "same_as", None) is None
            ]
            for subject in SUBJECTS
        }
        self.people = {one.id: one.email for one in self.rows[Subject.PEOPLE]}
        self.deals = {one.id: one.name for one in self.rows[Subject.DEALS]}
        self.accounts = {one.id: one.name for one in self.rows[Subject.ACCOUNTS]}

    def deal(self, one: Deal) -> tuple[Any, ...]:
        owner, account = (
            self.people.get(one.owner_id or ""),
            self.accounts.get(one.account_id or ""),
        )
        end = one.close_date if not one.is_closed else None
        return one.name, owner, account, one.is_closed, one.is_won, one.amount, end

    def activity(self, one: Activity) -> tuple[Any, ...]:
        deal = self.deals.get(one.deal_id or "")
        day = one.start.astimezone(TOKYO).date()
        # Salesforce keeps the day of what is logged as a task, no direction of an e-mail and no
        # outcome of a meeting.
        outbound = one.outbound if one.kind is ActivityKind.CALL else None
        return one.kind, self.people.get(one.owner_id or ""), deal, day, outbound

    def task(self, one: Task) -> tuple[Any, ...]:
        deal = self.deals.get(one.deal_id or "")
        return self.people.get(one.owner_id or ""), deal, one.due, one.is_closed

    def quota(self, one: Quota) -> tuple[Any, ...]:
        return self.people[one.owner_id], one.period_start, one.period_end, one.amount

    def lead(self, one: Lead) -> tuple[Any, ...]:
        return self.people.get(one.owner_id or ""), one.company, one.source, one.created_at

    def quote(self, one: Quote) -> tuple[Any, ...]:
        return self.deals.get(one.deal_id or ""), one.amount, one.created_at, one.sent


@pytest.fixture(scope="module")
def sides(sandbox_server: Callable[..., Any]) -> tuple[Side, Side]:
    server = sandbox_server(reps=4, weeks=4, faces="both", rate_limits="off")
    user = server.get("/__access")["salesforce"]["username"]
    access = server.get(f"/__access?user={user}")
    secret = {"access_token": access["hubspot"]["access_token"]}
    return (
        Side(server.url, connect_salesforce, access["salesforce"]["jwt"]),
        Side(server.url, connect_hubspot, secret),
    )


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        (Subject.DEALS, Side.deal),
        (Subject.ACTIVITIES, Side.activity),
        (Subject.TASKS, Side.task),
        (Subject.QUOTAS, Side.quota),
        (Subject.LEADS, Side.lead),
        (Subject.QUOTES, Side.quote),
    ],
)
def test_both_crms_tell_the_same(
    sides: tuple[Side, Side], subject: Subject, told: Callable[[Side, Any], tuple[Any, ...]]
) -> None:
    first, second = (Counter(told(side, row) for row in side.rows[subject]) for side in sides)
    assert first
    assert first == second

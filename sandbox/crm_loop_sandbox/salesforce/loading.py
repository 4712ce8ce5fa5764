"""Makes native rows of the neutral world."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from crm_loop_sandbox.salesforce import loading_more, loading_setup
from crm_loop_sandbox.salesforce.moments import written
from crm_loop_sandbox.salesforce.native import Native
from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.stages import (
    account_of,
    expected,
    field_history,
    fiscal,
    history_row,
)
from crm_loop_sandbox.world.story import ActivityStory, DealStory, World

FACE = "salesforce"
#: An import leaves its stamp this long before the sandbox starts.
IMPORTED_BEFORE = timedelta(hours=1)
_IN_HISTORY = ("StageName", "Amount", "CloseDate")


class Loader:
    """Loads one world into one org."""

    def __init__(self, org: Org, world: World) -> None:
        self.org = org
        self.world = world
        self.refs: dict[str, str] = {}
        self.start = written(world.start)
        self.imported = written(world.start - IMPORTED_BEFORE)
        self.native = Native(org, world, self.refs)
        self._stamps: dict[str, dict[str, str]] = {}

    def load(self) -> None:
        loading_setup.load(self)
        for company in self._here(self.world.companies):
            self.plain(
                "Account",
                company.ref,
                self.native.owned(company.owner_ref),
                Name=company.name,
                Industry=company.industry,
                BillingCountry=company.country,
            )
        for contact in self._here(self.world.contacts):
            self.plain(
                "Contact",
                contact.ref,
                self.org.integration_user,
                Name=f"{contact.given_name} {contact.family_name}",
                FirstName=contact.given_name,
                LastName=contact.family_name,
                Email=contact.email,
                AccountId=self.refs.get(contact.company_ref),
            )
        for deal in self._here(self.world.deals):
            self._deal(deal)
        for activity in self._here(self.world.activities):
            self._activity(activity)
        loading_more.leads(self)

    def _here(self, things: Any) -> Iterator[Any]:
        return (thing for thing in things if FACE in thing.faces)

    def plain(self, table: str, ref: str, owner: str, /, **values: Any) -> Row:
        """A row that has no story: created by the import."""
        row = self.imported_row(table, ref, owner)
        row |= values
        self.org.put(table, row)
        return row

    def imported_row(self, table: str, ref: str, owner: str) -> Row:
        """A row with its id, the import's stamps and the org's currency, not stored yet."""
        known = self.org.schema[table]
        if table not in self._stamps:
            user = self.org.integration_user
            stamps = {"CreatedDate": self.imported, "LastModifiedDate": self.imported,
                      "SystemModstamp": self.imported, "CreatedById": user,
                      "LastModifiedById": user, "CurrencyIsoCode": self.world.currency}  # fmt: skip
            self._stamps[table] = {name: v for name, v in stamps.items() if name in known}
        self.refs[ref] = record_id = self.org.new_id(table, ref)
        row = self.org.blank(table, Id=record_id, **self._stamps[table])
        if "OwnerId" in known:
            row["OwnerId"] = owner
        return row

    def _deal(self, deal: DealStory) -> None:
        row = self.imported_row("Opportunity", deal.ref, self.native.owned(None))
        row["CreatedDate"] = written(deal.steps[0].at)
        histories: list[Row] = []
        was: Mapping[str, Any] | None = None
        for step in deal.steps:
            was = self._step(row, step, was, histories)
        fiscal(row, self.world.fiscal_start)
        last = written(deal.steps[-1].at)
        stamp = last if last <= self.start else self.imported
        row["SystemModstamp"] = row["LastModifiedDate"] = stamp
        self.org.put("Opportunity", row)
        for record in histories:
            record["IsDeleted"] = row["IsDeleted"]
            if record["SystemModstamp"] > self.start:
                record["SystemModstamp"] = self.imported
            self.org.put("OpportunityHistory", record)
        loading_more.of_deal(self, deal, row)
        if row["IsDeleted"]:
            self.org.bin |= dict.fromkeys((row["Id"], *self.org.history[row["Id"]]), stamp)

    def _step(
        self, row: Row, step: Any, was: Mapping[str, Any] | None, histories: list[Row]
    ) -> Mapping[str, Any]:
        """One save of a deal; what it held afterwards where history looks."""
        user, at = self.native.owned(step.actor_ref), written(step.at)
        self._apply(row, step.fields, at)
        now = {name: row[name] for name in (*_IN_HISTORY, "OwnerId")}
        if was is None or any(was[name] != now[name] for name in _IN_HISTORY):
            record = history_row(self.org, row, user, at=at)
            if was is not None:
                record["PrevAmount"], record["PrevCloseDate"] = was["Amount"], was["CloseDate"]
            histories.append(record)
            self.org.history[row["Id"]].append(record["Id"])
        if was is not None and was["OwnerId"] != now["OwnerId"]:
            change = (was["OwnerId"], now["OwnerId"])
            field_history(self.org, row["Id"], "Owner", change, user=user, at=at)
        return now

    def _apply(self, row: Row, fields: Any, at: str) -> None:
        row |= self.native.deal(fields)
        if not row["CloseDate"]:
            row["CloseDate"] = self.world.truth.get("missing_close_date") or at[:10]
        if "stage" in fields:
            row |= self.native.stages[fields["stage"]]
            row["LastStageChangeDate"] = at
        row["ExpectedRevenue"] = expected(row)
        row["PushCount"] = 0

    def _activity(self, one: ActivityStory) -> None:
        fields = self.native.activity(one)
        table = fields.pop("table")
        row = self.imported_row(table, one.ref, self.native.owned(one.owner_ref))
        row |= fields
        row["AccountId"] = account_of(self.org, row["WhatId"])
        logged = written(one.logged_at)
        begun = fields.get("StartDateTime") or written(one.start)
        stamp = min(max(logged, begun), self.start)
        row["CreatedDate"], row["CreatedById"] = logged, row["OwnerId"]
        row["SystemModstamp"] = row["LastModifiedDate"] = stamp
        self.org.put(table, row)
        loading_more.of_activity(self, one, row)

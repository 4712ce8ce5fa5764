"""Makes native rows of the neutral world."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from crm_loop_sandbox.salesforce.checks import TASK_STATUSES
from crm_loop_sandbox.salesforce.moments import written
from crm_loop_sandbox.salesforce.native import Native
from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.stages import (
    account_of,
    add_history,
    field_history,
    fiscal,
)
from crm_loop_sandbox.world.story import (
    ActivityStory,
    DealStory,
    Human,
    StageDef,
    World,
)

FACE = "salesforce"
#: An import leaves its stamp this long before the sandbox starts.
IMPORTED_BEFORE = timedelta(hours=1)


class Loader:
    """Loads one world into one org."""

    def __init__(self, org: Org, world: World) -> None:
        self.org = org
        self.world = world
        self.refs: dict[str, str] = {}
        self.start = written(world.start)
        self.imported = written(world.start - IMPORTED_BEFORE)
        self.native = Native(org, world, self.refs)

    def load(self) -> None:
        self._organization()
        self._stages()
        self._people()
        for company in self._here(self.world.companies):
            self._plain(
                "Account",
                company.ref,
                self.native.owned(company.owner_ref),
                Name=company.name,
                Industry=company.industry,
                BillingCountry=company.country,
            )
        for contact in self._here(self.world.contacts):
            self._plain(
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
        self._money()

    def _here(self, things: Any) -> Iterator[Any]:
        return (thing for thing in things if FACE in thing.faces)

    def _plain(self, table: str, ref: str, owner: str, **values: Any) -> Row:
        """A row that has no story: created by the import."""
        row: Row = dict.fromkeys(self.org.schema[table])
        for name, field in self.org.schema[table].items():
            if field.type == "bool":
                row[name] = False
        stamp = {"CreatedDate": self.imported, "CreatedById": self.org.integration_user,
                 "LastModifiedDate": self.imported, "LastModifiedById": self.org.integration_user,
                 "SystemModstamp": self.imported, "OwnerId": owner}  # fmt: skip
        row |= {name: value for name, value in stamp.items() if name in row}
        row |= values | {"Id": self.org.new_id(table, ref)}
        if "CurrencyIsoCode" in row and row["CurrencyIsoCode"] is None:
            row["CurrencyIsoCode"] = self.world.currency
        self.org.put(table, row)
        self.refs[ref] = row["Id"]
        return row

    def _organization(self) -> None:
        self.org.integration_user = self.org.new_id("User", "integration")
        japanese = self.world.locale.startswith("ja")
        row = self._plain(
            "Organization",
            "organization",
            "",
            Name=self.world.company_name,
            FiscalYearStartMonth=self.world.fiscal_start,
            UsesStartDateAsFiscalYearName=True,
            TimeZoneSidKey=self.world.time_zone,
            DefaultLocaleSidKey="ja_JP" if japanese else "en_US",
            LanguageLocaleKey="ja" if japanese else "en_US",
            OrganizationType="Enterprise Edition",
            InstanceName="SBX1",
            DefaultOpportunityAccess="None",
        )
        self.org.tables["Organization"].clear()
        row["Id"] = self.org.org_id
        self.org.put("Organization", row)

    def _stages(self) -> None:
        for order, stage in enumerate(self.world.stages, start=1):
            category = _category(stage)
            self._plain(
                "OpportunityStage",
                f"stage:{order}",
                "",
                ApiName=stage.salesforce,
                MasterLabel=stage.salesforce,
                SortOrder=order,
                IsActive=True,
                IsClosed=stage.is_closed,
                IsWon=stage.is_won,
                DefaultProbability=round(stage.probability * 100, 1),
                ForecastCategory=category,
                ForecastCategoryName={"Forecast": "Commit"}.get(category, category),
            )
        for order, (label, closed) in enumerate(TASK_STATUSES.items(), start=1):
            self._plain("TaskStatus", f"status:{order}", "", ApiName=label, MasterLabel=label,
                        SortOrder=order, IsDefault=order == 1, IsClosed=closed)  # fmt: skip

    def _people(self) -> None:
        self._user("integration", "Integration", "User", "integration@sandbox.example", "en")
        self._user("admin", "Admin", "User", "admin@sandbox.example", "en")
        people = list(self._here(self.world.people))
        for team in sorted({human.team for human in people if human.team}):
            self._plain("UserRole", f"role:{team}", "", Name=team, DeveloperName=team)
        for human in people:
            self._human(human)
        for human in people:
            manager = self.refs.get(human.manager_ref or "")
            self.org.tables["User"][self.refs[human.ref]]["ManagerId"] = manager

    def _human(self, human: Human) -> None:
        row = self._user(
            human.ref, human.given_name, human.family_name, human.email, human.language
        )
        row |= {
            "Name": human.name,
            "IsActive": human.active,
            "UserRoleId": self.refs.get(f"role:{human.team}"),
            "TimeZoneSidKey": human.time_zone,
            "Title": human.role,
            "ForecastEnabled": True,
        }

    def _user(self, ref: str, given: str, family: str, email: str, language: str) -> Row:
        return self._plain(
            "User",
            ref,
            "",
            Username=email,
            Email=email,
            Name=f"{given} {family}",
            FirstName=given,
            LastName=family,
            IsActive=True,
            UserType="Standard",
            TimeZoneSidKey="UTC",
            LocaleSidKey="ja_JP" if language == "ja" else "en_US",
            LanguageLocaleKey="ja" if language == "ja" else "en_US",
        )

    def _deal(self, deal: DealStory) -> None:
        first = deal.steps[0]
        row = self._plain("Opportunity", deal.ref, self.native.owned(None))
        row["CreatedDate"] = written(first.at)
        was: Row | None = None
        for step in deal.steps:
            user = self.native.owned(step.actor_ref)
            at = written(step.at)
            self._apply(row, step.fields, at)
            if was is None or any(was[n] != row[n] for n in ("StageName", "Amount", "CloseDate")):
                add_history(self.org, row, was, user, at=at)
            if was is not None and was["OwnerId"] != row["OwnerId"]:
                field_history(
                    self.org,
                    row["Id"],
                    "Owner",
                    old=was["OwnerId"],
                    new=row["OwnerId"],
                    user=user,
                    at=at,
                )
            was = dict(row)
        last = written(deal.steps[-1].at)
        row["SystemModstamp"] = row["LastModifiedDate"] = (
            last if last <= self.start else self.imported
        )
        for record_id in self.org.history[row["Id"]]:
            record = self.org.tables["OpportunityHistory"][record_id]
            record["IsDeleted"] = row["IsDeleted"]
            if record["SystemModstamp"] > self.start:
                record["SystemModstamp"] = self.imported

    def _apply(self, row: Row, fields: Any, at: str) -> None:
        row |= {name: value for name, value in self.native.deal(fields).items() if name in row}
        if not row.get("CloseDate"):
            row["CloseDate"] = self.world.truth.get("missing_close_date") or at[:10]
        if "stage" in fields:
            stage = self.world.stages[fields["stage"]]
            category = _category(stage)
            row |= {
                "IsClosed": stage.is_closed,
                "IsWon": stage.is_won,
                "Probability": round(stage.probability * 100, 1),
                "ForecastCategory": category,
                "ForecastCategoryName": {"Forecast": "Commit"}.get(category, category),
                "LastStageChangeDate": at,
            }
        row["ExpectedRevenue"] = (row.get("Amount") or 0) * (row.get("Probability") or 0) / 100
        row["PushCount"] = row.get("PushCount") or 0
        fiscal(row, self.world.fiscal_start)

    def _activity(self, one: ActivityStory) -> None:
        row = self.native.activity(one)
        table = row.pop("table")
        row = self._plain(table, one.ref, self.native.owned(one.owner_ref), **row)
        row["AccountId"] = account_of(self.org, row.get("WhatId"))
        stamp = min(written(max(one.logged_at, min(one.start, self.world.start))), self.start)
        row |= {"CreatedDate": written(one.logged_at), "CreatedById": row["OwnerId"]}
        row["SystemModstamp"] = row["LastModifiedDate"] = stamp

    def _money(self) -> None:
        self._quotas()
        if "CurrencyType" not in self.org.tables:
            return
        for code, rate in sorted({self.world.currency: Decimal(1), **self.world.rates}.items()):
            # Here a rate says how many units make one corporate unit.
            self._plain("CurrencyType", f"currency:{code}", "", IsoCode=code, IsActive=True,
                        ConversionRate=float(1 / rate), DecimalPlaces=0 if code == "JPY" else 2,
                        IsCorporate=code == self.world.currency)  # fmt: skip

    def _quotas(self) -> None:
        if "ForecastingQuota" not in self.org.tables:
            return
        kind = self._plain(
            "ForecastingType",
            "forecast",
            "",
            DeveloperName="OpportunityRevenue",
            MasterLabel="Opportunity Revenue",
            IsActive=True,
            IsAmount=True,
        )
        for quota in self._here(self.world.quotas):
            period = self._period(quota.start, quota.end)
            self._plain(
                "ForecastingQuota",
                f"quota:{quota.owner_ref}:{quota.start}",
                "",
                QuotaOwnerId=self.native.owned(quota.owner_ref),
                QuotaAmount=float(quota.amount),
                StartDate=quota.start.isoformat(),
                PeriodId=period,
                ForecastingTypeId=kind["Id"],
                IsAmount=True,
            )

    def _period(self, start: Any, end: Any) -> str:
        ref = f"period:{start}:{end}"
        if ref not in self.refs:
            self._plain("Period", ref, "", StartDate=start.isoformat(), EndDate=end.isoformat(),
                        Type="Month", Number=start.month, IsForecastPeriod=True)  # fmt: skip
        return self.refs[ref]


def _category(stage: StageDef) -> str:
    if stage.is_closed:
        return "Closed" if stage.is_won else "Omitted"
    if stage.probability >= 0.8:  # noqa: PLR2004 - as the platform's own defaults
        return "Forecast"
    return "BestCase" if stage.probability >= 0.5 else "Pipeline"  # noqa: PLR2004 - the same

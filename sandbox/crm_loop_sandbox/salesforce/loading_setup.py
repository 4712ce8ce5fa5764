"""The parts of an org that no deal and no activity brings: people, stages, money, calendar."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm_loop_sandbox.salesforce.checks import TASK_STATUSES
from crm_loop_sandbox.salesforce.rows import Row
from crm_loop_sandbox.world.story import Human

if TYPE_CHECKING:
    from crm_loop_sandbox.salesforce.loading import Loader

HEAD_ROLE = "Head of Sales"


def load(loader: "Loader") -> None:
    """Everything that has to be there before the first deal."""
    _organization(loader)
    _stages(loader)
    _people(loader)
    if "CurrencyType" in loader.org.tables:
        _currencies(loader)
    _calendar(loader)
    if "OpportunitySplitType" in loader.org.tables:
        loader.plain("OpportunitySplitType", "split:revenue", "", DeveloperName="Revenue",
                     MasterLabel="Revenue", IsActive=True, IsTotalValidated=True,
                     SplitEntity="Opportunity", SplitField="Amount")  # fmt: skip
    if "ForecastingQuota" in loader.org.tables:
        _quotas(loader)


def _organization(loader: "Loader") -> None:
    org, world = loader.org, loader.world
    org.integration_user = org.new_id("User", "integration")
    japanese = world.locale.startswith("ja")
    row = loader.plain(
        "Organization",
        "organization",
        "",
        Name=world.company_name,
        FiscalYearStartMonth=world.fiscal_start,
        UsesStartDateAsFiscalYearName=True,
        TimeZoneSidKey=world.time_zone,
        DefaultLocaleSidKey="ja_JP" if japanese else "en_US",
        LanguageLocaleKey="ja" if japanese else "en_US",
        OrganizationType="Enterprise Edition",
        InstanceName="SBX1",
        DefaultOpportunityAccess="None",
    )
    org.tables["Organization"].clear()
    row["Id"] = org.org_id
    org.put("Organization", row)


def _stages(loader: "Loader") -> None:
    for order, stage in enumerate(loader.world.stages, start=1):
        staged = loader.native.stages[order - 1]
        names = ("IsClosed", "IsWon", "ForecastCategory", "ForecastCategoryName")
        loader.plain(
            "OpportunityStage",
            f"stage:{order}",
            "",
            ApiName=stage.salesforce,
            MasterLabel=stage.salesforce,
            SortOrder=order,
            IsActive=True,
            DefaultProbability=staged["Probability"],
            **{name: staged[name] for name in names},
        )
    for order, (label, closed) in enumerate(TASK_STATUSES.items(), start=1):
        loader.plain("TaskStatus", f"status:{order}", "", ApiName=label, MasterLabel=label,
                     SortOrder=order, IsDefault=order == 1, IsClosed=closed)  # fmt: skip
    for order, label in enumerate(("High", "Normal", "Low"), start=1):
        loader.plain("TaskPriority", f"priority:{order}", "", ApiName=label, MasterLabel=label,
                     SortOrder=order, IsDefault=label == "Normal",
                     IsHighPriority=label == "High")  # fmt: skip


def _people(loader: "Loader") -> None:
    loader.plain("Profile", "profile:standard", "", Name="Standard User", UserType="Standard")
    _user(loader, "integration", ("Integration", "User"), "integration@sandbox.example", "en")
    _user(loader, "admin", ("Admin", "User"), "admin@sandbox.example", "en")
    people = [human for human in loader.world.people if "salesforce" in human.faces]
    head = loader.plain("UserRole", "role", "", Name=HEAD_ROLE, DeveloperName="Head_of_Sales")
    for number, team in enumerate(sorted({human.team for human in people if human.team}), 1):
        lead = loader.plain("UserRole", f"role:{team}:lead", "", Name=team,
                            DeveloperName=f"Team_{number}_Manager",
                            ParentRoleId=head["Id"])  # fmt: skip
        loader.plain("UserRole", f"role:{team}", "", Name=team, DeveloperName=f"Team_{number}",
                     ParentRoleId=lead["Id"])  # fmt: skip
    for human in people:
        _human(loader, human)
    for human in people:
        manager = loader.refs.get(human.manager_ref or "")
        loader.org.tables["User"][loader.refs[human.ref]]["ManagerId"] = manager


def _human(loader: "Loader", human: Human) -> None:
    name = (human.given_name, human.family_name)
    row = _user(loader, human.ref, name, human.email, human.language)
    row |= {
        "Name": human.name,
        "IsActive": human.active,
        "UserRoleId": _role(loader, human),
        "TimeZoneSidKey": human.time_zone,
        "Title": human.role,
        "ForecastEnabled": True,
    }


def _role(loader: "Loader", human: Human) -> str | None:
    """Managers stand above their team, whoever leads them above everybody."""
    if human.role != "Manager":
        return loader.refs.get(f"role:{human.team}")
    return loader.refs.get(f"role:{human.team}:lead", loader.refs["role"])


def _user(loader: "Loader", ref: str, name: tuple[str, str], email: str, language: str) -> Row:
    japanese = language == "ja"
    return loader.plain(
        "User",
        ref,
        "",
        Username=email,
        Email=email,
        Name=f"{name[0]} {name[1]}",
        FirstName=name[0],
        LastName=name[1],
        Alias=email[:8],
        IsActive=True,
        UserType="Standard",
        ProfileId=loader.refs["profile:standard"],
        TimeZoneSidKey="UTC",
        LocaleSidKey="ja_JP" if japanese else "en_US",
        LanguageLocaleKey="ja" if japanese else "en_US",
    )


def _currencies(loader: "Loader") -> None:
    world = loader.world
    first = _year_of(loader)[0]
    for code, rate in sorted({world.currency: Decimal(1), **world.rates}.items()):
        # Here a rate says how many units make one corporate unit.
        amount = float(1 / rate)
        loader.plain("CurrencyType", f"currency:{code}", "", IsoCode=code, IsActive=True,
                     ConversionRate=amount, DecimalPlaces=0 if code == "JPY" else 2,
                     IsCorporate=code == world.currency)  # fmt: skip
        loader.plain("DatedConversionRate", f"dated:{code}", "", IsoCode=code,
                     ConversionRate=amount, StartDate=date(first.year - 10, 1, 1).isoformat(),
                     NextStartDate="9999-12-31")  # fmt: skip


def _calendar(loader: "Loader") -> None:
    """Months, quarters and years of the fiscal year and the one before."""
    this, after = _year_of(loader)
    before = this.replace(year=this.year - 1)
    for first, following in ((before, this), (this, after)):
        settings = loader.plain(
            "FiscalYearSettings", f"fiscal:{first}", "", Name=str(first.year),
            StartDate=first.isoformat(), EndDate=(following - timedelta(days=1)).isoformat(),
            IsStandardYear=True, YearType="Standard", WeekStartDay=1,
        )  # fmt: skip
        for kind, months in (("Month", 1), ("Quarter", 3), ("Year", 12)):
            for number, (start, end) in enumerate(_spans(first, following, months), 1):
                _period(loader, (start, end), kind, number, settings["Id"])


def _spans(first: date, following: date, months: int) -> Iterator[tuple[date, date]]:
    while first < following:
        after = _months_later(first, months)
        yield first, after - timedelta(days=1)
        first = after


def _months_later(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)


def _year_of(loader: "Loader") -> tuple[date, date]:
    today = loader.world.start.date()
    year = today.year - (today.month < loader.world.fiscal_start)
    first = date(year, loader.world.fiscal_start, 1)
    return first, _months_later(first, 12)


def _period(
    loader: "Loader", span: tuple[date, date], kind: str, number: int, settings: str | None
) -> str:
    start, end = span
    ref = f"period:{start}:{end}"
    if ref not in loader.refs:
        loader.plain("Period", ref, "", StartDate=start.isoformat(), EndDate=end.isoformat(),
                     Type=kind, Number=number, IsForecastPeriod=kind == "Month",
                     FullyQualifiedLabel=f"{kind} {number} FY {start.year}",
                     FiscalYearSettingsId=settings)  # fmt: skip
    return loader.refs[ref]


def _quotas(loader: "Loader") -> None:
    kind = loader.plain("ForecastingType", "forecast", "", DeveloperName="OpportunityRevenue",
                        MasterLabel="Opportunity Revenue", IsActive=True, IsAmount=True,
                        RoleType="R", DateType="OpportunityCloseDate")  # fmt: skip
    for quota in loader.world.quotas:
        if "salesforce" not in quota.faces:
            continue
        months = quota.start.month - loader.world.fiscal_start
        period = _period(loader, (quota.start, quota.end), "Month", months % 12 + 1, None)
        loader.plain(
            "ForecastingQuota",
            f"quota:{quota.owner_ref}:{quota.start}",
            "",
            QuotaOwnerId=loader.native.owned(quota.owner_ref),
            QuotaAmount=float(quota.amount),
            StartDate=quota.start.isoformat(),
            PeriodId=period,
            ForecastingTypeId=kind["Id"],
            IsAmount=True,
        )

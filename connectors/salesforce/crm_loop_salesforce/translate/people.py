"""The company's own rows: users, stages, quotas, currencies and the fiscal calendar."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from crm_loop.records import FiscalPeriod, Forecast, Person, Quota, Rate, Stage
from crm_loop_salesforce.translate.hierarchy import Hierarchy
from crm_loop_salesforce.translate.values import Row, day, money, share, whole

#: Orgs without record types have one pipeline.
ONE_PIPELINE = "default"
FORECASTS = {
    "Omitted": Forecast.OMITTED,
    "Pipeline": Forecast.PIPELINE,
    "BestCase": Forecast.BEST_CASE,
    "MostLikely": Forecast.MOST_LIKELY,
    # Shown as Commit; the name that admins change is another field.
    "Forecast": Forecast.COMMIT,
    "Closed": Forecast.CLOSED,
}
_KINDS = {"Month": "month", "Quarter": "quarter", "Year": "year", "Week": "week"}


def people(users: Sequence[Row], roles: Sequence[Row]) -> list[Person]:
    """Users with their managers; without a usable one, who leads the nearest role above."""
    hierarchy = Hierarchy(users, roles)
    return [person(user, hierarchy) for user in users]


def person(row: Row, hierarchy: Hierarchy | None = None) -> Person:
    language = str(row.get("LanguageLocaleKey") or "")
    role = row.get("UserRole") or {}
    return Person(
        id=row["Id"],
        email=str(row.get("Email") or ""),
        name=str(row["Name"]),
        active=bool(row["IsActive"]),
        manager_id=hierarchy.manager(row["Id"]) if hierarchy else row.get("ManagerId"),
        team=role.get("Name"),
        language="ja" if language.startswith("ja") else "en" if language else None,
        time_zone=row.get("TimeZoneSidKey"),
        family_name=row.get("LastName"),
        role=role.get("Name"),
        title=row.get("Title"),
        reader_ids=hierarchy.above(row["Id"]) if hierarchy else (),
    )


def stage(row: Row) -> Stage:
    return Stage(
        pipeline=ONE_PIPELINE,
        id=str(row["ApiName"]),
        label=str(row["MasterLabel"]),
        order=int(row["SortOrder"]),
        is_closed=bool(row["IsClosed"]),
        is_won=bool(row["IsWon"]),
        probability=share(row.get("DefaultProbability")),
        forecast=FORECASTS.get(row.get("ForecastCategory") or ""),
        active=bool(row.get("IsActive", True)),
    )


def quota(row: Row) -> Quota:
    start = day(row["StartDate"])
    end = day((row.get("Period") or {}).get("EndDate"))
    if start is None:
        raise ValueError(row["Id"])
    return Quota(
        id=row["Id"],
        owner_id=row["QuotaOwnerId"],
        kpi="bookings",
        period_start=start,
        period_end=end or _month_end(start),
        amount=money(row["QuotaAmount"]) or Decimal(0),
        currency=row.get("CurrencyIsoCode"),
    )


def _month_end(start: date) -> date:
    after = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return date.fromordinal(after.toordinal() - 1)


def rate(row: Row) -> list[Rate]:
    """The rate that holds where no dated one does."""
    per_home = money(row["ConversionRate"])
    if not per_home:
        return []
    return [Rate(id=row["Id"], currency=row["IsoCode"], per_home=per_home)]


def dated_rate(row: Row) -> list[Rate]:
    """A rate of Advanced Currency Management; the next one begins on `NextStartDate`."""
    per_home, following = money(row["ConversionRate"]), day(row.get("NextStartDate"))
    if not per_home:
        return []
    end = following - timedelta(days=1) if following else None
    start = day(row["StartDate"])
    return [Rate(id=row["Id"], currency=row["IsoCode"], per_home=per_home, start=start, end=end)]


def period(row: Row) -> list[FiscalPeriod]:
    start, end = day(row["StartDate"]), day(row["EndDate"])
    kind = _KINDS.get(row["Type"])
    if start is None or end is None or kind is None:
        return []
    label = row.get("FullyQualifiedLabel")
    number = whole(row.get("Number"))
    return [FiscalPeriod(id=row["Id"], kind=kind, start=start, end=end, number=number, label=label)]

"""Rows of Salesforce as our records."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop.records import (
    Account,
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    DealChange,
    DealField,
    Person,
    Quota,
    Stage,
    Task,
)
from crm_loop_salesforce.translate.names import KEY_FIELD

Row = Mapping[str, Any]

_DEAL_PREFIX, _USER_PREFIX = "006", "005"
_MOVED = {DealField.AMOUNT: "Amount", DealField.CLOSE_DATE: "CloseDate"}
#: Orgs without record types have one pipeline.
_ONE_PIPELINE = "default"
#: A logged call or an all-day event carries a day, no time; its middle offends nobody.
_NOON = time(12)


def person(row: Row) -> Person:
    language = str(row.get("LanguageLocaleKey") or "")
    role = row.get("UserRole") or {}
    return Person(
        id=row["Id"],
        email=str(row.get("Email") or ""),
        name=str(row["Name"]),
        active=bool(row["IsActive"]),
        manager_id=row.get("ManagerId"),
        team=role.get("Name"),
        language="ja" if language.startswith("ja") else "en" if language else None,
        time_zone=row.get("TimeZoneSidKey"),
        family_name=row.get("LastName"),
    )


def stage(row: Row) -> Stage:
    probability = row.get("DefaultProbability")
    return Stage(
        pipeline=_ONE_PIPELINE,
        id=str(row["ApiName"]),
        label=str(row["MasterLabel"]),
        order=int(row["SortOrder"]),
        is_closed=bool(row["IsClosed"]),
        is_won=bool(row["IsWon"]),
        probability=None if probability is None else float(probability) / 100,
    )


def account(row: Row) -> Account:
    return Account(id=row["Id"], name=str(row["Name"]), owner_id=row.get("OwnerId"))


def deal(row: Row) -> Deal:
    return Deal(
        id=row["Id"],
        name=str(row["Name"]),
        owner_id=row["OwnerId"],
        account_id=row.get("AccountId"),
        pipeline=_ONE_PIPELINE,
        stage=str(row["StageName"]),
        is_closed=bool(row["IsClosed"]),
        is_won=bool(row["IsWon"]),
        amount=money(row["Amount"]),
        currency=row.get("CurrencyIsoCode"),
        close_date=day(row["CloseDate"]),
        created_at=moment(row["CreatedDate"]),
        modified_at=moment(row["SystemModstamp"]),
    )


def changes(row: Row) -> Iterator[DealChange]:
    """A history row says how things stood after a save; amount and date only where they moved.

    A deal always has a close date, so a row without an earlier one is the first (or an old one).
    """
    first = row.get("PrevCloseDate") is None
    values = {DealField.STAGE: row["StageName"]}
    for field, name in _MOVED.items():
        # A hidden field is left out: it was not emptied.
        if name in row and (first or row[name] != row.get(f"Prev{name}")):
            values[field] = row[name]
    for field, value in values.items():
        yield DealChange(
            id=_change_id(row, field),
            deal_id=row["OpportunityId"],
            at=moment(row["CreatedDate"]),
            field=field,
            value=None if value is None else str(value),
        )


def change_ids(row: Row) -> list[str]:
    """Every record that this history row may have made."""
    return [_change_id(row, field) for field in (DealField.STAGE, *_MOVED)]


def _change_id(row: Row, field: DealField) -> str:
    return f"{row['Id']}:{field.value}"


def owner_changes(row: Row) -> Iterator[DealChange]:
    """An owner's change leaves two rows, one with the name and one with the id."""
    value = str(row.get("NewValue") or "")
    if value.startswith(_USER_PREFIX):
        yield DealChange(
            id=row["Id"],
            deal_id=row["OpportunityId"],
            at=moment(row["CreatedDate"]),
            field=DealField.OWNER,
            value=value,
        )


def meeting(row: Row, now: datetime, zone: ZoneInfo) -> Activity:
    """Salesforce keeps no outcome: what has begun counts as held."""
    begins = moment(row["StartDateTime"])
    minutes = row.get("DurationInMinutes")
    return Activity(
        id=row["Id"],
        kind=ActivityKind.MEETING,
        owner_id=row.get("OwnerId"),
        deal_id=deal_of(row),
        account_id=row.get("AccountId"),
        start=_day_start(row, zone) or begins,
        logged_at=moment(row["CreatedDate"]),
        status=ActivityStatus.HELD if begins <= now else ActivityStatus.SCHEDULED,
        duration_seconds=None if minutes is None else int(minutes) * 60,
    )


def _day_start(row: Row, zone: ZoneInfo) -> datetime | None:
    """An all-day event has a day; its time of day means nothing."""
    on = day(row.get("ActivityDate")) if row.get("IsAllDayEvent") else None
    return None if on is None else _noon(on, zone)


def _noon(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, _NOON, zone).astimezone(UTC)


def logged(row: Row, zone: ZoneInfo) -> Activity:
    """A call or an e-mail that was logged as a task."""
    is_call = row.get("TaskSubtype") == "Call"
    seconds = row.get("CallDurationInSeconds")
    return Activity(
        id=row["Id"],
        kind=ActivityKind.CALL if is_call else ActivityKind.EMAIL,
        owner_id=row.get("OwnerId"),
        deal_id=deal_of(row),
        account_id=row.get("AccountId"),
        start=_when(row, zone),
        logged_at=moment(row["CreatedDate"]),
        status=ActivityStatus.HELD if row["IsClosed"] else ActivityStatus.SCHEDULED,
        outbound=row.get("CallType") != "Inbound" if is_call else True,
        duration_seconds=None if seconds is None else int(seconds),
    )


def _when(row: Row, zone: ZoneInfo) -> datetime:
    done = row.get("CompletedDateTime")
    happened = moment(done) if done else moment(row["CreatedDate"])
    on = day(row.get("ActivityDate"))
    if on is None or happened.astimezone(zone).date() == on:
        return happened
    return _noon(on, zone)


def task(row: Row) -> Task:
    done = row.get("CompletedDateTime")
    return Task(
        id=row["Id"],
        owner_id=row.get("OwnerId"),
        deal_id=deal_of(row),
        due=day(row["ActivityDate"]),
        is_closed=bool(row["IsClosed"]),
        created_at=moment(row["CreatedDate"]),
        modified_at=moment(row["SystemModstamp"]),
        completed_at=moment(done) if done else None,
        key=row.get(KEY_FIELD),
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


def deal_of(row: Row) -> str | None:
    what = row.get("WhatId")
    return what if what and str(what).startswith(_DEAL_PREFIX) else None


def moment(text: str) -> datetime:
    """`2026-05-01T07:25:37.000+0000` in REST, `….000Z` in Bulk."""
    return datetime.fromisoformat(text).astimezone(UTC)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def money(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))

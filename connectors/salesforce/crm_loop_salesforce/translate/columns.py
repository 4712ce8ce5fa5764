"""Pages of bulk jobs as tables of our records, column by column.

Each function says the same as its namesake for single rows. Cells are texts, and empty ones
null; a column that our user may not see is absent. Polars is loaded when the first page comes.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crm_loop.connector.columns import Columns
from crm_loop.records import (
    Account,
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    DealChange,
    DealField,
    Task,
)
from crm_loop_salesforce.translate.people import FORECASTS, ONE_PIPELINE
from crm_loop_salesforce.translate.values import ACCOUNT, CONTACT, DEAL, LEAD

if TYPE_CHECKING:
    import polars as pl

_STAMP = "%Y-%m-%dT%H:%M:%S%.fZ"
#: As Salesforce writes all of them: of one length, they are read four times as fast.
_USUAL_STAMP, _USUAL_LENGTH = "%Y-%m-%dT%H:%M:%S.%3fZ", 24
_NOON_HOURS = 12
#: Amounts have as many places as the records of ours that hold them.
_DIGITS, _PLACES = 38, 4


class Page:
    """The cells of one page, read as what they mean; a missing column reads as null."""

    def __init__(self, frame: "pl.DataFrame") -> None:
        import polars as pl  # noqa: PLC0415 - only large readings need it

        self.pl = pl
        self.frame = frame

    def __contains__(self, name: str) -> bool:
        return name in self.frame.columns

    def with_all(self, needed: Iterable[str]) -> "Page":
        """The page itself; KeyError when one of these columns is hidden."""
        for name in needed:
            if name not in self:
                raise KeyError(name)
        return self

    def text(self, name: str) -> "pl.Expr":
        return self.pl.col(name) if name in self else self.pl.lit(None, self.pl.String)

    def moment(self, name: str) -> "pl.Expr":
        lengths = self.frame[name].str.len_bytes().drop_nulls() if name in self else None
        usual = lengths is not None and (lengths == _USUAL_LENGTH).all()
        form = _USUAL_STAMP if usual else _STAMP
        return self.text(name).str.to_datetime(form, time_unit="us", time_zone="UTC")

    def day(self, name: str) -> "pl.Expr":
        return self.text(name).str.to_date("%Y-%m-%d")

    def flag(self, name: str) -> "pl.Expr":
        return self.text(name).eq_missing("true")

    def share(self, name: str) -> "pl.Expr":
        return self.text(name).cast(self.pl.Float64) / 100

    def whole(self, name: str) -> "pl.Expr":
        return self.text(name).cast(self.pl.Float64).cast(self.pl.Int64)

    def money(self, name: str) -> "pl.Expr":
        return self.text(name).cast(self.pl.Decimal(_DIGITS, _PLACES))

    def of(self, kind: str, name: str) -> "pl.Expr":
        """The id, if it belongs to that object."""
        column = self.text(name)
        return self.pl.when(column.str.starts_with(kind)).then(column)

    def noon(self, name: str, zone: ZoneInfo) -> "pl.Expr":
        begins = self.day(name).cast(self.pl.Datetime("us"))
        local = begins + self.pl.duration(hours=_NOON_HOURS)
        return local.dt.replace_time_zone(zone.key).dt.convert_time_zone("UTC")

    def contacts(self) -> "pl.Expr":
        contact = self.of(CONTACT, "WhoId")
        return self.pl.when(contact.is_not_null()).then(self.pl.concat_list(contact))

    def account(self) -> "pl.Expr":
        return self.pl.coalesce(self.text("AccountId"), self.of(ACCOUNT, "WhatId"))


def account(page: Page) -> Columns:
    found = page.frame.select(
        id=page.text("Id"),
        name=page.text("Name"),
        owner_id=page.text("OwnerId"),
        parent_id=page.text("ParentId"),
    )
    return Columns(Account, found)


def deal(page: Page) -> Columns:
    forecasts = {name: kind.value for name, kind in FORECASTS.items()}
    forecast = page.text("ForecastCategory")
    found = page.frame.select(
        id=page.text("Id"),
        name=page.text("Name"),
        owner_id=page.text("OwnerId"),
        account_id=page.text("AccountId"),
        pipeline=page.pl.lit(ONE_PIPELINE),
        stage=page.text("StageName"),
        is_closed=page.flag("IsClosed"),
        is_won=page.flag("IsWon"),
        amount=page.money("Amount"),
        currency=page.text("CurrencyIsoCode"),
        close_date=page.day("CloseDate"),
        created_at=page.moment("CreatedDate"),
        modified_at=page.moment("SystemModstamp"),
        probability=page.share("Probability"),
        forecast=forecast.replace_strict(forecasts, default=None, return_dtype=page.pl.String),
        kind=page.text("Type"),
        source=page.text("LeadSource"),
        next_step=page.text("NextStep"),
        staged_at=page.moment("LastStageChangeDate"),
    )
    return Columns(Deal, found)


def changes(page: Page) -> Columns:
    """What moved with each save; see the function for single rows."""
    pl = page.pl
    first = page.text("PrevCloseDate").is_null()
    moved = {
        DealField.STAGE: ("StageName", pl.lit(True)),  # noqa: FBT003 - a value
        **{
            field: (name, first | page.text(name).ne_missing(page.text(f"Prev{name}")))
            for field, name in ((DealField.AMOUNT, "Amount"), (DealField.CLOSE_DATE, "CloseDate"))
            if name in page
        },
    }
    found = [
        page.frame.filter(happened).select(
            id=page.text("Id") + f":{field.value}",
            deal_id=page.text("OpportunityId"),
            at=page.moment("CreatedDate"),
            field=pl.lit(field.value),
            value=page.text(name),
        )
        for field, (name, happened) in moved.items()
    ]
    return Columns(DealChange, pl.concat(found))


def meeting(page: Page, now: datetime, zone: ZoneInfo) -> Columns:
    pl, begins = page.pl, page.moment("StartDateTime")
    whole_day = page.flag("IsAllDayEvent") & page.text("ActivityDate").is_not_null()
    about = page.text("WhatId").is_not_null() | page.text("AccountId").is_not_null()
    outsiders = pl.when(page.text("WhoId").is_not_null()).then(1).when(~about).then(0)
    found = page.frame.select(
        id=page.text("Id"),
        kind=pl.lit(ActivityKind.MEETING.value),
        owner_id=page.text("OwnerId"),
        deal_id=page.of(DEAL, "WhatId"),
        account_id=page.account(),
        start=pl.when(whole_day).then(page.noon("ActivityDate", zone)).otherwise(begins),
        logged_at=page.moment("CreatedDate"),
        status=pl.when(begins <= now)
        .then(pl.lit(ActivityStatus.HELD.value))
        .otherwise(pl.lit(ActivityStatus.SCHEDULED.value)),
        duration_seconds=page.whole("DurationInMinutes") * 60,
        external_attendees=outsiders,
        contact_ids=page.contacts(),
        lead_id=page.of(LEAD, "WhoId"),
    )
    return Columns(Activity, found)


def logged(page: Page, zone: ZoneInfo, subtypes: Mapping[str, ActivityKind]) -> Columns:
    pl = page.pl
    kinds = {name: kind.value for name, kind in subtypes.items()}
    call = ActivityKind.CALL.value
    subtype = page.text("TaskSubtype")
    kind = subtype.replace_strict(kinds, default=call, return_dtype=pl.String)
    is_call = kind == call
    happened = pl.coalesce(page.moment("CompletedDateTime"), page.moment("CreatedDate"))
    on = page.day("ActivityDate")
    that_day = on.is_null() | (happened.dt.convert_time_zone(zone.key).dt.date() == on)
    found = page.frame.select(
        id=page.text("Id"),
        kind=kind,
        owner_id=page.text("OwnerId"),
        deal_id=page.of(DEAL, "WhatId"),
        account_id=page.account(),
        start=pl.when(that_day).then(happened).otherwise(page.noon("ActivityDate", zone)),
        logged_at=page.moment("CreatedDate"),
        status=pl.when(page.flag("IsClosed"))
        .then(pl.lit(ActivityStatus.HELD.value))
        .otherwise(pl.lit(ActivityStatus.SCHEDULED.value)),
        outbound=pl.when(is_call).then(page.text("CallType").ne_missing("Inbound")),
        duration_seconds=page.whole("CallDurationInSeconds"),
        contact_ids=page.contacts(),
        lead_id=page.of(LEAD, "WhoId"),
        bulk=pl.when(kind == ActivityKind.EMAIL.value).then(subtype == "ListEmail"),
        disposition=page.text("CallDisposition"),
    )
    return Columns(Activity, found)


def task(page: Page, key_field: str) -> Columns:
    found = page.frame.select(
        id=page.text("Id"),
        owner_id=page.text("OwnerId"),
        deal_id=page.of(DEAL, "WhatId"),
        due=page.day("ActivityDate"),
        is_closed=page.flag("IsClosed"),
        created_at=page.moment("CreatedDate"),
        modified_at=page.moment("SystemModstamp"),
        completed_at=page.moment("CompletedDateTime"),
        key=page.text(key_field),
        account_id=page.account(),
    )
    return Columns(Task, found)

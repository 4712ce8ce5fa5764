"""Further kinds of records that own KPIs may count; nobody reads one that no KPI asks for.

Each has whoever it counts for: its own owner, else the owner of its deal at its moment (now, where
it has none). What belongs to a deal knows that deal's facts as `deal.NAME`, and goes with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from crm_loop.kpi.columns import CHANGES, DEAL_FACTS, LEAD_CHANGES, QUOTES, WORD, empty
from crm_loop.kpi.details import owned_then
from crm_loop.kpi.facts import Rates, money_columns
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.selection import HELD, OUTSIDE
from crm_loop.records import Subject

_MOMENT = pl.Datetime("us", "UTC")
_RECORD: Mapping[str, Any] = {"connection": WORD, "id": pl.String}
_PERSON: Mapping[str, Any] = {"person": WORD}
_MONEY: Mapping[str, Any] = {"amount": pl.Float64, "currency": WORD}
#: Fields of the CRM's own, as JSON by their names in the settings.
CUSTOM: Mapping[str, Any] = {"custom": pl.String}

#: What is read of each kind.
READ: Mapping[str, tuple[Subject, Mapping[str, Any]]] = {
    "quote": (
        Subject.QUOTES,
        {**_RECORD, **QUOTES, "modified_at": _MOMENT, "sent": pl.Boolean, **_MONEY},
    ),
    "account": (
        Subject.ACCOUNTS,
        {**_RECORD, "name": pl.String, "owner_id": pl.String, "parent_id": pl.String},
    ),
    "contact_role": (
        Subject.CONTACT_ROLES,
        {
            **_RECORD,
            "deal_id": pl.String,
            "contact_id": pl.String,
            "role": pl.String,
            "primary": pl.Boolean,
        },
    ),
    "split": (
        Subject.SPLITS,
        {
            **_RECORD,
            "deal_id": pl.String,
            "owner_id": pl.String,
            "share": pl.Float64,
            "revenue": pl.Boolean,
        },
    ),
    "lead_change": (Subject.LEAD_CHANGES, LEAD_CHANGES),
    "participant": (
        Subject.PARTICIPANTS,
        {
            **_RECORD,
            "activity_id": pl.String,
            "contact_id": pl.String,
            "lead_id": pl.String,
            "person_id": pl.String,
            "declined": pl.Boolean,
        },
    ),
    "absence": (
        Subject.ABSENCES,
        {**_RECORD, "person_id": pl.String, "start": pl.Date, "end": pl.Date},
    ),
    "quota": (
        Subject.QUOTAS,
        {
            **_RECORD,
            "owner_id": pl.String,
            "kpi": pl.String,
            "period_start": pl.Date,
            "period_end": pl.Date,
            **_MONEY,
        },
    ),
}
#: Changes of deals are read anyway.
CHANGE = "deal_change"
#: What a record of a deal knows of it.
OF_DEAL: Mapping[str, Any] = {
    f"deal.{name}": DEAL_FACTS[name]
    for name in (
        "pipeline", "stage", "canonical", "kind", "source", "is_closed", "is_won", "money",
        "created_on", "close_date", "qualified_on", "booked_on", "lost_on",
    )
}  # fmt: skip
_OWNERS_OF_DEAL: Mapping[str, Any] = {"decided_person": WORD, "qualified_person": WORD}
_OF_ACTIVITY: Mapping[str, Any] = {
    "activity.kind": WORD,
    "activity.status": WORD,
    "activity.day": pl.Date,
    "activity.deal_id": pl.String,
}
#: Days of an account: of its first and last deal, its first and last won one, its last meeting.
_OF_ACCOUNT: Mapping[str, Any] = dict.fromkeys(
    ("first_deal_on", "last_deal_on", "first_won_on", "last_won_on", "last_met_on"), pl.Date
)
_DEALT: Mapping[str, Any] = {**OF_DEAL, **_OWNERS_OF_DEAL, **_PERSON}

#: The fields of each kind.
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "quote": {**READ["quote"][1], "money": pl.Float64, **_DEALT},
    "account": {**READ["account"][1], **_OF_ACCOUNT, **_PERSON},
    "contact_role": {**READ["contact_role"][1], **_DEALT},
    "split": {**READ["split"][1], "money": pl.Float64, **_DEALT},
    CHANGE: {**CHANGES, "canonical": WORD, **_DEALT},
    "lead_change": {**LEAD_CHANGES, **_PERSON},
    "participant": {**READ["participant"][1], **_OF_ACTIVITY, **_PERSON},
    "absence": {**READ["absence"][1], **_PERSON},
    "quota": {**READ["quota"][1], "money": pl.Float64, **_PERSON},
}
#: Whose page shows a record that has none of its own: another kind, and the field with its id.
SHOWN_ON: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("quote", "contact_role", "split", CHANGE), ("deal", "deal_id")),
    "lead_change": ("lead", "lead_id"),
    "participant": ("activity", "activity_id"),
}
_KEY = ["connection", "id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What records are joined with; `changes` are those of deals until the day."""

    deals: pl.DataFrame
    activities: pl.DataFrame
    met: pl.DataFrame
    changes: pl.DataFrame
    owners: pl.DataFrame
    stages: pl.DataFrame
    currency: str
    rates: Mapping[str, Rates]
    as_of: date


def more_frames(raw: Mapping[str, pl.DataFrame], around: Around) -> dict[str, pl.DataFrame]:
    """Records with whoever they count for, the money they carry and what they belong to."""
    return {kind: _made(kind, rows, around) for kind, rows in raw.items()}


def _made(kind: str, rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    made = {
        "quote": _quotes,
        "account": _accounts,
        "contact_role": _roles,
        "split": _splits,
        CHANGE: _changes,
        "participant": _participants,
        "absence": _absences,
        "quota": _quotas,
    }.get(kind, _owned)(rows, around)
    return made.select(*FIELDS[kind], *(name for name in CUSTOM if name in made.columns))


def _owned(rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    return rows.join(around.owners, on=["connection", "owner_id"], how="left")


def _with_money(rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    """Money in the corporate currency at the plan's rates; without a rate there is none."""
    return rows.with_columns(*money_columns(rows, around.currency, around.rates))


def _of_deals(rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    """Records of deals that are there, with what is known of each deal."""
    known = {name: pl.col(name.removeprefix("deal.")).alias(name) for name in OF_DEAL}
    deals = around.deals.select(
        "connection", pl.col("id").alias("deal_id"), *known.values(), *_OWNERS_OF_DEAL,
        pl.col("person").alias("now"),
    )  # fmt: skip
    return rows.join(deals, on=["connection", "deal_id"])


def _then(rows: pl.DataFrame, moment: pl.Expr, around: Around) -> pl.DataFrame:
    """The same with whoever owned the deal at a moment of the record."""
    asked = rows.select("connection", pl.col("deal_id").alias("id"), moment.alias("at"))
    now = around.deals.select(*_KEY, "owner_id")
    then = owned_then(asked.drop_nulls().unique(), now, around.changes, owners=around.owners)
    named = then.select("connection", pl.col("id").alias("deal_id"), "at", "person")
    marked = rows.with_columns(moment.alias("_at"))
    on = ["connection", "deal_id"]
    found = marked.join(named, left_on=[*on, "_at"], right_on=[*on, "at"], how="left")
    return found.drop("_at")


def _quotes(rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    moment = pl.coalesce("sent_at", "created_at")
    return _then(_of_deals(_with_money(rows, around), around), moment, around)


def _roles(rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    return _of_deals(rows, around).rename({"now": "person"})


def _splits(rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    """A share of a deal's money, of whoever is credited with it."""
    money = (pl.col("deal.money") * pl.col("share")).alias("money")
    return _owned(_of_deals(rows, around).with_columns(money), around)


def _changes(_: pl.DataFrame, around: Around) -> pl.DataFrame:
    """Changes of deals, which are read anyway; one of its stage knows it in our words."""
    stages = around.stages.rename({"pipeline": "deal.pipeline", "stage": "value"})
    dealt = _then(_of_deals(around.changes, around), pl.col("at"), around)
    named = dealt.join(stages, on=["connection", "deal.pipeline", "value"], how="left")
    of_stage = pl.when(pl.col("field") == "stage").then(pl.col("canonical"))
    return named.with_columns(of_stage.alias("canonical"))


def _accounts(rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    deals = around.deals.drop_nulls("account_id")
    of_deals = deals.group_by("connection", pl.col("account_id").alias("id")).agg(
        pl.col("created_on").min().alias("first_deal_on"),
        pl.col("created_on").max().alias("last_deal_on"),
        pl.col("booked_on").min().alias("first_won_on"),
        pl.col("booked_on").max().alias("last_won_on"),
    )
    recent = around.activities.filter(HELD, OUTSIDE, kind="meeting")
    seen = [one.select("connection", "account_id", "day") for one in (around.met, recent)]
    until = pl.concat(seen).drop_nulls("account_id").filter(pl.col("day") <= around.as_of)
    met = until.group_by("connection", pl.col("account_id").alias("id"))
    of_meetings = met.agg(pl.col("day").max().alias("last_met_on"))
    known = rows.join(of_deals, on=_KEY, how="left").join(of_meetings, on=_KEY, how="left")
    return _owned(known, around)


def _participants(rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    known = {name: pl.col(name.removeprefix("activity.")).alias(name) for name in _OF_ACTIVITY}
    activities = around.activities.select(
        "connection", pl.col("id").alias("activity_id"), *known.values(), "person"
    )
    return rows.join(activities, on=["connection", "activity_id"])


def _absences(rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    owners = around.owners.rename({"owner_id": "person_id"})
    return rows.join(owners, on=["connection", "person_id"], how="left")


def _quotas(rows: pl.DataFrame, around: Around) -> pl.DataFrame:
    return _owned(_with_money(rows, around), around)


def rows_of_kind(frames: Frames, kind: str) -> pl.DataFrame:
    """Records of a kind; none where nobody asked for them to be read."""
    found = frames.more.get(kind)
    return empty(FIELDS[kind]) if found is None else found

"""What belongs to deals and leads: offers, credits, contacts, and the first attempt to reach."""

from datetime import date, datetime, timedelta

import polars as pl

from crm_loop.kpi.facts import local_day, owner_moves
from crm_loop.kpi.selection import HELD, OUT

#: Whoever calls first and makes the lead afterwards has answered it.
EARLY = timedelta(days=1)
_DEAL = ["connection", "id"]
_NAMED = pl.List(pl.String)


def quote_frame(
    quotes: pl.DataFrame,
    deals: pl.DataFrame,
    changes: pl.DataFrame,
    *,
    owners: pl.DataFrame,
    time_zone: str,
) -> pl.DataFrame:
    """The first offer that was sent for each deal, with whoever owned the deal then."""
    moment = pl.coalesce("sent_at", "created_at").alias("at")
    sent = quotes.select("connection", pl.col("deal_id").alias("id"), moment)
    first = sent.drop_nulls().group_by(_DEAL).agg(pl.col("at").min())
    known = owned_then(first, deals, changes, owners=owners)
    return known.with_columns(local_day("at", time_zone).alias("on")).select(
        *_DEAL, "at", "on", "person"
    )


def owned_then(
    moments: pl.DataFrame, deals: pl.DataFrame, changes: pl.DataFrame, *, owners: pl.DataFrame
) -> pl.DataFrame:
    """Moments (`at`) of deals, by moment, with whoever owned the deal then, as far as is known."""
    named = (
        moments.sort("at", *_DEAL)
        .join_asof(
            owner_moves(changes),
            left_on="at",
            right_on="owned_at",
            by=_DEAL,
            strategy="backward",
            check_sortedness=False,
        )
        .join(deals.select(*_DEAL, "owner_id"), on=_DEAL)
    )
    owned = named.with_columns(pl.coalesce("value", "owner_id").alias("owner_id"))
    return owned.join(owners, on=["connection", "owner_id"], how="left")


def with_forecast(deals: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """What the owner promises of a deal: said on it, else what its stage stands for."""
    by_stage = stages.rename({"id": "stage", "forecast": "of_stage"})
    joined = deals.join(by_stage, on=["connection", "pipeline", "stage"], how="left")
    return joined.with_columns(pl.coalesce("forecast", "of_stage").alias("forecast")).drop(
        "of_stage"
    )


def handed_frame(changes: pl.DataFrame, *, owners: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Deals that went from one person to another, oldest first."""
    moved = owner_moves(changes).rename({"value": "owner_id"})
    named = moved.join(owners, on=["connection", "owner_id"], how="left", maintain_order="left")
    before = pl.col("person").shift(1).over(_DEAL)
    known = named.with_columns(before.alias("giver"), local_day("owned_at", time_zone).alias("on"))
    given = known.rename({"person": "taker"}).drop_nulls(["giver", "taker"])
    return given.filter(pl.col("giver") != pl.col("taker")).select(*_DEAL, "on", "giver", "taker")


def split_frame(splits: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Who is credited with which share of a deal's money, one row a deal and person."""
    named = splits.join(owners, on=["connection", "owner_id"], how="left")
    shares = named.group_by("connection", pl.col("deal_id").alias("id"), "person")
    return shares.agg(pl.col("share").sum()).sort(*_DEAL, "person")


def role_frame(
    roles: pl.DataFrame,
    activities: pl.DataFrame,
    participants: pl.DataFrame,
    *,
    as_of: date,
    window: int,
) -> pl.DataFrame:
    """Contacts of deals: those with a role (always), and whoever took part lately (on a day)."""
    lately = pl.col("day").is_between(as_of - timedelta(days=window), as_of)
    met = _invited(activities.filter(HELD, lately, pl.col("deal_id").is_not_null()), participants)
    took_part = met.drop_nulls("contact_id").select(
        "connection", "deal_id", "contact_id", pl.col("day").alias("on")
    )
    return pl.concat([roles.select(took_part.columns), took_part])


def lead_frame(
    leads: pl.DataFrame,
    changes: pl.DataFrame,
    activities: pl.DataFrame,
    participants: pl.DataFrame,
    *,
    owners: pl.DataFrame,
    moment: datetime,
) -> pl.DataFrame:
    """Leads as they stood at a moment: whose they were, since when, and the first attempt.

    An attempt is a call, e-mail or meeting of the owner that went out to the lead or to the
    contact that it is, whether anybody answered or not; one before the lead was assigned counts
    too, from the day before it was made on: what is older was about something else.
    """
    last = (
        changes.filter(pl.col("at") <= moment)
        .sort("at", "id")
        .group_by("connection", pl.col("lead_id").alias("id"))
        .agg(pl.col("owner_id").last().alias("owner_then"), pl.col("at").last().alias("since"))
    )
    told = pl.when(pl.col("assigned_at") <= moment).then("assigned_at")
    held = (
        leads.filter(pl.col("created_at") <= moment)
        .join(last, on=_DEAL, how="left")
        .with_columns(
            pl.coalesce("owner_then", "owner_id").alias("owner_id"),
            pl.coalesce(told, "since", "created_at").alias("assigned_at"),
        )
        .drop("owner_then", "since", "first_touch_at")
    )
    touched = held.join(_first_attempts(held, activities, participants), on=_DEAL, how="left")
    return touched.join(owners, on=["connection", "owner_id"], how="left").sort(_DEAL)


def _first_attempts(
    leads: pl.DataFrame, activities: pl.DataFrame, participants: pl.DataFrame
) -> pl.DataFrame:
    made = _invited(activities.filter(OUT), participants).select(
        "connection", "owner_id", "start", *_REACHED
    )
    keys = [
        leads.select(*_DEAL, "owner_id", "assigned_at", "created_at", pl.col(name).alias("key"))
        for name in ("id", "contact_id")
    ]
    known = pl.concat(keys).drop_nulls("key").unique()
    reached = pl.concat(
        [
            made.select("connection", "owner_id", "start", pl.col(name).alias("key"))
            for name in _REACHED
        ]
    ).drop_nulls("key")
    both = reached.join(known, on=["connection", "owner_id", "key"])
    since = pl.min_horizontal("assigned_at", pl.col("created_at") - EARLY)
    about = both.filter(pl.col("start") >= since)
    return about.group_by(_DEAL).agg(pl.col("start").min().alias("first_touch_at"))


_REACHED = ("lead_id", "contact_id")


def _invited(activities: pl.DataFrame, participants: pl.DataFrame) -> pl.DataFrame:
    """One row an activity and outsider: named on the record itself, or invited beside it."""
    columns = ["connection", "owner_id", "deal_id", "start", "day"]
    named = activities.filter(
        pl.col("contact_ids").is_not_null() | pl.col("lead_id").is_not_null()
    ).with_columns(
        pl.col("contact_ids").fill_null("[null]").str.json_decode(_NAMED).alias("contact_id")
    )
    own = named.explode("contact_id").select(*columns, *_REACHED)
    beside = activities.drop("lead_id").join(
        participants, left_on=_DEAL, right_on=["connection", "activity_id"]
    )
    return pl.concat([own, beside.select(*columns, *_REACHED)])

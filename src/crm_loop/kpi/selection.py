"""Which records a KPI is about: what is won, open, met, touched or has a next step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import wraps

import polars as pl

from crm_loop.kpi.columns import MEETINGS
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.rules import RANK

_DEAL = ["connection", "id"]
HELD = pl.col("status") == "held"
#: Done towards somebody outside. Calls that do not say who called were logged by whoever called;
#: an e-mail that does not say who wrote it may as well be an answer.
OUT = HELD & pl.col("outbound").fill_null(pl.col("kind") != "email")
#: Somebody called somebody outside, whether reached or not.
MADE_CALL = (pl.col("kind") == "call") & OUT
#: Where the CRM lists no attendees, a logged meeting is taken for one with a customer.
OUTSIDE = pl.col("external_attendees").fill_null(1) >= 1
#: Somebody wrote to somebody outside; mailings are no letters.
SENT_EMAIL = (pl.col("kind") == "email") & OUT & ~pl.col("bulk").fill_null(value=False)


Selection = Callable[[Frames], pl.DataFrame]


def once(select: Selection) -> Selection:
    """Choose the same rows of the same frames only once."""

    @wraps(select)
    def chosen(frames: Frames) -> pl.DataFrame:
        name = select.__name__
        if name not in frames.chosen:
            frames.chosen[name] = select(frames)
        found: pl.DataFrame = frames.chosen[name]
        return found

    return chosen


def slim(frames: Frames, *columns: str) -> Frames:
    """The same frames with these columns of deals: choosing among a million copies all it has."""
    if "lost_on" in columns:
        _cases(frames)
    return replace(frames, deals=frames.deals.select(*_DEAL, *columns))


def won_deals(frames: Frames, *more: pl.Expr) -> pl.DataFrame:
    """Deals that are won now and have a booking day; `more` narrows them in the same step."""
    return frames.deals.filter(pl.col("booked_on").is_not_null(), *more)


def lost_deals(frames: Frames, *more: pl.Expr) -> pl.DataFrame:
    """Deals that are lost now for a reason that makes them a case."""
    return frames.deals.filter(_cases(frames), *more)


def _cases(frames: Frames) -> pl.Series:
    """Which deals are lost and a case; why a deal was lost is read only once."""
    if "lost" not in frames.chosen:
        lost = frames.deals.select(pl.col("lost_on").is_not_null() & ~excluded(frames))
        frames.chosen["lost"] = lost.to_series()
    found: pl.Series = frames.chosen["lost"]
    return found


def excluded(frames: Frames) -> pl.Expr:
    """Whether a deal was lost for a reason that makes it no case at all."""
    reason = pl.col("lost_reason").str.to_lowercase().str.replace_all("_", " ")
    named = reason.is_in(frames.rules.lost_reasons_excluded).fill_null(value=False)
    return named & pl.col("lost_on").is_not_null()


def qualified_deals(frames: Frames, *more: pl.Expr) -> pl.DataFrame:
    return frames.deals.filter(pl.col("qualified_on").is_not_null(), *more)


def open_deals(frames: Frames) -> pl.DataFrame:
    return frames.deals.filter(~pl.col("is_closed"))


def counted(deals: pl.DataFrame) -> pl.DataFrame:
    """Without credits: a negative amount is money, not a deal."""
    return deals.filter(pl.col("amount").is_null() | (pl.col("amount") >= 0))


@once
def first_entries(frames: Frames) -> pl.DataFrame:
    """When each deal first came into each stage, oldest first, by whoever owned it then."""
    moves = frames.moves.select(*_DEAL, "at", "on", "canonical", "person")
    moves = moves.sort("at", maintain_order=True)
    return moves.unique([*_DEAL, "canonical"], keep="first", maintain_order=True)


def entries(
    frames: Frames, *, exactly: str | None = None, at_least: str | None = None
) -> pl.DataFrame:
    """When each deal first came into a stage (or to it or beyond), by whoever owned it then."""
    if exactly is not None:
        return first_entries(frames).filter(pl.col("canonical") == exactly)
    name = f"entries {at_least}"
    if name not in frames.chosen:
        further = [one for one, rank in RANK.items() if rank >= RANK[at_least or "S1"]]
        came = first_entries(frames).filter(pl.col("canonical").is_in(further))
        chosen = came.select(*_DEAL, "at", "on", "person")
        first = chosen.unique(_DEAL, keep="first", maintain_order=True)
        if at_least not in _AGAIN:
            return first
        frames.chosen[name] = first
    found: pl.DataFrame = frames.chosen[name]
    return found


#: Stages whose first entries are asked for again and again.
_AGAIN = ("S2", "S3")


def credited(frames: Frames, deals: pl.DataFrame, person: str) -> pl.DataFrame:
    """Deals with their money divided among whoever is credited with it, one row a deal and person.

    Counts are never divided: they belong to the owner alone.
    """
    if frames.splits.is_empty():
        return deals
    shares = frames.splits.rename({"person": "credited"})
    both = deals.join(shares, on=_DEAL, how="left")
    divided = pl.col("share").is_not_null()
    return both.with_columns(
        pl.when(divided).then("credited").otherwise(person).alias(person),
        (pl.col("money") * pl.col("share").fill_null(1.0)).alias("money"),
    ).drop("credited", "share")


@once
def proposed(frames: Frames) -> pl.DataFrame:
    """When each deal first came to a proposal or beyond, or an offer was first sent for it."""
    came = entries(frames, at_least="S3").select(*_DEAL, "at", "on", "person")
    if frames.quotes.is_empty():
        return came
    both = pl.concat([came, frames.quotes.select(came.columns)]).sort("at", maintain_order=True)
    return both.unique(_DEAL, keep="first", maintain_order=True)


@once
def customer_meetings(frames: Frames) -> pl.DataFrame:
    """Held meetings with somebody from outside, once each: the smallest id of equal ones.

    Equal are meetings of one calendar entry, else of one customer at one moment.
    """
    recent = frames.activities.filter(pl.col("kind") == "meeting", HELD, OUTSIDE)
    held = pl.concat([recent.select(list(MEETINGS)), frames.met])
    in_calendar = held["calendar_uid"].is_not_null()
    named = held["account_id"].is_not_null()
    parts = (
        _each_once(_where(held, in_calendar), ["calendar_uid"]),
        _each_once(_where(held, ~in_calendar & named), ["connection", "account_id", "start"]),
        _where(held, ~in_calendar & ~named),
    )
    return pl.concat([one for one in parts if len(one)] or [held])


def _where(rows: pl.DataFrame, true: pl.Series) -> pl.DataFrame:
    """Some of millions of rows; all of them without a copy."""
    return rows if true.all() else rows.filter(true)


def _each_once(rows: pl.DataFrame, same: list[str]) -> pl.DataFrame:
    """One row of those that are the same, that of the smallest id; few are."""
    double = rows.select(pl.struct(same).is_duplicated()).to_series()
    if not double.any():
        return rows
    first = rows.filter(double).sort("id", "connection").unique(same, keep="first")
    return pl.concat([rows.filter(~double), first])


@once
def first_meetings(frames: Frames) -> pl.DataFrame:
    """Meetings with a customer whom nobody had met in the window before, by start; ties by id."""
    met = customer_meetings(frames)
    # Only what decides is put in order: a number for the customer, and where the meeting stands.
    keys = met.select("connection", "account_id", "start", "id").with_row_index("place")
    accounts = keys.select("connection", "account_id").drop_nulls("account_id").unique()
    numbered = accounts.with_row_index("nth")
    joined = keys.join(numbered, on=["connection", "account_id"]).drop("connection", "account_id")
    ordered = joined.sort("nth", "start", "id")
    again = pl.col("nth") == pl.col("nth").shift(1)
    lately = pl.col("start") - pl.col("start").shift(1) <= timedelta(days=frames.rules.new_window)
    return met[ordered.filter(~(again & lately).fill_null(value=False))["place"]]


@once
def made_calls(frames: Frames) -> pl.DataFrame:
    """Outbound calls that took place, and whether they reached somebody."""
    made = frames.activities.filter(MADE_CALL)
    long = pl.col("duration_seconds") >= frames.rules.connected_seconds
    said = (
        pl.col("disposition")
        .cast(pl.String)
        .str.to_lowercase()
        .is_in(frames.rules.connected_dispositions)
    )
    connected = said.fill_null(value=False) | long.fill_null(value=False)
    return made.select(*_DONE, connected.alias("connected"))


#: What is asked of a call or a message once it is chosen.
_DONE = ("connection", "id", "person", "day")


def sent_emails(frames: Frames) -> pl.DataFrame:
    """Outbound e-mails from one person to another, one a message."""
    sent = frames.activities.filter(SENT_EMAIL)
    own = pl.concat_str("connection", "id", separator="|")
    same = pl.coalesce("message_id", "calendar_uid", own)
    named = sent.select(*_DONE, same.alias("same")).sort("id", "connection")
    return named.unique("same", keep="first", maintain_order=True)


def with_steps(frames: Frames, as_of: date) -> pl.DataFrame:
    """Open deals and whether something is dated ahead; tasks of ours do not count."""
    ahead = (
        as_of + timedelta(days=1),
        as_of + timedelta(days=frames.rules.next_step_horizon),
    )
    tasks = frames.tasks.filter(
        ~pl.col("is_closed"), pl.col("key").is_null(), pl.col("due").is_between(*ahead)
    )
    planned = frames.activities.filter(
        pl.col("status") == "scheduled", pl.col("day").is_between(*ahead)
    )
    names = ("connection", pl.col("deal_id").alias("id"))
    dated = pl.concat([tasks.select(names), planned.select(names)]).drop_nulls("id").unique()
    steps = dated.with_columns(pl.lit(value=True).alias("has_step"))
    joined = open_deals(frames).join(steps, on=_DEAL, how="left")
    return joined.with_columns(pl.col("has_step").fill_null(value=False))


#: What is looked at of deals that may have gone quiet.
_TOUCHED = ("person", "is_closed", "canonical", "advanced_on", "created_on", "money", "amount")


def touched(frames: Frames, as_of: date) -> pl.DataFrame:
    """Open deals with their last touch and whether they have gone quiet."""
    deals = open_deals(slim(frames, *_TOUCHED))
    # Only open deals are asked for: joining first spares most of the grouping.
    recent = (
        frames.activities.lazy()
        .filter(HELD, pl.col("day") <= as_of)
        .select("connection", pl.col("deal_id").alias("id"), "day")
    )
    last = (
        pl.concat([recent, frames.touches.lazy().select(*_DEAL, "day")])
        .join(deals.lazy().select(_DEAL), on=_DEAL, how="semi")
        .group_by(_DEAL)
        .agg(pl.col("day").max().alias("active_on"))
        .collect()
    )
    touch = pl.max_horizontal("active_on", "advanced_on", "created_on")
    limit = pl.col("canonical").replace_strict(
        dict(frames.rules.quiet_after),
        default=frames.rules.quiet_elsewhere,
        return_dtype=pl.Int64,
    )
    quiet = (pl.lit(as_of) - touch).dt.total_days() > limit
    return deals.join(last, on=_DEAL, how="left").with_columns(
        touch.alias("touched_on"), quiet.alias("stale")
    )


def with_contacts(frames: Frames, as_of: date) -> pl.DataFrame:
    """Open deals with the number of different contacts known or met lately."""
    since = as_of - timedelta(days=frames.rules.contact_window)
    known = frames.roles.filter(pl.col("on").is_null() | (pl.col("on") > since))
    many = known.group_by("connection", pl.col("deal_id").alias("id")).agg(
        pl.col("contact_id").n_unique().cast(pl.Int64).alias("known")
    )
    joined = open_deals(frames).join(many, on=_DEAL, how="left")
    # A CRM that lists nobody may at least say how many they are.
    return joined.with_columns(
        pl.coalesce("known", "contacts").fill_null(0).alias("contacts")
    ).drop("known")

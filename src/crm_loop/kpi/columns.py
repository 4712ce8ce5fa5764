"""What is read of each record into frames: columns and their types."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

_MOMENT = pl.Datetime("us", "UTC")
#: Text of a few kinds: a number each.
WORD: Any = pl.Categorical()

DEALS: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "owner_id": pl.String,
    "account_id": pl.String,
    "pipeline": pl.String,
    "stage": pl.String,
    "is_closed": pl.Boolean,
    "is_won": pl.Boolean,
    "amount": pl.Float64,
    "currency": WORD,
    "close_date": pl.Date,
    "created_at": _MOMENT,
    "lost_reason": pl.String,
    "forecast": WORD,
    "kind": WORD,
    "source": WORD,
    "contacts": pl.Int64,
    "custom": pl.String,
    "removed_at": _MOMENT,
}
CHANGES: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "deal_id": pl.String,
    "at": _MOMENT,
    "field": WORD,
    "value": pl.String,
}
ACTIVITIES: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "kind": WORD,
    "owner_id": pl.String,
    "deal_id": pl.String,
    "account_id": pl.String,
    "start": _MOMENT,
    "logged_at": _MOMENT,
    "status": WORD,
    "outbound": pl.Boolean,
    "duration_seconds": pl.Int64,
    "external_attendees": pl.Int64,
    "calendar_uid": pl.String,
    "message_id": pl.String,
    "bulk": pl.Boolean,
    "disposition": WORD,
    "lead_id": pl.String,
    "contact_ids": pl.String,
}
#: What is read of activities that are only counted.
OLD: Mapping[str, Any] = {
    name: ACTIVITIES[name]
    for name in (
        "connection", "kind", "owner_id", "deal_id", "start", "status", "outbound", "bulk",
        "message_id",
    )
}  # fmt: skip
#: What is read of meetings that nobody looks at one by one any more: who had met whom is all.
OLD_MEETINGS: Mapping[str, Any] = {
    name: ACTIVITIES[name]
    for name in (
        "connection", "id", "owner_id", "deal_id", "account_id", "start", "status",
        "external_attendees", "calendar_uid",
    )
}  # fmt: skip
#: What is left of a held meeting with a customer, old or new.
MEETINGS: Mapping[str, Any] = {
    **{
        name: ACTIVITIES[name]
        for name in ("connection", "id", "account_id", "start", "calendar_uid")
    },
    "person": WORD,
    "day": pl.Date,
}
#: Calls and e-mails of days that nobody looks at one by one: how many, by owner and local day.
EARLIER: Mapping[str, Any] = {
    "connection": WORD,
    "kind": WORD,
    "owner_id": pl.String,
    "day": pl.Date,
    "n": pl.Float64,
}
#: The last local day on which something was done about a deal (null: nothing was done yet).
TOUCHES: Mapping[str, Any] = {"connection": WORD, "id": pl.String, "day": pl.Date}
TASKS: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "owner_id": pl.String,
    "deal_id": pl.String,
    "due": pl.Date,
    "is_closed": pl.Boolean,
    "created_at": _MOMENT,
    "completed_at": _MOMENT,
    "key": pl.String,
}
LEADS: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "owner_id": pl.String,
    "assigned_at": _MOMENT,
    "first_touch_at": _MOMENT,
    "created_at": _MOMENT,
    "converted_on": pl.Date,
    "status": pl.String,
    "source": WORD,
    "company": pl.String,
    "deal_id": pl.String,
    "contact_id": pl.String,
}
LEAD_CHANGES: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "lead_id": pl.String,
    "at": _MOMENT,
    "owner_id": pl.String,
}
#: Who was invited to an activity beside those that it names itself.
PARTICIPANTS: Mapping[str, Any] = {
    "connection": WORD,
    "activity_id": pl.String,
    "contact_id": pl.String,
    "lead_id": pl.String,
}
ROLES: Mapping[str, Any] = {
    "connection": WORD,
    "deal_id": pl.String,
    "contact_id": pl.String,
    "on": pl.Date,
}
SPLITS: Mapping[str, Any] = {
    "connection": WORD,
    "deal_id": pl.String,
    "owner_id": pl.String,
    "share": pl.Float64,
}
QUOTES: Mapping[str, Any] = {
    "connection": WORD,
    "deal_id": pl.String,
    "created_at": _MOMENT,
    "sent_at": _MOMENT,
}
RATES: Mapping[str, Any] = {
    "connection": WORD,
    "currency": WORD,
    "per_home": pl.String,
    "start": pl.Date,
    "end": pl.Date,
}
STAGES: Mapping[str, Any] = {
    "connection": WORD,
    "pipeline": pl.String,
    "id": pl.String,
    "forecast": WORD,
}

#: What the measures know of a deal once its history is read; days are local.
DEAL_FACTS: Mapping[str, Any] = {
    **DEALS,
    "canonical": WORD,
    "person": WORD,
    "decided_person": WORD,
    "qualified_person": WORD,
    "decided_owner_unknown": pl.Boolean,
    "qualified_owner_unknown": pl.Boolean,
    "money": pl.Float64,
    "missing_fx": pl.Boolean,
    "missing_amount": pl.Boolean,
    "won_at": _MOMENT,
    "booked_on": pl.Date,
    "lost_on": pl.Date,
    "qualified_on": pl.Date,
    "advanced_on": pl.Date,
    "created_on": pl.Date,
}
#: One row each time a deal came into another stage: who owned it then, and the local day.
MOVES: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "at": _MOMENT,
    "on": pl.Date,
    "canonical": WORD,
    "before": WORD,
    "person": WORD,
}
#: One row a change of a deal's close date: what it was and became, and the local day.
DATE_MOVES: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "at": _MOMENT,
    "on": pl.Date,
    "old": pl.Date,
    "new": pl.Date,
    "created_at": _MOMENT,
    "person": WORD,
}
#: The first offer sent for a deal, and whoever owned the deal then.
SENT: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "at": _MOMENT,
    "on": pl.Date,
    "person": WORD,
}
#: Who is credited with which share of a deal's money.
SHARES: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "person": WORD,
    "share": pl.Float64,
}
#: A deal that changed hands, from whom to whom, on a local day.
HANDED: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "on": pl.Date,
    "giver": WORD,
    "taker": WORD,
}
#: The same once their owners are known.
COUNTED: Mapping[str, Any] = {
    "kind": WORD,
    "person": WORD,
    "day": pl.Date,
    "n": pl.Float64,
}
#: Prepared 1on1s. `talk` is the rep's share of the talk, `gaps` and `confirmed` how many gaps were
#: opened and of how many the rep said the cause; null where nobody says.
SESSIONS: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "person": WORD,
    "manager": WORD,
    "on": pl.Date,
    "eligible": pl.Boolean,
    "recorded": pl.Boolean,
    "held": pl.Boolean,
    "ready": pl.Boolean,
    "talk": pl.Float64,
    "gaps": pl.Float64,
    "confirmed": pl.Float64,
}
#: Agreed steps; `asked_by` is the rep to whom a manager promised it.
STEPS: Mapping[str, Any] = {
    "connection": WORD,
    "id": pl.String,
    "person": WORD,
    "asked_by": WORD,
    "made_on": pl.Date,
    "due": pl.Date,
    "done": pl.Boolean,
    "linked": pl.Boolean,
}
#: What was promised for a period on its lock day.
FORECASTS: Mapping[str, Any] = {
    "person": WORD,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "promised": pl.Float64,
}
#: An activity with its doer and local day.
ACTIVITY_FACTS: Mapping[str, Any] = {**ACTIVITIES, "person": WORD, "day": pl.Date}


def table(
    rows: Iterable[Mapping[str, Any]], schema: Mapping[str, Any], **same: Any
) -> pl.DataFrame:
    """A frame of rows as text or data: what a row lacks is `same` of all, else null.

    Days and moments may be ISO text; other columns of the rows are left out.
    """
    listed = list(rows)
    columns = {
        name: pl.Series(name, [row.get(name, same.get(name)) for row in listed], strict=False)
        for name in schema
    }
    frame = pl.DataFrame({name: _typed(one, schema[name]) for name, one in columns.items()})
    return frame if listed else pl.DataFrame(schema=dict(schema))


def empty(schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(schema))


def _typed(column: pl.Series, kind: Any) -> pl.Series:
    if column.dtype == pl.String and kind == pl.Date:
        return column.str.slice(0, 10).str.to_date("%Y-%m-%d")
    if column.dtype == pl.String and kind == _MOMENT:
        return column.str.to_datetime(time_zone="UTC", time_unit="us")
    return column.cast(kind)

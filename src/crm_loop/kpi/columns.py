"""What is read of each record into frames: columns and their types."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

_MOMENT = pl.Datetime("us", "UTC")

DEALS: Mapping[str, Any] = {
    "connection": pl.String,
    "id": pl.String,
    "owner_id": pl.String,
    "account_id": pl.String,
    "pipeline": pl.String,
    "stage": pl.String,
    "is_closed": pl.Boolean,
    "is_won": pl.Boolean,
    "amount": pl.Float64,
    "currency": pl.String,
    "close_date": pl.Date,
    "created_at": _MOMENT,
    "lost_reason": pl.String,
    "removed_at": _MOMENT,
}
CHANGES: Mapping[str, Any] = {
    "connection": pl.String,
    "id": pl.String,
    "deal_id": pl.String,
    "at": _MOMENT,
    "field": pl.String,
    "value": pl.String,
}
ACTIVITIES: Mapping[str, Any] = {
    "connection": pl.String,
    "id": pl.String,
    "kind": pl.String,
    "owner_id": pl.String,
    "deal_id": pl.String,
    "account_id": pl.String,
    "start": _MOMENT,
    "logged_at": _MOMENT,
    "status": pl.String,
    "outbound": pl.Boolean,
    "duration_seconds": pl.Int64,
    "external_attendees": pl.Int64,
    "calendar_uid": pl.String,
}
TASKS: Mapping[str, Any] = {
    "connection": pl.String,
    "id": pl.String,
    "deal_id": pl.String,
    "due": pl.Date,
    "is_closed": pl.Boolean,
    "key": pl.String,
}
LEADS: Mapping[str, Any] = {
    "connection": pl.String,
    "id": pl.String,
    "owner_id": pl.String,
    "assigned_at": _MOMENT,
    "first_touch_at": _MOMENT,
    "created_at": _MOMENT,
    "converted_at": _MOMENT,
}
ROLES: Mapping[str, Any] = {
    "connection": pl.String,
    "deal_id": pl.String,
    "contact_id": pl.String,
    "on": pl.Date,
}
SPLITS: Mapping[str, Any] = {
    "connection": pl.String,
    "deal_id": pl.String,
    "owner_id": pl.String,
    "share": pl.Float64,
}

#: What the measures know of a deal once its history is read; days are local.
DEAL_FACTS: Mapping[str, Any] = {
    **DEALS,
    "canonical": pl.String,
    "person": pl.String,
    "decided_person": pl.String,
    "qualified_person": pl.String,
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
    "connection": pl.String,
    "id": pl.String,
    "at": _MOMENT,
    "on": pl.Date,
    "canonical": pl.String,
    "before": pl.String,
    "person": pl.String,
}
#: One row a change of a deal's close date: what it was and became, and the local day.
DATE_MOVES: Mapping[str, Any] = {
    "connection": pl.String,
    "id": pl.String,
    "at": _MOMENT,
    "on": pl.Date,
    "old": pl.Date,
    "new": pl.Date,
    "created_at": _MOMENT,
    "person": pl.String,
}
#: An activity with its doer and local day.
ACTIVITY_FACTS: Mapping[str, Any] = {**ACTIVITIES, "person": pl.String, "day": pl.Date}


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

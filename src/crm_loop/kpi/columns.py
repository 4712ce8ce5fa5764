"""What is read of each record into frames: columns and their types."""

from collections.abc import Mapping
from typing import Any

import polars as pl

_MOMENT = pl.Datetime("us", "UTC")

DEALS: Mapping[str, Any] = {
    "connection": pl.String,
    "id": pl.String,
    "owner_id": pl.String,
    "pipeline": pl.String,
    "stage": pl.String,
    "is_closed": pl.Boolean,
    "is_won": pl.Boolean,
    "amount": pl.Float64,
    "currency": pl.String,
    "close_date": pl.Date,
    "created_at": _MOMENT,
    "lost_reason": pl.String,
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
    "status": pl.String,
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

"""What holds on a day: its last moment, and the rates that are in force."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from crm_loop.kpi.facts import Rates
from crm_loop.money import rates_on


def rates_of(rates: pl.DataFrame, day: date, corporate: str) -> dict[str, Rates]:
    """The rates of each connection that are in force on a day."""
    by_connection: dict[str, list[tuple[str, object, date | None, date | None]]] = {}
    for connection, currency, per_home, start, end in rates.sort(rates.columns).iter_rows():
        by_connection.setdefault(connection, []).append((currency, per_home, start, end))
    return {name: rates_on(known, day, corporate) for name, known in by_connection.items()}


def end_of(day: date, time_zone: str) -> datetime:
    """The last moment of a local day."""
    after = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone))
    return (after - timedelta(microseconds=1)).astimezone(UTC)

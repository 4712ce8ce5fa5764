"""Rows of the database as one measure of Prometheus."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Connection

PREFIX = "crmloop_"

Row = Sequence[Any]
#: How an organisation is named.
Place = Callable[[str], str]


def rows(connection: Connection, query: Any) -> Sequence[Row]:
    return connection.execute(query).all()


def age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def family(
    name: str,
    words: str,
    names: Sequence[str],
    found_rows: Iterable[Row],
    together: Callable[[float, float], float] = max,
) -> Metric:
    """One measure; `together` joins rows of the same labels (organisations of one bucket)."""
    measure = GaugeMetricFamily(PREFIX + name, words, labels=names)
    joined: dict[tuple[str, ...], float] = {}
    for *found, value in found_rows:
        key = tuple(str(each) for each in found)
        joined[key] = together(joined[key], value) if key in joined else float(value)
    for key, value in sorted(joined.items()):
        measure.add_metric(key, value)
    return measure

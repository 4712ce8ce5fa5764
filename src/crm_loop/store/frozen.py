"""Closed periods, what became different of them, and how the pipeline stood each night."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, or_, select, true

from crm_loop.loop_records import FrozenValue, Restated
from crm_loop.store.packing import pack_amounts, unpack_amounts
from crm_loop.store.rapid import insert_rows
from crm_loop.store.tables import kpi as tables
from crm_loop.store.upsert import upsert

#: No month has so many days.
_MONTH = timedelta(days=31)


class Frozen:
    """Closed periods and nightly pipelines of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def keep(self, values: Sequence[FrozenValue]) -> None:
        """Freeze values; what is frozen already stays as it is."""
        rows = [self._row(one) for one in values]
        insert_rows(self.connection, tables.kpi_frozen, rows, missing=True)

    def periods(self) -> frozenset[tuple[date, date]]:
        """The periods whose results are frozen."""
        table = tables.kpi_frozen
        query = select(table.c.period_start, table.c.period_end).distinct()
        mine = query.where(table.c.organisation == self.organisation, table.c.kpi == "bookings")
        return frozenset((row[0], row[1]) for row in self.connection.execute(mine))

    def since(self, day: date, *, kpis: Sequence[str]) -> list[FrozenValue]:
        """Frozen values of these KPIs, of periods that end on this day or later."""
        table = tables.kpi_frozen
        query = select(table).where(
            table.c.organisation == self.organisation,
            table.c.period_end >= day,
            table.c.kpi.in_(list(kpis)),
        )
        ordered = query.order_by(table.c.period_start, table.c.kpi, table.c.person)
        return [_frozen(row) for row in self.connection.execute(ordered)]

    def of_period(self, start: date, end: date) -> list[FrozenValue]:
        """Frozen values of one period, by person and KPI."""
        table = tables.kpi_frozen
        query = select(table).where(
            table.c.organisation == self.organisation,
            table.c.period_start == start,
            table.c.period_end == end,
        )
        ordered = query.order_by(table.c.person, table.c.kpi)
        return [_frozen(row) for row in self.connection.execute(ordered)]

    def one(self, person: str, kpi: str, start: date, end: date) -> FrozenValue | None:
        """What one figure of one person was frozen at."""
        table = tables.kpi_frozen
        query = select(table).where(
            table.c.organisation == self.organisation,
            table.c.person == person,
            table.c.kpi == kpi,
            table.c.period_start == start,
            table.c.period_end == end,
        )
        row = self.connection.execute(query).first()
        return None if row is None else _frozen(row)

    def values(
        self, kpis: Sequence[str], *, since: date, before: date
    ) -> list[tuple[str, str, date, date, float]]:
        """KPI, person, first day, last day and value of what was frozen before a day.

        Of periods that end on `since` or later, in that order; without data there is none.
        """
        table = tables.kpi_frozen
        columns = (table.c.kpi, table.c.person, table.c.period_start, table.c.period_end)
        query = select(*columns, table.c.value).where(
            table.c.organisation == self.organisation,
            table.c.kpi.in_(list(kpis)),
            table.c.period_end >= since,
            table.c.frozen_on < before,
            table.c.value.is_not(None),
        )
        rows = self.connection.execute(query.order_by(*columns))
        return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]

    def totals(self, since: date) -> list[tuple[str, date, float, int]]:
        """KPI, first day, sum and number of people of months that end on this day or later."""
        table = tables.kpi_frozen
        query = (
            select(
                table.c.kpi,
                table.c.period_start,
                func.sum(table.c.value),
                func.count(),
                table.c.period_end,
            )
            .where(table.c.organisation == self.organisation, table.c.period_end >= since)
            .where(table.c.value.is_not(None))
            .group_by(table.c.kpi, table.c.period_start, table.c.period_end)
            .order_by(table.c.period_start, table.c.kpi)
        )
        rows = self.connection.execute(query)
        return [(row[0], row[1], row[2], row[3]) for row in rows if row[4] - row[1] < _MONTH]

    def restate(
        self,
        as_of: date,
        changes: Mapping[tuple[str, str, date, date], tuple[float, Mapping[str, float]]],
        *,
        kpis: Sequence[str] | None = None,
        since: date = date.min,
    ) -> None:
        """Replace the list of later differences: net and changes by record.

        `kpis` are those that were looked at (None: all); what is known of others stays, as long as
        its period ends on `since` or later.
        """
        table = tables.kpi_restatement
        mine = table.c.organisation == self.organisation
        gone = table.c.period_end < since
        looked_at = or_(gone, table.c.kpi.in_(list(kpis))) if kpis is not None else true()
        self.connection.execute(delete(table).where(mine, looked_at))
        rows = [
            {
                "organisation": self.organisation,
                "person": person,
                "kpi": kpi,
                "period_start": start,
                "period_end": end,
                "as_of": as_of,
                "net": net,
                "changes": json.dumps(dict(by_record), sort_keys=True),
            }
            for (person, kpi, start, end), (net, by_record) in sorted(changes.items())
        ]
        insert_rows(self.connection, table, rows, missing=False)

    def restatements(self, *, person: str | None = None) -> list[Restated]:
        """What became different of closed periods, by period, KPI and person."""
        now, then = tables.kpi_restatement, tables.kpi_frozen
        key = ("organisation", "person", "kpi", "period_start", "period_end")
        same = and_(*(now.c[name] == then.c[name] for name in key))
        query = (
            select(now, then.c.frozen_on, then.c.value)
            .select_from(now.join(then, same))
            .where(now.c.organisation == self.organisation)
            .order_by(now.c.period_start, now.c.period_end, now.c.kpi, now.c.person)
        )
        if person is not None:
            query = query.where(now.c.person == person)
        return [
            Restated(
                person=row.person,
                kpi=row.kpi,
                period_start=row.period_start,
                period_end=row.period_end,
                frozen_on=row.frozen_on,
                as_of=row.as_of,
                frozen=row.value,
                live=(row.value or 0.0) + row.net,
                changes=json.loads(row.changes),
            )
            for row in self.connection.execute(query)
        ]

    def keep_pipeline(self, day: date, frame: bytes, *, whole: bool) -> None:
        row = {"organisation": self.organisation, "day": day, "whole": whole, "frame": frame}
        upsert(self.connection, tables.pipeline_day, [row])

    def pipelines(self, until: date) -> list[tuple[date, bool, bytes]]:
        """The last whole pipeline up to a day and the changes since, oldest first."""
        table = tables.pipeline_day
        mine = table.c.organisation == self.organisation
        last = self.connection.scalar(
            select(func.max(table.c.day)).where(mine, table.c.whole, table.c.day <= until)
        )
        if last is None:
            return []
        query = select(table.c.day, table.c.whole, table.c.frame).where(
            mine, table.c.day >= last, table.c.day <= until
        )
        rows = self.connection.execute(query.order_by(table.c.day))
        return [(row.day, row.whole, row.frame) for row in rows]

    def define(self, name: str, text: str, *, enabled: bool) -> None:
        """Keep a file of the organisation's own KPIs under its name."""
        row = {"organisation": self.organisation, "name": name, "text": text, "enabled": enabled}
        upsert(self.connection, tables.kpi_definition, [row])

    def definitions(self) -> dict[str, str]:
        """The files of own KPIs that are switched on, by name."""
        table = tables.kpi_definition
        query = select(table.c.name, table.c.text).where(
            table.c.organisation == self.organisation, table.c.enabled
        )
        return {row[0]: row[1] for row in self.connection.execute(query.order_by(table.c.name))}

    def _row(self, one: FrozenValue) -> dict[str, Any]:
        return {
            "organisation": self.organisation,
            "person": one.person,
            "kpi": one.kpi,
            "period_start": one.period_start,
            "period_end": one.period_end,
            "frozen_on": one.frozen_on,
            "rebuilt": one.rebuilt,
            "value": one.value,
            "numerator": one.numerator,
            "denominator": one.denominator,
            "n": one.n,
            "value_status": one.value_status,
            "amounts": pack_amounts(one.amounts),
        }


def _frozen(row: Row[Any]) -> FrozenValue:
    return FrozenValue(
        person=row.person,
        kpi=row.kpi,
        period_start=row.period_start,
        period_end=row.period_end,
        frozen_on=row.frozen_on,
        rebuilt=row.rebuilt,
        value=row.value,
        numerator=row.numerator,
        denominator=row.denominator,
        n=row.n,
        value_status=row.value_status,
        amounts=unpack_amounts(row.amounts),
    )

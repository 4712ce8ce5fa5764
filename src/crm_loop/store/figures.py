"""Targets and measured values."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, tuple_

from crm_loop.loop_records import KpiValue, ProgressStatus, RecordRef, ValueStatus
from crm_loop.store.packing import pack, pack_given, unpack
from crm_loop.store.rapid import insert_rows
from crm_loop.store.tables.kpi import kpi_records
from crm_loop.store.tables.loop import kpi_value, target
from crm_loop.store.targets import Targets

#: A period's last measurement stands for its end when it was made in its last week.
NEAR_ITS_END = timedelta(days=7)
#: Only these, where any are named.
Some = Iterable[str] | None


class Fall(NamedTuple):
    """A person's figure that stands much worse than a week before; its period tells it apart."""

    person: str
    kpi: str
    period_start: date


class Figures(Targets):
    """Targets and KPI values of one organisation."""

    def keep(self, as_of: date, values: Sequence[KpiValue]) -> None:
        """Replace everything measured as of that day."""
        for table in (kpi_records, kpi_value):
            mine = table.c.organisation == self.organisation, table.c.as_of == as_of
            self.connection.execute(delete(table).where(*mine))
        for table, row in ((kpi_value, self._value_row), (kpi_records, self._record_row)):
            insert_rows(self.connection, table, [row(one) for one in values], missing=False)

    def values(self, as_of: date, *, persons: Some = None, kpis: Some = None) -> list[KpiValue]:
        """Values as of that day by person and KPI, of some of these only, without their records."""
        which = [kpi_value.c.as_of == as_of]
        which += [kpi_value.c.person.in_(sorted(persons))] if persons is not None else []
        which += [kpi_value.c.kpi.in_(sorted(kpis))] if kpis is not None else []
        return self._values(*which)

    def latest_day(self, first: date, last: date) -> date | None:
        """The last day between these two as of which anybody was measured."""
        table = kpi_value
        query = select(func.max(table.c.as_of)).where(
            table.c.organisation == self.organisation, table.c.as_of.between(first, last)
        )
        day: date | None = self.connection.scalar(query)
        return day

    def fell(self, as_of: date, since: date) -> list[Fall]:
        """Figures that stood two steps better as of an earlier day of the same period."""
        now, then = kpi_value.alias(), kpi_value.alias()
        well = (ProgressStatus.ACHIEVED, ProgressStatus.ON_TRACK)
        two_steps = or_(
            and_(then.c.progress.in_(well), now.c.progress == ProgressStatus.OFF_TRACK),
            and_(
                then.c.progress == ProgressStatus.ACHIEVED,
                now.c.progress == ProgressStatus.AT_RISK,
            ),
        )
        names = ("organisation", "person", "kpi", "period_start")
        query = (
            select(now.c.person, now.c.kpi, now.c.period_start)
            .select_from(now.join(then, and_(*(now.c[one] == then.c[one] for one in names))))
            .where(now.c.organisation == self.organisation, two_steps)
            .where(now.c.as_of == as_of, then.c.as_of == since, now.c.reference.is_(False))
            .order_by(now.c.person, now.c.kpi)
        )
        return [Fall(*row) for row in self.connection.execute(query)]

    def last_day(self, people: Sequence[str], until: date, *, since: date) -> date | None:
        """The last day between these that anything of these people was measured as of."""
        table = kpi_value
        query = select(func.max(table.c.as_of)).where(
            table.c.organisation == self.organisation,
            table.c.person.in_(people),
            table.c.as_of <= until,
            table.c.as_of >= since,
        )
        day: date | None = self.connection.scalar(query)
        return day

    def of(self, person: str, kpi: str) -> list[KpiValue]:
        """One person's values of one KPI, oldest first."""
        return self._values(kpi_value.c.person == person, kpi_value.c.kpi == kpi)

    def records(self, person: str, kpi: str, as_of: date) -> list[RecordRef]:
        """What a value was made of."""
        table = kpi_records
        query = select(table.c.packed).where(
            table.c.organisation == self.organisation,
            table.c.person == person,
            table.c.kpi == kpi,
            table.c.as_of == as_of,
        )
        packed = self.connection.scalar(query)
        return [] if packed is None else unpack(packed)

    def records_of(
        self, which: Iterable[tuple[str, str]], as_of: date
    ) -> dict[tuple[str, str], list[RecordRef]]:
        """What several values were made of, by person and KPI."""
        table = kpi_records
        query = select(table.c.person, table.c.kpi, table.c.packed).where(
            table.c.organisation == self.organisation,
            table.c.as_of == as_of,
            tuple_(table.c.person, table.c.kpi).in_(sorted(which)),
        )
        rows = self.connection.execute(query)
        return {(person, kpi): unpack(packed) for person, kpi, packed in rows}

    def people_on(self, as_of: date) -> frozenset[str]:
        """Who was measured as of that day."""
        query = select(kpi_value.c.person).where(
            kpi_value.c.organisation == self.organisation, kpi_value.c.as_of == as_of
        )
        return frozenset(self.connection.scalars(query.distinct()))

    def off_track(self, as_of: date) -> list[KpiValue]:
        """Everybody's values as of that day that are off track."""
        late = kpi_value.c.progress == ProgressStatus.OFF_TRACK
        return self._values(kpi_value.c.as_of == as_of, late)

    def behind(self, as_of: date) -> list[KpiValue]:
        """Everybody's values as of that day that are at risk or off track."""
        late = (ProgressStatus.AT_RISK, ProgressStatus.OFF_TRACK)
        return self._values(kpi_value.c.as_of == as_of, kpi_value.c.progress.in_(late))

    def latest_before(self, as_of: date) -> list[KpiValue]:
        """The values of the last day that was measured before."""
        table = kpi_value
        query = select(func.max(table.c.as_of)).where(
            table.c.organisation == self.organisation, table.c.as_of < as_of
        )
        day = self.connection.scalar(query)
        return [] if day is None else self.values(day)

    def chances(self, as_of: date) -> dict[tuple[str, str], list[tuple[date, float | None]]]:
        """P(target) of the weeks of the running periods, on their Sundays and on the day itself.

        Only of KPIs that somebody has set a team target for.
        """
        table = kpi_value
        days = [as_of - timedelta(days=(as_of.weekday() + 1) % 7 + 7 * n) for n in range(27)]
        query = (
            select(table.c.person, table.c.kpi, table.c.as_of, table.c.p_attain)
            .where(table.c.organisation == self.organisation, table.c.as_of.in_([*days, as_of]))
            .where(table.c.period_start <= as_of, table.c.period_end >= as_of)
            .where(table.c.kpi.in_(self._team_kpis()), table.c.as_of >= table.c.period_start)
            .order_by(table.c.as_of)
        )
        found: dict[tuple[str, str], list[tuple[date, float | None]]] = {}
        for person, kpi, day, p in self.connection.execute(query):
            found.setdefault((person, kpi), []).append((day, p))
        return found

    def closed(self, since: date, until: date) -> list[KpiValue]:
        """The last measurement of periods that ended between two days, where a chance was said."""
        table = kpi_value
        last = (
            select(
                table.c.person,
                table.c.kpi,
                table.c.period_start,
                func.max(table.c.as_of).label("day"),
            )
            .where(table.c.organisation == self.organisation, table.c.p_start.is_not(None))
            .where(table.c.period_end.between(since, until), table.c.as_of <= table.c.period_end)
            .group_by(table.c.person, table.c.kpi, table.c.period_start)
            .subquery()
        )
        same = and_(
            last.c.person == table.c.person,
            last.c.kpi == table.c.kpi,
            last.c.period_start == table.c.period_start,
            last.c.day == table.c.as_of,
        )
        query = (
            select(table)
            .join(last, same)
            .where(table.c.organisation == self.organisation)
            .order_by(table.c.person, table.c.kpi, table.c.as_of)
        )
        rows = [_value(row) for row in self.connection.execute(query).mappings()]
        # A period that was last looked at long before its end says nothing of how it ended.
        return [one for one in rows if one.period_end - one.as_of < NEAR_ITS_END]

    def first_aims(self, as_of: date) -> dict[tuple[str, str], tuple[date, float]]:
        """What was aimed at when the running periods were first measured, and on which day."""
        table = kpi_value
        query = (
            select(table.c.person, table.c.kpi, table.c.as_of, table.c.target)
            .where(table.c.organisation == self.organisation, table.c.target.is_not(None))
            .where(table.c.period_start <= as_of, table.c.period_end >= as_of)
            .where(table.c.as_of.between(table.c.period_start, as_of))
            .where(table.c.kpi.in_(self._team_kpis()))
            .order_by(table.c.as_of.desc())
        )
        rows = self.connection.execute(query)
        return {(person, kpi): (day, aim) for person, kpi, day, aim in rows}

    def _team_kpis(self) -> Any:
        return select(target.c.kpi).where(
            target.c.organisation == self.organisation, target.c.set_by == "team"
        )

    def weekly(self, days: Sequence[date]) -> dict[tuple[str, str], dict[date, float]]:
        """Counts of full weeks by KPI and person, as they were measured on these days."""
        table = kpi_value
        query = (
            select(table.c.kpi, table.c.person, table.c.as_of, table.c.last_week)
            .where(table.c.organisation == self.organisation, table.c.as_of.in_(days))
            .where(table.c.last_week.is_not(None))
            .order_by(table.c.kpi, table.c.person, table.c.as_of)
        )
        found: dict[tuple[str, str], dict[date, float]] = {}
        for kpi, person, day, count in self.connection.execute(query):
            found.setdefault((kpi, person), {})[day] = count
        return found

    def _values(self, *where: ColumnElement[bool]) -> list[KpiValue]:
        table = kpi_value
        query = (
            select(table)
            .where(table.c.organisation == self.organisation, *where)
            .order_by(table.c.as_of, table.c.person, table.c.kpi)
        )
        return [_value(row) for row in self.connection.execute(query).mappings()]

    def _value_row(self, value: KpiValue) -> dict[str, Any]:
        low, middle, high = value.projection or (None, None, None)
        return {
            "organisation": self.organisation,
            "person": value.person,
            "kpi": value.kpi,
            "as_of": value.as_of,
            "period_start": value.period_start,
            "period_end": value.period_end,
            "value": value.value,
            "numerator": value.numerator,
            "denominator": value.denominator,
            "n": value.n,
            "value_status": value.value_status,
            "progress": value.progress,
            "target": value.target,
            "expected_to_date": value.expected_to_date,
            "p_attain": value.p_attain,
            "p_start": value.p_start,
            "low": low,
            "middle": middle,
            "high": high,
            "usual": value.usual,
            "last_week": value.last_week,
            "warnings": "\n".join(value.warnings),
            "reference": value.reference,
        }

    def _record_row(self, value: KpiValue) -> dict[str, Any]:
        return {
            "organisation": self.organisation,
            "person": value.person,
            "kpi": value.kpi,
            "as_of": value.as_of,
            "packed": pack(value.records),
            "given": pack_given(value.records),
        }


def _value(row: Any) -> KpiValue:
    whole = row["low"] is not None
    return KpiValue(
        person=row["person"],
        kpi=row["kpi"],
        period_start=row["period_start"],
        period_end=row["period_end"],
        as_of=row["as_of"],
        value=row["value"],
        numerator=row["numerator"],
        denominator=row["denominator"],
        n=row["n"],
        value_status=ValueStatus(row["value_status"]),
        progress=ProgressStatus(row["progress"]) if row["progress"] else None,
        target=row["target"],
        expected_to_date=row["expected_to_date"],
        p_attain=row["p_attain"],
        p_start=row["p_start"],
        projection=(row["low"], row["middle"], row["high"]) if whole else None,
        usual=row["usual"],
        last_week=row["last_week"],
        warnings=tuple(filter(None, row["warnings"].split("\n"))),
        reference=row["reference"],
    )

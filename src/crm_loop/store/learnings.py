"""What was learned by one organisation, and the weekly figures it is learned from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from crm_loop.loop_records import (
    Commitment,
    Compared,
    GoingTogether,
    Learned,
    Observation,
    PairRhythm,
    SelfAssessment,
    SessionQuality,
    StageRecord,
    Use,
    WithinRep,
)
from crm_loop.store.tables import learn as tables
from crm_loop.store.tables.loop import kpi_value
from crm_loop.store.upsert import insert_new, upsert

#: Columns that hold JSON.
_PACKED = frozenset({"parts", "symptoms", "indices", "components"})

Kept = (
    Learned
    | SessionQuality
    | PairRhythm
    | Commitment
    | GoingTogether
    | Compared
    | WithinRep
    | StageRecord
)
_TABLES: Mapping[type[Any], Table] = {
    Learned: tables.learned,
    SessionQuality: tables.session,
    PairRhythm: tables.rhythm,
    Commitment: tables.commitment,
    GoingTogether: tables.together,
    Compared: tables.compared,
    WithinRep: tables.within,
    StageRecord: tables.stage,
}


class Learnings:
    """Observations are kept as first made, like every closed period; the rest is as of a week."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def measured_days(self, since: date, until: date) -> list[date]:
        """The days as of which anything was measured, oldest first."""
        column = kpi_value.c.as_of
        query = select(column).distinct().where(column.between(since, until)).order_by(column)
        mine = query.where(kpi_value.c.organisation == self.organisation)
        return list(self.connection.scalars(mine))

    def measured(self, days: Sequence[date], kpis: Sequence[str]) -> list[Any]:
        """(person, kpi, as_of, value, last_week) of what was measured then, oldest first."""
        table = kpi_value
        query = (
            select(table.c.person, table.c.kpi, table.c.as_of, table.c.value, table.c.last_week)
            .where(table.c.organisation == self.organisation)
            .where(table.c.as_of.in_(days), table.c.kpi.in_(kpis))
            .order_by(table.c.as_of, table.c.person, table.c.kpi)
        )
        return list(self.connection.execute(query))

    def add_observations(self, found: Sequence[Observation]) -> int:
        """Keep new ones; one that is known stays as it was first seen."""
        rows = [asdict(one) | {"organisation": self.organisation} for one in found]
        return insert_new(self.connection, tables.observation, rows)

    def observations(self, *, since: str = "") -> list[Observation]:
        """In the order of the week that completed them, then by action."""
        table = tables.observation
        query = self._mine(table).where(table.c.week >= since)
        rows = self.connection.execute(query.order_by(table.c.week, table.c.action)).mappings()
        names = [field.name for field in fields(Observation)]
        return [
            Observation(**({name: row[name] for name in names} | {"use": Use(row["use"])}))
            for row in rows
        ]

    def keep(self, records: Sequence[Kept]) -> None:
        """Write records of one kind; those of the same key are replaced."""
        if records:
            upsert(self.connection, _TABLES[type(records[0])], [self._row(one) for one in records])

    def last_week(self) -> str | None:
        """The last week up to which anything was learned."""
        table = tables.stage
        query = select(func.max(table.c.week)).where(table.c.organisation == self.organisation)
        found: str | None = self.connection.scalar(query)
        return found

    def learned(self, week: str | None = None) -> list[Learned]:
        """What is believed of each kind of step as of a week (the last one), by KPI and step."""
        return self._as_of(Learned, week, "kpi", "step")

    def chances(self) -> dict[tuple[str, str], float]:
        """(kind of step, KPI) to the probability that it helps, where enough people showed it."""
        return {(one.step, one.kpi): one.p for one in self.learned() if one.may_be_used}

    def gains(self) -> dict[tuple[str, str], float]:
        """(kind of step, KPI) to what it is believed to change, as a share, on the same terms."""
        return {(one.step, one.kpi): one.mean for one in self.learned() if one.may_be_used}

    def rhythms(self, week: str | None = None) -> list[PairRhythm]:
        return self._as_of(PairRhythm, week, "rep")

    def commitments(self, week: str | None = None) -> list[Commitment]:
        return self._as_of(Commitment, week, "manager")

    def together(self, week: str | None = None) -> list[GoingTogether]:
        return self._as_of(GoingTogether, week, "team", "what")

    def compared(self, week: str | None = None) -> list[Compared]:
        return self._as_of(Compared, week, "kpi", "step")

    def within(self, week: str | None = None) -> WithinRep | None:
        """The estimate within reps as of a week; None before anything was learned."""
        found: list[WithinRep] = self._as_of(WithinRep, week, "week")
        return found[0] if found else None

    def sessions(self, since: str) -> list[SessionQuality]:
        """Sessions of a week and later, by week and rep."""
        table = tables.session
        query = self._mine(table).where(table.c.week >= since).order_by(table.c.week, table.c.rep)
        return [_record(SessionQuality, row) for row in self.connection.execute(query).mappings()]

    def stages(self) -> list[StageRecord]:
        """Every week's stage, oldest first."""
        query = self._mine(tables.stage).order_by(tables.stage.c.week)
        return [_record(StageRecord, row) for row in self.connection.execute(query).mappings()]

    def assess(self, one: SelfAssessment) -> None:
        """Keep what somebody answered; earlier answers stay beside it."""
        row = asdict(one) | {"organisation": self.organisation}
        upsert(self.connection, tables.self_assessment, [row])

    def self_assessments(self) -> list[SelfAssessment]:
        table = tables.self_assessment
        rows = self.connection.execute(self._mine(table).order_by(table.c.answered_on)).mappings()
        return [_record(SelfAssessment, row) for row in rows]

    def _as_of(self, kind: type[Any], week: str | None, *order: str) -> list[Any]:
        table = _TABLES[kind]
        wanted = week or self.last_week()
        query = self._mine(table).where(table.c.week == wanted)
        rows = self.connection.execute(query.order_by(*(table.c[name] for name in order)))
        return [_record(kind, row) for row in rows.mappings()]

    def _mine(self, table: Table) -> Select[Any]:
        return select(table).where(table.c.organisation == self.organisation)

    def _row(self, one: Kept) -> dict[str, Any]:
        values = asdict(one)
        packed = {
            name: json.dumps(value, sort_keys=True)
            for name, value in values.items()
            if name in _PACKED
        }
        return values | packed | {"organisation": self.organisation}


def _record(kind: type[Any], row: Any) -> Any:
    values = {field.name: row[field.name] for field in fields(kind)}
    for name in _PACKED & values.keys():
        values[name] = json.loads(values[name])
    if "symptoms" in values:
        values["symptoms"] = tuple(values["symptoms"])
    return kind(**values)

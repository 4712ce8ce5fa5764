"""Insights and target proposals of one organisation."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from crm_loop.loop_records import Form, Insight, TargetProposal
from crm_loop.store.packing import pack, unpack
from crm_loop.store.tables import kpi as tables
from crm_loop.store.upsert import upsert


class Insights:
    """What was concluded as of a day; a day is replaced as a whole."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def keep(self, as_of: date, insights: Sequence[Insight]) -> None:
        table = tables.insight
        here = table.c.organisation == self.organisation, table.c.as_of == as_of
        self.connection.execute(delete(table).where(*here))
        if insights:
            self.connection.execute(insert(table), [self._row(one) for one in insights])

    def add(self, as_of: date, rules: Sequence[str], insights: Sequence[Insight]) -> None:
        """Replace what these rules concluded as of that day, and nothing else."""
        table = tables.insight
        self.connection.execute(
            delete(table).where(
                table.c.organisation == self.organisation,
                table.c.as_of == as_of,
                table.c.rule.in_(rules),
            )
        )
        if insights:
            self.connection.execute(insert(table), [self._row(one) for one in insights])

    def of(self, as_of: date, *, person: str | None = None) -> list[Insight]:
        """Insights as of that day, by person, rule and driver."""
        table = tables.insight
        query = select(table).where(
            table.c.organisation == self.organisation, table.c.as_of == as_of
        )
        if person is not None:
            query = query.where(table.c.person == person)
        ordered = query.order_by(table.c.person, table.c.rule, table.c.driver)
        return [_insight(row) for row in self.connection.execute(ordered)]

    def last_day(self, until: date) -> date | None:
        """The last day up to this one as of which anything was concluded."""
        table = tables.insight
        query = select(func.max(table.c.as_of)).where(
            table.c.organisation == self.organisation, table.c.as_of <= until
        )
        day: date | None = self.connection.scalar(query)
        return day

    def latest_of(self, person: str, until: date) -> list[Insight]:
        """What was concluded about one person on the last day up to this one."""
        table = tables.insight
        query = select(func.max(table.c.as_of)).where(
            table.c.organisation == self.organisation,
            table.c.person == person,
            table.c.as_of <= until,
        )
        day: date | None = self.connection.scalar(query)
        return [] if day is None else self.of(day, person=person)

    def propose(self, proposals: Sequence[TargetProposal]) -> None:
        """Add proposals; of one target the newest stands, older open ones lapse."""
        table = tables.target_proposal
        for one in proposals:
            self.connection.execute(
                table.update()
                .where(
                    table.c.organisation == self.organisation,
                    table.c.person == one.person,
                    table.c.kpi == one.kpi,
                    table.c.as_of < one.as_of,
                    table.c.state == "open",
                )
                .values(state="lapsed")
            )
        upsert(self.connection, table, [self._proposal_row(one) for one in proposals])

    def proposals(self, day: date) -> list[TargetProposal]:
        """Proposals for periods that hold the day, oldest first: the history of reasons."""
        table = tables.target_proposal
        query = (
            select(table)
            .where(table.c.organisation == self.organisation)
            .where(table.c.period_start <= day, table.c.period_end >= day)
            .order_by(table.c.person, table.c.kpi, table.c.as_of)
        )
        return [_proposal(row) for row in self.connection.execute(query)]

    def _row(self, one: Insight) -> dict[str, Any]:
        return {
            "organisation": self.organisation,
            "person": one.person,
            "as_of": one.as_of,
            "rule": one.rule,
            "driver": one.driver,
            "form": one.form.value,
            "label": one.label,
            "p": one.p,
            "contribution": one.contribution,
            "facts": json.dumps(dict(one.facts), sort_keys=True, default=str),
            "records": pack(one.records),
        }

    def _proposal_row(self, one: TargetProposal) -> dict[str, Any]:
        return {
            "organisation": self.organisation,
            "person": one.person,
            "kpi": one.kpi,
            "period_start": one.period_start,
            "period_end": one.period_end,
            "as_of": one.as_of,
            "decision": one.decision,
            "old": one.old,
            "proposed": one.proposed,
            "reasons": ",".join(one.reasons),
            "facts": json.dumps(dict(one.facts), sort_keys=True, default=str),
            "state": one.state,
        }


def _insight(row: Row[Any]) -> Insight:
    return Insight(
        person=row.person,
        as_of=row.as_of,
        rule=row.rule,
        driver=row.driver,
        form=Form(row.form),
        label=row.label,
        p=row.p,
        contribution=row.contribution,
        facts=json.loads(row.facts),
        records=tuple(unpack(row.records)),
    )


def _proposal(row: Row[Any]) -> TargetProposal:
    return TargetProposal(
        person=row.person,
        kpi=row.kpi,
        period_start=row.period_start,
        period_end=row.period_end,
        as_of=row.as_of,
        decision=row.decision,
        old=row.old,
        proposed=row.proposed,
        reasons=tuple(filter(None, row.reasons.split(","))),
        facts=json.loads(row.facts),
        state=row.state,
    )

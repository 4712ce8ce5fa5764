"""Insights and target proposals of one organisation."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from crm_loop.loop_records import Form, Insight, TargetProposal
from crm_loop.store.packing import pack, unpack
from crm_loop.store.rapid import insert_rows
from crm_loop.store.tables import kpi as tables
from crm_loop.store.upsert import upsert

_TARGET = ("person", "kpi", "period_start", "period_end")


class Insights:
    """What was concluded as of a day; a day is replaced as a whole."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def keep(self, as_of: date, insights: Sequence[Insight]) -> None:
        table = tables.insight
        here = table.c.organisation == self.organisation, table.c.as_of == as_of
        self.connection.execute(delete(table).where(*here))
        rows = [self._row(one) for one in insights]
        insert_rows(self.connection, table, rows, missing=False)

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
        rows = [self._row(one) for one in insights]
        insert_rows(self.connection, table, rows, missing=False)

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

    def by_person(
        self, as_of: date, persons: Iterable[str], *, rule: str | None = None
    ) -> dict[str, list[Insight]]:
        """Insights about these people as of that day, of one rule or of all."""
        table = tables.insight
        query = (
            select(table)
            .where(table.c.organisation == self.organisation, table.c.as_of == as_of)
            .where(table.c.person.in_(sorted(persons)))
            .order_by(table.c.person, table.c.rule, table.c.driver)
        )
        if rule is not None:
            query = query.where(table.c.rule == rule)
        found: dict[str, list[Insight]] = {}
        for row in self.connection.execute(query):
            found.setdefault(row.person, []).append(_insight(row))
        return found

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

    def facts_of(
        self, rule: str, persons: Iterable[str], *, until: date
    ) -> dict[str, dict[str, Any]]:
        """By person the facts of one rule, as of the last day up to this one of any conclusion."""
        day = self.last_day(until)
        table = tables.insight
        query = (
            select(table.c.person, table.c.facts)
            .where(table.c.organisation == self.organisation, table.c.as_of == day)
            .where(table.c.rule == rule, table.c.person.in_(sorted(persons)))
        )
        return {person: json.loads(facts) for person, facts in self.connection.execute(query)}

    def propose(self, proposals: Sequence[TargetProposal], *, resting: date) -> None:
        """Add proposals for targets of which none is open, nor was any since `resting`."""
        table = tables.target_proposal
        query = select(*(table.c[name] for name in _TARGET)).where(
            table.c.organisation == self.organisation, table.c.as_of >= resting
        )
        lately = {tuple(row) for row in self.connection.execute(query)}
        new = [one for one in proposals if tuple(getattr(one, n) for n in _TARGET) not in lately]
        upsert(self.connection, table, [self._proposal_row(one) for one in new])

    def settle(self, one: TargetProposal) -> None:
        """Keep the answers to a proposal and what became of it."""
        upsert(self.connection, tables.target_proposal, [self._proposal_row(one)])

    def lapse(self, before: date) -> int:
        """Proposals made before a day that nobody answered lapse, and the old target stays."""
        table = tables.target_proposal
        return self.connection.execute(
            table.update()
            .where(
                table.c.organisation == self.organisation,
                table.c.as_of < before,
                table.c.state == "open",
            )
            .values(state="lapsed")
        ).rowcount

    def proposals(self, day: date, *, persons: Iterable[str] | None = None) -> list[TargetProposal]:
        """Proposals for periods that hold the day, oldest first: the history of reasons."""
        table = tables.target_proposal
        query = (
            select(table)
            .where(table.c.organisation == self.organisation)
            .where(table.c.period_start <= day, table.c.period_end >= day)
            .order_by(table.c.person, table.c.kpi, table.c.as_of)
        )
        if persons is not None:
            query = query.where(table.c.person.in_(sorted(persons)))
        return [_proposal(row) for row in self.connection.execute(query)]

    def proposed_since(self, day: date) -> list[TargetProposal]:
        """What was proposed from a day on, by person, KPI and day."""
        table = tables.target_proposal
        query = (
            select(table)
            .where(table.c.organisation == self.organisation, table.c.as_of >= day)
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
            "rep_answer": one.rep_answer,
            "manager_answer": one.manager_answer,
            "second_answer": one.second_answer,
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
        rep_answer=row.rep_answer,
        manager_answer=row.manager_answer,
        second_answer=row.second_answer,
    )

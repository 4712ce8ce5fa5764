"""The prepared talks, managers' lists of them, and the steps suggested for them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from crm_loop.calendars import monday_of, week_of
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Block,
    Overview,
    Prompt,
    RecordRef,
    Suggestion,
    SuggestionState,
    Topic,
)
from crm_loop.store.actions import deal_ref, verify_rule, verify_text
from crm_loop.store.tables.loop import agenda, overview, suggestion
from crm_loop.store.upsert import insert_new, upsert

#: Kept together in the JSON column: they are only ever read as one.
_DOCUMENT = ("blocks", "reserve", "opening")


class Agendas:
    """Agendas, overviews and suggestions of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, agendas: Iterable[Agenda]) -> None:
        upsert(self.connection, agenda, [self._row(one) for one in agendas])

    def get(self, rep: str, week: str) -> Agenda | None:
        return next(iter(self._list(agenda.c.rep == rep, agenda.c.week == week)), None)

    def by_key(self, key: str) -> Agenda | None:
        return next(iter(self._list(agenda.c.key == key)), None)

    def of_week(self, week: str, state: AgendaState | None = None) -> list[Agenda]:
        """Agendas of a week, sorted by rep."""
        where = [agenda.c.week == week]
        return self._list(*where, *([agenda.c.state == state] if state else []))

    def count(self, week: str) -> int:
        """How many there are of a week."""
        query = select(func.count()).where(
            agenda.c.organisation == self.organisation, agenda.c.week == week
        )
        return int(self.connection.scalar(query) or 0)

    def of_reps(self, reps: Sequence[str], weeks: Sequence[str]) -> list[Agenda]:
        """Agendas of some reps in some weeks."""
        return self._list(agenda.c.rep.in_(reps), agenda.c.week.in_(weeks))

    def of_rep(self, rep: str) -> list[Agenda]:
        """All agendas of a rep, the latest week first."""
        return self._list(agenda.c.rep == rep)[::-1]

    def before(self, week: str) -> dict[str, list[Agenda]]:
        """Earlier agendas by rep, the latest first: what was talked about, and how it opened."""
        earlier: dict[str, list[Agenda]] = {}
        for one in reversed(self._list(agenda.c.week < week)):
            earlier.setdefault(one.rep, []).append(one)
        return earlier

    def put_overviews(self, overviews: Iterable[Overview]) -> None:
        rows = [asdict(one) | {"organisation": self.organisation} for one in overviews]
        upsert(self.connection, overview, rows)

    def overviews(self, week: str) -> list[Overview]:
        query = (
            select(overview)
            .where(overview.c.organisation == self.organisation, overview.c.week == week)
            .order_by(overview.c.manager, overview.c.connection)
        )
        names = [field.name for field in fields(Overview)]
        rows = self.connection.execute(query).mappings()
        return [Overview(**{name: row[name] for name in names}) for row in rows]

    def put_suggestions(self, suggestions: Iterable[Suggestion]) -> None:
        """Add suggestions that are new; one that is known keeps its state and wording."""
        insert_new(self.connection, suggestion, [self._suggestion(one) for one in suggestions])

    def set_suggestions(self, suggestions: Iterable[Suggestion]) -> None:
        """Write what became of known suggestions."""
        upsert(self.connection, suggestion, [self._suggestion(one) for one in suggestions])

    def suggestions(self, week: str, rep: str | None = None) -> list[Suggestion]:
        """Suggestions of a week, sorted by rep and slot."""
        where = [suggestion.c.week == week]
        where += [suggestion.c.rep == rep] if rep is not None else []
        query = (
            select(suggestion)
            .where(suggestion.c.organisation == self.organisation, *where)
            .order_by(suggestion.c.rep, suggestion.c.slot)
        )
        return [_suggestion(row) for row in self.connection.execute(query).mappings()]

    def resting(self, rep: str, week: str, *, weeks: int) -> frozenset[str]:
        """Slots that were suggested in the weeks before and not taken."""
        first = week_of(monday_of(week) - timedelta(weeks=weeks))
        query = select(suggestion.c.slot).where(
            suggestion.c.organisation == self.organisation,
            suggestion.c.rep == rep,
            suggestion.c.week >= first,
            suggestion.c.week < week,
            suggestion.c.state == SuggestionState.GONE,
        )
        return frozenset(self.connection.scalars(query))

    def _list(self, *where: ColumnElement[bool]) -> list[Agenda]:
        query = (
            select(agenda)
            .where(agenda.c.organisation == self.organisation, *where)
            .order_by(agenda.c.week, agenda.c.rep)
        )
        return [_agenda(row) for row in self.connection.execute(query).mappings()]

    def _row(self, one: Agenda) -> dict[str, Any]:
        values = asdict(one)
        document = {name: values.pop(name) for name in _DOCUMENT}
        return values | {
            "organisation": self.organisation,
            "document": json.dumps(document, ensure_ascii=False, sort_keys=True),
            "next_steps": "\n".join(one.next_steps),
            "asked": "\n".join(one.asked),
        }

    def _suggestion(self, one: Suggestion) -> dict[str, Any]:
        apart = ("verify", "deal")
        names = [field.name for field in fields(Suggestion) if field.name not in apart]
        return {name: getattr(one, name) for name in names} | {
            "organisation": self.organisation,
            "verify": verify_text(one.verify),
            "deal_connection": one.deal.connection if one.deal else None,
            "deal_id": one.deal.id if one.deal else None,
        }


def _agenda(row: Any) -> Agenda:
    document = json.loads(row["document"])
    names = {field.name for field in fields(Agenda)} - set(_DOCUMENT)
    values = {name: row[name] for name in names} | {
        "state": AgendaState(row["state"]),
        "next_steps": tuple(filter(None, row["next_steps"].split("\n"))),
        "asked": tuple(filter(None, row["asked"].split("\n"))),
        "blocks": tuple(_block(one) for one in document["blocks"]),
        "reserve": _topic(document["reserve"]) if document["reserve"] else None,
        "opening": tuple(document["opening"]) if document["opening"] else None,
    }
    return Agenda(**values)


def _block(value: dict[str, Any]) -> Block:
    known: dict[str, Sequence[Any]] = {
        "lines": tuple(value["lines"]),
        "prompts": tuple(Prompt(**one) for one in value["prompts"]),
        "topics": tuple(_topic(one) for one in value["topics"]),
    }
    return Block(**(value | known))


def _topic(value: dict[str, Any]) -> Topic:
    return Topic(**(value | {"records": tuple(RecordRef(**one) for one in value["records"])}))


def _suggestion(row: Any) -> Suggestion:
    return Suggestion(
        rep=row["rep"],
        week=row["week"],
        slot=row["slot"],
        text=row["text"],
        due=row["due"],
        verify=verify_rule(row["verify"]),
        connection=row["connection"],
        kpi=row["kpi"],
        deal=deal_ref(row),
        cause=row["cause"],
        state=SuggestionState(row["state"]),
    )

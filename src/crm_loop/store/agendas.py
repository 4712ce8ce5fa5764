"""The prepared talks, managers' lists of them, and the steps suggested for them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select, update

from crm_loop.calendars import monday_of, previous_week, week_of
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Overview,
    Suggestion,
    SuggestionState,
    Talk,
    WriteState,
)
from crm_loop.store.actions import path_text, verify_text
from crm_loop.store.agenda_rows import (
    COLUMNS,
    Draft,
    SessionRow,
    agenda_of,
    bare_talk_of,
    documents_of,
    draft_of,
    suggestion_of,
    talk_of,
)
from crm_loop.store.rapid import insert_rows
from crm_loop.store.tables import work
from crm_loop.store.tables.loop import agenda, overview, suggestion
from crm_loop.store.upsert import upsert

#: So many earlier 1on1s of a rep are looked back at: questions rest for six, silence for four.
REMEMBERED = 6
#: What was so many weeks ago is not looked back at any more.
FORGOTTEN_AFTER = 26


@dataclass(frozen=True, slots=True)
class Written:
    """A memo's text, and where it stands."""

    rep: str
    key: str
    connection: str
    text: str


#: Keys named in one question.
KEYS_AT_ONCE = 10_000


class Agendas:
    """Agendas, overviews and suggestions of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, agendas: Iterable[Agenda]) -> None:
        upsert(self.connection, agenda, [self._row(one) for one in agendas])

    def put_texts(self, agendas: Sequence[Agenda]) -> None:
        """Write the texts and the state of known agendas; what they were made of stays."""
        names = ("subject", "text", "manager_text", "state")
        statement = (
            update(agenda)
            .where(agenda.c.organisation == self.organisation)
            .where(agenda.c.rep == bindparam("of_rep"), agenda.c.week == bindparam("of_week"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        rows = [
            {"of_rep": one.rep, "of_week": one.week}
            | {f"new_{name}": getattr(one, name) for name in names}
            for one in agendas
        ]
        if rows:
            self.connection.execute(statement, rows)

    def get(self, rep: str, week: str) -> Agenda | None:
        return next(iter(self._list(agenda.c.rep == rep, agenda.c.week == week)), None)

    def by_key(self, key: str) -> Agenda | None:
        return next(iter(self._list(agenda.c.key == key)), None)

    def with_keys(self, keys: Sequence[str]) -> list[Agenda]:
        """Agendas of these keys; keys of anything else name none."""
        parts = [keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE)]
        return [one for part in parts for one in self._list(agenda.c.key.in_(part))]

    def of_week(self, week: str, state: AgendaState | None = None) -> list[Agenda]:
        """Agendas of a week, sorted by rep."""
        where = [agenda.c.week == week]
        return self._list(*where, *([agenda.c.state == state] if state else []))

    def drafts(self, week: str) -> list[Draft]:
        """What a week's drafts are about, sorted by rep."""
        names = (*Draft._fields[:-1], "document")
        query = (
            select(*(agenda.c[name] for name in names))
            .where(agenda.c.organisation == self.organisation, agenda.c.week == week)
            .where(agenda.c.state == AgendaState.DRAFT)
            .order_by(agenda.c.rep)
        )
        return [draft_of(row) for row in self.connection.execute(query)]

    def led(self, week: str, *, after: datetime) -> dict[str, str]:
        """Who leads each rep's prepared 1on1 of a week that begins after a moment."""
        query = select(agenda.c.rep, agenda.c.manager).where(
            agenda.c.organisation == self.organisation,
            agenda.c.week == week,
            agenda.c.state == AgendaState.READY,
            agenda.c.starts_at > after,
        )
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def count(self, week: str) -> int:
        """How many there are of a week."""
        query = select(func.count()).where(
            agenda.c.organisation == self.organisation, agenda.c.week == week
        )
        return int(self.connection.scalar(query) or 0)

    def of_reps(self, reps: Sequence[str], weeks: Sequence[str]) -> list[Agenda]:
        """Agendas of some reps in some weeks."""
        return self._list(agenda.c.rep.in_(reps), agenda.c.week.in_(weeks))

    def written(self, week: str) -> list[Written]:
        """The texts of a week's memos, without what they were made of."""
        query = (
            select(agenda.c.rep, agenda.c.key, agenda.c.connection, agenda.c.text)
            .where(agenda.c.organisation == self.organisation, agenda.c.week == week)
            .order_by(agenda.c.rep)
        )
        return [Written(*row) for row in self.connection.execute(query)]

    def talks_before(
        self,
        week: str,
        *,
        last: int = REMEMBERED,
        reps: Iterable[str] | None = None,
        bare: bool = False,
    ) -> dict[str, list[Talk]]:
        """The `last` earlier 1on1s of each rep, the latest first; only of `reps` if given.

        `bare`: whose, when and how they went, without what they were about.
        """
        place = func.row_number().over(partition_by=agenda.c.rep, order_by=agenda.c.week.desc())
        ranked = select(agenda.c.rep, agenda.c.week, place.label("place")).where(
            agenda.c.organisation == self.organisation,
            agenda.c.week.between(
                week_of(monday_of(week) - timedelta(weeks=FORGOTTEN_AFTER)), previous_week(week)
            ),
        )
        if reps is not None:
            ranked = ranked.where(agenda.c.rep.in_(sorted(reps)))
        # No more than the gist is read, and of the chosen ones only.
        latest = ranked.subquery()
        gist = func.coalesce(agenda.c.gist, agenda.c.document).label("gist")
        query = (
            select(agenda.c.rep, agenda.c.manager, agenda.c.week, agenda.c.state)
            .add_columns(*(() if bare else (gist,)))
            .join(latest, (latest.c.rep == agenda.c.rep) & (latest.c.week == agenda.c.week))
            .where(agenda.c.organisation == self.organisation, latest.c.place <= last)
        )
        found: dict[str, list[Talk]] = {}
        ordered = query.order_by(agenda.c.rep, agenda.c.week.desc())
        for row in self.connection.execute(ordered):
            found.setdefault(row.rep, []).append(bare_talk_of(row) if bare else talk_of(row))
        return found

    def sessions_before(self, week: str, *, reps: Iterable[str]) -> dict[str, int]:
        """How many earlier agendas each of these reps has."""
        query = (
            select(agenda.c.rep, func.count())
            .where(agenda.c.organisation == self.organisation, agenda.c.week < week)
            .where(agenda.c.rep.in_(sorted(reps)))
            .group_by(agenda.c.rep)
        )
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def starts_of(self, rep: str) -> list[tuple[str, datetime]]:
        """Weeks and beginnings of a rep's 1on1s, the latest first."""
        query = (
            select(agenda.c.week, agenda.c.starts_at)
            .where(agenda.c.organisation == self.organisation, agenda.c.rep == rep)
            .order_by(agenda.c.week.desc())
        )
        return [(row.week, row.starts_at) for row in self.connection.execute(query)]

    def of_weeks(self, first: str, last: str) -> list[Agenda]:
        """Agendas of these weeks and those between, the latest first by rep."""
        found = self._list(agenda.c.week >= first, agenda.c.week <= last)
        found.reverse()
        return sorted(found, key=lambda one: one.rep)

    def sessions(self, since: str) -> list[SessionRow]:
        """Prepared 1on1s of a week and later, without their texts."""
        stood = and_(
            work.write.c.organisation == agenda.c.organisation,
            work.write.c.key == agenda.c.key,
            work.write.c.state.in_([WriteState.CONFIRMED, WriteState.DISMISSED]),
        )
        shared_at = work.write.c.settled_at.label("shared_at")
        query = (
            select(*(agenda.c[name] for name in SessionRow._fields[:-1]), shared_at)
            .select_from(agenda.outerjoin(work.write, stood))
            .where(agenda.c.organisation == self.organisation, agenda.c.week >= since)
            .order_by(agenda.c.week, agenda.c.rep)
        )
        rows = self.connection.execute(query).mappings()
        return [SessionRow(**{**row, "state": AgendaState(row["state"])}) for row in rows]

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
        rows = [self._suggestion(one) for one in suggestions]
        insert_rows(self.connection, suggestion, rows, missing=True)

    def set_suggestions(self, suggestions: Iterable[Suggestion]) -> None:
        """Write what became of known suggestions."""
        upsert(self.connection, suggestion, [self._suggestion(one) for one in suggestions])

    def suggestions(self, week: str, *reps: str) -> list[Suggestion]:
        """Suggestions of a week, sorted by rep and slot; only of these reps, if any is named."""
        where = [suggestion.c.week == week]
        where += [suggestion.c.rep.in_(reps)] if reps else []
        query = (
            select(suggestion)
            .where(suggestion.c.organisation == self.organisation, *where)
            .order_by(suggestion.c.rep, suggestion.c.slot)
        )
        return [suggestion_of(row) for row in self.connection.execute(query).mappings()]

    def resting(self, week: str, *, weeks: int) -> dict[str, frozenset[str]]:
        """By rep, slots that were suggested in the weeks before and not taken."""
        first = week_of(monday_of(week) - timedelta(weeks=weeks))
        query = select(suggestion.c.rep, suggestion.c.slot).where(
            suggestion.c.organisation == self.organisation,
            suggestion.c.week >= first,
            suggestion.c.week < week,
            suggestion.c.state == SuggestionState.GONE,
        )
        found: dict[str, set[str]] = {}
        for rep, slot in self.connection.execute(query):
            found.setdefault(rep, set()).add(slot)
        return {rep: frozenset(slots) for rep, slots in found.items()}

    def _list(self, *where: ColumnElement[bool]) -> list[Agenda]:
        query = (
            select(agenda)
            .where(agenda.c.organisation == self.organisation, *where)
            .order_by(agenda.c.week, agenda.c.rep)
        )
        return [agenda_of(row) for row in self.connection.execute(query).mappings()]

    def _row(self, one: Agenda) -> dict[str, Any]:
        values = {name: getattr(one, name) for name in COLUMNS}
        return values | {
            "organisation": self.organisation,
            "next_steps": "\n".join(one.next_steps),
            "asked": "\n".join(one.asked),
            **documents_of(one),
        }

    def _suggestion(self, one: Suggestion) -> dict[str, Any]:
        apart = ("verify", "deal", "path")
        names = [field.name for field in fields(Suggestion) if field.name not in apart]
        return {name: getattr(one, name) for name in names} | {
            "organisation": self.organisation,
            "verify": verify_text(one.verify),
            "path": path_text(one.path),
            "deal_connection": one.deal.connection if one.deal else None,
            "deal_id": one.deal.id if one.deal else None,
        }

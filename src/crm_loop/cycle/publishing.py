"""What one account shows of the loop, and what is kept of the account."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from crm_loop.calendars import local_date, week_of
from crm_loop.connector.contract import Capabilities, Connector, Outcome, Result
from crm_loop.connector.publishing import Bookable, Figure, Noting, Publisher, Sheet, Written
from crm_loop.cycle.shown import chosen, shown
from crm_loop.cycle.turn import Turn
from crm_loop.errors import Transient
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.choice import shown_to
from crm_loop.kpi.own_kpis import known_kpis
from crm_loop.loop_records import (
    Action,
    Agenda,
    KeyKind,
    KpiValue,
    Member,
    WriteState,
    key_of,
)
from crm_loop.one_on_one.gather import by_rep, figures, known_members
from crm_loop.one_on_one.typed_fields import Fields, filled
from crm_loop.setup.connect import facts_of
from crm_loop.store.write_rows import Write
from crm_loop.wording import words
from crm_loop.write_back.sheets import WithSheets, sheet_of


def keep_facts(turn: Turn, connection: str, capabilities: Capabilities) -> None:
    """What an admin has installed or taken away since the account was connected."""
    connector = turn.connect(connection)
    pages = connector.booking_urls() if isinstance(connector, Bookable) else {}
    with turn.begin(turn.organisation) as state:
        facts = {**facts_of(capabilities), "booking_urls": dict(pages)}
        state.connections.learn(connection, facts)


def opened(turn: Turn, connection: str) -> Connector:
    """The account; its memos are sheets where it has objects for them."""
    connector = turn.connect(connection)
    publisher = _publisher(turn, connection, connector)
    if publisher is None:
        return connector
    desk = Desk(turn, connection)
    return WithSheets(connector, publisher, desk.memos, desk.shown)


def publish_figures(turn: Turn, connection: str) -> int:
    """Show reps their own figures beside their memos; how many were written.

    Only for memos that stand in the CRM: whoever approves a memo approves its figures.
    """
    connector = turn.connect(connection)
    outcomes: Sequence[Outcome] = ()
    if (publisher := _publisher(turn, connection, connector)) is not None:
        wanted = [one for of_memo in Desk(turn, connection).figures().values() for one in of_memo]
        outcomes = publisher.publish_figures(wanted) if wanted else ()
    elif isinstance(connector, Noting) and _facts(turn, connection).get("private_tasks"):
        beside = Desk(turn, connection).figures()
        outcomes = connector.note_figures(beside) if beside else ()
    if any(one.result in (Result.UNKNOWN, Result.NOT_SENT) for one in outcomes):
        # Written by key, so that doing all of it once more does no harm.
        raise Transient("Some figures are not settled yet.", code="write.unsettled", retry_after=5)
    return sum(one.result is Result.DONE for one in outcomes)


def follow_managers(turn: Turn, connection: str) -> int:
    """Open memos of 1on1s that are not over to the present managers, whatever stands in them."""
    publisher = _publisher(turn, connection, turn.connect(connection))
    wanted = Desk(turn, connection).managers() if publisher is not None else {}
    return publisher.share_sheets(wanted) if publisher is not None and wanted else 0


def _publisher(turn: Turn, connection: str, connector: Connector) -> Publisher | None:
    has_objects = bool(_facts(turn, connection).get("own_objects"))
    return connector if has_objects and isinstance(connector, Publisher) else None


def _facts(turn: Turn, connection: str) -> Mapping[str, Any]:
    return next((row.facts for row in turn.connections() if row.name == connection), {})


@dataclass(frozen=True, slots=True)
class Desk:
    """What one account is to show of the loop, from the store."""

    turn: Turn
    connection: str

    def memos(self, keys: Sequence[str]) -> Mapping[str, Sheet]:
        """Those of the keys that name memos, as sheets."""
        organisation = self.turn.organisation
        with self.turn.begin(organisation) as state:
            agendas = [
                one for one in state.agendas.with_keys(keys) if one.connection == self.connection
            ]
            members = known_members(state)
            weeks = {one.week for one in agendas}
            suggested = {week: by_rep(state.agendas.suggestions(week)) for week in weeks}
        found = {}
        for agenda in agendas:
            rep, manager = self._users(agenda, members)
            if rep is not None and manager is not None:
                suggestions = suggested[agenda.week].get(agenda.rep, ())
                found[agenda.key] = sheet_of(
                    agenda,
                    suggestions,
                    rep=rep,
                    manager=manager,
                    organisation=organisation,
                    time_zone=members[agenda.rep].time_zone,
                )
        return found

    def shown(self, written: Written) -> str:
        """The memo with everything that people have typed beside it."""
        fields = Fields(
            topic=written.rep_topic or "",
            response=written.wanted_response or "",
            step=written.next_step or "",
            due=written.next_step_due,
            support=written.support_asked or "",
            dismissed=written.dismissed,
            added=written.added,
        )
        reviewed: Sequence[Action] = ()
        with self.turn.begin(self.turn.organisation) as state:
            agenda = state.agendas.by_key(written.key)
            if agenda is not None and (fields.topic or fields.step or fields.support):
                back = state.actions.for_review(agenda.week, reps=[agenda.rep])
                reviewed = back.get(agenda.rep, ())
        return filled(written.summary, fields, words(agenda.language if agenda else "en"), reviewed)

    def managers(self) -> dict[str, str]:
        """Who is to open each sheet that stands, by its id: whoever manages the rep now."""
        weeks = (self.turn.week(), self._next_week())
        with self.turn.begin(self.turn.organisation) as state:
            members = known_members(state)
            ahead = [
                one
                for week in weeks
                for one in state.agendas.of_week(week)
                if one.connection == self.connection
                and one.starts_at + timedelta(minutes=one.minutes) > self.turn.now
            ]
            ids = self._standing(state.writes.with_keys([one.key for one in ahead]))
        found = {}
        for agenda in ahead:
            _, manager = self._users(agenda, members)
            if agenda.key in ids and manager is not None:
                found[ids[agenda.key]] = manager
        return found

    def figures(self) -> dict[str, list[Figure]]:
        """What reps with a memo of this week aim at, and where they are; by id of the memo."""
        week = self.turn.week()
        with self.turn.begin(self.turn.organisation) as state:
            organisation = state.connections.organisation()
            members = known_members(state)
            found = figures(state, organisation, self.turn.now)
            agendas = [
                one for one in state.agendas.of_week(week) if one.connection == self.connection
            ]
            ids = self._standing(state.writes.with_keys([one.key for one in agendas]))
            flags = state.flags.by_rep([one.rep for one in agendas])
            known = known_kpis(state)
        today = local_date(self.turn.now, organisation.time_zone)
        beside = {}
        for one in agendas:
            if one.key in ids and one.rep in members:
                resting = {flag.kpi for flag in flags.get(one.rep, ()) if flag.rests(today)}
                wanted = shown_to(organisation, members[one.rep].role)
                values = chosen(wanted, found.of(one.rep), resting)
                pairs = [(value, known[value.kpi]) for value in values if value.kpi in known]
                told = self._figures(one, members, pairs, organisation.currency)
                beside[ids[one.key]] = list(told)
        return beside

    def _figures(
        self,
        agenda: Agenda,
        members: Mapping[str, Member],
        values: Sequence[tuple[KpiValue, Kpi]],
        currency: str,
    ) -> Iterator[Figure]:
        spoken = words(members[agenda.rep].language)
        user, manager = self._users(agenda, members)
        for value, kpi in values:
            told = shown(value, kpi, spoken)
            if user is not None and told is not None:
                key = (agenda.rep, agenda.week, told.kpi)
                yield Figure(
                    key=key_of(self.turn.organisation, self.connection, KeyKind.KPI, *key),
                    rep_id=user,
                    kpi=told.kpi,
                    name=told.name,
                    label=told.label,
                    unit=told.unit,
                    higher_is_better=kpi.higher_is_better,
                    as_of=value.as_of,
                    period_start=value.period_start,
                    period_end=value.period_end,
                    actual=told.actual,
                    target=told.target,
                    manager_id=manager,
                    currency=currency,
                )

    def _users(
        self, agenda: Agenda, members: Mapping[str, Member]
    ) -> tuple[str | None, str | None]:
        """Rep and present manager as users of this account."""
        rep = members.get(agenda.rep)
        boss = members.get(rep.manager or agenda.manager) if rep else None
        return (
            rep.accounts.get(self.connection) if rep else None,
            boss.accounts.get(self.connection) if boss else None,
        )

    def _standing(self, rows: Sequence[Write]) -> dict[str, str]:
        return {
            row.key: row.crm_id
            for row in rows
            if row.state is WriteState.CONFIRMED and row.crm_id is not None
        }

    def _next_week(self) -> str:
        zone = self.turn.own().time_zone
        return week_of(local_date(self.turn.now, zone) + timedelta(days=7))

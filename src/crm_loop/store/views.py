"""What the two of a 1on1 say of it; read as a heap, or by the one who said it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, fields

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from crm_loop.loop_records import ActionStatus, AgendaState, By, GoOn, TalkView
from crm_loop.store.agenda_rows import cause_of, went_on
from crm_loop.store.tables.loop import action, agenda
from crm_loop.store.tables.talks import talk_view as table
from crm_loop.store.upsert import upsert

_DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)
_NAMES = [field.name for field in fields(TalkView)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCounts:
    """1on1s prepared and held, steps agreed, of those finished, of those seen in the CRM."""

    prepared: int = 0
    held: int = 0
    agreed: int = 0
    finished: int = 0
    seen: int = 0

    def __add__(self, other: "WeekCounts") -> "WeekCounts":
        names = [field.name for field in fields(self)]
        return WeekCounts(**{name: getattr(self, name) + getattr(other, name) for name in names})


class Views:
    """Answers of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, views: Iterable[TalkView]) -> None:
        """Keep answers; the newest word on a 1on1 counts."""
        upsert(self.connection, table, [self._row(one) for one in views])

    def since(self, week: str) -> list[TalkView]:
        """Everybody's answers from a week on, for means only."""
        return self._list(table.c.week >= week)

    def own(self, rep: str, by: By) -> list[TalkView]:
        """What one of a pair said, for that one."""
        return self._list(table.c.rep == rep, table.c.by == by)

    def weeks(self, first: str, reps: Collection[str]) -> dict[str, WeekCounts]:
        """What these reps' 1on1s came to since a week, in counts by week."""
        own, of_reps = self.organisation, sorted(reps)
        talks = (
            select(agenda.c.week, agenda.c.state, func.count())
            .where(agenda.c.organisation == own, agenda.c.week >= first)
            .where(agenda.c.rep.in_(of_reps), agenda.c.state != AgendaState.DRAFT)
            .group_by(agenda.c.week, agenda.c.state)
        )
        steps = (
            select(action.c.week, action.c.status, action.c.seen, func.count())
            .where(action.c.organisation == own, action.c.week >= first)
            .where(action.c.who.in_(of_reps))
            .group_by(action.c.week, action.c.status, action.c.seen)
        )
        found: dict[str, WeekCounts] = defaultdict(WeekCounts)
        for week, state, count in self.connection.execute(talks):
            found[week] += WeekCounts(prepared=count, held=count * (state == AgendaState.HELD))
        for week, status, seen, count in self.connection.execute(steps):
            done = count * (status in _DONE)
            found[week] += WeekCounts(agreed=count, finished=done, seen=done * bool(seen))
        return dict(found)

    def held_by(self, first: str, last: str) -> list[tuple[str, int, int, int]]:
        """Managers in the order of their addresses: 1on1s prepared, held, and held with a step.

        Of the weeks from `first` to `last`.
        """
        held = agenda.c.state == AgendaState.HELD
        counted = (func.sum(case((which, 1), else_=0)) for which in
                   (held, and_(held, agenda.c.next_steps != "")))  # fmt: skip
        query = (
            select(agenda.c.manager, func.count(), *counted)
            .where(agenda.c.organisation == self.organisation)
            .where(agenda.c.week >= first, agenda.c.week <= last)
            .where(agenda.c.state != AgendaState.DRAFT)
            .group_by(agenda.c.manager)
            .order_by(agenda.c.manager)
        )
        return [(row[0], row[1], row[2], row[3]) for row in self.connection.execute(query)]

    def going_on(self, first: str, reps: Collection[str]) -> list[GoOn]:
        """What these reps said of going on since a week: the last word of each, in no order."""
        query = (
            select(agenda.c.rep, agenda.c.week, agenda.c.document)
            .where(agenda.c.organisation == self.organisation, agenda.c.week >= first)
            .where(agenda.c.rep.in_(sorted(reps)), agenda.c.document.like('%"go_on": "%'))
            .order_by(agenda.c.week)
        )
        last = {row.rep: went_on(row.document) for row in self.connection.execute(query)}
        return sorted(last.values())

    def causes(self, since: str) -> dict[str, tuple[bool, bool]]:
        """Held 1on1s of a week and later, by key: was a cause opened, did the rep say anything."""
        query = select(agenda.c.key, agenda.c.document).where(
            agenda.c.organisation == self.organisation,
            agenda.c.week >= since,
            agenda.c.state == AgendaState.HELD,
        )
        return {key: cause_of(document) for key, document in self.connection.execute(query)}

    def _list(self, *where: ColumnElement[bool]) -> list[TalkView]:
        query = (
            select(table)
            .where(table.c.organisation == self.organisation, *where)
            .order_by(table.c.rep, table.c.week, table.c.by)
        )
        return [
            TalkView(**{name: row[name] for name in _NAMES if name != "by"}, by=By(row["by"]))
            for row in self.connection.execute(query).mappings()
        ]

    def _row(self, one: TalkView) -> dict[str, object]:
        return asdict(one) | {"organisation": self.organisation}

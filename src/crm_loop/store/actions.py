"""Agreed actions and what became of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select, true

from crm_loop.calendars import monday_of, previous_week, week_of
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    EffectPath,
    Origin,
    RecordRef,
    Verify,
    VerifyRule,
    Why,
)
from crm_loop.store.tables.loop import action as table
from crm_loop.store.tables.loop import agenda
from crm_loop.store.upsert import upsert

#: Nothing more will happen to an action in one of these.
FINAL = frozenset(
    {
        ActionStatus.DONE,
        ActionStatus.DONE_LATE,
        ActionStatus.DROPPED,
        ActionStatus.WITHDRAWN,
    }
)
#: What was agreed longer ago is settled and told; whoever comes back later begins anew.
LOOK_BACK_WEEKS = 13


class Actions:
    """Actions of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, actions: Iterable[Action]) -> None:
        upsert(self.connection, table, [self._row(action) for action in actions])

    def of(self, who: str) -> list[Action]:
        """All actions of one person, oldest week first."""
        return self._list(table.c.who == who)

    def named(self, ids: Iterable[str]) -> list[Action]:
        """Actions of these ids."""
        return self._list(table.c.id.in_(sorted(ids)))

    def of_week(self, week: str, *, people: Iterable[str] | None = None) -> list[Action]:
        """Actions of a week's 1on1s; only those that these people do, where some are named."""
        own = [] if people is None else [table.c.who.in_(sorted(people))]
        return self._list(table.c.week == week, *own)

    def agreed_in(self, week: str, rep: str) -> list[Action]:
        """What a rep and the manager agreed to do in the 1on1 of a week, whoever does it."""
        return self._list(table.c.week == week, or_(table.c.who == rep, table.c.asked_by == rep))

    def since(self, week: str) -> list[Action]:
        """Everybody's actions of 1on1s from a week on, oldest week first."""
        return self._list(table.c.week >= week)

    def unsettled(self) -> list[Action]:
        """Actions that may still change."""
        return self._list(table.c.status.not_in(sorted(FINAL)))

    def to_verify(self, *, due_from: date) -> list[Action]:
        """Actions of which more may still be seen.

        These are the unsettled ones, and those done that were due on that day or later: what
        was ticked may yet be found in the records, and what was found there may yet be ticked.
        """
        done = table.c.status.in_([ActionStatus.DONE, ActionStatus.DONE_LATE])
        half = done & ~(table.c.ticked & table.c.seen) & (table.c.due >= due_from)
        return self._list(table.c.status.not_in(sorted(FINAL)) | half)

    def of_people(self, people: Sequence[str], *, since: str) -> list[Action]:
        """Actions of some people: unsettled ones, and those of 1on1s from a week on."""
        recent = or_(table.c.week >= since, table.c.status.not_in(sorted(FINAL)))
        return self._list(table.c.who.in_(people), recent)

    def for_review(
        self, week: str, *, reps: Iterable[str] | None = None
    ) -> dict[str, list[Action]]:
        """By rep, what the 1on1 of that week looks back at.

        These are the rep's own actions of earlier weeks that are unsettled, or were settled
        since the last memo was written: what became of each is shown once.
        """
        return self._own_to_show(week, reps, self._shown_until(week, reps))

    def with_promises_for_review(
        self, week: str, *, reps: Iterable[str]
    ) -> tuple[dict[str, list[Action]], dict[str, list[Action]]]:
        """The same, and what the manager had promised these reps, chosen in the same way."""
        shown = self._shown_until(week, reps)
        where = [table.c.asked_by.in_(sorted(reps)), _lately(table.c.asked_by, shown)]
        asked = self._list(*_recent(week), *where)
        promised = self._to_show([(action.asked_by or "", action) for action in asked], shown)
        return self._own_to_show(week, reps, shown), promised

    def _own_to_show(
        self, week: str, reps: Iterable[str] | None, shown: Mapping[str, datetime]
    ) -> dict[str, list[Action]]:
        where = [table.c.asked_by.is_(None), _lately(table.c.who, shown)]
        where += [table.c.who.in_(sorted(reps))] if reps is not None else []
        own = self._list(*_recent(week), *where)
        return self._to_show([(action.who, action) for action in own], shown)

    def _to_show(
        self, by_rep: Iterable[tuple[str, Action]], shown: Mapping[str, datetime]
    ) -> dict[str, list[Action]]:
        found: dict[str, list[Action]] = {}
        for rep, action in by_rep:
            settled = action.settled_at if action.status in FINAL else None
            if settled is None or rep not in shown or settled >= shown[rep]:
                found.setdefault(rep, []).append(action)
        return found

    def _shown_until(self, week: str, reps: Iterable[str] | None) -> dict[str, datetime]:
        """When the last memo before that week was written, by rep."""
        query = (
            select(agenda.c.rep, func.max(agenda.c.publish_at))
            .where(agenda.c.organisation == self.organisation, agenda.c.text != "")
            .where(agenda.c.week.between(_since(week), previous_week(week)))
            .group_by(agenda.c.rep)
        )
        if reps is not None:
            query = query.where(agenda.c.rep.in_(sorted(reps)))
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def _list(self, *where: ColumnElement[bool]) -> list[Action]:
        query = (
            select(table)
            .where(table.c.organisation == self.organisation, *where)
            .order_by(table.c.week, table.c.who, table.c.created_at, table.c.id)
        )
        return [_action(row) for row in self.connection.execute(query).mappings()]

    def _row(self, action: Action) -> dict[str, Any]:
        plain = {"verify", "deal", "evidence", "path"}
        names = (field.name for field in fields(Action) if field.name not in plain)
        return {name: getattr(action, name) for name in names} | {
            "organisation": self.organisation,
            "verify": verify_text(action.verify),
            "deal_connection": action.deal.connection if action.deal else None,
            "deal_id": action.deal.id if action.deal else None,
            "evidence": refs_text(action.evidence),
            "path": path_text(action.path),
        }


def _since(week: str) -> str:
    return week_of(monday_of(week) - timedelta(weeks=LOOK_BACK_WEEKS))


def _lately(rep: ColumnElement[str | None], shown: Mapping[str, datetime]) -> ColumnElement[bool]:
    """Unsettled, or settled since anybody's last memo; all of those who had none yet."""
    if not shown:
        return true()
    unsettled = table.c.status.not_in(sorted(FINAL)) | table.c.settled_at.is_(None)
    newcomer = rep.not_in(sorted(shown))
    return unsettled | (table.c.settled_at >= min(shown.values())) | newcomer


def _recent(week: str) -> tuple[ColumnElement[bool], ...]:
    return table.c.week < week, table.c.week >= _since(week)


def verify_text(rule: VerifyRule) -> str:
    return json.dumps(
        {
            "kind": rule.kind.value,
            "target": rule.target,
            "activity": rule.activity,
            "deals": json.loads(refs_text(rule.deals)),
            # Left out where it is not asked for, so that a rule keeps the text it always had.
            **({"new_account": True} if rule.new_account else {}),
            **({"also": [one.value for one in rule.also]} if rule.also else {}),
        },
        sort_keys=True,
    )


@lru_cache(maxsize=4096)
def verify_rule(text: str) -> VerifyRule:
    """The rule of its text; most rules of an organisation read alike."""
    value = json.loads(text)
    return VerifyRule(
        kind=Verify(value["kind"]),
        target=value["target"],
        activity=value["activity"],
        deals=refs(json.dumps(value["deals"])),
        new_account=bool(value.get("new_account")),
        also=tuple(Verify(one) for one in value.get("also", ())),
    )


def path_text(path: EffectPath | None) -> str | None:
    return None if path is None else json.dumps(asdict(path), sort_keys=True)


def path_of_text(text: str | None) -> EffectPath | None:
    return None if text is None else EffectPath(**json.loads(text))


def refs_text(records: Iterable[RecordRef]) -> str:
    return json.dumps([[ref.connection, ref.object, ref.id] for ref in records])


def refs(text: str) -> tuple[RecordRef, ...]:
    parts = json.loads(text) if text not in ("", "[]") else []
    return tuple(RecordRef(connection=c, object=o, id=i) for c, o, i in parts)


def deal_ref(row: Any) -> RecordRef | None:
    """The deal that two columns of a row name, if any."""
    if row["deal_id"] is None:
        return None
    return RecordRef(connection=row["deal_connection"], object="deal", id=row["deal_id"])


def _action(row: Any) -> Action:
    created: datetime = row["created_at"]
    return Action(
        id=row["id"],
        who=row["who"],
        manager=row["manager"],
        week=row["week"],
        origin=Origin(row["origin"]),
        text=row["text"],
        due=row["due"],
        created_at=created,
        verify=verify_rule(row["verify"]),
        connection=row["connection"],
        key=row["key"],
        kpi=row["kpi"],
        deal=deal_ref(row),
        status=ActionStatus(row["status"]),
        ticked=row["ticked"],
        seen=row["seen"],
        on_time=row["on_time"],
        late=row["late"],
        carry_count=row["carry_count"],
        evidence=refs(row["evidence"]),
        settled_at=row["settled_at"],
        asked_by=row["asked_by"],
        why=Why(row["why"]) if row["why"] else None,
        said=row["said"],
        first_target=row["first_target"],
        former=row["former"],
        crm_id=row["crm_id"],
        path=path_of_text(row["path"]),
    )

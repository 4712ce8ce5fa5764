"""How activities are read of the store: whose each one is, which counts, what became of it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, case, func, or_, select

from crm_loop.kpi import columns as schemas
from crm_loop.kpi.folding import Folding
from crm_loop.kpi.more_records import CUSTOM
from crm_loop.loop_records.counting import CountingRules
from crm_loop.records import ActivityStatus, Subject
from crm_loop.store import State
from crm_loop.store.scan import Scan, frame_of, parts_of
from crm_loop.store.tables import crm

Instead = Mapping[str, ColumnElement[Any]]

_TODO = crm.activity.alias("todo")
#: The to-do as which a message was logged as well, while it is there.
_LOGGED_AS = and_(
    _TODO.c.organisation == crm.activity.c.organisation,
    _TODO.c.connection == crm.activity.c.connection,
    _TODO.c.id == crm.activity.c.same_as,
    _TODO.c.removed_at.is_(None),
)
_OWN = crm.activity.c.owner_id
#: A message is his for whom its to-do is: it may have been logged by a machine.
_WHOSE = {
    "owner_id": case(
        (crm.activity.c.same_as.is_(None), _OWN),
        else_=func.coalesce(select(_TODO.c.owner_id).where(_LOGGED_AS).scalar_subquery(), _OWN),
    )
}


def _told_once() -> ColumnElement[bool]:
    """A message that was logged as a to-do as well counts once.

    The to-do stands for both where it knows who wrote, else the message does.
    """
    knows = select(_TODO.c.id).where(_LOGGED_AS, _TODO.c.outbound.is_not(None))
    return or_(crm.activity.c.same_as.is_(None), ~knows.exists())


def no_longer_assumed(state: State, rules: CountingRules) -> dict[str, str]:
    """By connection how ids of meetings without an outcome begin, where they are not just held."""
    if rules.assume_past_meetings_held:
        return {}
    known = {row.name: row.facts.get("assumed_meetings") for row in state.connections.all()}
    return {name: begin for name, begin in known.items() if begin}


def instead(assumed: Mapping[str, str]) -> Instead:
    """Where columns come from instead.

    `assumed` is by connection how the ids of meetings begin of which the CRM keeps no outcome, if
    nobody wants them to be taken for held: what became of them is unknown.
    """
    if not assumed:
        return _WHOSE
    kept = crm.activity.c
    unknown = or_(
        *(
            and_(kept.connection == connection, kept.id.startswith(begin, autoescape=True))
            for connection, begin in assumed.items()
        )
    )
    over = and_(kept.kind == "meeting", kept.status == ActivityStatus.HELD.value, unknown)
    status = case((over, ActivityStatus.UNCONFIRMED.value), else_=kept.status)
    return {**_WHOSE, "status": status}


def activities(
    scan: Scan, whole: ColumnElement[bool], told: Instead, *, own: bool = False
) -> pl.DataFrame:
    """Activities one by one, without to-dos for which their messages stand.

    `own`: with fields of the CRM's own.
    """
    schema = {**schemas.ACTIVITIES, "same_as": pl.String, **(CUSTOM if own else {})}
    where = [_told_once(), whole]
    found = frame_of(scan, Subject.ACTIVITIES, schema, where=where, instead=told)
    messages = found.drop_nulls("same_as").select("connection", pl.col("same_as").alias("id"))
    kept = found.drop("same_as")
    return kept if messages.is_empty() else kept.join(messages, on=["connection", "id"], how="anti")


def fold(scan: Scan, folding: Folding, before: ColumnElement[bool], told: Instead) -> None:
    """Make old activities small, meetings and the rest side by side."""
    is_meeting = crm.activity.c.kind == "meeting"

    def part_by_part(
        schema: Mapping[str, Any], which: ColumnElement[bool], take: Callable[[pl.DataFrame], None]
    ) -> None:
        where = [_told_once(), before, which]
        for part in parts_of(scan, Subject.ACTIVITIES, schema, where=where, instead=told):
            take(part)

    scan.together(
        partial(part_by_part, schemas.OLD, ~is_meeting, folding.add),
        partial(part_by_part, schemas.OLD_MEETINGS, is_meeting, folding.meet),
    )

"""Records of the kinds that only own KPIs count, as pages show them.

Each is called what it belongs to is called, and opens there where it has no page of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Table, and_, func, literal, select, tuple_

from crm_loop.calendars import local_date
from crm_loop.kpi.more_records import CHANGE, SHOWN_ON
from crm_loop.kpi.pages import page_of
from crm_loop.loop_records import RecordRef
from crm_loop.store import State
from crm_loop.store.tables import crm
from crm_loop.store.tables import crm_details as more

#: What a kind's rows are in: the table, the column with a day or moment, the table of what it
#: belongs to and that one's name.
_QUOTED = func.coalesce(more.quote.c.sent_at, more.quote.c.created_at)
_ROWS: Mapping[str, tuple[Table, Any, Table | None, Column[Any] | None]] = {
    "account": (crm.account, literal(None), None, crm.account.c.name),
    "quote": (more.quote, _QUOTED, crm.deal, crm.deal.c.name),
    "contact_role": (more.contact_role, literal(None), crm.deal, crm.deal.c.name),
    "split": (more.split, literal(None), crm.deal, crm.deal.c.name),
    CHANGE: (crm.deal_change, crm.deal_change.c.at, crm.deal, crm.deal.c.name),
    "lead_change": (more.lead_change, more.lead_change.c.at, more.lead, more.lead.c.company),
    "participant": (more.participant, crm.activity.c.start, crm.activity, None),
    "absence": (more.absence, more.absence.c.start, None, None),
    "quota": (crm.quota, crm.quota.c.period_start, None, None),
}
KINDS = frozenset(_ROWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A record with its name, its local day and its page, as far as these are known."""

    ref: RecordRef
    name: str
    day: date | None
    url: str | None


def known(
    state: State,
    kind: str,
    refs: Sequence[RecordRef],
    facts: Mapping[str, Mapping[str, Any]],
    time_zone: str,
) -> list[Known]:
    """Some records (a few hundred at most) of one of `KINDS`, as far as they are still there."""
    table, day, other, name = _ROWS[kind]
    of, field = SHOWN_ON.get(kind, ("", ""))
    belongs = table.c[field] if field else literal(None)
    called = literal("") if name is None else name
    query = select(
        table.c.connection, table.c.id, day.label("day"), called.label("name"),
        belongs.label("belongs"),
    ).where(
        table.c.organisation == state.organisation,
        tuple_(table.c.connection, table.c.id).in_([(ref.connection, ref.id) for ref in refs]),
    )  # fmt: skip
    if other is not None:
        same = and_(
            other.c.organisation == table.c.organisation,
            other.c.connection == table.c.connection,
            other.c.id == table.c[field],
        )
        query = query.select_from(table.outerjoin(other, same))
    return [
        Known(
            ref=RecordRef(connection=row.connection, object=kind, id=row.id),
            name=row.name or "",
            day=local_date(row.day, time_zone) if isinstance(row.day, datetime) else row.day,
            url=page_of(
                facts.get(row.connection, {}),
                kind,
                row.id,
                (of, row.belongs) if row.belongs else None,
            ),
        )
        for row in state.connection.execute(query)
    ]

"""What belongs to deals, leads, activities and the company itself; keyed like the records."""

from typing import Any

from sqlalchemy import Boolean, Column, Date, Float, Index, Integer, String, Table, Text, false

from crm_loop.store.tables.columns import (
    Exact,
    Moment,
    Money,
    Named,
    connection,
    metadata,
    organisation,
)


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(
        name,
        metadata,
        organisation(),
        connection(),
        Column("id", String(64), primary_key=True),
        *columns,
        Column("removed_at", Moment),
    )


def _index(table: Table, column: str) -> None:
    name = f"ix_{table.name}_{column.removesuffix('_id')}"
    Index(name, table.c.organisation, table.c.connection, table.c[column])


rate = _table(
    "crm_rate",
    Column("currency", String(8), nullable=False),
    Column("per_home", Exact, nullable=False),
    Column("start", Date),
    Column("end", Date),
)

fiscal_period = _table(
    "crm_fiscal_period",
    Column("kind", String(16), nullable=False),
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False),
    Column("number", Integer),
    Column("label", Text),
)

contact_role = _table(
    "crm_contact_role",
    Column("deal_id", String(64), nullable=False),
    Column("contact_id", String(64), nullable=False),
    Column("role", Text),
    Column("primary", Boolean, nullable=False, server_default=false()),
)
_index(contact_role, "deal_id")

split = _table(
    "crm_split",
    Column("deal_id", String(64), nullable=False),
    Column("owner_id", String(64), nullable=False),
    Column("share", Float, nullable=False),
    Column("revenue", Boolean, nullable=False),
    Column("amount", Money),
)
_index(split, "deal_id")

quote = _table(
    "crm_quote",
    Column("deal_id", String(64)),
    Column("created_at", Moment, nullable=False),
    Column("modified_at", Moment, nullable=False),
    Column("sent", Boolean, nullable=False),
    Column("sent_at", Moment),
    Column("amount", Money),
    Column("currency", String(8)),
)
_index(quote, "deal_id")

lead = _table(
    "crm_lead",
    Column("owner_id", String(64)),
    Column("created_at", Moment, nullable=False),
    Column("modified_at", Moment, nullable=False),
    Column("company", Text),
    Column("status", Text),
    Column("source", Text),
    Column("assigned_at", Moment),
    Column("converted_on", Date),
    Column("deal_id", String(64)),
    Column("account_id", String(64)),
    Column("contact_id", String(64)),
    Column("custom", Named),
)
_index(lead, "owner_id")

lead_change = _table(
    "crm_lead_change",
    Column("lead_id", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("owner_id", String(64), nullable=False),
)
_index(lead_change, "lead_id")

participant = _table(
    "crm_participant",
    Column("activity_id", String(64), nullable=False),
    Column("contact_id", String(64)),
    Column("lead_id", String(64)),
    Column("person_id", String(64)),
    Column("declined", Boolean, nullable=False, server_default=false()),
)
_index(participant, "activity_id")

absence = _table(
    "crm_absence",
    Column("person_id", String(64), nullable=False),
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False),
)

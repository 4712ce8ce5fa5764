"""To-dos that people made by hand for a 1on1, as they were last seen in their CRM."""

from sqlalchemy import Boolean, Column, Date, String, Table, Text

from crm_loop.store.tables.columns import Moment, connection, metadata, organisation

hand_task = Table(
    "hand_task",
    metadata,
    organisation(),
    connection(),
    Column("id", String(64), primary_key=True),
    Column("owner_id", String(64), nullable=False),
    Column("made_by", String(64)),
    Column("subject", Text, nullable=False),
    Column("due", Date),
    Column("deal_id", String(64)),
    Column("sheet", String(64)),
    Column("deleted", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("modified_at", Moment, nullable=False),
)

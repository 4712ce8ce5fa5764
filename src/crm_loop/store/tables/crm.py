"""What was pulled: one table a record kind, keyed by organisation, connection and CRM id.

`removed_at` is the business moment at which the record was first seen to be gone.
"""

from sqlalchemy import Boolean, Column, Date, Float, Index, Integer, String, Table, Text, true

from crm_loop.store.tables.columns import (
    Moment,
    Money,
    Named,
    Names,
    connection,
    metadata,
    organisation,
)

person = Table(
    "crm_person",
    metadata,
    organisation(),
    connection(),
    Column("id", String(64), primary_key=True),
    Column("email", String(254), nullable=False),
    Column("name", Text, nullable=False),
    Column("family_name", Text),
    Column("active", Boolean, nullable=False),
    Column("manager_id", String(64)),
    Column("team", Text),
    Column("language", String(8)),
    Column("time_zone", String(64)),
    Column("role", Text),
    Column("title", Text),
    Column("reader_ids", Names),
    Column("removed_at", Moment),
)

stage = Table(
    "crm_stage",
    metadata,
    organisation(),
    connection(),
    Column("pipeline", String(128), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("label", Text, nullable=False),
    Column("order", Integer, nullable=False),
    Column("is_closed", Boolean, nullable=False),
    Column("is_won", Boolean, nullable=False),
    Column("probability", Float),
    Column("forecast", String(16)),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("removed_at", Moment),
)

account = Table(
    "crm_account",
    metadata,
    organisation(),
    connection(),
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("owner_id", String(64)),
    Column("parent_id", String(64)),
    Column("custom", Named),
    Column("removed_at", Moment),
)

deal = Table(
    "crm_deal",
    metadata,
    organisation(),
    connection(),
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("owner_id", String(64)),
    Column("account_id", String(64)),
    Column("pipeline", String(128), nullable=False),
    Column("stage", String(128), nullable=False),
    Column("is_closed", Boolean, nullable=False),
    Column("is_won", Boolean, nullable=False),
    Column("amount", Money),
    Column("currency", String(8)),
    Column("close_date", Date),
    Column("created_at", Moment, nullable=False),
    Column("modified_at", Moment, nullable=False),
    Column("lost_reason", Text),
    Column("probability", Float),
    Column("forecast", String(16)),
    Column("kind", Text),
    Column("source", Text),
    Column("next_step", Text),
    Column("home_amount", Money),
    Column("staged_at", Moment),
    Column("contacts", Integer),
    Column("custom", Named),
    Column("removed_at", Moment),
)
Index("ix_crm_deal_owner", deal.c.organisation, deal.c.connection, deal.c.owner_id)

deal_change = Table(
    "crm_deal_change",
    metadata,
    organisation(),
    connection(),
    Column("id", String(128), primary_key=True),
    Column("deal_id", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("field", String(16), nullable=False),
    Column("value", Text),
    Column("removed_at", Moment),
)
Index(
    "ix_crm_deal_change_deal",
    deal_change.c.organisation,
    deal_change.c.connection,
    deal_change.c.deal_id,
)

activity = Table(
    "crm_activity",
    metadata,
    organisation(),
    connection(),
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("owner_id", String(64)),
    Column("deal_id", String(64)),
    Column("account_id", String(64)),
    Column("start", Moment, nullable=False),
    Column("logged_at", Moment, nullable=False),
    Column("status", String(16), nullable=False),
    Column("outbound", Boolean),
    Column("duration_seconds", Integer),
    Column("external_attendees", Integer),
    Column("calendar_uid", Text),
    Column("contact_ids", Names),
    Column("colleague_ids", Names),
    Column("lead_id", String(64)),
    Column("message_id", Text),
    Column("bulk", Boolean),
    Column("disposition", Text),
    Column("same_as", String(64)),
    Column("custom", Named),
    Column("removed_at", Moment),
)
Index("ix_crm_activity_start", activity.c.organisation, activity.c.start)

task = Table(
    "crm_task",
    metadata,
    organisation(),
    connection(),
    Column("id", String(64), primary_key=True),
    Column("owner_id", String(64)),
    Column("deal_id", String(64)),
    Column("due", Date),
    Column("is_closed", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("modified_at", Moment, nullable=False),
    Column("completed_at", Moment),
    Column("key", String(64)),
    Column("account_id", String(64)),
    Column("custom", Named),
    Column("removed_at", Moment),
)
Index("ix_crm_task_key", task.c.organisation, task.c.key)

quota = Table(
    "crm_quota",
    metadata,
    organisation(),
    connection(),
    Column("id", String(64), primary_key=True),
    Column("owner_id", String(64), nullable=False),
    Column("kpi", String(64), nullable=False),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("amount", Money, nullable=False),
    Column("currency", String(8)),
    Column("removed_at", Moment),
)

cursor = Table(
    "pull_cursor",
    metadata,
    organisation(),
    connection(),
    Column("subject", String(16), primary_key=True),
    Column("cursor", Text),
    Column("pulled_at", Moment, nullable=False),
)

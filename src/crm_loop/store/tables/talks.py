"""What people said of figures and of the talks themselves."""

from sqlalchemy import Column, Date, Float, Integer, String, Table, Text

from crm_loop.store.tables.columns import Moment, metadata, organisation

figure_flag = Table(
    "figure_flag",
    metadata,
    organisation(),
    Column("rep", String(254), primary_key=True),
    Column("kpi", String(64), primary_key=True),
    Column("flagged_on", Date, primary_key=True),
    Column("week", String(8), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("value", Float),
    Column("numerator", Float),
    Column("denominator", Float),
    Column("state", String(16), nullable=False),
    Column("recounted_as_of", Date),
    Column("recounted", Float),
)

talk_view = Table(
    "talk_view",
    metadata,
    organisation(),
    Column("rep", String(254), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("by", String(16), primary_key=True),
    Column("rating", Integer),
    Column("safe", Integer),
    Column("thoughts", Integer),
    Column("own_words", Integer),
    Column("talk", Float),
)

#: How an admin has planned the 1on1s of a role; a role without a row has the usual plan.
agenda_template = Table(
    "agenda_template",
    metadata,
    organisation(),
    Column("role", String(16), primary_key=True),
    Column("plan", Text, nullable=False),  # minutes, boxes and questions, as JSON
    Column("changed_at", Moment, nullable=False),
)

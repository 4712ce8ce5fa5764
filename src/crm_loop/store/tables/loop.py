"""What the loop made: targets, figures, agendas, suggestions, actions, cycles, people's set-up."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    Time,
    false,
)

from crm_loop.store.tables.columns import Moment, connection, metadata, organisation

member = Table(
    "member",
    metadata,
    organisation(),
    Column("person", String(254), primary_key=True),
    Column("name", Text),
    Column("manager", String(254)),
    Column("role", String(16)),
    Column("role_start", Date),
    Column("fte", Float),
    Column("language", String(8)),
    Column("country", String(8)),
    Column("leave", Text, nullable=False, default=""),
    Column("pilot", Boolean, nullable=False, default=True),
)

slot_line = Table(
    "one_on_one_slot",
    metadata,
    organisation(),
    Column("manager", String(254), primary_key=True),
    Column("weekday", Integer, nullable=False),
    Column("first", Time, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("spacing_minutes", Integer, nullable=False),
)

talk_event = Table(
    "talk_event",
    metadata,
    organisation(),
    Column("manager", String(254), primary_key=True),
    Column("rep", String(254), primary_key=True),
    Column("uid", String(512), primary_key=True),
    Column("rules", Text, nullable=False),
)

stage_map = Table(
    "stage_map",
    metadata,
    organisation(),
    connection(),
    Column("pipeline", String(128), primary_key=True),
    Column("stage", String(128), primary_key=True),
    Column("canonical", String(8), nullable=False),
    Column("set_by", String(16), nullable=False),
)

target = Table(
    "target",
    metadata,
    organisation(),
    Column("person", String(254), primary_key=True),
    Column("kpi", String(64), primary_key=True),
    Column("period_start", Date, primary_key=True),
    Column("period_end", Date, primary_key=True),
    Column("value", Float, nullable=False),
    Column("currency", String(8)),
    Column("set_by", String(16), nullable=False),
    Column("source", String(16), nullable=False),
    Column("reason", Text, nullable=False, default="", server_default=""),
)

kpi_value = Table(
    "kpi_value",
    metadata,
    organisation(),
    Column("person", String(254), primary_key=True),
    Column("kpi", String(64), primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("value", Float),
    Column("numerator", Float),
    Column("denominator", Float),
    Column("n", Integer, nullable=False),
    Column("value_status", String(16), nullable=False),
    Column("progress", String(16)),
    Column("target", Float),
    Column("expected_to_date", Float),
    Column("p_attain", Float),
    Column("p_start", Float),
    Column("low", Float),
    Column("middle", Float),
    Column("high", Float),
    Column("usual", Float),
    Column("last_week", Float),
    Column("warnings", Text, nullable=False, default=""),
    Column("reference", Boolean, nullable=False, default=False, server_default=false()),
)

agenda = Table(
    "agenda",
    metadata,
    organisation(),
    Column("rep", String(254), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("manager", String(254), nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("publish_at", Moment, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("language", String(8), nullable=False),
    Column("connection", String(64), nullable=False),
    Column("key", String(64), nullable=False, unique=True),
    # Before the long texts: SQLite reads a row from its beginning.
    Column("state", String(16), nullable=False),
    Column("gist", Text),  # of the document, what later 1on1s need
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("manager_text", Text, nullable=False),
    Column("document", Text, nullable=False),  # blocks, reserve and opening, read as one
    Column("rep_topic", Text, nullable=False, default=""),
    Column("wanted_response", Text, nullable=False, default=""),
    Column("next_steps", Text, nullable=False, default=""),  # typed by people, one a line
    Column("asked", Text, nullable=False, default="", server_default=""),  # the same
    Column("held_at", Moment),
)

pair_rest = Table(
    "pair_rest",
    metadata,
    organisation(),
    Column("rep", String(254), primary_key=True),
    Column("manager", String(254), primary_key=True),
    Column("since", String(8), nullable=False),
    Column("resumed", String(8)),
)

pair_rule = Table(
    "pair_rule",
    metadata,
    organisation(),
    Column("rep", String(254), primary_key=True),
    Column("manager", String(254), primary_key=True),
    Column("since", String(8), nullable=False),
)

overview = Table(
    "overview",
    metadata,
    organisation(),
    Column("manager", String(254), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("connection", String(64), primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("due", Date, nullable=False),
    Column("publish_at", Moment, nullable=False),
)

suggestion = Table(
    "suggestion",
    metadata,
    organisation(),
    Column("rep", String(254), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("slot", String(200), primary_key=True),
    Column("text", Text, nullable=False),
    Column("due", Date, nullable=False),
    Column("verify", Text, nullable=False),
    Column("connection", String(64), nullable=False),
    Column("kpi", String(64)),
    Column("deal_connection", String(64)),
    Column("deal_id", String(64)),
    Column("cause", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("path", Text),  # what it may lead to, as worked out once
    Column("said", Text),
)

action = Table(
    "action",
    metadata,
    organisation(),
    Column("id", String(64), primary_key=True),
    Column("who", String(254), nullable=False),
    Column("manager", String(254)),
    Column("week", String(8), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("due", Date, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("verify", Text, nullable=False),
    Column("connection", String(64), nullable=False),
    Column("key", String(64), nullable=False, unique=True),
    Column("kpi", String(64)),
    Column("deal_connection", String(64)),
    Column("deal_id", String(64)),
    Column("status", String(24), nullable=False),
    Column("ticked", Boolean, nullable=False),
    Column("seen", Boolean, nullable=False),
    Column("on_time", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("carry_count", Integer, nullable=False),
    Column("evidence", Text, nullable=False, default=""),
    Column("settled_at", Moment),
    Column("asked_by", String(254)),
    Column("why", String(16)),
    Column("said", Text, nullable=False, default="", server_default=""),
    Column("first_target", Integer),
    Column("former", Text, nullable=False, default="", server_default=""),
    Column("crm_id", String(64)),
    Column("path", Text),  # what it may lead to, as worked out when it was agreed
)

cycle = Table(
    "cycle",
    metadata,
    organisation(),
    Column("rep", String(254), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("links", Text, nullable=False),
    Column("missing", Text, nullable=False),
)

# A day's figures, and which day was the last, without reading those of all days.
Index("ix_kpi_value_day", kpi_value.c.organisation, kpi_value.c.as_of)

# A week is what nearly everything asks for; keys begin with the person.
for _table in (agenda, suggestion, action):
    Index(f"ix_{_table.name}_week", _table.c.organisation, _table.c.week)
# One person's, in the order in which they are handed over: sorted by key otherwise, SQLite would
# read everybody's in that order.
Index("ix_action_who", action.c.organisation, action.c.who, action.c.id)

"""What was concluded from figures: records, closed periods, insights, proposals, pipelines."""

from sqlalchemy import Boolean, Column, Date, Float, Integer, LargeBinary, String, Table, Text

from crm_loop.store.tables.columns import Moment, metadata, organisation

kpi_records = Table(
    "kpi_records",
    metadata,
    organisation(),
    Column("person", String(254), primary_key=True),
    Column("kpi", String(64), primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("packed", LargeBinary, nullable=False),
    Column("given", LargeBinary),  # what each record gave; not known of what was kept earlier
)

kpi_frozen = Table(
    "kpi_frozen",
    metadata,
    organisation(),
    Column("person", String(254), primary_key=True),
    Column("kpi", String(64), primary_key=True),
    Column("period_start", Date, primary_key=True),
    Column("period_end", Date, primary_key=True),
    Column("frozen_on", Date, nullable=False),
    Column("rebuilt", Boolean, nullable=False),  # from the CRM's history, not seen at the time
    Column("value", Float),
    Column("numerator", Float),
    Column("denominator", Float),
    Column("n", Integer, nullable=False),
    Column("value_status", String(16), nullable=False),
    Column("amounts", LargeBinary, nullable=False),
)

kpi_restatement = Table(
    "kpi_restatement",
    metadata,
    organisation(),
    Column("person", String(254), primary_key=True),
    Column("kpi", String(64), primary_key=True),
    Column("period_start", Date, primary_key=True),
    Column("period_end", Date, primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("net", Float, nullable=False),
    Column("changes", Text, nullable=False),
)

insight = Table(
    "insight",
    metadata,
    organisation(),
    Column("person", String(254), primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("rule", String(64), primary_key=True),
    Column("driver", String(128), primary_key=True),
    Column("form", String(16), nullable=False),
    Column("label", String(16)),
    Column("p", Float),
    Column("contribution", Float),
    Column("facts", Text, nullable=False),
    Column("records", LargeBinary, nullable=False),
)

target_proposal = Table(
    "target_proposal",
    metadata,
    organisation(),
    Column("person", String(254), primary_key=True),
    Column("kpi", String(64), primary_key=True),
    Column("period_start", Date, primary_key=True),
    Column("period_end", Date, primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("decision", String(16), nullable=False),
    Column("old", Float, nullable=False),
    Column("proposed", Float, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("rep_answer", String(16)),
    Column("manager_answer", String(16)),
    Column("second_answer", String(16)),
)

target_change = Table(
    "target_change",
    metadata,
    organisation(),
    Column("person", String(254), primary_key=True),
    Column("kpi", String(64), primary_key=True),
    Column("period_start", Date, primary_key=True),
    Column("period_end", Date, primary_key=True),
    Column("n", Integer, primary_key=True),  # 1 is the first one
    Column("at", Moment),
    Column("old", Float),
    Column("new", Float, nullable=False),
    Column("set_by", String(16), nullable=False),
    Column("source", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("rep_answer", String(16)),
    Column("manager_answer", String(16)),
    Column("second_answer", String(16)),
    Column("facts", Text, nullable=False),  # the model's numbers
)

pipeline_day = Table(
    "pipeline_day",
    metadata,
    organisation(),
    Column("day", Date, primary_key=True),
    Column("whole", Boolean, nullable=False),
    Column("frame", LargeBinary, nullable=False),
)

kpi_definition = Table(
    "kpi_definition",
    metadata,
    organisation(),
    Column("name", String(128), primary_key=True),
    Column("text", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
)

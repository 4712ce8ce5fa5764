"""What was learned: observations, beliefs, sessions, rhythms, commitment, stage."""

from sqlalchemy import Boolean, Column, Date, Float, Integer, String, Table, Text

from crm_loop.store.tables.columns import metadata, organisation

observation = Table(
    "learn_observation",
    metadata,
    organisation(),
    Column("action", String(64), primary_key=True),
    Column("person", String(254), nullable=False),
    Column("step", String(64), nullable=False),
    Column("kpi", String(64), nullable=False),
    Column("week", String(8), nullable=False),
    Column("pre", Float, nullable=False),
    Column("post", Float, nullable=False),
    Column("before_after", Float, nullable=False),
    Column("use", String(16), nullable=False),
    Column("peers", Integer, nullable=False),
    Column("expected", Float),
    Column("effect", Float),
    Column("error", Float),
    Column("relative", Float),
    Column("relative_error", Float),
)

learned = Table(
    "learn_step",
    metadata,
    organisation(),
    Column("week", String(8), primary_key=True),
    Column("step", String(64), primary_key=True),
    Column("kpi", String(64), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("reps", Integer, nullable=False),
    Column("mean", Float, nullable=False),
    Column("sd", Float, nullable=False),
    Column("p", Float, nullable=False),
    Column("verdict", String(16), nullable=False),
)

session = Table(
    "learn_session",
    metadata,
    organisation(),
    Column("rep", String(254), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("manager", String(254), nullable=False),
    Column("quality", Float),
    Column("weight", Float, nullable=False),
    Column("own", Float),
    Column("parts", Text, nullable=False),
)

rhythm = Table(
    "learn_rhythm",
    metadata,
    organisation(),
    Column("rep", String(254), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("manager", String(254), nullable=False),
    Column("eligible", Integer, nullable=False),
    Column("recorded", Float),
    Column("adherence", Float),
    Column("streak", Integer, nullable=False),
    Column("max_gap_days", Integer),
    *(
        Column(name, Integer, nullable=False, default=0, server_default="0")
        for name in ("called_off", "by_manager", "lately")
    ),
    Column("minutes", String(16)),
)

commitment = Table(
    "learn_commitment",
    metadata,
    organisation(),
    Column("manager", String(254), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("value", Float),
    Column("parts", Text, nullable=False),
)

together = Table(
    "learn_together",
    metadata,
    organisation(),
    Column("week", String(8), primary_key=True),
    Column("team", String(254), primary_key=True),
    Column("what", String(16), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("rho", Float),
    Column("p", Float),
    Column("low", Float),
    Column("high", Float),
    Column("label", String(32), nullable=False),
)

compared = Table(
    "learn_compared",
    metadata,
    organisation(),
    Column("week", String(8), primary_key=True),
    Column("step", String(64), primary_key=True),
    Column("kpi", String(64), primary_key=True),
    Column("done", Integer, nullable=False),
    Column("done_reps", Integer, nullable=False),
    Column("done_mean", Float),
    Column("missed", Integer, nullable=False),
    Column("missed_reps", Integer, nullable=False),
    Column("missed_mean", Float),
)

within = Table(
    "learn_within",
    metadata,
    organisation(),
    Column("week", String(8), primary_key=True),
    Column("reps", Integer, nullable=False),
    Column("estimate", Float),
    Column("low", Float),
    Column("high", Float),
    Column("label", String(32), nullable=False),
)

stage = Table(
    "learn_stage",
    metadata,
    organisation(),
    Column("week", String(8), primary_key=True),
    Column("stage", String(16), nullable=False),
    Column("symptoms", Text, nullable=False),
    Column("first_action", String(32)),
    Column("largest_shortfall", String(32)),
    Column("weeks_in_a_row", Integer, nullable=False),
    Column("indices", Text, nullable=False),
    Column("components", Text, nullable=False),
)

self_assessment = Table(
    "self_assessment",
    metadata,
    organisation(),
    Column("answered_on", Date, primary_key=True),
    Column("kpi_not_operated", Boolean, nullable=False),
    Column("one_on_one_ineffective", Boolean, nullable=False),
    Column("disconnected", Boolean, nullable=False),
)

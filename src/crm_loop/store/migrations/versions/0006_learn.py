"""What is learned: observations, kinds of step, sessions, rhythms, commitment, stage."""

import sqlalchemy as sa
from alembic import op

revision = "0006_learn"
down_revision = "0005_kpi"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "learn_commitment",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("manager", sa.String(length=254), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "manager", "week", name=op.f("pk_learn_commitment")
        ),
    )
    op.create_table(
        "learn_observation",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("pre", sa.Float(), nullable=False),
        sa.Column("post", sa.Float(), nullable=False),
        sa.Column("before_after", sa.Float(), nullable=False),
        sa.Column("use", sa.String(length=16), nullable=False),
        sa.Column("peers", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=True),
        sa.Column("effect", sa.Float(), nullable=True),
        sa.Column("error", sa.Float(), nullable=True),
        sa.Column("relative", sa.Float(), nullable=True),
        sa.Column("relative_error", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "action", name=op.f("pk_learn_observation")),
    )
    op.create_table(
        "learn_rhythm",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("manager", sa.String(length=254), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("recorded", sa.Float(), nullable=True),
        sa.Column("adherence", sa.Float(), nullable=True),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.Column("max_gap_days", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "rep", "week", name=op.f("pk_learn_rhythm")),
    )
    op.create_table(
        "learn_session",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("manager", sa.String(length=254), nullable=False),
        sa.Column("quality", sa.Float(), nullable=True),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "rep", "week", name=op.f("pk_learn_session")),
    )
    op.create_table(
        "learn_stage",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("symptoms", sa.Text(), nullable=False),
        sa.Column("first_action", sa.String(length=32), nullable=True),
        sa.Column("largest_shortfall", sa.String(length=32), nullable=True),
        sa.Column("weeks_in_a_row", sa.Integer(), nullable=False),
        sa.Column("indices", sa.Text(), nullable=False),
        sa.Column("components", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "week", name=op.f("pk_learn_stage")),
    )
    op.create_table(
        "learn_step",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("reps", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Float(), nullable=False),
        sa.Column("sd", sa.Float(), nullable=False),
        sa.Column("p", sa.Float(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "week", "step", "kpi", name=op.f("pk_learn_step")),
    )
    op.create_table(
        "learn_together",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("team", sa.String(length=254), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("rho", sa.Float(), nullable=True),
        sa.Column("p", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "week", "team", "what", name=op.f("pk_learn_together")
        ),
    )
    op.create_table(
        "self_assessment",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("kpi_not_operated", sa.Boolean(), nullable=False),
        sa.Column("one_on_one_ineffective", sa.Boolean(), nullable=False),
        sa.Column("disconnected", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "answered_on", name=op.f("pk_self_assessment")),
    )


def downgrade() -> None:
    op.drop_table("self_assessment")
    op.drop_table("learn_together")
    op.drop_table("learn_step")
    op.drop_table("learn_stage")
    op.drop_table("learn_session")
    op.drop_table("learn_rhythm")
    op.drop_table("learn_observation")
    op.drop_table("learn_commitment")

"""Steps keep what they may lead to; what is learned of pairs and steps has more to it."""

import sqlalchemy as sa
from alembic import op

revision = "0027_learn"
down_revision = "0026_agenda_template"
branch_labels = None
depends_on = None

_COUNTS = ("called_off", "by_manager", "lately")


def upgrade() -> None:
    for table in ("action", "suggestion"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("path", sa.Text(), nullable=True))
    with op.batch_alter_table("learn_session") as batch:
        batch.add_column(sa.Column("own", sa.Float(), nullable=True))
    with op.batch_alter_table("learn_rhythm") as batch:
        for name in _COUNTS:
            batch.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("minutes", sa.String(length=16), nullable=True))
    op.create_table(
        "learn_compared",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("done_reps", sa.Integer(), nullable=False),
        sa.Column("done_mean", sa.Float(), nullable=True),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("missed_reps", sa.Integer(), nullable=False),
        sa.Column("missed_mean", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint(
            "organisation", "week", "step", "kpi", name=op.f("pk_learn_compared")
        ),
    )
    op.create_table(
        "learn_within",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("reps", sa.Integer(), nullable=False),
        sa.Column("estimate", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "week", name=op.f("pk_learn_within")),
    )


def downgrade() -> None:
    op.drop_table("learn_within")
    op.drop_table("learn_compared")
    with op.batch_alter_table("learn_rhythm") as batch:
        batch.drop_column("minutes")
        for name in reversed(_COUNTS):
            batch.drop_column(name)
    with op.batch_alter_table("learn_session") as batch:
        batch.drop_column("own")
    for table in ("suggestion", "action"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("path")

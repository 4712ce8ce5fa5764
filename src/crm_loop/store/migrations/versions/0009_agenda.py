"""Figures that reps say are wrong, and what the two say of their talks."""

import sqlalchemy as sa
from alembic import op

revision = "0009_agenda"
down_revision = "0008_kpi"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "figure_flag",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("flagged_on", sa.Date(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("numerator", sa.Float(), nullable=True),
        sa.Column("denominator", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("recounted_as_of", sa.Date(), nullable=True),
        sa.Column("recounted", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint(
            "organisation", "rep", "kpi", "flagged_on", name=op.f("pk_figure_flag")
        ),
    )
    op.create_table(
        "talk_view",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("safe", sa.Integer(), nullable=True),
        sa.Column("thoughts", sa.Integer(), nullable=True),
        sa.Column("own_words", sa.Integer(), nullable=True),
        sa.Column("talk", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "rep", "week", "by", name=op.f("pk_talk_view")),
    )


def downgrade() -> None:
    op.drop_table("talk_view")
    op.drop_table("figure_flag")

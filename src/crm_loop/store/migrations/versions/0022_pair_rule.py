"""Pairs whose manager lets every idea into the memo; until somebody says so there is none."""

import sqlalchemy as sa
from alembic import op

revision = "0022_pair_rule"
down_revision = "0021_heartbeat"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pair_rule",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("manager", sa.String(length=254), nullable=False),
        sa.Column("since", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "rep", "manager", name=op.f("pk_pair_rule")),
    )


def downgrade() -> None:
    op.drop_table("pair_rule")

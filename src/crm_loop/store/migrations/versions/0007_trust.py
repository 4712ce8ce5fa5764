"""The ledger in the order in which it is claimed; a table that nobody used is gone."""

import sqlalchemy as sa
from alembic import op

from crm_loop.store.tables.columns import Moment

revision = "0007_trust"
down_revision = "0006_learn"
branch_labels = None
depends_on = None

DUE = ["organisation", "connection", "state", "not_before", "key"]


def upgrade() -> None:
    op.drop_index("ix_write_state", table_name="write")
    op.create_index("ix_write_due", "write", DUE)
    op.drop_table("heartbeat")


def downgrade() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("process", name="pk_heartbeat"),
    )
    op.drop_index("ix_write_due", table_name="write")
    op.create_index("ix_write_state", "write", DUE[:3])

"""Claim writes in the order of planning: neighbours in the file, not spread by their keys."""

from alembic import op

revision = "0017_write_order"
down_revision = "0016_agenda"
branch_labels = None
depends_on = None

BEFORE = ["organisation", "connection", "state", "not_before", "key"]


def upgrade() -> None:
    op.drop_index("ix_write_due", table_name="write")
    op.create_index("ix_write_due", "write", BEFORE[:-1])


def downgrade() -> None:
    op.drop_index("ix_write_due", table_name="write")
    op.create_index("ix_write_due", "write", BEFORE)

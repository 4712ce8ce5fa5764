"""What is kept about one person is found, in order, without reading what is about everybody."""

from alembic import op

revision = "0032_own_rows"
down_revision = "0031_said"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_action_who", "action")
    op.create_index("ix_action_who", "action", ["organisation", "who", "id"])
    op.create_index("ix_one_on_one_capture_by", "one_on_one_capture", ["organisation", "by", "id"])


def downgrade() -> None:
    op.drop_index("ix_one_on_one_capture_by", "one_on_one_capture")
    op.drop_index("ix_action_who", "action")
    op.create_index("ix_action_who", "action", ["who"])

"""An admin decides how figures are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0029_counting"
down_revision = "0028_given"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisation") as table:
        table.add_column(sa.Column("counting", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("organisation") as table:
        table.drop_column("counting")

"""Steps keep what they may lead to; what is learned of pairs and steps has more to it."""

import sqlalchemy as sa
from alembic import op

revision = "0024_learn"
down_revision = "0023_key_pair"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("action", "suggestion"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("path", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in ("suggestion", "action"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("path")

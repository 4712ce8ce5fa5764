"""A suggested step also in the words of the manager, where those are of another language."""

import sqlalchemy as sa
from alembic import op

revision = "0031_said"
down_revision = "0030_custom_fields"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("suggestion") as batch:
        batch.add_column(sa.Column("said", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("suggestion") as batch:
        batch.drop_column("said")

"""Beside the records of a figure stands what each of them gave to it."""

import sqlalchemy as sa
from alembic import op

revision = "0028_given"
down_revision = "0027_learn"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("kpi_records") as batch:
        batch.add_column(sa.Column("given", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("kpi_records") as batch:
        batch.drop_column("given")

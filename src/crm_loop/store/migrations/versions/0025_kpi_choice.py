"""An admin chooses which KPIs each role is shown."""

import sqlalchemy as sa
from alembic import op

revision = "0025_kpi_choice"
down_revision = "0024_consent"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisation") as table:
        table.add_column(sa.Column("kpis", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("organisation") as table:
        table.drop_column("kpis")

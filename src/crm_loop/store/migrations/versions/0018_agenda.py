"""Find a day's figures, and the last day there is, without reading those of all days."""

from alembic import op

revision = "0018_agenda"
down_revision = "0017_write_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_kpi_value_day", "kpi_value", ["organisation", "as_of"])


def downgrade() -> None:
    op.drop_index("ix_kpi_value_day", "kpi_value")

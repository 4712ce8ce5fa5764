"""Fields of the CRM's own of activities, tasks, leads and accounts, as deals have them."""

import sqlalchemy as sa
from alembic import op

from crm_loop.store.tables.columns import Named

revision = "0030_custom_fields"
down_revision = "0029_counting"
branch_labels = None
depends_on = None

_TABLES = ("crm_account", "crm_activity", "crm_lead", "crm_task")


def upgrade() -> None:
    for name in _TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("custom", Named(), nullable=True))


def downgrade() -> None:
    for name in _TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_column("custom")

"""Find the agendas, ideas and actions of a week without reading those of all weeks."""

from alembic import op

revision = "0016_agenda"
down_revision = "0015_sign_in"
branch_labels = None
depends_on = None

TABLES = ("agenda", "suggestion", "action")


def upgrade() -> None:
    for table in TABLES:
        op.create_index(f"ix_{table}_week", table, ["organisation", "week"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_week", table)

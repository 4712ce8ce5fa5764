"""Data keys of organisations, and who has been erased."""

import sqlalchemy as sa
from alembic import op

from crm_loop.store.tables.columns import Moment

revision = "0014_guard"
down_revision = "0013_agenda"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("retired_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "id", name=op.f("pk_data_key")),
    )
    op.create_table(
        "erased",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "digest", name=op.f("pk_erased")),
    )


def downgrade() -> None:
    op.drop_table("erased")
    op.drop_table("data_key")

"""A key pair that is made in the console waits, sealed, until its CRM is connected."""

import sqlalchemy as sa
from alembic import op

revision = "0023_key_pair"
down_revision = "0022_pair_rule"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_pair",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "kind", name=op.f("pk_key_pair")),
    )


def downgrade() -> None:
    op.drop_table("key_pair")

"""A question to a CRM's own page of consent waits, sealed, until the browser comes back."""

import sqlalchemy as sa
from alembic import op

revision = "0024_consent"
down_revision = "0023_key_pair"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "console_consent",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "digest", name=op.f("pk_console_consent")),
    )


def downgrade() -> None:
    op.drop_table("console_consent")

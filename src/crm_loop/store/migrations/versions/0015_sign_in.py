"""A second factor, and sign-in by the company's own identity provider."""

import sqlalchemy as sa
from alembic import op

from crm_loop.store.tables.columns import Moment

revision = "0015_sign_in"
down_revision = "0014_guard"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("console_user", sa.Column("totp", sa.Text(), nullable=True))
    op.add_column(
        "console_user",
        sa.Column("totp_step", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )
    op.create_table(
        "console_identity",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "digest", name=op.f("pk_console_identity")),
    )
    op.create_index("uq_console_identity_digest", "console_identity", ["digest"], unique=True)


def downgrade() -> None:
    op.drop_table("console_identity")
    op.drop_column("console_user", "totp_step")
    op.drop_column("console_user", "totp")

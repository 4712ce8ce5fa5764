"""The console: who signs in, what people enter there, and where setting up stands."""

import sqlalchemy as sa
from alembic import op

from crm_loop.store.tables.columns import Moment

revision = "0011_console"
down_revision = "0010_api_place"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "console_link",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("roles", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "digest", name=op.f("pk_console_link")),
    )
    op.create_index("uq_console_link_digest", "console_link", ["digest"], unique=True)
    op.create_table(
        "console_session",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("proved_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "digest", name=op.f("pk_console_session")),
    )
    op.create_index("uq_console_session_digest", "console_session", ["digest"], unique=True)
    op.create_table(
        "console_token",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("tail", sa.String(length=4), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "digest", name=op.f("pk_console_token")),
    )
    op.create_index("uq_console_token_digest", "console_token", ["digest"], unique=True)
    op.create_table(
        "console_user",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("signed_in_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "id", name=op.f("pk_console_user")),
    )
    op.create_index("uq_console_user_email", "console_user", ["email"], unique=True)
    op.create_table(
        "one_on_one_capture",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "id", name=op.f("pk_one_on_one_capture")),
    )
    op.create_index(
        "ix_one_on_one_capture_week",
        "one_on_one_capture",
        ["organisation", "week", "rep"],
        unique=False,
    )
    op.create_table(
        "private_note",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=254), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "author", "rep", "week", name=op.f("pk_private_note")
        ),
    )
    op.create_table(
        "setup_step",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "name", name=op.f("pk_setup_step")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=16), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index("ix_sign_in_failure_at", "sign_in_failure", ["at"], unique=False)
    op.create_index(
        "ix_write_listing", "write", ["organisation", "state", "not_before"], unique=False
    )

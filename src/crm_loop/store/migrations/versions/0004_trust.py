"""Writes that can be doubted and undone, an audit trail that can be sealed."""

import sqlalchemy as sa
from alembic import op

from crm_loop.store.tables.columns import Moment

revision = "0004_trust"
down_revision = "0003_pairs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("write") as batch:
        batch.add_column(sa.Column("before_body", sa.Text(), nullable=True))
        batch.add_column(sa.Column("undo", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("doubt_until", Moment(), nullable=True))
    op.rename_table("audit", "audit_before")
    _audit("audit")
    # Entries made before there was a chain are sealed by the next pass, in their old order.
    op.execute(
        "INSERT INTO audit (organisation, id, at, actor, what, subject, detail)"
        " SELECT organisation, substr('00000000' || CAST(n AS VARCHAR), -8), at, actor, what,"
        " subject, detail FROM audit_before"
        if op.get_bind().dialect.name == "sqlite"
        else "INSERT INTO audit (organisation, id, at, actor, what, subject, detail)"
        " SELECT organisation, lpad(CAST(n AS VARCHAR), 8, '0'), at, actor, what,"
        " subject, detail FROM audit_before"
    )
    op.drop_table("audit_before")
    op.create_table(
        "audit_text",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "digest", name="pk_audit_text"),
    )
    op.create_table(
        "api_grant",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("blocked_until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "kind", name="pk_api_grant"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("process", name="pk_heartbeat"),
    )


def downgrade() -> None:
    for table in ("heartbeat", "api_grant", "audit_text", "audit"):
        op.drop_table(table)
    op.create_table(
        "audit",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "n", name="pk_audit"),
    )
    with op.batch_alter_table("write") as batch:
        batch.drop_column("doubt_until")
        batch.drop_column("undo")
        batch.drop_column("before_body")


def _audit(name: str) -> None:
    op.create_table(
        name,
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "id", name="pk_audit_chain"),
    )
    op.create_index("ix_audit_n", name, ["organisation", "n"])

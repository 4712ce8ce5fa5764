"""Pairs whose memos rest, what managers promise, names of missing links."""

import sqlalchemy as sa
from alembic import op

revision = "0003_pairs"
down_revision = "0002_vocabulary"
branch_labels = None
depends_on = None

RENAMED = {
    "agenda_not_ready": "agenda_not_shared",
    "no_action": "held_without_action",
    "not_verified": "action_never_verified",
    "kpi_not_rechecked": "result_never_shown",
}


def upgrade() -> None:
    op.create_table(
        "pair_rest",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("manager", sa.String(length=254), nullable=False),
        sa.Column("since", sa.String(length=8), nullable=False),
        sa.Column("resumed", sa.String(length=8), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "rep", "manager", name=op.f("pk_pair_rest")),
    )
    with op.batch_alter_table("agenda", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked", sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_by", sa.String(length=254), nullable=True))
    cycle = sa.table("cycle", sa.column("missing", sa.Text()))
    for old, new in RENAMED.items():
        changed = sa.func.replace(cycle.c.missing, f'"{old}"', f'"{new}"')
        op.execute(sa.update(cycle).values(missing=changed))


def downgrade() -> None:
    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.drop_column("asked_by")
    with op.batch_alter_table("agenda", schema=None) as batch_op:
        batch_op.drop_column("asked")
    op.drop_table("pair_rest")

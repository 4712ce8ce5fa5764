"""Why targets changed and who agreed to it."""

import sqlalchemy as sa
from alembic import op

revision = "0008_kpi"
down_revision = "0007_trust"
branch_labels = None
depends_on = None

_ANSWERS = ("rep_answer", "manager_answer", "second_answer")


def upgrade() -> None:
    op.create_table(
        "target_change",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("old", sa.Float(), nullable=True),
        sa.Column("new", sa.Float(), nullable=False),
        sa.Column("set_by", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *(sa.Column(name, sa.String(length=16), nullable=True) for name in _ANSWERS),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "person", "kpi", "period_start", "period_end", "n",
            name=op.f("pk_target_change"),
        ),
    )  # fmt: skip
    with op.batch_alter_table("target_proposal") as batch_op:
        for name in _ANSWERS:
            batch_op.add_column(sa.Column(name, sa.String(length=16), nullable=True))
    with op.batch_alter_table("kpi_value") as batch_op:
        batch_op.add_column(
            sa.Column("reference", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("target") as batch_op:
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("organisation") as batch_op:
        batch_op.add_column(
            sa.Column("second_approver", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table("organisation") as batch_op:
        batch_op.drop_column("second_approver")
    with op.batch_alter_table("target") as batch_op:
        batch_op.drop_column("reason")
    with op.batch_alter_table("kpi_value") as batch_op:
        batch_op.drop_column("reference")
    with op.batch_alter_table("target_proposal") as batch_op:
        for name in _ANSWERS:
            batch_op.drop_column(name)
    op.drop_table("target_change")

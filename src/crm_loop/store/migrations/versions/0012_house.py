"""Days on which a company is closed, and 1on1s that stand in another calendar."""

import sqlalchemy as sa
from alembic import op

revision = "0012_house"
down_revision = "0011_console"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisation") as batch_op:
        batch_op.add_column(sa.Column("holidays", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "talk_event",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("manager", sa.String(length=254), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("uid", sa.String(length=512), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "manager", "rep", "uid", name=op.f("pk_talk_event")
        ),
    )


def downgrade() -> None:
    op.drop_table("talk_event")
    with op.batch_alter_table("organisation") as batch_op:
        batch_op.drop_column("holidays")

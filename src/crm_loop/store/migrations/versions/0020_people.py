"""What people do to to-dos in a CRM: other words, to-dos of their own; alerts by their name."""

import sqlalchemy as sa
from alembic import op

revision = "0020_people"
down_revision = "0019_traces"
branch_labels = None
depends_on = None

_KIND = "UPDATE write SET kind = '{new}' WHERE kind = '{old}' AND reason = 'one_on_one.alert'"


def upgrade() -> None:
    with op.batch_alter_table("write") as batch:
        batch.add_column(sa.Column("seen_subject", sa.Text(), nullable=True))
        batch.add_column(sa.Column("seen_modified_by", sa.String(length=64), nullable=True))
    with op.batch_alter_table("action") as batch:
        batch.add_column(sa.Column("former", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("crm_id", sa.String(length=64), nullable=True))
    op.create_table(
        "hand_task",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("deal_id", sa.String(length=64), nullable=True),
        sa.Column("sheet", sa.String(length=64), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_hand_task")),
    )
    op.execute(_KIND.format(old="overview", new="alert"))


def downgrade() -> None:
    op.execute(_KIND.format(old="alert", new="overview"))
    op.drop_table("hand_task")
    with op.batch_alter_table("action") as batch:
        batch.drop_column("crm_id")
        batch.drop_column("former")
    with op.batch_alter_table("write") as batch:
        batch.drop_column("seen_modified_by")
        batch.drop_column("seen_subject")

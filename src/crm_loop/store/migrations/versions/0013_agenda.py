"""What owners say of steps that are not done, and how large these were before."""

import sqlalchemy as sa
from alembic import op

revision = "0013_agenda"
down_revision = "0012_house"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("action") as batch:
        batch.add_column(sa.Column("why", sa.String(length=16), nullable=True))
        batch.add_column(sa.Column("said", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("first_target", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("action") as batch:
        batch.drop_column("first_target")
        batch.drop_column("said")
        batch.drop_column("why")

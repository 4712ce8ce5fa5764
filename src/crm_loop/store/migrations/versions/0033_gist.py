"""What later 1on1s need of a talk is found without reading the whole of it."""

import sqlalchemy as sa
from alembic import op

revision = "0033_gist"
down_revision = "0032_own_rows"
branch_labels = None
depends_on = None

#: SQLite reads a row from its beginning: what is short stands before the long texts.
ORDER = (
    "organisation", "rep", "week", "manager", "starts_at", "publish_at", "minutes", "language",
    "connection", "key", "state", "gist", "subject", "text", "manager_text", "document",
    "rep_topic", "wanted_response", "next_steps", "asked", "held_at",
)  # fmt: skip
GIST = sa.Column("gist", sa.Text(), nullable=True)


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.add_column("agenda", GIST)
        return
    with op.batch_alter_table("agenda", recreate="always", partial_reordering=[ORDER]) as batch:
        batch.add_column(GIST)


def downgrade() -> None:
    with op.batch_alter_table("agenda") as batch:
        batch.drop_column("gist")

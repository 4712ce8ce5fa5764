"""A job remembers the work that asked for it, so that a trace goes on in another process."""

import sqlalchemy as sa
from alembic import op

revision = "0019_traces"
down_revision = "0018_agenda"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("traceparent", sa.String(55)))


def downgrade() -> None:
    op.drop_column("job", "traceparent")

"""Places of calls that are on their way at once, for all processes together."""

import sqlalchemy as sa
from alembic import op

revision = "0010_api_place"
down_revision = "0009_agenda"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_place",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "connection", "kind", "number", name=op.f("pk_api_place")
        ),
    )


def downgrade() -> None:
    op.drop_table("api_place")

"""An admin plans the 1on1s of a role."""

import sqlalchemy as sa
from alembic import op

revision = "0026_agenda_template"
down_revision = "0025_kpi_choice"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agenda_template",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "role", name=op.f("pk_agenda_template")),
    )


def downgrade() -> None:
    op.drop_table("agenda_template")

"""Packed records, frozen periods, findings, target proposals, pipeline days."""

import sqlalchemy as sa
from alembic import op

revision = "0005_kpi"
down_revision = "0004_trust"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("kpi_record")
    op.create_table(
        "kpi_records",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "person", "kpi", "as_of", name=op.f("pk_kpi_records")
        ),
    )
    op.create_table(
        "kpi_frozen",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("frozen_on", sa.Date(), nullable=False),
        sa.Column("rebuilt", sa.Boolean(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("numerator", sa.Float(), nullable=True),
        sa.Column("denominator", sa.Float(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("value_status", sa.String(length=16), nullable=False),
        sa.Column("amounts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation",
            "person",
            "kpi",
            "period_start",
            "period_end",
            name=op.f("pk_kpi_frozen"),
        ),
    )
    op.create_table(
        "kpi_restatement",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("net", sa.Float(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation",
            "person",
            "kpi",
            "period_start",
            "period_end",
            name=op.f("pk_kpi_restatement"),
        ),
    )
    op.create_table(
        "insight",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("driver", sa.String(length=128), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=True),
        sa.Column("p", sa.Float(), nullable=True),
        sa.Column("contribution", sa.Float(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("records", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "person", "as_of", "rule", "driver", name=op.f("pk_insight")
        ),
    )
    op.create_table(
        "target_proposal",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("old", sa.Float(), nullable=False),
        sa.Column("proposed", sa.Float(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation",
            "person",
            "kpi",
            "period_start",
            "period_end",
            "as_of",
            name=op.f("pk_target_proposal"),
        ),
    )
    op.create_table(
        "pipeline_day",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "day", name=op.f("pk_pipeline_day")),
    )
    op.create_table(
        "kpi_definition",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "name", name=op.f("pk_kpi_definition")),
    )


def downgrade() -> None:
    op.drop_table("kpi_definition")
    op.drop_table("pipeline_day")
    op.drop_table("target_proposal")
    op.drop_table("insight")
    op.drop_table("kpi_restatement")
    op.drop_table("kpi_frozen")
    op.drop_table("kpi_records")
    op.create_table(
        "kpi_record",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("object", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation",
            "person",
            "kpi",
            "as_of",
            "connection",
            "object",
            "id",
            name=op.f("pk_kpi_record"),
        ),
    )

"""A wider vocabulary: leads, contact roles, splits, quotes, rates, participants, days off."""

import sqlalchemy as sa
from alembic import op

from crm_loop.store.tables.columns import Exact, Moment, Money, Named, Names

revision = "0002_vocabulary"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_tables()
    _add_columns()
    # The new fields of records that are already here come with the next pull, which is whole.
    op.execute("DELETE FROM pull_cursor")


def _create_tables() -> None:
    op.create_table(
        "crm_absence",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_crm_absence")),
    )
    op.create_table(
        "crm_contact_role",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("primary", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint(
            "organisation", "connection", "id", name=op.f("pk_crm_contact_role")
        ),
    )
    with op.batch_alter_table("crm_contact_role", schema=None) as batch_op:
        batch_op.create_index(
            "ix_crm_contact_role_deal", ["organisation", "connection", "deal_id"], unique=False
        )

    op.create_table(
        "crm_fiscal_period",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint(
            "organisation", "connection", "id", name=op.f("pk_crm_fiscal_period")
        ),
    )
    op.create_table(
        "crm_lead",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("modified_at", Moment(), nullable=False),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("assigned_at", Moment(), nullable=True),
        sa.Column("converted_on", sa.Date(), nullable=True),
        sa.Column("deal_id", sa.String(length=64), nullable=True),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.Column("contact_id", sa.String(length=64), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_crm_lead")),
    )
    with op.batch_alter_table("crm_lead", schema=None) as batch_op:
        batch_op.create_index(
            "ix_crm_lead_owner", ["organisation", "connection", "owner_id"], unique=False
        )

    op.create_table(
        "crm_lead_change",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint(
            "organisation", "connection", "id", name=op.f("pk_crm_lead_change")
        ),
    )
    with op.batch_alter_table("crm_lead_change", schema=None) as batch_op:
        batch_op.create_index(
            "ix_crm_lead_change_lead", ["organisation", "connection", "lead_id"], unique=False
        )

    op.create_table(
        "crm_participant",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("activity_id", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=True),
        sa.Column("lead_id", sa.String(length=64), nullable=True),
        sa.Column("person_id", sa.String(length=64), nullable=True),
        sa.Column("declined", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint(
            "organisation", "connection", "id", name=op.f("pk_crm_participant")
        ),
    )
    with op.batch_alter_table("crm_participant", schema=None) as batch_op:
        batch_op.create_index(
            "ix_crm_participant_activity",
            ["organisation", "connection", "activity_id"],
            unique=False,
        )

    op.create_table(
        "crm_quote",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("modified_at", Moment(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("amount", Money(), nullable=True),
        sa.Column("currency", sa.String(length=8), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_crm_quote")),
    )
    with op.batch_alter_table("crm_quote", schema=None) as batch_op:
        batch_op.create_index(
            "ix_crm_quote_deal", ["organisation", "connection", "deal_id"], unique=False
        )

    op.create_table(
        "crm_rate",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("per_home", Exact(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_crm_rate")),
    )
    op.create_table(
        "crm_split",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("revenue", sa.Boolean(), nullable=False),
        sa.Column("amount", Money(), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_crm_split")),
    )
    with op.batch_alter_table("crm_split", schema=None) as batch_op:
        batch_op.create_index(
            "ix_crm_split_deal", ["organisation", "connection", "deal_id"], unique=False
        )


def _add_columns() -> None:
    with op.batch_alter_table("crm_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.String(length=64), nullable=True))

    with op.batch_alter_table("crm_activity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contact_ids", Names(), nullable=True))
        batch_op.add_column(sa.Column("colleague_ids", Names(), nullable=True))
        batch_op.add_column(sa.Column("lead_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("message_id", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("bulk", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("disposition", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("same_as", sa.String(length=64), nullable=True))

    with op.batch_alter_table("crm_deal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("probability", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("forecast", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("kind", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("source", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("next_step", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("home_amount", Money(), nullable=True))
        batch_op.add_column(sa.Column("staged_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("contacts", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("custom", Named(), nullable=True))

    with op.batch_alter_table("crm_person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("title", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("reader_ids", Names(), nullable=True))

    with op.batch_alter_table("crm_stage", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forecast", sa.String(length=16), nullable=True))
        batch_op.add_column(
            sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False)
        )

    with op.batch_alter_table("crm_task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("account_id", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("crm_task", schema=None) as batch_op:
        batch_op.drop_column("account_id")

    with op.batch_alter_table("crm_stage", schema=None) as batch_op:
        batch_op.drop_column("active")
        batch_op.drop_column("forecast")

    with op.batch_alter_table("crm_person", schema=None) as batch_op:
        batch_op.drop_column("reader_ids")
        batch_op.drop_column("title")
        batch_op.drop_column("role")

    with op.batch_alter_table("crm_deal", schema=None) as batch_op:
        batch_op.drop_column("custom")
        batch_op.drop_column("contacts")
        batch_op.drop_column("staged_at")
        batch_op.drop_column("home_amount")
        batch_op.drop_column("next_step")
        batch_op.drop_column("source")
        batch_op.drop_column("kind")
        batch_op.drop_column("forecast")
        batch_op.drop_column("probability")

    with op.batch_alter_table("crm_activity", schema=None) as batch_op:
        batch_op.drop_column("same_as")
        batch_op.drop_column("disposition")
        batch_op.drop_column("bulk")
        batch_op.drop_column("message_id")
        batch_op.drop_column("lead_id")
        batch_op.drop_column("colleague_ids")
        batch_op.drop_column("contact_ids")

    with op.batch_alter_table("crm_account", schema=None) as batch_op:
        batch_op.drop_column("parent_id")

    with op.batch_alter_table("crm_split", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_split_deal")

    op.drop_table("crm_split")
    op.drop_table("crm_rate")
    with op.batch_alter_table("crm_quote", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_quote_deal")

    op.drop_table("crm_quote")
    with op.batch_alter_table("crm_participant", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_participant_activity")

    op.drop_table("crm_participant")
    with op.batch_alter_table("crm_lead_change", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_lead_change_lead")

    op.drop_table("crm_lead_change")
    with op.batch_alter_table("crm_lead", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_lead_owner")

    op.drop_table("crm_lead")
    op.drop_table("crm_fiscal_period")
    with op.batch_alter_table("crm_contact_role", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_contact_role_deal")

    op.drop_table("crm_contact_role")
    op.drop_table("crm_absence")

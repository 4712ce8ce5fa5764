"""first tables."""

import sqlalchemy as sa
from alembic import op

from crm_loop.store.tables.columns import Moment, Money

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("manager", sa.String(length=254), nullable=True),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("verify", sa.Text(), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=True),
        sa.Column("deal_connection", sa.String(length=64), nullable=True),
        sa.Column("deal_id", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("ticked", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("on_time", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("carry_count", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "id", name=op.f("pk_action")),
        sa.UniqueConstraint("key", name=op.f("uq_action_key")),
    )
    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_action_who"), ["who"], unique=False)

    op.create_table(
        "agenda",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("manager", sa.String(length=254), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("publish_at", Moment(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("manager_text", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rep_topic", sa.Text(), nullable=False),
        sa.Column("wanted_response", sa.Text(), nullable=False),
        sa.Column("next_steps", sa.Text(), nullable=False),
        sa.Column("held_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "rep", "week", name=op.f("pk_agenda")),
        sa.UniqueConstraint("key", name=op.f("uq_agenda_key")),
    )
    op.create_table(
        "api_window",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("refilled_at", Moment(), nullable=False),
        sa.Column("used_today", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("limit_today", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "kind", name=op.f("pk_api_window")),
    )
    op.create_table(
        "audit",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "n", name=op.f("pk_audit")),
    )
    op.create_table(
        "connection",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("credentials", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "name", name=op.f("pk_connection")),
    )
    op.create_table(
        "crm_account",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_crm_account")),
    )
    op.create_table(
        "crm_activity",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("deal_id", sa.String(length=64), nullable=True),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.Column("start", Moment(), nullable=False),
        sa.Column("logged_at", Moment(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("outbound", sa.Boolean(), nullable=True),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.Column("external_attendees", sa.Integer(), nullable=True),
        sa.Column("calendar_uid", sa.Text(), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_crm_activity")),
    )
    with op.batch_alter_table("crm_activity", schema=None) as batch_op:
        batch_op.create_index("ix_crm_activity_start", ["organisation", "start"], unique=False)

    op.create_table(
        "crm_deal",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.Column("pipeline", sa.String(length=128), nullable=False),
        sa.Column("stage", sa.String(length=128), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("is_won", sa.Boolean(), nullable=False),
        sa.Column("amount", Money(), nullable=True),
        sa.Column("currency", sa.String(length=8), nullable=True),
        sa.Column("close_date", sa.Date(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("modified_at", Moment(), nullable=False),
        sa.Column("lost_reason", sa.Text(), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_crm_deal")),
    )
    with op.batch_alter_table("crm_deal", schema=None) as batch_op:
        batch_op.create_index(
            "ix_crm_deal_owner", ["organisation", "connection", "owner_id"], unique=False
        )

    op.create_table(
        "crm_deal_change",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("field", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint(
            "organisation", "connection", "id", name=op.f("pk_crm_deal_change")
        ),
    )
    with op.batch_alter_table("crm_deal_change", schema=None) as batch_op:
        batch_op.create_index(
            "ix_crm_deal_change_deal", ["organisation", "connection", "deal_id"], unique=False
        )

    op.create_table(
        "crm_person",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("manager_id", sa.String(length=64), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_crm_person")),
    )
    op.create_table(
        "crm_quota",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_crm_quota")),
    )
    op.create_table(
        "crm_stage",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("pipeline", sa.String(length=128), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("is_won", sa.Boolean(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint(
            "organisation", "connection", "pipeline", "id", name=op.f("pk_crm_stage")
        ),
    )
    op.create_table(
        "crm_task",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("deal_id", sa.String(length=64), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("modified_at", Moment(), nullable=False),
        sa.Column("completed_at", Moment(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "id", name=op.f("pk_crm_task")),
    )
    with op.batch_alter_table("crm_task", schema=None) as batch_op:
        batch_op.create_index("ix_crm_task_key", ["organisation", "key"], unique=False)

    op.create_table(
        "cycle",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("links", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "rep", "week", name=op.f("pk_cycle")),
    )
    op.create_table(
        "job",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("done_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_due", ["state", "due"], unique=False)

    op.create_table(
        "job_wait",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("job", sa.String(length=200), nullable=False),
        sa.Column("waits_for", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "job", "waits_for", name=op.f("pk_job_wait")),
    )
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
    op.create_table(
        "kpi_value",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("numerator", sa.Float(), nullable=True),
        sa.Column("denominator", sa.Float(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("value_status", sa.String(length=16), nullable=False),
        sa.Column("progress", sa.String(length=16), nullable=True),
        sa.Column("target", sa.Float(), nullable=True),
        sa.Column("expected_to_date", sa.Float(), nullable=True),
        sa.Column("p_attain", sa.Float(), nullable=True),
        sa.Column("p_start", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("middle", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("usual", sa.Float(), nullable=True),
        sa.Column("last_week", sa.Float(), nullable=True),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "person", "kpi", "as_of", name=op.f("pk_kpi_value")
        ),
    )
    op.create_table(
        "member",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("manager", sa.String(length=254), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("role_start", sa.Date(), nullable=True),
        sa.Column("fte", sa.Float(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("country", sa.String(length=8), nullable=True),
        sa.Column("leave", sa.Text(), nullable=False),
        sa.Column("pilot", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "person", name=op.f("pk_member")),
    )
    op.create_table(
        "note",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "connection", "name", name=op.f("pk_note")),
    )
    op.create_table(
        "one_on_one_slot",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("manager", sa.String(length=254), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("first", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("spacing_minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "manager", name=op.f("pk_one_on_one_slot")),
    )
    op.create_table(
        "organisation",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("country", sa.String(length=8), nullable=False),
        sa.Column("fiscal_start", sa.Integer(), nullable=False),
        sa.Column("profile", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("writing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", name=op.f("pk_organisation")),
    )
    op.create_table(
        "overview",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("manager", sa.String(length=254), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("publish_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "manager", "week", "connection", name=op.f("pk_overview")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_overview_key")),
    )
    op.create_table(
        "pull_cursor",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("pulled_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "connection", "subject", name=op.f("pk_pull_cursor")
        ),
    )
    op.create_table(
        "schedule_slot",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("schedule", sa.String(length=64), nullable=False),
        sa.Column("slot", Moment(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("fired_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "schedule", "slot", name=op.f("pk_schedule_slot")),
    )
    op.create_table(
        "secret",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("holder", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "connection", "name", name=op.f("pk_secret")),
    )
    op.create_table(
        "stage_map",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("pipeline", sa.String(length=128), nullable=False),
        sa.Column("stage", sa.String(length=128), nullable=False),
        sa.Column("canonical", sa.String(length=8), nullable=False),
        sa.Column("set_by", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "connection", "pipeline", "stage", name=op.f("pk_stage_map")
        ),
    )
    op.create_table(
        "suggestion",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("rep", sa.String(length=254), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("slot", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("verify", sa.Text(), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=True),
        sa.Column("deal_connection", sa.String(length=64), nullable=True),
        sa.Column("deal_id", sa.String(length=64), nullable=True),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "rep", "week", "slot", name=op.f("pk_suggestion")),
    )
    op.create_table(
        "target",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=True),
        sa.Column("set_by", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation", "person", "kpi", "period_start", "period_end", name=op.f("pk_target")
        ),
    )
    op.create_table(
        "write",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=254), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("not_before", Moment(), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("op", sa.String(length=8), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("written_body", sa.Text(), nullable=True),
        sa.Column("written_revision", sa.Integer(), nullable=False),
        sa.Column("seen_body", sa.Text(), nullable=True),
        sa.Column("seen_closed", sa.Boolean(), nullable=True),
        sa.Column("seen_deleted", sa.Boolean(), nullable=True),
        sa.Column("seen_owner_id", sa.String(length=64), nullable=True),
        sa.Column("seen_modified_at", Moment(), nullable=True),
        sa.Column("seen_at", Moment(), nullable=True),
        sa.Column("crm_id", sa.String(length=64), nullable=True),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "key", name=op.f("pk_write")),
    )
    with op.batch_alter_table("write", schema=None) as batch_op:
        batch_op.create_index(
            "ix_write_state", ["organisation", "connection", "state"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("write", schema=None) as batch_op:
        batch_op.drop_index("ix_write_state")

    op.drop_table("write")
    op.drop_table("target")
    op.drop_table("suggestion")
    op.drop_table("stage_map")
    op.drop_table("secret")
    op.drop_table("schedule_slot")
    op.drop_table("pull_cursor")
    op.drop_table("overview")
    op.drop_table("organisation")
    op.drop_table("one_on_one_slot")
    op.drop_table("note")
    op.drop_table("member")
    op.drop_table("kpi_value")
    op.drop_table("kpi_record")
    op.drop_table("job_wait")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_due")

    op.drop_table("job")
    op.drop_table("cycle")
    with op.batch_alter_table("crm_task", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_task_key")

    op.drop_table("crm_task")
    op.drop_table("crm_stage")
    op.drop_table("crm_quota")
    op.drop_table("crm_person")
    with op.batch_alter_table("crm_deal_change", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_deal_change_deal")

    op.drop_table("crm_deal_change")
    with op.batch_alter_table("crm_deal", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_deal_owner")

    op.drop_table("crm_deal")
    with op.batch_alter_table("crm_activity", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_activity_start")

    op.drop_table("crm_activity")
    op.drop_table("crm_account")
    op.drop_table("connection")
    op.drop_table("audit")
    op.drop_table("api_window")
    op.drop_table("agenda")
    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_action_who"))

    op.drop_table("action")

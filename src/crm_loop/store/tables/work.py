"""The house's own work: organisations, connections, secrets, jobs, slots, writes, audit."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, false

from crm_loop.store.tables.columns import (
    Moment,
    connection,
    metadata,
    organisation,
    sealed_for,
)

organisation_ = Table(
    "organisation",
    metadata,
    organisation(),
    Column("time_zone", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("currency", String(8), nullable=False),
    Column("country", String(8), nullable=False),
    Column("fiscal_start", Integer, nullable=False),
    Column("profile", String(16), nullable=False),
    Column("purpose", Text, nullable=False, default=""),
    Column("writing", Boolean, nullable=False),
    Column("second_approver", Boolean, nullable=False, default=False, server_default=false()),
    Column("holidays", Text, nullable=False, default="", server_default=""),  # days, a blank each
    Column("kpis", Text, nullable=False, default="", server_default=""),  # by role, as JSON
    Column("counting", Text, nullable=False, default="", server_default=""),  # as JSON
)

connection_ = Table(
    "connection",
    metadata,
    organisation(),
    Column("name", String(64), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("url", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column(
        "credentials", Text, nullable=False, info=sealed_for("organisation", "name", "=credentials")
    ),
    Column("account_id", String(64)),
    Column("facts", Text, nullable=False, default="{}"),  # capabilities as last seen
    Column("paused", Boolean, nullable=False, default=False),
)

secret = Table(
    "secret",
    metadata,
    organisation(),
    connection(),
    Column("name", String(64), primary_key=True),
    Column("sealed", Text, info=sealed_for("organisation", "connection", "name")),
    Column("lease_until", Moment),
    Column("holder", String(64)),
)

note = Table(
    "note",
    metadata,
    organisation(),
    connection(),
    Column("name", String(128), primary_key=True),
    Column("value", Text, nullable=False),
)

job = Table(
    "job",
    metadata,
    organisation(),
    Column("id", String(200), primary_key=True),  # says what and for when; a second one is the same
    Column("kind", String(32), nullable=False),
    Column("connection", String(64)),
    Column("payload", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("due", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("token", Integer, nullable=False, default=0),
    Column("holder", String(64)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("crashes", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("created_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("traceparent", String(55)),  # W3C Trace Context of whoever asked for it
)
Index("ix_job_due", job.c.state, job.c.due)

job_wait = Table(
    "job_wait",
    metadata,
    organisation(),
    Column("job", String(200), primary_key=True),
    Column("waits_for", String(200), primary_key=True),
)

schedule_slot = Table(
    "schedule_slot",
    metadata,
    organisation(),
    Column("schedule", String(64), primary_key=True),
    Column("slot", Moment, primary_key=True),
    Column("state", String(16), nullable=False),  # fired or skipped
    Column("fired_at", Moment, nullable=False),
)

#: When something was last done that has to be done again and again; one row each. What concerns
#: no organisation in particular has an empty one.
heartbeat = Table(
    "heartbeat",
    metadata,
    organisation(),
    Column("name", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("number", Integer),  # what was found then, where there is anything to find
)

api_call = Table(
    "api_window",
    metadata,
    organisation(),
    connection(),
    Column("kind", String(32), primary_key=True),
    Column("tokens", Integer, nullable=False),
    Column("refilled_at", Moment, nullable=False),
    Column("used_today", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("limit_today", Integer),
)

#: When the next call of an account and kind may be made, for all processes together. All kinds
#: (`*`) are stopped until `blocked_until`, one of them goes at half its pace until then.
api_grant = Table(
    "api_grant",
    metadata,
    organisation(),
    connection(),
    Column("kind", String(32), primary_key=True),
    Column("next_at", Moment, nullable=False),
    Column("blocked_until", Moment),
)

#: Calls of an account that are on their way at once; a place whose holder died is free `until`.
api_place = Table(
    "api_place",
    metadata,
    organisation(),
    connection(),
    Column("kind", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("holder", String(64), nullable=False),
    Column("until", Moment, nullable=False),
)

write = Table(
    "write",
    metadata,
    organisation(),
    Column("key", String(64), primary_key=True),
    Column("connection", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("person", String(254), nullable=False),
    Column("week", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("run", String(64), nullable=False),
    Column("undo", Boolean),  # what is wanted is what stood before
    # wanted
    Column("op", String(8), nullable=False),
    Column("owner_id", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("due", Date, nullable=False),
    Column("deal_id", String(64)),
    Column("revision", Integer, nullable=False),
    # last written and seen
    Column("before_body", Text),
    Column("written_body", Text),
    Column("written_revision", Integer, nullable=False, default=0),
    Column("seen_body", Text),
    Column("seen_subject", Text),
    Column("seen_closed", Boolean),
    Column("seen_deleted", Boolean),
    Column("seen_owner_id", String(64)),
    Column("seen_modified_at", Moment),
    Column("seen_modified_by", String(64)),
    Column("seen_at", Moment),
    Column("crm_id", String(64)),
    # progress
    Column("approved_by", String(64)),
    Column("token", Integer, nullable=False, default=0),
    Column("lease_until", Moment),
    Column("attempts", Integer, nullable=False, default=0),
    Column("sent_at", Moment),
    Column("doubt_until", Moment),  # something sent earlier may still be applied until then
    Column("code", Text),
    Column("text", Text),
    Column("settled_at", Moment),
)
Index("ix_write_listing", write.c.organisation, write.c.state, write.c.not_before)
#: In the order in which writes are claimed, so that no batch has to sort the ledger. On SQLite an
#: index ends with when a row was planned by itself.
Index(
    "ix_write_due",
    write.c.organisation,
    write.c.connection,
    write.c.state,
    write.c.not_before,
)

audit = Table(
    "audit",
    metadata,
    organisation(),
    Column("id", String(40), primary_key=True),  # sorts by when it was made
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("what", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    # given by the sealing pass
    Column("n", Integer),
    Column("hash", String(64)),
)
Index("ix_audit_n", audit.c.organisation, audit.c.n)

#: Texts that audit entries name by digest: they can be erased without breaking the chain.
audit_text = Table(
    "audit_text",
    metadata,
    organisation(),
    Column("digest", String(64), primary_key=True),
    Column("text", Text, nullable=False),
)

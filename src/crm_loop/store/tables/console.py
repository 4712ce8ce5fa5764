"""People who sign in, what they are signed in with, and what they enter in the console."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from crm_loop.store.tables.columns import Moment, metadata, organisation, sealed_for

user = Table(
    "console_user",
    metadata,
    organisation(),
    Column("id", String(32), primary_key=True),
    Column("email", String(254), nullable=False),
    Column("name", Text, nullable=False),
    Column("roles", String(64), nullable=False),  # comma-separated, sorted
    Column("language", String(8), nullable=False),
    Column("password", Text),  # argon2id; none before the link was used
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("signed_in_at", Moment),
    Column("totp", Text, info=sealed_for("organisation", "=totp", "id")),
    Column("totp_step", Integer, nullable=False, default=0, server_default=text("0")),
)
#: An address signs in to one organisation: the form asks for nothing else.
Index("uq_console_user_email", user.c.email, unique=True)

#: Who somebody is at the company's identity provider, as a digest of issuer and subject.
identity = Table(
    "console_identity",
    metadata,
    organisation(),
    Column("digest", String(64), primary_key=True),
    Column("user", String(32), nullable=False),
    Column("created_at", Moment, nullable=False),
)
Index("uq_console_identity_digest", identity.c.digest, unique=True)

session = Table(
    "console_session",
    metadata,
    organisation(),
    Column("digest", String(64), primary_key=True),  # of the cookie, which is kept nowhere
    Column("user", String(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("proved_at", Moment, nullable=False),  # the password was given last
)
Index("uq_console_session_digest", session.c.digest, unique=True)

link = Table(
    "console_link",
    metadata,
    organisation(),
    Column("digest", String(64), primary_key=True),
    Column("email", String(254), nullable=False),  # empty: whoever comes first says who it is
    Column("roles", String(64), nullable=False),
    Column("made_by", String(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("used_at", Moment),
)
Index("uq_console_link_digest", link.c.digest, unique=True)

token = Table(
    "console_token",
    metadata,
    organisation(),
    Column("digest", String(64), primary_key=True),
    Column("user", String(32), nullable=False),
    Column("label", Text, nullable=False),
    Column("tail", String(4), nullable=False),  # the end of it, to tell several apart
    Column("created_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("used_at", Moment),
)
Index("uq_console_token_digest", token.c.digest, unique=True)

#: Before anybody is signed in the organisation is empty; addresses are kept as fingerprints.
sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    organisation(),
    Column("id", String(32), primary_key=True),
    Column("account", String(16), nullable=False),
    Column("address", String(16), nullable=False),
    Column("at", Moment, nullable=False),
)
Index("ix_sign_in_failure_at", sign_in_failure.c.at)

capture = Table(
    "one_on_one_capture",
    metadata,
    organisation(),
    Column("id", String(32), primary_key=True),
    Column("rep", String(254), nullable=False),
    Column("week", String(8), nullable=False),
    Column("by", String(254), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("ix_one_on_one_capture_week", capture.c.organisation, capture.c.week, capture.c.rep)
Index("ix_one_on_one_capture_by", capture.c.organisation, capture.c.by, capture.c.id)

private_note = Table(
    "private_note",
    metadata,
    organisation(),
    Column("author", String(254), primary_key=True),
    Column("rep", String(254), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column(
        "sealed",
        Text,
        nullable=False,
        info=sealed_for("organisation", "=note", "author", "rep", "week"),
    ),
    Column("at", Moment, nullable=False),
)

#: A key that was made for connecting a CRM of this kind, until it is connected.
key_pair = Table(
    "key_pair",
    metadata,
    organisation(),
    Column("kind", String(32), primary_key=True),
    Column("certificate", Text, nullable=False),
    Column("sealed", Text, nullable=False, info=sealed_for("organisation", "=key_pair", "kind")),
    Column("by", String(32), nullable=False),
    Column("made_at", Moment, nullable=False),
)

#: A question that is with the CRM's own page of consent, by the digest of its state.
consent = Table(
    "console_consent",
    metadata,
    organisation(),
    Column("digest", String(64), primary_key=True),
    Column("session", String(64), nullable=False),  # empty: prepared, and not yet asked
    Column("kind", String(32), nullable=False),
    Column("sealed", Text, nullable=False, info=sealed_for("organisation", "=consent", "digest")),
    Column("by", String(32), nullable=False),
    Column("asked_at", Moment, nullable=False),
)

setup_step = Table(
    "setup_step",
    metadata,
    organisation(),
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),  # what was decided, as JSON
    Column("by", String(32), nullable=False),
    Column("at", Moment, nullable=False),
)

"""Data keys, wrapped by the key of the house, and who has been erased."""

from sqlalchemy import Column, String, Table, Text

from crm_loop.store.tables.columns import Moment, metadata, organisation

#: One data key an organisation, and an older one while its texts are sealed anew. The house
#: itself (no organisation) has the key of which fingerprints are made.
data_key = Table(
    "data_key",
    metadata,
    organisation(),
    Column("id", String(8), primary_key=True),
    Column("wrapped", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("retired_at", Moment),  # nothing new is sealed with it
)

#: Who or what has been erased, by digest: neither a pull nor a file brings it back.
erased = Table(
    "erased",
    metadata,
    organisation(),
    Column("digest", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),  # person, user or contact
    Column("at", Moment, nullable=False),
)

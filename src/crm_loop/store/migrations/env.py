"""Alembic runs inside a transaction that the caller has opened."""

from alembic import context

from crm_loop.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()

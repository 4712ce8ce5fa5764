"""Alembic revisions of the store's tables."""

"""All tables. Every one is keyed by organisation; nothing reaches across."""

from crm_loop.store.tables import (
    by_hand,
    console,
    crm,
    crm_details,
    keys,
    kpi,
    learn,
    loop,
    talks,
    work,
)
from crm_loop.store.tables.columns import metadata

__all__ = [
    "by_hand",
    "console",
    "crm",
    "crm_details",
    "keys",
    "kpi",
    "learn",
    "loop",
    "metadata",
    "talks",
    "work",
]

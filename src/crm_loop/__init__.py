"""Closes the loop KPI, 1on1, action, KPI inside the CRM."""

import os

# Before Polars is loaded: its allocator gives back at once what is free. Otherwise a night's frames
# of a large organisation take a fifth more memory than they need.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0")

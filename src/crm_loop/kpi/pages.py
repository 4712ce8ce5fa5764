"""Where in the CRM a record can be looked at."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from crm_loop.kpi.frames import Frames
from crm_loop.kpi.more_records import SHOWN_ON


def page_of(
    facts: Mapping[str, Any], kind: str, id_: str, belongs: tuple[str, str] | None = None
) -> str | None:
    """The record's own page, else that of what it belongs to (kind, id); None: none is known.

    `facts` are what a connection says of itself.
    """
    for of, one in ((kind, id_), *([belongs] if belongs else [])):
        pattern = str(facts.get(f"{of}_url") or "")
        if pattern:
            return pattern.replace("{id}", one)
    return None


def belonging(frames: Frames, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Records (connection, object, id) with what each belongs to: kind and id, or None."""
    kinds = {one["object"] for one in records}
    found: dict[tuple[str, str, str], tuple[str, str]] = {}
    for kind in sorted(kinds & set(SHOWN_ON) & set(frames.more)):
        of, field = SHOWN_ON[kind]
        wanted = [one["id"] for one in records if one["object"] == kind]
        rows = frames.more[kind].filter(pl.col("id").is_in(wanted)).drop_nulls(field)
        for connection, id_, other in rows.select("connection", "id", field).iter_rows():
            found[connection, kind, id_] = (of, other)
    keys = [(one["connection"], one["object"], one["id"]) for one in records]
    return [{**one, "belongs": found.get(key)} for one, key in zip(records, keys, strict=True)]

"""Which deal or company a record belongs to, read apart since search does not tell."""

from collections.abc import Iterable, Sequence
from typing import Any

from crm_loop_hubspot.listing import next_after, results
from crm_loop_hubspot.translate.kinds import PRIMARY_COMPANY, Kind, Linked, Row
from crm_loop_hubspot.transport import Api

#: Records that one call takes.
INPUTS = 1000


def linked(api: Api, kind: Kind, rows: Sequence[Row]) -> list[Linked]:
    """Join to each row the one record of each type that it needs."""
    ids = [str(row["id"]) for row in rows]
    partners = {other: _partners(api, kind.name, other, ids) for other in kind.links}
    return [
        Linked(row, {other: of[row_id] for other, of in partners.items() if row_id in of})
        for row, row_id in zip(rows, ids, strict=True)
    ]


def _partners(api: Api, name: str, other: str, ids: Sequence[str]) -> dict[str, str]:
    """The chosen partner by record id. An answer 207 is normal: some records have none."""
    targets: dict[str, list[Any]] = {}
    waiting: list[dict[str, str]] = [{"id": one} for one in ids]
    while waiting:
        asked, waiting = waiting[:INPUTS], waiting[INPUTS:]
        for result in results(api.ask(api.paths.associations(name, other), {"inputs": asked})):
            record = str(result["from"]["id"])
            targets.setdefault(record, []).extend(result.get("to") or ())
            if after := next_after(result):
                waiting.append({"id": record, "after": after})
    return {record: _chosen(found) for record, found in targets.items() if found}


def _chosen(targets: Iterable[Any]) -> str:
    """The primary one, else the newest, since ids grow."""
    best = max(targets, key=lambda target: (_is_primary(target), int(target["toObjectId"])))
    return str(best["toObjectId"])


def _is_primary(target: Any) -> bool:
    return any(kind.get("typeId") == PRIMARY_COMPANY for kind in target["associationTypes"])

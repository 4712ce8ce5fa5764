"""Find our own tasks again, whatever room the portal has for our key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from crm_loop.connector.contract import Found, Sought
from crm_loop_hubspot.associations import linked
from crm_loop_hubspot.by_key import by_key
from crm_loop_hubspot.listing import by_id
from crm_loop_hubspot.portal import KeyPlace
from crm_loop_hubspot.translate.kinds import OWN_TASKS, UPDATED_BY, Linked, Row
from crm_loop_hubspot.translate.tasks import found
from crm_loop_hubspot.transport import Api


def look_up(
    api: Api,
    sought: Sequence[Sought],
    place: KeyPlace,
    zone: ZoneInfo,
    owners: Callable[[], Mapping[str, str]] = dict,
) -> dict[str, Found]:
    """By known id, then by key. What is absent was surely never applied.

    `owners` gives owners by the ids of their users, asked for where anybody is named.
    """
    rows = _by_known_id(api, sought)
    rows |= by_key(api, [one for one in sought if one.key not in rows], place, zone)
    known = owners() if any(map(_is_named, rows.values())) else {}
    return {
        key: replace(
            found(key, task, zone, copies=max(len(copies), 1), owners=known),
            others=tuple(found(key, copy, zone) for copy in copies[1:]),
        )
        for key, copies in _joined(api, rows)
        for task in copies[:1]
    }


def _is_named(copies: Sequence[Row]) -> bool:
    """Whether a person is said to have changed one of them."""
    return any((row.get("properties") or {}).get(UPDATED_BY) for row in copies)


def _by_known_id(api: Api, sought: Sequence[Sought]) -> dict[str, list[Row]]:
    keys = {one.crm_id: one.key for one in sought if one.crm_id}
    rows = by_id(api, OWN_TASKS, list(keys)) if keys else []
    missing = sorted(set(keys) - {str(row["id"]) for row in rows})
    if missing:
        rows += by_id(api, OWN_TASKS, missing, archived=True)
        # purged for good after 90 days: no trace is left, but there was a record
        rows += [_purged(one) for one in missing if one not in {str(row["id"]) for row in rows}]
    return {keys[str(row["id"])]: [row] for row in rows}


def _purged(crm_id: str) -> Row:
    return {"id": crm_id, "archived": True}


def _joined(api: Api, rows: dict[str, list[Row]]) -> list[tuple[str, list[Linked]]]:
    """Deals are read for live records only: an archived one has lost its associations."""
    flat = [row for copies in rows.values() for row in copies[:1] if not row.get("archived")]
    deals = {one.id: one for one in linked(api, OWN_TASKS, flat)} if flat else {}
    return [
        (key, [deals.get(str(row["id"]), Linked(row)) for row in copies])
        for key, copies in rows.items()
    ]

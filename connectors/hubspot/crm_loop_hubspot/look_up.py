"""Find our own tasks again, whatever room the portal has for our key."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from crm_loop.connector.contract import Found, Sought
from crm_loop_hubspot.associations import linked
from crm_loop_hubspot.listing import by_id, listed
from crm_loop_hubspot.portal import KeyPlace
from crm_loop_hubspot.search import with_values
from crm_loop_hubspot.translate.kinds import KEY, OWN_TASKS, UPDATED_BY, Linked, Row
from crm_loop_hubspot.translate.tasks import found, key_of
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

    Lists and batch reads show every write at once; search, which may be late, only ever adds.
    """
    rows = _by_known_id(api, sought)
    rows |= _by_key(api, [one.key for one in sought if one.key not in rows], place)
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


def _by_key(api: Api, keys: Sequence[str], place: KeyPlace) -> dict[str, list[Row]]:
    if not keys:
        return {}
    if place is KeyPlace.UNIQUE:
        rows = by_id(api, OWN_TASKS, keys, id_property=KEY)
    elif place is KeyPlace.PROPERTY:
        rows = by_id(api, OWN_TASKS, with_values(api, OWN_TASKS, KEY, keys))
    else:
        rows = []
    known = _grouped(rows, keys)
    for archived in (False, True):
        left = [key for key in keys if key not in known]
        if left and (archived or place is not KeyPlace.UNIQUE):
            known |= _grouped(_all_tasks(api, archived=archived), left)
    return known


def _all_tasks(api: Api, *, archived: bool) -> Iterable[Row]:
    return (row for rows, _ in listed(api, OWN_TASKS, archived=archived) for row in rows)


def _grouped(rows: Iterable[Row], keys: Sequence[str]) -> dict[str, list[Row]]:
    """Rows by key, the oldest first; the texts of other rows are forgotten at once."""
    wanted, groups = set(keys), dict[str, list[Row]]()
    for row in rows:
        key = key_of(row.get("properties") or {})
        if key in wanted:
            groups.setdefault(key, []).append(row)
    return {key: sorted(copies, key=_age) for key, copies in groups.items()}


def _age(row: Row) -> tuple[str, int]:
    return str(row.get("createdAt") or ""), int(row["id"])


def _joined(api: Api, rows: dict[str, list[Row]]) -> list[tuple[str, list[Linked]]]:
    """Deals are read for live records only: an archived one has lost its associations."""
    flat = [row for copies in rows.values() for row in copies[:1] if not row.get("archived")]
    deals = {one.id: one for one in linked(api, OWN_TASKS, flat)} if flat else {}
    return [
        (key, [deals.get(str(row["id"]), Linked(row)) for row in copies])
        for key, copies in rows.items()
    ]

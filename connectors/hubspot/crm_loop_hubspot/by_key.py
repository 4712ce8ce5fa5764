"""Our own tasks by their key, with no more calls than the doubt about them is worth.

What was never sent can only stand there since long ago, say where a ledger was lost: HubSpot's
index tells. What may have been sent a moment ago is proven absent by what shows every write at
once: the tasks of its deal, or the list of all tasks where it has none.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_loop.connector.contract import Sought
from crm_loop_hubspot.associations import ties_of
from crm_loop_hubspot.batches import pieces
from crm_loop_hubspot.listing import by_id, listed
from crm_loop_hubspot.portal import KeyPlace
from crm_loop_hubspot.search import Window, of_owners, with_values
from crm_loop_hubspot.translate.kinds import DEALS_BY_TASKS, KEY, OWN_TASKS, Row
from crm_loop_hubspot.translate.tasks import key_of
from crm_loop_hubspot.transport import Api

(_TASKS,) = DEALS_BY_TASKS.links
#: Owners named in one search.
OWNERS = 100
_INSTANT = timedelta(milliseconds=1)

#: Rows by key, the oldest first.
ByKey = dict[str, list[Row]]


def by_key(api: Api, sought: Sequence[Sought], place: KeyPlace, zone: ZoneInfo) -> ByKey:
    """Each key with its tasks, living ones or else archived ones."""
    if not sought:
        return {}
    known = _grouped(_indexed(api, sought, place, zone), sought)
    if place is not KeyPlace.UNIQUE:
        tasks = _of_deals(api, _doubted(sought, known))
        known |= _on_deals(api, tasks, _doubted(sought, known))
        untold = [one for one in _doubted(sought, known) if one.deal_id not in tasks]
        known |= _listed(api, untold, archived=False)
    return known | _listed(api, _doubted(sought, known), archived=True)


def _doubted(sought: Iterable[Sought], known: ByKey) -> list[Sought]:
    return [one for one in sought if one.sent and one.key not in known]


def _indexed(api: Api, sought: Sequence[Sought], place: KeyPlace, zone: ZoneInfo) -> list[Row]:
    """By the unique key itself, which is never late; else as far as the index knows."""
    keys = [one.key for one in sought]
    if place is KeyPlace.UNIQUE:
        return by_id(api, OWN_TASKS, keys, id_property=KEY)
    if place is KeyPlace.PROPERTY:
        ids = with_values(api, OWN_TASKS, KEY, keys)
    else:
        ids = _due_with_owners(api, sought, zone)
    # rows of a search can be older than the records
    return by_id(api, OWN_TASKS, ids) if ids else []


def _due_with_owners(api: Api, sought: Sequence[Sought], zone: ZoneInfo) -> list[str]:
    """Ids of tasks of the same owner and day whose last line is one of the keys."""
    owners = defaultdict[date, set[str]](set)
    for one in sought:
        if one.owner_id and one.due:
            owners[one.due].add(one.owner_id)
    keys = {one.key for one in sought}
    return [
        str(row["id"])
        for due, of_day in sorted(owners.items())
        for piece in pieces(sorted(of_day), OWNERS)
        for row in of_owners(api, OWN_TASKS, piece, _day(due, zone))
        if key_of(row.get("properties") or {}) in keys
    ]


def _day(due: date, zone: ZoneInfo) -> Window:
    begins = [datetime.combine(day, time(), zone) for day in (due, due + timedelta(days=1))]
    return Window(begins[0], begins[1] - _INSTANT)


def _of_deals(api: Api, sought: Sequence[Sought]) -> dict[str | None, list[str]]:
    """Ids of the tasks of each deal that tells them; one that is gone has lost its ties."""
    deals = sorted({one.deal_id for one in sought if one.deal_id})
    living = [str(row["id"]) for row in by_id(api, DEALS_BY_TASKS, deals)] if deals else []
    ties = ties_of(api, DEALS_BY_TASKS, living) if living else {}
    return {
        deal: [task.id for task in tied[_TASKS]] for deal, tied in ties.items() if _TASKS in tied
    }


def _on_deals(
    api: Api, tasks: Mapping[str | None, Sequence[str]], sought: Sequence[Sought]
) -> ByKey:
    ids = sorted({task for of_deal in tasks.values() for task in of_deal})
    return _grouped(by_id(api, OWN_TASKS, ids) if ids else [], sought)


def _listed(api: Api, sought: Sequence[Sought], *, archived: bool) -> ByKey:
    if not sought:
        return {}
    pages = listed(api, OWN_TASKS, archived=archived)
    return _grouped((row for rows, _ in pages for row in rows), sought)


def _grouped(rows: Iterable[Row], sought: Iterable[Sought]) -> ByKey:
    """The texts of other rows are forgotten at once."""
    wanted, groups = {one.key for one in sought}, defaultdict[str, dict[str, Row]](dict)
    for row in rows:
        key = key_of(row.get("properties") or {})
        if key in wanted:
            groups[key][str(row["id"])] = row
    return {key: sorted(copies.values(), key=_age) for key, copies in groups.items()}


def _age(row: Row) -> tuple[str, int]:
    return str(row.get("createdAt") or ""), int(row["id"])

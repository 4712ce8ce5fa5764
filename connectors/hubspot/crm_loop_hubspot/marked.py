"""Tasks that people make by hand for a 1on1, told by the mark in their subject."""

from crm_loop.connector.marked import SPELLINGS, MarkedTask, Wanted, is_marked
from crm_loop_hubspot.associations import linked
from crm_loop_hubspot.listing import by_id
from crm_loop_hubspot.portal import Portal
from crm_loop_hubspot.search import with_words
from crm_loop_hubspot.translate import people, tasks
from crm_loop_hubspot.translate.kinds import MARKED_TASKS_OF_PEOPLE as KIND
from crm_loop_hubspot.translate.kinds import Row
from crm_loop_hubspot.transport import Api
from crm_loop_hubspot.whole import owners_of


def marked_tasks(api: Api, portal: Portal, wanted: Wanted) -> list[MarkedTask]:
    """HubSpot looks for the word; what bears it without brackets is forgotten at once."""
    known = by_id(api, KIND, wanted.known) if wanted.known else []
    there = {str(row["id"]) for row in known}
    for row in with_words(api, KIND, tasks.SUBJECT, SPELLINGS, wanted.since):
        if str(row["id"]) not in there and is_marked(tasks.subject_of(row)):
            known.append(row)
            there.add(str(row["id"]))
    living = [row for row in known if tasks.key_field_of(row) is None]
    lost = [one for one in wanted.known if one not in there]
    return [*_joined(api, portal, living), *_archived(api, portal, lost)]


def _joined(api: Api, portal: Portal, rows: list[Row]) -> list[MarkedTask]:
    if not rows:
        return []
    owners = people.owners_by_user(owners_of(api))
    return [tasks.by_hand(one, portal.zone, owners) for one in linked(api, KIND, rows)]


def _archived(api: Api, portal: Portal, ids: list[str]) -> list[MarkedTask]:
    """What was deleted; of what was purged nothing is left to tell."""
    rows = by_id(api, KIND, ids, archived=True) if ids else []
    return [tasks.by_hand(tasks.alone(row), portal.zone, {}) for row in rows]

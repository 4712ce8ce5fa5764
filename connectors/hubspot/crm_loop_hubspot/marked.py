"""Tasks that people make by hand for a 1on1, told by the mark in their subject."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from crm_loop.connector.marked import SPELLINGS, MarkedTask, Wanted, is_marked
from crm_loop_hubspot.associations import linked
from crm_loop_hubspot.listing import by_id
from crm_loop_hubspot.search import with_words
from crm_loop_hubspot.translate import tasks
from crm_loop_hubspot.translate.kinds import MARKED_TASKS_OF_PEOPLE as KIND
from crm_loop_hubspot.translate.kinds import Linked
from crm_loop_hubspot.transport import Api


def marked_tasks(
    api: Api, zone: ZoneInfo, wanted: Wanted, owners: Callable[[], Mapping[str, str]]
) -> list[MarkedTask]:
    """HubSpot looks for the word; what bears it without brackets is forgotten at once."""
    known = by_id(api, KIND, wanted.known) if wanted.known else []
    there = {str(row["id"]) for row in known}
    for row in with_words(api, KIND, tasks.SUBJECT, SPELLINGS, wanted.since):
        if str(row["id"]) not in there and is_marked(tasks.subject_of(row)):
            known.append(row)
            there.add(str(row["id"]))
    living = [row for row in known if tasks.key_field_of(row) is None]
    lost = [one for one in wanted.known if one not in there]
    of_user = owners() if living else {}
    joined = linked(api, KIND, living) if living else []
    # An archived row has lost its associations; of a purged one nothing is left to tell.
    archived = by_id(api, KIND, lost, archived=True) if lost else []
    return [
        tasks.by_hand(one, zone, of_user) for one in (*joined, *(Linked(row) for row in archived))
    ]

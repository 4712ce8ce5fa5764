"""Find our own tasks again: by the field for our key, else by what only ours can be."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from crm_loop.connector.contract import Found, Sought
from crm_loop_salesforce import soql
from crm_loop_salesforce.batches import pieces
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.translate import names, tasks
from crm_loop_salesforce.translate.values import Row
from crm_loop_salesforce.transport import Api

#: Keys or hints of one query; longer addresses are refused.
AT_ONCE = 100
#: An id's first 15 signs name the record; the other three repeat them.
_SHORT = 15


def look_up(api: Api, org: Org, sought: Sequence[Sought]) -> dict[str, Found]:
    """Our tasks by key, deleted ones too. What is absent was surely never applied."""
    copies: defaultdict[str, list[Row]] = defaultdict(list)
    for part in pieces(sought, AT_ONCE):
        for key, row in _by_key(api, part) if org.has_key_field else _by_marker(api, part):
            copies[key].append(row)
    return {key: tasks.found(key, rows) for key, rows in copies.items()}


def _by_key(api: Api, sought: Sequence[Sought]) -> Iterator[tuple[str, Row]]:
    for row in _rows(api, tasks.with_keys(one.key for one in sought), key_field=True):
        yield str(tasks.key_of(row)), row


def _by_marker(api: Api, sought: Sequence[Sought]) -> Iterator[tuple[str, Row]]:
    """By id where it is known; else the key is the last line of a task that we created."""
    known = {str(one.crm_id)[:_SHORT]: one.key for one in sought if soql.is_id(one.crm_id)}
    if known:
        for row in _rows(api, tasks.with_ids(known)):
            yield known[row["Id"][:_SHORT]], row
    hinted = [one for one in sought if not one.crm_id and soql.is_id(one.owner_id) and one.due]
    wanted = {one.key for one in hinted}
    if hinted:
        for row in _rows(api, tasks.like(hinted, created_by=api.user_id)):
            key = tasks.key_of(row)
            if key in wanted:
                yield key, row


def _rows(api: Api, where: str, *, key_field: bool = False) -> Iterator[Row]:
    fields = (*names.SOUGHT_FIELDS, names.KEY_FIELD) if key_field else names.SOUGHT_FIELDS
    return api.rows("queryAll", soql.select(fields, names.TASK, where=where))

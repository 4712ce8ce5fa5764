"""Tasks that people make by hand for a 1on1: marked in the subject, or linked to its session."""

from collections.abc import Iterator, Sequence

from crm_loop.connector.marked import BRACKETS, SPELLINGS, MarkedTask, Wanted
from crm_loop_salesforce import soql
from crm_loop_salesforce.batches import pieces
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.translate import names, tasks
from crm_loop_salesforce.translate.sources import TO_DO
from crm_loop_salesforce.transport import Api

#: Ids of one query; longer addresses are refused.
AT_ONCE = 100


def marked_tasks(api: Api, org: Org, wanted: Wanted) -> list[MarkedTask]:
    """Salesforce itself looks for the mark: subjects of other tasks are not sent to us."""
    link = [names.SESSION_LINK] if names.SESSION_LINK in org.fields(names.TASK) else []
    key = [names.KEY_FIELD] if org.has_key_field else []
    fields = (*names.MARKED_FIELDS, *link, *key)
    found: dict[str, MarkedTask] = {}
    for where in _conditions(org, wanted, has_link=bool(link)):
        for row in api.rows("queryAll", soql.select(fields, names.TASK, where=where)):
            if not row.get(names.KEY_FIELD):
                found[str(row["Id"])] = tasks.by_hand(row, wanted.sheets)
    return list(found.values())


def _conditions(org: Org, wanted: Wanted, *, has_link: bool) -> Iterator[str]:
    made = f"CreatedDate >= {soql.moment(wanted.since)}"
    yield soql.both(TO_DO, made, soql.either(*_marks(), *_links(org, has_link=has_link)))
    for part in pieces([one for one in wanted.known if soql.is_id(one)], AT_ONCE):
        yield tasks.with_ids(part)


def _marks() -> list[str]:
    return [
        soql.holds("Subject", f"{left}{spelling}{right}")
        for left, right in BRACKETS
        for spelling in SPELLINGS
    ]


def _links(org: Org, *, has_link: bool) -> Sequence[str]:
    if names.SESSION not in org.objects:
        return ()
    about = soql.one_of(names.ABOUT_TYPE, [soql.text(names.SESSION)])
    return (about, *([f"{names.SESSION_LINK} != null"] if has_link else []))

"""What each subject is read from: objects, fields, filters, and who makes records of the rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crm_loop.records import Record, Subject
from crm_loop_salesforce import soql
from crm_loop_salesforce.translate import names, records
from crm_loop_salesforce.translate.records import Row

#: Copies for attendees and headers of series are no meetings.
_MEETINGS = "IsChild = false AND IsRecurrence = false AND StartDateTime != null"
_LOGGED = "TaskSubtype IN ('Call', 'Email')"
#: A header of a series is never worked on; its occurrences are.
_TO_DO = "TaskSubtype NOT IN ('Call', 'Email', 'ListEmail') AND IsRecurrence = false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One object that a subject is read from; `stamp` orders it and bounds its windows.

    `gone` are the ids of all records that a deleted row may have made.
    """

    name: str
    table: str
    fields: Sequence[str]
    make: Callable[[Row], Iterable[Record]]
    gone: Callable[[Row], Iterable[str]] = lambda row: [row["Id"]]
    where: str = ""
    stamp: str = "SystemModstamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """One object that is small and always read from end to end."""

    table: str
    fields: Sequence[str]
    make: Callable[[Row], Iterable[Record]]
    where: str = ""


WHOLE: Mapping[Subject, Whole] = {
    Subject.PEOPLE: Whole(
        table="User",
        fields=names.USER_FIELDS,
        make=lambda row: [records.person(row)],
        where="UserType = 'Standard'",
    ),
    # Stages that are no longer offered still stand in the history.
    Subject.STAGES: Whole(
        table="OpportunityStage", fields=names.STAGE_FIELDS, make=lambda row: [records.stage(row)]
    ),
    # Quotas of pieces have no amount.
    Subject.QUOTAS: Whole(
        table=names.QUOTA,
        fields=names.QUOTA_FIELDS,
        make=lambda row: [records.quota(row)],
        where="QuotaAmount != null",
    ),
}

_ACCOUNTS = Source(
    name="accounts",
    table="Account",
    fields=names.ACCOUNT_FIELDS,
    make=lambda row: [records.account(row)],
)
_DEALS = Source(
    name="deals",
    table=names.OPPORTUNITY,
    fields=names.DEAL_FIELDS,
    make=lambda row: [records.deal(row)],
)
_HISTORY = Source(
    name="history",
    table=names.HISTORY,
    fields=names.HISTORY_FIELDS,
    make=records.changes,
    gone=records.change_ids,
)
#: Filled only where an admin has switched field history on; it has no other stamp.
_OWNERS = Source(
    name="owners",
    table=names.FIELD_HISTORY,
    fields=names.OWNER_FIELDS,
    make=records.owner_changes,
    where="Field = 'Owner'",
    stamp="CreatedDate",
)
_TASKS = Source(
    name="tasks",
    table=names.TASK,
    fields=names.TASK_FIELDS,
    make=lambda row: [records.task(row)],
    where=_TO_DO,
)

CHANGING: Mapping[Subject, Sequence[Source]] = {
    Subject.ACCOUNTS: (_ACCOUNTS,),
    Subject.DEALS: (_DEALS,),
    Subject.CHANGES: (_HISTORY, _OWNERS),
    Subject.TASKS: (_TASKS,),
}


def meetings(now: datetime, zone: ZoneInfo) -> Source:
    return Source(
        name="meetings",
        table=names.EVENT,
        fields=names.EVENT_FIELDS,
        make=lambda row: [records.meeting(row, now, zone)],
        where=_MEETINGS,
    )


def logged(zone: ZoneInfo) -> Source:
    return Source(
        name="logged",
        table=names.TASK,
        fields=names.CALL_FIELDS,
        make=lambda row: [records.logged(row, zone)],
        where=_LOGGED,
    )


def begun(since: datetime, until: datetime) -> str:
    """Living meetings that have begun in between."""
    after = f"StartDateTime >= {soql.moment(since)}"
    return soql.both("IsDeleted = false", after, f"StartDateTime <= {soql.moment(until)}")

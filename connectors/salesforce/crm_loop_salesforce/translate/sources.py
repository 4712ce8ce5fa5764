"""What each subject is read from: objects, filters, and who makes records of the rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from crm_loop.connector.columns import Columns
from crm_loop.records import Record, Subject
from crm_loop_salesforce import soql
from crm_loop_salesforce.translate import activities, columns, deals, leads, names, own, people
from crm_loop_salesforce.translate.names import Table
from crm_loop_salesforce.translate.own_fields import with_own
from crm_loop_salesforce.translate.values import Row

#: Copies for attendees and headers of series are no meetings.
_MEETINGS = "IsChild = false AND IsRecurrence = false AND StartDateTime != null"
#: Only whole days: two hours at the dentist's are no day off.
_DAYS_OFF = "ShowAs = 'OutOfOffice' AND IsAllDayEvent = true AND IsChild = false"
_LOGGED = ("Call", "Email", "ListEmail")
#: A header of a series is never worked on; its occurrences are.
TO_DO = "TaskSubtype NOT IN ('Call', 'Email', 'ListEmail') AND IsRecurrence = false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a row is read against: business time, the org's zone, an admin's settings.

    `deal_fields` and the like: fields of the org's own by our name. `task_types`: kind of activity
    (call, meeting, email) by the org's task type. `sent`: states of a quote that a customer has
    seen.
    `record_types`: our pipeline by the developer name of the org's record type.
    """

    now: datetime
    zone: ZoneInfo
    deal_fields: Mapping[str, str] = field(default_factory=dict)
    activity_fields: Mapping[str, str] = field(default_factory=dict)
    task_fields: Mapping[str, str] = field(default_factory=dict)
    lead_fields: Mapping[str, str] = field(default_factory=dict)
    account_fields: Mapping[str, str] = field(default_factory=dict)
    task_types: Mapping[str, str] = field(default_factory=dict)
    sent: tuple[str, ...] = deals.SENT
    record_types: Mapping[str, str] = field(default_factory=dict)


Make = Callable[[Row, Reading], Iterable[Record | None]]
#: The same for a whole page at once.
MakeAll = Callable[[columns.Page, Reading], Columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One object that a subject is read from; `stamp` orders it and bounds its windows.

    `gone` are the ids of all records that a deleted row may have made. An `optional` one may be
    missing without spoiling the subject. `deletions`: Salesforce keeps a list of what is gone,
    and the ids can be compared with ours now and then. `own`: names more fields and rows; what
    an admin has named is read row by row, everything else by `make_all` where there is one.
    """

    name: str
    table: Table
    make: Make
    gone: Callable[[Row], Iterable[str]] = lambda row: [row["Id"]]
    where: str = ""
    stamp: str = "SystemModstamp"
    optional: bool = False
    deletions: bool = True
    make_all: MakeAll | None = None
    own_fields: Callable[[Reading], Iterable[str]] = lambda _reading: ()
    own_where: Callable[[Reading], str] | None = None

    def fields(self, reading: Reading) -> list[str]:
        return [*dict.fromkeys([*self.table.fields, *self.own_fields(reading)])]

    def by_columns(self, reading: Reading) -> MakeAll | None:
        return None if [*self.own_fields(reading)] else self.make_all

    def filter(self, reading: Reading) -> str:
        return self.own_where(reading) if self.own_where else self.where


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """One object that is small and always read from end to end."""

    table: Table
    make: Callable[[Row], Iterable[Record]]
    where: str = ""
    optional: bool = False


WHOLE: Mapping[Subject, Sequence[Whole]] = {
    # Stages that are no longer offered still stand in the history.
    Subject.STAGES: (Whole(table=names.STAGES, make=lambda row: [people.stage(row)]),),
    Subject.RATES: (
        Whole(table=names.CURRENCIES, make=people.rate),
        # Only with Advanced Currency Management.
        Whole(table=names.DATED_RATES, make=people.dated_rate, optional=True),
    ),
    Subject.PERIODS: (Whole(table=names.PERIODS, make=people.period),),
    Subject.ABSENCES: (
        Whole(
            table=names.DAYS_OFF,
            make=lambda row: filter(None, [activities.absence(row)]),
            where=_DAYS_OFF,
        ),
    ),
    # Quotas of pieces have no amount.
    Subject.QUOTAS: (
        Whole(
            table=names.QUOTAS,
            make=lambda row: [people.quota(row)],
            where="QuotaAmount != null",
        ),
    ),
}


def _logged(reading: Reading) -> str:
    """Calls and e-mails by their subtype, and the org's own types of tasks."""
    subtypes = soql.one_of("TaskSubtype", map(soql.text, _LOGGED))
    if not reading.task_types:
        return subtypes
    return f"{subtypes} OR {soql.one_of('Type', map(soql.text, sorted(reading.task_types)))}"


def _activity_fields(at: Reading) -> Iterable[str]:
    return at.activity_fields.values()


MEETINGS = Source(
    name="meetings",
    table=names.EVENTS,
    make=lambda row, at: [
        with_own(activities.meeting(row, at.now, at.zone), row, at.activity_fields)
    ],
    make_all=lambda page, at: columns.meeting(page, at.now, at.zone),
    where=_MEETINGS,
    own_fields=_activity_fields,
)

CHANGING: Mapping[Subject, Sequence[Source]] = {
    Subject.ACCOUNTS: (
        Source(
            name="accounts",
            table=names.ACCOUNTS,
            make=lambda row, at: [with_own(deals.account(row), row, at.account_fields)],
            make_all=lambda page, _: columns.account(page),
            own_fields=lambda at: at.account_fields.values(),
        ),
    ),
    Subject.DEALS: (
        Source(
            name="deals",
            table=names.OPPORTUNITIES,
            make=lambda row, at: [deals.deal(row, at.deal_fields, at.record_types)],
            make_all=lambda page, _: columns.deal(page),
            own_fields=lambda at: [
                *at.deal_fields.values(),
                *([names.RECORD_TYPE] if at.record_types else []),
            ],
        ),
    ),
    Subject.CHANGES: (
        Source(
            name="history",
            table=names.HISTORY,
            make=lambda row, _: deals.changes(row),
            make_all=lambda page, _: columns.changes(page),
            gone=deals.change_ids,
            # It goes with its deal and never by itself.
            deletions=False,
        ),
        # Filled only where an admin has switched field history on; it has no other stamp.
        Source(
            name="owners",
            table=names.FIELD_HISTORY,
            make=lambda row, _: deals.owner_changes(row),
            gone=deals.owner_change_ids,
            where="Field = 'Owner'",
            stamp="CreatedDate",
            optional=True,
            deletions=False,
        ),
    ),
    Subject.CONTACT_ROLES: (
        Source(
            name="contact_roles",
            table=names.CONTACT_ROLES,
            make=lambda row, _: [deals.contact_role(row)],
        ),
    ),
    Subject.SPLITS: (
        Source(name="splits", table=names.SPLITS, make=lambda row, _: [deals.split(row)]),
    ),
    Subject.QUOTES: (
        Source(name="quotes", table=names.QUOTES, make=lambda row, at: [deals.quote(row, at.sent)]),
    ),
    Subject.LEADS: (
        Source(
            name="leads",
            table=names.LEADS,
            make=lambda row, at: [with_own(leads.lead(row), row, at.lead_fields)],
            own_fields=lambda at: at.lead_fields.values(),
        ),
    ),
    Subject.LEAD_CHANGES: (
        Source(
            name="lead_owners",
            table=names.LEAD_HISTORY,
            make=lambda row, _: leads.lead_changes(row),
            where="Field = 'Owner'",
            stamp="CreatedDate",
            deletions=False,
        ),
    ),
    Subject.ACTIVITIES: (
        MEETINGS,
        Source(
            name="logged",
            table=names.CALLS,
            make=lambda row, at: [
                with_own(activities.logged(row, at.zone, at.task_types), row, at.activity_fields)
            ],
            make_all=lambda page, at: columns.logged(page, at.zone, activities.SUBTYPES),
            own_where=_logged,
            own_fields=lambda at: [*(["Type"] if at.task_types else []), *_activity_fields(at)],
        ),
        Source(
            name="emails",
            table=names.EMAILS,
            make=lambda row, at: [with_own(activities.email(row), row, at.activity_fields)],
            own_fields=_activity_fields,
            optional=True,
        ),
    ),
    Subject.PARTICIPANTS: (
        Source(
            name="invitations",
            table=names.INVITATIONS,
            make=lambda row, _: [activities.participant(row)],
        ),
    ),
    Subject.TASKS: (
        Source(
            name="tasks",
            table=names.TASKS,
            make=lambda row, at: [with_own(activities.task(row), row, at.task_fields)],
            make_all=lambda page, _: columns.task(page, names.KEY_FIELD),
            own_fields=lambda at: at.task_fields.values(),
            where=TO_DO,
        ),
    ),
}


def tables(subject: Subject) -> list[Table]:
    """The objects without which a subject cannot be read."""
    if subject is Subject.PEOPLE:
        return [names.USERS]
    of: Sequence[Source | Whole] = WHOLE.get(subject) or CHANGING[subject]
    return [one.table for one in of if not one.optional]


def all_tables() -> list[Table]:
    """Everything that is read, an object as often as there are reasons."""
    of = [one.table for found in WHOLE.values() for one in found]
    return [names.USERS, names.ROLES, *of, *(one.table for one in all_changing())]


def every_table() -> list[str]:
    """All objects that may be described, each once."""
    return [*dict.fromkeys(table.name for table in (*all_tables(), *own.ALL))]


def all_changing() -> list[Source]:
    """Everything that is read by its changes."""
    return [one for of in CHANGING.values() for one in of]


def with_deletions() -> list[str]:
    """Objects of whose deletions Salesforce keeps a list, each once."""
    found = [one.table.name for of in CHANGING.values() for one in of if one.deletions]
    return [*dict.fromkeys(found)]


def begun(since: datetime, until: datetime) -> str:
    """Living meetings that have begun in between."""
    after = f"StartDateTime >= {soql.moment(since)}"
    return soql.both("IsDeleted = false", after, f"StartDateTime <= {soql.moment(until)}")

"""What a CRM holds, in our words.

Ids are the CRM's own and unique within one connection. Moments are aware UTC. Amounts are
`Decimal` in the record's own currency. None (and an empty tuple) means that the CRM does not say.
A subject that an account cannot show is left out of a pull and named in its `Capabilities`.
"""

from collections.abc import Mapping

from crm_loop.records.activities import (
    Activity,
    Participant,
    Task,
)
from crm_loop.records.deals import (
    Account,
    ContactRole,
    Deal,
    DealChange,
    Lead,
    LeadChange,
    Quote,
    Split,
)
from crm_loop.records.kinds import (
    ActivityKind,
    ActivityStatus,
    DealField,
    Forecast,
    Subject,
)
from crm_loop.records.organisation import (
    Absence,
    FiscalPeriod,
    Person,
    Quota,
    Rate,
    Stage,
)

__all__ = [
    "RECORDS",
    "Absence",
    "Account",
    "Activity",
    "ActivityKind",
    "ActivityStatus",
    "ContactRole",
    "Deal",
    "DealChange",
    "DealField",
    "FiscalPeriod",
    "Forecast",
    "Lead",
    "LeadChange",
    "Participant",
    "Person",
    "Quota",
    "Quote",
    "Rate",
    "Record",
    "Split",
    "Stage",
    "Subject",
    "Task",
]

Record = (
    Person
    | Stage
    | Rate
    | FiscalPeriod
    | Account
    | Deal
    | DealChange
    | ContactRole
    | Split
    | Quote
    | Lead
    | LeadChange
    | Activity
    | Participant
    | Task
    | Absence
    | Quota
)

#: What kind of record a subject consists of.
RECORDS: Mapping[Subject, type[Record]] = {
    Subject.PEOPLE: Person,
    Subject.STAGES: Stage,
    Subject.RATES: Rate,
    Subject.PERIODS: FiscalPeriod,
    Subject.ACCOUNTS: Account,
    Subject.DEALS: Deal,
    Subject.CHANGES: DealChange,
    Subject.CONTACT_ROLES: ContactRole,
    Subject.SPLITS: Split,
    Subject.QUOTES: Quote,
    Subject.LEADS: Lead,
    Subject.LEAD_CHANGES: LeadChange,
    Subject.ACTIVITIES: Activity,
    Subject.PARTICIPANTS: Participant,
    Subject.TASKS: Task,
    Subject.ABSENCES: Absence,
    Subject.QUOTAS: Quota,
}

"""Salesforce's names of what we read: per object what must be shown, and what is welcome."""

from dataclasses import dataclass

from crm_loop_salesforce.translate.activities import KEY_FIELD

__all__ = ["KEY_FIELD", "Table"]


@dataclass(frozen=True, slots=True)
class Table:
    """An object; without the `needed` fields it cannot be read, the others may be hidden."""

    name: str
    needed: tuple[str, ...]
    also: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return self.needed + self.also


_STAMPED = ("CreatedDate", "SystemModstamp")

USERS = Table(
    "User",
    ("Id", "Email", "Name", "IsActive", "UserType"),
    ("LastName", "ManagerId", "UserRoleId", "UserRole.Name", "Title", "LanguageLocaleKey",
     "TimeZoneSidKey"),
)  # fmt: skip
ROLES = Table("UserRole", ("Id", "ParentRoleId"))
STAGES = Table(
    "OpportunityStage",
    ("ApiName", "MasterLabel", "SortOrder", "IsClosed", "IsWon"),
    ("DefaultProbability", "ForecastCategory", "IsActive"),
)
CURRENCIES = Table("CurrencyType", ("Id", "IsoCode", "ConversionRate"), ("IsCorporate",))
DATED_RATES = Table(
    "DatedConversionRate", ("Id", "IsoCode", "ConversionRate", "StartDate"), ("NextStartDate",)
)
PERIODS = Table("Period", ("Id", "Type", "StartDate", "EndDate"), ("Number", "FullyQualifiedLabel"))
QUOTAS = Table(
    "ForecastingQuota",
    ("Id", "QuotaOwnerId", "QuotaAmount", "StartDate"),
    ("CurrencyIsoCode", "Period.EndDate"),
)
ACCOUNTS = Table(
    "Account",
    ("Id", "Name", "SystemModstamp"),
    ("OwnerId", "ParentId", "MasterRecordId", "IsDeleted"),
)
OPPORTUNITIES = Table(
    "Opportunity",
    ("Id", "Name", "OwnerId", "StageName", "IsClosed", "IsWon", "CloseDate", "Amount", *_STAMPED),
    ("AccountId", "CurrencyIsoCode", "Probability", "ForecastCategory", "Type", "LeadSource",
     "NextStep", "LastStageChangeDate", "IsDeleted"),
)  # fmt: skip
RECORD_TYPE = "RecordType.DeveloperName"
HISTORY = Table(
    "OpportunityHistory",
    ("Id", "OpportunityId", "StageName", *_STAMPED),
    ("Amount", "PrevAmount", "CloseDate", "PrevCloseDate", "IsDeleted"),
)
FIELD_HISTORY = Table(
    "OpportunityFieldHistory",
    ("Id", "OpportunityId", "Field", "NewValue", "CreatedDate"),
    ("OldValue", "Opportunity.CreatedDate", "IsDeleted"),
)
CONTACT_ROLES = Table(
    "OpportunityContactRole",
    ("Id", "OpportunityId", "ContactId", "SystemModstamp"),
    ("Role", "IsPrimary", "IsDeleted"),
)
SPLITS = Table(
    "OpportunitySplit",
    ("Id", "OpportunityId", "SplitOwnerId", "SplitPercentage", "SystemModstamp"),
    ("SplitType.IsTotalValidated", "IsDeleted"),
)
QUOTES = Table(
    "Quote",
    ("Id", "OpportunityId", "Status", *_STAMPED),
    ("TotalPrice", "CurrencyIsoCode", "IsDeleted"),
)
LEADS = Table(
    "Lead",
    ("Id", "OwnerId", *_STAMPED),
    ("Company", "Status", "LeadSource", "ConvertedDate", "ConvertedOpportunityId",
     "ConvertedAccountId", "ConvertedContactId", "MasterRecordId", "IsDeleted"),
)  # fmt: skip
LEAD_HISTORY = Table(
    "LeadHistory", ("Id", "LeadId", "Field", "NewValue", "CreatedDate"), ("IsDeleted",)
)
EVENTS = Table(
    "Event",
    ("Id", "OwnerId", "WhatId", "StartDateTime", "IsChild", "IsRecurrence", *_STAMPED),
    ("WhoId", "AccountId", "IsAllDayEvent", "ActivityDate", "DurationInMinutes", "IsDeleted"),
)
DAYS_OFF = Table(
    "Event", ("Id", "OwnerId", "ActivityDate", "IsAllDayEvent", "ShowAs"), ("EndDateTime",)
)
CALLS = Table(
    "Task",
    ("Id", "OwnerId", "WhatId", "ActivityDate", "IsClosed", "TaskSubtype", *_STAMPED),
    ("WhoId", "AccountId", "CompletedDateTime", "CallDurationInSeconds", "CallType",
     "CallDisposition", "IsDeleted"),
)  # fmt: skip
TASKS = Table(
    "Task",
    ("Id", "OwnerId", "WhatId", "ActivityDate", "IsClosed", "TaskSubtype", "IsRecurrence",
     *_STAMPED),
    ("AccountId", "CompletedDateTime", KEY_FIELD, "IsDeleted"),
)  # fmt: skip
EMAILS = Table(
    "EmailMessage",
    ("Id", "MessageDate", "Incoming", "Status", "CreatedById", *_STAMPED),
    ("RelatedToId", "ActivityId", "MessageIdentifier", "IsDeleted"),
)
INVITATIONS = Table(
    "EventRelation",
    ("Id", "EventId", "RelationId", "SystemModstamp"),
    ("Status", "IsDeleted"),
)

#: Fields that only some orgs have, or only some releases.
CONDITIONAL = frozenset({KEY_FIELD, "CurrencyIsoCode", "MessageIdentifier"})
#: Objects that are there wherever there are opportunities, though a user may not see them.
EVERYWHERE = frozenset({FIELD_HISTORY.name, ROLES.name})

TASK, EVENT, OPPORTUNITY, QUOTA = "Task", "Event", "Opportunity", "ForecastingQuota"
ORGANIZATION = "Organization"
TIME_ZONE, FISCAL_START = "TimeZoneSidKey", "FiscalYearStartMonth"
ORGANIZATION_FIELDS = ("Id", "Name", FISCAL_START, TIME_ZONE)
CURRENCY, CURRENCY_CODE, CORPORATE = "CurrencyType", "IsoCode", "IsCorporate = true"
STATUS = "Status"
#: What a task can be; admins rename these.
TASK_STATUS, API_NAME, CLOSED_STATUS = "TaskStatus", "ApiName", "IsClosed = true"
#: The record of a 1on1 that a task is linked to, in a field of ours or as what it is about.
SESSION_LINK, SESSION, ABOUT_TYPE = "CrmLoop_Session__c", "CrmLoop_Session__c", "What.Type"
#: What is read of a task that a person has made for a 1on1.
MARKED_FIELDS = (
    "Id",
    "OwnerId",
    "CreatedById",
    "Subject",
    "ActivityDate",
    "WhatId",
    "IsDeleted",
    "CreatedDate",
    "SystemModstamp",
)
#: What is looked at when one of our tasks is read back.
SOUGHT_FIELDS = (
    "Id",
    "OwnerId",
    "Subject",
    "Description",
    "ActivityDate",
    "WhatId",
    "IsClosed",
    "CompletedDateTime",
    "IsDeleted",
    "LastModifiedById",
    "SystemModstamp",
)

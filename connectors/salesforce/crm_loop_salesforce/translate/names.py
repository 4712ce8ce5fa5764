"""Salesforce's names of the objects and fields that we read and write."""

from collections.abc import Mapping

from crm_loop.records import Subject

OPPORTUNITY = "Opportunity"
HISTORY = "OpportunityHistory"
FIELD_HISTORY = "OpportunityFieldHistory"
TASK = "Task"
EVENT = "Event"
QUOTA = "ForecastingQuota"
KEY_FIELD = "CrmLoop_Key__c"

#: Where a subject is read from, and what must be shown there; otherwise there is no subject.
NEEDED: Mapping[Subject, Mapping[str, tuple[str, ...]]] = {
    Subject.PEOPLE: {"User": ("Id", "Email", "Name", "IsActive", "UserType")},
    Subject.STAGES: {
        "OpportunityStage": ("ApiName", "MasterLabel", "SortOrder", "IsClosed", "IsWon")
    },
    Subject.ACCOUNTS: {"Account": ("Id", "Name", "SystemModstamp")},
    Subject.DEALS: {
        OPPORTUNITY: (
            "Id",
            "Name",
            "OwnerId",
            "StageName",
            "IsClosed",
            "IsWon",
            "CloseDate",
            "Amount",
            "CreatedDate",
            "SystemModstamp",
        )
    },
    Subject.CHANGES: {
        HISTORY: ("Id", "OpportunityId", "StageName", "CreatedDate", "SystemModstamp")
    },
    Subject.ACTIVITIES: {
        EVENT: (
            "Id",
            "OwnerId",
            "WhatId",
            "StartDateTime",
            "IsChild",
            "IsRecurrence",
            "CreatedDate",
            "SystemModstamp",
        ),
        TASK: ("Id", "OwnerId", "WhatId", "ActivityDate", "IsClosed", "TaskSubtype",
               "CreatedDate", "SystemModstamp"),
    },
    Subject.TASKS: {
        TASK: ("Id", "OwnerId", "WhatId", "ActivityDate", "IsClosed", "TaskSubtype",
               "IsRecurrence", "CreatedDate", "SystemModstamp"),
    },
    Subject.QUOTAS: {QUOTA: ("Id", "QuotaOwnerId", "QuotaAmount", "StartDate")},
}  # fmt: skip

USER_FIELDS = (
    "Id",
    "Email",
    "Name",
    "LastName",
    "IsActive",
    "ManagerId",
    "UserRole.Name",
    "LanguageLocaleKey",
    "TimeZoneSidKey",
)
STAGE_FIELDS = ("ApiName", "MasterLabel", "SortOrder", "IsClosed", "IsWon", "DefaultProbability")
ACCOUNT_FIELDS = ("Id", "Name", "OwnerId", "IsDeleted", "SystemModstamp")
DEAL_FIELDS = (
    "Id",
    "Name",
    "OwnerId",
    "AccountId",
    "RecordTypeId",
    "StageName",
    "IsClosed",
    "IsWon",
    "Amount",
    "CurrencyIsoCode",
    "CloseDate",
    "CreatedDate",
    "IsDeleted",
    "SystemModstamp",
)
HISTORY_FIELDS = (
    "Id",
    "OpportunityId",
    "StageName",
    "Amount",
    "PrevAmount",
    "CloseDate",
    "PrevCloseDate",
    "CreatedDate",
    "IsDeleted",
    "SystemModstamp",
)
OWNER_FIELDS = ("Id", "OpportunityId", "NewValue", "CreatedDate", "IsDeleted")
EVENT_FIELDS = (
    "Id",
    "OwnerId",
    "WhatId",
    "AccountId",
    "StartDateTime",
    "IsAllDayEvent",
    "ActivityDate",
    "DurationInMinutes",
    "CreatedDate",
    "IsDeleted",
    "SystemModstamp",
)
CALL_FIELDS = (
    "Id",
    "OwnerId",
    "WhatId",
    "AccountId",
    "ActivityDate",
    "IsClosed",
    "CompletedDateTime",
    "CallDurationInSeconds",
    "CallType",
    "TaskSubtype",
    "CreatedDate",
    "IsDeleted",
    "SystemModstamp",
)
TASK_FIELDS = (
    "Id",
    "OwnerId",
    "WhatId",
    "ActivityDate",
    "IsClosed",
    "CompletedDateTime",
    "CreatedDate",
    KEY_FIELD,
    "IsDeleted",
    "SystemModstamp",
)
QUOTA_FIELDS = (
    "Id",
    "QuotaOwnerId",
    "QuotaAmount",
    "CurrencyIsoCode",
    "StartDate",
    "Period.EndDate",
)
ORGANIZATION = "Organization"
TIME_ZONE, FISCAL_START = "TimeZoneSidKey", "FiscalYearStartMonth"
ORGANIZATION_FIELDS = ("Id", "Name", FISCAL_START, TIME_ZONE)
CURRENCY, CURRENCY_CODE, CORPORATE = "CurrencyType", "IsoCode", "IsCorporate = true"
STATUS = "Status"
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
    "SystemModstamp",
)

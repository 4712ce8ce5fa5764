"""Salesforce's names of the objects and fields that we read; used by `translate` alone."""

from collections.abc import Mapping

from crm_loop.records import Subject

OPPORTUNITY = "Opportunity"
HISTORY = "OpportunityHistory"
FIELD_HISTORY = "OpportunityFieldHistory"
TASK = "Task"
EVENT = "Event"
KEY_FIELD = "CrmLoop_Key__c"

#: Where a subject is read from; without it, or without a needed field, there is no subject.
SUBJECT_OBJECT: Mapping[Subject, str] = {
    Subject.PEOPLE: "User",
    Subject.STAGES: "OpportunityStage",
    Subject.ACCOUNTS: "Account",
    Subject.DEALS: OPPORTUNITY,
    Subject.CHANGES: HISTORY,
    Subject.ACTIVITIES: EVENT,
    Subject.TASKS: TASK,
    Subject.QUOTAS: "ForecastingQuota",
}
NEEDED: Mapping[Subject, tuple[str, ...]] = {
    Subject.PEOPLE: ("Id", "Email", "Name", "IsActive"),
    Subject.STAGES: ("ApiName", "MasterLabel", "SortOrder", "IsClosed", "IsWon"),
    Subject.ACCOUNTS: ("Id", "Name"),
    Subject.DEALS: ("Id", "Name", "OwnerId", "StageName", "CloseDate", "Amount", "SystemModstamp"),
    Subject.CHANGES: ("Id", "OpportunityId", "StageName", "CreatedDate", "SystemModstamp"),
    Subject.ACTIVITIES: ("Id", "OwnerId", "WhatId", "StartDateTime", "SystemModstamp"),
    Subject.TASKS: ("Id", "OwnerId", "WhatId", "ActivityDate", "IsClosed", "SystemModstamp"),
    Subject.QUOTAS: ("Id", "QuotaOwnerId", "QuotaAmount", "StartDate"),
}

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

"""Objects and fields of the org, as data: one line a field, written compactly.

A line reads `Name type flags`. Types: id, ref:Object|Object (relationship name is the field's
without Id), string(n), textarea(n), bool, date, datetime, currency, percent, int, double,
picklist, email, phone. Flags: r read-only, c create only, ! required, n not filterable,
u external id and unique.
"""

from collections.abc import Mapping

_AUDIT = """
CreatedDate datetime r
CreatedById ref:User r
LastModifiedDate datetime r
LastModifiedById ref:User r
SystemModstamp datetime r
"""
_COMMON = "Id id r\nIsDeleted bool r\n" + _AUDIT
_PLAIN = "Id id r\n" + _AUDIT

ACTIVITY_KEYS = "CrmLoop_Key__c string(64) u\n"

OBJECTS: Mapping[str, str] = {
    "Organization": _PLAIN
    + """
Name string(80) !
FiscalYearStartMonth int r
UsesStartDateAsFiscalYearName bool r
TimeZoneSidKey picklist
DefaultLocaleSidKey picklist
LanguageLocaleKey picklist
OrganizationType picklist r
IsSandbox bool r
InstanceName string(5) r
NamespacePrefix string(15) r
TrialExpirationDate datetime r
DefaultOpportunityAccess picklist r
""",
    "User": _PLAIN
    + """
Username string(80) !
Email email !
Name string(121) r
FirstName string(40)
LastName string(80) !
IsActive bool
ManagerId ref:User
UserRoleId ref:UserRole
ProfileId string(18)
UserType picklist r
Title string(80)
Department string(80)
Division string(80)
TimeZoneSidKey picklist
LocaleSidKey picklist
LanguageLocaleKey picklist
ForecastEnabled bool r
FederationIdentifier string(512)
EmployeeNumber string(20)
LastLoginDate datetime r
DefaultCurrencyIsoCode picklist
""",
    "UserRole": "Id id r\nName string(80) !\nDeveloperName string(80)\nParentRoleId ref:UserRole\n"
    "RollupDescription string(80)\nForecastUserId ref:User\nLastModifiedDate datetime r\n"
    "LastModifiedById ref:User r\nSystemModstamp datetime r\n",
    "Account": _COMMON
    + """
Name string(255) !
Type picklist
ParentId ref:Account
Industry picklist
OwnerId ref:User
BillingCountry string(80)
LastActivityDate date r
MasterRecordId ref:Account r
Website string(255)
""",
    "Contact": _COMMON
    + """
Name string(121) r
FirstName string(40)
LastName string(80) !
Email email
Phone phone
AccountId ref:Account
OwnerId ref:User
ReportsToId ref:Contact
LastActivityDate date r
MasterRecordId ref:Contact r
""",
    "Lead": _COMMON
    + """
Name string(121) r
FirstName string(40)
LastName string(80) !
Company string(255) !
Status picklist
Email email
OwnerId ref:User
IsConverted bool r
ConvertedDate date r
ConvertedOpportunityId ref:Opportunity r
LeadSource picklist
""",
    "Opportunity": _COMMON
    + """
AccountId ref:Account
IsPrivate bool
Name string(120) !
Description textarea(32000) n
StageName picklist !
Amount currency
Probability percent
ExpectedRevenue currency r
CloseDate date !
Type picklist
NextStep string(255)
LeadSource picklist
IsClosed bool r
IsWon bool r
ForecastCategory picklist r
ForecastCategoryName picklist
CampaignId string(18)
HasOpportunityLineItem bool r
OwnerId ref:User
LastActivityDate date r
LastStageChangeDate datetime r
FiscalQuarter int r
FiscalYear int r
Fiscal string(6) r
PushCount int r
HasOpenActivity bool rn
HasOverdueTask bool rn
""",
    "OpportunityHistory": """
Id id r
OpportunityId ref:Opportunity r
StageName picklist r
Amount currency r
ExpectedRevenue currency r
CloseDate date r
Probability percent r
ForecastCategory picklist r
PrevAmount currency r
PrevCloseDate date r
CreatedById ref:User r
CreatedDate datetime r
SystemModstamp datetime r
IsDeleted bool r
""",
    "OpportunityFieldHistory": """
Id id r
IsDeleted bool r
OpportunityId ref:Opportunity r
CreatedById ref:User r
CreatedDate datetime r
Field picklist r
DataType picklist r
OldValue string(255) rn
NewValue string(255) rn
""",
    "OpportunityStage": _PLAIN
    + """
ApiName string(255) r
MasterLabel string(255) r
SortOrder int r
IsActive bool r
IsClosed bool r
IsWon bool r
DefaultProbability percent r
ForecastCategory picklist r
ForecastCategoryName picklist r
Description string(255) r
""",
    "Task": _COMMON
    + """
WhoId ref:Contact|Lead
WhatId ref:Opportunity|Account
Subject string(255)
ActivityDate date
Status picklist !
Priority picklist !
IsHighPriority bool r
OwnerId ref:User
Description textarea(32000) n
AccountId ref:Account r
IsClosed bool r
IsArchived bool r
CallDurationInSeconds int
CallType picklist
CallDisposition string(255)
CallObject string(255)
ReminderDateTime datetime
IsReminderSet bool
RecurrenceActivityId ref:Task r
IsRecurrence bool c
TaskSubtype picklist c
CompletedDateTime datetime r
""",
    "TaskStatus": _PLAIN
    + "ApiName string(255) r\nMasterLabel string(255) r\nSortOrder int r\nIsDefault bool r\n"
    "IsClosed bool r\n",
    "Event": _COMMON
    + """
WhoId ref:Contact|Lead
WhatId ref:Opportunity|Account
Subject string(255)
Location string(255)
IsAllDayEvent bool
ActivityDateTime datetime
ActivityDate date
DurationInMinutes int
StartDateTime datetime
EndDateTime datetime
Description textarea(32000) n
AccountId ref:Account r
OwnerId ref:User
IsPrivate bool
ShowAs picklist
IsChild bool r
IsGroupEvent bool r
GroupEventType picklist r
IsArchived bool r
RecurrenceActivityId ref:Event r
IsRecurrence bool c
IsRecurrence2 bool r
EventSubtype picklist c
""",
    "ForecastingQuota": _PLAIN
    + """
QuotaOwnerId ref:User !
QuotaAmount currency
QuotaQuantity double
StartDate date !
PeriodId ref:Period r
ForecastingTypeId ref:ForecastingType
IsAmount bool r
IsQuantity bool r
ProductFamily picklist
""",
    "ForecastingType": "Id id r\nDeveloperName string(80) r\nMasterLabel string(80) r\n"
    "IsActive bool r\nIsAmount bool r\nIsQuantity bool r\nRoleType picklist r\n"
    "DateType picklist r\nSystemModstamp datetime r\n",
    "Period": "Id id r\nStartDate date r\nEndDate date r\nType picklist r\nNumber int r\n"
    "PeriodLabel picklist r\nQuarterLabel picklist r\nFullyQualifiedLabel string(80) r\n"
    "IsForecastPeriod bool r\nSystemModstamp datetime r\n",
    "CurrencyType": _PLAIN
    + "IsoCode picklist r\nConversionRate double r\nDecimalPlaces int r\nIsActive bool r\n"
    "IsCorporate bool r\n",
    "DatedConversionRate": _PLAIN
    + "IsoCode picklist r\nConversionRate double r\nStartDate date r\nNextStartDate date r\n",
}

"""The org itself, its people and its calendar."""

from crm_loop_sandbox.salesforce.objects.parts import PLAIN

SETUP = {
    "Organization": PLAIN
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
    "User": PLAIN
    + """
Username string(80) !
Email email !
Name string(121) r
FirstName string(40)
LastName string(80) !
Alias string(8)
IsActive bool
ManagerId ref:User>ManagedUsers
UserRoleId ref:UserRole>Users
ProfileId ref:Profile>Users
UserType picklist r
Title string(80)
Department string(80)
Division string(80)
TimeZoneSidKey picklist
LocaleSidKey picklist
LanguageLocaleKey picklist
DelegatedApproverId ref:User
ForecastEnabled bool r
FederationIdentifier string(512)
EmployeeNumber string(20)
LastLoginDate datetime r
DefaultCurrencyIsoCode picklist
""",
    "Profile": PLAIN + "Name string(255) r\nUserType picklist r\nDescription string(255)\n",
    "PermissionSet": "Id id r\nName string(80) r\nLabel string(80) r\n"
    "Description string(255) r\nSystemModstamp datetime r\n",
    "PermissionSetAssignment": "Id id r\nPermissionSetId ref:PermissionSet>Assignments !c\n"
    "AssigneeId ref:User>PermissionSetAssignments !c\nSystemModstamp datetime r\n",
    "UserRole": "Id id r\nName string(80) !\nDeveloperName string(80)\nParentRoleId ref:UserRole\n"
    "RollupDescription string(80)\nForecastUserId ref:User\n"
    "OpportunityAccessForAccountOwner picklist\nLastModifiedDate datetime r\n"
    "LastModifiedById ref:User r\nSystemModstamp datetime r\n",
    "FiscalYearSettings": "Id id r\nName string(80) r\nStartDate date r\nEndDate date r\n"
    "IsStandardYear bool r\nYearType picklist r\nPeriodId ref:Period r\n"
    "PeriodLabelScheme picklist r\nQuarterLabelScheme picklist r\nWeekStartDay int r\n"
    "SystemModstamp datetime r\n",
    "Period": "Id id r\nStartDate date r\nEndDate date r\nType picklist r\nNumber int r\n"
    "PeriodLabel picklist r\nQuarterLabel picklist r\nFullyQualifiedLabel string(80) r\n"
    "IsForecastPeriod bool r\nFiscalYearSettingsId ref:FiscalYearSettings>Periods r\n"
    "SystemModstamp datetime r\n",
    "CurrencyType": PLAIN
    + "IsoCode picklist r\nConversionRate double r\nDecimalPlaces int r\nIsActive bool r\n"
    "IsCorporate bool r\n",
    "DatedConversionRate": PLAIN
    + "IsoCode picklist r\nConversionRate double r\nStartDate date r\nNextStartDate date r\n",
}

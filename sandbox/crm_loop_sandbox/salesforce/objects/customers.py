"""Companies, their people, and those who may become customers."""

from crm_loop_sandbox.salesforce.objects.parts import COMMON

_ADDRESS = """
{0}Street textarea(255)
{0}City string(40)
{0}State string(80)
{0}PostalCode string(20)
{0}Country string(80)
{0}Address address r
"""

CUSTOMERS = {
    "Account": COMMON
    + """
MasterRecordId ref:Account r
Name string(255) !
Type picklist
ParentId ref:Account>ChildAccounts
Phone phone
Website url
Industry picklist
AnnualRevenue currency
NumberOfEmployees int
Description textarea(32000) n
OwnerId ref:User
LastActivityDate date r
"""
    + _ADDRESS.format("Billing"),
    "Contact": COMMON
    + """
MasterRecordId ref:Contact r
AccountId ref:Account>Contacts
LastName string(80) !
FirstName string(40)
Name string(121) r
Phone phone
MobilePhone phone
Email email
Title string(128)
Department string(80)
ReportsToId ref:Contact
LeadSource picklist
Description textarea(32000) n
OwnerId ref:User
LastActivityDate date r
"""
    + _ADDRESS.format("Mailing"),
    "Lead": COMMON
    + """
MasterRecordId ref:Lead r
LastName string(80) !
FirstName string(40)
Name string(121) r
Title string(128)
Company string(255) !
Phone phone
Email email
LeadSource picklist
Status picklist !
Industry picklist
Rating picklist
Description textarea(32000) n
OwnerId ref:User
IsConverted bool r
ConvertedDate date r
ConvertedAccountId ref:Account r
ConvertedContactId ref:Contact r
ConvertedOpportunityId ref:Opportunity r
IsUnreadByOwner bool r
LastActivityDate date r
""",
    "Campaign": COMMON
    + """
Name string(80) !
Type picklist
Status picklist
IsActive bool
StartDate date
EndDate date
OwnerId ref:User
NumberOfOpportunities int r
NumberOfLeads int r
""",
}

"""What `--package full` finds in an org when no `--package-dir` says otherwise.

The same objects and fields as the package's metadata files; a test holds the two together.
"""

#: Fields that a package adds to activities: keys alone, and what needs its objects.
ACTIVITY_KEYS = "CrmLoop_Key__c string(64) ue\nCrmLoop_Agenda_Item_Key__c string(64)\n"
ACTIVITY_LINKS = "CrmLoop_Session__c ref:CrmLoop_Session__c>CrmLoop_Activities\n"

#: Everybody may read these; the others are private or follow their parent.
PUBLIC = ("CrmLoop_KPI__c", "CrmLoop_Agenda_Item__c")
WITH_ACTIVITIES = ("CrmLoop_Session__c",)

_OWNED = """
Id id r
OwnerId ref:User
IsDeleted bool r
Name string(80) {name}
CreatedDate datetime r
CreatedById ref:User r
LastModifiedDate datetime r
LastModifiedById ref:User r
SystemModstamp datetime r
"""
_NUMBERED = _OWNED.format(name="r")
_NAMED = _OWNED.format(name="")
_CHILD = _NUMBERED.replace("OwnerId ref:User\n", "")
_KEY = "CrmLoop_Key__c string(64) ue\n"

PACKAGED = {
    "CrmLoop_KPI__c": _NAMED
    + _KEY
    + """
Description__c textarea(32768) n
Direction__c picklist R
Unit__c picklist R
""",
    "CrmLoop_KPI_Target__c": _NUMBERED
    + _KEY
    + """
KPI__c ref:CrmLoop_KPI__c>Targets
Period_End__c date
Period_Start__c date
Rep__c ref:User>CrmLoop_KPI_Targets
Target_Value__c double
""",
    "CrmLoop_KPI_Snapshot__c": _NUMBERED
    + _KEY
    + """
Actual__c double
As_Of__c date
Attainment__c percent rf
Is_Latest__c bool
KPI_Label__c string(80)
KPI__c ref:CrmLoop_KPI__c>Snapshots
Period_End__c date
Period_Start__c date
Rep__c ref:User>CrmLoop_KPI_Snapshots
Target__c double
""",
    "CrmLoop_Session__c": _NAMED
    + _KEY
    + """
Event_Id__c string(18)
Manager__c ref:User>CrmLoop_Sessions_Manager
Next_Step_Due__c date
Next_Step__c string(255)
Rep_Topic__c string(255)
Rep__c ref:User>CrmLoop_Sessions_Rep
Scheduled_At__c datetime
Status__c picklist R
Summary__c textarea(32768) n
Support_Asked__c string(255)
Wanted_Response__c picklist R
""",
    "CrmLoop_Agenda_Item__c": _CHILD
    + _KEY
    + """
Detail__c textarea(32768) n
Opportunity__c ref:Opportunity>CrmLoop_Agenda_Items
Reason__c textarea(32768) n
Session__c ref:CrmLoop_Session__c>Agenda_Items !c
Sort_Order__c double
Source__c picklist R
Status__c picklist R
Title__c string(255) !
""",
}

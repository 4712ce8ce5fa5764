"""Tasks, events and e-mail messages."""

from crm_loop_sandbox.salesforce.objects.parts import COMMON, PLAIN

_ABOUT = """
WhoId ref:Contact>{0}|Lead>{0}
WhatId ref:Opportunity>{0}|Account>{0}|Campaign>{0}|Quote>{0}
"""

ACTIVITIES = {
    "Task": COMMON
    + _ABOUT.format("Tasks")
    + """
Subject string(255)
ActivityDate date
Status picklist !
Priority picklist !
IsHighPriority bool r
OwnerId ref:User
Description textarea(32000) n
Type picklist
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
RecurrenceType picklist
RecurrenceInterval int
TaskSubtype picklist c
CompletedDateTime datetime r
""",
    "TaskStatus": PLAIN
    + "ApiName string(255) r\nMasterLabel string(255) r\nSortOrder int r\nIsDefault bool r\n"
    "IsClosed bool r\n",
    "TaskPriority": PLAIN
    + "ApiName string(255) r\nMasterLabel string(255) r\nSortOrder int r\nIsDefault bool r\n"
    "IsHighPriority bool r\n",
    "Event": COMMON
    + _ABOUT.format("Events")
    + """
Subject string(255)
Location string(255)
IsAllDayEvent bool
ActivityDateTime datetime
ActivityDate date
DurationInMinutes int
StartDateTime datetime
EndDateTime datetime
EndDate date r
Description textarea(32000) n
Type picklist
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
ReminderDateTime datetime
IsReminderSet bool
EventSubtype picklist c
""",
    "EmailMessage": COMMON
    + """
ParentId string(18)
ActivityId ref:Task c
RelatedToId ref:Opportunity>Emails|Account>Emails
Subject string(3000)
TextBody textarea(131072) n
FromName string(1000)
FromAddress email
ToAddress string(4000)
CcAddress string(4000)
Incoming bool
Status picklist !
MessageDate datetime
IsPrivateDraft bool r
""",
}

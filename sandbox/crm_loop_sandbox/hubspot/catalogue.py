"""HubSpot's own properties of each object type, as a table."""

from crm_loop_sandbox.hubspot.catalogue_sales import SALES_GROUPS, SALES_PROPERTIES
from crm_loop_sandbox.hubspot.properties import PropertyDef, PropertyGroup

#: A line is: name type label, with options after `|`. `=`: calculated by HubSpot;
#: `!`: filled by HubSpot, but no calculation; `*`: unique.
_COMMON = """
!hs_object_id number Record ID
!hs_createdate datetime Object create date/time
!hs_lastmodifieddate datetime Object last modified date/time
!hs_object_source string Record source
!hs_object_source_label string Record source label
!hs_object_source_id string Record source ID
!hs_object_source_user_id number Record source user ID
!hs_created_by_user_id number Created by user ID
!hs_updated_by_user_id number Updated by user ID
!hs_merged_object_ids string Merged record IDs
hubspot_owner_id owner Owner
hubspot_owner_assigneddate datetime Owner assigned date
=hubspot_team_id enumeration HubSpot team
=hs_all_owner_ids string All owner IDs
=hs_all_team_ids string All team IDs
"""
_ACTIVITY = """
hs_timestamp datetime Activity date
=hs_body_preview string Body preview
=hs_engagement_source string Engagement source
=hs_num_associated_deals number Number of associated deals
=hs_num_associated_contacts number Number of associated contacts
=hs_num_associated_companies number Number of associated companies
hs_activity_type string Activity type
hs_attachment_ids string Attached file IDs
!*hs_unique_id string Unique ID
"""
_TOUCHED = """
=notes_last_contacted datetime Last contacted
=notes_last_updated datetime Last activity date
=notes_next_activity_date datetime Next activity date
=num_notes number Number of sales activities
=num_contacted_notes number Number of times contacted
"""
_OWN = {
    "0-1": """
*email string Email
firstname string First Name
lastname string Last Name
phone string Phone Number
company string Company Name
jobtitle string Job Title
lifecyclestage enumeration Lifecycle Stage | subscriber lead marketingqualifiedlead \
salesqualifiedlead opportunity customer evangelist other
hs_lead_status enumeration Lead Status | NEW OPEN IN_PROGRESS OPEN_DEAL UNQUALIFIED \
ATTEMPTED_TO_CONTACT CONNECTED BAD_TIMING
hs_analytics_source string Original Traffic Source
createdate datetime Create Date
!lastmodifieddate datetime Last Modified Date
""",
    "0-2": """
name string Company name
domain string Company Domain Name
industry string Industry
country string Country/Region
createdate datetime Create Date
""",
    "0-3": """
dealname string Deal Name
dealstage stage Deal Stage
pipeline enumeration Pipeline | default
amount number Amount
deal_currency_code string Currency
closedate datetime Close Date
createdate datetime Create Date
dealtype enumeration Deal Type | newbusiness existingbusiness
description string Deal Description
closed_lost_reason string Closed Lost Reason
closed_won_reason string Closed Won Reason
hs_priority enumeration Priority | low medium high
hs_next_step string Next step
hs_manual_forecast_category enumeration Forecast category | OMIT PIPELINE BEST_CASE COMMIT CLOSED
hs_pinned_engagement_id number Pinned Engagement ID
hs_forecast_amount number Forecast amount
hs_forecast_probability number Forecast probability
hs_all_collaborator_owner_ids string Deal collaborator
hs_tcv number Total contract value
hs_acv number Annual contract value
hs_arr number Annual recurring revenue
hs_mrr number Monthly recurring revenue
=amount_in_home_currency number Amount in company currency
=hs_exchange_rate number Exchange rate
=hs_is_closed bool Is Deal Closed?
=hs_is_closed_won bool Is Closed Won
=hs_is_closed_lost bool Is Closed Lost
=hs_is_deal_split bool Is deal split
=hs_deal_stage_probability number Deal probability
=hs_deal_stage_probability_shadow number Deal stage probability shadow
=hs_projected_amount number Weighted amount
=hs_projected_amount_in_home_currency number Weighted amount in company currency
=hs_closed_amount number Closed Deal Amount
=hs_closed_amount_in_home_currency number Closed Deal Amount In Home Currency
=days_to_close number Days to close
=hs_v2_date_entered_current_stage datetime Date entered current stage
=hs_v2_time_in_current_stage number Time in current stage
=num_associated_contacts number Number of associated contacts
=hs_latest_meeting_activity datetime Latest meeting activity
=hs_num_of_associated_line_items number Number of associated line items
""",
    "0-27": """
hs_task_subject string Task Title
hs_task_body string Notes
hs_task_status enumeration Task Status | NOT_STARTED IN_PROGRESS WAITING COMPLETED DEFERRED
hs_task_priority enumeration Priority | NONE LOW MEDIUM HIGH
hs_task_type enumeration Task Type | TODO CALL EMAIL LINKED_IN LINKED_IN_CONNECT LINKED_IN_MESSAGE
hs_task_reminders number Reminder
hs_task_relative_reminders string Relative reminders
hs_task_send_default_reminder bool Send default reminder
hs_task_is_all_day bool All day
hs_task_for_object_type string For object type
hs_queue_membership_ids enumeration Queue
hs_repeat_status string Repeat status
hs_task_repeat_interval string Repeat interval
!*hs_unique_creation_key string Unique property used for idempotent creates
!hs_task_completion_date datetime Completed at
=hs_task_completion_count number Completion count
=hs_task_is_completed number Is completed
=hs_task_is_overdue bool Is overdue
=hs_task_is_past_due_date bool Is past due date
=hs_task_missed_due_date bool Missed due date
=hs_task_missed_due_date_count number Missed due date count
""",
    "0-46": """
hs_note_body string Note body
""",
    "0-47": """
hs_meeting_title string Meeting name
hs_meeting_body string Meeting description
hs_meeting_start_time datetime Meeting start time
hs_meeting_end_time datetime Meeting end time
hs_meeting_outcome enumeration Outcome | SCHEDULED COMPLETED RESCHEDULED NO_SHOW CANCELED
hs_meeting_location string Meeting location
hs_internal_meeting_notes string Internal meeting notes
""",
    "0-48": """
hs_call_title string Call Title
hs_call_body string Call notes
hs_call_direction enumeration Call direction | INBOUND OUTBOUND
hs_call_disposition string Call outcome
hs_call_duration number Call duration
hs_call_status enumeration Call status | COMPLETED BUSY NO_ANSWER FAILED CANCELED IN_PROGRESS \
QUEUED RINGING CONNECTING CALLING_CRM_USER
""",
    "0-49": """
hs_email_subject string Email subject
hs_email_text string Email body
hs_email_html string Email HTML
hs_email_direction enumeration Email Direction | EMAIL INCOMING_EMAIL FORWARDED_EMAIL
hs_email_status enumeration Email Send Status | SENT SENDING SCHEDULED BOUNCED FAILED
""",
    "0-74": """
hs_goal_name string Goal name
hs_goal_type string Goal type
hs_milestone string Milestone
hs_target_amount number Target amount
hs_target_amount_in_home_currency number Target amount in company currency
hs_goal_target_currency_code string Currency
hs_start_datetime datetime Start date
hs_end_datetime datetime End date
hs_group_correlation_uuid string Group correlation UUID
hs_goal_target_group_id number Goal target group ID
hs_assignee_user_id number Assignee user ID
hs_pipeline_ids string Pipelines
hs_kpi_object_type_id string KPI object type
hs_kpi_property_name string KPI property
hs_kpi_time_period_property string KPI date property
hs_kpi_metric_type string KPI metric
hs_kpi_tracking_method string KPI tracking method
hs_kpi_unit_type string KPI unit
hs_kpi_filter_groups string KPI filters
hs_assignee_team_id number Assignee team ID
hs_fiscal_year_offset number Fiscal year offset
hs_template_id string Template
=hs_kpi_value number KPI value
=hs_kpi_progress_percent number KPI progress
=hs_outcome string Outcome
=hs_status string Status
""",
    "0-115": """
hs_email string Email
hs_given_name string First name
hs_family_name string Last name
hs_job_title string Job title
hs_internal_user_id number User ID
hs_standard_time_zone string Time zone
hs_out_of_office_hours string Out of office hours
hs_working_hours string Working hours
hs_availability_status enumeration Availability | available away
hs_deactivated bool Deactivated
""",
    **SALES_PROPERTIES,
}
_MORE = dict.fromkeys(("0-27", "0-46", "0-47", "0-48", "0-49"), _ACTIVITY)
_MORE |= dict.fromkeys(("0-1", "0-2", "0-3", "0-5"), _TOUCHED)
_FIELD_TYPES = {
    "number": "number",
    "datetime": "date",
    "date": "date",
    "enumeration": "select",
    "bool": "booleancheckbox",
    "string": "text",
}
GROUPS = {
    "0-1": ("contactinformation", "Contact information"),
    "0-2": ("companyinformation", "Company information"),
    "0-3": ("dealinformation", "Deal information"),
    "0-27": ("task", "Task information"),
    "0-46": ("note", "Note information"),
    "0-47": ("meeting", "Meeting information"),
    "0-48": ("call", "Call information"),
    "0-49": ("email", "Email information"),
    "0-74": ("goal_target_information", "Goal target information"),
    "0-115": ("user_information", "User information"),
    **SALES_GROUPS,
}


def _definition(line: str, group: str) -> PropertyDef:
    head, _, options = line.partition("|")
    name, kind, label = head.strip().split(" ", 2)
    shown = "enumeration" if kind in {"owner", "stage"} else kind
    return PropertyDef(
        name=name.lstrip("=!*"),
        label=label,
        type=shown,
        field_type=_FIELD_TYPES[shown],
        group=group,
        options=tuple(options.split()),
        computed=name[0] in "=!",
        calculated=name[0] == "=",
        unique="*" in name[:2],
    )


def built_in(type_id: str) -> dict[str, PropertyDef]:
    """Every property that a new portal has on this object type, by name."""
    group = GROUPS[type_id][0]
    lines = (_COMMON + _MORE.get(type_id, "") + _OWN[type_id]).strip().splitlines()
    found = (_definition(line, group) for line in lines if line)
    return {one.name: one for one in found}


def built_in_group(type_id: str) -> PropertyGroup:
    name, label = GROUPS[type_id]
    return PropertyGroup(name=name, label=label)

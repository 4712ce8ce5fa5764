"""Neutral deals and activities in Salesforce's own fields."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.salesforce.moments import written
from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.world.story import ActivityStory, World

_DEAL_NAMES = {
    "name": "Name",
    "currency": "CurrencyIsoCode",
    "deleted": "IsDeleted",
    "type": "Type",
}


@dataclass(frozen=True, slots=True)
class Native:
    """Translates for one org; `refs` maps the world's names to native ids."""

    org: Org
    world: World
    refs: dict[str, str]

    def owned(self, ref: str | None) -> str:
        return self.refs.get(ref or "", self.org.integration_user)

    def deal(self, fields: Any) -> Row:
        """Neutral deal fields in Salesforce's names."""
        native: Row = {}
        known = self.org.schema["Opportunity"]
        for name, value in fields.items():
            if name == "stage":
                native["StageName"] = self.world.stages[value].salesforce
            elif name == "owner":
                native["OwnerId"] = self.owned(value)
            elif name == "company":
                native["AccountId"] = self.refs.get(value or "")
            elif name == "amount":
                native["Amount"] = None if value is None else float(Decimal(value))
            elif name == "close_date":
                native["CloseDate"] = None if value is None else value.isoformat()
            elif name in _DEAL_NAMES:
                native[_DEAL_NAMES[name]] = value
        # An org with one currency has no field for it.
        return {name: value for name, value in native.items() if name in known}

    def activity(self, one: ActivityStory) -> Row:
        """A meeting as an Event, everything else as a Task."""
        what = self.refs.get(one.deal_ref or "") or self.refs.get(one.company_ref or "")
        who = self.refs.get(one.contact_refs[0]) if one.contact_refs else None
        common = {"WhatId": what, "WhoId": who, "Subject": one.subject or one.kind}
        start = written(one.start)
        if one.kind == "meeting":
            end = written(one.start + timedelta(minutes=one.minutes))
            return common | {
                "table": "Event",
                "StartDateTime": start,
                "ActivityDateTime": start,
                "EndDateTime": end,
                "ActivityDate": one.start.astimezone(ZoneInfo(self.world.time_zone))
                .date()
                .isoformat(),
                "DurationInMinutes": one.minutes,
                "EventSubtype": "Event",
                "ShowAs": "Busy",
            }
        closed = one.status in ("held", "closed")
        subtype = {"call": "Call", "email": "Email"}.get(one.kind, "Task")
        day = (
            one.start.date()
            if one.kind == "todo"
            else one.start.astimezone(ZoneInfo(self.world.time_zone)).date()
        )
        done = max(one.start, one.logged_at)
        return common | {
            "table": "Task",
            "TaskSubtype": subtype,
            "Status": "Completed" if closed else "Not Started",
            "Priority": "Normal",
            "IsClosed": closed,
            "CompletedDateTime": written(min(done, self.world.start)) if closed else None,
            "ActivityDate": day.isoformat(),
            "CallDurationInSeconds": one.minutes * 60 if one.kind == "call" else None,
            "CallType": ("Outbound" if one.outbound else "Inbound") if one.kind == "call" else None,
        }

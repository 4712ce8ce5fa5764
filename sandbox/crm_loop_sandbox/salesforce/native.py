"""Neutral deals and activities in Salesforce's own fields."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from crm_loop_sandbox.salesforce.moments import written
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.world.story import ActivityStory, StageDef, World

_DEAL_NAMES = {
    "name": "Name",
    "currency": "CurrencyIsoCode",
    "deleted": "IsDeleted",
    "type": "Type",
}


class Native:
    """Translates for one org; `refs` maps the world's names to native ids."""

    def __init__(self, org: Org, world: World, refs: dict[str, str]) -> None:
        self.org = org
        self.world = world
        self.refs = refs
        self.stages: Sequence[Mapping[str, Any]] = [_staged(stage) for stage in world.stages]

    def owned(self, ref: str | None) -> str:
        return self.refs.get(ref or "", self.org.integration_user)

    def deal(self, fields: Any) -> dict[str, Any]:
        """Neutral deal fields in Salesforce's names."""
        native: dict[str, Any] = {}
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
            elif name in _DEAL_NAMES and _DEAL_NAMES[name] in known:
                # An org with one currency has no field for it.
                native[_DEAL_NAMES[name]] = value
        return native

    def activity(self, one: ActivityStory) -> dict[str, Any]:
        """A meeting as an Event, everything else as a Task."""
        common = {
            "WhatId": self.refs.get(one.deal_ref or "") or self.refs.get(one.company_ref or ""),
            "WhoId": self.refs.get(one.contact_refs[0]) if one.contact_refs else None,
            "Subject": one.subject or one.kind,
        }
        return common | (self._event(one) if one.kind == "meeting" else self._task(one))

    def _event(self, one: ActivityStory) -> dict[str, Any]:
        start = written(one.start)
        return {
            "table": "Event",
            "StartDateTime": start,
            "ActivityDateTime": start,
            "EndDateTime": written(one.start + timedelta(minutes=one.minutes)),
            "ActivityDate": _day(one.start.astimezone(self.org.zone)),
            "DurationInMinutes": one.minutes,
            "EventSubtype": "Event",
            "ShowAs": "Busy",
        }

    def _task(self, one: ActivityStory) -> dict[str, Any]:
        closed = one.status in ("held", "closed")
        day = one.start if one.kind == "todo" else one.start.astimezone(self.org.zone)
        done = min(max(one.start, one.logged_at), self.world.start)
        made: dict[str, Any] = {
            "table": "Task",
            "TaskSubtype": {"call": "Call", "email": "Email"}.get(one.kind, "Task"),
            "Status": "Completed" if closed else "Not Started",
            "Priority": "Normal",
            "IsClosed": closed,
            "CompletedDateTime": written(done) if closed else None,
            "ActivityDate": _day(day),
        }
        if one.kind == "call":
            made["CallDurationInSeconds"] = one.minutes * 60
            made["CallType"] = "Outbound" if one.outbound else "Inbound"
        return made


@lru_cache(maxsize=4096)
def _iso(year: int, month: int, day: int) -> str:
    return f"{year:04d}-{month:02d}-{day:02d}"


def _day(moment: datetime) -> str:
    """One text for one day, however many rows name it."""
    return _iso(moment.year, moment.month, moment.day)


def _staged(stage: StageDef) -> Mapping[str, Any]:
    category = _category(stage)
    return {
        "IsClosed": stage.is_closed,
        "IsWon": stage.is_won,
        "Probability": round(stage.probability * 100, 1),
        "ForecastCategory": category,
        "ForecastCategoryName": {"Forecast": "Commit"}.get(category, category),
    }


def _category(stage: StageDef) -> str:
    if stage.is_closed:
        return "Closed" if stage.is_won else "Omitted"
    if stage.probability >= 0.8:  # noqa: PLR2004 - as the platform's own defaults
        return "Forecast"
    return "BestCase" if stage.probability >= 0.5 else "Pipeline"  # noqa: PLR2004 - the same

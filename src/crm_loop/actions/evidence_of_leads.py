"""Which new enquiries were answered within the hour; pure."""

from collections.abc import Iterator
from datetime import datetime

from crm_loop.actions.pulled import Pulled
from crm_loop.actions.verify import Evidence
from crm_loop.calendars import BusinessCalendar, business_minutes
from crm_loop.loop_records import Action, Member, RecordRef
from crm_loop.records import Activity, ActivityKind, ActivityStatus, Lead

#: Business minutes in which a first answer is soon, as in the figure.
WITHIN = 60


def answered_soon(
    action: Action, member: Member, pulled: Pulled, calendar: BusinessCalendar
) -> Iterator[Evidence]:
    """V7: one event for each lead that its owner got since and tried to reach within the hour."""
    for connection, lead in pulled.leads:
        account = member.accounts.get(connection)
        if account is None or lead.owner_id != account:
            continue
        got = _assigned(connection, lead, pulled)
        if got < action.created_at:
            continue
        tries = [
            one
            for at, one in pulled.activities
            if at == connection and one.start >= got and _reaches(one, lead, account, pulled, at)
        ]
        first = min(tries, key=lambda one: (one.start, one.id), default=None)
        if first is None:
            continue
        if business_minutes(got, first.start, calendar, member.time_zone) <= WITHIN:
            ref = RecordRef(connection=connection, object="lead", id=lead.id)
            yield Evidence(record=ref, start=first.start, logged=first.logged_at)


def _assigned(connection: str, lead: Lead, pulled: Pulled) -> datetime:
    """When its owner got it: as the CRM says, else by its past, else when it was made."""
    if lead.assigned_at is not None:
        return lead.assigned_at
    changes = [
        one.at
        for at, one in pulled.lead_changes
        if at == connection and one.lead_id == lead.id and one.owner_id == lead.owner_id
    ]
    return max(changes, default=lead.created_at)


def _reaches(one: Activity, lead: Lead, account: str, pulled: Pulled, connection: str) -> bool:
    """Whether it is its owner's own attempt to reach this lead, also as the contact it became."""
    out = one.kind is not ActivityKind.EMAIL if one.outbound is None else one.outbound
    if one.owner_id != account or one.status is not ActivityStatus.HELD or not out:
        return False
    known = {lead.id, lead.contact_id} - {None}
    named = {one.lead_id, *one.contact_ids}
    if named & known:
        return True
    return any(
        known & {guest.lead_id, guest.contact_id}
        for at, guest in pulled.participants
        if at == connection and guest.activity_id == one.id
    )

"""What should stand in the CRM, from what the loop has made; pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import Action, Agenda, Intent, Member, Overview, WriteKind

#: Whatever a person can notice is written on that person's business days between these.
DAY_BEGINS = time(8, 30)
DAY_ENDS = time(18, 0)

CalendarOf = Callable[[str], BusinessCalendar]


def next_quiet_end(moment: datetime, member: Member, calendar: BusinessCalendar) -> datetime:
    """The first moment from `moment` on at which this person may be written to."""
    zone = ZoneInfo(member.time_zone)
    local = moment.astimezone(zone)
    if calendar.is_business_day(local.date()) and local.time() <= DAY_ENDS:
        return max(local, datetime.combine(local.date(), DAY_BEGINS, zone))
    day = calendar.at_or_after(local.date() + timedelta(days=1))
    return datetime.combine(day, DAY_BEGINS, zone)


def memo_intents(
    agendas: Iterable[Agenda], members: Mapping[str, Member], calendar_of: CalendarOf
) -> list[Intent]:
    """One memo a rep: a task of the rep with no related record, due on the day of the 1on1."""
    intents = []
    for agenda in agendas:
        rep = members.get(agenda.rep)
        owner = rep.accounts.get(agenda.connection) if rep else None
        if rep is None or owner is None:
            continue
        intents.append(
            Intent(
                key=agenda.key,
                connection=agenda.connection,
                kind=WriteKind.MEMO,
                person=agenda.rep,
                owner_id=owner,
                subject=agenda.subject,
                body=agenda.text,
                due=agenda.starts_at.astimezone(ZoneInfo(rep.time_zone)).date(),
                reason="one_on_one.memo",
                not_before=next_quiet_end(agenda.publish_at, rep, calendar_of(rep.country)),
                week=agenda.week,
            )
        )
    return intents


def overview_intents(
    overviews: Iterable[Overview], members: Mapping[str, Member], calendar_of: CalendarOf
) -> list[Intent]:
    """One task a manager and week that lists the 1on1s."""
    intents = []
    for overview in overviews:
        manager = members.get(overview.manager)
        owner = manager.accounts.get(overview.connection) if manager else None
        if manager is None or owner is None:
            continue
        intents.append(
            Intent(
                key=overview.key,
                connection=overview.connection,
                kind=WriteKind.OVERVIEW,
                person=overview.manager,
                owner_id=owner,
                subject=overview.subject,
                body=overview.text,
                due=overview.due,
                reason="one_on_one.overview",
                not_before=next_quiet_end(
                    overview.publish_at, manager, calendar_of(manager.country)
                ),
                week=overview.week,
            )
        )
    return intents


def action_intents(
    actions: Iterable[Action], members: Mapping[str, Member], calendar_of: CalendarOf
) -> list[Intent]:
    """One to-do for each agreed action; it reads like any other and carries no figure.

    What a person made by hand stands there already.
    """
    intents = []
    for action in actions:
        member = members.get(action.who)
        owner = member.accounts.get(action.connection) if member else None
        if member is None or owner is None or action.crm_id is not None:
            continue
        same_crm = action.deal is not None and action.deal.connection == action.connection
        intents.append(
            Intent(
                key=action.key,
                connection=action.connection,
                kind=WriteKind.ACTION,
                person=action.who,
                owner_id=owner,
                subject=action.text,
                body="",
                due=action.due,
                deal_id=action.deal.id if action.deal and same_crm else None,
                reason=f"action.{action.origin.value}",
                not_before=next_quiet_end(action.created_at, member, calendar_of(member.country)),
                week=action.week,
            )
        )
    return intents

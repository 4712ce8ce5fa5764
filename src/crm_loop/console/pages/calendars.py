"""1on1s as a calendar to take over, those of another calendar, and days the company is closed."""

from dataclasses import replace
from datetime import timedelta

from starlette.responses import Response

from crm_loop.calendars import week_of
from crm_loop.console.pages.setup import finish
from crm_loop.console.talk_store import planned
from crm_loop.console.visit import Visit
from crm_loop.errors import CrmLoopError
from crm_loop.loop_records import Meeting
from crm_loop.one_on_one.calendar_file import read, write
from crm_loop.setup import company_days
from crm_loop.wording.names import called

#: How far ahead the calendar that people take over reaches.
WEEKS = 8


def mine(visit: Visit) -> Response:
    """One's own planned 1on1s as an .ics file; nothing but with whom and when."""
    me = visit.sight.me
    people = [me, *visit.sight.reports]
    found: list[Meeting] = []
    with visit.look() as state:
        for ahead in range(WEEKS):
            week = week_of(visit.today + timedelta(weeks=ahead))
            found += [
                one
                for one in planned(visit, state, people, week)
                if me in (one.rep, one.manager) and one.starts_at > visit.now
            ]

    def title(one: Meeting) -> str:
        other = visit.members.get(one.manager if one.rep == me else one.rep)
        return f"1on1 {called(other, visit.words.language) if other else ''}".strip()

    return Response(
        write(found, title, made_at=visit.now),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="1on1.ics"'},
    )


def show(visit: Visit) -> Response:
    return _show(visit)


def _show(visit: Visit, *, wrong: dict[str, str] | None = None, status: int = 200) -> Response:
    with visit.look() as state:
        pairs = {(one.manager, one.rep) for one in state.people.talk_events()}
    return visit.page("setup_calendar.html", status=status, wrong=wrong, pairs=len(pairs))


def take(visit: Visit) -> Response:
    """Take the 1on1s of calendar files; a file without any takes nothing away."""
    texts = [text for text in visit.form.all("file") if text.strip()]
    with visit.look() as state:
        members = state.people.members()
    try:
        found = [read(text, members) for text in texts]
    except CrmLoopError as error:
        return _show(visit, wrong=visit.sentence(error), status=422)
    events = [event for one in found for event in one.events]
    managers = sorted({one.manager for one in events})
    with visit.change() as state:
        if managers:
            state.people.set_talk_events(managers, events)
        finish(visit, state, "calendar", {"entries": len(events), "managers": len(managers)})
    return visit.go("setup_calendar", said="calendar" if events else "calendar_none")


def closed(visit: Visit) -> Response:
    """Days on which nobody works, beside the public holidays."""
    return _closed(visit, text=company_days.render(visit.own.holidays))


def _closed(
    visit: Visit, *, text: str, wrong: dict[str, str] | None = None, status: int = 200
) -> Response:
    return visit.page("setup_closed.html", status=status, wrong=wrong, text=text)


def set_closed(visit: Visit) -> Response:
    text = visit.form.get("text")
    try:
        days = company_days.parse(text)
    except CrmLoopError as error:
        return _closed(visit, text=text, wrong=visit.sentence(error), status=422)
    with visit.change() as state:
        state.connections.put_organisation(replace(visit.own, holidays=days))
        finish(visit, state, "closed", {"days": len(days)})
    return visit.go("setup", said="saved")

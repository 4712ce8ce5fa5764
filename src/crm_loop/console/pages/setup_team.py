"""Setting up what is about people: where the team stands, when the 1on1s are, who is in it."""

from collections.abc import Sequence
from datetime import time

from starlette.responses import Response

from crm_loop.access.roles import reports_of
from crm_loop.console.pages.setup import finish
from crm_loop.console.visit import Visit
from crm_loop.errors import CrmLoopError, WrongUsage
from crm_loop.learn.phrases import texts as learn_texts
from crm_loop.loop_records import Member, SelfAssessment, SlotLine
from crm_loop.setup import people_csv
from crm_loop.setup.doctor import examine_people
from crm_loop.setup.findings import worded

#: The article's three questions, in its order.
BOXES = ("kpi_not_operated", "one_on_one_ineffective", "disconnected")
WEEKDAYS = range(5)
MINUTES = (15, 30)
SPACINGS = (15, 30, 45, 60)


def boxes(visit: Visit) -> Response:
    """Ask what the team itself says about where it stands."""
    with visit.look() as state:
        answers = state.learnings.self_assessments()
    said = learn_texts()[visit.words.language]["boxes"]
    last = answers[-1] if answers else None
    shown = [(box, said[box], bool(last and getattr(last, box))) for box in BOXES]
    return visit.page("setup_boxes.html", boxes=shown)


def set_boxes(visit: Visit) -> Response:
    chosen = {box: box in visit.form.all("box") for box in BOXES}
    with visit.change() as state:
        state.learnings.assess(SelfAssessment(answered_on=visit.today, **chosen))
        finish(visit, state, "boxes", chosen)
    return visit.go("setup", said="saved")


def times(visit: Visit) -> Response:
    """One line a manager spreads the team over the day."""
    return _times(visit)


def _times(visit: Visit, *, wrong: dict[str, str] | None = None, status: int = 200) -> Response:
    with visit.look() as state:
        members = state.people.members()
        lines = {line.manager: line for line in state.people.slot_lines()}
    managers = _leading(members)
    return visit.page(
        "setup_times.html",
        status=status,
        wrong=wrong,
        managers=[
            (visit.name_of(one.person), one.name, count, lines.get(one.person))
            for one, count in managers
        ],
        weekdays=WEEKDAYS,
        minutes=MINUTES,
        spacings=SPACINGS,
    )


def set_times(visit: Visit) -> Response:
    """Keep the lines; a manager without a weekday has no 1on1s planned."""
    with visit.look() as state:
        managers = _leading(state.people.members())
    try:
        lines = [
            line
            for member, _ in managers
            if (line := _line(visit, member, visit.name_of(member.person))) is not None
        ]
    except ValueError:
        wrong = WrongUsage(
            "A time could not be read.",
            code="setup.time",
            kept="Nothing was changed.",
            do="Write times as 10:00.",
        )
        return _times(visit, wrong=visit.sentence(wrong), status=422)
    with visit.change() as state:
        state.people.set_slot_lines(lines)
        finish(visit, state, "times", {"managers": len(lines)})
    return visit.go("setup", said="saved")


def _line(visit: Visit, member: Member, name: str) -> SlotLine | None:
    """One manager's line; ValueError for what is no time."""
    form = visit.form
    weekday = form.get(f"weekday.{name}")
    if weekday not in {str(day) for day in WEEKDAYS}:
        return None
    minutes, spacing = int(form.get(f"minutes.{name}")), int(form.get(f"spacing.{name}"))
    if minutes not in MINUTES or spacing not in SPACINGS:
        raise ValueError
    return SlotLine(
        manager=member.person,
        weekday=int(weekday),
        first=time.fromisoformat(form.get(f"first.{name}")),
        minutes=minutes,
        spacing_minutes=max(minutes, spacing),
    )


def _leading(members: Sequence[Member]) -> list[tuple[Member, int]]:
    """Everybody who leads somebody, with how many."""
    counts: dict[str, int] = {}
    for one in members:
        if one.manager and one.active:
            counts[one.manager] = counts.get(one.manager, 0) + 1
    return [(one, counts[one.person]) for one in members if one.person in counts]


def people(visit: Visit) -> Response:
    """Who manages whom, where the CRM does not say it or says it wrongly."""
    return _people(visit)


def _people(visit: Visit, *, wrong: dict[str, str] | None = None, status: int = 200) -> Response:
    with visit.look() as state:
        members = state.people.members()
    findings = [worded(one, visit.words.language) for one in examine_people(members)]
    return visit.page(
        "setup_people.html",
        status=status,
        wrong=wrong,
        findings=findings,
        managers=[(one.name, count) for one, count in _leading(members)],
        columns=",".join(people_csv.COLUMNS),
    )


def set_people(visit: Visit) -> Response:
    """Take people.csv, or say that the CRM has it right."""
    text = visit.form.get("file") or visit.form.get("text")
    try:
        rows = people_csv.parse(text) if text else []
    except CrmLoopError as error:
        return _people(visit, wrong=visit.sentence(error), status=422)
    with visit.change() as state:
        count = state.people.import_rows(rows) if rows else 0
        finish(visit, state, "people", {"rows": count})
    return visit.go("setup", said="saved")


def pilot(visit: Visit) -> Response:
    """Which teams begin."""
    with visit.look() as state:
        members = state.people.members()
    return visit.page(
        "setup_pilot.html",
        teams=[
            (visit.name_of(one.person), one.name, count, _in_pilot(one.person, members))
            for one, count in _leading(members)
        ],
    )


def _in_pilot(manager: str, members: Sequence[Member]) -> bool:
    return any(one.pilot for one in members if one.manager == manager and one.active)


def set_pilot(visit: Visit) -> Response:
    chosen = set(visit.form.all("team"))
    with visit.change() as state:
        members = state.people.members()
        teams = [one for one, _ in _leading(members)]
        rows = [row for one in teams for row in _pilot_rows(visit, one, members, chosen)]
        state.people.import_rows(rows)
        finish(visit, state, "pilot", {"teams": len(chosen)})
    return visit.go("setup", said="saved")


def _pilot_rows(
    visit: Visit, manager: Member, members: Sequence[Member], chosen: set[str]
) -> list[dict[str, object]]:
    wanted = visit.name_of(manager.person) in chosen
    return [{"person": person, "pilot": wanted} for person in reports_of(manager.person, members)]

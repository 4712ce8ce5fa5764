"""CRM accounts: when they were read, what they cost, what is wrong; connecting and pausing."""

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from crm_loop.connector.discovery import profiles
from crm_loop.connector.profile import Profile
from crm_loop.console.drawings import laid_out
from crm_loop.console.known_profiles import profile_of
from crm_loop.console.pages import key_pairs
from crm_loop.console.visit import Missing, Visit
from crm_loop.errors import CrmLoopError, WrongUsage
from crm_loop.loop_records import Level
from crm_loop.queue import JobState
from crm_loop.records import Subject
from crm_loop.setup.connect import Wanted, connect, say_who_sees_tasks
from crm_loop.setup.doctor import examine
from crm_loop.setup.findings import worded
from crm_loop.setup.look import look
from crm_loop.setup.pausing import Wish, set_paused
from crm_loop.store import State
from crm_loop.store.connections import ConnectionRow
from crm_loop.store.listing import Calls

_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One account as the page shows it; moments are business time for pulls, real for jobs."""

    row: ConnectionRow
    pulled_at: datetime | None
    calls: Calls | None
    parked: list[str]
    people: int

    @property
    def account(self) -> str:
        """Which CRM and whose account, each once: an account may be named after its CRM."""
        known = profiles()
        crm = known[self.row.kind].name if self.row.kind in known else self.row.kind
        name = str(self.row.facts.get("account_name", ""))
        return name if name.startswith(crm) else f"{crm} {name}".strip()


def show(visit: Visit) -> Response:
    """All accounts, and whether anything is written at all."""
    with visit.look() as state:
        found = _all(visit, state)
    return visit.page(
        "connections.html", connections=found, writing=visit.own.writing, kinds=profiles()
    )


def _all(visit: Visit, state: State) -> list[Shown]:
    pulled = state.crm.pulled_at()
    calls = state.listing.calls(visit.app.clock().date())
    parked: dict[str, list[str]] = {}
    for job in state.jobs.all(JobState.PARKED):
        parked.setdefault(job.connection or "", []).append(job.last_error or "")
    return [
        Shown(
            row=row,
            pulled_at=pulled.get(row.name),
            calls=calls.get(row.name),
            parked=sorted(set(parked.get(row.name, []))),
            people=state.crm.count(row.name, Subject.PEOPLE),
        )
        for row in state.connections.all()
    ]


def check(visit: Visit) -> Response:
    """What the doctor finds now; asks the CRM."""
    row = _row(visit)
    language = visit.words.language
    try:
        seen = look(visit.app.door(visit.organisation), row.name)
    except CrmLoopError as error:
        findings = [_trouble(visit, row.name, error)]
    else:
        findings = [worded(one, language) for one in examine(seen)]
    return visit.page("check.html", name=row.name, findings=findings)


def _trouble(visit: Visit, name: str, error: CrmLoopError) -> dict[str, str]:
    said = visit.sentence(error)
    return {
        "connection": name,
        "code": error.code,
        "level": Level.BLOCKED.value,
        "title": said["happened"],
        "do": said["do"],
    }


def form(visit: Visit) -> Response:
    """Ask for what signs us in; what is kept already is not shown again."""
    kind = visit.query.get("kind", "")
    name = visit.query.get("name", "") or kind
    return _form(visit, kind, name=name, url=profile_of(kind).address)


def _form(visit: Visit, kind: str, *, status: int = 200, **facts: object) -> Response:
    crm, language = profile_of(kind), visit.words.language
    caption = visit.words.say("connect.drawn")
    pictures = {
        way.name: [laid_out(one, language, caption) for one in way.drawings] for way in crm.ways
    }
    shown = {"wrong": None, "pictures": pictures, "pair": key_pairs.kept(visit, kind), **facts}
    return visit.page("connect.html", status=status, kind=kind, crm=crm, **shown)


def add(visit: Visit) -> Response:
    """Sign in, make what is needed in the CRM, remember what it can do."""
    given = visit.form
    kind, name, url = given.get("kind"), given.get("name"), given.get("url")
    crm = profile_of(kind)
    try:
        wanted = Wanted(name=named(name), kind=kind, url=url, credentials=_credentials(visit, crm))
        connect(visit.app.door(visit.organisation), wanted)
    except CrmLoopError as error:
        wrong = visit.sentence(error)
        return _form(visit, kind, status=422, name=name, url=url, wrong=wrong)
    with visit.change() as state:
        state.key_pairs.remove(kind)
        visit.note(state, "connection.connected", name, kind)
    return visit.go("check", said="connected", name=name)


def named(name: str) -> str:
    """A name that a connection may have; WrongUsage for any other."""
    if not name or len(name) > _NAME or not name.replace("-", "").replace("_", "").isalnum():
        raise WrongUsage(
            "The name of a connection is made of letters, digits, - and _.",
            code="connection.name",
            kept="Nothing was connected.",
            do="Choose a short name, for example sales.",
        )
    return name


def _credentials(visit: Visit, crm: Profile) -> dict[str, str]:
    """The entries of the way that was filled in completely; WrongUsage when none was."""
    for way in crm.ways:
        values = {one.name: visit.form.get(f"{way.name}.{one.name}") for one in way.entries}
        if way.keys is not None and not values[way.keys.fills]:
            values[way.keys.fills] = _made_here(visit, visit.form.get("kind"))
        if all(values.values()):
            return values
    raise WrongUsage(
        "Some of what signs us in is missing.",
        code="connection.credentials_incomplete",
        kept="Nothing was connected.",
        do="Fill in all fields of one way to sign in.",
    )


def _made_here(visit: Visit, kind: str) -> str:
    pair = key_pairs.kept(visit, kind)
    return "" if pair is None else key_pairs.secret_of(visit, pair)


def say_tasks(visit: Visit) -> Response:
    """Keep an admin's answer: whether colleagues can see each other's tasks there."""
    row, answer = _row(visit), visit.form.get("tasks")
    if answer not in ("open", "private"):
        raise Missing
    say_who_sees_tasks(visit.app.door(visit.organisation), row.name, private=answer == "private")
    with visit.change() as state:
        visit.note(state, "connection.tasks_seen", row.name, answer)
    return visit.go("check", said="saved", name=row.name)


def pause(visit: Visit) -> Response:
    """Stop writing to one account or to all; takes hold within seconds."""
    return _set(visit, paused=True)


def resume(visit: Visit) -> Response:
    return _set(visit, paused=False)


def _set(visit: Visit, *, paused: bool) -> Response:
    only = visit.form.get("name") or None
    wish = Wish(only=only, paused=paused, by=visit.user.id)
    app = visit.app
    set_paused(app.begin, visit.organisation, wish, now=visit.now, clock=app.clock())
    app.bell.ring(app.claims.due(app.clock()))
    return visit.go("connections", said="paused" if paused else "going_on")


def pull(visit: Visit) -> Response:
    """Ask for a pull now; a worker does it."""
    row = _row(visit)
    with visit.change() as state:
        state.ask_for("pull", row.name, slot=visit.now, now=visit.app.clock())
        visit.note(state, "connection.pull_asked", row.name)
    visit.app.bell.ring(visit.app.claims.due(visit.app.clock()))
    return visit.go("connections", said="asked")


def _row(visit: Visit) -> ConnectionRow:
    with visit.look() as state:
        row = state.connections.get(visit.params["name"])
    if row is None:
        raise Missing
    return row

"""The steps of one turn, in the words of the job kinds; each may run twice without harm."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crm_loop.calendars import BusinessCalendar, local_date, monday_of, previous_week, week_of
from crm_loop.connector.contract import Connector
from crm_loop.loop_records import WriteKind
from crm_loop.store import Begin
from crm_loop.store.connections import ConnectionRow, Organisation
from crm_loop.tracing import traced

if TYPE_CHECKING:
    from crm_loop.digest.sending import Post
    from crm_loop.one_on_one.rewriting import Rewriter
    from crm_loop.write_back.writing import Writing

#: How many earlier weeks may still change when a turn is over.
WEEKS_BACK = 4

#: Who lets writes through where people have already agreed to each of them.
AGREED_RULE = "rule:agreed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a step needs of the house. `now` is business time, `clock` real time.

    `post` is a mail server where one is wanted, `letters_to_reps` whether reps get their week by
    it as well, `rewriter` says memos in other words where
    somebody has installed one.
    """

    begin: Begin
    organisation: str
    now: datetime
    connect: Callable[[str], Connector]
    clock: Callable[[], datetime]
    lease: timedelta
    post: "Post | None" = None
    letters_to_reps: bool = False
    rewriter: "Rewriter | None" = None

    def own(self) -> Organisation:
        with self.begin(self.organisation) as state:
            return state.connections.organisation()

    def calendar_of(self) -> Callable[[str], BusinessCalendar]:
        """Business days by country, without those on which the company is closed."""
        return self.own().calendar

    def connections(self) -> list[ConnectionRow]:
        with self.begin(self.organisation) as state:
            return state.connections.all()

    def week(self) -> str:
        return week_of(local_date(self.now, self.own().time_zone))

    def week_after(self) -> str:
        return week_of(local_date(self.now, self.own().time_zone) + timedelta(days=7))


@traced("pull")
def pull(
    turn: Turn, connection: str, *, full: bool = False, reconcile: bool = False
) -> dict[str, Any]:
    """Read one CRM and keep what it says of itself."""
    from crm_loop.cycle.mapping import map_stages
    from crm_loop.cycle.publishing import keep_facts
    from crm_loop.pull.service import Reading
    from crm_loop.pull.service import pull as read

    reading = Reading(
        connector=turn.connect(connection),
        begin=turn.begin,
        organisation=turn.organisation,
        connection=connection,
    )
    pulled = read(reading, full=full, reconcile=reconcile)
    keep_facts(turn, connection, pulled.capabilities)
    map_stages(turn.begin, turn.organisation, connection)
    return {"rows": pulled.rows, "removed": pulled.removed, "missing": pulled.missing}


@traced("measure")
def check(turn: Turn) -> dict[str, Any]:
    """Verify what was agreed, measure everybody as of yesterday; once a week learn from it."""
    from crm_loop.actions.review import review_actions
    from crm_loop.actions.verifying import verify
    from crm_loop.cycle.alerting import tell_managers
    from crm_loop.cycle.learning import learn_from
    from crm_loop.cycle.recounting import recount_flagged
    from crm_loop.kpi.service import measure

    yesterday = local_date(turn.now, turn.own().time_zone) - timedelta(days=1)
    changed = verify(
        turn.begin, turn.organisation, as_of=yesterday, now=turn.now, calendar_of=turn.calendar_of()
    )
    values = measure(turn.begin, turn.organisation, as_of=yesterday)
    recount_flagged(turn.begin, turn.organisation, as_of=yesterday)
    monday = monday_of(turn.week())
    with turn.begin(turn.organisation) as state:
        # A proposal has its week; silence keeps the target.
        state.insights.lapse(monday)
    review_actions(turn.begin, turn.organisation, weeks=weeks_back(turn), as_of=yesterday)
    tell_managers(turn, as_of=yesterday)
    learnt = learn_from(turn.begin, turn.organisation, as_of=yesterday)
    update(turn)
    return {
        "values": len(values),
        "actions_changed": len(changed),
        "learned_until": learnt.week if learnt else None,
    }


def prepare(turn: Turn) -> dict[str, Any]:
    """Write the memos that are due: theme, suggested steps, texts, intended writes."""
    from crm_loop.actions.service import suggest_steps
    from crm_loop.one_on_one.service import call_off, choose, compose, move

    own, private, pen = turn.own(), private_connections(turn), turn.rewriter
    calendar_of, made = own.calendar, 0
    for week in (turn.week(), turn.week_after()):
        known: dict[str, Any] = {"now": turn.now, "week": week, "calendar_of": calendar_of}
        move(turn.begin, turn.organisation, private=private, rewriter=pen, **known)
        choose(turn.begin, turn.organisation, **known)
        suggest_steps(turn.begin, turn.organisation, week=week, calendar_of=calendar_of)
        made += len(compose(turn.begin, turn.organisation, private=private, rewriter=pen, **known))
        # A manager may have called off what is only written now.
        call_off(
            turn.begin, turn.organisation, now=turn.now, week=week, private=private, rewriter=pen
        )
        plan_writes(turn, week)
    update(turn)
    return {"agendas": made}


def private_connections(turn: Turn) -> dict[str, bool]:
    """Where a task can be kept to its owner and those above."""
    return {row.name: bool(row.facts.get("private_tasks")) for row in turn.connections()}


def settle(turn: Turn) -> dict[str, Any]:
    """Take what people made of their memos, and make actions of what was agreed."""
    from crm_loop.actions.by_hand import take_up
    from crm_loop.actions.service import agree
    from crm_loop.cycle.marks import take_marks
    from crm_loop.one_on_one.service import settle as read_memos

    made, calendar_of = 0, turn.calendar_of()
    # First: a step that somebody made by hand is a trace of the 1on1.
    made += len(take_up(turn.begin, turn.organisation, now=turn.now, calendar_of=calendar_of))
    # The list of a week that begins on a Monday is there on the Friday before.
    if take_marks(turn, turn.week_after()):
        plan_writes(turn, turn.week_after())
    for week in (previous_week(turn.week()), turn.week()):
        take_marks(turn, week)
        with turn.begin(turn.organisation) as state:
            keys = [agenda.key for agenda in state.agendas.of_week(week)]
            seen = state.writes.seen(keys)
        known: dict[str, Any] = {"now": turn.now, "week": week, "calendar_of": calendar_of}
        read_memos(turn.begin, turn.organisation, seen=seen, **known)
        made += len(agree(turn.begin, turn.organisation, **known))
        plan_writes(turn, week)
    update(turn)
    return {"actions": made}


def plan_writes(turn: Turn, week: str) -> list[str]:
    """Intend everything of the week that people have let through; approved while writing is on."""
    from crm_loop.write_back import intents
    from crm_loop.write_back.hours import approve_by_rule
    from crm_loop.write_back.service import plan

    with turn.begin(turn.organisation) as state:
        members = {member.person: member for member in state.people.members()}
        agendas = [agenda for agenda in state.agendas.of_week(week) if agenda.text]
        overviews = state.agendas.overviews(week)
        actions = state.actions.of_week(week)
    own = turn.own()
    wanted = [
        *intents.memo_intents(agendas, members, own.calendar),
        *intents.overview_intents(overviews, members, own.calendar),
        *intents.action_intents(actions, members, own.calendar),
    ]
    run = f"{week}:{turn.now:%Y%m%dT%H%M}"
    planned = plan(turn.begin, turn.organisation, wanted, run=run)
    if own.writing:
        keys = [intent.key for intent in wanted]
        approve_by_rule(turn.begin, turn.organisation, keys, by=AGREED_RULE, at=turn.now)
    return planned


@traced("write")
def write(turn: Turn, connection: str) -> dict[str, Any]:
    """Send what is approved and due."""
    from crm_loop.budget.tenure import only_while
    from crm_loop.cycle.closing import close
    from crm_loop.cycle.publishing import publish_figures
    from crm_loop.write_back.hours import wait_for_work
    from crm_loop.write_back.service import apply

    wait_for_work(turn.begin, turn.organisation, connection, turn.calendar_of(), now=turn.now)
    writing = writing_to(turn, connection)
    written = apply(writing)
    closed = close(turn, writing)
    if written.by_kind[WriteKind.MEMO] and writing.may_write():
        with only_while(writing.may_write):
            publish_figures(turn, connection)
    update(turn)
    return {
        "closed": closed,
        "created": written.created,
        "updated": written.updated,
        "unchanged": written.unchanged,
        "refused": written.refused,
        "unknown": written.unknown,
    }


def writing_to(turn: Turn, connection: str) -> "Writing":
    """One CRM account, ready to be written to; NeedsAttention when there is none of that name."""
    from crm_loop.cycle.publishing import opened
    from crm_loop.write_back.writing import Writing

    # Connecting first says in words when there is no such account.
    connector = opened(turn, connection)
    row = next(row for row in turn.connections() if row.name == connection)
    return Writing(
        connector=connector,
        begin=turn.begin,
        organisation=turn.organisation,
        connection=connection,
        unique_key=bool(row.facts.get("unique_key")),
        clock=turn.clock,
        now=turn.now,
        lease=turn.lease,
        may_write=lambda: _may_write(turn, connection),
        another=lambda: opened(turn, connection),
    )


def reconcile(turn: Turn, connection: str) -> dict[str, Any]:
    """Read back what was written; mend late texts of ours and copies, within the hour."""
    from crm_loop.budget.tenure import only_while
    from crm_loop.cycle.publishing import follow_managers, publish_figures
    from crm_loop.write_back.verify import RECENT, Seen, mend, verify

    writing = writing_to(turn, connection)
    verified = verify(writing, since=turn.now - RECENT)
    mended = moved = 0
    if writing.may_write():
        mended = mend(writing, verified)
        with only_while(writing.may_write):
            moved = follow_managers(turn, connection)
            publish_figures(turn, connection)
    return {
        "stale": verified.count(Seen.STALE),
        "duplicates": sum(map(len, verified.duplicates.values())),
        "mended": mended,
        "shares_moved": moved,
    }


def _may_write(turn: Turn, connection: str) -> bool:
    """Asked before every batch, so that a pause takes hold at once."""
    with turn.begin(turn.organisation) as state:
        return state.connections.may_write(connection)


def listen(turn: Turn, connection: str) -> dict[str, Any]:
    """Read our own records back, and what people made by hand for a 1on1."""
    from crm_loop.cycle.listening import listen_to

    return listen_to(turn, connection)


def update(turn: Turn) -> None:
    """Bring the cycle records up to date."""
    from crm_loop.cycle.service import update_cycles

    update_cycles(turn.begin, turn.organisation, weeks=weeks_back(turn), now=turn.now)


def weeks_back(turn: Turn) -> list[str]:
    """The running week and those before it that may still change, latest first."""
    weeks = [turn.week()]
    while len(weeks) <= WEEKS_BACK:
        weeks.append(previous_week(weeks[-1]))
    return weeks

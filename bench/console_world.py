"""A console's world without any CRM: many reps, weeks that were copied, deals that moved.

Everything goes straight into the store: what is measured is reading it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from crm_loop.access.chain import seal
from crm_loop.bootstrap import App
from crm_loop.calendars import monday_of, week_of
from crm_loop.kpi.pipeline_history import packed, pipeline_of
from crm_loop.kpi.service import read_setting
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Agenda,
    AgendaState,
    FrozenValue,
    Intent,
    KpiValue,
    Origin,
    ProgressStatus,
    RecordLines,
    ValueStatus,
    Verify,
    VerifyRule,
    WriteKind,
)
from crm_loop.records import Deal, DealChange, DealField, Person, Subject
from crm_loop.store.audit import Entry, note
from crm_loop.store.connections import ConnectionRow, Organisation
from crm_loop.store.jobs import NewJob
from crm_loop.store.tables import metadata
from crm_loop.store.users import User

ORGANISATION = "default"
NOW = datetime(2026, 7, 6, 9, 30, tzinfo=UTC)
TEAM, WEEKS = 8, 78
#: Of each rep: half of them open, each with so many changes.
DEALS, CHANGES = 40, 3
#: Nights that have kept the pipeline.
NIGHTS = (NOW.date() - timedelta(days=30), NOW.date() - timedelta(days=1))
CLOSED = date(2025, 12, 1)
STAGES = ("qualify", "propose", "agree")
KPIS = ("bookings", "meetings_held", "next_step_hygiene", "pipeline_created", "stale_rate")


def seed(app: App, reps: int) -> None:
    managers = [f"m{n}@x.example" for n in range(-(-reps // TEAM))]
    people = [(f"r{n}@x.example", managers[n // TEAM]) for n in range(reps)]
    with app.begin(ORGANISATION) as state:
        own = Organisation(name=ORGANISATION, profile="standard", writing=True)
        state.connections.put_organisation(own)
        state.connections.put(ConnectionRow(name="salesforce", kind="salesforce", url="https://x"))
        rows = [_member(one, None, "Manager") for one in managers]
        state.people.import_rows(rows + [_member(rep, boss, "AE") for rep, boss in people])
        for id_, email, role in _accounts(people, managers):
            state.users.put(
                User(
                    organisation=ORGANISATION,
                    id=id_,
                    email=email,
                    name=email.partition("@")[0],
                    roles=(role,),
                    language="ja",
                    created_at=NOW,
                )
            )
    _week(app, people, monday_of(week_of(NOW.date())))
    for number in range(1, WEEKS):
        _again(app, number)
    for number, (rep, _) in enumerate(people):
        _sell(app, number, rep)
    _close(app, people)
    _keep_nights(app)
    seal(app.begin, ORGANISATION)
    with app.begin(ORGANISATION) as state:
        for number in range(2_000):
            state.jobs.add(NewJob(id=f"j{number}", kind="pull", connection="salesforce"), now=NOW)


def _accounts(
    people: Sequence[tuple[str, str]], managers: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """Everybody can sign in: id, e-mail and role; the first of each role is called as the role."""
    for role, emails in (
        ("manager", managers),
        ("rep", [rep for rep, _ in people]),
        ("admin", ["a@x.example"]),
        ("operator", ["o@x.example"]),
        ("auditor", ["u@x.example"]),
    ):
        for number, email in enumerate(emails):
            yield role if number == 0 else f"{role}-{number}", email, role


def _member(person: str, boss: str | None, role: str) -> dict[str, Any]:
    known = {"person": person, "name": person, "manager": boss, "role": role, "language": "ja"}
    return known | {"country": "JP", "leave": "", "pilot": True}


#: Table to what a copy of the running week has otherwise, some weeks earlier.
COPIES = {
    "kpi_value": {
        name: f"date({name}, :shift)" for name in ("as_of", "period_start", "period_end")
    },
    "kpi_records": {"as_of": "date(as_of, :shift)"},
    "agenda": {
        "week": ":week", "key": "key || :mark", "state": "'held'",
        "starts_at": "strftime(:form, starts_at, :shift)",
        "publish_at": "strftime(:form, publish_at, :shift)",
    },
    "action": {
        "week": ":week", "id": "id || :mark", "key": "key || :mark", "status": "'done'",
        "created_at": "strftime(:form, created_at, :shift)",
        "settled_at": "strftime(:form, created_at, :shift)", "due": "date(due, :shift)",
    },
    "write": {
        "week": ":week", "run": ":week", "key": "key || :mark", "state": "'confirmed'",
        "not_before": "strftime(:form, not_before, :shift)",
    },
    "audit": {"id": "id || :mark", "at": "strftime(:form, at, :shift)"},
}  # fmt: skip


def _again(app: App, number: int) -> None:
    """The same week once more, so many weeks earlier: copied where it stands."""
    week = week_of(NOW.date() - timedelta(weeks=number))
    values = {"shift": f"-{7 * number} days", "week": week, "mark": f"-{number}",
              "form": "%Y-%m-%d %H:%M:%S.000000", "recent": week_of(NOW.date())}  # fmt: skip
    with app.begin(ORGANISATION) as state:
        for name, changed in COPIES.items():
            columns = [column.name for column in metadata.tables[name].columns]
            into = ", ".join(f'"{column}"' for column in columns)
            new = ", ".join(changed.get(column, f'"{column}"') for column in columns)
            only = "WHERE week = :recent" if "week" in columns else f"WHERE {_original(name)}"
            state.connection.execute(
                text(f'INSERT INTO "{name}" ({into}) SELECT {new} FROM "{name}" {only}'), values
            )


def _original(name: str) -> str:
    """What was not copied itself."""
    last = (NOW.date() - timedelta(days=1)).isoformat()
    return f"as_of = '{last}'" if name != "audit" else "instr(id, '-') = 0"


def _week(app: App, people: Sequence[tuple[str, str]], monday: date) -> None:
    week, sunday = week_of(monday), min(monday + timedelta(days=6), NOW.date() - timedelta(days=1))
    at = datetime.combine(monday + timedelta(days=1), NOW.timetz())
    with app.begin(ORGANISATION) as state:
        state.figures.keep(sunday, [_value(rep, kpi, sunday) for rep, _ in people for kpi in KPIS])
        state.agendas.put(_agenda(rep, boss, week, at) for rep, boss in people)
        state.actions.put(_action(rep, boss, week, at) for rep, boss in people)
        state.writes.plan([_intent(rep, week, at) for rep, _ in people], run=week)
        note(
            state,
            [Entry(actor="worker", what="write.confirm", subject=rep, at=at) for rep, _ in people],
        )


def _value(rep: str, kpi: str, day: date) -> KpiValue:
    start = day.replace(day=1)
    end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    lines = "\n".join(f"salesforce\tactivity\t{n}" for n in range(12))
    return KpiValue(
        person=rep, kpi=kpi, period_start=start, period_end=end, as_of=day, value=4.0,
        numerator=4.0, denominator=12.0, n=12, value_status=ValueStatus.OK,
        progress=ProgressStatus.ON_TRACK, target=12.0, expected_to_date=3.0,
        projection=(7.0, 10.0, 14.0), usual=3.0, last_week=4.0,
        records=RecordLines(lines, "110110110110"),
    )  # fmt: skip


def _close(app: App, people: Sequence[tuple[str, str]]) -> None:
    """A month of last year was closed; of the last ones nothing is known but the records."""
    amounts = {f"salesforce:deal:{n}": 1_000.0 * n for n in range(12)}
    with app.begin(ORGANISATION) as state:
        state.frozen.keep(
            [
                FrozenValue(
                    person=rep, kpi="bookings", period_start=CLOSED, frozen_on=date(2026, 1, 9),
                    period_end=CLOSED + timedelta(days=30), rebuilt=False, value=66_000.0, n=12,
                    numerator=66_000.0, denominator=None, value_status="ok", amounts=amounts,
                )
                for rep, _ in people
            ]
        )  # fmt: skip


def _keep_nights(app: App) -> None:
    for night in NIGHTS:
        pipeline = pipeline_of(read_setting(app.begin, ORGANISATION, night).frames)
        with app.begin(ORGANISATION) as state:
            state.frozen.keep_pipeline(night, packed(pipeline), whole=True)


def _agenda(rep: str, boss: str, week: str, at: datetime) -> Agenda:
    memo = "1on1メモ\n▼話したいこと：\n1. よかったこと（2分）\n ・何がよかったと思いますか？\n" * 4
    return Agenda(
        rep=rep, manager=boss, week=week, starts_at=at, publish_at=at - timedelta(days=1),
        minutes=15, language="ja", connection="salesforce", key=f"a-{rep}-{week}",
        subject="1on1メモ", text=memo, manager_text=memo,
        state=AgendaState.READY if at > NOW else AgendaState.HELD,
    )  # fmt: skip


def _action(rep: str, boss: str, week: str, at: datetime) -> Action:
    recent = NOW - at < timedelta(weeks=1)
    return Action(
        id=f"t-{rep}-{week}", key=f"t-{rep}-{week}", who=rep, manager=boss, week=week,
        origin=Origin.REP, text="A社へ電話する", due=at.date(), created_at=at,
        verify=VerifyRule(kind=Verify.CLOSED_TASK), connection="salesforce",
        status=ActionStatus.OPEN if recent else ActionStatus.DONE,
        settled_at=None if recent else at,
    )  # fmt: skip


def _intent(rep: str, week: str, at: datetime) -> Intent:
    return Intent(
        key=f"a-{rep}-{week}", connection="salesforce", kind=WriteKind.MEMO, person=rep,
        owner_id="005", subject="1on1メモ", body="本文", due=at.date(), reason="memo",
        not_before=at, week=week,
    )  # fmt: skip


def _sell(app: App, number: int, rep: str) -> None:
    """The deals of one rep, created and moved over eighteen months."""
    owner, deals, changes = f"005{number:06d}", [], []
    for one in range(DEALS):
        created = NOW - timedelta(days=(one * 13 + number) % (7 * WEEKS))
        id_, is_closed = f"006{number:06d}{one:03d}", one % 2 == 0
        close = (created + timedelta(days=45)).date()
        deals.append(
            Deal(
                id=id_, name=f"案件{one}", owner_id=owner, account_id=None, pipeline="default",
                stage=STAGES[one % 3], is_closed=is_closed, is_won=one % 4 == 0,
                amount=Decimal(100_000 * (one + 1)), currency="JPY", close_date=close,
                created_at=created, modified_at=created,
            )
        )  # fmt: skip
        values = ((DealField.STAGE, STAGES[one % 3]), (DealField.AMOUNT, str(90_000 * (one + 1))),
                  (DealField.CLOSE_DATE, close.isoformat()))  # fmt: skip
        changes += [
            DealChange(id=f"{id_}{at}", deal_id=id_, at=created + timedelta(days=9 * at), field=of,
                       value=value)
            for at, (of, value) in enumerate(values[:CHANGES])
        ]  # fmt: skip
    with app.begin(ORGANISATION) as state:
        person = Person(id=owner, email=rep, name=rep)
        state.crm.remember("salesforce", Subject.PEOPLE, [person])
        state.crm.remember("salesforce", Subject.DEALS, deals)
        state.crm.remember("salesforce", Subject.CHANGES, changes)

"""Two companies in one store, everybody with an account, and browsers that are signed in."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from canaries import PLANTED
from starlette.testclient import TestClient

from crm_loop.access.roles import ConsoleRole
from crm_loop.bootstrap import App
from crm_loop.connector.contract import Connector
from crm_loop.console.forms import csrf_of
from crm_loop.errors import Transient
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Intent,
    KpiValue,
    ProgressStatus,
    RecordRef,
    ValueStatus,
    WriteKind,
)
from crm_loop.settings import Settings
from crm_loop.store.connections import ConnectionRow, Organisation
from crm_loop.store.users import User

ADDRESS = "http://127.0.0.1:8710"
#: A Monday, early in the month, before the week's 1on1s.
NOW = datetime(2026, 7, 6, 9, 30, tzinfo=UTC)
WEEK = "2026-W28"
PASSWORD = "a long walk by the sea"

#: Company to its people: address, name, who leads them.
COMPANIES = {
    "acme": [
        ("boss@acme.example", "中村 彩", None, "Manager"),
        ("lead@acme.example", "吉田 香織", "boss@acme.example", "Manager"),
        ("rep@acme.example", "池田 彩", "lead@acme.example", "AE"),
        ("peer@acme.example", "Emma King", "lead@acme.example", "AE"),
        ("other.lead@acme.example", "山田 美咲", "boss@acme.example", "Manager"),
        ("far@acme.example", "林 彩", "other.lead@acme.example", "AE"),
    ],
    "rival": [
        ("lead@rival.example", "Paul Okafor", None, "Manager"),
        ("rep@rival.example", "Isla Larsen", "lead@rival.example", "AE"),
    ],
}
#: Who signs in as what.
ROLES = {
    "boss@acme.example": ConsoleRole.MANAGER,
    "lead@acme.example": ConsoleRole.MANAGER,
    "rep@acme.example": ConsoleRole.REP,
    "peer@acme.example": ConsoleRole.REP,
    "other.lead@acme.example": ConsoleRole.MANAGER,
    "admin@acme.example": ConsoleRole.ADMIN,
    "operator@acme.example": ConsoleRole.OPERATOR,
    "auditor@acme.example": ConsoleRole.AUDITOR,
    "lead@rival.example": ConsoleRole.MANAGER,
    "rep@rival.example": ConsoleRole.REP,
    "admin@rival.example": ConsoleRole.ADMIN,
}


AWAY = "The CRM is away."


def away(*_arguments: object) -> Connector:
    raise Transient(AWAY)


def is_mistake(answer: Any) -> bool:
    """Whether an answer is a mistake of ours; that the CRM is away, as it is here, is none."""
    meant = answer.status_code == 503 and AWAY in answer.text
    return answer.status_code >= 500 and not meant


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser of one user; forms carry what our own pages put into them."""

    client: TestClient
    csrf: str

    def get(self, path: str, **options: Any) -> Any:
        return _looked_at(self.client.get(path, **options))

    def post(self, path: str, **values: Any) -> Any:
        return _looked_at(self.client.post(path, data={"csrf": self.csrf, **values}))


def _looked_at(answer: Any) -> Any:
    PLANTED.seen(f"{answer.request.method} {answer.request.url.path}", answer.text)
    return answer


@dataclass(frozen=True, slots=True)
class House:
    """The console over a store, and who is in it."""

    app: App = field(compare=False)
    served: Any = field(compare=False)
    id: str = field(default_factory=lambda: uuid4().hex)

    def user(self, email: str) -> User:
        with self.app.look(email.partition("@")[2].partition(".")[0]) as state:
            return next(u for u in state.users.page(offset=0, limit=50) if u.email == email)

    def browser(self, email: str | None = None) -> Browser:
        client = TestClient(self.served, base_url=ADDRESS, follow_redirects=False)
        if email is None:
            return Browser(client, "")
        cookie = self.app.doorkeeper.open(self.user(email))
        client.cookies.set("crm_loop_session", cookie)
        return Browser(client, csrf_of(cookie))

    def name_of(self, organisation: str, person: str) -> str:
        """What stands for a person in an address."""
        return self.app.seal.fingerprint(f"person|{organisation}|{person}")

    def person(self, email: str) -> str:
        return self.name_of(email.partition("@")[2].partition(".")[0], email)


def settings_of(folder: Path, **more: Any) -> Settings:
    clock = folder / "clock"
    clock.write_text(NOW.isoformat(), encoding="utf-8")
    settings = {
        "database_url": f"sqlite:///{folder / 'crm_loop.db'}",
        "secret_key_file": folder / "key",
        "clock_file": clock,
        "redis_url": "none",
        "_env_file": None,
        **more,
    }
    return Settings(**settings)


def company(app: App, organisation: str, people: list[tuple[str, str, str | None, str]]) -> None:
    with app.begin(organisation) as state:
        own = Organisation(name=organisation, profile="starter", writing=True)
        state.connections.put_organisation(own)
        state.connections.put(ConnectionRow(name="salesforce", kind="salesforce", url="https://x"))
        state.people.import_rows([_row(*one) for one in people])
        reps = [(email, boss) for email, _, boss, role in people if role == "AE"]
        day = (NOW - timedelta(days=1)).date()
        state.figures.keep(day, [v for email, _ in reps for v in values(email, day)])
        state.agendas.put(agenda(email, boss or "", organisation) for email, boss in reps)
        state.writes.plan([_intent(organisation, email) for email, _ in reps], run="run-1")


def _row(email: str, name: str, boss: str | None, role: str) -> dict[str, Any]:
    language = "en" if name.isascii() else "ja"
    known = {"person": email, "name": name, "manager": boss, "role": role, "language": language}
    return known | {"country": "JP", "leave": "", "pilot": True}


def values(person: str, day: date) -> list[KpiValue]:
    """The three figures of the first profile."""
    common = {
        "person": person,
        "period_start": date(2026, 7, 1),
        "period_end": date(2026, 7, 31),
        "as_of": day,
        "value_status": ValueStatus.OK,
    }
    held = RecordRef(connection="salesforce", object="activity", id="00U1")
    return [
        KpiValue(kpi="bookings", value=1_200_000.0, numerator=1_200_000.0, denominator=None, n=1,
                 target=4_000_000.0, progress=ProgressStatus.AT_RISK, expected_to_date=500_000.0,
                 projection=(900_000.0, 2_500_000.0, 4_900_000.0), **common),
        KpiValue(kpi="meetings_held", value=4.0, numerator=4.0, denominator=None, n=4, target=12.0,
                 progress=ProgressStatus.ON_TRACK, expected_to_date=2.2, usual=3.0, last_week=4.0,
                 projection=(7.0, 10.2, 14.0), records=(held,), **common),
        KpiValue(kpi="next_step_hygiene", value=2 / 13, numerator=2.0, denominator=13.0, n=13,
                 target=0.7, progress=ProgressStatus.OFF_TRACK, **common),
    ]  # fmt: skip


def agenda(rep: str, manager: str, organisation: str, **more: Any) -> Agenda:
    """A memo for Tuesday at ten."""
    text = f"1on1メモ {rep}\n▼話したいこと：\n1. よかったこと（2分）\n ・何がよかったと思いますか？"
    known: dict[str, Any] = {
        "rep": rep,
        "manager": manager,
        "week": WEEK,
        "starts_at": NOW + timedelta(days=1),
        "publish_at": NOW,
        "minutes": 15,
        "language": "ja",
        "connection": "salesforce",
        "key": f"cl1a-{organisation}-{rep}",
        "subject": f"1on1メモ {rep}",
        "text": text,
        "manager_text": f"{text}\n――上長用（メモには載りません）\n"
        "予備のテーマ：これから伸ばしたいこと",
        "state": AgendaState.READY,
    }
    return Agenda(**(known | more))


def _intent(organisation: str, person: str) -> Intent:
    return Intent(
        key=f"cl1a-{organisation}-{person}",
        connection="salesforce",
        kind=WriteKind.MEMO,
        person=person,
        owner_id="005",
        subject=f"1on1メモ {person}",
        body="ひみつの本文",
        due=NOW.date(),
        reason="memo",
        not_before=NOW,
        week=WEEK,
    )


def account(app: App, email: str, role: ConsoleRole) -> None:
    organisation = email.partition("@")[2].partition(".")[0]
    with app.begin(organisation) as state:
        state.users.put(
            User(
                organisation=organisation,
                id=f"{role}-{email}"[:32],
                email=email,
                name=email.partition("@")[0],
                roles=(role.value,),
                language="ja",
                created_at=NOW,
            )
        )

"""An org with the whole package: one week, from the memo on a session to the to-do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
import tables

from crm_loop.bootstrap import App, build
from crm_loop.calendars import monday_of
from crm_loop.connector.publishing import Publisher
from crm_loop.cycle import turn as steps
from crm_loop.loop_records import Agenda, AgendaState, WriteState
from crm_loop.settings import Settings
from crm_loop.setup import people_csv
from crm_loop.setup.doctor import examine
from crm_loop.setup.look import look
from crm_loop_workers.demo.sandbox import Sandbox
from crm_loop_workers.demo.setting_up import ORGANISATION, set_up

PACKAGE = Path(__file__).parents[2] / "connectors" / "salesforce" / "force-app"
WEEK, CRM = "2026-W24", "salesforce"
DATA = "/services/data/v67.0"
pytestmark = pytest.mark.slow

SESSION, ITEM, SHARE = "CrmLoop_Session__c", "CrmLoop_Agenda_Item__c", "CrmLoop_Session__Share"
FIGURE = "CrmLoop_KPI_Snapshot__c"


@dataclass(frozen=True, slots=True)
class Org:
    """Our house beside a served org, and everybody who can sign in there."""

    app: App
    sandbox: Sandbox
    clock: Path

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        monday = monday_of(WEEK) + timedelta(days=days)
        zone = ZoneInfo(self.sandbox.get("/__truth")["time_zone"])
        return datetime(monday.year, monday.month, monday.day, hour, minute, tzinfo=zone)

    def stand_at(self, now: datetime) -> steps.Turn:
        self.sandbox.move_clock(now)
        self.clock.write_text(now.isoformat(), encoding="utf-8")
        return self.app.turn(ORGANISATION)

    def agendas(self) -> list[Agenda]:
        with self.app.begin(ORGANISATION) as state:
            return [one for one in state.agendas.of_week(WEEK) if one.connection == CRM]

    def user(self, email: str) -> dict[str, str]:
        found: dict[str, str] = self.sandbox.get(f"/__access?user={email}")[CRM]
        return found

    def rows(self, table: str, *fields: str, email: str = "") -> list[dict[str, Any]]:
        """What somebody sees of an object; without a name, what an admin sees."""
        access = self.user(email or self.sandbox.get("/__access")[CRM]["username"])
        answer = requests.get(
            f"{access['instance_url']}{DATA}/query",
            params={"q": f"SELECT Id, {', '.join(fields)} FROM {table}"},  # noqa: S608 - our names
            headers={"Authorization": f"Bearer {access['access_token']}"},
            timeout=20,
        )
        assert answer.ok, answer.text
        return [{name: row[name] for name in ("Id", *fields)} for row in answer.json()["records"]]

    def types(self, email: str, table: str, record_id: str, **fields: Any) -> None:
        access = self.user(email)
        requests.patch(
            f"{access['instance_url']}{DATA}/sobjects/{table}/{record_id}",
            json=fields,
            headers={"Authorization": f"Bearer {access['access_token']}"},
            timeout=20,
        ).raise_for_status()

    def opened_to(self, session_id: str) -> list[str]:
        """Users to whom a session was shared by hand."""
        shares = self.rows(SHARE, "ParentId", "UserOrGroupId", "RowCause")
        mine = [row for row in shares if row["ParentId"] == session_id]
        return [row["UserOrGroupId"] for row in mine if row["RowCause"] == "Manual"]

    def session_of(self, agenda: Agenda) -> dict[str, Any]:
        rows = self.rows(SESSION, "CrmLoop_Key__c", "Summary__c", "OwnerId", "Manager__c")
        (found,) = [row for row in rows if row["CrmLoop_Key__c"] == agenda.key]
        return found


@pytest.fixture(scope="module")
def served(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(
        reps=8,
        weeks=6,
        start=monday_of(WEEK),
        rate_limits="off",
        package="full",
        package_dir=PACKAGE,
    )


@pytest.fixture
def org(served: Any, tmp_path: Path) -> Iterator[Org]:
    """Monday nine o'clock: memos stand in the org."""
    served.post("/__reset")
    sandbox = Sandbox(served.url)
    clock = tmp_path / "clock"
    clock.write_text(sandbox.get("/__clock")["now"], encoding="utf-8")
    settings = Settings(
        database_url=f"sqlite:///{tables.on_file(tmp_path / 'crm_loop.db')}",
        secret_key_file=tmp_path / "key",
        allow_loopback_crm=True,
        clock_file=clock,
    )
    app = build(settings)
    set_up(app, sandbox, profile="standard", extra={"calls_per_second": 500})
    org = Org(app, sandbox, clock)
    turn = org.stand_at(org.at(0, 6))
    steps.pull(turn, CRM)
    steps.check(turn)
    turn = org.stand_at(org.at(0, 9))
    steps.prepare(turn)
    steps.write(turn, CRM)
    yield org
    app.close()


def listened(org: Org, now: datetime) -> dict[str, Agenda]:
    """What the loop knows after a look at the org; by key."""
    turn = org.stand_at(now)
    steps.listen(turn, CRM)
    steps.settle(turn)
    steps.write(turn, CRM)
    return {one.key: one for one in org.agendas()}


def test_a_memo_is_a_session_of_its_rep_and_no_task(org: Org) -> None:
    agendas = org.agendas()
    assert agendas
    for agenda in agendas:
        session = org.session_of(agenda)
        assert session["Summary__c"] == agenda.text
    tasks = org.rows("Task", "CrmLoop_Key__c")
    assert {row["CrmLoop_Key__c"] for row in tasks}.isdisjoint(one.key for one in agendas)


def test_topics_and_figures_stand_beside_the_memo(org: Org) -> None:
    titles = {row["Title__c"] for row in org.rows(ITEM, "Title__c")}
    for agenda in org.agendas():
        topics = [one for block in agenda.blocks if block.code == "theme" for one in block.topics]
        assert {one.fact for one in topics} <= titles
    figures = org.rows(FIGURE, "OwnerId", "Rep__c", "Target__c", "Is_Latest__c")
    assert figures
    assert all(row["OwnerId"] == row["Rep__c"] and row["Is_Latest__c"] for row in figures)


@pytest.mark.parametrize("confirmed", [False, True])
def test_who_can_open_a_memo_is_who_its_last_line_names(org: Org, *, confirmed: bool) -> None:
    """The org's own answer; before an admin has confirmed it, people above are named too."""
    if confirmed:
        confirm(org)
    agenda = org.agendas()[0]
    session = org.session_of(agenda)
    emails = {row["Id"]: row["Email"] for row in org.rows("User", "Email")}
    readers = {
        user
        for user, email in emails.items()
        if "sandbox.example" not in email
        and session["Id"] in {row["Id"] for row in org.rows(SESSION, "Name", email=email)}
    }
    assert {emails[one].lower() for one in readers} == {agenda.rep, agenda.manager}
    last = agenda.text.splitlines()[-1]
    above = "上位の役職" if agenda.language == "ja" else "above"
    assert (above in last) is not confirmed, last


def confirm(org: Org) -> None:
    """An admin says that nobody above opens our objects, and the memos are made afresh."""
    with org.app.begin(ORGANISATION) as state:
        row = state.connections.get(CRM)
        assert row is not None
        state.connections.put(replace(row, settings={**row.settings, "own_objects_private": True}))
    turn = org.stand_at(org.at(0, 10))
    steps.pull(turn, CRM)
    with org.app.begin(ORGANISATION) as state:
        drafts = [replace(one, state=AgendaState.DRAFT) for one in state.agendas.of_week(WEEK)]
        state.agendas.put(drafts)
    steps.prepare(turn)
    steps.write(turn, CRM)


def test_what_a_rep_types_beside_the_memo_is_a_task_after_the_talk(org: Org) -> None:
    agenda = org.agendas()[0]
    session = org.session_of(agenda)
    org.stand_at(org.at(1, 9))
    typed = {"Rep_Topic__c": "値引きの相談", "Next_Step__c": "A社に電話して次回の日程を決める",
             "Next_Step_Due__c": "2026-06-12", "Wanted_Response__c": "think_along"}  # fmt: skip
    org.types(agenda.rep, SESSION, session["Id"], **typed)
    after = listened(org, org.at(1, 17, 30))[agenda.key]
    assert (after.state, after.rep_topic) == (AgendaState.HELD, "値引きの相談")
    assert after.wanted_response == "think_together"
    subjects = [row["Subject"] for row in org.rows("Task", "Subject", "CrmLoop_Key__c")]
    assert any("A社に電話して次回の日程を決める" in str(one) for one in subjects), subjects


def test_what_somebody_worked_on_is_only_read_but_opens_to_a_new_manager(org: Org) -> None:
    first = org.agendas()[0]
    session = org.session_of(first)
    org.types(first.rep, SESSION, session["Id"], Rep_Topic__c="値引きの相談")
    _, user = new_manager(org, first)
    with org.app.begin(ORGANISATION) as state:
        state.agendas.put([replace(first, text=f"{first.text}\n")])
    turn = org.stand_at(org.at(0, 11))
    steps.plan_writes(turn, WEEK)
    steps.write(turn, CRM)
    steps.reconcile(turn, CRM)
    assert org.session_of(first)["Summary__c"] == session["Summary__c"]
    assert org.opened_to(session["Id"]) == [user]


def test_an_untouched_memo_names_the_new_manager(org: Org) -> None:
    agenda = org.agendas()[0]
    before = org.session_of(agenda)
    _, user = new_manager(org, agenda)
    turn = org.stand_at(org.at(0, 11))
    steps.prepare(turn)
    steps.write(turn, CRM)
    after = org.session_of(agenda)
    assert after["Summary__c"].splitlines()[-1] != before["Summary__c"].splitlines()[-1]
    assert after["Manager__c"] == user
    assert org.opened_to(after["Id"]) == [user]


def new_manager(org: Org, agenda: Agenda) -> tuple[str, str]:
    """Give a rep another manager; who that is, and as which user."""
    with org.app.begin(ORGANISATION) as state:
        members = {one.person: one for one in state.people.members() if CRM in one.accounts}
        other = next(one for one in members if one not in (agenda.rep, agenda.manager))
        listed = people_csv.parse(org.sandbox.text("/__truth?file=people.csv"))
        state.people.import_rows(
            row | {"manager": other} for row in listed if row["person"] == agenda.rep
        )
    return other, members[other].accounts[CRM]


def test_a_deleted_session_is_not_made_again(org: Org) -> None:
    agenda = org.agendas()[0]
    act = {"actor": agenda.rep, "do": "delete", "key": agenda.key, "face": CRM}
    org.sandbox.post("/__people", act)
    listened(org, org.at(1, 9))
    with org.app.begin(ORGANISATION) as state:
        write = state.writes.get(agenda.key)
    assert write is not None
    assert write.state is WriteState.DISMISSED
    assert agenda.key not in {row["CrmLoop_Key__c"] for row in org.rows(SESSION, "CrmLoop_Key__c")}


def test_simulated_people_use_the_fields(org: Org) -> None:
    org.stand_at(org.at(0, 9, 30))
    org.sandbox.turn_until(org.at(1, 17, 30))
    after = listened(org, org.at(1, 17, 30))
    assert any(one.next_steps for one in after.values())
    typed = org.rows(SESSION, "Next_Step__c", "Rep_Topic__c")
    assert any(row["Next_Step__c"] for row in typed)


def test_the_doctor_names_the_level_and_who_is_above(org: Org) -> None:
    seen = look(org.app.door(ORGANISATION), CRM)
    codes = {one.code for one in examine(seen)}
    assert "writes.level_2" in codes
    assert isinstance(org.app.connect(ORGANISATION, CRM), Publisher)
    assert {"writes.above_closed", "writes.above_ask"} & codes == {"writes.above_closed"}

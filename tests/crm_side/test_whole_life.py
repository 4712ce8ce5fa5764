"""Install, check, use, uninstall at every level and tier: what people touched stays, no more."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from crm_loop.bootstrap import App, build
from crm_loop.calendars import monday_of, week_of
from crm_loop.kpi.catalogue import catalogue
from crm_loop.loop_records import SlotLine, WriteKind, WriteState
from crm_loop.settings import load_settings
from crm_loop.setup import people_csv, targets_csv
from crm_loop.store.connections import Organisation
from crm_loop.wording import words

pytestmark = [pytest.mark.slow, pytest.mark.long(12)]

ORGANISATION, ADMIN = "default", "admin@sandbox.example"
PACKAGED = ("CrmLoop_KPI__c", "CrmLoop_KPI_Snapshot__c", "CrmLoop_Agenda_Item__c")
PROPERTIES = "crm/properties/2026-03/tasks"
LIVES = (
    *(("salesforce", {"package": "none", "level": level}) for level in (0, 1, 2)),
    *(("hubspot", {"tier": tier}) for tier in ("free", "starter", "pro", "enterprise")),
    ("hubspot", {"tier": "pro", "tasks_private": True}),
)
#: What somebody writes under 決めたこと, or into the field of that meaning.
STEP = "A社に電話して次回の日程を決める"


class Life:
    """One account, from before anything of ours was in it."""

    def __init__(self, server: Any, desk: Any, crm: str, how: dict[str, Any]) -> None:
        self.server, self.desk, self.crm, self.how = server, desk, crm, how
        self.began = datetime.fromisoformat(server.get("/__clock")["now"])

    def described(self) -> Any:
        """All that the CRM says of itself, but how recently it was asked."""
        if self.crm == "salesforce":
            return self.desk.described()
        access = self.server.get("/__access")["hubspot"]
        headers = {"Authorization": f"Bearer {access['access_token']}"}
        kinds = (PROPERTIES, f"{PROPERTIES}/groups")
        return [
            requests.get(f"{self.server.url}/{one}", headers=headers, timeout=20).json()
            for one in kinds
        ]

    def state(self) -> Any:
        return self.server.get("/__state")[self.crm]

    def install(self) -> None:
        if self.crm == "hubspot":
            self.desk.connect("hubspot", **self.how)
            said = self.desk("hubspot", "install", "--json")
            assert said.code == 0, said.out
            return
        level = self.how["level"]
        if level:
            user = ("--integration-user", self.desk.integration_user)
            listed = self.desk.folder / "people.csv"
            listed.write_text(self.people(), "utf-8")
            more = ("--people", str(listed), *self.every_unit()) if level == 2 else ()
            said = self.desk.salesforce("install", "--level", str(level), *user, *more)
            assert said.code == 0, said.out
        self.desk.connect("salesforce")

    def people(self) -> str:
        return requests.get(f"{self.server.url}/__truth?file=people.csv", timeout=20).text

    def check(self) -> None:
        said = self.desk(self.crm, "check", "--json")
        assert said.code == 0, said.out
        if self.crm == "salesforce":
            assert said.data["level"] == self.how["level"]

    def every_unit(self) -> tuple[str, ...]:
        """Options that add Japanese, reports and the sign-in app to the core."""
        pair = self.desk("salesforce", "keygen", "--output", str(self.desk.folder / "keys"),
                         "--json")  # fmt: skip
        certificate = str(self.desk.folder / pair.data["certificate"])
        app = ("--certificate", certificate, "--contact", "admin@example.com")
        return "--japanese", "--analytics", *app

    def agrees(self, memo: Any, language: str) -> None:
        """A rep writes a step into the memo, or beside it where that has a field."""
        if self.how.get("level") == 2:
            self.change(f"CrmLoop_Session__c/{memo.crm_id}", memo.person, Next_Step__c=STEP)
            return
        label = words(language).say("memo.agreed")
        lines = memo.written_body.splitlines()
        place = lines.index(label)
        body = "\n".join([*lines[: place + 1], STEP, *lines[place + 1 :]])
        self.edit(memo, body=f"{body}{self.last_line(memo.key)}")

    def edit(self, row: Any, **fields: str) -> None:
        self.server.post("/__people", {"actor": row.person, "do": "edit", "key": row.key,
                                       "face": self.crm, "fields": fields})  # fmt: skip

    def change(self, record: str, person: str, **fields: str) -> None:
        said = requests.patch(
            f"{self.server.url}/services/data/v67.0/sobjects/{record}",
            json=fields,
            headers={"Authorization": f"Bearer {self.desk.token(person)}"},
            timeout=20,
        )
        assert said.ok, said.text

    def tasks(self) -> dict[str, Any]:
        """Every living task of the CRM by its id, with its words, whoever made it."""
        if self.crm == "salesforce":
            query = "SELECT Id, Subject, Description, Status, OwnerId FROM Task"
            rows = self.desk.get("query", ADMIN, q=query)["records"]
            return {row["Id"]: [row[name] for name in row if name != "attributes"] for row in rows}
        access = self.server.get("/__access")["hubspot"]
        headers = {"Authorization": f"Bearer {access['access_token']}"}
        names = "hs_task_subject,hs_task_body,hs_task_status,hubspot_owner_id"
        found: dict[str, Any] = {}
        params: dict[str, Any] = {"limit": 100, "properties": names}
        while True:
            answer = requests.get(f"{self.server.url}/crm/objects/2026-03/tasks", params=params,
                                  headers=headers, timeout=20).json()  # fmt: skip
            for row in answer["results"]:
                found[row["id"]] = [row["properties"].get(one) for one in names.split(",")]
            if "paging" not in answer:
                return found
            params["after"] = answer["paging"]["next"]["after"]

    def payloads(self) -> list[str]:
        """What is kept beside the memos for the page of a portal."""
        access = self.server.get("/__access")["hubspot"]
        answer = requests.get(f"{self.server.url}/crm/objects/2026-03/tasks",
                              params={"limit": 100, "properties": "crm_loop_payload"},
                              headers={"Authorization": f"Bearer {access['access_token']}"},
                              timeout=20).json()  # fmt: skip
        return [one["properties"].get("crm_loop_payload") or "" for one in answer["results"]]

    def last_line(self, key: str) -> str:
        """Where our key has no field of its own, whoever types leaves its line where it is."""
        return "" if self.has_field else f"\n{key}"

    @property
    def has_field(self) -> bool:
        """Whether our key stands in a field, which goes when we go."""
        return self.how.get("tier") != "free" and self.how.get("level") != 0

    def uninstall(self) -> Any:
        if self.crm == "hubspot":
            return self.desk("hubspot", "uninstall", "--json")
        if self.how["level"]:
            # Whoever uninstalls sees the key only with a permission set that shows it.
            self.desk.salesforce("install", "--level", str(self.how["level"]),
                                 "--integration-user", ADMIN)  # fmt: skip
        return self.desk.salesforce("uninstall")

    def listed(self, said: Any) -> list[str] | None:
        """Ids of the tasks that uninstalling names; None where it cannot see them."""
        if "tasks_unseen" in said.codes:
            return None
        return sorted(one["id"] for one in said.data["listed"])


def named(life: tuple[str, dict[str, Any]]) -> str:
    private = "-private" if life[1].get("tasks_private") else ""
    return f"{life[0]}-{life[1].get('tier', life[1].get('level'))}{private}"


@pytest.fixture(params=LIVES, ids=named)
def life(
    request: pytest.FixtureRequest,
    sandbox_server: Callable[..., Any],
    terminal_at: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Life]:
    crm, how = request.param
    serve = {"package": "none"} if crm == "salesforce" else {"tier": how["tier"]}
    server = sandbox_server(reps=4, weeks=3, faces="both", rate_limits="off", **serve)
    desk = terminal_at(server)
    monkeypatch.setenv("CRM_LOOP_CLOCK_FILE", str(desk.folder / "clock"))
    stand_at(desk, server, datetime.fromisoformat(server.get("/__clock")["now"]))
    yield Life(server, desk, crm, how)
    desk.http.close()


def stand_at(desk: Any, server: Any, now: datetime) -> None:
    server.post("/__clock", {"now": now.isoformat()})
    (desk.folder / "clock").write_text(now.isoformat(), "utf-8")


def use(life: Life) -> App:
    """People, times, and Monday's turn, whose memos and lists come into the CRM."""
    truth = life.server.get("/__truth")
    app = build(load_settings())
    rows = people_csv.parse(life.people())
    managers = sorted({row["manager"] for row in rows if row["manager"]})
    names = ("time_zone", "language", "currency", "country", "fiscal_start")
    own = Organisation(name=ORGANISATION, writing=True, **{name: truth[name] for name in names})
    targets = requests.get(f"{life.server.url}/__truth?file=targets.csv", timeout=20).text
    with app.begin(ORGANISATION) as state:
        state.connections.put_organisation(own)
        state.people.import_rows(rows)
        state.figures.put_targets(targets_csv.parse(targets, targets_csv.House(kpis=catalogue())))
        state.people.set_slot_lines(
            [SlotLine(manager=one, weekday=1, first=time(10)) for one in managers]
        )
    turn(life, 0, time(9, 30))
    assert life.state()["count"] > 0
    return app


def turn(life: Life, day: int, at: time) -> None:
    """The whole loop at a time of the week after the one in which the sandbox began."""
    zone = ZoneInfo(life.server.get("/__truth")["time_zone"])
    monday = monday_of(week_of(life.began.astimezone(zone).date() + timedelta(days=6)))
    stand_at(life.desk, life.server, datetime.combine(monday + timedelta(days=day), at, zone))
    said = life.desk("cycle", "--turn", "--json")
    assert said.data["written"]["created"] > 0, said.out


def written(app: App, kind: WriteKind) -> list[Any]:
    with app.begin(ORGANISATION) as state:
        rows = [one for one in state.writes.rows() if one.state is WriteState.CONFIRMED]
    return sorted((one for one in rows if one.kind is kind), key=lambda one: one.key)


def agree_on_two_steps(life: Life, app: App) -> list[Any]:
    """Two reps write one each, which after the talk are tasks; their memos."""
    rows = written(app, WriteKind.MEMO)
    with app.begin(ORGANISATION) as state:
        agendas = state.agendas.with_keys([one.key for one in rows])
    languages = {one.key: one.language for one in agendas}
    memos = rows[:2]
    assert len(memos) == 2
    for memo in memos:
        life.agrees(memo, languages[memo.key])
    turn(life, 1, time(17, 45))
    return memos


def undo(life: Life) -> list[str]:
    """Take back what nobody has touched, as the guides say; keys of what stays."""
    life.desk("pull", "--json")
    # While writing is paused nothing can be taken back either, and that is said.
    assert life.desk("pause", "--all", "--json").code == 0
    assert "writes.paused" in life.desk("writes", "undo", "--all", "--json").out
    life.desk("resume", "--all")
    said = life.desk("writes", "undo", "--all", "--json")
    left = {one["key"]: one["left"] for one in said.data["writes"] if one["left"]}
    assert (said.code, set(left.values())) == (5, {"edited_by_person"}), said.out
    return sorted(left)


def test_what_comes_goes_again_but_for_what_somebody_has_touched(life: Life) -> None:
    described, before, tasks = life.described(), life.state(), life.tasks()
    life.install()
    life.check()
    app = use(life)
    if life.how.get("tasks_private"):
        assert any("kpis" in one for one in life.payloads()), "figures are beside the memos"
    memos = agree_on_two_steps(life, app)
    steps = written(app, WriteKind.ACTION)
    assert len(steps) == 2, "each of two agreed steps is a task"
    life.edit(steps[0], subject="B社に電話する")
    touched = {one.key: one for one in (*memos, steps[0])}
    kept = {one["key"]: one for one in life.state()["records"] if one["key"] in touched}
    words_of = life.tasks()
    assert undo(life) == sorted(touched)
    app.close()
    # Figures and names of KPIs are the package's own records, and go with it.
    ours = [one for one in life.state()["records"] if one.get("object") not in PACKAGED]
    assert {one["key"] for one in ours} == set(touched)
    said = life.uninstall()
    assert said.code == 0, said.out
    assert life.described() == described
    # Sessions go with the package; a task stays, in its owner's words, and is named.
    staying = sorted(one.crm_id for one in touched.values() if one.crm_id in words_of)
    assert len(staying) == (1 if life.how.get("level") == 2 else 3)
    assert life.tasks() == tasks | {id_: words_of[id_] for id_ in staying}
    assert life.listed(said) == (None if life.how.get("level") == 0 else staying)
    # With its field a key goes from what stays in Salesforce; as a line of the text, and in what
    # HubSpot keeps of an archived property, it does not.
    is_gone = life.crm == "salesforce" and life.has_field
    left = [] if is_gone else sorted(kept.values(), key=lambda one: str(one["key"]))
    assert life.state()["records"] == [*before["records"], *left]
    if life.crm == "salesforce":
        again = life.desk.salesforce("uninstall")
        assert (again.data["components"], again.data["assignments"]) == (0, 0)

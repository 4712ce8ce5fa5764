"""Install, check, use, uninstall at every level and tier: what people touched stays, no more."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from crm_loop.bootstrap import App, build
from crm_loop.calendars import monday_of, week_of
from crm_loop.loop_records import SlotLine, WriteState
from crm_loop.settings import load_settings
from crm_loop.setup import people_csv
from crm_loop.store.connections import Organisation

pytestmark = pytest.mark.slow

ORGANISATION = "default"
PROPERTIES = "crm/properties/2026-03/tasks"
LIVES = (
    *(("salesforce", {"package": "none", "level": level}) for level in (0, 1, 2)),
    *(("hubspot", {"tier": tier}) for tier in ("free", "starter", "pro", "enterprise")),
)


class Life:
    """One account, from before anything of ours was in it."""

    def __init__(self, server: Any, desk: Any, crm: str, how: dict[str, Any]) -> None:
        self.server, self.desk, self.crm, self.how = server, desk, crm, how

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
            self.desk.connect("hubspot", tier=self.how["tier"])
            said = self.desk("hubspot", "install", "--json")
            assert said.code == 0, said.out
            return
        level = self.how["level"]
        if level:
            user = ("--integration-user", self.desk.integration_user)
            listed = self.desk.folder / "people.csv"
            listed.write_text(self.people(), "utf-8")
            more = ("--people", str(listed)) if level == 2 else ()
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

    def touch(self, row: Any) -> None:
        """Its person writes into it: a topic into the memo, or beside it where that has a field."""
        if self.how.get("level") != 2:
            body = f"私のメモ\n{row.written_body}{self.last_line(row.key)}"
            self.server.post("/__people", {"actor": row.person, "do": "edit", "key": row.key,
                                           "face": self.crm, "fields": {"body": body}})  # fmt: skip
            return
        said = requests.patch(
            f"{self.server.url}/services/data/v67.0/sobjects/CrmLoop_Session__c/{row.crm_id}",
            json={"Rep_Topic__c": "値引きの相談"},
            headers={"Authorization": f"Bearer {self.desk.token(row.person)}"},
            timeout=20,
        )
        assert said.ok, said.text

    def last_line(self, key: str) -> str:
        """Where our key has no field of its own, whoever types leaves its line where it is."""
        has_field = self.how.get("tier") != "free" and self.how.get("level") != 0
        return "" if has_field else f"\n{key}"

    def uninstall(self) -> Any:
        if self.crm == "hubspot":
            return self.desk("hubspot", "uninstall", "--json")
        return self.desk.salesforce("uninstall")


@pytest.fixture(params=LIVES, ids=lambda life: f"{life[0]}-{next(reversed(life[1].values()))}")
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


def use(life: Life) -> tuple[App, str]:
    """People, times and one Monday's turn, whose memos and lists come into the CRM."""
    truth = life.server.get("/__truth")
    app = build(load_settings())
    rows = people_csv.parse(life.people())
    managers = sorted({row["manager"] for row in rows if row["manager"]})
    names = ("time_zone", "language", "currency", "country", "fiscal_start")
    own = Organisation(name=ORGANISATION, writing=True, **{name: truth[name] for name in names})
    with app.begin(ORGANISATION) as state:
        state.connections.put_organisation(own)
        state.people.import_rows(rows)
        state.people.set_slot_lines(
            [SlotLine(manager=one, weekday=1, first=time(10)) for one in managers]
        )
    zone = ZoneInfo(truth["time_zone"])
    today = datetime.fromisoformat(life.server.get("/__clock")["now"]).astimezone(zone).date()
    monday = monday_of(week_of(today + timedelta(days=6)))
    stand_at(life.desk, life.server, datetime.combine(monday, time(9, 30), zone))
    said = life.desk("cycle", "--turn", "--json")
    assert said.data["written"]["created"] > 0, said.out
    assert life.state()["count"] > 0
    return app, week_of(monday)


def test_what_comes_goes_again_but_for_what_somebody_has_touched(life: Life) -> None:
    life_before = life.described(), life.state()
    life.install()
    life.check()
    app, _ = use(life)
    with app.begin(ORGANISATION) as state:
        written = [row for row in state.writes.rows() if row.state is WriteState.CONFIRMED]
    touched = written[0]
    life.touch(touched)
    life.desk("pull", "--json")
    # While writing is paused nothing can be taken back either, and that is said.
    assert life.desk("pause", "--all", "--json").code == 0
    assert "writes.paused" in life.desk("writes", "undo", "--all", "--json").out
    life.desk("resume", "--all")
    # As the guides say, with nobody there who would plan anew.
    said = life.desk("writes", "undo", "--all", "--json")
    assert (said.code, [one["left"] for one in said.data["writes"] if one["left"]]) == (
        5,
        ["edited_by_person"],
    )
    left = {one["key"] for one in life.state()["records"]}
    # Figures and names of KPIs are the package's own records, and go with it.
    assert left & {row.key for row in written} == {touched.key}
    said = life.uninstall()
    assert said.code == 0, said.out
    assert life.described() == life_before[0]
    app.close()
    if life.how.get("level") == 2:
        # Records of the package's objects go with them.
        assert life.state() == life_before[1]
    elif life.crm == "hubspot" or life.how["level"] == 1:
        assert len(json.loads(said.out)["data"]["listed"]) <= 1

"""A served sandbox and a house in this process, moved through the weeks by a test."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import tables

from crm_loop.bootstrap import App, build
from crm_loop.cycle import turn as steps
from crm_loop.kpi.catalogue import catalogue
from crm_loop.loop_records import SlotLine
from crm_loop.settings import Settings
from crm_loop.setup import people_csv, targets_csv
from crm_loop.setup.connect import Wanted, connect
from crm_loop.store.connections import Organisation

ORGANISATION = "default"
TUESDAY = 1

#: Steps that are done for each account.
EACH = ("pull", "listen", "write")

PACKAGE = Path(__file__).parents[2] / "connectors" / "salesforce" / "force-app"

#: The kinds of account: what the sandbox serves, and how we are connected to it. With the whole
#: package memos are records of their own, with only its field on tasks they are to-dos.
ACCOUNTS: Mapping[str, Mapping[str, Any]] = {
    "salesforce": {"crm": "salesforce", "serve": {"package": "none"}, "settings": {}},
    "salesforce_package": {"crm": "salesforce", "serve": {"package": "activity"}, "settings": {}},
    "salesforce_objects": {
        "crm": "salesforce",
        "serve": {"package": "full", "package_dir": PACKAGE},
        "settings": {"own_objects_private": True},
    },
    "hubspot_free": {"crm": "hubspot", "serve": {"tier": "free"}, "settings": {}},
    "hubspot_app": {
        "crm": "hubspot",
        "serve": {"tier": "pro"},
        "settings": {"tasks_private": True},
    },
}


@dataclass
class Town:
    """`crm` is the one account that is connected; business time is the sandbox's."""

    server: Any
    app: App
    crm: str
    zone: ZoneInfo
    refs: Mapping[str, str] = field(default_factory=dict)

    def at(self, day: str, hour: int, minute: int = 0) -> datetime:
        moment = datetime.fromisoformat(day)
        return datetime.combine(moment.date(), time(hour, minute), self.zone)

    def turn(self, now: datetime, parts: Iterable[str]) -> None:
        """Both clocks stand at `now`, and these steps are done in their order."""
        self.server.post("/__clock", {"now": now.isoformat()})
        turn = self.app.turn(ORGANISATION, now=now)
        for name in parts:
            step = getattr(steps, name)
            if name in EACH:
                step(turn, self.crm)
            else:
                step(turn)

    def file(self, name: str) -> str:
        """A file that an admin would import."""
        with urlopen(f"{self.server.url}/__truth?file={name}", timeout=60) as answer:
            return str(answer.read().decode())

    def records(self) -> dict[str, dict[str, Any]]:
        """What stands in the CRM with a key of ours, by key; a record of ours has a body too."""
        found = self.server.get("/__state")[self.crm]["records"]
        return {one["key"]: {"body": one.get("Summary__c")} | one for one in found}

    def journal(self, after: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.server.get(f"/__journal?after={after}&limit=1000000")[
            "entries"
        ]
        return found

    def does(self, actor: str, do: str, key: str, **fields: Any) -> None:
        """One human act on a record of ours."""
        self.server.post(
            "/__people",
            {"actor": actor, "do": do, "key": key, "fields": fields, "face": self.crm},
        )

    def agenda(self, rep: str, week: str) -> Any:
        with self.app.begin(ORGANISATION) as state:
            return state.agendas.get(rep, week)

    def memo(self, rep: str, week: str) -> str:
        """The memo as it stands in the CRM."""
        return str(self.records()[self.agenda(rep, week).key]["body"])


def one_team(town: Town) -> str:
    """Everybody who sells is led by the head of sales from now on, whose address this is."""
    rows = people_csv.parse(town.file("people.csv"))
    (head,) = [row["person"] for row in rows if not row["manager"]]
    for row in rows:
        sells = row["role"] == "AE"
        row.update({"manager": head} if sells else {"pilot": False})
    with town.app.begin(ORGANISATION) as state:
        state.people.import_rows(rows)
        state.people.set_slot_lines([SlotLine(manager=head, weekday=TUESDAY, first=time(10))])
    return str(head)


def settle_in(
    server: Any, folder: Path, account: str | Mapping[str, Any], *, profile: str = "starter"
) -> Town:
    """Connect one account of a served sandbox, with its people and the targets of their teams.

    `account` is one of ACCOUNTS by its name, or another one like them.
    """
    chosen = ACCOUNTS[account] if isinstance(account, str) else account
    truth = server.get("/__truth")
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]  # a test has no settings of its machine
        database_url=f"sqlite:///{tables.on_file(folder / 'house.db')}",
        secret_key_file=folder / "house.key",
        allow_loopback_crm=True,
    )
    app = build(settings)
    with app.begin(ORGANISATION) as state:
        state.connections.put_organisation(
            Organisation(
                name=ORGANISATION,
                time_zone=truth["time_zone"],
                language=truth["language"],
                currency=truth["currency"],
                country=truth["country"],
                fiscal_start=truth["fiscal_start"],
                profile=profile,
                purpose="",
                writing=True,
            )
        )
    url, credentials = _access(server, chosen["crm"])
    extra = {"calls_per_second": 1000, "search_per_second": 1000, **chosen["settings"]}
    wanted = Wanted(
        name=chosen["crm"], kind=chosen["crm"], url=url, settings=extra, credentials=credentials
    )
    connect(app.door(ORGANISATION), wanted)
    town = Town(server, app, chosen["crm"], ZoneInfo(truth["time_zone"]))
    _people(town)
    return town


def _access(server: Any, crm: str) -> tuple[str, dict[str, str]]:
    access = server.get("/__access")[crm]
    if crm == "hubspot":
        return access["base_url"], {"access_token": access["access_token"]}
    names = ("client_id", "username", "private_key")
    return access["login_url"], {name: access["jwt"][name] for name in names}


def _people(town: Town) -> None:
    rows = people_csv.parse(town.file("people.csv"))
    managers = sorted({row["manager"] for row in rows if row["manager"]})
    lines = [SlotLine(manager=one, weekday=TUESDAY, first=time(10)) for one in managers]
    with town.app.begin(ORGANISATION) as state:
        state.people.import_rows(rows)
        state.people.set_slot_lines(lines)
        state.figures.put_targets(
            targets_csv.parse(town.file("targets.csv"), targets_csv.House(kpis=catalogue()))
        )

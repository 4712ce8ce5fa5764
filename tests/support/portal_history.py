"""A portal that people change, and a store that follows it through pulls that may be cut."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import requests
import tables

from crm_loop.connector.contract import Account, Ports
from crm_loop.connector.memory import MemoryNotebook, MemoryVault
from crm_loop.pull.service import Reading, pull
from crm_loop.records import Subject
from crm_loop.store import State
from crm_loop_hubspot.connector import HubSpotConnector

V = "2026-03"
SUBJECTS = (
    Subject.STAGES,
    Subject.ACCOUNTS,
    Subject.DEALS,
    Subject.CHANGES,
    Subject.CONTACT_ROLES,
    Subject.ACTIVITIES,
    Subject.TASKS,
)
ACTIVITIES = ("calls", "meetings", "emails")
STAGES = ("qualifiedtobuy", "contractsent", "closedwon", "closedlost", "appointmentscheduled")
CLOSED = ("closedwon", "closedlost")


class Stopped(Exception):
    """The worker was killed in the middle of a pull."""


class FragileGate:
    """Lets calls through until the worker that makes them is killed."""

    def __init__(self) -> None:
        self.left: int | None = None

    def acquire(self, kind: str, calls: int = 1) -> None:
        del kind
        if self.left is not None:
            self.left -= calls
            if self.left < 0:
                raise Stopped

    def observe(self, headers: Mapping[str, str]) -> None:
        del headers


class History:
    """One portal that people change, and one store that follows it."""

    def __init__(self, server: Any, **options: Any) -> None:
        self.server = server
        server.clear_faults()
        server.post("/__reset")
        self.access = server.get("/__access")["hubspot"]
        self.screen = requests.Session()
        self.screen.headers["Authorization"] = f"Bearer {self.access['access_token']}"
        self.options = options
        self.gate = FragileGate()
        self.vault = MemoryVault(lambda: datetime.now(UTC))
        self.notebook = MemoryNotebook()
        self.engine = tables.in_memory()
        self.archived: list[tuple[str, str]] = []
        self.began = datetime.fromisoformat(self.now())

    @contextmanager
    def begin(self, organisation: str) -> Iterator[State]:
        with self.engine.begin() as connection:
            yield State(connection, organisation)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """What somebody's software or browser does; a refusal leaves things as they were."""
        url = f"{self.access['base_url']}/crm/{path}"
        answer = self.screen.request(method, url, json=body, timeout=20)
        return answer.json() if answer.content else {}

    def listed(self, kind: str, *names: str) -> list[dict[str, Any]]:
        rows, after = [], "0"
        while after:
            query = f"limit=100&after={after}&properties={','.join(names)}"
            page = self.api("GET", f"objects/{V}/{kind}?{query}")
            rows += page["results"]
            after = page.get("paging", {}).get("next", {}).get("after")
        return rows

    def some(self, kind: str, number: int) -> str | None:
        ids = [row["id"] for row in self.listed(kind)]
        return ids[number % len(ids)] if ids else None

    def open_deal(self, number: int) -> str | None:
        rows = self.listed("deals", "dealstage")
        ids = [row["id"] for row in rows if row["properties"]["dealstage"] not in CLOSED]
        return ids[number % len(ids)] if ids else None

    def edit(self, kind: str, number: int, **properties: Any) -> None:
        if record := self.some(kind, number):
            self.api("PATCH", f"objects/{V}/{kind}/{record}", {"properties": properties})

    def add(self, kind: str, number: int) -> None:
        names = {
            "deals": {"dealname": f"案件 {number}", "dealstage": STAGES[0], "amount": str(number)},
            "calls": {"hs_timestamp": self.now(), "hs_call_status": "COMPLETED"},
            "tasks": {"hs_timestamp": self.now(), "hs_task_subject": f"{number}"},
        }
        self.api("POST", f"objects/{V}/{kind}", {"properties": names[kind]})

    def archive(self, kind: str, number: int) -> None:
        if record := self.some(kind, number):
            self.api("DELETE", f"objects/{V}/{kind}/{record}")
            self.archived.append((kind, record))

    def restore(self, number: int) -> None:
        if self.archived:
            kind, record = self.archived[number % len(self.archived)]
            deed = {"do": "undelete", "actor": "nobody@example.com", "face": "hubspot"}
            wanted = {"object": kind.removesuffix("s"), "id": record, "fields": {}}
            self.screen.post(f"{self.server.url}/__people", json=deed | wanted, timeout=20)

    def merge(self, number: int) -> None:
        kind = ("deals", "companies")[number % 2]
        one, other = self.some(kind, number), self.some(kind, number + 1)
        body = {"primaryObjectId": one, "objectIdToMerge": other}
        self.api("POST", f"objects/{V}/{kind}/merge", body)

    def tie(self, number: int) -> None:
        """An association that is made (or ended) later and changes neither record's date."""
        deal = self.open_deal(number)
        other = ("contacts", "companies")[number % 2]
        self._tie("deals", deal, other, self.some(other, number), number)

    def tie_call(self, number: int) -> None:
        rows = self.listed("calls", "hs_createdate")
        new = [row["id"] for row in rows if self._is_new(row)]
        if new:
            deal = self.some("deals", number)
            self._tie("calls", new[number % len(new)], "deals", deal, number)

    def _tie(self, kind: str, one: str | None, other: str, to: str | None, number: int) -> None:
        if one and to and number % 4:
            self.api("PUT", f"objects/{V}/{kind}/{one}/associations/default/{other}/{to}")
        elif one and to:
            self.api("DELETE", f"objects/{V}/{kind}/{one}/associations/{other}/{to}")

    def fault(self, kind: str, *, times: int = 1) -> None:
        fault = {"kind": kind, "face": "hubspot", "path": "/crm/objects", "times": times}
        self.server.post("/__faults", fault)

    def minutes(self, minutes: float) -> None:
        self.server.post("/__clock", {"advance_days": minutes / 1440})

    def now(self) -> str:
        return str(self.server.get("/__clock")["now"])

    def _is_new(self, row: Mapping[str, Any]) -> bool:
        return datetime.fromisoformat(row["properties"]["hs_createdate"]) >= self.began

    def pull(self, calls: int | None = None, subjects: Sequence[Subject] = SUBJECTS) -> None:
        """Pull with a new connector, as every job does; killed after so many calls."""
        account = Account(
            organisation="acme",
            connection="hubspot",
            url=self.server.url,
            settings={"allow_loopback": True, **self.options},
            credentials={"access_token": self.access["access_token"]},
        )
        ports = Ports(
            gate=self.gate,
            vault=self.vault,
            notebook=self.notebook,
            clock=lambda: datetime.now(UTC),
        )
        connector = HubSpotConnector(account, ports)
        reading = Reading(
            connector=connector, begin=self.begin, organisation="acme", connection="hubspot"
        )
        self.gate.left = calls
        try:
            pull(reading, subjects=subjects)
        except Stopped:
            pass
        finally:
            self.gate.left = None

    def late(self, number: int) -> None:
        """A change that the index shows only after a pull that should have seen it."""
        self.minutes(35)
        self.pull()
        self.edit("deals", number, amount=str(number), dealstage=STAGES[number % len(STAGES)])
        self.fault("index_lag", times=50)
        self.pull()
        self.server.clear_faults()

    def differences(self) -> dict[str, set[Any]]:
        """Rows that the store lacks, and rows that only the store holds, by subject.

        Customers of closed deals are looked at weekly: where they alone differ, a week later.
        """
        self.server.clear_faults()
        for _ in range(2):
            self.minutes(31)
            self.pull()
        found = self._apart()
        if found.keys() == {"customers"}:
            self.minutes(8 * 1440)
            self.pull()
            found = self._apart()
        return found

    def _apart(self) -> dict[str, set[Any]]:
        truth, held = self._truth(), self._held()
        found = {
            one: {("lacks", row) for row in truth[one] - held[one]}
            | {("alone holds", row) for row in held[one] - truth[one]}
            for one in truth
        }
        return {name: rows for name, rows in found.items() if rows}

    def _truth(self) -> dict[str, set[Any]]:
        deals = self.listed("deals", "dealstage", "amount", "hubspot_owner_id")
        ids = [row["id"] for row in deals]
        companies = self._ties("deals", "companies", ids)
        open_deals = [row["id"] for row in deals if row["properties"]["dealstage"] not in CLOSED]
        roles = self._ties("deals", "contacts", open_deals)
        return {
            "accounts": {
                (row["id"], row["properties"]["name"]) for row in self.listed("companies", "name")
            },
            "deals": {(row["id"], *_deal(row["properties"])) for row in deals},
            "open": {(one, _main(companies.get(one))) for one in open_deals},
            "customers": {(row["id"], _main(companies.get(row["id"]))) for row in deals},
            "roles": {f"{deal}:{one['toObjectId']}" for deal, of in roles.items() for one in of},
            "activities": {row["id"] for kind in ACTIVITIES for row in self.listed(kind)},
            "tied": self._tied_calls(),
            "tasks": {
                (row["id"], row["properties"]["hs_task_status"] == "COMPLETED")
                for row in self.listed("tasks", "hs_task_status")
            },
        }

    def _tied_calls(self) -> set[tuple[str, str]]:
        """Calls made since we began, with the newest deal that each belongs to."""
        rows = self.listed("calls", "hs_createdate")
        ids = [row["id"] for row in rows if self._is_new(row)]
        ties = self._ties("calls", "deals", ids)
        return {(call, max(ties[call], key=_number)["toObjectId"]) for call in ties}

    def _ties(self, kind: str, other: str, ids: Sequence[str]) -> dict[str, list[Any]]:
        body = {"inputs": [{"id": one} for one in ids]}
        if not ids:
            return {}
        answer = self.api("POST", f"associations/{V}/{kind}/{other}/batch/read", body)
        return {row["from"]["id"]: row["to"] for row in answer["results"]}

    def held(self, subject: Subject) -> list[Any]:
        with self.begin("acme") as state:
            return [row for _, row in state.crm.read(subject)]

    def _held(self) -> dict[str, set[Any]]:
        read = {one: self.held(one) for one in SUBJECTS}
        deals = {deal.id: deal for deal in read[Subject.DEALS]}
        companies = {one.id for one in read[Subject.ACCOUNTS]}
        calls = [one for one in read[Subject.ACTIVITIES] if one.logged_at >= self.began]
        return {
            "accounts": {(one.id, one.name) for one in read[Subject.ACCOUNTS]},
            "deals": {
                (one.id, one.stage, _plain(one.amount), one.owner_id) for one in deals.values()
            },
            "open": {(one.id, one.account_id) for one in deals.values() if not one.is_closed},
            # A closed deal keeps its customer when that one is archived.
            "customers": {
                (one.id, one.account_id if one.account_id in companies else None)
                for one in deals.values()
            },
            "roles": {
                one.id
                for one in read[Subject.CONTACT_ROLES]
                if one.deal_id in deals and not deals[one.deal_id].is_closed
            },
            "activities": {one.id for one in read[Subject.ACTIVITIES]},
            "tied": {(one.id, int(one.deal_id)) for one in calls if one.deal_id},
            "tasks": {(one.id, one.is_closed) for one in read[Subject.TASKS]},
        }


def _deal(props: Mapping[str, Any]) -> tuple[Any, ...]:
    amount = props.get("amount")
    return props["dealstage"], _plain(amount), props.get("hubspot_owner_id")


def _plain(amount: Any) -> float | None:
    return None if amount is None else float(amount)


def _number(target: Mapping[str, Any]) -> int:
    return int(target["toObjectId"])


def _main(targets: Sequence[Mapping[str, Any]] | None) -> str | None:
    """The primary company, else the newest one."""
    if not targets:
        return None
    return str(max(targets, key=lambda one: (_is_primary(one), _number(one)))["toObjectId"])


def _is_primary(target: Mapping[str, Any]) -> bool:
    return any(kind["typeId"] == 5 for kind in target["associationTypes"])

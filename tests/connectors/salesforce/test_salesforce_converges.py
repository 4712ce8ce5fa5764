"""Whatever people do, and wherever pulls break off, the store comes to hold what the org holds."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import requests
import tables
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm_loop.connector.contract import Account, Batch, Cursor
from crm_loop.connector.memory import MemoryPorts
from crm_loop.errors import Transient
from crm_loop.pull.service import Reading, pull
from crm_loop.records import Subject
from crm_loop.store import State
from crm_loop_salesforce.connector import SalesforceConnector

#: Histories of so many events; `make converge` asks for more of them.
HISTORIES = int(os.environ.get("CRM_LOOP_HISTORIES", "40"))
#: Processes that share them: each begins somewhere else.
PARTS = [
    pytest.param(n, marks=pytest.mark.xdist_group(f"histories{n}"))
    for n in range(int(os.environ.get("CRM_LOOP_PARTS", "1")))
]
EVENTS = 60
TRIES = 9
SUBJECTS = (
    Subject.ACCOUNTS,
    Subject.DEALS,
    Subject.CHANGES,
    Subject.ACTIVITIES,
    Subject.TASKS,
)
DATA = "/services/data/v67.0"
STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Closed Won", "Closed Lost")
#: What everybody else reads of the org, by subject; the first column of both is the id.
TRUTH = {
    Subject.ACCOUNTS: ("Account", ("Id", "Name"), ""),
    Subject.DEALS: ("Opportunity", ("Id", "OwnerId", "StageName", "AccountId", "CloseDate"), ""),
    Subject.CHANGES: ("OpportunityHistory", ("Id",), ""),
    Subject.TASKS: (
        "Task",
        ("Id", "OwnerId", "IsClosed", "ActivityDate"),
        " WHERE TaskSubtype NOT IN ('Call', 'Email', 'ListEmail') AND IsRecurrence = false",
    ),
}
HELD = {
    Subject.ACCOUNTS: ("id", "name"),
    Subject.DEALS: ("id", "owner_id", "stage", "account_id", "close_date"),
    Subject.CHANGES: ("id",),
    Subject.TASKS: ("id", "owner_id", "is_closed", "due"),
}


class Cut:
    """A connector whose pulls break off after some batches."""

    def __init__(self, connector: SalesforceConnector, batches: int | None) -> None:
        self.connector = connector
        self.left = batches

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connector, name)

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        for batch in self.connector.pull(subject, cursor):
            if self.left is not None:
                if self.left == 0:
                    raise Transient("The worker was stopped.")
                self.left -= 1
            yield batch


class History:
    """One org that people change, and one store that follows it."""

    def __init__(self, server: Any, **options: Any) -> None:
        self.server = server
        server.clear_faults()
        server.post("/__reset")
        admin = server.get("/__access")["salesforce"]
        token = server.get(f"/__access?user={admin['username']}")["salesforce"]["access_token"]
        self.screen = requests.Session()
        self.screen.headers["Authorization"] = f"Bearer {token}"
        account = Account(
            organisation="acme",
            connection="salesforce",
            url=server.url,
            settings={"allow_loopback": True, "page_size": 200, **options},
            credentials={name: admin[name] for name in ("client_id", "client_secret")},
        )
        self.connector = SalesforceConnector(account, MemoryPorts().ports, sleep=lambda _: None)
        self.engine = tables.in_memory()
        self.users = [row[0] for row in self.rows("User", ("Id",), " WHERE IsActive = true")]
        self.deleted: dict[str, list[str]] = {"deal": [], "task": [], "account": []}
        self.living: dict[str, list[str]] = {}
        self.can_merge = True

    @contextmanager
    def begin(self, organisation: str) -> Iterator[State]:
        with self.engine.begin() as connection:
            yield State(connection, organisation)

    def rows(self, table: str, fields: Sequence[str], where: str = "") -> list[tuple[Any, ...]]:
        """What everybody sees of an object, by id."""
        query = f"SELECT {', '.join(fields)} FROM {table}{where} ORDER BY Id"  # noqa: S608 - our own names
        answer = self.screen.get(
            f"{self.server.url}{DATA}/query", params={"q": query}, timeout=20
        ).json()
        found = [tuple(row[name] for name in fields) for row in answer["records"]]
        while not answer["done"]:
            url = f"{self.server.url}{answer['nextRecordsUrl']}"
            answer = self.screen.get(url, timeout=20).json()
            found += [tuple(row[name] for name in fields) for row in answer["records"]]
        return found

    # --- what happens ---------------------------------------------------------

    def act(self, do: str, kind: str, number: int, **fields: Any) -> None:
        ids = self._living(kind)
        if ids:
            self.deed(do, ids[number % len(ids)], **fields)
            if do == "delete":
                self.deleted[kind].append(ids[number % len(ids)])

    def _living(self, kind: str) -> list[str]:
        if kind not in self.living:
            table = {"deal": "Opportunity", "task": "Task", "account": "Account"}[kind]
            where = TRUTH[Subject.TASKS][2] if kind == "task" else ""
            self.living[kind] = [row[0] for row in self.rows(table, ("Id",), where)]
        return self.living[kind]

    def deed(self, do: str, record_id: str, **fields: Any) -> bool:
        """Whether the org let a person do it; it may refuse, and then nothing has happened."""
        if do in ("delete", "undelete", "merge"):
            self.living.clear()
        deed = {"do": do, "actor": "nobody@example.com", "face": "salesforce", "id": record_id}
        return self._post("/__people", {**deed, "fields": fields})

    def _post(self, path: str, value: Any) -> bool:
        return bool(self.screen.post(f"{self.server.url}{path}", json=value, timeout=20).ok)

    def undelete(self, number: int) -> None:
        gone = [one for kind in sorted(self.deleted) for one in self.deleted[kind]]
        if gone:
            self.deed("undelete", gone[number % len(gone)])

    def merge(self, number: int) -> None:
        ids = self._living("account")
        if len(ids) > 1 and self.can_merge:
            master, loser = ids[number % len(ids)], ids[(number + 1) % len(ids)]
            self.can_merge = self.deed("merge", master, merge=[loser])

    def minutes(self, minutes: float) -> None:
        self._post("/__clock", {"advance_days": minutes / 1440})
        self.connector.clock()

    def equal_stamps(self) -> None:
        self._post("/__faults", {"kind": "equal_stamp", "face": "salesforce"})
        self.connector.clock()

    def pull(self, batches: int | None = None) -> None:
        """Pull until it is done, or break off after some batches."""
        for left in reversed(range(1 if batches is not None else TRIES)):
            cut: Any = Cut(self.connector, batches)
            reading = Reading(
                connector=cut, begin=self.begin, organisation="acme", connection="salesforce"
            )
            try:
                pull(reading, subjects=SUBJECTS)
            except Transient:
                # A job that Salesforce has thrown away meanwhile is begun anew, as by the queue.
                if batches is None and not left:
                    raise
            else:
                return

    def late(self, number: int) -> None:
        """A change whose transaction ends only after a pull that should have seen it."""
        self.minutes(6)
        self.pull()
        self.act("edit", "deal", number, NextStep=f"遅れて {number}", StageName=STAGES[number % 3])
        self.minutes(6)
        fault = {"kind": "late_visible", "face": "salesforce", "path": f"{DATA}/queryAll"}
        self.server.post("/__faults", fault)
        self.pull()
        self.server.clear_faults()

    # --- how it ends ----------------------------------------------------------

    def differences(self) -> dict[str, set[Any]]:
        """Rows that the store lacks, and rows that only the store holds, by subject."""
        for _ in range(2):
            self.minutes(11)
            self.pull()
        both = {one.value: (self._truth(one), self._held(one)) for one in TRUTH}
        found = {name: _apart(truth, held) for name, (truth, held) in both.items()}
        return {name: rows for name, rows in found.items() if rows}

    def _truth(self, subject: Subject) -> set[tuple[Any, ...]]:
        table, fields, where = TRUTH[subject]
        rows = self.rows(table, fields, where)
        if subject is Subject.CHANGES:
            return {(f"{row[0]}:stage",) for row in rows}
        return set(rows)

    def _held(self, subject: Subject) -> set[tuple[Any, ...]]:
        with self.begin("acme") as state:
            records = [record for _, record in state.crm.read(subject)]
        rows = {tuple(_plain(getattr(one, name)) for name in HELD[subject]) for one in records}
        if subject is Subject.CHANGES:
            return {row for row in rows if row[0].endswith(":stage")}
        return rows


def _apart(truth: set[Any], held: set[Any]) -> set[Any]:
    lacking, surplus = truth - held, held - truth
    return {("lacks", one) for one in lacking} | {("alone holds", one) for one in surplus}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def happen(history: History, event: str, number: int) -> None:
    """One event of a history."""
    owner = history.users[number % len(history.users)]
    moved = {"StageName": STAGES[number % len(STAGES)], "Amount": number}
    doings: dict[str, Callable[[], None]] = {
        "edit": lambda: history.act("edit", "deal", number, **moved),
        "rename": lambda: history.act("edit", "account", number, Name=f"会社 {number}"),
        "reassign": lambda: history.act("edit", "deal", number, OwnerId=owner),
        "close": lambda: history.act("close", "task", number),
        "delete": lambda: history.act("delete", ("deal", "task", "account")[number % 3], number),
        "undelete": lambda: history.undelete(number),
        "merge": lambda: history.merge(number),
        "equal": history.equal_stamps,
        "late": lambda: history.late(number),
        "wait": lambda: history.minutes(number % 40),
        # After a week every id is looked at; after three, deleted records have left the bin.
        "weeks": lambda: history.minutes((8 if number % 2 else 22) * 1440),
        "pull": history.pull,
        "cut": lambda: history.pull(number % 12),
    }
    doings[event]()


#: Everyday edits are frequent, the rare things rare.
EVENT = st.tuples(
    st.sampled_from(
        ["edit"] * 12
        + ["rename", "reassign", "close"] * 5
        + ["delete", "undelete", "wait"] * 5
        + ["merge", "equal", "late", "pull", "weeks"]
        + ["cut"] * 3
    ),
    st.integers(0, 9_999),
)


@pytest.fixture(scope="module")
def small_org(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=2, weeks=3, rate_limits="off")


@pytest.mark.slow
@pytest.mark.long(30)
@pytest.mark.parametrize("part", PARTS)
@settings(
    max_examples=-(-HISTORIES // len(PARTS)),
    deadline=None,
    # A failing history is short enough to read; to shrink it would take an hour.
    phases=(Phase.explicit, Phase.generate),
    derandomize="CRM_LOOP_HISTORIES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
@given(events=st.lists(EVENT, min_size=EVENTS, max_size=EVENTS))
def test_the_store_converges_to_what_the_org_holds(
    small_org: Any, part: int, events: list[tuple[str, int]]
) -> None:
    # Every other history begins with bulk jobs.
    history = History(small_org, bulk_from=1 if events[0][1] % 2 else 10_000)
    for event, number in events:
        happen(history, event, number)
    assert history.differences() == {}


def test_without_an_overlap_a_late_change_is_lost(small_org: Any) -> None:
    """The control: such a connector must not pass the test above."""
    careless = History(small_org, overlap_minutes=0)
    careless.pull()
    careless.late(1)
    assert careless.differences().keys() == {"deals"}


def test_with_its_overlap_the_same_change_is_found(small_org: Any) -> None:
    careful = History(small_org)
    careful.pull()
    careful.late(1)
    assert careful.differences() == {}


def test_the_past_of_a_deal_that_was_purged_before_it_was_read_does_not_stay(
    small_org: Any,
) -> None:
    """Its deal is gone, but the job that lists its past was begun while it was there."""
    history = History(small_org, bulk_from=1)
    history.pull(batches=2)
    with history.begin("acme") as state:
        assert state.crm.ids("salesforce", Subject.DEALS)
        assert not state.crm.ids("salesforce", Subject.CHANGES)
    history.act("delete", "deal", 0)
    history.minutes(22 * 1440)
    assert history.differences() == {}


def test_the_past_of_a_deal_that_no_pull_has_reached_yet_outlives_a_look_at_every_id(
    small_org: Any,
) -> None:
    """It came back from the bin, and somebody edited it right before each pull since."""
    history = History(small_org, bulk_from=10_000)
    history.act("delete", "deal", 0)
    (deal,) = history.deleted["deal"]
    history.pull()
    history.undelete(0)
    for minutes in (38, 8 * 1440):
        history.minutes(minutes)
        history.deed("edit", deal, NextStep=f"{minutes}")
        history.pull()
    assert history.differences() == {}

"""The first reading of a large object by a bulk job, on written answers."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
import responses

from crm_loop.connector.contract import Account, Batch, Cursor
from crm_loop.connector.memory import MemoryPorts
from crm_loop.errors import NeedsAttention, Transient
from crm_loop.records import Deal, Subject
from crm_loop_salesforce.connector import SalesforceConnector
from crm_loop_salesforce.translate import names

INSTANCE = "https://acme.my.salesforce.com"
DATA = f"{INSTANCE}/services/data/v67.0/"
LOCAL = "/services/data/v67.0/"
JOBS = f"{DATA}jobs/query"
JOB = "750xx000000005LAAQ"
DATE = {"Date": "Mon, 15 Jun 2026 03:00:00 GMT"}
COLUMNS = ("Id", "Name", "OwnerId", "StageName", "IsClosed", "IsWon", "CloseDate", "Amount",
           "CreatedDate", "SystemModstamp", "NextStep", "IsDeleted")  # fmt: skip
NOT_FOUND = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]


def cells(number: int, **changed: str) -> str:
    stamp = "2026-06-14T12:00:00.000Z"
    row = {
        "Id": f"006{number:015}", "Name": f'案件{number}, "新"', "OwnerId": "0051",
        "StageName": "提案", "IsClosed": "false", "IsWon": "true", "CloseDate": "2026-06-30",
        "Amount": "1234567.89", "CreatedDate": stamp, "SystemModstamp": stamp, "NextStep": "",
        "IsDeleted": "false", **changed,
    }  # fmt: skip
    return ",".join('"' + row[name].replace('"', '""') + '"' for name in COLUMNS)


@dataclass
class BulkOrg:
    """An org with one large object; it counts jobs and remembers what was asked of them."""

    mock: responses.RequestsMock
    ports: MemoryPorts = field(default_factory=MemoryPorts)
    jobs: int = 0
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        token = {"access_token": "00D!x", "instance_url": INSTANCE, "id": f"{INSTANCE}/id/00D/005"}
        self.mock.post(f"{INSTANCE}/services/oauth2/token", json=token)
        counts = {"sObjects": [{"name": "Opportunity", "count": 90_000}]}
        self.get("limits/recordCount", counts)
        self.get("sobjects", {"sobjects": [{"name": "Opportunity"}]})
        flags = {"IsClosed", "IsWon", "IsDeleted"}
        fields = [{"name": one, "type": "boolean" if one in flags else "x"} for one in COLUMNS]
        self.get("sobjects/Opportunity/describe", {"fields": fields})
        self.names_itself()
        self.mock.add_callback("POST", JOBS, self._started)
        self.mock.delete(f"{JOBS}/{JOB}", status=204)

    def names_itself(self) -> None:
        zone = {"Id": "00D", "Name": "Acme", "TimeZoneSidKey": "Asia/Tokyo"}
        self.get("query", {"records": [zone], "done": True})

    def get(self, path: str, body: Any, **options: Any) -> None:
        self.mock.get(DATA + path, json=body, headers=DATE, **options)

    def _started(self, request: Any) -> tuple[int, Mapping[str, str], str]:
        self.jobs += 1
        asked = json.loads(request.body)
        assert asked["operation"] == "queryAll"
        return 200, DATE, json.dumps({"id": JOB, "state": "UploadComplete"})

    def states(self, *states: str, **more: Any) -> None:
        for state in states:
            self.get(f"jobs/query/{JOB}", {"id": JOB, "state": state, **more})

    def lists(self, *locators: str) -> None:
        pages = [
            {"resultUrl": f"{LOCAL}jobs/query/{JOB}/results?locator={one}"} for one in locators
        ]
        self.get(f"jobs/query/{JOB}/resultPages", {"resultPages": pages, "done": True})

    def page(self, locator: str | None, *rows: str, count: int | None = None, **more: Any) -> None:
        headers = {**DATE, "Sforce-NumberOfRecords": str(len(rows) if count is None else count)}
        headers["Sforce-Locator"] = more.get("following", "null")
        params = {"locator": locator} if locator else {}
        text = "\n".join([",".join(COLUMNS), *rows]) + "\n"
        matcher = responses.matchers.query_param_matcher(params, strict_match=False)
        url = f"{JOBS}/{JOB}/results"
        self.mock.get(url, body=text.encode(), headers=headers, match=[matcher])

    def pull(
        self, cursor: Cursor | None = None, subject: Subject = Subject.DEALS
    ) -> Iterator[Batch]:
        return self.connector().pull(subject, cursor)

    def connector(self) -> SalesforceConnector:
        account = Account(
            organisation="acme",
            connection="salesforce",
            url=INSTANCE,
            credentials={"client_id": "3MVG9", "client_secret": "secret"},
        )
        return SalesforceConnector(account, self.ports.ports, sleep=self.waits.append)


@pytest.fixture
def org() -> Iterator[BulkOrg]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield BulkOrg(mock)


@pytest.fixture
def two_pages(org: BulkOrg) -> BulkOrg:
    org.states("InProgress", "JobComplete")
    org.lists("A", "B")
    org.page("A", cells(1), cells(2))
    org.page("B", cells(3, IsDeleted="true"))
    return org


def deals(batches: Sequence[Batch]) -> list[str]:
    return [row.id[-1] for batch in batches for row in batch.rows]


def test_pages_arrive_in_order_and_end_as_a_first_reading(two_pages: BulkOrg) -> None:
    batches = list(two_pages.pull())
    assert deals(batches) == ["1", "2"]
    assert [one for batch in batches for one in batch.removed] == [f"006{3:015}"]
    assert batches[-1].cursor is not None
    assert batches[-1].cursor["deals"] == {"since": "2026-06-15T02:55:00+00:00"}
    assert two_pages.ports.notebook.pages == {"bulk:deals": {"read": True}}


@pytest.fixture
def with_users(two_pages: BulkOrg) -> BulkOrg:
    fields = [{"name": name} for name in names.USERS.needed]
    two_pages.get("sobjects/User/describe", {"fields": fields})
    two_pages.get("query", {"records": [], "done": True})
    two_pages.names_itself()
    return two_pages


def test_jobs_begin_before_small_objects_are_read(with_users: BulkOrg) -> None:
    people = with_users.pull(subject=Subject.PEOPLE)
    assert [list(batch.rows) for batch in people] == [[]]
    assert with_users.jobs == 1
    assert deals(list(with_users.pull())) == ["1", "2"]
    assert with_users.jobs == 1


def test_cells_become_what_rest_would_have_said(two_pages: BulkOrg) -> None:
    deal = next(row for batch in two_pages.pull() for row in batch.rows)
    assert isinstance(deal, Deal)
    assert (deal.name, deal.amount) == ('案件1, "新"', Decimal("1234567.89"))
    assert (deal.is_closed, deal.is_won, deal.next_step) == (False, True, None)


def test_a_text_with_line_ends_stays_one_row(org: BulkOrg) -> None:
    org.states("JobComplete")
    org.lists("A")
    org.page("A", cells(1, Name="一行目\n二行目\u2028三行目"), cells(2))
    rows = [row for batch in org.pull() for row in batch.rows]
    assert [getattr(row, "name", "")[:3] for row in rows] == ["一行目", "案件2"]


def test_a_pull_that_died_while_the_job_ran_finds_the_job_again(two_pages: BulkOrg) -> None:
    next(two_pages.pull())
    assert deals(list(two_pages.pull())) == ["1", "2"]
    assert two_pages.jobs == 1


def test_a_pull_that_died_between_pages_goes_on_behind_the_stored_one(two_pages: BulkOrg) -> None:
    pull = two_pages.pull()
    place = [next(pull).cursor for _ in range(2)][-1]
    assert place is not None
    assert place["deals"]["pages"] == 1
    rest = list(two_pages.pull(place))
    assert (deals(rest), two_pages.jobs) == ([], 1)
    assert [one for batch in rest for one in batch.removed] == [f"006{3:015}"]


def test_an_older_release_is_read_page_by_page(org: BulkOrg) -> None:
    org.states("JobComplete")
    org.get(f"jobs/query/{JOB}/resultPages", NOT_FOUND, status=404)
    org.page("B", cells(2))
    org.page(None, cells(1), following="B")
    assert deals(list(org.pull())) == ["1", "2"]


def test_a_page_with_fewer_rows_than_promised_is_not_believed(org: BulkOrg) -> None:
    org.states("JobComplete")
    org.lists("A")
    org.page("A", cells(1), count=2)
    with pytest.raises(Transient, match="held 1 rows and promised 2"):
        list(org.pull())


def test_a_failed_job_is_forgotten_and_told_as_passing(org: BulkOrg) -> None:
    org.states("Failed", errorMessage="InternalServerError")
    with pytest.raises(Transient, match="InternalServerError"):
        list(org.pull())
    assert org.ports.notebook.pages == {}


def test_a_job_that_sees_too_much_asks_for_a_permission(org: BulkOrg) -> None:
    message = "InvalidBatch : Failed to process query: OPERATION_TOO_LARGE: exceeded 100000"
    org.states("Failed", errorMessage=message)
    with pytest.raises(NeedsAttention, match="View All Data"):
        list(org.pull())


def test_what_bulk_jobs_cannot_read_is_read_by_rest(org: BulkOrg) -> None:
    org.mock.remove("POST", JOBS)
    refused = [{"errorCode": "INVALIDENTITY", "message": "not supported by the Bulk API."}]
    org.mock.post(JOBS, json=refused, status=400, headers=DATE)
    org.get("queryAll", {"records": [], "done": True})
    assert deals(list(org.pull())) == []


def test_a_job_is_looked_at_ever_more_rarely(org: BulkOrg) -> None:
    org.states(*["InProgress"] * 9, "JobComplete")
    org.lists()
    list(org.pull())
    assert org.waits == sorted(org.waits)
    assert (len(org.waits), org.waits[-1]) == (10, 10.0)


def test_a_job_that_takes_long_is_left_and_found_again(org: BulkOrg) -> None:
    org.states("InProgress")
    for _ in range(2):
        with pytest.raises(Transient) as slow:
            list(org.pull())
        assert slow.value.retry_after == 30
    assert org.jobs == 1


def test_without_a_look_at_the_limits_the_rows_are_counted(two_pages: BulkOrg) -> None:
    refused = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "insufficient access rights"}]
    two_pages.mock.replace("GET", f"{DATA}limits/recordCount", json=refused, status=403)
    two_pages.get("query", {"totalSize": 90_000, "done": True, "records": []})
    assert deals(list(two_pages.pull())) == ["1", "2"]
    assert two_pages.jobs == 1


def test_only_what_is_required_is_selected_in_a_job(two_pages: BulkOrg) -> None:
    list(two_pages.pull())
    (job,) = [call.request for call in two_pages.mock.calls if call.request.url == JOBS]
    query = json.loads(job.body)["query"]
    assert query.startswith("SELECT Id, Name, ")
    assert query.endswith(f"FROM {names.OPPORTUNITY}")


def thrown_away(org: BulkOrg) -> int:
    return sum(call.request.method == "DELETE" for call in org.mock.calls)


def test_results_stay_until_whoever_keeps_them_has_kept_all(two_pages: BulkOrg) -> None:
    pull = two_pages.pull()
    for batch in pull:
        assert thrown_away(two_pages) == 0
        last = batch
    assert last.cursor is not None
    assert "job" not in last.cursor["deals"]
    assert thrown_away(two_pages) == 1


def test_results_of_all_jobs_are_thrown_away_with_the_last_one(two_pages: BulkOrg) -> None:
    notes = two_pages.ports.notebook
    notes.put("bulk:tasks", {"job": "750xx000000006", "query": "0", "until": "2026-06-15"})
    list(two_pages.pull())
    assert thrown_away(two_pages) == 0
    assert notes.get("bulk:deals") == {"read": True, "left": JOB}
    notes.put("bulk:tasks", None)
    notes.put("bulk:deals", None)
    notes.put("bulk:meetings", {"read": True, "left": "750xx000000007"})
    two_pages.mock.delete(f"{JOBS}/750xx000000007", status=204)
    list(two_pages.pull())
    assert thrown_away(two_pages) == 2
    assert notes.get("bulk:meetings") == {"read": True}


def test_while_jobs_run_a_first_reading_begins_before_anybody_asks(
    with_users: BulkOrg, wait_for: Callable[..., None]
) -> None:
    connector = with_users.connector()
    people = connector.pull(Subject.PEOPLE, None)
    assert with_users.jobs == 1
    reading = connector.pull(Subject.DEALS, None)
    wait_for(lambda: any("locator=B" in str(call.request.url) for call in with_users.mock.calls))
    assert deals(list(reading)) == ["1", "2"]
    assert [list(batch.rows) for batch in people] == [[]]

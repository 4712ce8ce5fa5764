"""Which questions a pull asks, and how it goes on when a place or a field is gone."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from crm_loop.connector.contract import Account, Batch, Connector, Cursor
from crm_loop.connector.memory import MemoryPorts
from crm_loop.errors import NeedsAttention, Transient
from crm_loop.records import Subject
from crm_loop_salesforce.connector import SalesforceConnector
from crm_loop_salesforce.translate import names, sources

INSTANCE = "https://acme.my.salesforce.com"
DATA = f"{INSTANCE}/services/data/v67.0/"
DATE = {"Date": "Mon, 15 Jun 2026 03:00:00 GMT"}
EARLIER = {"accounts": {"since": "2026-06-14T02:55:00+00:00"}}
FORGOTTEN = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]
HIDDEN = [{"errorCode": "INVALID_FIELD", "message": "No such column 'OwnerId'"}]
NEXT = "/services/data/v67.0/query/0r8xx5R2yF2gs3VASQ-2000"


def _is_about(table: str) -> Any:
    def matches(request: Any) -> tuple[bool, str]:
        return f"FROM {table}" in request.params.get("q", ""), table

    return matches


class Scripted:
    """An org whose answers were written down; says which queries it was asked."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock
        identity = f"{INSTANCE}/id/00D5g000004AbcDEAS/0055g000001AbCdEAK"
        token = {"access_token": "00D!x", "instance_url": INSTANCE, "id": identity}
        mock.post(f"{INSTANCE}/services/oauth2/token", json=token)
        mock.get(DATA, json={}, headers=DATE)
        mock.get(f"{DATA}limits/recordCount", json={"sObjects": []}, headers=DATE)
        zone = {"Id": "00D5g000004AbcDEAS", "Name": "Acme", "TimeZoneSidKey": "Asia/Tokyo"}
        page = {"records": [zone], "done": True}
        mock.get(f"{DATA}query", json=page, headers=DATE, match=[_is_about("Organization")])
        mock.add_callback("POST", f"{DATA}composite", self._together)
        self.shown: dict[str, Any] = {}
        self.gone: list[str] = []
        self.remembers_since = "2026-06-01T00:00:00.000+0000"

    def _together(self, request: Any) -> tuple[int, dict[str, str], str]:
        wanted = [one["url"] for one in json.loads(request.body)["compositeRequest"]]
        self.spans = [url for url in wanted if "/deleted/" in url]
        answers = [{"httpStatusCode": 200, "body": self._part(url)} for url in wanted]
        return 200, DATE, json.dumps({"compositeResponse": answers})

    def _part(self, url: str) -> Any:
        if "/deleted/" not in url:
            return self.shown[url.split("/")[-2]]
        rows = [{"id": one, "deletedDate": "2026-06-14T12:00:00.000+0000"} for one in self.gone]
        return {"deletedRecords": rows, "earliestDateAvailable": self.remembers_since}

    def shows(self, table: str, *fields: str) -> None:
        self.shown[table] = {"fields": [{"name": name} for name in fields]}
        self.mock.get(f"{DATA}sobjects/{table}/describe", json=self.shown[table], headers=DATE)

    def has(self, *tables: str) -> None:
        found = {"sobjects": [{"name": name, "queryable": True} for name in tables]}
        self.mock.get(f"{DATA}sobjects", json=found, headers=DATE)

    def answers(self, *rows: Mapping[str, Any], resource: str = "queryAll", **more: Any) -> None:
        page = {"records": list(rows), "done": True, **more}
        self.mock.get(DATA + resource, json=page, headers=DATE)

    def refuses(self, path: str, body: Any) -> None:
        self.mock.get(path, json=body, status=400, headers=DATE)

    def asked(self) -> list[str]:
        """The queries, in their order."""
        params = [call.request.params for call in self.mock.calls]  # type: ignore[attr-defined]  # set by responses
        queries = [one["q"] for one in params if "q" in one]
        return [query for query in queries if "FROM Organization" not in query]

    def connector(self) -> Connector:
        account = Account(
            organisation="acme",
            connection="salesforce",
            url=INSTANCE,
            credentials={"client_id": "3MVG9", "client_secret": "secret"},
        )
        return SalesforceConnector(account, MemoryPorts().ports, sleep=lambda _: None)

    def pull(self, subject: Subject, cursor: Cursor | None = None) -> list[Batch]:
        return list(self.connector().pull(subject, cursor))


@pytest.fixture
def org() -> Iterator[Scripted]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Scripted(mock)


@pytest.fixture
def accounts(org: Scripted) -> Scripted:
    org.has("Account")
    org.shows("Account", *names.ACCOUNTS.fields)
    return org


def account(number: int, stamp: str = "2026-06-14T12:00:00.000+0000", **more: Any) -> Any:
    row = {"Id": f"001{number:015}", "Name": f"会社{number}", "IsDeleted": False}
    return {**row, "OwnerId": None, "SystemModstamp": stamp, **more}


def test_the_first_reading_has_no_upper_bound(accounts: Scripted) -> None:
    accounts.answers(account(1))
    batches = accounts.pull(Subject.ACCOUNTS)
    (query,) = accounts.asked()
    assert query.startswith("SELECT Id, Name, SystemModstamp, OwnerId, ParentId, ")
    assert query.endswith("FROM Account ORDER BY SystemModstamp, Id")
    assert batches[-1].cursor is not None
    assert batches[-1].cursor["accounts"] == {"since": "2026-06-15T02:55:00+00:00"}


def test_a_later_reading_overlaps_and_stays_behind(accounts: Scripted) -> None:
    accounts.answers()
    accounts.pull(Subject.ACCOUNTS, EARLIER)
    (query,) = accounts.asked()
    assert query.endswith(
        "WHERE (SystemModstamp >= 2026-06-14T02:45:00Z) AND "
        "(SystemModstamp < 2026-06-15T02:55:00Z) ORDER BY SystemModstamp, Id"
    )


def test_a_page_is_a_batch_that_can_be_gone_on_from(accounts: Scripted) -> None:
    accounts.answers(account(1), done=False, nextRecordsUrl=NEXT)
    accounts.answers(account(2), resource="query/0r8xx5R2yF2gs3VASQ-2000")
    first = next(accounts.connector().pull(Subject.ACCOUNTS, EARLIER))
    accounts.pull(Subject.ACCOUNTS, first.cursor)
    assert accounts.asked()[-1].endswith(
        "WHERE ((SystemModstamp = 2026-06-14T12:00:00Z AND Id > '001000000000000001') OR "
        "SystemModstamp > 2026-06-14T12:00:00Z) AND (SystemModstamp < 2026-06-15T02:55:00Z) "
        "ORDER BY SystemModstamp, Id"
    )


def test_a_forgotten_list_is_asked_for_again_from_the_last_row(accounts: Scripted) -> None:
    accounts.answers(account(1), done=False, nextRecordsUrl=NEXT)
    accounts.refuses(INSTANCE + NEXT, FORGOTTEN)
    accounts.answers(account(2))
    batches = accounts.pull(Subject.ACCOUNTS, EARLIER)
    assert [row.id[-1] for batch in batches for row in batch.rows] == ["1", "2"]
    assert "Id > '001000000000000001'" in accounts.asked()[1]


def test_a_list_that_is_always_forgotten_is_left_for_later(accounts: Scripted) -> None:
    accounts.answers(account(1), done=False, nextRecordsUrl=NEXT)
    accounts.refuses(INSTANCE + NEXT, FORGOTTEN)
    with pytest.raises(Transient):
        accounts.pull(Subject.ACCOUNTS, EARLIER)


def test_a_field_hidden_meanwhile_is_left_out(accounts: Scripted) -> None:
    accounts.refuses(f"{DATA}queryAll", HIDDEN)
    accounts.shows("Account", "Id", "Name", "IsDeleted", "SystemModstamp")
    accounts.answers(account(1))
    batches = accounts.pull(Subject.ACCOUNTS)
    assert [len(batch.rows) for batch in batches] == [1, 0]
    assert ["OwnerId" in query for query in accounts.asked()] == [True, False]


def test_a_query_that_stays_refused_is_left_for_later(accounts: Scripted) -> None:
    accounts.refuses(f"{DATA}queryAll", HIDDEN)
    with pytest.raises(Transient):
        accounts.pull(Subject.ACCOUNTS)


def test_a_hidden_field_that_is_needed_is_never_read_as_empty(accounts: Scripted) -> None:
    row = account(1)
    del row["Name"]
    accounts.answers(row)
    with pytest.raises(NeedsAttention, match=r"Account\.Name"):
        accounts.pull(Subject.ACCOUNTS)


def test_deleted_rows_are_removed(accounts: Scripted) -> None:
    accounts.answers(account(1), account(2, IsDeleted=True))
    (page, _end) = accounts.pull(Subject.ACCOUNTS, EARLIER)
    assert [row.id for row in page.rows] == ["001000000000000001"]
    assert page.removed == ["001000000000000002"]


def test_a_deleted_history_row_removes_all_that_it_may_have_said(org: Scripted) -> None:
    org.has("OpportunityHistory")
    org.shows("OpportunityHistory", *names.HISTORY.fields)
    org.answers({**dict.fromkeys(names.HISTORY.fields), "Id": "0081", "IsDeleted": True})
    page, *_ = org.pull(Subject.CHANGES)
    assert page.removed == ["0081:stage", "0081:amount", "0081:close_date"]


def test_people_are_read_whole_and_only_salespeople(org: Scripted) -> None:
    org.has("User")
    org.shows("User", *names.USERS.fields)
    org.answers(resource="query")
    (batch,) = org.pull(Subject.PEOPLE)
    assert batch.complete
    assert org.asked()[0].endswith("FROM User WHERE UserType = 'Standard'")


def test_meetings_that_have_begun_are_asked_for_by_their_start(org: Scripted) -> None:
    org.has("Event", "Task")
    org.shows("Event", *names.EVENTS.fields)
    org.shows("Task", *names.CALLS.fields)
    org.answers()
    org.answers(resource="query")
    org.pull(Subject.ACTIVITIES, {"begun": "2026-06-14T02:55:00+00:00"})
    assert org.asked()[-1].endswith(
        "(IsDeleted = false) AND (StartDateTime >= 2026-06-14T02:45:00Z) AND "
        "(StartDateTime <= 2026-06-15T03:00:00Z))"
    )


def test_what_the_org_lacks_is_named(org: Scripted) -> None:
    tables = [one for subject in Subject for one in sources.tables(subject)]
    shown = {one.name: set(one.fields) for one in tables if one is not names.QUOTAS}
    shown["Opportunity"] -= {"Amount"}
    shown["Task"] |= set(names.TASKS.fields)
    shown["Event"] |= set(names.EVENTS.fields)
    org.has(*shown)
    for name, fields in shown.items():
        org.shows(name, *fields)
    org.answers(resource="query")
    able = org.connector().capabilities()
    assert able.missing["deals"] == "no_field:Opportunity.Amount"
    assert able.missing["quotas"] == "no_object:ForecastingQuota"
    assert able.subjects >= {Subject.PEOPLE, Subject.STAGES, Subject.ACCOUNTS, Subject.CHANGES}
    assert (able.unique_key, able.key_field) == (False, False)


def test_the_clock_is_salesforces_own(org: Scripted) -> None:
    assert org.connector().clock() == datetime(2026, 6, 15, 3, tzinfo=UTC)


def test_every_call_names_us_and_asks_for_full_pages(accounts: Scripted) -> None:
    accounts.answers()
    accounts.pull(Subject.ACCOUNTS)
    headers = accounts.mock.calls[-1].request.headers
    assert headers["User-Agent"].startswith("crm_loop/")
    assert headers["Sforce-Query-Options"] == "batchSize=2000"


def test_an_answer_without_rows_is_no_empty_list(accounts: Scripted) -> None:
    accounts.mock.get(f"{DATA}queryAll", json={"totalSize": 0}, headers=DATE)
    with pytest.raises(Transient):
        accounts.pull(Subject.ACCOUNTS)


def test_pretty_answers_read_like_compact_ones(accounts: Scripted) -> None:
    pretty = '{\n  "totalSize" : 0,\n  "done" : true,\n  "records" : [ ]\n}'
    accounts.mock.get(f"{DATA}queryAll", body=pretty, headers=DATE)
    assert not [row for batch in accounts.pull(Subject.ACCOUNTS) for row in batch.rows]


def test_a_token_turned_down_twice_is_not_asked_for_again(accounts: Scripted) -> None:
    expired = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    accounts.mock.get(f"{DATA}queryAll", json=expired, status=401, headers=DATE)
    with pytest.raises(Transient):
        accounts.pull(Subject.ACCOUNTS)
    tokens = [call for call in accounts.mock.calls if "oauth2" in str(call.request.url)]
    assert len(tokens) == 2


def test_all_deletions_are_asked_for_in_one_call(accounts: Scripted) -> None:
    accounts.gone = ["001000000000000009AAA"]
    accounts.answers()
    batches = accounts.pull(Subject.ACCOUNTS, EARLIER)
    assert [batch.removed for batch in batches if batch.removed] == [["001000000000000009AAA"]]
    (span,) = accounts.spans
    assert "start=2026-06-13T14%3A45%3A00%2B00%3A00" in span
    assert "end=2026-06-15T02%3A55%3A00%2B00%3A00" in span


def test_a_list_of_deletions_with_a_gap_makes_us_look_at_every_id(accounts: Scripted) -> None:
    accounts.remembers_since = "2026-06-14T23:00:00.000+0000"
    accounts.answers()
    accounts.answers({"Id": "001000000000000001"})
    batches = accounts.pull(Subject.ACCOUNTS, EARLIER | {"swept": "2026-06-14T02:55:00+00:00"})
    assert batches[-2].present == ["001000000000000001"]
    assert batches[-1].swept


def test_every_id_is_looked_at_once_a_week(accounts: Scripted) -> None:
    swept = {"swept": "2026-06-08T02:00:00+00:00"}
    accounts.answers()
    accounts.answers({"Id": "001000000000000001"})
    last = accounts.pull(Subject.ACCOUNTS, EARLIER | swept)[-1]
    assert last.swept
    assert last.cursor is not None
    assert last.cursor["swept"] == "2026-06-15T03:00:00+00:00"


def test_every_id_is_looked_at_when_that_is_asked_for(accounts: Scripted) -> None:
    accounts.answers()
    accounts.answers({"Id": "001000000000000001"})
    last = accounts.pull(Subject.ACCOUNTS, EARLIER | {"reconcile": True})[-1]
    assert last.swept
    assert last.cursor is not None
    assert "reconcile" not in last.cursor


def test_a_query_that_takes_too_long_is_asked_in_halves(accounts: Scripted) -> None:
    slow = [{"errorCode": "QUERY_TIMEOUT", "message": "running for too long"}]
    accounts.refuses(f"{DATA}queryAll", slow)
    accounts.answers(account(1))
    accounts.answers(account(2))
    batches = accounts.pull(Subject.ACCOUNTS, EARLIER)
    ends = [query.partition("SystemModstamp < ")[2][:17] for query in accounts.asked()]
    assert ends == ["2026-06-15T02:55:", "2026-06-14T14:55:", "2026-06-15T02:55:"]
    assert [row.id[-1] for batch in batches for row in batch.rows] == ["1", "2"]


def test_a_merged_account_names_its_survivor(accounts: Scripted) -> None:
    loser = account(2, IsDeleted=True, MasterRecordId="001000000000000001")
    accounts.answers(loser)
    page = next(one for one in accounts.pull(Subject.ACCOUNTS, EARLIER) if one.removed)
    assert page.merged == {"001000000000000002": "001000000000000001"}


def test_a_field_that_is_not_shown_is_told(accounts: Scripted) -> None:
    accounts.shown["Account"] = {"fields": [{"name": one} for one in ("Id", "Name", "OwnerId")]}
    accounts.shown["Account"]["fields"] += [{"name": "SystemModstamp"}, {"name": "IsDeleted"}]
    accounts.has("Account", "Task")
    accounts.shows("Task", *names.TASKS.fields)
    accounts.mock.replace("GET", f"{DATA}sobjects", json={"sobjects": [
        {"name": "Account"}, {"name": "Task"}]}, headers=DATE)  # fmt: skip
    able = accounts.connector().capabilities()
    assert set(able.hidden) >= {"Account.ParentId", "UserRole"}
    assert "Account.Name" not in able.hidden


DEALS_BEFORE = {
    "deals": {"since": "2026-06-14T02:55:00+00:00"},
    "refreshed": "2026-06-14T02:00:00+00:00",
    "swept": "2026-06-14T02:00:00+00:00",
}


@pytest.fixture
def refreshing(org: Scripted) -> Scripted:
    """An org with one stage and no changed deals."""
    org.has("Opportunity", "OpportunityStage")
    org.shows("OpportunityStage", *names.STAGES.fields)
    stage = {"ApiName": "提案", "MasterLabel": "提案", "SortOrder": 1}
    org.answers()
    org.answers(stage | {"IsClosed": True, "IsWon": False}, resource="query")
    org.answers(resource="query")
    return org


def test_deals_in_a_stage_that_means_something_else_are_read_again(refreshing: Scripted) -> None:
    refreshing.shows("Opportunity", *names.OPPORTUNITIES.fields)
    refreshing.pull(Subject.DEALS, DEALS_BEFORE | {"stages": {"提案": "00"}})
    assert "StageName IN ('提案')" in refreshing.asked()[-1]


def test_while_stages_mean_the_same_nothing_is_read_again(refreshing: Scripted) -> None:
    refreshing.shows("Opportunity", *names.OPPORTUNITIES.fields)
    refreshing.pull(Subject.DEALS, DEALS_BEFORE | {"stages": {"提案": "10"}})
    assert "FROM OpportunityStage" in refreshing.asked()[-1]


def test_open_deals_with_formulas_are_read_again_every_day(refreshing: Scripted) -> None:
    refreshing.shows("Opportunity", *names.OPPORTUNITIES.fields)
    refreshing.shown["Opportunity"]["fields"].append({"name": "NextStep", "calculated": True})
    refreshing.mock.replace(
        "GET",
        f"{DATA}sobjects/Opportunity/describe",
        json=refreshing.shown["Opportunity"],
        headers=DATE,
    )
    refreshing.pull(Subject.DEALS, DEALS_BEFORE)
    assert "IsClosed = false" in refreshing.asked()[-1]


def test_what_is_fresh_is_not_read_again(refreshing: Scripted) -> None:
    refreshing.shows("Opportunity", *names.OPPORTUNITIES.fields)
    today = {"refreshed": "2026-06-15T02:00:00+00:00"}
    refreshing.pull(Subject.DEALS, DEALS_BEFORE | today)
    assert len(refreshing.asked()) == 1

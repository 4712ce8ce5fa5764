"""Batches of writes: what is sent together, what stops, what is said of each row."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from ssl import SSLCertVerificationError
from typing import Any

import pytest
import requests
import responses
from urllib3 import HTTPConnectionPool
from urllib3 import exceptions as network
from urllib3.connection import HTTPConnection

from crm_loop.connector.contract import Account, Change, Connector, Op, Result, Sought, TaskFields
from crm_loop.connector.memory import MemoryPorts
from crm_loop.errors import NeedsAttention, Transient
from crm_loop_salesforce.connector import SalesforceConnector

INSTANCE = "https://acme.my.salesforce.com"
DATA = f"{INSTANCE}/services/data/v67.0/"
ROWS = f"{DATA}composite/sobjects"
REP, US = "0055g000001AbCdEAK", "0055g00000UsUsUEAX"
KEY_FIELD = {"name": "CrmLoop_Key__c", "externalId": True, "unique": True, "createable": True}
OFF = [{"errorCode": "API_DISABLED_FOR_ORG", "message": "The REST API is not enabled"}]

HOST = "acme.my.salesforce.com"

Answer = Callable[[requests.PreparedRequest], tuple[int, dict[str, str], str]]


class Org:
    """An org of written answers that waits for nobody."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock
        identity = f"{INSTANCE}/id/00D5g000004AbcDEAS/{US}"
        token = {"access_token": "00D!x", "instance_url": INSTANCE, "id": identity}
        mock.post(f"{INSTANCE}/services/oauth2/token", json=token)

    def shows(self, *fields: dict[str, Any]) -> None:
        self.mock.get(f"{DATA}sobjects/Task/describe", json={"fields": list(fields)})

    def takes_everything(self, method: str = "POST") -> None:
        self.mock.add_callback(method, ROWS, callback=_all_done)

    def holds(self, *rows: dict[str, Any]) -> None:
        self.mock.get(f"{DATA}queryAll", json={"records": list(rows), "done": True})

    def sent(self) -> list[list[dict[str, Any]]]:
        bodies = [call.request.body for call in self.mock.calls if call.request.url == ROWS]
        return [json.loads(body or "")["records"] for body in bodies]

    def asked(self) -> list[str]:
        params = [call.request.params for call in self.mock.calls]  # type: ignore[attr-defined]  # set by responses
        return [one["q"] for one in params if "q" in one]

    def connector(self) -> Connector:
        account = Account(
            organisation="acme",
            connection="salesforce",
            url=INSTANCE,
            credentials={"client_id": "3MVG9", "client_secret": "secret"},
        )
        return SalesforceConnector(account, MemoryPorts().ports, sleep=lambda _: None)

    def results(self, changes: Sequence[Change]) -> list[Result]:
        return [one.result for one in self.connector().apply(changes)]


def _all_done(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
    records = json.loads(request.body or "{}")["records"]
    rows = [{"id": f"00T{n:015}", "success": True, "errors": []} for n, _ in enumerate(records)]
    return 200, {}, json.dumps(rows)


@pytest.fixture
def empty() -> Iterator[Org]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Org(mock)


@pytest.fixture
def org(empty: Org) -> Org:
    empty.shows(KEY_FIELD)
    return empty


def create(number: int = 1, deal: str | None = None) -> Change:
    fields = TaskFields(
        owner_id=REP, subject="電話", body="本文", due=date(2026, 6, 19), deal_id=deal
    )
    return Change(key=f"cl1t{number:040x}", op=Op.CREATE, fields=fields)


def update(number: int = 1, crm_id: str | None = None) -> Change:
    return replace(create(number), op=Op.UPDATE, crm_id=crm_id or f"00T{number:015}")


def test_two_hundred_rows_travel_together(org: Org) -> None:
    org.takes_everything()
    assert org.results([create(n) for n in range(450)]) == [Result.DONE] * 450
    assert [len(rows) for rows in org.sent()] == [200, 200, 50]


def test_rows_of_one_deal_travel_together(org: Org) -> None:
    org.takes_everything()
    deals = [f"006{n % 2:015}" for n in range(6)]
    org.results([create(n, deal) for n, deal in enumerate(deals)])
    assert [row["WhatId"] for row in org.sent()[0]] == sorted(deals)


def test_outcomes_come_in_the_order_of_the_changes(org: Org) -> None:
    org.takes_everything()
    changes = [create(n, f"006{9 - n:015}") for n in range(5)]
    assert [one.key for one in org.connector().apply(changes)] == [one.key for one in changes]


def test_a_key_that_comes_twice_is_sent_once(org: Org) -> None:
    org.takes_everything()
    assert org.results([create(), create()]) == [Result.DONE, Result.DONE]
    assert [len(rows) for rows in org.sent()] == [1]


def test_a_change_of_nothing_never_reaches_an_address(org: Org) -> None:
    org.takes_everything("PATCH")
    assert org.results([update(1, "../../oauth2"), update(2)]) == [Result.REFUSED, Result.DONE]


def test_a_task_that_was_purged_is_gone(org: Org) -> None:
    error = {"statusCode": "INVALID_CROSS_REFERENCE_KEY", "message": "invalid cross reference id"}
    org.mock.patch(ROWS, json=[{"success": False, "errors": [error]}])
    assert org.results([update()]) == [Result.GONE]


def test_deleting_names_the_ids_in_the_address(org: Org) -> None:
    org.mock.delete(ROWS, json=[{"id": "00T000000000000001", "success": True, "errors": []}])
    assert org.results([replace(update(), op=Op.DELETE)]) == [Result.DONE]
    url = str(org.mock.calls[-1].request.url)
    assert url == f"{ROWS}?ids=00T000000000000001&allOrNone=false"


def cut_off(reason: Exception) -> requests.ConnectionError:
    """What the client library makes of a network failure below it."""
    failed = network.MaxRetryError(HTTPConnectionPool(HOST), "/", reason)
    if isinstance(reason, network.ConnectTimeoutError):
        return requests.ConnectTimeout(failed)
    return requests.ConnectionError(failed)


def test_nothing_more_is_sent_after_an_answer_was_lost(org: Org) -> None:
    org.mock.post(ROWS, body=requests.ReadTimeout("no answer"))
    results = org.results([create(n) for n in range(201)])
    assert results == [Result.UNKNOWN] * 200 + [Result.NOT_SENT]
    assert len(org.sent()) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"body": requests.ConnectionError("Connection reset by peer")},
        {"body": cut_off(network.SSLError("EOF occurred in violation of protocol"))},
        {"status": 500, "body": ""},
        {"status": 502, "body": "<html>Bad gateway</html>"},
        {"status": 200, "body": "<html>Please wait.</html>"},
        {"status": 200, "body": '[{"id":"00T0000'},
        {"status": 200, "json": []},
        {"status": 200, "json": {"hasErrors": False}},
        {"status": 200, "json": ["?"]},
        {"status": 200, "body": "null"},
        {"status": 204},
    ],
)
def test_an_answer_that_says_nothing_of_the_row_leaves_it_open(org: Org, answer: Any) -> None:
    org.mock.post(ROWS, **answer)
    assert org.results([create()]) == [Result.UNKNOWN]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"body": cut_off(network.NewConnectionError(HTTPConnection(HOST), "refused"))}, Transient),
        ({"body": cut_off(network.ConnectTimeoutError("too slow"))}, Transient),
        ({"body": cut_off(network.SSLError(SSLCertVerificationError(1, "expired")))}, Transient),
        ({"status": 429, "body": ""}, Transient),
        ({"status": 429, "body": "<html>Maintenance</html>"}, Transient),
        ({"status": 403, "json": OFF}, NeedsAttention),
    ],
)
def test_what_surely_took_nothing_is_raised(org: Org, answer: Any, kind: type[Exception]) -> None:
    org.mock.post(ROWS, **answer)
    with pytest.raises(kind):
        org.connector().apply([create()])


def test_a_description_that_fails_is_no_lost_write(empty: Org) -> None:
    empty.mock.get(f"{DATA}sobjects/Task/describe", status=500)
    with pytest.raises(Transient):
        empty.connector().apply([create()])
    assert not empty.sent()


def test_a_batch_that_is_refused_as_a_whole_tells_each_row(org: Org) -> None:
    error = [{"errorCode": "JSON_PARSER_ERROR", "message": "unreadable"}]
    org.mock.post(ROWS, json=error, status=400)
    (outcome,) = org.connector().apply([create()])
    assert (outcome.result, outcome.code) == (Result.REFUSED, "salesforce.json_parser_error")


def test_a_locked_row_that_then_gets_no_answer_is_unknown(org: Org) -> None:
    locked = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access"}
    org.mock.post(ROWS, json=[{"success": False, "errors": [locked]}])
    org.mock.post(ROWS, status=500)
    assert org.results([create()]) == [Result.UNKNOWN]


def test_a_look_up_asks_for_a_hundred_keys_at_once(org: Org) -> None:
    org.holds()
    org.connector().look_up([Sought(key=f"cl1t{n:040x}") for n in range(250)])
    assert [query.count("cl1t") for query in org.asked()] == [100, 100, 50]


def test_without_a_field_the_key_is_the_last_line(empty: Org) -> None:
    empty.shows({"name": "Subject"})
    empty.takes_everything()
    empty.results([create()])
    ((row,),) = empty.sent()
    assert row["Description"] == f"本文\n{create().key}"
    assert "CrmLoop_Key__c" not in row


def test_without_a_field_our_tasks_are_known_by_what_only_they_can_be(empty: Org) -> None:
    empty.shows({"name": "Subject"})
    empty.holds()
    since = datetime(2026, 6, 15, 3, tzinfo=UTC)
    sought = Sought(key=create().key, owner_id=REP, due=date(2026, 6, 19), since=since)
    assert empty.connector().look_up([sought]) == {}
    (query,) = empty.asked()
    assert query.endswith(
        f"WHERE (OwnerId IN ('{REP}')) AND (ActivityDate IN (2026-06-19)) AND "
        f"(CreatedById = '{US}') AND (CreatedDate >= 2026-06-15T02:55:00Z)"
    )


def test_a_key_without_any_hint_is_not_looked_for_among_all_texts(empty: Org) -> None:
    empty.shows({"name": "Subject"})
    assert empty.connector().look_up([Sought(key=create().key)]) == {}
    assert not empty.asked()

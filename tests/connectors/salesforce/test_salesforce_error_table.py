"""Every error of Salesforce's catalogue, over the wire: what it makes of a reading and a write."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import requests
import responses

from crm_loop.connector.contract import Account, Change, Op, Outcome, Result, TaskFields
from crm_loop.connector.memory import MemoryPorts
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient
from crm_loop.records import Subject
from crm_loop_salesforce.connector import SalesforceConnector

INSTANCE = "https://acme.my.salesforce.com"
DATA = f"{INSTANCE}/services/data/v67.0/"
KEY = "cl1t" + "0a" * 20
WORDS = "the CRM's own words"
PAGE = "<html><body>We are setting things up.</body></html>"
STAGE = ("ApiName", "MasterLabel", "SortOrder", "IsClosed", "IsWon")


class Wire:
    """An org that answers one question wrongly."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock
        token = {"access_token": "00D!x", "instance_url": INSTANCE, "id": f"{INSTANCE}/id/00D/005"}
        mock.post(f"{INSTANCE}/services/oauth2/token", json=token)
        self.describes("OpportunityStage", *STAGE)
        self.describes("Task", "Id", "Subject", "CrmLoop_Key__c")

    def describes(self, table: str, *names: str) -> None:
        flags = {"externalId": True, "unique": True, "createable": True}
        fields = [{"name": name, **flags} for name in names]
        self.mock.get(f"{DATA}sobjects/{table}/describe", json={"fields": fields})

    def reads(self) -> CrmLoopError | None:
        """The error of a pull whose query was answered so."""
        try:
            list(self._connector().pull(Subject.STAGES, None))
        except CrmLoopError as error:
            return error
        return None

    def writes(self, op: Op = Op.CREATE) -> Outcome | CrmLoopError:
        fields = TaskFields(
            owner_id="0055g000001AbCdEAK", subject="電話", body="", due=date(2026, 6, 19)
        )
        change = Change(key=KEY, op=op, fields=fields, crm_id="00T5g000001AbCdEAK")
        try:
            (outcome,) = self._connector().apply([change])
        except CrmLoopError as error:
            return error
        return outcome

    def _connector(self) -> SalesforceConnector:
        account = Account(
            organisation="acme",
            connection="salesforce",
            url=INSTANCE,
            settings={"retry_wait": 0},
            credentials={"client_id": "3MVG9", "client_secret": "secret"},
        )
        return SalesforceConnector(account, MemoryPorts().ports, sleep=lambda _: None)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Wire(mock)


def complaint(code: str, text: str) -> list[dict[str, Any]]:
    return [{"message": text, "errorCode": code}]


#: Status, code, text; what a reading makes of it; what a write of one row makes of it.
CALLS: tuple[tuple[int, str, str, type[CrmLoopError], Result | type[CrmLoopError]], ...] = (
    (401, "INVALID_SESSION_ID", "Session expired or invalid", Transient, Transient),
    (401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API",
     NeedsAttention, NeedsAttention),
    (401, "INVALID_SESSION_ID", "Connected app is not attached to Agent", NeedsAttention,
     NeedsAttention),
    (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", Transient, Transient),
    (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
     Transient, Transient),
    (403, "API_DISABLED_FOR_ORG", WORDS, NeedsAttention, NeedsAttention),
    (403, "API_CURRENTLY_DISABLED", WORDS, NeedsAttention, NeedsAttention),
    (403, "TXN_SECURITY_METERING_ERROR", WORDS, NeedsAttention, NeedsAttention),
    (403, "TXN_SECURITY_NO_ACCESS", WORDS, NeedsAttention, NeedsAttention),
    (503, "SERVER_UNAVAILABLE", "Server too busy", Transient, Transient),
    (500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.", Transient, Result.UNKNOWN),
    (400, "QUERY_TIMEOUT", "Your query request was running for too long.", Transient, Transient),
    (400, "INVALID_QUERY_LOCATOR", "invalid query locator", Transient, Transient),
    (400, "INVALID_QUERY_FILTER_OPERATOR", WORDS, Refused, Result.REFUSED),
    (400, "MALFORMED_QUERY", WORDS, Refused, Result.REFUSED),
    (400, "QUERY_TOO_COMPLICATED", WORDS, Transient, Transient),
    (400, "OPERATION_TOO_LARGE", "exceeded 100000 distinct who/what's", NeedsAttention,
     NeedsAttention),
    (400, "EXCEEDED_ID_LIMIT", WORDS, Refused, Result.REFUSED),
    (400, "NUMBER_OUTSIDE_VALID_RANGE", WORDS, Refused, Result.REFUSED),
    (400, "INVALID_FIELD", "No such column 'Foo__c' on entity 'Task'.", Transient, Result.REFUSED),
    (400, "INVALID_TYPE", "sObject type 'X' is not supported.", Transient, Result.REFUSED),
    (403, "INSUFFICIENT_ACCESS_OR_READONLY", WORDS, Refused, Result.REFUSED),
    (404, "NOT_FOUND", "The requested resource does not exist", Refused, Result.REFUSED),
    (400, "MALFORMED_ID", WORDS, Refused, Result.REFUSED),
    (400, "MISSING_ARGUMENT", "Id not specified in an update call", Refused, Result.REFUSED),
    (400, "JSON_PARSER_ERROR", WORDS, Refused, Result.REFUSED),
    (404, "ENTITY_IS_DELETED", "entity is deleted", Refused, Result.REFUSED),
    (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", Transient, Transient),
    (400, "INVALID_FIELD_FOR_INSERT_UPDATE", WORDS, NeedsAttention, NeedsAttention),
    (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", WORDS, NeedsAttention, NeedsAttention),
    (403, "LIMIT_EXCEEDED", WORDS, NeedsAttention, NeedsAttention),
    (403, "STORAGE_LIMIT_EXCEEDED", WORDS, NeedsAttention, NeedsAttention),
)  # fmt: skip


@pytest.mark.parametrize(("status", "code", "text", "reading", "writing"), CALLS)
def test_an_error_of_a_call_leads_to_what_to_do_next(
    wire: Wire, status: int, code: str, text: str, reading: type, writing: Any
) -> None:
    for method, path in (("GET", "query"), ("POST", "composite/sobjects")):
        wire.mock.add(method, DATA + path, json=complaint(code, text), status=status)
    assert isinstance(wire.reads(), reading)
    written = wire.writes()
    if isinstance(written, Outcome):
        assert written.result is writing
    else:
        assert isinstance(written, writing)


@pytest.mark.parametrize("status", [406, 420, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", ["", PAGE])
def test_a_page_of_the_edge_is_waited_for(wire: Wire, status: int, body: str) -> None:
    wire.mock.get(f"{DATA}query", body=body, status=status)
    assert isinstance(wire.reads(), Transient)


@pytest.mark.parametrize(
    ("status", "result"),
    [(200, Result.UNKNOWN), (406, Result.UNKNOWN), (500, Result.UNKNOWN), (502, Result.UNKNOWN),
     (503, Result.UNKNOWN), (504, Result.UNKNOWN), (420, Transient), (429, Transient)],
)  # fmt: skip
@pytest.mark.parametrize("body", ["", PAGE, '[{"success":tr'])
def test_an_unreadable_answer_to_a_write_leaves_it_open(
    wire: Wire, status: int, result: Any, body: str
) -> None:
    wire.mock.post(f"{DATA}composite/sobjects", body=body, status=status)
    written = wire.writes()
    if isinstance(written, Outcome):
        assert written.result is result
    else:
        assert isinstance(written, result)


@pytest.mark.parametrize(
    "broken",
    [requests.ReadTimeout(), requests.ConnectionError("reset by peer"),
     requests.exceptions.ChunkedEncodingError()],
)  # fmt: skip
def test_a_line_that_breaks_is_transient_for_reading_and_open_for_writing(
    wire: Wire, broken: Exception
) -> None:
    wire.mock.get(f"{DATA}query", body=broken)
    wire.mock.post(f"{DATA}composite/sobjects", body=broken)
    assert isinstance(wire.reads(), Transient)
    written = wire.writes()
    assert isinstance(written, Outcome)
    assert written.result is Result.UNKNOWN


#: Code of a row; what becomes of a new task; of a change of one that stands.
ROWS = (
    ("UNABLE_TO_LOCK_ROW", Result.NOT_SENT, Result.NOT_SENT),
    ("ENTITY_IS_DELETED", Result.REFUSED, Result.GONE),
    ("NOT_FOUND", Result.REFUSED, Result.GONE),
    ("INVALID_CROSS_REFERENCE_KEY", Result.REFUSED, Result.GONE),
    ("INVALID_FIELD_FOR_INSERT_UPDATE", Result.REFUSED, Result.REFUSED),
    ("INSUFFICIENT_ACCESS_OR_READONLY", Result.REFUSED, Result.REFUSED),
    ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", Result.REFUSED, Result.REFUSED),
    ("REQUIRED_FIELD_MISSING", Result.REFUSED, Result.REFUSED),
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", Result.REFUSED, Result.REFUSED),
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Result.REFUSED, Result.REFUSED),
    ("CANNOT_EXECUTE_FLOW_TRIGGER", Result.REFUSED, Result.REFUSED),
    ("APEX_ERROR", Result.REFUSED, Result.REFUSED),
    ("STRING_TOO_LONG", Result.REFUSED, Result.REFUSED),
    ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Result.REFUSED, Result.REFUSED),
    ("FIELD_INTEGRITY_EXCEPTION", Result.REFUSED, Result.REFUSED),
    ("INACTIVE_OWNER_OR_USER", Result.REFUSED, Result.REFUSED),
    ("DUPLICATES_DETECTED", Result.REFUSED, Result.REFUSED),
    ("MALFORMED_ID", Result.REFUSED, Result.REFUSED),
    ("LIMIT_EXCEEDED", Result.REFUSED, Result.REFUSED),
    ("STORAGE_LIMIT_EXCEEDED", Result.REFUSED, Result.REFUSED),
    ("INVALID_EMAIL_ADDRESS", Result.REFUSED, Result.REFUSED),
    # Rows that went down with another one were fine; they go again.
    ("ALL_OR_NONE_OPERATION_ROLLED_BACK", Result.NOT_SENT, Result.NOT_SENT),
    ("PROCESSING_HALTED", Result.NOT_SENT, Result.NOT_SENT),
)
#: What triggers and flows of the org's own say when a row was only locked.
LOCKED = (
    ("APEX_ERROR", "TaskTrigger: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access"),
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "caused by: Record Currently Unavailable: …"),
    ("CANNOT_EXECUTE_FLOW_TRIGGER", "record currently unavailable"),
)


@pytest.mark.parametrize(("code", "creating", "changing"), ROWS)
def test_an_error_of_a_row_says_what_became_of_it_in_the_crms_words(
    wire: Wire, code: str, creating: Result, changing: Result
) -> None:
    refused = [{"success": False, "errors": [{"statusCode": code, "message": WORDS, "fields": []}]}]
    wire.mock.post(f"{DATA}composite/sobjects", json=refused)
    wire.mock.add("PATCH", f"{DATA}composite/sobjects", json=refused)
    for op, result in ((Op.CREATE, creating), (Op.UPDATE, changing)):
        written = wire.writes(op)
        assert isinstance(written, Outcome)
        assert (written.result, written.code, written.text) == (result, code, WORDS)


@pytest.mark.parametrize(("code", "text"), LOCKED)
def test_a_row_that_was_only_locked_goes_again(wire: Wire, code: str, text: str) -> None:
    refused = [{"success": False, "errors": [{"statusCode": code, "message": text}]}]
    wire.mock.post(f"{DATA}composite/sobjects", json=refused)
    written = wire.writes()
    assert isinstance(written, Outcome)
    assert written.result is Result.NOT_SENT


def test_our_key_on_another_record_means_that_it_is_already_there(wire: Wire) -> None:
    text = "duplicate value found: CrmLoop_Key__c duplicates value on record with id: 00T5g000001Ab"
    refused = [{"success": False, "errors": [{"statusCode": "DUPLICATE_VALUE", "message": text}]}]
    wire.mock.post(f"{DATA}composite/sobjects", json=refused)
    stamp = "2026-06-15T03:00:00.000+0000"
    row = {"Id": "00T5g000001AbCdEAK", "CrmLoop_Key__c": KEY, "OwnerId": "005", "IsClosed": False,
           "IsDeleted": False, "SystemModstamp": stamp}  # fmt: skip
    wire.mock.get(f"{DATA}queryAll", json={"records": [row], "done": True})
    written = wire.writes()
    assert isinstance(written, Outcome)
    assert (written.result, written.crm_id) == (Result.ALREADY_THERE, "00T5g000001AbCdEAK")


def test_both_meanings_of_a_used_up_limit_are_told_apart(wire: Wire) -> None:
    texts = ("TotalRequests Limit exceeded.", "ConcurrentRequests Limit exceeded.")
    waits = []
    for text in texts:
        body = complaint("REQUEST_LIMIT_EXCEEDED", text)
        wire.mock.upsert("GET", f"{DATA}query", json=body, status=403)
        error = wire.reads()
        assert isinstance(error, Transient)
        waits.append(error.retry_after)
    assert waits == [3600.0, 5.0]

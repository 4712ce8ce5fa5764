"""Every error of Salesforce leads to what has to be done next."""

from typing import Any

import pytest

from crm_loop.connector.contract import Result
from crm_loop.errors import NeedsAttention, Refused, Transient
from crm_loop_salesforce.errors import (
    Complaint,
    LocatorExpired,
    SessionExpired,
    Unanswered,
    classify,
    row_result,
)

WORDS = "words of the org"
EXPIRED = "Session expired or invalid"
NO_REST = "This session is not valid for use with the REST API"


@pytest.mark.parametrize(
    ("status", "code", "text", "kind"),
    [
        (401, "INVALID_SESSION_ID", EXPIRED, SessionExpired),
        (401, "INVALID_SESSION_ID", NO_REST, NeedsAttention),
        (401, "INVALID_SESSION_ID", "Connected app is not attached to Agent", NeedsAttention),
        (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", Transient),
        (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", Transient),
        (403, "API_DISABLED_FOR_ORG", WORDS, NeedsAttention),
        (403, "API_CURRENTLY_DISABLED", WORDS, NeedsAttention),
        (403, "TXN_SECURITY_METERING_ERROR", WORDS, NeedsAttention),
        (403, "TXN_SECURITY_NO_ACCESS", WORDS, NeedsAttention),
        (503, "SERVER_UNAVAILABLE", "Server too busy", Transient),
        (500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.", Unanswered),
        (400, "QUERY_TIMEOUT", "Your query request was running for too long.", Transient),
        (400, "INVALID_QUERY_LOCATOR", "invalid query locator", LocatorExpired),
        (400, "MALFORMED_QUERY", WORDS, Refused),
        (400, "INVALID_QUERY_FILTER_OPERATOR", WORDS, Refused),
        (400, "OPERATION_TOO_LARGE", "exceeded 100000 distinct who/what's", NeedsAttention),
        (400, "EXCEEDED_ID_LIMIT", WORDS, Refused),
        (400, "INVALID_FIELD", "No such column 'Foo__c' on entity 'Task'.", Refused),
        (400, "INVALID_TYPE", "sObject type 'X' is not supported.", Refused),
        (403, "INSUFFICIENT_ACCESS_OR_READONLY", WORDS, Refused),
        (404, "NOT_FOUND", "The requested resource does not exist", Refused),
        (400, "STORAGE_LIMIT_EXCEEDED", WORDS, NeedsAttention),
        (400, "LIMIT_EXCEEDED", WORDS, NeedsAttention),
    ],
)
def test_an_error_says_what_to_do_next(status: int, code: str, text: str, kind: type) -> None:
    error = classify(status, [{"errorCode": code, "message": text}])
    assert isinstance(error, kind)
    assert error.code


@pytest.mark.parametrize("status", [406, 500, 502, 503, 504])
@pytest.mark.parametrize("body", ["", "<html>Please wait.</html>", [], None])
def test_an_answer_without_a_reason_leaves_everything_open(status: int, body: Any) -> None:
    assert isinstance(classify(status, body), Unanswered)


@pytest.mark.parametrize("status", [420, 429])
@pytest.mark.parametrize("body", ["", "<html>Please wait.</html>", []])
def test_a_busy_edge_took_nothing(status: int, body: Any) -> None:
    error = classify(status, body)
    assert isinstance(error, Transient)
    assert not isinstance(error, Unanswered)
    assert error.retry_after


@pytest.mark.parametrize(
    ("code", "text", "changing", "creating"),
    [
        ("UNABLE_TO_LOCK_ROW", WORDS, Result.NOT_SENT, Result.NOT_SENT),
        ("APEX_ERROR", "TaskTrigger: UNABLE_TO_LOCK_ROW, unable …", Result.NOT_SENT,
         Result.NOT_SENT),
        ("CANNOT_EXECUTE_FLOW_TRIGGER", "The record currently unavailable", Result.NOT_SENT,
         Result.NOT_SENT),
        ("ENTITY_IS_DELETED", WORDS, Result.GONE, Result.REFUSED),
        ("NOT_FOUND", WORDS, Result.GONE, Result.REFUSED),
        ("INVALID_CROSS_REFERENCE_KEY", WORDS, Result.GONE, Result.REFUSED),
        ("DUPLICATE_VALUE", WORDS, Result.ALREADY_THERE, Result.ALREADY_THERE),
        ("INSUFFICIENT_ACCESS_OR_READONLY", WORDS, Result.REFUSED, Result.REFUSED),
        ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", WORDS, Result.REFUSED, Result.REFUSED),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", WORDS, Result.REFUSED, Result.REFUSED),
        ("REQUIRED_FIELD_MISSING", WORDS, Result.REFUSED, Result.REFUSED),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", WORDS, Result.REFUSED, Result.REFUSED),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", WORDS, Result.REFUSED, Result.REFUSED),
        ("STRING_TOO_LONG", WORDS, Result.REFUSED, Result.REFUSED),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", WORDS, Result.REFUSED, Result.REFUSED),
        ("FIELD_INTEGRITY_EXCEPTION", WORDS, Result.REFUSED, Result.REFUSED),
        ("INACTIVE_OWNER_OR_USER", WORDS, Result.REFUSED, Result.REFUSED),
        ("MALFORMED_ID", WORDS, Result.REFUSED, Result.REFUSED),
    ],
)  # fmt: skip
def test_an_error_of_a_row_says_what_became_of_it(
    code: str, text: str, changing: Result, creating: Result
) -> None:
    found = [Complaint(code, text)]
    assert row_result(found) is changing
    assert row_result(found, creating=True) is creating


def test_several_errors_of_a_row_are_read_together() -> None:
    found = [
        Complaint("FIELD_CUSTOM_VALIDATION_EXCEPTION", WORDS),
        Complaint("DUPLICATE_VALUE", ""),
    ]
    assert row_result(found) is Result.ALREADY_THERE

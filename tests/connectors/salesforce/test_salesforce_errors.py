"""Salesforce's errors, named after what to do next."""

from typing import Any

import pytest

from crm_loop.connector.contract import Result
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient
from crm_loop_salesforce.errors import (
    LocatorExpired,
    SessionExpired,
    Unanswered,
    classify,
    complaints,
    row_result,
)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}],
         SessionExpired),
        (401, [{"errorCode": "INVALID_SESSION_ID", "message": "This session is not valid for use "
                "with the REST API"}], NeedsAttention),
        (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}],
         Transient),
        (403, [{"errorCode": "API_DISABLED_FOR_ORG", "message": "off"}], NeedsAttention),
        (400, [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "gone"}], LocatorExpired),
        (400, [{"errorCode": "INVALID_FIELD", "message": "No such column"}], Refused),
        (429, "<html>Please wait.</html>", Transient),
        (503, "<html>Please wait.</html>", Unanswered),
        (500, "", Unanswered),
    ],
)  # fmt: skip
def test_an_error_is_named_after_what_to_do_next(
    status: int, body: Any, kind: type[CrmLoopError]
) -> None:
    assert type(classify(status, body)) is kind


def test_the_days_limit_waits_longer_than_a_busy_moment() -> None:
    code = "REQUEST_LIMIT_EXCEEDED"
    day = classify(403, [{"errorCode": code, "message": "TotalRequests Limit exceeded."}])
    busy = classify(403, [{"errorCode": code, "message": "ConcurrentRequests Limit exceeded."}])
    assert isinstance(day, Transient)
    assert isinstance(busy, Transient)
    assert (day.retry_after or 0) > 100 * (busy.retry_after or 0) > 0


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("UNABLE_TO_LOCK_ROW", Result.NOT_SENT),
        ("ENTITY_IS_DELETED", Result.GONE),
        ("DUPLICATE_VALUE", Result.ALREADY_THERE),
        ("INACTIVE_OWNER_OR_USER", Result.REFUSED),
    ],
)
def test_an_error_of_a_row_is_about_that_row(code: str, result: Result) -> None:
    assert row_result(complaints([{"statusCode": code, "message": "no"}])) is result

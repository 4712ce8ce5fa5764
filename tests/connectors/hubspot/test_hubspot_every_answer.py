"""Every status and category that HubSpot answers with, for reads, writes and single rows.

HubSpot's own client speaks urllib3, which `responses` does not reach: these answers travel over a
real connection instead.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from crm_loop.connector.contract import Change, Op, Result, TaskFields
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient

V = "2026-03"
PATH = f"/crm/objects/{V}/deals"
CREATE = f"/crm/objects/{V}/tasks/batch/create"
KEY = f"cl1t{1:040x}"
CHANGE = Change(
    key=KEY,
    op=Op.CREATE,
    fields=TaskFields(owner_id="5", subject="電話", body="", due=date(2026, 6, 19)),
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """An answer; the error of a read; what a create comes to (an error where none was sent)."""

    status: int
    read: type[CrmLoopError]
    write: Result | type[CrmLoopError]
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    code: str | None = None

    def __str__(self) -> str:
        told = self.body.get("category") if isinstance(self.body, dict) else "html"
        return f"{self.status} {told or ''} {self.code or ''}".strip()


def limit(policy: str, message: str, **more: str) -> dict[str, str]:
    return {"status": "error", "message": message, "policyName": policy, **more}


UNKNOWN_NAME = {
    "status": "error",
    "category": "VALIDATION_ERROR",
    "message": 'Property values were not valid: [{"isValid":false,"message":"Property \\"x\\" does '
    'not exist","error":"PROPERTY_DOESNT_EXIST","name":"x"}]',
}
RULE = {
    "status": "error",
    "category": "VALIDATION_ERROR",
    "message": "Error creating TASK. Some required properties were not set.",
    "context": {"properties": ["reason"]},
}
SCOPES = {
    "status": "error",
    "category": "MISSING_SCOPES",
    "errors": [{"context": {"requiredGranularScopes": ["crm.objects.contacts.write"]}}],
}
HTML = "<html><head><title>502 Bad Gateway</title></head></html>"
DAILY = limit("DAILY", "You have reached your daily limit.")
CASES = [
    Case(status=400, body=UNKNOWN_NAME, read=Refused, write=Result.REFUSED),
    Case(status=400, body=HTML, read=Refused, write=Result.REFUSED),
    Case(
        status=400,
        body=RULE,
        read=NeedsAttention,
        write=NeedsAttention,
        code="hubspot.required_fields",
    ),
    Case(
        status=401,
        body={"category": "INVALID_AUTHENTICATION"},
        read=NeedsAttention,
        write=NeedsAttention,
        code="connection.token_refused",
    ),
    Case(
        status=401,
        body={"category": "EXPIRED_AUTHENTICATION"},
        read=NeedsAttention,
        write=NeedsAttention,
        code="connection.token_refused",
    ),
    Case(
        status=403,
        body=SCOPES,
        read=NeedsAttention,
        write=NeedsAttention,
        code="connection.missing_scope",
    ),
    Case(status=404, body={"message": "resource not found"}, read=Refused, write=Result.REFUSED),
    Case(status=404, body={"category": "OBJECT_NOT_FOUND"}, read=Refused, write=Result.REFUSED),
    # "exists already": the look that follows finds none here, so that it stays open
    *[
        Case(status=status, body=body, read=Refused, write=Result.UNKNOWN)
        for status, body in (
            (409, {"category": "CONFLICT", "message": "Contact already exists. Existing ID: 1"}),
            (400, {"category": "VALIDATION_ERROR", "message": "CONFLICTING_UNIQUE_VALUE"}),
        )
    ],
    Case(status=414, body=HTML, read=Transient, write=Transient),
    Case(status=423, body={"category": "LOCKED"}, read=Transient, write=Result.UNKNOWN),
    Case(
        status=429,
        body=limit("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit."),
        read=Transient,
        write=Transient,
        code="crm.rate_limit",
    ),
    Case(
        status=429,
        body=limit("SECONDLY", "You have reached your secondly limit.", category="RATE_LIMITS"),
        read=Transient,
        write=Transient,
        code="crm.rate_limit",
    ),
    Case(status=429, body=DAILY, read=Transient, write=Transient, code="crm.daily_limit"),
    Case(
        status=477,
        headers={"Retry-After": "7200"},
        read=Transient,
        write=Transient,
        code="crm.migrating",
    ),
    *[
        Case(status=status, body=HTML, read=Transient, write=Result.UNKNOWN)
        for status in (500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526)
    ],
    Case(status=530, read=NeedsAttention, write=NeedsAttention, code="connection.token_refused"),
    Case(status=200, body=HTML, read=Transient, write=Result.UNKNOWN),
    Case(status=201, body='{"status":"COMPL', read=Transient, write=Result.UNKNOWN),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_read_ends_in_what_is_to_be_done_next(hubspot: Any, case: Case) -> None:
    hubspot.says("GET", PATH, case.body, status=case.status, headers=case.headers)
    with pytest.raises(case.read) as caught:
        hubspot.api().get(PATH)
    assert case.code in (None, caught.value.code)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_create_is_sent_once_and_told_for_what_it_was(hubspot: Any, case: Case) -> None:
    hubspot.says("POST", CREATE, case.body, status=case.status, headers=case.headers)
    connector = hubspot.connector()
    if isinstance(case.write, Result):
        assert [one.result for one in connector.apply([CHANGE])] == [case.write]
    else:
        with pytest.raises(case.write) as caught:
            connector.apply([CHANGE])
        assert case.code in (None, caught.value.code)
    # a token that was turned down is the one thing that is tried again: nothing was executed
    times = 2 if case.status in (401, 530) else 1
    assert len(hubspot.asked("POST", CREATE)) == times


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (UNKNOWN_NAME, Result.REFUSED),
        ({"category": "VALIDATION_ERROR", "message": "INVALID_OWNER_ID"}, Result.REFUSED),
        (RULE, Result.NOT_SENT),
    ],
)
def test_a_bad_row_says_so_and_leaves_its_neighbour_alone(
    hubspot: Any, error: dict[str, Any], result: Result
) -> None:
    neighbour = f"cl1t{2:040x}"
    other = Change(key=neighbour, op=Op.CREATE, fields=CHANGE.fields)
    context = {**error.get("context", {}), "objectWriteTraceId": [KEY]}
    made = {"id": "9002", "properties": {"crm_loop_key": neighbour}}
    answer = {"results": [made], "errors": [{**error, "context": context}]}
    hubspot.says("POST", CREATE, answer, status=207)
    bad, good = hubspot.connector().apply([CHANGE, other])
    assert (bad.result, good.result) == (result, Result.DONE)


def test_a_portal_without_privacy_never_says_that_tasks_are_private(hubspot: Any) -> None:
    free = hubspot.connector(tier="free", tasks_private=True).capabilities()
    paid = hubspot.connector(tier="pro", tasks_private=True).capabilities()
    assert (free.private_tasks, paid.private_tasks) == (False, True)

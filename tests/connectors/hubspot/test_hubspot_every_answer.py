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
from crm_loop_hubspot.associations import ties_of
from crm_loop_hubspot.listing import by_id
from crm_loop_hubspot.translate.kinds import DEALS

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
    "errors": [
        {
            "message": 'Property "x" does not exist',
            "code": "PROPERTY_DOESNT_EXIST",
            "context": {"propertyName": ["x"]},
        }
    ],
}
RULE = {
    "status": "error",
    "category": "VALIDATION_ERROR",
    "message": "Error creating TASK. Some required properties were not set.",
    "context": {"properties": ["reason"]},
}
#: One that we always fill: no rule of an admin but a mistake of ours.
UNFILLED = {**RULE, "context": {"properties": ["hs_timestamp"]}}
SCOPES = {
    "status": "error",
    "category": "MISSING_SCOPES",
    "errors": [{"context": {"requiredGranularScopes": ["crm.objects.contacts.write"]}}],
    "links": {"scopes": "https://developers.hubspot.com/scopes"},
}
HTML = "<html><head><title>502 Bad Gateway</title></head></html>"
DAILY = limit("DAILY", "You have reached your daily limit.")
CASES = [
    Case(status=400, body=UNKNOWN_NAME, read=Refused, write=Result.REFUSED),
    Case(status=400, body=UNFILLED, read=Refused, write=Result.REFUSED),
    Case(status=400, body=HTML, read=Refused, write=Result.REFUSED),
    Case(status=400, read=Refused, write=Result.REFUSED),
    Case(status=400, body="[]", read=Refused, write=Result.REFUSED),
    Case(
        status=400,
        body=RULE,
        read=NeedsAttention,
        write=NeedsAttention,
        code="hubspot.required_fields",
    ),
    Case(
        status=401,
        body={
            "category": "INVALID_AUTHENTICATION",
            "message": "Authentication credentials not found.",
        },
        read=NeedsAttention,
        write=NeedsAttention,
        code="connection.token_refused",
    ),
    Case(
        status=401,
        body={
            "category": "EXPIRED_AUTHENTICATION",
            "message": "The OAuth token used to make this call expired 7 second(s) ago.",
        },
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
    # every field of a body may be absent
    Case(
        status=401,
        read=NeedsAttention,
        write=NeedsAttention,
        code="connection.token_refused",
    ),
    Case(status=403, read=NeedsAttention, write=NeedsAttention, code="connection.missing_scope"),
    Case(status=404, body=HTML, read=Refused, write=Result.REFUSED),
    Case(status=404, body={"message": "resource not found"}, read=Refused, write=Result.REFUSED),
    Case(status=404, body={"category": "OBJECT_NOT_FOUND"}, read=Refused, write=Result.REFUSED),
    # "exists already": the look that follows finds none here, so that it stays open
    *[
        Case(status=status, body=body, read=Refused, write=Result.UNKNOWN)
        for status, body in (
            (409, {"category": "CONFLICT", "message": "Contact already exists. Existing ID: 1"}),
            (409, {}),
            (400, {"category": "VALIDATION_ERROR", "message": "CONFLICTING_UNIQUE_VALUE"}),
            (
                400,
                {
                    "category": "VALIDATION_ERROR",
                    "message": "Property values were not valid",
                    "errors": [{"code": "CONFLICTING_UNIQUE_VALUE"}],
                },
            ),
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
    # newer bodies name no policy, and some say nothing at all
    *[
        Case(status=429, body=body, read=Transient, write=Transient, code="crm.rate_limit")
        for body in (
            {"category": "RATE_LIMITS", "message": "You have reached your secondly limit."},
            {
                "errorType": "RATE_LIMIT",
                "message": "You have reached your ten_secondly_rolling limit.",
            },
            {},
            HTML,
        )
    ],
    Case(
        status=429,
        body={"category": "RATE_LIMITS", "message": "You have reached your daily limit."},
        read=Transient,
        write=Transient,
        code="crm.daily_limit",
    ),
    Case(status=429, body=DAILY, read=Transient, write=Transient, code="crm.daily_limit"),
    Case(
        status=477,
        headers={"Retry-After": "7200"},
        read=Transient,
        write=Transient,
        code="crm.migrating",
    ),
    Case(status=477, read=Transient, write=Transient, code="crm.migrating"),
    *[
        Case(status=status, body={"status": "error"}, read=Transient, write=Result.UNKNOWN)
        for status in (500, 503)
    ],
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


def test_records_without_associations_are_no_error(hubspot: Any) -> None:
    """The status is 207 whenever some record of a batch has none."""
    none = {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": "No contact is associated with deal 102.",
        "context": {"fromObjectId": ["102"]},
    }
    for other in ("contacts", "companies"):
        found = {"from": {"id": "101"}, "to": [{"toObjectId": 7, "associationTypes": []}]}
        answer = {"status": "COMPLETE", "results": [found], "numErrors": 1, "errors": [none]}
        path = f"/crm/associations/{V}/deals/{other}/batch/read"
        hubspot.says("POST", path, answer, status=207)
    ties = ties_of(hubspot.api(), DEALS, ["101", "102"])
    assert [len(ties[one]["contacts"]) for one in ("101", "102")] == [1, 0]


def test_a_record_that_is_gone_spoils_no_batch(hubspot: Any) -> None:
    gone = {"status": "error", "category": "OBJECT_NOT_FOUND", "context": {"ids": ["999"]}}
    answer = {"status": "COMPLETE", "results": [{"id": "101"}], "numErrors": 1, "errors": [gone]}
    hubspot.says("POST", f"{PATH}/batch/read", answer, status=207)
    assert [row["id"] for row in by_id(hubspot.api(), DEALS, ["101", "999"])] == ["101"]

"""What each answer of HubSpot's leads to."""

from typing import Any

import pytest

from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient
from crm_loop_hubspot.errors import (
    Ambiguous,
    Clash,
    Failure,
    MissingScope,
    NotFound,
    classify,
    row_error,
)

UNKNOWN_PROPERTY = {
    "status": "error",
    "message": 'Property values were not valid: [{"error":"PROPERTY_DOESNT_EXIST"}]',
    "errors": [{"message": "no x", "code": "PROPERTY_DOESNT_EXIST"}],
    "category": "VALIDATION_ERROR",
}
REQUIRED = {
    "message": "Error creating TASK. Some required properties were not set.",
    "context": {"properties": ["hs_timestamp"]},
    "category": "VALIDATION_ERROR",
}
NOT_UNIQUE = {"message": "…", "errors": [{"code": "CONFLICTING_UNIQUE_VALUE"}]}
SCOPES = {
    "category": "MISSING_SCOPES",
    "errors": [{"context": {"requiredGranularScopes": ["crm.objects.goals.read"]}}],
}


def outcome(status: int, body: dict[str, Any] | None = None, **headers: str) -> CrmLoopError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return classify(Failure(status=status, body=body or {}, headers=named, daily_wait=7200))


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, UNKNOWN_PROPERTY, Refused, "PROPERTY_DOESNT_EXIST"),
        (400, REQUIRED, Refused, "VALIDATION_ERROR"),
        (400, {}, Refused, "HTTP_400"),
        (400, NOT_UNIQUE, Clash, "CONFLICTING_UNIQUE_VALUE"),
        (401, {"category": "INVALID_AUTHENTICATION"}, NeedsAttention, "connection.token_refused"),
        (401, {"category": "EXPIRED_AUTHENTICATION"}, NeedsAttention, "connection.token_refused"),
        (403, SCOPES, MissingScope, "connection.missing_scope"),
        (404, {"message": "resource not found"}, NotFound, "OBJECT_NOT_FOUND"),
        (409, {"category": "CONFLICT"}, Clash, "CONFLICT"),
        (414, {}, Transient, "crm.url_too_long"),
        (423, {}, Ambiguous, "crm.lock"),
        (429, {}, Transient, "crm.rate_limit"),
        (477, {}, Transient, "crm.migrating"),
        (500, {}, Ambiguous, "crm.server_fault"),
        (502, {}, Ambiguous, "crm.server_fault"),
        (503, {}, Ambiguous, "crm.server_fault"),
        (504, {}, Ambiguous, "crm.server_fault"),
        (524, {}, Ambiguous, "crm.server_fault"),
        (530, {}, NeedsAttention, "connection.token_refused"),
        (302, {}, NeedsAttention, "connection.redirected"),
    ],
)
def test_a_status_leads_to_its_error(
    status: int, body: dict[str, Any], kind: type[CrmLoopError], code: str
) -> None:
    error = outcome(status, body)
    assert isinstance(error, kind)
    assert error.code == code


@pytest.mark.parametrize("status", [429, 477, 414])
def test_what_was_not_executed_is_not_ambiguous(status: int) -> None:
    assert not isinstance(outcome(status), Ambiguous)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"policyName": "SECONDLY", "message": "You have reached your secondly limit."}, 1),
        ({"message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}, 1),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, 10),
        ({"message": "You have reached your ten_secondly_rolling limit."}, 10),
        ({"policyName": "DAILY"}, 7200),
        ({}, 10),
    ],
)
def test_the_wait_follows_the_policy_that_was_hit(body: dict[str, Any], seconds: float) -> None:
    error = outcome(429, body)
    assert isinstance(error, Transient)
    assert error.retry_after == seconds


def test_the_wait_that_hubspot_names_comes_first() -> None:
    error = outcome(429, {"policyName": "SECONDLY"}, Retry_After="3")
    assert isinstance(error, Transient)
    assert error.retry_after == 3


def test_missing_required_properties_are_named() -> None:
    assert "hs_timestamp" in outcome(400, REQUIRED).happened


def test_a_rule_of_the_admin_is_told_to_the_admin_with_the_fields_name() -> None:
    error = outcome(400, {**REQUIRED, "context": {"properties": ["reason__c"]}})
    assert isinstance(error, NeedsAttention)
    assert (error.code, "reason__c" in error.happened) == ("hubspot.required_fields", True)


def test_missing_scopes_are_named() -> None:
    assert "crm.objects.goals.read" in outcome(403, SCOPES).do


def test_the_reason_is_taken_out_of_the_message_that_hides_it() -> None:
    hidden = '[{"isValid":false,"message":"No owner 9.","error":"INVALID_OWNER_ID","name":"x"}]'
    error = row_error({"message": f"Property values were not valid: {hidden}"})
    assert (error.code, error.happened) == ("INVALID_OWNER_ID", "No owner 9.")

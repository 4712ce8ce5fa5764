"""What goes over the wire to Salesforce, and what its answers mean."""

import json
import traceback
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import jwt
import pytest
import requests
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from salesforce_wire import (
    DATA,
    KEY,
    LOGIN,
    SECRET,
    SECRETS,
    TASK_FIELDS,
    TASK_ID,
    TOKEN_URL,
    Wire,
)

from crm_loop.connector.contract import Change, Op, Outcome, Result, TaskFields
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient
from crm_loop.records import Subject


@pytest.fixture
def wire() -> Iterator[Wire]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Wire(mock)


@pytest.fixture
def org(wire: Wire) -> Wire:
    wire.signs_in()
    wire.has_our_field()
    return wire


def create(key: str = KEY) -> Change:
    fields = TaskFields(
        owner_id="0055g000001AbCdEAK",
        subject="見積を送る",
        body="本文",
        due=date(2026, 6, 19),
        deal_id="0065g000001AbCdEAK",
    )
    return Change(key=key, op=Op.CREATE, fields=fields)


def row(**changed: Any) -> dict[str, Any]:
    stamp = "2026-06-15T03:00:00.000+0000"
    plain = dict.fromkeys(TASK_FIELDS) | {"Id": TASK_ID, "OwnerId": "0055g000001AbCdEAK"}
    flags = {"IsClosed": False, "IsDeleted": False}
    return plain | flags | {"SystemModstamp": stamp, "CrmLoop_Key__c": KEY} | changed


def refusal(code: str, text: str = "no") -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": text, "fields": []}]}


def applied(wire: Wire, *changes: Change) -> Sequence[Outcome]:
    return wire.connector().apply(changes or [create()])


def test_a_create_is_one_row_of_a_collection(org: Wire) -> None:
    org.answers_rows({"id": TASK_ID, "success": True, "errors": []})
    assert applied(org) == [Outcome(key=KEY, result=Result.DONE, crm_id=TASK_ID)]
    (body,) = org.sent("POST", DATA + "composite/sobjects")
    assert json.loads(body) == {
        "allOrNone": False,
        "records": [
            {
                "attributes": {"type": "Task"},
                "Subject": "見積を送る",
                "Description": "本文",
                "OwnerId": "0055g000001AbCdEAK",
                "ActivityDate": "2026-06-19",
                "WhatId": "0065g000001AbCdEAK",
                "Status": "未着手",
                "Priority": "Normal",
                "CrmLoop_Key__c": KEY,
            }
        ],
    }


def test_a_duplicate_is_looked_up_by_its_key(org: Wire) -> None:
    org.answers_rows(refusal("DUPLICATE_VALUE", "値が重複しています"))
    org.holds(row())
    assert applied(org) == [Outcome(key=KEY, result=Result.ALREADY_THERE, crm_id=TASK_ID)]


def test_a_duplicate_of_a_deleted_task_is_gone(org: Wire) -> None:
    org.answers_rows(refusal("DUPLICATE_VALUE"))
    org.holds(row(IsDeleted=True))
    assert applied(org)[0].result is Result.GONE


def test_a_duplicate_of_something_else_is_the_orgs_own_rule(org: Wire) -> None:
    org.answers_rows(refusal("DUPLICATE_VALUE"))
    org.holds()
    assert applied(org)[0].result is Result.REFUSED


def test_a_locked_row_is_tried_again_alone(org: Wire) -> None:
    other = "cl1t" + "0b" * 20
    done = {"id": TASK_ID, "success": True, "errors": []}
    org.answers_rows(refusal("UNABLE_TO_LOCK_ROW"), done)
    org.answers_rows(done)
    outcomes = applied(org, create(), create(other))
    again = json.loads(org.sent("POST", DATA + "composite/sobjects")[1])["records"]
    assert [one.result for one in outcomes] == [Result.DONE, Result.DONE]
    assert [one["CrmLoop_Key__c"] for one in again] == [KEY]


def test_a_row_that_stays_locked_was_not_sent(org: Wire) -> None:
    org.answers_rows(refusal("UNABLE_TO_LOCK_ROW"))
    assert applied(org)[0].result is Result.NOT_SENT


def test_a_refused_row_keeps_the_crms_words(org: Wire) -> None:
    org.answers_rows(refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "期日は必須です"))
    (outcome,) = applied(org)
    assert (outcome.result, outcome.code, outcome.text) == (
        Result.REFUSED,
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "期日は必須です",
    )


def test_what_was_applied_is_kept_when_salesforce_then_gets_busy(org: Wire) -> None:
    changes = [create(f"cl1t{number:040x}") for number in range(201)]
    done = [{"id": TASK_ID, "success": True, "errors": []}] * 200
    org.answers_rows(*done)
    busy = [{"errorCode": "SERVER_UNAVAILABLE", "message": "Server too busy"}]
    org.says("POST", "composite/sobjects", busy, status=503)
    results = [one.result for one in applied(org, *changes)]
    assert results == [Result.DONE] * 200 + [Result.NOT_SENT]


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/services/data/v67.0/query/1", "//evil.example/query/1",
     "/services/data/v67.0/query/../../oauth2/token", "/services/apexrest/query/1"],
)  # fmt: skip
def test_a_next_page_elsewhere_is_never_followed(org: Wire, link: str) -> None:
    org.says("GET", "sobjects/User/describe", {"fields": [{"name": "Id"}]})
    org.says("GET", "query", {"records": [], "done": False, "nextRecordsUrl": link})
    with pytest.raises(Refused):
        list(org.connector().pull(Subject.PEOPLE, None))


def test_another_org_than_the_connected_one_is_refused(org: Wire) -> None:
    with pytest.raises(NeedsAttention) as refused:
        org.connector(org_id="00D000000000XyZ").clock()
    assert refused.value.code == "connection.other_account"


def test_an_instance_outside_salesforce_gets_no_token(wire: Wire) -> None:
    wire.signs_in(instance_url="https://evil.example")
    with pytest.raises(NeedsAttention):
        wire.connector().clock()
    assert len(wire.mock.calls) == 1


def asks_the_time(wire: Wire, **credentials: str) -> dict[str, str]:
    wire.signs_in()
    wire.says("GET", "", {"query": "/"}, headers={"Date": "Mon, 15 Jun 2026 03:00:00 GMT"})
    now = wire.connector(**credentials).clock()
    assert now == datetime(2026, 6, 15, 3, tzinfo=UTC)
    return wire.form()


def test_a_certificate_signs_in_with_a_short_assertion(wire: Wire) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    form = asks_the_time(wire, client_id="3MVG9", username="loop@acme.example", private_key=pem)
    claims = jwt.decode(form["assertion"], key.public_key(), algorithms=["RS256"], audience=LOGIN)
    left = claims.pop("exp") - datetime.now(UTC).timestamp()
    assert form.keys() == {"grant_type", "assertion"}
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert claims == {"iss": "3MVG9", "sub": "loop@acme.example", "aud": LOGIN}
    assert 0 < left <= 180


def test_a_client_secret_signs_in_as_the_apps_own_user(wire: Wire) -> None:
    assert asks_the_time(wire, **SECRETS) == {"grant_type": "client_credentials", **SECRETS}


def test_a_refresh_token_signs_in(wire: Wire) -> None:
    given = {**SECRETS, "refresh_token": "5Aep861"}
    assert asks_the_time(wire, **given) == {"grant_type": "refresh_token", **given}


def test_a_password_signs_in_on_trial_orgs(wire: Wire) -> None:
    given = {**SECRETS, "username": "loop@acme.example", "password": "open sesame"}
    assert asks_the_time(wire, **given) == {"grant_type": "password", **given}


def test_incomplete_credentials_need_attention(wire: Wire) -> None:
    with pytest.raises(NeedsAttention):
        wire.connector(client_id="3MVG9").clock()


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 503, "body": "<html>Please wait.</html>"},
        {"status": 200, "body": "<html>Please wait.</html>"},
        {"status": 500, "json": {"error": "unknown_error"}},
        {"body": requests.ConnectionError("Connection refused")},
    ],
)
def test_a_sign_in_that_is_down_is_asked_again_later(wire: Wire, answer: Any) -> None:
    wire.mock.post(TOKEN_URL, **answer)
    with pytest.raises(Transient):
        wire.connector().clock()


def test_a_refused_sign_in_needs_attention(wire: Wire) -> None:
    body = {"error": "invalid_grant", "error_description": "user hasn't approved this consumer"}
    wire.mock.post(TOKEN_URL, json=body, status=400)
    with pytest.raises(NeedsAttention, match="hasn't approved"):
        wire.connector().clock()


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "body": ""},
        {"status": 400, "json": [{"errorCode": "INVALID_FIELD", "message": "No such column"}]},
        {"status": 401, "json": [{"errorCode": "INVALID_SESSION_ID", "message": ""}]},
        {"status": 200, "body": "<html>"},
        {"body": requests.ConnectionError("reset")},
    ],
)
def test_no_secret_stands_in_any_error(org: Wire, answer: Any) -> None:
    org.mock.get(DATA + "sobjects/User/describe", **answer)
    with pytest.raises(CrmLoopError) as raised:
        list(org.connector().pull(Subject.PEOPLE, None))
    text = "".join(traceback.format_exception(raised.value)) + repr(vars(raised.value))
    assert SECRET not in text
    assert SECRETS["client_secret"] not in text

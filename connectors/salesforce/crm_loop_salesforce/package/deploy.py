"""Deploys by the Metadata REST API: send a zip, wait, read what the org said of each component."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from crm_loop.errors import NeedsAttention, Refused, Transient
from crm_loop_salesforce.errors import Unanswered, classify
from crm_loop_salesforce.transport import BASE, CONNECT_TIMEOUT, Api

_PATH = "metadata/deployRequest"
_CREATED = 201
#: Sending a zip takes longer than a row; no lease depends on it.
SEND_TIMEOUT = 120.0
#: Seconds between two looks, and how long a deploy may take.
POLLS = (0.1, 0.5, 1.0, 2.0, 3.0, 5.0)
PATIENCE = 1200.0
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """One component that the org does not take, in the org's own words."""

    component: str
    problem: str


@dataclass(frozen=True, slots=True)
class Deployed:
    """How a deploy ended; `missing` names what was to be removed and was not there."""

    id: str
    success: bool
    components: int
    failures: Sequence[Failure] = ()
    missing: Sequence[str] = ()


def deploy(
    api: Api, zipped: bytes, *, check_only: bool, sleep: Callable[[float], None]
) -> Deployed:
    """All or nothing. Raises Transient when the org does not finish in time."""
    job = _send(api, zipped, check_only=check_only)
    waited, looks = 0.0, 0
    while True:
        answer = api.get(f"{_PATH}/{job}", params={"includeDetails": "true"})
        result = answer.get("deployResult") or {}
        if result.get("done"):
            return _read(job, result)
        if waited >= PATIENCE:
            raise Transient(
                "Salesforce is still deploying.",
                code="salesforce.deploy_slow",
                kept=f"The deploy goes on there as {job}.",
                do="See Setup, Deployment Status, and run the command again when it has ended.",
            )
        pause = POLLS[min(looks, len(POLLS) - 1)]
        sleep(pause)
        waited, looks = waited + pause, looks + 1


def refused(found: Deployed) -> Refused:
    """The error for a deploy that did not succeed; the org is as it was."""
    told = [f"{one.component}: {one.problem}" for one in found.failures[:SHOWN]]
    more = len(found.failures) - len(told)
    rest = f" … and {more} more" if more > 0 else ""
    return Refused(
        f"Salesforce refused the deploy: {'; '.join(told) or 'no reason given'}{rest}.",
        code="salesforce.deploy_refused",
        kept="The org is as it was before.",
        do="Put right what it names, then run the command again.",
    )


def _send(api: Api, zipped: bytes, *, check_only: bool) -> str:
    instance, token = api.credentials()
    options = {
        "allowMissingFiles": False,
        "checkOnly": check_only,
        "ignoreWarnings": True,
        "rollbackOnError": True,
        "singlePackage": True,
    }
    body = json.dumps({"deployOptions": options})
    parts: dict[str, tuple[str | None, str | bytes, str]] = {
        "json": (None, body, "application/json"),
        "file": ("package.zip", zipped, "application/zip"),
    }
    api.spend("write")
    try:
        answer = api.own_session().post(
            f"{instance}{BASE}{_PATH}",
            files=parts,
            headers={"Authorization": f"Bearer {token}"},
            timeout=(CONNECT_TIMEOUT, SEND_TIMEOUT),
            allow_redirects=False,
        )
        content = answer.json()
    except (requests.RequestException, ValueError) as error:
        name = type(error).__name__
        raise Unanswered(f"Salesforce did not answer ({name}).", code="crm.unreachable") from None
    if answer.status_code != _CREATED:
        raise _told(answer.status_code, content)
    return str(content["id"])


def _told(status: int, content: Any) -> Exception:
    error = classify(status, content)
    if isinstance(error, Refused | NeedsAttention) and "insufficient_access" in error.code:
        return NeedsAttention(
            "This user may not deploy.",
            code="salesforce.may_not_deploy",
            do="Sign in as an administrator with Modify Metadata Through Metadata API Functions.",
        )
    return error


def _read(job: str, result: Mapping[str, Any]) -> Deployed:
    details = result.get("details") or {}
    failures = list(_list(details, "componentFailures"))
    missing = [
        str(one.get("fullName"))
        for one in _list(details, "componentSuccesses")
        if one.get("problemType") == "Warning"
    ]
    return Deployed(
        id=job,
        success=bool(result.get("success")),
        components=int(result.get("numberComponentsDeployed") or 0),
        failures=[_failure(one) for one in failures],
        missing=missing,
    )


def _failure(row: Mapping[str, Any]) -> Failure:
    named = " ".join(filter(None, (row.get("componentType"), row.get("fullName"))))
    return Failure(named or str(row.get("fileName")), str(row.get("problem")))


def _list(details: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """One component comes alone, several in a list."""
    found = details.get(name) or []
    return [found] if isinstance(found, Mapping) else list(found)

"""Deploys of metadata over REST: a zip in, a result to be asked for."""

import json
import time
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import error, not_found
from crm_loop_sandbox.salesforce.metadata.apply import apply
from crm_loop_sandbox.salesforce.metadata.checks import problems
from crm_loop_sandbox.salesforce.metadata.packages import Package, Problem, read_zip
from crm_loop_sandbox.salesforce.sharing import ADMINISTRATOR

_JOBS = "sf.deploys"
_OPTION_PARTS = ("json", "entity_content")


def create(call: Call) -> Reply:
    """Take a zip; what comes of it is decided at once and told when it is asked for."""
    _check_right(call)
    options, content = _parts(call)
    try:
        package = read_zip(content)
    except ValueError as wrong:
        raise error(400, "INVALID_PARAMETER_VALUE", str(wrong)) from None
    found = problems(call.org, package)
    success = not any(not one.warning for one in found)
    check_only = bool(options.get("checkOnly"))
    if success and not check_only:
        apply(call.org, package)
    job = call.org.new_id("DeployRequest")
    result = _result(job, package, found, success=success, check_only=check_only)
    jobs = call.org.kernel.scratch.setdefault(_JOBS, {})
    jobs[job] = (time.monotonic() + call.org.kernel.options.bulk_seconds, result, options)
    pending = {"id": job, "done": False, "status": "Pending", "success": False}
    return Reply({"id": job, "deployOptions": options, "deployResult": pending,
                  "validatedDeployRequestId": None}, 201)  # fmt: skip


def one(call: Call) -> Reply:
    """How far a deploy is; what was wrong with its components only where that is asked for."""
    _check_right(call)
    jobs = call.org.kernel.scratch.get(_JOBS, {})
    if call.names["job"] not in jobs:
        raise not_found()
    ready, result, options = jobs[call.names["job"]]
    shown = dict(result)
    if time.monotonic() < ready:
        shown = {"id": result["id"], "done": False, "status": "InProgress", "success": False}
    elif call.query.get("includeDetails") != "true":
        del shown["details"]
    return Reply({"id": result["id"], "deployOptions": options, "deployResult": shown})


def _check_right(call: Call) -> None:
    """Only an administrator may change metadata; the integration user may not."""
    if call.org.field(call.user, "Username") != ADMINISTRATOR:
        message = "insufficient access rights on cross-reference id"
        raise error(403, "INSUFFICIENT_ACCESS", message)


def _parts(call: Call) -> tuple[dict[str, Any], bytes]:
    """Deploy options and zip of a multipart body."""
    head = f"Content-Type: {call.headers.get('content-type', '')}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + call.raw)
    parts = {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
        for part in message.iter_parts()
    }
    told = next((parts[name] for name in _OPTION_PARTS if name in parts), None)
    zipped = parts.get("file")
    if not isinstance(told, bytes) or not isinstance(zipped, bytes):
        raise error(400, "INVALID_MULTIPART_REQUEST", "Error in multipart: json and file needed")
    try:
        options = json.loads(told)["deployOptions"]
    except (ValueError, KeyError, TypeError):
        raise error(400, "JSON_PARSER_ERROR", "deployOptions missing") from None
    if not options.get("singlePackage"):
        raise error(400, "INVALID_PARAMETER_VALUE", "Only single packages are known here")
    return options, zipped


def _result(
    job: str, package: Package, found: list[Problem], *, success: bool, check_only: bool
) -> dict[str, Any]:
    failed = [_message(one) for one in found if not one.warning]
    warned = {one.what: one for one in found if one.warning}
    names = [*package.components, *package.removed]
    passed = [
        _message(warned[name]) if name in warned else _passed(*name)
        for name in (names if success else ())
    ]
    return {
        "id": job,
        "checkOnly": check_only,
        "done": True,
        "status": "Succeeded" if success else "Failed",
        "success": success,
        "numberComponentsDeployed": len(passed),
        "numberComponentErrors": len(failed),
        "numberComponentsTotal": len(names),
        "rollbackOnError": True,
        "details": {"componentFailures": failed, "componentSuccesses": passed},
    }


def _passed(type_: str, name: str) -> dict[str, Any]:
    return {"componentType": type_, "fullName": name, "success": True, "problem": None,
            "problemType": None}  # fmt: skip


def _message(one: Problem) -> dict[str, Any]:
    return {
        "componentType": one.what.type,
        "fullName": one.what.name,
        "success": one.warning,
        "problem": one.text,
        "problemType": "Warning" if one.warning else "Error",
    }

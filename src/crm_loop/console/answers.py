"""Answers for scripts: the same envelope as the command line's --json."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from starlette.responses import Response

from crm_loop.console.visit import Visit
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient

#: Why a script is not answered: what happened, and what to do.
REFUSALS = {
    "sign_in.needed": ("Nobody is signed in.", "Send a token: Authorization: Bearer …"),
    "access.role": ("This user may not ask for that.", "Use the token of somebody who may."),
    "access.factor": (
        "An admin needs two-step sign-in here.",
        "Set it up in the console, on the page of your own account, and make a new token.",
    ),
    "access.form": ("The request does not come from our own page.", "Send a token instead."),
    "data.missing": ("There is no such thing here.", "Check the names; some are not shown to all."),
}


def data(
    visit: Visit,
    command: str,
    found: Mapping[str, Any],
    *,
    as_of: date | None = None,
    warnings: Sequence[str] = (),
) -> Response:
    """What a command of that name prints with --json."""
    return _json(
        {
            "schema": 1,
            "command": command,
            "ok": True,
            "as_of": as_of or visit.yesterday,
            "data": found,
            "warnings": list(warnings),
        }
    )


def textless(found: Mapping[str, Any]) -> dict[str, Any]:
    """Writes without what memos and steps say: that belongs to their two people."""
    hidden = {"before": None, "after": None}
    return {**found, "writes": [{**one, **hidden} for one in found["writes"]]}


def trouble(visit: Visit, error: CrmLoopError, *, status: int) -> Response:
    kinds = (NeedsAttention, Transient, Refused)
    kind = next((one.__name__ for one in type(error).__mro__ if one in kinds), "Bug")
    parts = {"happened": error.happened, "kept": error.kept, "do": error.do}
    return _wrong(visit, {"kind": kind, "code": error.code, **parts}, status)


def refused_data(visit: Visit, code: str, *, status: int) -> Response:
    happened, do = REFUSALS[code]
    parts = {"happened": happened, "kept": "Nothing was changed.", "do": do}
    return _wrong(visit, {"kind": "NeedsAttention", "code": code, **parts}, status)


def missing_data(visit: Visit) -> Response:
    return refused_data(visit, "data.missing", status=404)


def unread(status: int) -> Response:
    """What could not be read, is not there, or was our own mistake."""
    bug = status >= 500  # noqa: PLR2004 - from here on it is ours
    code = "bug" if bug else "data.unread"
    happened = "This is a mistake of crm_loop itself." if bug else "The request cannot be answered."
    do = "Look into the log of the console." if bug else "Check the address and what was sent."
    parts = {"happened": happened, "kept": "What was finished before it is kept.", "do": do}
    kind = "Bug" if bug else "NeedsAttention"
    error = {"kind": kind, "code": code, **parts}
    return _json({"schema": 1, "command": "", "ok": False, "error": error}, status)


def _wrong(visit: Visit, error: Mapping[str, str], status: int) -> Response:
    command = visit.route.name.removeprefix("api_").replace("_", " ")
    return _json({"schema": 1, "command": command, "ok": False, "error": error}, status)


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return Response(text, status_code=status, media_type="application/json")

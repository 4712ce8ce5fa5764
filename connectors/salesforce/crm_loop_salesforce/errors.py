"""What Salesforce's answers mean for us: one of our errors, or the outcome of one row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ssl import SSLCertVerificationError
from typing import Any

import requests
from urllib3 import exceptions as network

from crm_loop.connector.contract import Result
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient

#: The whole day's allocation is used up; it comes back hour by hour.
DAILY_WAIT = 3600.0
BUSY_WAIT = 5.0

#: Statuses of an edge that turned a request away, whatever its body says. A 503 without a code
#: may come from behind the org itself, after it has written.
BUSY = frozenset({420, 429})

#: A new token cures these; other 401s are a matter of configuration.
CURABLE = "session expired or invalid"

CONFIGURATION = frozenset(
    {
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "TXN_SECURITY_METERING_ERROR",
        "TXN_SECURITY_NO_ACCESS",
        "INSUFFICIENT_ACCESS",
        "OPERATION_TOO_LARGE",
        "STORAGE_LIMIT_EXCEEDED",
        "LIMIT_EXCEEDED",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    }
)
#: A permission or a field was taken away since the last describe (codes of ours).
HIDDEN = frozenset({"salesforce.invalid_field", "salesforce.invalid_type"})
#: Rows that may go through in a moment.
LOCKED = "UNABLE_TO_LOCK_ROW"
#: How triggers and flows of the org's own report the same.
_LOCK_SIGNS = (LOCKED.lower(), "record currently unavailable")
DELETED = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND"})
#: What a row that was purged for good is called when it is changed by id.
PURGED = "INVALID_CROSS_REFERENCE_KEY"
DUPLICATE = "DUPLICATE_VALUE"
#: Rows that were fine and went down with another one.
ROLLED_BACK = frozenset({"ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED"})


class SessionExpired(Transient):
    """The token was turned down; a new one may be taken once."""


class LocatorExpired(Transient):
    """The place in a list of pages is gone; the window starts again where it was."""


class QueryTimedOut(Transient):
    """Salesforce gave a query up; half of its window may do."""


class JobLost(Transient):
    """A bulk job failed or was forgotten; what it should have brought is read in another way."""


class Unanswered(Transient):
    """No answer, or one that cannot be read: a write may or may not have been applied."""


class NotReached(Transient):
    """The request surely did not arrive."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of an answer: its code and the CRM's own words."""

    code: str
    text: str


def complaints(content: Any) -> list[Complaint]:
    """The errors in an answer's body; single records and rows name the code differently."""
    rows = content if isinstance(content, list) else [content]
    return [
        Complaint(str(row.get("errorCode") or row.get("statusCode") or ""), str(row.get("message")))
        for row in rows
        if isinstance(row, Mapping)
    ]


def classify(status: int, content: Any) -> CrmLoopError:
    """Our error for an answer that is not a success."""
    found = complaints(content)
    code = found[0].code if found else ""
    text = found[0].text if found else ""
    if code == "INVALID_SESSION_ID" or (status == 401 and not code):  # noqa: PLR2004 - HTTP
        return _session(text)
    if code in _BY_CODE:
        return _BY_CODE[code](text)
    if code in CONFIGURATION:
        return _configuration(code, text)
    if status in BUSY:
        return _busy(text)
    if status >= 500 or not found:  # noqa: PLR2004 - HTTP
        return Unanswered(f"Salesforce answered {status} without saying why.", code="crm.down")
    return Refused(f"Salesforce refused: {text}", code=f"salesforce.{code.lower()}")


def _busy(_text: str) -> Transient:
    return Transient("Salesforce is busy.", code="crm.busy", retry_after=BUSY_WAIT)


def _forgotten(_text: str) -> Transient:
    return LocatorExpired("Salesforce forgot the place in a list.")


def _slow(_text: str) -> Transient:
    return QueryTimedOut("Salesforce takes too long for a query.", code="crm.query_timeout")


def _complicated(_text: str) -> Transient:
    return Transient(
        "Salesforce cannot evaluate so many formula fields at once.",
        code="salesforce.query_too_complicated",
    )


def _session(text: str) -> CrmLoopError:
    if not text or CURABLE in text.lower():
        return SessionExpired("Salesforce turned the token down.", code="connection.token_refused")
    return NeedsAttention(
        f"Salesforce does not accept this sign-in for its API: {text}.",
        code="connection.session",
        do="Check the app's policies and the integration user, then connect again.",
    )


def _limit(text: str) -> Transient:
    if "concurrent" in text.lower():
        return Transient("Salesforce is busy.", code="crm.busy", retry_after=BUSY_WAIT)
    return Transient(
        "The org's API calls for today are used up.",
        code="crm.daily_limit",
        retry_after=DAILY_WAIT,
    )


_BY_CODE = {
    "INVALID_QUERY_LOCATOR": _forgotten,
    "REQUEST_LIMIT_EXCEEDED": _limit,
    "SERVER_UNAVAILABLE": _busy,
    # Of a whole call; single rows tell it of themselves.
    LOCKED: _busy,
    "QUERY_TIMEOUT": _slow,
    "QUERY_TOO_COMPLICATED": _complicated,
}


def _configuration(code: str, text: str) -> NeedsAttention:
    return NeedsAttention(
        f"Salesforce says: {text}.",
        code=f"salesforce.{code.lower()}",
        do="Ask the org's administrator to allow it, then run the doctor.",
    )


def row_result(found: Sequence[Complaint], *, creating: bool = False) -> Result:
    """What the errors of one row mean for that row; a new row can only miss what it points to."""
    codes = {one.code for one in found}
    if LOCKED in codes or any(sign in one.text.lower() for one in found for sign in _LOCK_SIGNS):
        return Result.NOT_SENT
    if DUPLICATE in codes:
        return Result.ALREADY_THERE
    if codes and codes <= ROLLED_BACK:
        return Result.NOT_SENT
    if codes & {*DELETED, PURGED} and not creating:
        return Result.GONE
    return Result.REFUSED


def never_connected(error: requests.ConnectionError) -> bool:
    """Whether nothing can have been sent; any other break may have come after the request."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(cause, network.NewConnectionError | network.ConnectTimeoutError):
        return True
    if not isinstance(cause, network.SSLError) or not cause.args:
        return False
    return isinstance(cause.args[0], SSLCertVerificationError)

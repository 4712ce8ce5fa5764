"""What an answer other than 2xx means for us, and the finer errors we tell apart inside."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient

#: Seconds to wait by the policy that was hit, when the answer does not say; they are the
#: lengths of the windows.
POLICY_WAIT = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}
#: A portal that moves to another data centre may take up to a day.
MIGRATION_WAIT = 3600.0
LOCK_WAIT = 2.0
#: How our words for an answer without a message begin, such as a page in HTML.
SILENT = "HubSpot answered"
#: What we write into every task; a complaint about one of these is our own mistake.
FILLED = frozenset(
    {"hs_timestamp", "hs_task_subject", "hs_task_body", "hs_task_status", "hs_task_type"}
    | {"hs_task_priority", "hubspot_owner_id"}
)


class Ambiguous(Transient):
    """The answer was lost, late or unreadable: a write may or may not have been applied."""


class TooLong(Transient):
    """An address was longer than HubSpot takes: asking for the same again helps nobody."""

    def __init__(self) -> None:
        super().__init__("HubSpot found an address too long.", code="crm.url_too_long")


class TooManyOfAKind(Transient):
    """Calls of this kind, such as searches, are counted apart, and there were too many."""


class TokenRefused(NeedsAttention):
    """HubSpot does not accept the token."""

    def __init__(self, happened: str = "HubSpot does not accept the access token.") -> None:
        super().__init__(happened, code="connection.token_refused", do="Connect HubSpot again.")


class MissingScope(NeedsAttention):
    """The token lacks a permission."""


class RequiredFields(NeedsAttention):
    """An admin's rule demands fields of a task that we do not fill."""


class NotFound(Refused):
    """There is no such record, or it is archived."""


class Clash(Refused):
    """A record with this unique value is there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An answer other than 2xx. `daily_wait`: seconds until the portal's day ends."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    daily_wait: float = MIGRATION_WAIT

    @property
    def message(self) -> str:
        return str(self.body.get("message") or f"{SILENT} {self.status}.")

    @property
    def category(self) -> str:
        # The token endpoint names its reason in `status`, where other answers say "error".
        named = self.body.get("status")
        reason = named if named != "error" else None
        return str(self.body.get("category") or reason or f"HTTP_{self.status}")

    @property
    def retry_after(self) -> float | None:
        """Seconds, where the answer says so."""
        for name, value in self.headers.items():
            if name.lower() == "retry-after" and value.strip().isdigit():
                return float(value)
        return None


def body_of(raw: str | bytes | None) -> Mapping[str, Any]:
    """The body as an object; empty for HTML, broken JSON and anything else."""
    try:
        read = json.loads(raw or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def unreadable() -> Ambiguous:
    return Ambiguous("HubSpot's answer could not be read.", code="crm.unreadable_answer")


def classify(failure: Failure) -> CrmLoopError:
    """Choose the error by status first, since every field of the body may be absent."""
    if failure.status in _BY_STATUS:
        return _BY_STATUS[failure.status](failure)
    if failure.status >= 500:  # noqa: PLR2004 - the server's own faults, Cloudflare's 52x included
        return Ambiguous("HubSpot had an internal fault.", code="crm.server_fault")
    if failure.status < 400:  # noqa: PLR2004 - anything but 2xx below this is a redirect
        return NeedsAttention(
            "HubSpot sent us to another address, which we do not follow.",
            code="connection.redirected",
            do="Check the connection's URL.",
        )
    return _refused(failure)


def row_error(error: Mapping[str, Any]) -> CrmLoopError:
    """One entry of `errors` in the answer to a batch."""
    return _refused(Failure(status=400, body=error))


def _refused(failure: Failure) -> CrmLoopError:
    if missing := sorted(set(_required(failure)) - FILLED):
        return RequiredFields(
            f"HubSpot demands fields of a task that crm_loop does not fill: {', '.join(missing)}.",
            code="hubspot.required_fields",
            kept="Nothing was written.",
            do="Make these fields optional for tasks, or exempt the app from the rule.",
        )
    if "CONFLICTING_UNIQUE_VALUE" in json.dumps(failure.body):
        return Clash(failure.message, code="CONFLICTING_UNIQUE_VALUE")
    return Refused(_words(failure), code=_code(failure))


def _required(failure: Failure) -> list[str]:
    """Names of required properties that were not set, wherever this version puts them."""
    if "required" not in failure.message.lower():
        return []
    context = failure.body.get("context") or {}
    names = [str(name) for name in context.get("properties") or ()]
    for error in failure.body.get("errors") or ():
        if "REQUIRED" in str(error.get("code") or "").upper():
            names += [str(name) for name in (error.get("context") or {}).get("propertyName") or ()]
    return names + [
        str(problem.get("name"))
        for problem in _problems(failure.message)
        if "REQUIRED" in str(problem.get("error") or "").upper()
    ]


def _code(failure: Failure) -> str:
    codes = [error.get("code") for error in failure.body.get("errors") or ()]
    codes += [problem.get("error") for problem in _problems(failure.message)]
    return next((str(code) for code in codes if code), failure.category)


def _words(failure: Failure) -> str:
    """The message for people, with the names of required properties, which stand beside it."""
    problems = [str(problem.get("message")) for problem in _problems(failure.message)]
    message = " ".join(problems) or failure.message
    context = failure.body.get("context") or {}
    names = [str(name) for name in context.get("properties") or ()]
    return f"{message} ({', '.join(names)})" if names else message


def _problems(message: str) -> list[Mapping[str, Any]]:
    """What HubSpot says of single values, as JSON inside the message's text."""
    _, found, listed = message.partition("Property values were not valid: ")
    try:
        read = json.loads(listed) if found else []
    except ValueError:
        return []
    return [one for one in read if isinstance(one, dict)] if isinstance(read, list) else []


def _not_found(failure: Failure) -> Refused:
    return NotFound(failure.message, code="OBJECT_NOT_FOUND")


def _clash(failure: Failure) -> Refused:
    return Clash(failure.message, code=failure.category)


def _missing_scope(failure: Failure) -> NeedsAttention:
    scopes = sorted(
        str(scope)
        for error in failure.body.get("errors") or ()
        for scope in (error.get("context") or {}).get("requiredGranularScopes") or ()
    )
    return MissingScope(
        "HubSpot did not grant a permission that this needs.",
        code="connection.missing_scope",
        do=f"Grant the app: {', '.join(scopes) or 'the scopes in the manual'}.",
    )


def _throttled(failure: Failure) -> Transient:
    named = f"{failure.body.get('policyName') or ''} {failure.message}".upper()
    kind, code, wait = Transient, "crm.rate_limit", POLICY_WAIT["TEN_SECONDLY_ROLLING"]
    if "DAILY" in named:
        code, wait = "crm.daily_limit", failure.daily_wait
    elif "SECONDLY" in named.replace("TEN_SECONDLY", ""):
        kind, wait = TooManyOfAKind, POLICY_WAIT["SECONDLY"]
    return kind("HubSpot asked us to wait.", code=code, retry_after=failure.retry_after or wait)


def _migrating(failure: Failure) -> Transient:
    return Transient(
        "HubSpot is moving this portal to another data centre.",
        code="crm.migrating",
        retry_after=failure.retry_after or MIGRATION_WAIT,
    )


_BY_STATUS: Mapping[int, Callable[[Failure], CrmLoopError]] = {
    401: lambda _: TokenRefused(),
    403: _missing_scope,
    404: _not_found,
    409: _clash,
    414: lambda _: TooLong(),
    423: lambda _: Ambiguous("HubSpot locked the record.", code="crm.lock", retry_after=LOCK_WAIT),
    429: _throttled,
    477: _migrating,
    530: lambda _: TokenRefused("HubSpot does not know this kind of token."),
}

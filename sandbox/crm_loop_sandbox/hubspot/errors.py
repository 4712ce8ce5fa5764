"""Refusals with the bodies that HubSpot gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson


class ApiError(Exception):
    """An answer other than 2xx. `details` are further keys of the body."""

    def __init__(
        self,
        status: int,
        message: str,
        category: str | None = None,
        *,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.details = dict(details or {})
        self.headers: dict[str, str] = {}

    def body(self, correlation_id: str) -> dict[str, Any]:
        body = {"status": "error", "message": self.message, "correlationId": correlation_id}
        body |= self.details
        return body if self.category is None else body | {"category": self.category}

    def row_error(self, trace_id: str | None) -> dict[str, Any]:
        """As it stands in `errors` of a batch answer."""
        error: dict[str, Any] = {
            "status": "error",
            "category": self.category or "VALIDATION_ERROR",
            "message": self.message,
        }
        context = dict(self.details.get("context", {}))
        if trace_id is not None:
            context["objectWriteTraceId"] = [trace_id]
        return error | {"context": context} if context else error


class ApiPage(Exception):
    """An answer of what stands before the API: a page in HTML."""

    def __init__(self, status: int, html: str) -> None:
        super().__init__(status)
        self.status = status
        self.html = html


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that was refused."""

    name: str
    code: str
    message: str
    more: Mapping[str, Any] = field(default_factory=dict)

    def inline(self) -> dict[str, Any]:
        seen = {"isValid": False, "message": self.message, "error": self.code, "name": self.name}
        return seen | {"localizedErrorMessage": self.message} | dict(self.more)


def invalid_values(problems: Sequence[Problem]) -> ApiError:
    listed = orjson.dumps([problem.inline() for problem in problems]).decode()
    errors = [
        {
            "message": problem.message,
            "code": problem.code,
            "context": {"propertyName": [problem.name]},
        }
        for problem in problems
    ]
    return ApiError(
        400,
        f"Property values were not valid: {listed}",
        "VALIDATION_ERROR",
        details={"errors": errors},
    )


def missing_required(label: str, names: Sequence[str]) -> ApiError:
    return ApiError(
        400,
        f"Error creating {label}. Some required properties were not set.",
        "VALIDATION_ERROR",
        details={"context": {"properties": list(names)}},
    )


def already_exists(singular: str, row_id: int) -> ApiError:
    message = f"{singular.capitalize()} already exists. Existing ID: {row_id}"
    return ApiError(409, message, "CONFLICT")


def bad_request(message: str) -> ApiError:
    return ApiError(400, message, "VALIDATION_ERROR")


def migrating() -> ApiError:
    """The account moves to another data centre; the header says for how many seconds."""
    error = ApiError(477, "This account is being moved. Try again later.", "MIGRATION_IN_PROGRESS")
    error.headers["Retry-After"] = "3600"
    return error


def locked() -> ApiError:
    """What a mass change leads to, for two seconds at least."""
    return ApiError(423, "The record is locked by another change. Wait 2 seconds and try again.")


def not_found() -> ApiError:
    return ApiError(404, "resource not found", "OBJECT_NOT_FOUND")


def unknown_type(name: str) -> ApiError:
    return ApiError(400, f"Unable to infer object type from: {name}", "VALIDATION_ERROR")


def not_authenticated() -> ApiError:
    return ApiError(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and "
        "you can find more details at https://developers.hubspot.com/docs/methods/auth/"
        "oauth-overview",
        "INVALID_AUTHENTICATION",
    )


def expired(seconds: int) -> ApiError:
    return ApiError(
        401,
        f"The OAuth token used to make this call expired {seconds} second(s) ago.",
        "EXPIRED_AUTHENTICATION",
    )


def missing_scopes(scopes: Sequence[str]) -> ApiError:
    return ApiError(
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about "
        "required scopes here: https://developers.hubspot.com/scopes.",
        "MISSING_SCOPES",
        details={
            "errors": [
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": list(scopes)},
                }
            ],
            "links": {"scopes": "https://developers.hubspot.com/scopes"},
        },
    )


def rate_limited(policy: str, *, search: bool = False) -> ApiError:
    """Search answers in the short form without `policyName`, all others in the long one."""
    message = f"You have reached your {policy.lower()} limit."
    if search:
        return ApiError(429, message, "RATE_LIMITS")
    named = {
        "errorType": "RATE_LIMIT",
        "policyName": policy,
        "groupName": "publicapi:private-apps:calls",
    }
    return ApiError(429, message, "RATE_LIMITS", details=named)

"""Salesforce's refusals: one error or several, with a status."""

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """An answer that is not a success; `body` is what stands in it."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body


class RowError(Exception):
    """One record is refused; a single call and a row of many show it differently."""

    def __init__(
        self, code: str, message: str, fields: Sequence[str] = (), status: int = 400
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.status = status

    def alone(self) -> ApiError:
        body = {"message": self.message, "errorCode": self.code, "fields": self.fields}
        return ApiError(self.status, [body])

    def in_row(self) -> dict[str, Any]:
        return {"statusCode": self.code, "message": self.message, "fields": self.fields}


def error(status: int, code: str, message: str) -> ApiError:
    return ApiError(status, [{"message": message, "errorCode": code}])


def not_found() -> ApiError:
    message = "The requested resource does not exist"
    return ApiError(404, [{"errorCode": "NOT_FOUND", "message": message}])


def session_expired() -> ApiError:
    return error(401, "INVALID_SESSION_ID", "Session expired or invalid")


def malformed_query(message: str) -> ApiError:
    return error(400, "MALFORMED_QUERY", message)


def no_such_column(field: str, entity: str, query: str = "") -> ApiError:
    message = (
        f"{_caret(query, field)}No such column '{field}' on entity '{entity}'. If you are "
        "attempting to use a custom field, be sure to append the '__c' after the custom field "
        "name. Please reference your WSDL or the describe call for the appropriate names."
    )
    return error(400, "INVALID_FIELD", message)


def no_such_relationship(name: str, query: str = "") -> ApiError:
    message = (
        f"{_caret(query, name)}Didn't understand relationship '{name}' in field path. If you are "
        "attempting to use a custom relationship, be sure to append the '__r' after the custom "
        "relationship name. Please reference your WSDL or the describe call for the appropriate "
        "names."
    )
    return error(400, "INVALID_FIELD", message)


def no_such_type(table: str, query: str = "") -> ApiError:
    message = (
        f"{_caret(query, table)}sObject type '{table}' is not supported. If you are attempting "
        "to use a custom object, be sure to append the '__c' after the entity name. Please "
        "reference your WSDL or the describe call for the appropriate names."
    )
    return error(400, "INVALID_TYPE", message)


def wrong_filter(field: str, message: str, query: str = "") -> ApiError:
    return error(400, "INVALID_QUERY_FILTER_OPERATOR", f"{_caret(query, field)}{message}")


def _caret(query: str, word: str) -> str:
    """A part of the query with a mark below the word, as the platform quotes it."""
    if not query:
        return ""
    place = max(query.find(word), 0)
    start = max(0, place - 40)
    shown = query[start : start + 120].replace("\n", " ")
    return f"\n{shown}\n{' ' * (place - start)}^\nERROR at Row:1:Column:{place + 1}\n"

"""One request and one answer, free of the web framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.datastructures import QueryParams

from crm_loop_sandbox.hubspot.errors import (
    ApiError,
    bad_request,
    locked,
    missing_scopes,
    unknown_type,
)
from crm_loop_sandbox.hubspot.object_types import ObjectType, find_type
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.tokens import Identity
from crm_loop_sandbox.hubspot.writing import Hand, Writer

#: HubSpot keeps archived records for ninety days.
_SHELF_MS = 90 * 86_400_000


@dataclass(slots=True)
class Reply:
    """`payload` None means: no body."""

    payload: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Call:
    """A request to one of the APIs. `names` are the parts of the path that a route left open.

    `now` is real time in seconds since 1970: tokens and limits run on it, records never do.
    """

    portal: Portal
    method: str
    version: str
    path: str
    base_url: str
    names: Mapping[str, str]
    query: QueryParams
    raw: bytes
    now: float
    correlation_id: str
    identity: Identity | None = None
    authorization: str | None = None

    @property
    def writer(self) -> Writer:
        return Writer(self.portal)

    @property
    def caller(self) -> Identity:
        if self.identity is None:
            raise RuntimeError("an open route has no caller")
        return self.identity

    @property
    def hand(self) -> Hand:
        return Hand(
            actor="api",
            source=self.caller.source,
            at=self.portal.now(),
            request_id=self.correlation_id,
        )

    def require(self, *scopes: str) -> None:
        """Raise the 403 unless one of these scopes was granted."""
        if not self.caller.scopes.intersection(scopes):
            raise missing_scopes(scopes)

    def kind(self, name: str = "type", *, write: bool = False) -> ObjectType:
        """The object type that the path names; checks that the caller may use it."""
        kind = find_type(self.names[name])
        if kind is None:
            raise unknown_type(self.names[name])
        self.require(kind.write_scope if write else kind.read_scope)
        if write and self.strikes("lock_row"):
            raise locked()
        if self.strikes("hide_object"):
            raise missing_scopes([kind.read_scope])
        return kind

    @property
    def shelf_life(self) -> int:
        """Records archived before this moment are gone for good."""
        return self.portal.now() - _SHELF_MS

    def strikes(self, fault: str, text: str = "") -> bool:
        """Whether this call is struck; `text` is that of one row, for faults that ask for it."""
        faults = self.portal.kernel.faults
        return faults.take(fault, "hubspot", method=self.method, path=self.path, text=text)

    def json(self) -> dict[str, Any]:
        try:
            body = orjson.loads(self.raw or b"{}")
        except orjson.JSONDecodeError as error:
            raise bad_request("Invalid input JSON on line 1, column 1: unreadable") from error
        if not isinstance(body, dict):
            raise bad_request("Invalid input JSON: an object was expected")
        return body

    def listed_json(self) -> Any:
        """The body of the few calls that take a list."""
        try:
            return orjson.loads(self.raw or b"[]")
        except orjson.JSONDecodeError as error:
            raise bad_request("Invalid input JSON on line 1, column 1: unreadable") from error

    def inputs(self, most: int = 100) -> list[dict[str, Any]]:
        """The `inputs` of a batch call."""
        inputs = self.json().get("inputs")
        if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
            raise bad_request('Invalid input JSON: "inputs" is missing or no list of objects')
        if len(inputs) > most:
            raise bad_request(
                f"The maximum number of inputs supported in a batch request is {most}"
            )
        return inputs

    def listed(self, name: str) -> list[str]:
        """A parameter that may be repeated or hold a comma list."""
        parts = (part for value in self.query.getlist(name) for part in value.split(","))
        return [part.strip() for part in parts if part.strip()]

    def flag(self, name: str) -> bool:
        return self.query.get(name, "false").lower() == "true"

    def whole(self, name: str, default: int, *, most: int) -> int:
        text = self.query.get(name) or str(default)
        if not text.isdecimal() or not 0 < int(text) <= most:
            raise bad_request(f"Invalid value for {name}: {text}. It must be from 1 to {most}.")
        return int(text)

    def after(self) -> int:
        text = self.query.get("after") or "0"
        if not text.isdecimal() or (text != "0" and self.strikes("expire_locator")):
            raise ApiError(400, f"The after parameter is invalid: {text}", "VALIDATION_ERROR")
        return int(text)

    def next_page(self, after: int) -> dict[str, Any]:
        """`paging` with an absolute link that repeats every parameter."""
        kept = [(key, value) for key, value in self.query.multi_items() if key != "after"]
        query = urlencode([*kept, ("after", str(after))])
        link = f"{self.base_url}{self.path}?{query}"
        return {"next": {"after": str(after), "link": link}}

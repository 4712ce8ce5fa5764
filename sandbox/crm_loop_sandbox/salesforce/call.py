"""One request and one answer, free of the web framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from crm_loop_sandbox.salesforce.errors import error
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.sharing import Viewer
from crm_loop_sandbox.salesforce.writing import Hand, Writer

JSON = "application/json;charset=UTF-8"
CSV = "text/csv"
XML = "application/xml;charset=UTF-8"


@dataclass(slots=True)
class Reply:
    """`payload` None means no body, bytes a body of another `media` than JSON."""

    payload: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media: str = JSON


@dataclass(kw_only=True)
class Call:
    """A request to the REST API. `version` is as in the path (`v67.0`); `names` its open parts."""

    org: Org
    method: str
    path: str
    version: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    user: str
    request_id: str
    base_url: str = ""

    @property
    def writer(self) -> Writer:
        return Writer(self.org)

    @property
    def hand(self) -> Hand:
        return Hand("api", self.user, self.request_id, self.path)

    @cached_property
    def viewer(self) -> Viewer:
        """What the calling user may open."""
        return Viewer(self.org, self.user)

    @property
    def version_number(self) -> float:
        return float(self.version.removeprefix("v"))

    def json(self) -> Any:
        try:
            return orjson.loads(self.raw) if self.raw else {}
        except orjson.JSONDecodeError as wrong:
            raise error(400, "JSON_PARSER_ERROR", f"Unexpected character: {wrong}") from None

    def record(self) -> dict[str, Any]:
        """The body as one record."""
        given = self.json()
        if not isinstance(given, dict):
            message = "Cannot deserialize instance of sobject from START_ARRAY value"
            raise error(400, "JSON_PARSER_ERROR", message)
        return given

    def takes(self, fault: str) -> bool:
        return self.org.kernel.faults.take(fault, "salesforce", method=self.method, path=self.path)

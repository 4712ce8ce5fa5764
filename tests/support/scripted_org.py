"""A Salesforce whose answers were written down; says which queries it was asked."""

import json
from collections.abc import Mapping
from typing import Any

import responses

from crm_loop.connector.contract import Account, Batch, Connector, Cursor
from crm_loop.connector.memory import MemoryPorts
from crm_loop.records import Subject
from crm_loop_salesforce.connector import SalesforceConnector

INSTANCE = "https://acme.my.salesforce.com"
DATA = f"{INSTANCE}/services/data/v67.0/"
DATE = {"Date": "Mon, 15 Jun 2026 03:00:00 GMT"}
EARLIER = {"accounts": {"since": "2026-06-14T02:55:00+00:00"}}
FORGOTTEN = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]
HIDDEN = [{"errorCode": "INVALID_FIELD", "message": "No such column 'OwnerId'"}]
NEXT = "/services/data/v67.0/query/0r8xx5R2yF2gs3VASQ-2000"


def _is_about(table: str) -> Any:
    def matches(request: Any) -> tuple[bool, str]:
        return f"FROM {table}" in request.params.get("q", ""), table

    return matches


class Scripted:
    """An org whose answers were written down; says which queries it was asked."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock
        identity = f"{INSTANCE}/id/00D5g000004AbcDEAS/0055g000001AbCdEAK"
        token = {"access_token": "00D!x", "instance_url": INSTANCE, "id": identity}
        mock.post(f"{INSTANCE}/services/oauth2/token", json=token)
        mock.get(DATA, json={}, headers=DATE)
        mock.get(f"{DATA}limits/recordCount", json={"sObjects": []}, headers=DATE)
        zone = {"Id": "00D5g000004AbcDEAS", "Name": "Acme", "TimeZoneSidKey": "Asia/Tokyo"}
        self.which_org = {"records": [zone], "done": True}
        about = [_is_about("Organization")]
        mock.get(f"{DATA}query", json=self.which_org, headers=DATE, match=about)
        mock.add_callback("POST", f"{DATA}composite", self._together)
        self.shown: dict[str, Any] = {}
        self.gone: list[str] = []
        self.remembers_since = "2026-06-01T00:00:00.000+0000"

    def _together(self, request: Any) -> tuple[int, dict[str, str], str]:
        wanted = [one["url"] for one in json.loads(request.body)["compositeRequest"]]
        self.spans = [url for url in wanted if "/deleted/" in url]
        answers = [{"httpStatusCode": 200, "body": self._part(url)} for url in wanted]
        return 200, DATE, json.dumps({"compositeResponse": answers})

    def _part(self, url: str) -> Any:
        if "/query?" in url:
            return self.which_org if "FROM%20Organization" in url else {"records": []}
        if "/deleted/" not in url:
            return self.shown[url.split("/")[-2]]
        rows = [{"id": one, "deletedDate": "2026-06-14T12:00:00.000+0000"} for one in self.gone]
        return {"deletedRecords": rows, "earliestDateAvailable": self.remembers_since}

    def shows(self, table: str, *fields: str) -> None:
        self.shown[table] = {"fields": [{"name": name} for name in fields]}
        self.mock.get(f"{DATA}sobjects/{table}/describe", json=self.shown[table], headers=DATE)

    def has(self, *tables: str) -> None:
        found = {"sobjects": [{"name": name, "queryable": True} for name in tables]}
        self.mock.get(f"{DATA}sobjects", json=found, headers=DATE)

    def answers(self, *rows: Mapping[str, Any], resource: str = "queryAll", **more: Any) -> None:
        page = {"records": list(rows), "done": True, **more}
        self.mock.get(DATA + resource, json=page, headers=DATE)

    def refuses(self, path: str, body: Any) -> None:
        self.mock.get(path, json=body, status=400, headers=DATE)

    def asked(self) -> list[str]:
        """The queries, in their order."""
        params = [call.request.params for call in self.mock.calls]  # type: ignore[attr-defined]  # set by responses
        queries = [one["q"] for one in params if "q" in one]
        return [query for query in queries if "FROM Organization" not in query]

    def connector(self, **settings: Any) -> Connector:
        account = Account(
            organisation="acme",
            connection="salesforce",
            url=INSTANCE,
            settings=settings,
            credentials={"client_id": "3MVG9", "client_secret": "secret"},
        )
        return SalesforceConnector(account, MemoryPorts().ports, sleep=lambda _: None)

    def pull(self, subject: Subject, cursor: Cursor | None = None) -> list[Batch]:
        return list(self.connector().pull(subject, cursor))


def account(number: int, stamp: str = "2026-06-14T12:00:00.000+0000", **more: Any) -> Any:
    row = {"Id": f"001{number:015}", "Name": f"会社{number}", "IsDeleted": False}
    return {**row, "OwnerId": None, "SystemModstamp": stamp, **more}

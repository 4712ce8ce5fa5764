"""The plain way: every row of the same fields by `query_all_iter`, one page after the other."""

import json
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

from crm_loop_salesforce.translate import names

#: The objects that our connector loads by bulk jobs, and the rows that it wants of them.
OBJECTS = (
    (names.OPPORTUNITIES, ""),
    (names.HISTORY, ""),
    (names.EVENTS, " WHERE IsChild = false AND IsRecurrence = false AND StartDateTime != null"),
    (names.CALLS, " WHERE TaskSubtype IN ('Call', 'Email', 'ListEmail')"),
    (
        names.TASKS,
        " WHERE TaskSubtype NOT IN ('Call', 'Email', 'ListEmail') AND IsRecurrence = false",
    ),
)


class PlainHttp(HTTPAdapter):
    """The library insists on https; the sandbox speaks plain http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **options)


def main() -> None:
    """Arguments: address, access token."""
    url, token = sys.argv[1:3]
    session = requests.Session()
    session.mount(f"https://{urlsplit(url).netloc}", PlainHttp())
    client = Salesforce(session_id=token, instance_url=url, version="67.0", session=session)
    began, rows = time.perf_counter(), 0
    for table, where in OBJECTS:
        described = getattr(client, table.name).describe()["fields"]
        known = {field["name"] for field in described}
        fields = ", ".join(name for name in table.fields if name in known)
        query = f"SELECT {fields} FROM {table.name}{where}"
        rows += sum(1 for _ in client.query_all_iter(query, include_deleted=True))
    told = {"seconds": time.perf_counter() - began, "rows": rows}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()

"""What stands in the CRMs, read as their own screens read it: through their APIs."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from io import StringIO
from typing import Any
from urllib.parse import quote

import requests

_QUERY = (
    "SELECT Subject, Description, Owner.Email, CrmLoop_Key__c FROM Task"
    " WHERE CrmLoop_Key__c LIKE 'cl1%'"
)
_PROPERTIES = "hs_task_subject,hs_task_body,hubspot_owner_id,crm_loop_key"


@dataclass(frozen=True, slots=True)
class Opened:
    """A task with a key of ours as its owner sees it; `language` is the owner's."""

    crm: str
    key: str
    owner: str
    language: str
    subject: str
    text: str

    @property
    def is_memo(self) -> bool:
        """Not the manager's list, which is one of the same kind."""
        return self.key.startswith("cl1a") and self.text.startswith(("1on1メモ", "1on1 notes"))

    @property
    def is_action(self) -> bool:
        return self.key.startswith("cl1t")


def everything(sandbox: Any) -> list[Opened]:
    """All tasks of ours in both CRMs."""
    rows = csv.DictReader(StringIO(sandbox.text("/__truth?file=people.csv")))
    languages = {row["email"]: row["language"] for row in rows}
    user = sandbox.get("/__access")["salesforce"]["username"]
    access = sandbox.get(f"/__access?user={user}")
    found = [*_in_salesforce(access["salesforce"]), *_in_hubspot(access["hubspot"])]
    return [Opened(crm, key, owner, languages.get(owner, ""), subject, text)
            for crm, key, owner, subject, text in found]  # fmt: skip


def _in_salesforce(access: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    path = f"/services/data/v67.0/query?q={quote(_QUERY)}"
    while path:
        page = _get(access["instance_url"], path, access["access_token"])
        for row in page["records"]:
            owner, text = row["Owner"]["Email"], row["Description"] or ""
            yield "salesforce", row["CrmLoop_Key__c"], owner, row["Subject"], text
        path = page.get("nextRecordsUrl")


def _in_hubspot(access: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    base, token = access["base_url"], access["access_token"]
    listed = _get(base, "/crm/v3/owners?limit=500", token)["results"]
    owners = {owner["id"]: owner["email"] for owner in listed}
    after = ""
    while True:
        path = f"/crm/v3/objects/tasks?limit=100&properties={_PROPERTIES}{after}"
        page = _get(base, path, token)
        for row in (one["properties"] for one in page["results"]):
            if key := row.get("crm_loop_key"):
                owner = owners.get(row["hubspot_owner_id"], "")
                yield "hubspot", key, owner, row["hs_task_subject"], _plain(row["hs_task_body"])
        if "paging" not in page:
            return
        after = f"&after={page['paging']['next']['after']}"


def _plain(html: str | None) -> str:
    """Rich text as a reader sees it: a line a paragraph."""
    lines = re.sub(r"</p>|</div>|</li>|<br ?/?>", "\n", html or "")
    return unescape(re.sub(r"<[^>]+>", "", lines)).replace("\xa0", " ").rstrip("\n")


def _get(base: str, path: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{base}{path}", headers=headers, timeout=60)
    answer.raise_for_status()
    return answer.json()

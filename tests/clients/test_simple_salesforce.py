"""The Python community's client, unmodified, against the sandbox's Salesforce."""

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError

VERSION = "62.0"
DEALS = "SELECT Id, Name, StageName, Amount, CloseDate, Owner.Name FROM Opportunity"


@pytest.fixture
def access(sandbox: Any) -> dict[str, Any]:
    sandbox.post("/__reset")
    found: dict[str, Any] = sandbox.get("/__access")["salesforce"]
    return found


@pytest.fixture
def client(access: dict[str, Any], session: Any) -> Any:
    return Salesforce(
        consumer_key=access["client_id"],
        consumer_secret=access["client_secret"],
        domain="acme.my",
        version=VERSION,
        session=session,
    )


WAYS = {
    "SOAP": ("username", "password", "security_token"),
    "password": ("username", "password", "consumer_key", "consumer_secret"),
    "JWT bearer": ("username", "consumer_key", "privatekey"),
}


def given(access: dict[str, Any]) -> dict[str, Any]:
    """What a person would type, under the names of the client."""
    names = ("username", "password", "security_token")
    return {name: access[name] for name in names} | {
        "consumer_key": access["client_id"],
        "consumer_secret": access["client_secret"],
        "privatekey": access["jwt"]["private_key"],
    }


@pytest.mark.parametrize("way", WAYS)
def test_it_signs_in(access: dict[str, Any], session: Any, way: str) -> None:
    typed = {name: given(access)[name] for name in WAYS[way]}
    client = Salesforce(**typed, version=VERSION, session=session)
    assert client.query("SELECT Id FROM Organization")["records"][0]["Id"] == access["org_id"]


def test_a_wrong_password_is_refused(access: dict[str, Any], session: Any) -> None:
    typed = given(access) | {"password": "guessed"}
    typed = {name: typed[name] for name in WAYS["SOAP"]}
    with pytest.raises(SalesforceAuthenticationFailed) as raised:
        Salesforce(**typed, version=VERSION, session=session)
    assert raised.value.code == "INVALID_LOGIN"


def test_a_query_gives_records_page_by_page(client: Any) -> None:
    client.headers["Sforce-Query-Options"] = "batchSize=200"
    whole = client.query_all("SELECT Id, Subject FROM Task")
    first = client.query("SELECT Id, Subject FROM Task")
    assert len(first["records"]) == 200
    assert len({row["Id"] for row in whole["records"]}) == whole["totalSize"] > 200


def test_describe_names_fields_that_can_be_queried(client: Any) -> None:
    fields = [field["name"] for field in client.Opportunity.describe()["fields"]]
    found = client.query(f"SELECT {', '.join(fields)} FROM Opportunity LIMIT 1")  # noqa: S608 - ours
    assert set(fields) == set(found["records"][0]) - {"attributes"}


def test_everything_described_can_be_queried(client: Any) -> None:
    names = [one["name"] for one in client.describe()["sobjects"]]
    assert "CrmLoop_Session__c" in names
    for name in names:
        assert client.query(f"SELECT Id FROM {name} LIMIT 1")["done"]  # noqa: S608 - ours


def test_a_record_is_made_read_changed_and_deleted(client: Any) -> None:
    made = client.Account.create({"Name": "Aoba"})["id"]
    assert client.Account.update(made, {"Industry": "Retail"}) == 204
    assert client.Account.get(made)["Industry"] == "Retail"
    assert client.Account.delete(made) == 204
    with pytest.raises(SalesforceError):
        client.Account.get(made)


def test_an_upsert_by_key_says_which_it_was(client: Any) -> None:
    place = "CrmLoop_Key__c/cl1a" + "0b" * 20
    assert client.CrmLoop_Session__c.upsert(place, {"Name": "1on1"}) == 201
    assert client.CrmLoop_Session__c.upsert(place, {"Name": "1on1!"}) == 200


def test_changed_and_deleted_ids_are_listed(client: Any, sandbox: Any) -> None:
    kept, gone = (client.Task.create({"Subject": text})["id"] for text in ("kept", "gone"))
    client.Task.delete(gone)
    now = datetime.fromisoformat(sandbox.get("/__clock")["now"])
    span = now - timedelta(days=1), now + timedelta(days=1)
    assert kept in client.Task.updated(*span)["ids"]
    assert gone in [one["id"] for one in client.Task.deleted(*span)["deletedRecords"]]


def test_a_collection_is_saved_in_one_call(client: Any) -> None:
    records = [{"attributes": {"type": "Task"}, "Subject": f"t{n}"} for n in range(200)]
    body = {"allOrNone": True, "records": records}
    made = client.restful("composite/sobjects", method="POST", json=body)
    assert len({one["id"] for one in made if one["success"]}) == 200


def test_the_limits_are_told(client: Any) -> None:
    assert client.limits()["DailyApiRequests"]["Remaining"] < 100_000


def test_bulk2_exports_what_a_query_finds(client: Any) -> None:
    pages = client.bulk2.Opportunity.query(DEALS, max_records=20)
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
    found = client.query_all(DEALS)["records"]
    assert {row["Id"]: row["Owner.Name"] for row in rows} == {
        row["Id"]: row["Owner"]["Name"] for row in found
    }


def test_bulk2_downloads_files(client: Any, tmp_path: Path) -> None:
    files = client.bulk2.Task.download("SELECT Id FROM Task", path=str(tmp_path), max_records=100)
    assert (
        sum(one["number_of_records"] for one in files)
        == client.query_all("SELECT Id FROM Task")["totalSize"]
    )


def test_bulk2_imports_and_says_what_became_of_each_row(client: Any) -> None:
    rows = [{"Subject": "good", "ActivityDate": "2026-07-01"}, {"Subject": "x" * 300}]
    job = client.bulk2.Task.insert(records=rows)[0]
    results = client.bulk2.Task.get_all_ingest_records(job["job_id"])
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (2, 1)
    assert results["successfulRecords"][0]["Subject"] == "good"
    assert results["failedRecords"][0]["sf__Error"].startswith("STRING_TOO_LONG")


def test_bulk2_upserts_by_key(client: Any) -> None:
    rows = [{"CrmLoop_Key__c": f"cl1k{n:040x}", "Actual__c": str(n)} for n in range(3)]
    for _ in range(2):
        client.bulk2.CrmLoop_KPI_Snapshot__c.upsert(
            records=rows, external_id_field="CrmLoop_Key__c"
        )
    found = client.query("SELECT Actual__c FROM CrmLoop_KPI_Snapshot__c ORDER BY Actual__c")
    assert [row["Actual__c"] for row in found["records"]] == [0, 1, 2]


def test_the_first_bulk_api_exports(client: Any) -> None:
    rows = client.bulk.Opportunity.query("SELECT Id, Name FROM Opportunity", lazy_operation=False)
    assert len(rows) == client.query("SELECT COUNT() FROM Opportunity")["totalSize"]


def test_the_first_bulk_api_imports(client: Any) -> None:
    made = client.bulk.Account.insert([{"Name": f"A{n}"} for n in range(5)], batch_size=2)
    assert [one["success"] for one in made] == [True] * 5

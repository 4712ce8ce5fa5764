"""Deploys of metadata: what is taken, what is refused, and who sees it afterwards."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests

SPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
ADMIN = "admin@sandbox.example"
VISIT = """<CustomObject {space}><enableActivities>true</enableActivities>
<fields><fullName>Key__c</fullName><externalId>true</externalId><label>Key</label><length>64</length>
<type>Text</type><unique>true</unique></fields>
<fields><fullName>Place__c</fullName><label>Place</label><length>80</length><required>true</required>
<type>Text</type></fields>
<fields><fullName>Rep__c</fullName><label>Rep</label><referenceTo>{target}</referenceTo>
<relationshipName>Visits</relationshipName><type>Lookup</type></fields>
<label>Visit</label><nameField><label>Name</label><type>Text</type></nameField>
<sharingModel>Private</sharingModel></CustomObject>"""
VISIT_NAMES = {
    "CustomObject": ["Visit__c"],
    "CustomField": ["Visit__c.Key__c", "Visit__c.Place__c", "Visit__c.Rep__c"],
}


def manifest(members: Mapping[str, list[str]]) -> str:
    types = ""
    for type_, names in members.items():
        named = "".join(f"<members>{one}</members>" for one in names)
        types += f"<types>{named}<name>{type_}</name></types>"
    return f"<Package {SPACE}>{types}<version>67.0</version></Package>"


def visit(target: str = "User") -> dict[str, str]:
    return {"objects/Visit__c.object": VISIT.format(space=SPACE, target=target)}


def permissions(*fields: str, editable: bool = True, name: str = "Field") -> dict[str, str]:
    given = "".join(
        f"<fieldPermissions><editable>{str(editable).lower()}</editable><field>{field}</field>"
        "<readable>true</readable></fieldPermissions>"
        for field in fields
    )
    text = f"<PermissionSet {SPACE}>{given}<label>{name}</label></PermissionSet>"
    return {f"permissionsets/{name}.permissionset": text}


class Deployer:
    """An administrator who sends zips."""

    def __init__(self, api: Any) -> None:
        self.api = api
        access = api.server.get(f"/__access?user={ADMIN}")["salesforce"]
        self.admin = {"Authorization": f"Bearer {access['access_token']}"}

    def send(self, files: Mapping[str, str], members: Mapping[str, list[str]],
             removed: Mapping[str, list[str]] | None = None, *, check_only: bool = False,
             headers: Any = None) -> requests.Response:  # fmt: skip
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as target:
            target.writestr("package.xml", manifest(members))
            if removed:
                target.writestr("destructiveChanges.xml", manifest(removed))
            for name, text in files.items():
                target.writestr(name, text)
        options = {"checkOnly": check_only, "singlePackage": True, "rollbackOnError": True}
        parts = {"json": (None, json.dumps({"deployOptions": options}), "application/json"),
                 "file": ("package.zip", packed.getvalue(), "application/zip")}  # fmt: skip
        return requests.post(f"{self.api.base}/metadata/deployRequest", files=parts,
                             headers=headers or self.admin, timeout=20)  # fmt: skip

    def __call__(self, *given: Any, **more: Any) -> dict[str, Any]:
        job = self.send(*given, **more).json()["id"]
        answer = requests.get(f"{self.api.base}/metadata/deployRequest/{job}",
                              params={"includeDetails": "true"}, headers=self.admin,
                              timeout=20)  # fmt: skip
        result: dict[str, Any] = answer.json()["deployResult"]
        assert result["done"]
        return result

    def problems(self, *given: Any, **more: Any) -> list[str]:
        failures = self(*given, **more)["details"]["componentFailures"]
        return [f"{one['componentType']} {one['fullName']}: {one['problem']}" for one in failures]

    def fields(self, table: str = "Visit__c") -> dict[str, Any]:
        """What the integration user is shown of an object."""
        found = self.api.get(f"sobjects/{table}/describe")
        return {one["name"]: one for one in found["fields"]} if isinstance(found, dict) else {}

    def assign(self, name: str) -> str:
        """Give a permission set to the integration user; the id of the assignment."""
        (row,) = self.api.rows(f"SELECT Id FROM PermissionSet WHERE Name = '{name}'")  # noqa: S608
        me = self.api.access["username"]
        (user,) = self.api.rows(f"SELECT Id FROM User WHERE Username = '{me}'")  # noqa: S608
        return str(self.api.make("PermissionSetAssignment", AssigneeId=user["Id"],
                                 PermissionSetId=row["Id"]))  # fmt: skip


@pytest.fixture
def deploy(new_api: Any) -> Iterator[Deployer]:
    return Deployer(new_api)


@pytest.fixture
def looker(api: Any) -> Deployer:
    """For deploys that change nothing."""
    # Other tests of this file begin anew, which ends every session.
    return Deployer(type(api)(api.server))


def both(*sets: dict[str, str]) -> dict[str, str]:
    return {name: text for one in sets for name, text in one.items()}


def test_an_object_is_there_once_it_was_deployed(deploy: Deployer) -> None:
    assert deploy.fields() == {}
    assert deploy(visit(), VISIT_NAMES)["success"]
    assert {"Id", "OwnerId", "Name", "Place__c"} <= deploy.fields().keys()


def test_a_field_is_hidden_until_a_permission_set_shows_it(deploy: Deployer) -> None:
    shown = permissions("Visit__c.Key__c", "Visit__c.Rep__c", editable=False)
    members = {**VISIT_NAMES, "PermissionSet": ["Field"]}
    assert deploy(both(visit(), shown), members)["success"]
    # What every record must have cannot be hidden.
    assert {"Place__c"} == {name for name in deploy.fields() if name.endswith("__c")}
    deploy.assign("Field")
    assert {"Place__c", "Key__c", "Rep__c"} <= deploy.fields().keys()
    assert not deploy.fields()["Key__c"]["createable"]


def test_only_looking_changes_nothing(looker: Deployer) -> None:
    assert looker(visit(), VISIT_NAMES, check_only=True)["success"]
    assert looker.fields() == {}


@pytest.mark.parametrize(
    ("files", "members", "told"),
    [
        (visit("Nowhere__c"), VISIT_NAMES, "does not resolve to a valid sObject"),
        (visit(), {"CustomObject": ["Visit__c"]}, "not named in package.xml"),
        ({}, {"CustomTab": ["Visit__c"]}, "not found in zipped directory"),
        (permissions("Task.Nothing__c"), {"PermissionSet": ["Field"]}, "no CustomField named"),
        (both(visit(), permissions("Visit__c.Place__c")),
         {**VISIT_NAMES, "PermissionSet": ["Field"]}, "required field"),
        ({"tabs/Nothing__c.tab": f"<CustomTab {SPACE}/>"}, {"CustomTab": ["Nothing__c"]},
         "bad value"),
        ({"objects/Visit__c.object": "<CustomObject"}, {}, "Error parsing file"),
        ({"lwc/card/card.js": "import x from '@salesforce/label/c.Nothing'"},
         {"LightningComponentBundle": ["card"]}, "Invalid reference c.Nothing"),
        ({"elsewhere/a.xml": "<a/>"}, {}, "Unknown folder"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_whole(
    looker: Deployer, files: Any, members: Any, told: str
) -> None:
    assert any(told in one for one in looker.problems(files, members))
    assert looker.fields() == {}


def test_what_is_removed_takes_its_records_with_it(deploy: Deployer) -> None:
    deploy(visit(), VISIT_NAMES)
    deploy.api.make("Visit__c", Name="a", Place__c="Tokyo")
    assert deploy({}, {}, {"CustomObject": ["Visit__c"]})["success"]
    assert deploy.fields() == {}
    deploy(visit(), VISIT_NAMES)
    assert deploy.api.rows("SELECT Id FROM Visit__c") == []


def test_what_is_not_there_is_a_warning(looker: Deployer) -> None:
    result = looker({}, {}, {"CustomObject": ["Visit__c"]})
    assert result["success"]
    (told,) = result["details"]["componentSuccesses"]
    assert told["problemType"] == "Warning"


def test_a_permission_set_that_somebody_has_stays(deploy: Deployer) -> None:
    deploy(both(visit(), permissions("Visit__c.Key__c")),
           {**VISIT_NAMES, "PermissionSet": ["Field"]})  # fmt: skip
    assignment = deploy.assign("Field")
    gone = {"PermissionSet": ["Field"]}
    assert "assigned to users" in deploy.problems({}, {}, gone)[0]
    deploy.api.call("DELETE", f"sobjects/PermissionSetAssignment/{assignment}")
    assert deploy({}, {}, gone)["success"]


def test_a_row_keeps_what_it_held_when_its_object_gets_a_field(deploy: Deployer) -> None:
    task = deploy.api.make("Task", Subject="A", CrmLoop_Key__c=f"cl1t{9:040x}")
    field = (f"<CustomObject {SPACE}><fields><fullName>More__c</fullName><label>More</label>"
             "<length>40</length><type>Text</type></fields></CustomObject>")  # fmt: skip
    assert deploy({"objects/Activity.object": field}, {"CustomField": ["Activity.More__c"]})[
        "success"
    ]
    assert deploy.api.one("Task", task)["Subject"] == "A"
    again = deploy.api.call("POST", "sobjects/Task", json={"CrmLoop_Key__c": f"cl1t{9:040x}"})
    assert again.json()[0]["errorCode"] == "DUPLICATE_VALUE"


def test_only_an_administrator_may_deploy(looker: Deployer) -> None:
    ours = {"Authorization": f"Bearer {looker.api.token()}"}
    answer = looker.send(visit(), VISIT_NAMES, headers=ours)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS")


def test_what_is_no_zip_is_refused(looker: Deployer) -> None:
    answer = requests.post(
        f"{looker.api.base}/metadata/deployRequest", headers=looker.admin, timeout=20,
        files={"json": (None, '{"deployOptions": {"singlePackage": true}}'), "file": ("a", b"x")},
    )  # fmt: skip
    assert answer.status_code == 400

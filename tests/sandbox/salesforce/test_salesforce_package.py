"""Our package's metadata files, and an org that has all, some or none of it."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from crm_loop_sandbox.salesforce import schema
from crm_loop_sandbox.salesforce.package_files import read_package

PACKAGE = Path(__file__).parents[3] / "connectors/salesforce/force-app"
HOME = PACKAGE / "main/default"
SPACE = "{http://soap.sforce.com/2006/04/metadata}"
FILES = sorted(PACKAGE.rglob("*-meta.xml"))
SETS = sorted(HOME.glob("permissionsets/*.xml"))
FIELDS = sorted(HOME.glob("objects/*/fields/*.xml"))


def root(file: Path) -> ET.Element:
    return ET.fromstring(file.read_bytes())  # noqa: S314 - our own files


def text(element: ET.Element, name: str) -> str:
    return element.findtext(SPACE + name) or ""


def shape(tables: Any) -> dict[str, Any]:
    """What the data API shows of fields, without labels and values."""
    return {
        name: {
            f.name: (f.type, f.length, f.targets, f.children, frozenset(f.flags))
            for f in fields.values()
        }
        for name, fields in tables.items()
    }


def built(packaged: Any) -> dict[str, Any]:
    return shape(schema.build(package="full", edition="full", currencies=True, packaged=packaged))


def test_the_sandboxs_own_list_is_what_the_files_say() -> None:
    assert built(read_package(PACKAGE)) == built(None)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_metadata(file: Path) -> None:
    assert root(file).tag.startswith(SPACE)
    assert b"BEGIN" not in file.read_bytes()


@pytest.mark.parametrize("file", FIELDS, ids=lambda file: "/".join(file.parts[-3::2]))
def test_a_field_is_called_like_its_file(file: Path) -> None:
    field = root(file)
    assert text(field, "fullName") == file.name.partition(".")[0]
    assert len(text(field, "label")) <= 40
    if text(field, "externalId") == "true":
        assert (text(field, "unique"), int(text(field, "length")) >= 64) == ("true", True)


@pytest.mark.parametrize("file", sorted(HOME.glob("objects/*/*.object-meta.xml")),
                         ids=lambda file: file.name)  # fmt: skip
def test_an_object_is_named_by_its_folder_and_follows_its_master(file: Path) -> None:
    found = root(file)
    masters = [one for one in file.parent.glob("fields/*.xml")
               if text(root(one), "type") == "MasterDetail"]  # fmt: skip
    assert text(found, "fullName") == ""
    assert (text(found, "sharingModel") == "ControlledByParent") is bool(masters)


def fields_of(object_name: str) -> dict[str, ET.Element]:
    home = "Activity" if object_name in schema.ACTIVITIES else object_name
    files = (HOME / "objects" / home / "fields").glob("*.xml")
    return {text(field, "fullName"): field for field in map(root, files)}


@pytest.mark.parametrize("file", SETS, ids=lambda file: file.name)
def test_a_permission_set_grants_only_what_can_be_granted(file: Path) -> None:
    for granted in root(file).iterfind(f"{SPACE}fieldPermissions"):
        object_name, name = text(granted, "field").split(".")
        field = fields_of(object_name)[name]
        assert (text(field, "required"), text(field, "type")) != ("true", "Text")
        assert text(field, "type") != "MasterDetail"
        if field.find(f"{SPACE}formula") is not None:
            assert text(granted, "editable") == "false"


def editable(name: str) -> set[str]:
    found = root(HOME / f"permissionsets/{name}.permissionset-meta.xml")
    return {
        text(one, "field")
        for one in found.iterfind(f"{SPACE}fieldPermissions")
        if text(one, "editable") == "true"
    }


def test_a_rep_writes_the_five_fields_of_a_session() -> None:
    wanted = ("Rep_Topic__c", "Wanted_Response__c", "Next_Step__c", "Next_Step_Due__c",
              "Support_Asked__c")  # fmt: skip
    found = {name for name in editable("CrmLoop_Rep") if name.startswith("CrmLoop_Session__c.")}
    assert found == {f"CrmLoop_Session__c.{name}" for name in wanted}


def test_only_the_integration_user_writes_keys() -> None:
    names = [file.name.partition(".")[0] for file in SETS]
    writers = [name for name in names if any(one.endswith("Key__c") for one in editable(name))]
    assert writers == ["CrmLoop_Activity", "CrmLoop_Integration"]


def test_nobody_is_let_change_the_pipeline() -> None:
    for file in SETS:
        for granted in root(file).iterfind(f"{SPACE}objectPermissions"):
            rights = [text(granted, name) for name in ("allowCreate", "allowEdit", "allowDelete")]
            ours = text(granted, "object").startswith("CrmLoop_")
            assert ours or rights == ["false"] * 3
            assert ours or text(granted, "modifyAllRecords") == "false"


def test_only_the_integration_user_reaches_records_that_nobody_shared_with_it() -> None:
    """Sessions and figures belong to their reps, and only such a right can write and share them."""
    rights = ("viewAllRecords", "modifyAllRecords")
    for file in SETS:
        for granted in root(file).iterfind(f"{SPACE}objectPermissions"):
            if text(granted, "object").startswith("CrmLoop_"):
                wanted = "true" if "Integration" in file.name else "false"
                assert [text(granted, name) for name in rights] == [wanted] * 2


@pytest.mark.parametrize(
    ("package", "fields", "objects"),
    [
        ("none", set(), False),
        ("activity", {"CrmLoop_Key__c", "CrmLoop_Agenda_Item_Key__c"}, False),
        ("full", {"CrmLoop_Key__c", "CrmLoop_Agenda_Item_Key__c", "CrmLoop_Session__c"}, True),
    ],
)
def test_an_org_has_as_much_of_it_as_was_installed(
    package: str, fields: set[str], *, objects: bool
) -> None:
    found = schema.build(package=package, edition="full", currencies=True)
    assert {name for name in found["Task"] if name.endswith("__c")} == fields
    assert ("CrmLoop_Session__c" in found) is objects


def test_a_field_keeps_its_label_and_its_values(api: Any) -> None:
    described = api.get("sobjects/CrmLoop_Session__c/describe")
    field = next(one for one in described["fields"] if one["name"] == "Wanted_Response__c")
    assert described["label"] == "1on1 Session"
    assert (field["label"], field["restrictedPicklist"]) == (
        "How I Would Like You to Respond",
        True,
    )
    values = [one["value"] for one in field["picklistValues"]]
    assert values == ["listen", "think_along", "advice", "decision"]


def test_a_formula_is_worked_out_and_never_written(api: Any) -> None:
    made = api.make("CrmLoop_KPI_Snapshot__c", Actual__c=30, Target__c=40)
    assert api.one("CrmLoop_KPI_Snapshot__c", made)["Attainment__c"] == 75
    refused = api.call("POST", "sobjects/CrmLoop_KPI_Snapshot__c", json={"Attainment__c": 1})
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_a_numbered_record_gets_its_number(api: Any) -> None:
    made = api.make("CrmLoop_KPI_Target__c")
    assert api.one("CrmLoop_KPI_Target__c", made)["Name"].endswith("0000001")


@pytest.fixture
def session(api: Any) -> str:
    return str(api.make("CrmLoop_Session__c", Name="1on1"))


def shares(api: Any, session: str) -> set[tuple[str, str]]:
    query = "SELECT UserOrGroupId, RowCause FROM CrmLoop_Session__Share"
    rows = api.rows(f"{query} WHERE IsDeleted = false AND ParentId = '{session}'")
    return {(row["UserOrGroupId"], row["RowCause"]) for row in rows}


def test_a_private_record_is_shared_by_rows(api: Any, session: str) -> None:
    owner = api.one("CrmLoop_Session__c", session)["OwnerId"]
    manager = api.rows("SELECT ManagerId FROM User WHERE ManagerId != null LIMIT 1")[0]["ManagerId"]
    api.make("CrmLoop_Session__Share", ParentId=session, UserOrGroupId=manager,
             AccessLevel="Read", RowCause="Manual")  # fmt: skip
    assert shares(api, session) == {(owner, "Owner"), (manager, "Manual")}


def test_a_new_owner_ends_the_shares_of_the_old_one(api: Any, session: str) -> None:
    other = api.rows("SELECT Id FROM User WHERE Name = 'Admin User'")[0]["Id"]
    api.call("PATCH", f"sobjects/CrmLoop_Session__c/{session}", json={"OwnerId": other})
    assert shares(api, session) == {(other, "Owner")}


def test_a_task_may_be_about_a_session(api: Any, session: str) -> None:
    task = api.make("Task", WhatId=session, CrmLoop_Session__c=session)
    query = "SELECT (SELECT Id FROM CrmLoop_Activities__r) FROM CrmLoop_Session__c"
    assert (
        api.rows(f"{query} WHERE Id = '{session}'")[0]["CrmLoop_Activities__r"]["records"][0]["Id"]
        == task
    )


def test_the_state_shows_our_records_in_words(api: Any) -> None:
    session_key, item_key = (f"cl1{kind}{'ab' * 20}" for kind in "ai")
    user = api.rows("SELECT Id, Email FROM User WHERE Title = 'AE' LIMIT 1")[0]
    session = api.make("CrmLoop_Session__c", Name="s", CrmLoop_Key__c=session_key,
                       Rep__c=user["Id"], Next_Step__c="call")  # fmt: skip
    api.make("CrmLoop_Agenda_Item__c", CrmLoop_Key__c=item_key, Title__c="t", Session__c=session)
    records = api.server.get("/__state")["salesforce"]["records"]
    shown = {record["key"]: record for record in records}
    assert shown[session_key]["Rep__c"] == user["Email"]
    assert shown[session_key]["Next_Step__c"] == "call"
    assert shown[item_key]["Session__c"] == session_key


def test_a_person_finds_our_record_by_its_key(api: Any) -> None:
    key = f"cl1a{'cd' * 20}"
    session = api.make("CrmLoop_Session__c", Name="s", CrmLoop_Key__c=key)
    act = {"actor": "admin@sandbox.example", "do": "edit", "key": key, "face": "salesforce"}
    api.server.post("/__people", act | {"fields": {"Rep_Topic__c": "price"}})
    assert api.one("CrmLoop_Session__c", session)["Rep_Topic__c"] == "price"


def test_a_folder_without_objects_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        read_package(tmp_path)

"""What the doctor says of levels of an installation, in both languages."""

from dataclasses import replace
from typing import Any

import pytest

from crm_loop.connector.contract import Capabilities
from crm_loop.loop_records import Finding, Level, Member, Role
from crm_loop.records import Subject
from crm_loop.setup.doctor import Seen, examine, examine_people
from crm_loop.setup.findings import worded
from crm_loop.store.connections import ConnectionRow

NEXT = "no_object:CrmLoop_Session__c"


def found(open_above: bool | None = None, **able: Any) -> dict[str, Finding]:  # noqa: FBT001 - a case
    base: dict[str, Any] = {
        "account_id": "00D", "account_name": "Acme", "time_zone": "Asia/Tokyo", "currency": "JPY",
        "fiscal_start": 4, "subjects": frozenset(Subject), "missing": {}, "unique_key": True,
        "key_field": True, "managers": True, "private_tasks": True, "can_delete": True,
        "deal_url": "", "task_url": "",
    }  # fmt: skip
    capabilities = Capabilities(**{**base, **able})
    seen = Seen(connection="crm", capabilities=capabilities, open_above=open_above)
    return {one.code: one for one in examine(seen) if one.code.startswith("writes.")}


def test_a_crm_without_levels_is_told_none() -> None:
    assert not [code for code in found() if "level" in code or "above" in code]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("level", [0, 1])
def test_the_next_level_says_what_it_lacks(level: int, language: str) -> None:
    finding = found(level=level, lacking=[NEXT])[f"writes.level_{level}"]
    assert finding.level is Level.NOTE
    do = worded(finding, language)["do"]
    assert "CrmLoop_Session__c" in do
    assert "no_object" not in do


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_lacks_in_the_same_way_is_said_once(language: str) -> None:
    lacking = [NEXT, "unique:Task.A", "no_object:CrmLoop_KPI__c", "no_field:Task.B", "managers"]
    finding = found(level=1, lacking=lacking)["writes.level_1"]
    do = worded(finding, language)["do"]
    between = "、" if language == "ja" else ", "
    assert f"CrmLoop_Session__c{between}CrmLoop_KPI__c" in do
    assert do.count("権限がありません" if language == "ja" else "we may not see") == 2
    for name in ("Task.A", "Task.B"):
        assert name in do
    assert "no_" not in do


@pytest.mark.parametrize("language", ["ja", "en"])
def test_whoever_has_no_known_manager_is_named_ten_at_most(language: str) -> None:
    paired = Member(
        person="a@x.example", name="A", family_name="A", role=Role.AE, manager="b@x.example",
        language="en", country="JP", time_zone="Asia/Tokyo", accounts={},
    )  # fmt: skip
    alone = [replace(paired, person=f"{n}@x.example", name=f"Name{n:02}", manager=None)
             for n in range(12)]  # fmt: skip
    for few, names in ((alone[:2], "Name00, Name01"), (alone, "Name09, …")):
        told = {one.code: worded(one, language) for one in examine_people([paired, *few])}
        assert names in told["people.no_manager"]["title"]
        assert "Name10" not in told["people.no_manager"]["title"]
        assert "people.csv" in told["people.no_manager"]["do"]


@pytest.mark.parametrize(
    ("open_above", "confirmed", "code", "level"),
    [
        (None, False, "writes.above_ask", Level.ATTENTION),
        (None, True, "writes.above_closed", Level.OK),
        (False, False, "writes.above_closed", Level.OK),
        (True, True, "writes.above_open", Level.ATTENTION),
    ],
)
def test_who_is_above_is_asked_until_it_was_seen(
    open_above: bool | None,  # noqa: FBT001 - a case
    confirmed: bool,  # noqa: FBT001 - a case
    code: str,
    level: Level,
) -> None:
    told = found(open_above, level=2, own_objects=True, own_private=confirmed)
    assert told["writes.level_2"].level is Level.OK
    assert [(one.code, one.level) for name, one in told.items() if "above" in name] == [
        (code, level)
    ]
    assert {worded(told[code], language)["title"] for language in ("ja", "en")}


def test_what_an_account_says_of_itself_leaves_the_rest_of_it_alone(begin: Any) -> None:
    row = ConnectionRow(name="crm", kind="salesforce", url="https://a.example", paused=True,
                        facts={"level": 1, "closed_above": True})  # fmt: skip
    with begin("acme") as state:
        state.connections.put(row)
        state.connections.learn("crm", {"level": 2})
        state.connections.learn("unknown", {"level": 2})
        (kept,) = state.connections.all()
    assert kept == replace(row, facts={"level": 2, "closed_above": True})

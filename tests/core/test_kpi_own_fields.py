"""Fields of the CRM's own of every kind: an own KPI names them, previews them, and is refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.errors import WrongUsage
from crm_loop.kpi.custom_fields import SETTINGS
from crm_loop.kpi.own_kpis import checked, switched_on
from crm_loop.kpi.previewing import preview
from crm_loop.kpi.service import measure, read_setting
from crm_loop.records import (
    Account,
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    Lead,
    Person,
    Subject,
    Task,
)
from crm_loop.store import State
from crm_loop.store.connections import ConnectionRow
from crm_loop.wording.said import complaint

Begin = Callable[[str], AbstractContextManager[State]]
ORGANISATION, CRM, ANNA = "acme", "crm", "anna@example.com"
SUNDAY = date(2026, 6, 14)
NOON = datetime(2026, 6, 10, 3, tzinfo=UTC)
DAYS = {
    "activity": "day", "task": "due", "lead": "created_at", "account": "first_deal_on",
    "deal": "created_on",
}  # fmt: skip


def kpi(object_: str, *more: str, measured: str = "count") -> str:
    lines = (
        "[[kpi]]", 'id = "own"', 'name.ja = "独自"', 'name.en = "Own"', f'object = "{object_}"',
        f'measure = "{measured}"', f'date_field = "{DAYS[object_]}"', 'owner_field = "person"',
        'direction = "up"', 'class = "process"', *more,
    )  # fmt: skip
    return "\n".join(lines) + "\n"


EAST = 'filters = [{field = "custom.region", value = "東"}]'


@pytest.fixture
def world(begin: Begin) -> Begin:
    """Of each kind a record in the east with seven seats, and one in the west."""
    places: list[tuple[str, dict[str, str | None]]] = [
        ("1", {"region": "東", "seats": "7"}),
        ("2", {"region": "西", "seats": None}),
    ]
    deal: dict[str, Any] = {
        "owner_id": "u1", "pipeline": "p", "stage": "S2", "is_closed": False, "is_won": False,
        "amount": Decimal(100), "currency": "JPY", "close_date": None, "created_at": NOON,
        "modified_at": NOON,
    }  # fmt: skip
    call: dict[str, Any] = {
        "kind": ActivityKind.CALL, "owner_id": "u1", "deal_id": None, "account_id": None,
        "start": NOON, "logged_at": NOON, "status": ActivityStatus.HELD,
    }  # fmt: skip
    made: dict[str, Any] = {"owner_id": "u1", "created_at": NOON, "modified_at": NOON}
    todo: dict[str, Any] = {"deal_id": None, "due": date(2026, 6, 9), "is_closed": True}
    records: dict[Subject, list[Any]] = {
        Subject.DEALS: [
            Deal(id=n, name=n, account_id=n, custom=own, **deal) for n, own in places
        ],
        Subject.ACCOUNTS: [Account(id=n, name=n, owner_id="u1", custom=own) for n, own in places],
        Subject.ACTIVITIES: [Activity(id=n, custom=own, **call) for n, own in places],
        Subject.TASKS: [Task(id=n, custom=own, **made, **todo) for n, own in places],
        Subject.LEADS: [Lead(id=n, custom=own, **made) for n, own in places],
        Subject.PEOPLE: [
            Person(id="u1", email=ANNA, name=ANNA, manager_id="u9"),
            Person(id="u9", email="boss@example.com", name="boss", manager_id=None),
        ],
    }  # fmt: skip
    named = {"region": "Region__c", "seats": "Seats__c"}
    settings = dict.fromkeys(SETTINGS.values(), named)
    with begin(ORGANISATION) as state:
        state.connections.put(ConnectionRow(name=CRM, kind="fake", url="", settings=settings))
        for subject, rows in records.items():
            state.crm.remember(CRM, subject, rows)
    return begin


@pytest.mark.parametrize("object_", list(SETTINGS))
def test_a_preview_shows_value_and_records_of_a_field_of_the_crms_own(
    world: Begin, object_: str
) -> None:
    (row,) = preview(world, ORGANISATION, kpi(object_, EAST), name="own.toml", as_of=SUNDAY)
    assert (row["rep"], row["value"]) == (ANNA, 1.0)
    assert row["record_ids"] == [f"{CRM}:{object_}:1"]
    summed = kpi(object_, 'field = "custom.seats"', 'unit = "count"', measured="sum")
    (row,) = preview(world, ORGANISATION, summed, name="own.toml", as_of=SUNDAY)
    assert (row["value"], len(row["record_ids"])) == (7.0, 2)


def test_it_is_measured_by_night_and_nobody_reads_such_fields_without_being_asked(
    world: Begin,
) -> None:
    assert "custom" not in read_setting(world, ORGANISATION, SUNDAY).frames.activities.columns
    with world(ORGANISATION) as state:
        state.frozen.define("own.toml", kpi("activity", EAST), enabled=True)
    values = {one.kpi: one.value for one in measure(world, ORGANISATION, as_of=SUNDAY)}
    assert values["own"] == 1.0


def test_records_come_back_from_the_store_with_their_fields(world: Begin) -> None:
    with world(ORGANISATION) as state:
        found = {one.id: one.custom for _, one in state.crm.read(Subject.LEADS)}
    assert found == {"1": {"region": "東", "seats": "7"}, "2": {"region": "西", "seats": None}}


def wrong(state: State, text: str) -> WrongUsage:
    with pytest.raises(WrongUsage) as caught:
        checked(state, "own.toml", text)
    return caught.value


@pytest.mark.parametrize("object_", list(SETTINGS))
def test_a_field_that_nobody_named_is_refused_in_both_languages(world: Begin, object_: str) -> None:
    text = kpi(object_, EAST.replace("region", "mood"))
    with world(ORGANISATION) as state:
        refused = wrong(state, text)
    assert "own.toml, line 11, column 22: 'custom.mood' is not pulled" in refused.happened
    assert f"{SETTINGS[object_]}に、CRMの項目名を書いてください" in complaint(refused, "ja")


def test_a_field_that_the_crm_does_not_show_is_refused_and_its_file_rests(world: Begin) -> None:
    text = kpi("lead", EAST)
    with world(ORGANISATION) as state:
        state.frozen.define("own.toml", text, enabled=True)
        assert switched_on(state)[1] == {}
        state.connections.learn(CRM, {"unknown_fields": ["lead.region"]})
        refused = wrong(state, text)
        on, resting = switched_on(state)
    assert "no connected CRM shows the field that lead_fields names" in refused.happened
    assert "lead_fieldsに書かれた「custom.region」の項目は" in complaint(refused, "ja")
    assert (on, list(resting)) == ({}, ["own.toml"])
    # Another kind's field of the same name is another field.
    with world(ORGANISATION) as state:
        assert checked(state, "other.toml", kpi("task", EAST))


def test_one_of_two_crms_that_shows_the_field_is_enough(world: Begin) -> None:
    with world(ORGANISATION) as state:
        other = ConnectionRow(
            name="other", kind="fake", url="", settings={"lead_fields": {"region": "region"}},
            facts={"unknown_fields": ["lead.region"]},
        )  # fmt: skip
        state.connections.put(other)
        assert checked(state, "own.toml", kpi("lead", EAST))


def test_a_kind_without_fields_of_its_own_says_which_it_has(world: Begin) -> None:
    text = kpi("deal", EAST).replace('"deal"', '"quote"').replace("created_on", "created_at")
    with world(ORGANISATION) as state:
        refused = wrong(state, text)
    assert "a quote has no field 'custom.region'; it has " in refused.happened
    assert "quoteに「custom.region」という項目はありません" in complaint(refused, "ja")

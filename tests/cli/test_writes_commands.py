"""Writes, jobs, pauses and the audit trail as an operator has them."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import insert

from crm_loop.bootstrap import App, build, real_now
from crm_loop.queue import NewJob
from crm_loop.settings import load_settings
from crm_loop.store.tables.work import write

IN_PART, WRONG = 5, 2
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def house(connected: Any) -> Any:
    """The same house as the commands see, from inside."""
    app = build(load_settings())
    yield app
    app.close()


def a_job(house: App, id_: str = "x") -> None:
    with house.begin("default") as state:
        state.jobs.add(NewJob(id=id_, kind="write", connection="hubspot"), now=real_now())


def test_a_job_can_be_parked_with_a_reason_and_tried_again(connected: Any, house: App) -> None:
    a_job(house)
    assert connected("jobs", "park", "x", "--reason", "too big", "--json").data["changed"]
    (parked,) = connected("jobs", "list", "--state", "parked", "--json").data["jobs"]
    assert parked["reason"] == "too big"
    assert connected("jobs", "retry", "x", "--json").data["job"]["state"] == "ready"
    assert "Attempts" in connected("jobs", "show", "x").out


def test_a_job_that_is_not_there_is_named(connected: Any) -> None:
    for command in ("show", "retry", "park"):
        said = connected("jobs", command, "nothing", "--json")
        assert (said.code, said.json["error"]["code"]) == (WRONG, "job.missing")


def test_a_paused_account_is_written_to_again_at_once_after_resuming(
    connected: Any, house: App
) -> None:
    assert connected("pause", "--connection", "hubspot").code == 0
    with house.begin("default") as state:
        assert [row.paused for row in state.connections.all()] == [True, False]
    connected("resume", "--all")
    (job,) = connected("jobs", "list", "--json").data["jobs"]
    assert (job["kind"], job["connection"]) == ("write", "hubspot")


@pytest.mark.parametrize(
    "options", [(), ("--all", "--connection", "hubspot"), ("--connection", "x")]
)
def test_a_pause_has_to_say_what_is_paused(connected: Any, options: tuple[str, ...]) -> None:
    assert connected("pause", *options, "--json").code == WRONG


def test_the_audit_trail_is_listed_and_verified(connected: Any) -> None:
    connected("pause", "--all")
    entries = connected("audit", "list", "--json").data["entries"]
    assert [entry["what"] for entry in entries] == ["connection.paused"] * 2
    assert connected("audit", "verify", "--json").data["unsealed"] == 2
    assert "whole" in connected("audit", "verify").out


def test_writes_are_verified_and_an_unknown_run_undoes_nothing(connected: Any) -> None:
    stands = connected("writes", "verify", "--json").data["connections"]
    assert all(set(counts.values()) == {0} for counts in stands.values())
    assert connected("writes", "undo", "--run", "nothing", "--json").data["writes"] == []


def a_write(key: str, **values: object) -> dict[str, object]:
    return {
        "organisation": "default",
        "key": key,
        "connection": "hubspot",
        "kind": "action",
        "person": "tanaka@example.com",
        "week": "2026-W25",
        "reason": "r",
        "run": "1",
        "state": "planned",
        "not_before": LONG_AGO,
        "due": date(2026, 6, 19),
        "revision": 1,
        "op": "create",
        "owner_id": "5",
        "subject": "次の日程を決める",
        "body": "新しい行\n",
        **values,
    }


def enter(house: App, *rows: dict[str, object]) -> None:
    with house.begin("default") as state:
        for row in rows:
            state.connection.execute(insert(write), row)


def states(connected: Any) -> dict[str, str]:
    rows = connected("writes", "list", "--json").data["writes"]
    return {row["key"]: row["state"] for row in rows}


def test_a_refused_write_goes_out_again_when_the_operator_says_so(
    connected: Any, house: App
) -> None:
    enter(house, a_write("cl1t1", state="refused", text="期日は必須です"))
    assert (
        connected("writes", "retry", "--person", "other@example.com", "--json").data["writes"] == []
    )
    (again,) = connected("writes", "retry", "--json").data["writes"]
    assert (again["state"], again["approved_by"]) == ("approved", "operator")


def test_single_writes_are_let_through_by_how_their_keys_begin(connected: Any, house: App) -> None:
    enter(house, a_write("cl1taaa"), a_write("cl1tbbb"), a_write("cl1tccc"))
    said = connected("writes", "approve", "--item", "cl1ta", "--item", "cl1tccc", "--json")
    assert [(row["key"], row["state"]) for row in said.data["writes"]] == [
        ("cl1taaa", "approved"),
        ("cl1tccc", "approved"),
    ]
    assert states(connected)["cl1tbbb"] == "planned"


@pytest.mark.parametrize(("item", "lang", "says"), [
    ("cl1t", "en", "2 writes have keys that begin with 'cl1t'."),
    ("nothing", "ja", "キーが「nothing」の書き込みはありません。"),
])  # fmt: skip
def test_a_key_that_names_none_or_several_lets_nothing_through(
    connected: Any, house: App, item: str, lang: str, says: str
) -> None:
    enter(house, a_write("cl1taaa"), a_write("cl1tbbb"))
    said = connected("writes", "approve", "--item", item, "--lang", lang)
    assert (said.code, said.err.replace("\n", "")[: len(says)]) == (WRONG, says)
    assert set(states(connected).values()) == {"planned"}


def test_one_item_is_previewed_line_by_line(connected: Any, house: App) -> None:
    before = {"op": "update", "written_body": "同じ行\n古い行\n", "body": "同じ行\n新しい行\n"}
    enter(house, a_write("cl1taaa", **before), a_write("cl1tbbb", body="別のレコード\n"))
    lines = [line.rstrip() for line in
             connected("writes", "preview", "--item", "cl1ta").out.splitlines()]  # fmt: skip
    assert lines[-3:] == ["  同じ行", "- 古い行", "+ 新しい行"]
    assert "別のレコード" not in "".join(lines)


def test_what_waits_is_shown_in_parts_and_the_latest_of_the_ledger_first(
    connected: Any, house: App
) -> None:
    before = LONG_AGO.replace(year=2025)
    enter(house, a_write("cl1t1", not_before=before), a_write("cl1t2"))
    enter(house, a_write("cl1t3", state="confirmed"), a_write("cl1t4", person="a@example.com"))
    waiting = connected("writes", "preview", "--limit", "2", "--json").data
    assert ([one["key"] for one in waiting["writes"]], waiting["total"], waiting["next"]) == (
        ["cl1t4", "cl1t1"], 3, 2,
    )  # fmt: skip
    rest = connected("writes", "preview", "--offset", "2", "--json").data
    assert ([one["key"] for one in rest["writes"]], rest["next"]) == (["cl1t2"], None)
    ledger = connected("writes", "list", "--limit", "3", "--json").data
    assert [one["key"] for one in ledger["writes"]] == ["cl1t4", "cl1t2", "cl1t3"]
    assert ledger["next"] == 3


def an_owner(url: str, credentials: dict[str, str]) -> str:
    signed = {"Authorization": f"Bearer {credentials['access_token']}"}
    with urlopen(Request(f"{url}/crm/v3/owners", headers=signed), timeout=60) as answer:
        return str(json.load(answer)["results"][0]["id"])


def test_taking_a_run_back_leaves_what_waits_for_its_own_turn(
    connected: Any, crms: Any, credentials_of: Any, house: App
) -> None:
    owner = an_owner(*credentials_of(crms, "hubspot"))
    with house.begin("default") as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, writing=True))
    enter(house, a_write("cl1t" + "a" * 40, state="approved", owner_id=owner))
    sent = connected("writes", "apply", "--json").data["written"]
    assert sent["created"] == 1, sent
    enter(house, a_write("cl1t" + "b" * 40, state="approved", run="2"))
    (back,) = connected("writes", "undo", "--run", "1", "--json").data["writes"]
    assert back["state"] == "undone"
    assert states(connected) == {"cl1t" + "a" * 40: "undone", "cl1t" + "b" * 40: "approved"}

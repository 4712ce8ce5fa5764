"""Writes, jobs, pauses and the audit trail as an operator has them."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert

from crm_loop.bootstrap import App, build, real_now
from crm_loop.queue import NewJob
from crm_loop.settings import load_settings
from crm_loop.store.tables.work import write

IN_PART, WRONG = 5, 2


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


def test_a_refused_write_goes_out_again_when_the_operator_says_so(
    connected: Any, house: App
) -> None:
    wanted = {"op": "create", "owner_id": "5", "subject": "次の日程を決める", "body": "b"}
    row = {
        "organisation": "default",
        "key": "cl1t1",
        "connection": "hubspot",
        "kind": "action",
        "person": "tanaka@example.com",
        "week": "2026-W25",
        "reason": "r",
        "run": "1",
        "state": "refused",
        "not_before": real_now(),
        "due": date(2026, 6, 19),
        "revision": 1,
        "text": "期日は必須です",
        **wanted,
    }
    with house.begin("default") as state:
        state.connection.execute(insert(write), row)
    assert (
        connected("writes", "retry", "--person", "other@example.com", "--json").data["writes"] == []
    )
    (again,) = connected("writes", "retry", "--json").data["writes"]
    assert (again["state"], again["approved_by"]) == ("approved", "operator")

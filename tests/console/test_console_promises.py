"""What pages promise staff and admins is what is set and done; troubles are said in words."""

from dataclasses import replace
from datetime import timedelta

import pytest
from console_house import NOW, House
from sqlalchemy import insert

from crm_loop.console.staff_notice import notice_text, tasks_written
from crm_loop.console.texts import texts
from crm_loop.errors import NeedsAttention, Transient
from crm_loop.loop_records import WriteKind
from crm_loop.queue import NewJob, Park, decide
from crm_loop.setup.approval import memo_readers
from crm_loop.setup.starting import By, Notice, keep_notice
from crm_loop.store.connections import ConnectionRow
from crm_loop.store.tables.work import api_call
from crm_loop.wording.said import why

ADMIN, OPERATOR, REP = "admin@acme.example", "operator@acme.example", "rep@acme.example"
OPEN = ConnectionRow(name="portal", kind="hubspot", url="https://x")
ABOVE = ConnectionRow(name="org", kind="salesforce", url="https://x", facts={"private_tasks": True})
CLOSED = replace(ABOVE, facts={"private_tasks": True, "own_objects": True, "closed_above": True})


@pytest.mark.parametrize(
    ("row", "ja", "en"),
    [
        (OPEN, "CRMを使う全員", "everyone who uses the CRM"),
        (ABOVE, "上位の役職の方", "managers above"),
        (CLOSED, "ご本人、上長、CRM管理者", "you, your manager and CRM administrators"),
    ],
)
def test_the_notice_names_whoever_can_read_a_memo_here(
    row: ConnectionRow, ja: str, en: str
) -> None:
    assert ja in notice_text("ja", [row], "鈴木")
    assert en in notice_text("en", [row], "Suzuki")
    others = {"CRMを使う全員", "上位の役職の方"} - {ja}
    assert not [one for one in others if one in notice_text("ja", [row], "鈴木")]


def test_the_notice_tells_accounts_apart_that_are_open_to_different_people() -> None:
    text = notice_text("ja", [OPEN, ABOVE], "鈴木")
    assert "portalのメモは、CRMを使う全員" in text
    assert "orgのメモを見られるのは、ご本人、上長、上位の役職の方" in text
    assert notice_text("ja", [], "鈴木").count("メモ") == 1


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_notice_says_how_long_things_are_really_kept(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = notice_text(language, [OPEN], "x")
    assert "25" in text
    assert "13" in text
    monkeypatch.setattr("crm_loop.console.staff_notice.RECORDS", timedelta(days=30.44 * 7))
    changed = notice_text(language, [OPEN], "x")
    assert "25" not in changed
    assert "7" in changed


def test_everybody_reads_the_notice_as_things_are_now(house: House) -> None:
    with house.app.begin("acme") as state:
        keep_notice(state, Notice(NOW.date(), "鈴木"), By("x", NOW))
    assert "CRMを使う全員" in house.browser(REP).get("/notice").text
    with house.app.begin("acme") as state:
        (row,) = state.connections.all()
        state.connections.put(replace(row, facts=ABOVE.facts))
    for path in ("/notice", "/privacy"):
        page = house.browser(REP).get(path).text
        assert "上位の役職の方" in page, path
        assert "25か月" in page, path


def test_every_kind_of_task_stands_beside_the_switch(house: House) -> None:
    page = house.browser(ADMIN).get("/setup/writing").text
    known = {kind: texts("ja").say(f"setup.written.{kind.value}") for kind in WriteKind}
    assert {kind for kind, text in known.items() if text in page} == set(WriteKind) - {
        WriteKind.ALERT
    }
    with house.app.begin("acme") as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="standard"))
    page = house.browser(ADMIN).get("/setup/writing").text
    assert all(text in page for text in known.values())
    assert tasks_written("full") == list(WriteKind)


def test_what_is_installed_for_us_stands_there_too(house: House) -> None:
    before = house.browser(ADMIN).get("/setup/writing").text
    assert "CrmLoop_Session__c" not in before
    with house.app.begin("acme") as state:
        (row,) = state.connections.all()
        state.connections.put(replace(row, facts={"level": 2}))
    after = house.browser(ADMIN).get("/setup/writing").text
    for name in ("CrmLoop_Session__c", "CrmLoop_Agenda_Item__c", "CrmLoop_KPI_Snapshot__c"):
        assert name in after, name


def reason_of(error: Exception, attempts: int = 1) -> str:
    decision = decide(error, attempts)
    assert isinstance(decision, Park)
    return decision.reason


def test_a_job_that_was_set_aside_says_why_in_the_readers_language(house: House) -> None:
    kept = NeedsAttention(
        "There is no organisation 'acme' yet.",
        code="organisation.missing",
        kept="Nothing was changed.",
        do="Fill in both.",
    )
    reason = reason_of(kept)
    with house.app.begin("acme") as state:
        state.jobs.add(NewJob(id="pull:1", kind="pull", connection="salesforce"), now=NOW)
        state.jobs.park("pull:1", reason=reason)
    for path in ("/connections", "/jobs"):
        page = house.browser(OPERATOR).get(path).text
        assert "何も変更していません。" in page, path
        for raw in ("organisation.missing", "Nothing was changed", "There is no"):
            assert raw not in page, (path, raw)
        english = house.browser(OPERATOR).get(path, params={"lang": "en"}).text
        assert "Nothing was changed. Fill in both." in english, path


def test_all_calls_of_a_day_are_never_fewer_than_ours(house: House) -> None:
    """What a CRM says of the day is a while old; what we asked since is known here."""
    today = house.app.clock().date()
    row = {"organisation": "acme", "connection": "salesforce", "tokens": 0, "day": today,
           "refilled_at": house.app.clock()}  # fmt: skip
    with house.app.begin("acme") as state:
        state.connection.execute(insert(api_call), [
            row | {"kind": "day", "used_today": 126, "limit_today": 15_000},
            row | {"kind": "own", "used_today": 135, "limit_today": None},
        ])  # fmt: skip
    page = house.browser(OPERATOR).get("/connections?lang=en").text
    assert "135 of 15,000 by everybody" in page
    assert "135 of them ours" in page


@pytest.mark.parametrize("name", ["Salesforce 12", "青葉商事"])
def test_an_account_that_is_named_after_its_crm_is_not_named_twice(house: House, name: str) -> None:
    with house.app.begin("acme") as state:
        (row,) = [one for one in state.connections.all() if one.name == "salesforce"]
        state.connections.put(replace(row, facts={**row.facts, "account_name": name}))
    page = house.browser(OPERATOR).get("/connections").text
    assert "Salesforce Salesforce" not in page
    assert f"<dd>Salesforce {name.removeprefix('Salesforce ')} " in page


@pytest.mark.parametrize(
    "reason",
    [reason_of(ValueError("田中"), 3), "poison: its worker died over it", "database.away",
     reason_of(Transient("The CRM is away."), 200), "by an operator"],
)  # fmt: skip
def test_every_reason_of_our_own_is_said_in_japanese(reason: str) -> None:
    found = why(reason, "ja")
    assert not found.isascii()
    assert not found.startswith(("bug", "poison"))


@pytest.mark.parametrize("typed", ["too big", "顧客が移行中", "wait: until Monday", ""])
def test_what_a_person_typed_as_a_reason_stays_as_it_is(typed: str) -> None:
    assert why(typed, "ja") == why(typed, "en") == typed


def test_the_codes_of_readers_are_those_of_the_approval_pack() -> None:
    for row in (OPEN, ABOVE, CLOSED):
        assert texts("ja").say(f"notice.{memo_readers(row)}", where="")

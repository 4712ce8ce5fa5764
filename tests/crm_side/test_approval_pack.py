"""What a company approves is what the connectors really ask for, read and write."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from salesforce_project import HOME, Project

from crm_loop.access.roles import ConsoleRole
from crm_loop.cli.docs import drawn
from crm_loop.connector.disclosure import LANGUAGES, Disclosure, disclosed
from crm_loop.settings import Settings
from crm_loop.setup import approval
from crm_loop.setup.approval import Account, Live, facts, pack
from crm_loop.store.connections import ConnectionRow, Organisation
from crm_loop.store.retention import RECORDS, RULES, TALKS, WORK
from crm_loop_hubspot import sources as hubspot
from crm_loop_hubspot.translate import kinds
from crm_loop_salesforce.translate import names, own
from crm_loop_salesforce.translate.names import Table

APP = Path(__file__).parents[2] / "connectors/hubspot/app/src/app/app-hsmeta.json"
#: A4 pages that somebody has to read.
MOST_PAGES = 6


def named(items: Any) -> set[str]:
    return {one.name for one in items}


def of(kind: str) -> Disclosure:
    found = disclosed(kind)
    assert found is not None
    return found


def test_salesforces_permissions_are_those_of_the_integration_users_set() -> None:
    (file,) = (
        one for one in Project(HOME).of("PermissionSet") if one.name == "CrmLoop_Integration"
    )
    everything = {
        one.text("object")
        for one in file.each("objectPermissions")
        if one.text("modifyAllRecords") == "true"
    }
    assert named(of("salesforce").permissions) == {
        *(one.text("name") for one in file.each("userPermissions")),
        "ModifyAllRecords",
    }
    assert everything == named(of("salesforce").at(2).writes) - {"Task"}


def test_salesforces_objects_are_those_that_are_read_and_written() -> None:
    told = of("salesforce")
    read = {one.name for one in vars(names).values() if isinstance(one, Table)}
    assert named(told.reads) == {one.partition(".")[0] for one in read} | {names.ORGANIZATION}
    (file,) = (
        one for one in Project(HOME).of("PermissionSet") if one.name == "CrmLoop_Integration"
    )
    may = {
        one.text("object"): one.text("allowCreate") == "true"
        for one in file.each("objectPermissions")
    }
    assert named(told.writes) == {name for name, writes in may.items() if writes} | {"Task"}
    assert {name for name, writes in may.items() if not writes} <= set(told.never)
    ours = {one.name for one in vars(own).values() if isinstance(one, Table)}
    assert ours
    assert ours <= named(told.writes)


def test_without_the_package_nothing_of_it_is_named() -> None:
    told = of("salesforce")
    assert named(told.at(0).writes) == named(told.at(1).writes) == {"Task"}
    assert named(told.at(2).writes) == named(told.writes)


def test_hubspots_scopes_are_those_of_the_app() -> None:
    scopes = json.loads(APP.read_bytes())["config"]["auth"]["requiredScopes"]
    assert sorted(named(of("hubspot").permissions)) == sorted(scopes)


def test_hubspots_objects_are_those_that_are_read_and_written() -> None:
    told = of("hubspot")
    read = {one.name for one in vars(kinds).values() if isinstance(one, kinds.Kind)}
    read |= {one.kind.name for readers in hubspot.READERS.values() for one in readers}
    assert named(told.reads) == read | {"owners", "meeting-links"}
    assert named(told.at(1).writes) == {"tasks", kinds.KEY, kinds.PAYLOAD}
    assert named(told.at(0).writes) == {"tasks"}
    assert set(told.never) == read - {"tasks", "users", "goal_targets"}


@pytest.mark.parametrize("kind", ["salesforce", "hubspot"])
def test_the_install_guides_give_the_same_reasons_to_people(kind: str) -> None:
    guide = (Path(__file__).parents[2] / f"docs/install-{kind}.md").read_text("utf-8")
    for one in of(kind).at(0).permissions:
        assert f"`{one.name}`" in guide


SALESFORCE = {"level": 2, "own_objects": True, "private_tasks": True, "closed_above": True}


def account(kind: str, **known: Any) -> Account:
    row = ConnectionRow(name=kind, kind=kind, url=f"https://{kind}.example", account_id="1",
                        facts=known)  # fmt: skip
    return Account(row=row, disclosure=of(kind))


@pytest.fixture
def live() -> Live:
    return Live(
        day=date(2026, 11, 28),
        version="0.1.0",
        own=Organisation(name="acme"),
        settings=Settings(
            _env_file=None,
            env="production",
            database_url="postgresql://crm_loop:Hund3katze@db.acme.example/crm_loop",
            smtp_url="smtps://mail:Hund3katze@smtp.acme.example",
            public_url="https://loop.acme.example",
            traces_url="http://collector.acme.example:4318/v1/traces",
        ),
        accounts=[account("salesforce", **SALESFORCE), account("hubspot", key_field=True)],
        pilot=8,
        notice=("2026-12-01", "人事部 内線123"),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pack_says_what_is_set(live: Live, language: str) -> None:
    page = drawn(pack(live, language), language)
    assert "Hund3katze" not in page
    for said in (
        "db.acme.example",
        "smtp.acme.example",
        "collector.acme",
        "https://loop.acme.example",
        "2026-12-01",
    ):
        assert said in page
    for told in (of("salesforce"), of("hubspot")):
        for one in (*told.permissions, *told.reads, *told.writes):
            assert one.name in page
    for keep in (RECORDS, TALKS):
        assert approval._how_long(approval._texts()[language], keep) in page  # noqa: SLF001 - the words for a time


def test_what_is_kept_for_how_long_is_what_the_nightly_rule_does(live: Live) -> None:
    assert {rule.keep for rule in RULES.values()} == {RECORDS, TALKS, WORK}
    kept = dict(pack(live, "en").kept)
    assert list(kept.values()) == ["25 months", "13 months", "30 days", "until removed"]


def test_every_role_of_the_pages_is_named(live: Live) -> None:
    assert len({row[0] for row in pack(live, "ja").roles}) == len(ConsoleRole)


@pytest.mark.parametrize(
    ("known", "readers"),
    [
        ({"private_tasks": False}, "readers_open"),
        ({"private_tasks": True}, "readers_above"),
        ({"private_tasks": True, "own_objects": True, "closed_above": False}, "readers_above"),
        ({"private_tasks": True, "own_objects": True, "own_private": True}, "readers"),
        (SALESFORCE, "readers"),
    ],
)
def test_readers_are_those_of_the_memos_last_line(known: Any, readers: str) -> None:
    assert account("salesforce", **known).memo_readers == readers


@pytest.mark.parametrize("language", LANGUAGES)
def test_not_for_appraisals_is_said(live: Live, language: str) -> None:
    said = approval._texts()[language]["staff"]["appraisal_off"]  # noqa: SLF001 - the sentence itself
    assert said in pack(live, language).staff


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_leaves_the_network_by_a_setting_is_named(live: Live, language: str) -> None:
    """A new setting with an address has to be looked at here."""
    addresses = {name for name in Settings.model_fields if name.endswith(("_url", "_issuer"))}
    assert addresses == {
        "database_url", "redis_url", "public_url", "smtp_url", "traces_url", "oidc_issuer"
    }  # fmt: skip
    plain = replace(live, settings=Settings(_env_file=None))
    asked = Settings(_env_file=None, oidc_issuer="https://id.acme.example", rewriter="poet")
    assert len(pack(plain, language).outside) == 2
    page = drawn(pack(replace(live, settings=asked), language), language)
    assert "id.acme.example" in page
    assert "poet" in page
    assert approval._texts()[language]["outside"]["no_model"] not in page  # noqa: SLF001 - the claim


def test_a_second_issue_tells_what_has_changed(live: Live) -> None:
    before = facts(live)
    assert pack(live, "ja", before).changes == []
    later = replace(live, own=replace(live.own, writing=True), accounts=live.accounts[:1])
    found = {row[0]: row[1:] for row in pack(later, "ja", before).changes}
    assert found["CRMへの書き込み"] == ("なし（読み取りのみ）", "あり")
    assert found["hubspot: 導入の段階"] == ("1", "なし")
    assert not any(name.startswith("salesforce") for name in found)


def test_what_an_admin_named_cannot_change_the_page(live: Live) -> None:
    page = drawn(pack(replace(live, notice=("2026-12-01", "<script>x</script>")), "en"), "en")
    assert "<script>" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_at_most_six_a4_pages(live: Live, language: str, tmp_path: Path) -> None:
    """Counted as Chromium prints it, where there is one; both CRMs and everything installed."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if chromium is None:
        pytest.skip("Chromium is not here; make test-browser installs it")
    before = dict.fromkeys(facts(live), "x")
    page = tmp_path / "pack.html"
    page.write_text(drawn(pack(live, language, before), language), "utf-8")
    subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
         f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={tmp_path / 'pack.pdf'}",
         page.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    pdf = (tmp_path / "pack.pdf").read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 1 < pages <= MOST_PAGES, pages


def test_the_command_writes_it_and_remembers_what_was_issued(desk: Any) -> None:
    desk.connect()
    said = desk("docs", "approval-pack", "--lang", "ja", "--json")
    assert said.code == 0, said.out
    page = (desk.folder / "approval-pack.ja.html").read_text("utf-8")
    assert "社内申請パック" in page
    assert said.data["facts"]["writing"] == "writing_off"
    assert said.data["changes"] == []
    desk("doctor")
    again = desk("docs", "approval-pack", "--lang", "en", "--draft", "--file", "x.html", "--json")
    assert again.data["changes"] == []
    assert (desk.folder / "x.html").exists()
    refused = desk("docs", "approval-pack", "--file", "no/such/folder/x.html", "--json")
    assert (refused.code, refused.error["code"]) == (2, "usage.file")

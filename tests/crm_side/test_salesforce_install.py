"""Install, check, use, uninstall: a whole life of the package in an org that had none of it."""

import stat
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from crm_loop.connector.contract import Account, Change, Op, Result, TaskFields
from crm_loop.connector.memory import MemoryPorts
from crm_loop.connector.publishing import Figure, Sheet, SheetItem
from crm_loop_salesforce.connector import SalesforceConnector

ADMIN = "admin@sandbox.example"


def key(kind: str, number: int = 0) -> str:
    return f"cl1{kind}{number:040x}"


def reps(desk: Any) -> list[dict[str, Any]]:
    query = "SELECT Id, Username, ManagerId FROM User WHERE Title = 'AE' ORDER BY Username"
    return list(desk.get("query", q=query)["records"])


def connector(desk: Any) -> SalesforceConnector:
    access = desk.server.get("/__access")["salesforce"]
    signed = {name: access["jwt"][name] for name in ("client_id", "username", "private_key")}
    account = Account(organisation="o", connection="c", url=access["login_url"],
                      settings={"allow_loopback": True}, credentials=signed)  # fmt: skip
    return SalesforceConnector(account, MemoryPorts().ports)


def task(desk: Any, number: int = 0) -> str:
    """Write a task of ours; its id."""
    fields = TaskFields(owner_id=reps(desk)[0]["Id"], subject="A社に電話する", body="",
                        due=date(2026, 6, 19))  # fmt: skip
    change = Change(key=key("t", number), op=Op.CREATE, fields=fields)
    (outcome,) = connector(desk).apply([change])
    assert outcome.result is Result.DONE, outcome
    return str(outcome.crm_id)


@pytest.fixture
def installed(desk: Any) -> Any:
    said = desk.salesforce("install", "--integration-user", desk.integration_user)
    assert said.code == 0, said.out
    desk.connect()
    return desk


def test_a_package_comes_and_goes_without_a_trace(desk: Any) -> None:
    before = desk.described(), desk.server.get("/__state")
    desk.connect()
    checked = desk("salesforce", "check", "--json")
    assert checked.codes == ["signed_in", "level_0", "may_change_deals"]
    rep = reps(desk)[0]["Username"]
    said = desk.salesforce("install", "--japanese", "--analytics", "--rep", rep,
                           "--integration-user", desk.integration_user)  # fmt: skip
    assert (said.code, list(said.data["units"])) == (0, ["core", "ja", "analytics"]), said.out
    checked = desk("salesforce", "check", "--json")
    assert (checked.code, checked.data["level"]) == (0, 2), checked.out
    assert checked.data["absent"] == checked.data["fixed"] == checked.data["plain_keys"] == []
    said = desk.salesforce("uninstall")
    assert (said.code, said.data["remains"], said.data["assignments"]) == (0, [], 2), said.out
    assert (desk.described(), desk.server.get("/__state")) == before


@pytest.mark.slow
def test_the_key_fields_alone_come_and_go_too(desk: Any) -> None:
    before = desk.described(), desk.server.get("/__state")
    said = desk.salesforce("install", "--level", "1", "--integration-user", desk.integration_user)
    assert list(said.data["units"]) == ["activity"]
    desk.connect()
    checked = desk("salesforce", "check", "--json")
    assert (checked.code, checked.data["level"]) == (0, 1), checked.out
    assert connector(desk).capabilities().unique_key
    assert not connector(desk).capabilities().own_objects
    assert desk.salesforce("uninstall").code == 0
    assert (desk.described(), desk.server.get("/__state")) == before


def test_what_was_installed_is_used_and_records_of_ours_go_with_it(installed: Any) -> None:
    ours = connector(installed)
    assert ours.capabilities().own_objects
    rep = reps(installed)[0]
    sheet = Sheet(key=key("a"), name="1on1", rep_id=rep["Id"], manager_id=rep["ManagerId"],
                  starts_at=datetime(2026, 6, 16, 1, tzinfo=UTC), summary="memo",
                  items=[SheetItem(key=key("i"), title="A社")])  # fmt: skip
    figure = Figure(key=key("k"), rep_id=rep["Id"], kpi="kpi:first", label="初回面談",
                    unit="count", higher_is_better=True, as_of=date(2026, 6, 15),
                    period_start=date(2026, 6, 1), period_end=date(2026, 6, 30),
                    actual=Decimal(4), target=Decimal(12))  # fmt: skip
    assert [one.result for one in ours.publish_sheets([sheet])] == [Result.DONE]
    assert [one.result for one in ours.publish_figures([figure])] == [Result.DONE]
    assert installed.server.get("/__state")["salesforce"]["count"] == 4
    installed.salesforce("uninstall")
    assert installed.server.get("/__state")["salesforce"]["count"] == 0


def test_tasks_stay_with_their_owners_and_are_named(installed: Any) -> None:
    kept = task(installed)
    # Whoever uninstalls sees the key only with a permission set that shows it.
    unseen = installed.salesforce("uninstall", "--check-only")
    assert unseen.codes == ["would_remove", "tasks_unseen"]
    installed.salesforce("install", "--integration-user", ADMIN)
    said = installed.salesforce("uninstall")
    assert (said.data["tasks"], said.data["listed"][0]["id"]) == (1, kept)
    query = f"SELECT Subject, Status FROM Task WHERE Id = '{kept}'"  # noqa: S608 - ours
    assert installed.get("query", q=query)["records"][0]["Subject"] == "A社に電話する"


@pytest.mark.slow
def test_a_user_without_the_permission_set_is_told_its_name(desk: Any) -> None:
    desk.salesforce("install")
    desk.connect()
    found = desk("salesforce", "check", "--json")
    assert (found.code, found.data["level"], found.data["permission_set"]) == (5, 0, False)
    assert "lacks_set" in found.codes
    said = desk("salesforce", "check", "--lang", "ja")
    assert "権限セットCrmLoop_Integrationがありません" in said.out


def test_only_looking_changes_nothing(desk: Any) -> None:
    before = desk.described()
    said = desk.salesforce("install", "--check-only", "--japanese")
    assert (said.codes, said.code) == (["would_install", "would_install"], 0)
    assert desk.described() == before


@pytest.mark.slow
def test_installing_twice_is_harmless(installed: Any) -> None:
    before = installed.described()
    task(installed)
    said = installed.salesforce("install", "--integration-user", installed.integration_user)
    given = next(one for one in said.data["findings"] if one["code"] == "given")
    assert (given["new"], given["had"]) == (0, 1)
    assert installed.described() == before
    assert connector(installed).look_up([]) == {}


def test_whoever_is_no_administrator_is_told_what_is_missing(desk: Any) -> None:
    (desk.folder / "admin.json").write_text(
        f'{{"access_token": "{desk.token(desk.integration_user)}"}}', "utf-8"
    )
    said = desk.salesforce("install")
    assert (said.code, said.error["code"]) == (3, "salesforce.may_not_deploy")


def test_a_token_that_has_ended_is_told_and_not_kept(desk: Any) -> None:
    (desk.folder / "admin.json").write_text('{"access_token": "over"}', "utf-8")
    said = desk.salesforce("uninstall")
    assert (said.code, said.error["code"]) == (3, "connection.token_refused")
    assert "over" not in said.out + said.err


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("--admin", "nowhere.json", "--url", "https://x.my.salesforce.com"), "usage.credentials"),
        ((), "usage.url"),
        (("--certificate", "crm_loop.crt"), "usage.sign_in"),
    ],
)
def test_wrong_usage_is_one_sentence(settings: Path, given: tuple[str, ...], code: str) -> None:
    from typer.testing import CliRunner

    from crm_loop.cli.mount import app

    said = CliRunner().invoke(app, ["salesforce", "install", "--json", *given])
    assert said.exit_code == 2
    assert f'"{code}"' in said.stdout


def test_nobody_gets_a_permission_when_one_name_is_wrong(desk: Any) -> None:
    said = desk.salesforce("install", "--rep", "nobody@example.com",
                           "--integration-user", desk.integration_user)  # fmt: skip
    assert (said.code, said.error["code"]) == (3, "salesforce.no_such_user")
    query = "SELECT Id FROM PermissionSetAssignment"
    assert desk.get("query", q=query)["records"] == []


def test_a_whole_team_gets_its_permission_sets_from_people_csv(desk: Any) -> None:
    manager = desk.get("query", q="SELECT Email FROM User WHERE Title = 'Sales Manager' LIMIT 1")
    boss = manager["records"][0]["Email"] if manager["records"] else ADMIN
    lines = ["email,name,manager_email,role", f"{boss},M,,Manager",
             f"{reps(desk)[0]['Username']},R,{boss.upper()},AE",
             f"elsewhere@example.com,E,{boss},AE"]  # fmt: skip
    (desk.folder / "people.csv").write_text("\n".join(lines), "utf-8-sig")
    said = desk.salesforce("install", "--people", "people.csv")
    assert said.code == 0, said.out
    told = {one["code"]: one for one in said.data["findings"]}
    assert (told["given"]["new"], told["unknown"]["names"]) == (2, "elsewhere@example.com")


@pytest.mark.parametrize("text", ["", "name\nx", "\x00"])
def test_a_file_that_names_nobody_is_told(desk: Any, text: str) -> None:
    (desk.folder / "people.csv").write_text(text, "utf-8")
    said = desk.salesforce("install", "--people", "people.csv")
    assert (said.code, said.error["code"]) == (2, "usage.people")


@pytest.fixture(scope="module")
def small_server(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=2, weeks=1, rate_limits="off", package="none", locale="en_US",
                          edition="minimal")  # fmt: skip


@pytest.fixture
def small_desk(small_server: Any, desk: Any) -> Iterator[Any]:
    """An edition without dynamic dashboards, in an org that speaks no Japanese."""
    small_server.post("/__reset")
    found = type(desk)(small_server, desk.folder)
    yield found
    found.http.close()


@pytest.mark.slow
def test_what_an_org_does_not_take_keeps_nothing_else_out(small_desk: Any) -> None:
    said = small_desk.salesforce("install", "--japanese", "--analytics",
                                 "--integration-user", small_desk.integration_user)  # fmt: skip
    assert (said.code, said.data["refused"]) == (5, ["analytics", "ja"])
    small_desk.connect()
    assert small_desk("salesforce", "check", "--json").data["level"] == 2
    assert small_desk.salesforce("uninstall").data["remains"] == []


@pytest.mark.slow
def test_the_sign_in_app_is_deployed_with_the_certificate_of_keygen(desk: Any) -> None:
    made = desk("salesforce", "keygen", "--output", "keys", "--json")
    assert made.code == 0
    key_file, certificate_file = (desk.folder / made.data[n] for n in ("key", "certificate"))
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    private = load_pem_private_key(key_file.read_bytes(), None)
    assert certificate.public_key() == private.public_key()
    said = desk.salesforce("install", "--certificate", str(certificate_file),
                           "--contact", "admin@example.com")  # fmt: skip
    assert list(said.data["units"]) == ["core", "sign-in"]
    again = desk("salesforce", "keygen", "--output", "keys", "--json")
    assert (again.code, again.error["code"]) == (2, "usage.keygen")
    assert desk.salesforce("uninstall").code == 0


def test_the_zip_can_be_had_for_other_tools(settings: Path) -> None:
    from typer.testing import CliRunner

    from crm_loop.cli.mount import app

    said = CliRunner().invoke(app, ["salesforce", "install", "--save", "package.zip"])
    assert said.exit_code == 0, said.stdout
    with zipfile.ZipFile(settings / "package.zip") as packed:
        names = packed.namelist()
    assert "package.xml" in names
    assert not [name for name in names if ".test." in name or "auth" in name.lower()]


def test_each_part_that_was_asked_for_can_be_had(settings: Path) -> None:
    from typer.testing import CliRunner

    from crm_loop.cli.mount import app

    asked = ["salesforce", "install", "--save", "z.zip", "--japanese", "--analytics"]
    said = CliRunner().invoke(app, asked)
    assert said.exit_code == 0, said.stdout
    inside = {}
    for part in ("z", "z-ja", "z-analytics"):
        assert f"{part}.zip" in said.stdout
        with zipfile.ZipFile(settings / f"{part}.zip") as packed:
            inside[part] = set(packed.namelist())
    assert any("translations" in name for name in inside["z-ja"])
    assert any("reports/" in name for name in inside["z-analytics"])
    assert not any("reports/" in name or "translations/" in name for name in inside["z"])


@pytest.mark.parametrize(
    "words",
    [
        ("salesforce", "install", "--save", "nowhere/x.zip"),
        ("salesforce", "keygen", "--output", "file/x"),
        ("hubspot", "project", "file/x"),
    ],
)
def test_a_file_that_cannot_be_written_is_said_in_one_sentence_in_japanese_too(
    settings: Path, words: tuple[str, ...]
) -> None:
    from typer.testing import CliRunner

    from crm_loop.cli.mount import app

    (settings / "file").touch()
    said = CliRunner().invoke(app, [*words, "--lang", "ja"])
    assert said.exit_code == 2
    assert "読み書きできません" in said.stderr
    assert "Traceback" not in said.output

"""Erasing somebody: out of every table, file and log, and not brought back by anything."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from console_house import settings_of
from sqlalchemy import Column, Engine, LargeBinary, Table, insert, select, types
from typer.testing import CliRunner

from crm_loop.access.rights import LENGTH, Held
from crm_loop.bootstrap import App, build
from crm_loop.cli.early import EarlyPull
from crm_loop.cli.mount import app as commands
from crm_loop.errors import WrongUsage
from crm_loop.records import (
    Absence,
    Activity,
    ActivityKind,
    ActivityStatus,
    ContactRole,
    Lead,
    LeadChange,
    Participant,
    Person,
    Quota,
    Subject,
    Task,
)
from crm_loop.store import State, erased_file
from crm_loop.store.backup import back_up, restore
from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.erasing import erase, held, wipe
from crm_loop.store.tables import metadata, work
from crm_loop.store.tables.columns import Exact, Moment, Money, Named, Names
from crm_loop.store.traces import ABOUT_NOBODY, TRACES
from crm_loop.store.whose import Who, contact, person

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
EMAIL, NAME, USER, CONTACT = "kanaria@acme.example", "金糸雀 花子", "005CANARY", "003CANARY"
OTHER, OTHER_NAME, OTHER_USER = "tanaka@acme.example", "田中 太郎", "005OTHER"
CANARIES = [EMAIL, NAME, "金糸雀", "金糸雀さん", CONTACT, json.dumps(NAME)[1:-1]]

PLAIN: dict[type[Any], Any] = {
    Moment: NOW, types.Date: date(2026, 6, 1), types.Time: time(10), Money: Decimal(1),
    Exact: Decimal(1), Names: (), Named: {}, LargeBinary: b"", types.Boolean: True,
    types.Integer: 1, types.Float: 1.0, types.String: "x",
}  # fmt: skip


def value_of(column: Column[Any], n: str) -> Any:
    value = next(value for kind, value in PLAIN.items() if isinstance(column.type, kind))
    if isinstance(column.type, Names):
        return ("003KEPT",)
    length = getattr(column.type, "length", None)
    return f"{value}{n}"[:length] if isinstance(column.type, types.String) else value


def row_of(table: Table, n: str, **given: Any) -> dict[str, Any]:
    row = {one.name: value_of(one, n) for one in table.columns} | {"organisation": "acme"}
    if "connection" in table.c:
        row["connection"] = "salesforce"
    return row | given


def someones(table: Table, n: str, email: str, name: str, user: str, account: str) -> Any:
    """Rows in which this person stands in each way that the table has."""
    trace = TRACES[table.name]
    said = f"{n}：{name}と{email}、{name.split(maxsplit=1)[0]}さん"
    says = {
        one: {f"{n}__c": said, "tier__c": "A"} if isinstance(table.c[one].type, Named) else said
        for one in trace.texts
    }
    if table.name == "crm_person":
        yield row_of(
            table, n, id=user, email=email.upper(), name=name, family_name=name.split(maxsplit=1)[0]
        )
        return
    for column in (*trace.whole, *trace.named):
        extra = {"name": name} if "name" in table.c and column in trace.whole else {}
        yield row_of(table, f"{n}{column}", **says, **extra, **{column: email})
    for column in trace.user:
        yield row_of(table, f"{n}{column}", **{column: account})
    for column in trace.owner:
        yield row_of(table, f"{n}{column}", **{column: user})
    for column in trace.owner_named:
        many = isinstance(table.c[column].type, Names)
        yield row_of(table, f"{n}{column}", **{column: (user, "005KEPT") if many else user})
    if trace.texts and not (trace.whole or trace.named):
        yield row_of(table, n, **says)


def contacts(table: Table, id_: str) -> Any:
    trace, n = TRACES[table.name], "c" if id_ == CONTACT else "d"
    for column in trace.contact:
        yield row_of(table, f"{n}{column}", **{column: id_})
    for column in trace.contact_named:
        many = isinstance(table.c[column].type, Names)
        yield row_of(table, f"{n}n{column}", **{column: (id_, "003KEPT") if many else id_})


def fill(engine: Engine) -> None:
    everybody = (
        ("a", EMAIL, NAME, USER, "account-canary"),
        ("b", OTHER, OTHER_NAME, OTHER_USER, "account-other"),
    )
    with engine.begin() as connection:
        connection.execute(insert(work.organisation_).values(row_of(work.organisation_, "")))
        for name in TRACES:
            table = metadata.tables[name]
            for n, email, called, user, account in everybody:
                for row in someones(table, n, email, called, user, account):
                    if name == "console_user":
                        row |= {"id": account}
                    connection.execute(insert(table).values(row))
            for id_ in (CONTACT, "003KEPT"):
                for row in contacts(table, id_):
                    connection.execute(insert(table).values(row))


def everything(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {t.name: connection.execute(select(t)).all() for t in metadata.sorted_tables}


def canaries_in(content: bytes) -> list[str]:
    return [one for one in CANARIES if one.encode() in content]


def in_files(folder: Path) -> list[str]:
    """Whatever is left in the database's file or its log of changes."""
    return canaries_in(b"".join(file.read_bytes() for file in sorted(folder.glob("x.db*"))))


def gone(engine: Engine) -> Any:
    with engine.begin() as connection:
        who = person(connection, "acme", EMAIL)
        told = erase(connection, who, at=NOW)
    with engine.begin() as connection:
        erase(connection, contact("acme", "salesforce", CONTACT), at=NOW)
    assert wipe(engine)
    return told


def test_every_table_says_how_somebody_stands_in_it() -> None:
    assert set(TRACES) | set(ABOUT_NOBODY) == set(metadata.tables)
    assert not set(TRACES) & set(ABOUT_NOBODY)


def test_every_column_that_may_hold_an_address_is_followed() -> None:
    """254 characters are what an address is given; nothing else here is that long."""
    for table in metadata.sorted_tables:
        long = {c.name for c in table.columns if getattr(c.type, "length", 0) == 254}
        trace = TRACES.get(table.name)
        followed = {*trace.whole, *trace.named} if trace else set()
        assert long <= followed, table.name


def test_everybody_else_stays_and_nothing_of_somebody_erased_does(either: Engine) -> None:
    fill(either)
    before = everything(either)
    assert any(EMAIL in str(rows) for rows in before.values())
    with either.begin() as connection:
        erase(connection, person(connection, "acme", EMAIL), at=NOW)
        erase(connection, contact("acme", "salesforce", CONTACT), at=NOW)
    after = everything(either)
    for name, rows in after.items():
        for row in rows:
            assert canaries_in(str(row).lower().encode()) == [], name
    assert canaries_in(str(after).lower().encode()) == []
    assert USER not in str(after)
    for name, rows in before.items():
        others = [row for row in rows if OTHER in str(row) or "account-other" in str(row)]
        assert set(map(str, others)) <= set(map(str, after[name])), name
    for name in ("crm_activity", "crm_participant"):
        assert len(after[name]) < len(before[name]) or name == "crm_activity"


def test_a_team_mate_of_the_same_family_name_keeps_the_texts(engine: Engine) -> None:
    fill(engine)
    table = metadata.tables["member"]
    with engine.begin() as connection:
        connection.execute(insert(table).values(row_of(table, "", person="x@acme.example",
                                                       name="金糸雀 次郎")))  # fmt: skip
        assert not any("金糸雀さん" in one for one in person(connection, "acme", EMAIL).names)


def test_nothing_is_left_in_the_file_or_its_log(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    assert in_files(tmp_path) != []
    gone(engine)
    assert in_files(tmp_path) == []


def test_it_says_what_of_ours_stays_in_the_crm(engine: Engine) -> None:
    fill(engine)
    assert gone(engine).in_crm == [("salesforce", "xaperson")]


def pulled() -> dict[Subject, list[Any]]:
    activity = {"kind": ActivityKind.CALL, "owner_id": USER, "deal_id": None, "account_id": None,
                "start": NOW, "logged_at": NOW, "status": ActivityStatus.HELD}  # fmt: skip
    span = {"period_start": date(2026, 6, 1), "period_end": date(2026, 6, 30)}
    made = {"created_at": NOW, "modified_at": NOW}
    return {
        Subject.PEOPLE: [Person(id=USER, email=EMAIL.title(), name=NAME),
                         Person(id=USER, email="renamed@acme.example", name=NAME),
                         Person(id=OTHER_USER, email=OTHER, name=OTHER_NAME)],
        Subject.ABSENCES: [Absence(id="1", person_id=USER, start=NOW.date(), end=NOW.date())],
        Subject.QUOTAS: [Quota(id="1", owner_id=USER, kpi="bookings", amount=Decimal(1), **span)],
        Subject.CONTACT_ROLES: [ContactRole(id="1", deal_id="d", contact_id=CONTACT)],
        Subject.PARTICIPANTS: [Participant(id="1", activity_id="a", contact_id=CONTACT),
                               Participant(id="2", activity_id="a", person_id=USER)],
        Subject.ACTIVITIES: [Activity(id="a", contact_ids=(CONTACT, "003KEPT"), lead_id=CONTACT,
                                      colleague_ids=(USER,), **activity)],
        Subject.LEADS: [Lead(id=CONTACT, owner_id=None, **made),
                        Lead(id="00QKEPT", owner_id=None, contact_id=CONTACT, **made)],
        Subject.LEAD_CHANGES: [LeadChange(id="1", lead_id=CONTACT, at=NOW, owner_id="x")],
    }  # fmt: skip


def pull(engine: Engine) -> None:
    with engine.begin() as connection:
        state = State(connection, "acme")
        for subject, records in pulled().items():
            state.crm.remember("salesforce", subject, records)
        rows = [{"person": one, "name": name, "manager": None, "role": "AE", "language": "ja",
                 "country": "JP", "leave": "", "pilot": True}
                for one, name in ((EMAIL, NAME), (OTHER, OTHER_NAME))]  # fmt: skip
        state.people.import_rows(rows)


def test_neither_a_pull_nor_a_file_brings_somebody_back(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    gone(engine)
    pull(engine)
    found = everything(engine)
    assert canaries_in(str(found).lower().encode()) == []
    # The deal's and call's owner is an id that names nobody any more.
    (call,) = [row for row in found["crm_activity"] if row.id == "a"]
    assert (call.contact_ids, call.colleague_ids, call.lead_id) == (("003KEPT",), (), None)
    assert [row.person_id for row in found["crm_participant"] if row.id == "2"] == [None]
    assert [row.contact_id for row in found["crm_lead"] if row.id == "00QKEPT"] == [None]
    assert [row.email for row in found["crm_person"] if row.id == OTHER_USER] == [OTHER]
    assert in_files(tmp_path) == []


def test_a_contact_that_the_crm_has_erased_goes_here_too(house: App, tmp_path: Path) -> None:
    with house.begin("default") as state:
        state.crm.remember("hubspot", Subject.CONTACT_ROLES, pulled()[Subject.CONTACT_ROLES])
    bell = EarlyPull(house, "default", "hubspot", "33", "secret")
    assert [bell.forget(CONTACT) for _ in range(2)] == [True, False]
    with house.begin("default") as state:
        assert state.crm.count("hubspot", Subject.CONTACT_ROLES) == 0
        state.crm.remember("hubspot", Subject.CONTACT_ROLES, pulled()[Subject.CONTACT_ROLES])
        assert state.crm.count("hubspot", Subject.CONTACT_ROLES) == 0
        assert [one.actor for one in state.trail.unsealed() if "erased" in one.what] == ["crm"]
    (listed,) = erased_file.read(house.settings.erasures)
    assert listed[:2] == ("default", "contact")


def test_a_pull_of_another_organisation_is_not_touched(engine: Engine) -> None:
    fill(engine)
    gone(engine)
    with engine.begin() as connection:
        state = State(connection, "rival")
        state.crm.remember("salesforce", Subject.PEOPLE, pulled()[Subject.PEOPLE][:1])
        assert len(state.crm.read(Subject.PEOPLE)) == 1


def test_a_backup_from_before_does_not_bring_somebody_back(
    engine: Engine, empty: Path, tmp_path: Path
) -> None:
    fill(engine)
    backup, ledger = tmp_path / "monday.backup", tmp_path / "key.erased"
    back_up(engine, backup, version="0", made_at=NOW)
    with engine.begin() as connection:
        who = person(connection, "acme", EMAIL)
    gone(engine)
    for one in (who, contact("acme", "salesforce", CONTACT)):
        erased_file.append(ledger, "acme", one.digests)
    (tmp_path / "new").mkdir()
    other = open_engine(f"sqlite:///{tmp_path / 'new' / 'x.db'}")
    migrate(other)
    restore(other, backup, erased_file.read(ledger))
    assert in_files(tmp_path / "new") == []
    pull(other)
    assert in_files(tmp_path / "new") == []
    assert any(OTHER in str(row) for row in everything(other)["member"])
    other.dispose()


def test_a_list_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text('{"organisation": "acme"}\n', "utf-8")
    with pytest.raises(WrongUsage, match="line 1"):
        list(erased_file.read(tmp_path / "x"))


def handed_over(engine: Engine, who: Who) -> dict[str, list[Any]]:
    """Everything that is held, by table, as far as there is anything."""

    @contextmanager
    def look() -> Iterator[State]:
        with engine.connect() as connection:
            yield State(connection, "acme")

    return {name: rows for name, them in held(look, who) if (rows := list(them))}


def test_what_is_handed_over_is_everything_but_secrets(engine: Engine) -> None:
    fill(engine)
    with engine.connect() as connection:
        whose = person(connection, "acme", EMAIL)
    found = handed_over(engine, whose)
    of_contact = handed_over(engine, contact("acme", "salesforce", CONTACT))
    expected = {
        name
        for name, one in TRACES.items()
        if any((one.whole, one.named, one.user, one.owner, one.owner_named))
    }
    assert found.keys() == expected
    assert OTHER not in str({name: rows for name, rows in found.items() if name != "x"})
    shown = {column for rows in found.values() for row in rows for column in row}
    assert shown.isdisjoint({"password", "digest", "sealed", "packed"})
    assert of_contact.keys() == {
        name for name, one in TRACES.items() if one.contact or one.contact_named
    }


def test_what_is_handed_over_leaves_in_few_pieces_and_whole() -> None:
    """Whoever serves it takes a step for each piece."""
    rows = [{"n": number, "text": "あ" * 100} for number in range(2_000)]
    tables = iter([("agenda", iter(rows)), ("private_note", iter([{"week": "2026-W25"}]))])
    pieces = list(Held(tables, lambda _note: True).json())
    assert all(len(piece) < 2 * LENGTH for piece in pieces)
    assert len(pieces) <= 1 + sum(map(len, pieces)) // LENGTH
    assert json.loads("".join(pieces)) == {"tables": {"agenda": rows}, "own_notes": ["2026-W25"]}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """A house with two people, and the command line in it."""
    settings = settings_of(tmp_path, database_url=f"sqlite:///{tmp_path / 'x.db'}")
    for name in ("database_url", "secret_key_file", "redis_url", "clock_file"):
        monkeypatch.setenv(f"CRM_LOOP_{name.upper()}", str(getattr(settings, name)))
    app = build(settings)
    app.ensure_organisation("default")
    note = app.seal.lock("自分用のメモ", "default", "note", EMAIL, OTHER, "2026-W25")
    others = app.seal.lock("他の人のメモ", "default", "note", OTHER, EMAIL, "2026-W25")
    with app.begin("default") as state:
        state.crm.remember("salesforce", Subject.PEOPLE, pulled()[Subject.PEOPLE][1:])
        state.crm.remember("salesforce", Subject.PEOPLE, pulled()[Subject.PEOPLE][:1])
        state.notes.put((EMAIL, OTHER, "2026-W25"), note, at=NOW)
        state.notes.put((OTHER, EMAIL, "2026-W25"), others, at=NOW)
    yield app
    app.close()


def run(*arguments: str) -> Any:
    found = CliRunner().invoke(commands, [*arguments, "--json"])
    return found.exit_code, json.loads(found.stdout)


@pytest.mark.parametrize("listed_in", ["", "kept/erasures"])
def test_a_person_is_handed_over_erased_and_gone_from_a_restored_backup(
    house: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed_in: str
) -> None:
    if listed_in:
        # As in a deployment, where nothing can be written beside the key.
        (tmp_path / listed_in).parent.mkdir()
        monkeypatch.setenv("CRM_LOOP_ERASURES_FILE", str(tmp_path / listed_in))
    code, said = run("privacy", "export", str(tmp_path / "held.json"), "--person", EMAIL)
    held = (tmp_path / "held.json").read_text("utf-8")
    # Notes for oneself are their author's, also for whoever runs the machine.
    assert (code, said["data"]["own_notes"], json.loads(held)["own_notes"]) == (0, 1, ["2026-W25"])
    assert "自分用のメモ" not in held
    assert "他の人のメモ" not in held
    assert OTHER not in held
    assert run("backup", str(tmp_path / "a.backup"))[0] == 0
    assert run("privacy", "erase", "--person", EMAIL)[1]["error"]["code"] == "privacy.unconfirmed"
    code, said = run("privacy", "erase", "--person", EMAIL.upper(), "--yes")
    assert (code, said["data"]["wiped"], said["data"]["listed"]) == (0, True, True)
    assert (tmp_path / listed_in).is_file() == bool(listed_in)
    assert in_files(tmp_path) == []
    with zipfile.ZipFile(tmp_path / "a.backup") as archive:
        assert canaries_in(b"".join(map(archive.read, archive.namelist()))) != []
    house.close()
    for file in tmp_path.glob("x.db*"):
        file.unlink()
    assert run("restore", str(tmp_path / "a.backup"))[0] == 0
    assert in_files(tmp_path) == []
    assert run("backup", str(tmp_path / "b.backup"))[0] == 0
    with zipfile.ZipFile(tmp_path / "b.backup") as archive:
        assert canaries_in(b"".join(map(archive.read, archive.namelist()))) == []


def test_records_whose_fields_name_somebody_are_listed_to_be_mended_in_the_crm(house: App) -> None:
    made: dict[str, Any] = {"due": None, "is_closed": False, "created_at": NOW, "modified_at": NOW}
    named, other = {"memo": NAME}, {"memo": OTHER_NAME}
    tasks = [Task(id=id_, owner_id=OTHER_USER, deal_id=None, custom=said, **made)
             for id_, said in (("00T1", named), ("00T2", other))]  # fmt: skip
    with house.begin("default") as state:
        state.crm.remember("salesforce", Subject.TASKS, tasks)
    code, said = run("privacy", "erase", "--person", EMAIL, "--yes")
    assert (code, said["data"]["named_in_crm"]) == (
        0, [{"connection": "salesforce", "kind": "task", "id": "00T1"}],
    )  # fmt: skip


def test_somebody_who_is_hired_again_can_be_let_back_in(house: App) -> None:
    run("privacy", "erase", "--person", EMAIL, "--yes")
    assert run("privacy", "lift", "--person", EMAIL)[1]["data"]["lifted"]
    assert not run("privacy", "lift", "--person", EMAIL)[1]["data"]["lifted"]
    with house.begin("default") as state:
        state.people.import_rows([{"person": EMAIL, "name": NAME, "leave": "", "pilot": True}])
        assert [one.person for one in state.people.members() if one.person == EMAIL] == [EMAIL]


@pytest.mark.parametrize(
    "arguments", [(), ("--contact", "003"), ("--person", "a", "--contact", "b"),
                  ("--person", "a", "--connection", "c")],
)  # fmt: skip
def test_it_has_to_be_clear_who_is_meant(house: App, arguments: tuple[str, ...]) -> None:
    code, said = run("privacy", "erase", *arguments, "--yes")
    assert (code, said["error"]["code"]) == (2, "privacy.who")


def test_the_trail_tells_of_an_erasure_and_names_nobody(house: App) -> None:
    run("privacy", "erase", "--person", EMAIL, "--yes")
    with house.begin("default") as state:
        (told,) = [one for one in state.trail.unsealed() if one.what == "privacy.erased"]
    assert canaries_in(str(told).encode()) == []
    assert told.at > datetime.now(UTC) - timedelta(hours=1)

"""Somebody named in texts of the CRM's own fields: taken out, and nobody else with it."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, select

from crm_loop.connector.columns import Columns
from crm_loop.records import (
    Account,
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    Lead,
    Person,
    Record,
    Subject,
    Task,
)
from crm_loop.store import State
from crm_loop.store.audit import keep_texts
from crm_loop.store.crm import TABLES
from crm_loop.store.erased import TEXTS, Erased
from crm_loop.store.erasing import PULLED, Gone, erase, wipe
from crm_loop.store.naming import BLANK, needles, without
from crm_loop.store.tables import metadata
from crm_loop.store.tables.columns import Named
from crm_loop.store.tables.work import audit_text
from crm_loop.store.traces import TRACES
from crm_loop.store.whose import contact, person

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
ITO, NAME, LATIN = "ito@acme.example", "伊藤 花子", "Hanako Ito"
CUSTOMER, OTHER_CUSTOMER = "003xx000004TmiQAAS", "003xx000004TmiRAAS"
NAMES = needles(ITO, [NAME, LATIN], ["伊藤", "Ito"])

#: What a text says, and what is left of it.
SAYS = {
    "伊藤 花子": BLANK,
    "伊藤　花子様と伊藤花子": f"{BLANK}様と{BLANK}",
    "担当：Ito@ACME.example。": f"担当：{BLANK}。",
    "HANAKO  ITO, Ito-san": f"{BLANK}, {BLANK}",
    "伊藤さん\n次回": f"{BLANK}\n次回",
    r'{"to": "\nito@acme.example"}': rf'{{"to": "\n{BLANK}"}}',
    json.dumps(
        {"to": f"{NAME}ABC", "at": "伊藤　花子"}
    ): f'{{"to": "{BLANK}ABC", "at": "{BLANK}"}}',
    "mailto:%20ito@acme.example...ito@acme.example": f"mailto:%20{BLANK}...{BLANK}",
}
#: What is somebody else's, or nobody's.
STAYS = (
    "saito@acme.example", "j.ito@acme.example", "ito@acme.examples", "Hanako Itoh", "Saito-san",
    "伊藤忠", "Ito Street", "0312345678", "A", "", "100%_/\\",
)  # fmt: skip


@pytest.mark.parametrize("said", SAYS)
def test_a_name_goes_however_it_is_written(said: str) -> None:
    assert without(said, NAMES) == SAYS[said]


@pytest.mark.parametrize("said", STAYS)
def test_a_longer_name_and_another_address_stay(said: str) -> None:
    assert without(said, NAMES) == said


def test_every_text_of_a_crms_own_fields_is_looked_through() -> None:
    for table in metadata.sorted_tables:
        own = {column.name for column in table.columns if isinstance(column.type, Named)}
        assert own <= set(TRACES[table.name].texts if table.name in TRACES else ()), table.name
    read = {TABLES[SUBJECT[kind]].name: tuple(texts) for kind, texts in TEXTS.items()}
    assert read == {name: TRACES[name].texts for name in PULLED}


SUBJECT: dict[type[Any], Subject] = {
    Account: Subject.ACCOUNTS, Deal: Subject.DEALS, Activity: Subject.ACTIVITIES,
    Task: Subject.TASKS, Lead: Subject.LEADS,
}  # fmt: skip
MADE: dict[str, Any] = {"created_at": NOW, "modified_at": NOW}
KINDS: tuple[Any, ...] = (
    Account(id="1", name="A社", owner_id="5"),
    Deal(id="1", name="案件", owner_id="5", account_id=None, pipeline="p", stage="s",
         is_closed=False, is_won=False, amount=None, currency=None, close_date=None, **MADE),
    Activity(id="1", kind=ActivityKind.CALL, owner_id="5", deal_id=None, account_id=None,
             start=NOW, logged_at=NOW, status=ActivityStatus.HELD),
    Task(id="1", owner_id="5", deal_id=None, due=None, is_closed=False, **MADE),
    Lead(id="1", owner_id="5", **MADE),
)  # fmt: skip


def remember(engine: Engine, records: Any) -> None:
    with engine.begin() as connection:
        State(connection, "acme").crm.remember("salesforce", SUBJECT[kind_of(records)], records)


def kind_of(records: Any) -> type[Record]:
    return records.kind if isinstance(records, Columns) else type(records[0])


def fill(engine: Engine) -> None:
    """Ito and Saito, who share the end of their addresses, and texts about both."""
    with engine.begin() as connection:
        state = State(connection, "acme")
        people = [
            Person(id="005I", email=ITO, name=NAME, family_name="伊藤"),
            Person(id="005S", email="saito@acme.example", name="斎藤 次郎", family_name="斎藤"),
        ]
        state.crm.remember("salesforce", Subject.PEOPLE, people)
        state.people.import_rows([{"person": ITO, "name": LATIN, "leave": "", "pilot": True}])
    for one in KINDS:
        remember(engine, [
            replace(one, id="named", custom={"memo": "伊藤　花子様へ", "tier_伊藤さん": "A"}),
            replace(one, id="address", custom={"memo": "Ito@ACME.example", "owner": None}),
            replace(one, id="latin", custom={"memo": 'said "hanako ito"'}),
            replace(one, id="other", custom={"memo": "saito@acme.example 斎藤さん", "x": "伊藤忠"}),
            replace(one, id="none"),
        ])  # fmt: skip


def customs(engine: Engine, kind: type[Any]) -> dict[str, Any]:
    table = TABLES[SUBJECT[kind]]
    with engine.connect() as connection:
        rows = connection.execute(select(table).where(table.c.organisation == "acme")).mappings()
        return {row["id"]: dict(row) for row in rows}


def erased(engine: Engine, email: str = ITO) -> Gone:
    with engine.begin() as connection:
        return erase(connection, person(connection, "acme", email), at=NOW)


def test_a_name_in_a_crms_own_field_goes_from_each_kind_of_record_and_nothing_else(
    either: Engine,
) -> None:
    fill(either)
    before = {type(one): customs(either, type(one)) for one in KINDS}
    gone = erased(either)
    for kind, was in before.items():
        now = customs(either, kind)
        for id_, memo in (
            ("named", f"{BLANK}様へ"),
            ("address", BLANK),
            ("latin", f'said "{BLANK}"'),
        ):
            wanted = was[id_] | {"custom": {**was[id_]["custom"], "memo": memo}}
            assert now[id_] == wanted, kind
        assert {id_: now[id_] for id_ in ("other", "none")} == {
            id_: was[id_] for id_ in ("other", "none")
        }
        table = TABLES[SUBJECT[kind]].name
        assert gone.rows[table] == 3
        assert {one for one in gone.named if one[0] == table} == {
            (table, "salesforce", id_) for id_ in ("named", "address", "latin")
        }


def test_nothing_of_it_is_left_in_the_file(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    erased(engine)
    assert wipe(engine)
    left = b"".join(file.read_bytes() for file in tmp_path.glob("x.db*"))
    for name in ("伊藤　花子", "Ito@ACME", "hanako ito"):
        assert name.encode() not in left
    assert b"saito@acme.example" in left


def test_a_name_with_accents_is_found_on_both_databases(either: Engine) -> None:
    with either.begin() as connection:
        state = State(connection, "acme")
        state.people.import_rows(
            [{"person": ITO, "name": "Éva Ørsted", "leave": "", "pilot": True}]
        )
    remember(either, [replace(KINDS[3], custom={"memo": "to Éva Ørsted"})])
    erased(either)
    assert customs(either, Task)["1"]["custom"] == {"memo": f"to {BLANK}"}


def test_another_organisation_keeps_its_texts(engine: Engine) -> None:
    fill(engine)
    with engine.begin() as connection:
        rival = State(connection, "rival")
        rival.crm.remember("salesforce", Subject.TASKS, [replace(KINDS[3], custom={"memo": NAME})])
    erased(engine)
    with engine.connect() as connection:
        table = TABLES[Subject.TASKS]
        (row,) = connection.execute(select(table.c.custom).where(table.c.organisation == "rival"))
    assert row.custom == {"memo": NAME}


def test_what_people_typed_on_a_deal_is_looked_through_as_well(engine: Engine) -> None:
    fill(engine)
    typed = {"next_step": "伊藤さんに確認", "lost_reason": "担当の伊藤 花子が異動"}
    remember(engine, [replace(KINDS[1], id="typed", **typed)])
    erased(engine)
    row = customs(engine, Deal)["typed"]
    assert (row["next_step"], row["lost_reason"]) == (f"{BLANK}に確認", f"担当の{BLANK}が異動")


def test_a_text_that_names_only_a_colleague_whose_address_ends_alike_stays(engine: Engine) -> None:
    fill(engine)
    with engine.begin() as connection:
        keep_texts(State(connection, "acme"), ["saito@acme.exampleへ", "ito@acme.exampleへ"])
    erased(engine)
    with engine.connect() as connection:
        assert connection.scalars(select(audit_text.c.text)).all() == ["saito@acme.exampleへ"]


def test_a_pull_does_not_bring_an_address_back(engine: Engine) -> None:
    fill(engine)
    erased(engine)
    for one in KINDS:
        said = {"memo": "Re: Ito@acme.example, saito@acme.example", "to": "x-ito@acme.example"}
        remember(engine, [replace(one, id="again", custom=said)])
        found = customs(engine, type(one))["again"]["custom"]
        assert found == {**said, "memo": f"Re: {BLANK}, saito@acme.example"}


@pytest.mark.parametrize(
    ("said", "kept"), [("見積を送る", "見積を送る"), (f"{ITO}に電話", f"{BLANK}に電話")]
)
def test_a_first_reading_stays_a_table_unless_there_is_an_address_in_it(
    engine: Engine, said: str, kept: str
) -> None:
    fill(engine)
    erased(engine)
    deal = replace(KINDS[1], id="read", next_step=said)
    cells = {field.name: [getattr(deal, field.name)] for field in fields(Deal)}
    table = Columns(Deal, pl.DataFrame({name: cells[name] for name in cells if name != "custom"}))
    with engine.begin() as connection:
        found = Erased(connection, "acme").without("salesforce", table)
    assert (found is table) is (said == kept)
    assert [one.next_step for one in found if isinstance(one, Deal)] == [kept]


def test_a_contact_in_a_field_that_points_to_one_goes_and_a_number_stays(engine: Engine) -> None:
    fill(engine)
    for one in KINDS:
        said = {"decides": CUSTOMER, "knows": OTHER_CUSTOMER, "size": "33"}
        remember(engine, [replace(one, id="points", custom=said)])
    with engine.begin() as connection:
        for id_ in (CUSTOMER, "33"):
            erase(connection, contact("acme", "salesforce", id_), at=NOW)
    for one in KINDS:
        found = customs(engine, type(one))["points"]["custom"]
        assert found == {"decides": BLANK, "knows": OTHER_CUSTOMER, "size": "33"}

"""Every kind of record goes into the store and comes out as it was."""

import dataclasses
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_type_hints

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from crm_loop.loop_records import Finding, Level
from crm_loop.records import RECORDS, Deal, Rate, Record, Subject
from crm_loop.setup.findings import worded
from crm_loop.store import Begin
from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.tables import metadata

#: A value of each type that a field may have.
VALUES: tuple[tuple[type, Any], ...] = (
    (bool, True),
    (int, 3),
    (float, 0.25),
    (datetime, datetime(2026, 6, 1, 9, 30, tzinfo=UTC)),
    (date, date(2026, 6, 1)),
    (Decimal, Decimal("1234.5")),
)


def a_record(kind: type[Record]) -> Record:
    hints = get_type_hints(kind)
    return kind(**{field.name: _value(hints[field.name]) for field in dataclasses.fields(kind)})


def _value(hint: Any) -> Any:
    options = [one for one in getattr(hint, "__args__", (hint,)) if one is not type(None)]
    if "Mapping" in str(hint):
        return {"plan": "gold", "seats": None}
    if "tuple" in str(hint):
        return ("one", "二")
    if hasattr(options[0], "__members__"):
        return next(iter(options[0]))
    return next((value for of, value in VALUES if options[0] is of), "text")


@pytest.mark.parametrize("subject", Subject)
def test_a_record_comes_out_of_the_store_as_it_went_in(begin: Begin, subject: Subject) -> None:
    record = a_record(RECORDS[subject])
    with begin("acme") as state:
        state.crm.remember("crm", subject, [record])
        assert state.crm.read(subject) == [("crm", record)]


def test_what_a_crm_does_not_say_comes_out_as_nothing(begin: Begin) -> None:
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    bare = Deal(
        id="1", name="A", owner_id=None, account_id=None, pipeline="p", stage="s",
        is_closed=False, is_won=False, amount=None, currency=None, close_date=None,
        created_at=moment, modified_at=moment,
    )  # fmt: skip
    with begin("acme") as state:
        state.crm.remember("crm", Subject.DEALS, [bare])
        assert state.crm.read(Subject.DEALS) == [("crm", bare)]


def test_a_rate_keeps_all_its_digits(begin: Begin) -> None:
    rate = Rate(id="1", currency="USD", per_home=Decimal("0.006712345678901234"))
    with begin("acme") as state:
        state.crm.remember("crm", Subject.RATES, [rate])
        ((_, kept),) = state.crm.read(Subject.RATES)
    assert isinstance(kept, Rate)
    assert kept.per_home == rate.per_home


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("subject", Subject)
def test_the_doctor_has_words_for_every_missing_subject(subject: Subject, language: str) -> None:
    facts = {"subject": subject.value, "reason": "no_object:Thing"}
    finding = Finding(code=f"data.no_{subject.value}", level=Level.NOTE, facts=facts)
    assert "Thing" in worded(finding, language)["title"]
    assert "no_object" not in worded(finding, language)["title"]


def test_the_migrations_lead_to_the_tables_of_the_code() -> None:
    engine = open_engine("sqlite://")
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    engine.dispose()

"""KPIs of one's own over every kind of record that is pulled and has an owner and a day."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.calendars import Period
from crm_loop.console.figure_store import record_lines
from crm_loop.errors import WrongUsage
from crm_loop.kpi.custom_fields import OBJECTS, SUBJECTS
from crm_loop.kpi.explaining import Question, explain
from crm_loop.kpi.more_records import READ
from crm_loop.kpi.own_kpis import checked, switched_on
from crm_loop.kpi.previewing import preview
from crm_loop.kpi.service import read_setting
from crm_loop.loop_records import RecordRef
from crm_loop.records import (
    Absence,
    Account,
    Activity,
    ActivityKind,
    ActivityStatus,
    ContactRole,
    Deal,
    DealChange,
    DealField,
    Lead,
    LeadChange,
    Participant,
    Person,
    Quota,
    Quote,
    Rate,
    Record,
    Split,
    Subject,
)
from crm_loop.store import State
from crm_loop.store.connections import ConnectionRow

Begin = Callable[[str], AbstractContextManager[State]]
ORGANISATION, CRM, ANNA, BEN = "acme", "crm", "anna@example.com", "ben@example.com"
SUNDAY = date(2026, 6, 14)
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30), "month")
NOON = datetime(2026, 6, 10, 3, tzinfo=UTC)
BEFORE = datetime(2026, 6, 5, 3, tzinfo=UTC)

KPI = """[[kpi]]
id = "own"
name.ja = "独自"
name.en = "Own"
object = "{kind}"
measure = "{measure}"
date_field = "{day}"
owner_field = "person"
direction = "up"
class = "process"
"""
DEAL = Deal(
    id="d1", name="d1", owner_id="u1", account_id="a1", pipeline="p", stage="S2", is_closed=False,
    is_won=False, amount=Decimal(1000), currency="JPY", close_date=None, created_at=BEFORE,
    modified_at=NOON,
)  # fmt: skip
MEETING = Activity(
    id="m1", kind=ActivityKind.MEETING, owner_id="u2", deal_id="d1", account_id="a1", start=NOON,
    logged_at=NOON, status=ActivityStatus.HELD, external_attendees=1,
)  # fmt: skip
RECORDS: dict[Subject, Sequence[Record]] = {
    Subject.PEOPLE: [
        Person(id="u1", email=ANNA, name="Anna", manager_id="u9"),
        Person(id="u2", email=BEN, name="Ben", manager_id="u9"),
        Person(id="u9", email="boss@example.com", name="Boss"),
    ],
    Subject.RATES: [Rate(id="usd", currency="USD", per_home=Decimal("0.01"))],
    Subject.ACCOUNTS: [Account(id="a1", name="A", owner_id="u2"), Account(id="a2", name="B")],
    Subject.DEALS: [DEAL],
    Subject.CHANGES: [
        DealChange(id="c1", deal_id="d1", at=BEFORE, field=DealField.OWNER, value="u2"),
        DealChange(id="c2", deal_id="d1", at=NOON, field=DealField.STAGE, value="S2"),
        DealChange(
            id="c3", deal_id="d1", at=datetime(2026, 6, 11, tzinfo=UTC),
            field=DealField.OWNER, value="u1",
        ),
    ],
    Subject.CONTACT_ROLES: [ContactRole(id="r1", deal_id="d1", contact_id="k1", primary=True)],
    Subject.SPLITS: [Split(id="s1", deal_id="d1", owner_id="u2", share=0.25)],
    Subject.QUOTES: [
        Quote(id="q1", deal_id="d1", created_at=NOON, modified_at=NOON, amount=Decimal(5),
              currency="USD"),
        Quote(id="q2", deal_id="gone", created_at=NOON, modified_at=NOON),
        Quote(id="q3", deal_id=None, created_at=NOON, modified_at=NOON),
    ],
    Subject.LEADS: [Lead(id="l1", owner_id="u1", created_at=BEFORE, modified_at=NOON)],
    Subject.LEAD_CHANGES: [LeadChange(id="lc1", lead_id="l1", at=NOON, owner_id="u1")],
    Subject.ACTIVITIES: [MEETING],
    Subject.PARTICIPANTS: [Participant(id="p1", activity_id="m1", contact_id="k1")],
    Subject.ABSENCES: [
        Absence(id="x1", person_id="u1", start=date(2026, 6, 8), end=date(2026, 6, 12))
    ],
    Subject.QUOTAS: [
        Quota(id="t1", owner_id="u1", kpi="bookings", period_start=date(2026, 6, 1),
              period_end=date(2026, 6, 30), amount=Decimal(7), currency="USD")
    ],
}  # fmt: skip


@pytest.fixture
def world(begin: Begin) -> Begin:
    """One record of each kind; the deal was Ben's from the fifth to the eleventh of June."""
    facts = {"deal_url": "https://crm.example.com/deal/{id}", "quote_url": ""}
    with begin(ORGANISATION) as state:
        state.connections.put(ConnectionRow(name=CRM, kind="fake", url="", facts=facts))
        state.mapping.set(CRM, {("p", "S2"): "S2"})
        for subject, records in RECORDS.items():
            state.crm.remember(CRM, subject, records)
    return begin


def written(kind: str, day: str, more: str = "", measure: str = "count") -> str:
    return KPI.format(kind=kind, day=day, measure=measure) + more


def shown(world: Begin, text: str) -> dict[str, dict[str, Any]]:
    rows = preview(world, ORGANISATION, text, name="own.toml", as_of=SUNDAY)
    return {row["rep"]: row for row in rows if row["n"]}


@pytest.mark.parametrize(
    ("kind", "day", "whose", "record"),
    [
        # Ben had the deal on the day of the offer, and Anna has it now.
        ("quote", "created_at", BEN, "q1"),
        ("contact_role", "deal.created_on", ANNA, "r1"),
        ("split", "deal.created_on", BEN, "s1"),
        ("account", "first_deal_on", BEN, "a1"),
        ("account", "last_met_on", BEN, "a1"),
        ("lead_change", "at", ANNA, "lc1"),
        ("participant", "activity.day", BEN, "p1"),
        ("absence", "start", ANNA, "x1"),
        ("quota", "period_start", ANNA, "t1"),
    ],
)
def test_each_kind_counts_for_its_owner_or_for_that_of_its_deal(
    world: Begin, kind: str, day: str, whose: str, record: str
) -> None:
    found = shown(world, written(kind, day))
    assert {rep: one["record_ids"] for rep, one in found.items()} == {
        whose: [f"crm:{kind}:{record}"]
    }


def test_a_change_counts_for_whoever_had_the_deal_when_it_was_made(world: Begin) -> None:
    found = shown(world, written("deal_change", "at"))
    assert {rep: one["record_ids"] for rep, one in found.items()} == {
        BEN: ["crm:deal_change:c1", "crm:deal_change:c2"], ANNA: ["crm:deal_change:c3"],
    }  # fmt: skip
    into = 'filters = [{field = "canonical", value = "S2"}]\n'
    assert shown(world, written("deal_change", "at", into))[BEN]["value"] == 1.0


def test_money_of_any_kind_is_in_the_companys_currency(world: Begin) -> None:
    for kind, day, money in (
        ("quote", "created_at", 500.0),
        ("quota", "period_start", 700.0),
        ("split", "deal.created_on", 250.0),
    ):
        text = written(kind, day, 'field = "money"\n', "sum")
        assert [one["value"] for one in shown(world, text).values()] == [money]


def test_a_share_over_any_kind_has_its_part_and_its_whole(world: Begin) -> None:
    text = written(
        "contact_role", "deal.created_on", 'numerator = {"deal.canonical" = "S3"}\n', "ratio"
    )
    assert (shown(world, text)[ANNA]["value"], shown(world, text)[ANNA]["n"]) == (0.0, 1)


def test_only_what_some_kpi_asks_for_is_read(world: Begin) -> None:
    assert read_setting(world, ORGANISATION, SUNDAY).frames.more == {}
    with world(ORGANISATION) as state:
        state.frozen.define("own.toml", written("quote", "created_at"), enabled=True)
    setting = read_setting(world, ORGANISATION, SUNDAY)
    assert list(setting.frames.more) == ["quote"]
    assert set(setting.frames.more["quote"].columns) == set(OBJECTS["quote"])


def test_a_record_without_a_page_opens_on_that_of_its_deal(world: Begin) -> None:
    with world(ORGANISATION) as state:
        state.frozen.define("own.toml", written("deal_change", "at"), enabled=True)
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="full"))
    told = explain(
        world, ORGANISATION, Question(kpi="own", person=ANNA, as_of=SUNDAY), language="en"
    )
    (record,) = told.records
    assert (record["id"], record["url"]) == ("c3", "https://crm.example.com/deal/d1")


@pytest.mark.parametrize(
    ("kind", "id_", "name", "day", "url"),
    [
        ("quote", "q1", "d1", date(2026, 6, 10), "deal/d1"),
        ("contact_role", "r1", "d1", None, "deal/d1"),
        ("deal_change", "c3", "d1", date(2026, 6, 11), "deal/d1"),
        ("lead_change", "lc1", "", date(2026, 6, 10), None),
        ("participant", "p1", "", date(2026, 6, 10), None),
        ("account", "a1", "A", None, None),
        ("split", "s1", "d1", None, "deal/d1"),
        ("absence", "x1", "", date(2026, 6, 8), None),
        ("quota", "t1", "", date(2026, 6, 1), None),
    ],
)  # fmt: skip
def test_a_page_calls_a_record_as_what_it_belongs_to(
    world: Begin, kind: str, id_: str, name: str, day: date | None, url: str | None
) -> None:
    ref = RecordRef(connection=CRM, object=kind, id=id_)
    with world(ORGANISATION) as state:
        (line,) = record_lines(state, [ref])
    page = f"https://crm.example.com/{url}" if url else None
    assert (line.ref, line.name, line.day, line.url) == (ref, name, day, page)


def test_a_kind_that_no_crm_shows_is_refused_and_its_file_rests(world: Begin) -> None:
    text = written("quote", "created_at")
    with world(ORGANISATION) as state:
        state.frozen.define("own.toml", text, enabled=True)
        state.connections.learn(CRM, {"missing": {"quotes": "not_enabled"}})
        with pytest.raises(WrongUsage) as wrong:
            checked(state, "new.toml", text)
        _, broken = switched_on(state)
    assert "line 5, column 1: no connected CRM shows a quote" in wrong.value.happened
    assert list(broken) == ["own.toml"]


def test_every_pulled_kind_with_an_owner_and_a_day_can_be_counted() -> None:
    # Of people, stages, rates and the calendar nothing is anybody's on a day.
    without = {Subject.PEOPLE, Subject.STAGES, Subject.RATES, Subject.PERIODS}
    assert set(SUBJECTS.values()) == set(Subject) - without
    assert set(SUBJECTS) == set(OBJECTS)
    assert set(READ) <= set(OBJECTS)

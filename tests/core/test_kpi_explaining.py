"""A number opens to what was kept of it when it was measured, which is what counting finds."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import polars as pl
import pytest
from sqlalchemy import delete, update

from crm_loop.calendars import named_period
from crm_loop.errors import WrongUsage
from crm_loop.kpi import given
from crm_loop.kpi.counting_again import recounted
from crm_loop.kpi.explained import Reading
from crm_loop.kpi.explaining import Explained, Question, explain
from crm_loop.kpi.sentences import sentence
from crm_loop.kpi.service import measure
from crm_loop.loop_records import Target
from crm_loop.records import (
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    DealChange,
    DealField,
    Person,
    Subject,
)
from crm_loop.store import State
from crm_loop.store.tables import crm
from crm_loop.store.tables.kpi import kpi_records
from crm_loop.wording.numbers import Money, amount

Begin = Callable[[str], AbstractContextManager[State]]
ORGANISATION, CRM, ANNA, BEN = "acme", "crm", "anna@example.com", "ben@example.com"
SUNDAY = date(2026, 6, 14)
STAGES = ("S1", "S2", "S3", "S4", "won", "lost")
CLOSED = ("bookings", "win_rate", "calls")
SHARES = ("win_rate", "stale_rate", "connect_rate", "overdue_close_rate")
#: Of every form: sums of money and of records, shares, means, medians, cohorts, of another
#: KPI's target, of values alone.
KPIS = (
    "bookings", "won_count", "win_rate", "win_rate_value", "avg_deal_size", "sales_cycle_days",
    "pipeline_created", "overdue_close_rate", "next_step_hygiene", "stale_rate",
    "win_rate_cohort", "pipeline_coverage", "weighted_coverage", "connect_rate", "calls",
    "crm_log_lag_days", "process_score",
)  # fmt: skip


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def deals_of(owner: str, chance: Random) -> Iterator[tuple[Deal, list[DealChange]]]:
    """Deals of a few months that went through some of the stages; a few without an amount."""
    for n in range(40):
        id_, day = f"{owner}-d{n:02}", SUNDAY - timedelta(days=9 + 2 * n)
        passed = STAGES[: chance.randrange(1, 5)]
        path = [*passed, *chance.choice(([], ["won"], ["won"], ["lost"]))]
        days = [day + timedelta(days=2 * step) for step in range(len(path))]
        stage, closed = path[-1], len(path) > len(passed)
        deal = Deal(
            id=id_, name=id_, owner_id=owner, account_id=f"a{n % 5}", pipeline="p", stage=stage,
            is_closed=closed, is_won=stage == "won",
            amount=None if n % 6 == 5 else Decimal(chance.randrange(1, 900)), currency="JPY",
            close_date=days[-1] if closed or n % 2 else SUNDAY + timedelta(days=n - 4),
            created_at=moment(day), modified_at=moment(days[-1]),
        )  # fmt: skip
        moves = [
            DealChange(id=f"{id_}{to}", deal_id=id_, at=moment(on), field=DealField.STAGE, value=to)
            for to, on in zip(path, days, strict=True)
        ]
        yield deal, moves


def calls_of(owner: str, chance: Random) -> Iterator[Activity]:
    for n in range(12):
        day = moment(SUNDAY - timedelta(days=2 * n))
        yield Activity(
            id=f"{owner}-c{n:02}", kind=ActivityKind.CALL, owner_id=owner, account_id=None,
            deal_id=f"{owner}-d{n:02}", start=day, status=ActivityStatus.HELD, outbound=True,
            logged_at=day + timedelta(hours=chance.randrange(60)),
            duration_seconds=chance.choice((10, 200)),
        )  # fmt: skip


@pytest.fixture
def world(begin: Begin) -> Begin:
    """Two people with deals and calls of some months, a target, and a closed May."""
    chance = Random(7)
    with begin(ORGANISATION) as state:
        own = replace(state.connections.organisation(), profile="full")
        state.connections.put_organisation(own)
        state.mapping.set(CRM, {("p", one): one for one in STAGES})
        people = [("u1", ANNA, "u9"), ("u2", BEN, "u9"), ("u9", "boss@example.com", None)]
        named = [Person(id=i, email=e, name=e, manager_id=m) for i, e, m in people]
        state.crm.remember(CRM, Subject.PEOPLE, named)
        for owner in ("u1", "u2"):
            for deal, moves in deals_of(owner, chance):
                state.crm.remember(CRM, Subject.DEALS, [deal])
                state.crm.remember(CRM, Subject.CHANGES, moves)
            state.crm.remember(CRM, Subject.ACTIVITIES, list(calls_of(owner, chance)))
        june = named_period("2026-06")
        target = Target(
            person=ANNA, kpi="bookings", period_start=june.start, period_end=june.end,
            value=9_000, set_by="team", source="file",
        )  # fmt: skip
        state.figures.put_targets([target])
    measure(begin, ORGANISATION, as_of=SUNDAY)
    return begin


def asked(kpi: str, **more: Any) -> Question:
    return Question(**{"kpi": kpi, "person": ANNA, "as_of": SUNDAY, **more})


def counted(world: Begin, question: Question) -> Explained:
    return recounted(world, ORGANISATION, question, Reading({}, "en"))


def emptied(world: Begin) -> None:
    """Nothing is left to count: whatever is opened now was kept."""
    with world(ORGANISATION) as state:
        for table in (crm.deal, crm.deal_change, crm.activity):
            state.connection.execute(delete(table))


def test_whatever_a_night_concludes_is_said_in_words_and_whole_numbers(world: Begin) -> None:
    with world(ORGANISATION) as state:
        found = state.insights.of(SUNDAY)
    assert {"team_targets", "requirement", "process", "rates"} <= {one.rule for one in found}
    told = {sentence(one, language) for one in found for language in ("ja", "en")}
    # No list, no name left open, nothing that is none, no long fraction.
    assert [text for text in told if re.search(r"[\[{]|None|nan|\d\.\d{3}", text)] == []


def test_a_score_opens_to_what_it_is_made_of(world: Begin) -> None:
    found = explain(world, ORGANISATION, asked("process_score"), language="en")
    assert found.figure.value is not None
    assert len(found.beside) == found.figure.n >= 3
    assert all("where 100 is what was agreed" in line for line in found.beside)


def test_beside_the_average_size_stands_the_middle_one(world: Begin) -> None:
    found = explain(world, ORGANISATION, asked("avg_deal_size"), language="en")
    sizes = sorted(one["amount"] for one in found.records if one["counted"])
    middle = (sizes[(len(sizes) - 1) // 2] + sizes[len(sizes) // 2]) / 2
    assert len(sizes) > 2
    assert middle != found.figure.value
    assert found.beside == [f"The deal in the middle came to {amount(Money(middle, 'JPY'), 'en')}."]


def test_what_was_kept_of_a_number_is_what_counting_it_again_finds(world: Begin) -> None:
    may = named_period("2026-05")
    questions = [*(asked(kpi) for kpi in KPIS), *(asked(kpi, period=may) for kpi in CLOSED)]
    again = {one: counted(world, one) for one in questions}
    # Nothing is left to count: whatever is opened now was kept.
    emptied(world)
    for question, found in again.items():
        told = explain(world, ORGANISATION, question, language="en")
        assert replace(told, beside=found.beside) == found, question
        assert len(told.beside) == len(found.beside) + (question.kpi == "avg_deal_size")
    # What was over long before anybody measured says so.
    assert {(one.frozen_on, one.rebuilt) for q, one in again.items() if q.period} == {
        (SUNDAY, True)
    }
    assert {(one.frozen_on, one.rebuilt) for q, one in again.items() if not q.period} == {
        (None, False)
    }
    # Each form has had something to tell apart.
    seen = {one.kpi: {line["counted"] for line in again[one].records} for one in questions}
    assert [kpi for kpi in SHARES if len(seen[kpi]) == 2] == list(SHARES)
    assert len({one["amount"] for one in again[asked("bookings")].records}) > 1
    assert all(again[asked(kpi, period=may)].records for kpi in CLOSED)
    # Before the day on which it was frozen there is nothing that stands.
    early = asked("bookings", period=may, as_of=date(2026, 6, 1))
    assert explain(world, ORGANISATION, early, language="en").records == []
    with pytest.raises(WrongUsage, match="nobody whose KPIs are measured"):
        explain(world, ORGANISATION, asked("calls", person="gone@example.com"), language="en")


def test_a_number_of_which_less_was_kept_is_counted_again(world: Begin) -> None:
    again = counted(world, asked("win_rate"))
    for less in (None, b"=0101010101"):
        with world(ORGANISATION) as state:
            state.connection.execute(update(kpi_records).values(given=less))
        assert explain(world, ORGANISATION, asked("win_rate"), language="en") == again
    saturday = asked("calls", as_of=SUNDAY - timedelta(days=1))
    assert len(explain(world, ORGANISATION, saturday, language="en").records) == 6
    emptied(world)
    assert explain(world, ORGANISATION, asked("win_rate"), language="en").records == []


def test_most_figures_keep_nothing_more_than_their_records() -> None:
    rows = pl.DataFrame({"counted": [[True, True], []], "amounts": [[1.0, 1.0], []]})
    assert rows.with_columns(given.written(rows))["given"].to_list() == ["", ""]
    assert given.read("", 2) == [(True, 1.0), (True, 1.0)]
    assert given.read("", 0) == []


def test_what_each_record_gave_is_read_as_it_was_written() -> None:
    gave: list[list[float | None]] = [[0.1, None, 1e21], [None], [], [1.0]]
    flags: list[list[bool]] = [[True, False, True], [False], [], [True]]
    rows = pl.DataFrame({"counted": flags, "amounts": gave})
    texts = rows.with_columns(given.written(rows))["given"].to_list()
    read = [given.read(text, len(one)) for text, one in zip(texts, flags, strict=True)]
    assert read == [
        list(zip(counts, amounts, strict=True)) for counts, amounts in zip(flags, gave, strict=True)
    ]
    # A text of other records tells nothing.
    assert given.read(texts[0], 2) is None

"""What has been kept for long enough goes, nothing else does, and the audit trail stays whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    Connection,
    Date,
    Engine,
    LargeBinary,
    Table,
    delete,
    func,
    insert,
    select,
    types,
)

from crm_loop.access.chain import seal, verify
from crm_loop.access.retention import retire
from crm_loop.calendars import week_of
from crm_loop.store import State
from crm_loop.store.audit import Entry, digest_of, keep_texts, note
from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.retention import RULES, STAYS, TALKS, Now, take_away
from crm_loop.store.tables import work
from crm_loop.store.tables.columns import Exact, Moment, Money, Named, Names, metadata

BUSINESS = datetime(2026, 6, 15, 9, tzinfo=UTC)
REAL = datetime(2026, 11, 28, 3, 30, tzinfo=UTC)
NOW = Now(business=BUSINESS, real=REAL)
DAY = timedelta(days=1)

PLAIN: dict[type[Any], Any] = {
    Moment: BUSINESS, types.Time: None, Date: BUSINESS.date(), Money: Decimal(0), Exact: Decimal(1),
    Names: (), Named: {}, LargeBinary: b"", types.Boolean: True, types.Integer: 1,
    types.Float: 0.0, types.String: "x",
}  # fmt: skip


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def begin(engine: Engine) -> Any:
    @contextmanager
    def begin(organisation: str) -> Iterator[State]:
        with engine.begin() as connection:
            yield State(connection, organisation)

    return begin


def row(table: Table, **given: Any) -> dict[str, Any]:
    """A row with just what has to be there."""
    values = {
        column.name: next(v for kind, v in PLAIN.items() if isinstance(column.type, kind))
        for column in table.columns
        if not column.nullable
    }
    return {**values, "organisation": "acme", **given}


def aged(table: Table, age: timedelta) -> dict[str, Any]:
    """What makes a row of that age by its table's rule."""
    rule = RULES[table.name]
    column = rule.column or "removed_at"
    moment = (REAL if rule.real else BUSINESS) - age
    value = (
        week_of(moment.date()) if column == "week"
        else moment.date() if isinstance(table.c[column].type, Date) else moment
    )  # fmt: skip
    names = [c.name for c in table.primary_key.columns if isinstance(c.type, types.String)]
    own = [
        name for name in (*names, "key") if name in table.c and name not in ("organisation", column)
    ]
    marks = dict.fromkeys(own[-1:] if "key" not in table.c else [own[0], "key"], f"{age.days}")
    return {**marks, column: value}


def take_away_all(connection: Connection, organisation: str) -> dict[str, int]:
    return {name: take_away(connection, organisation, name, NOW, 1000) for name in RULES}


def count(engine: Engine, table: Table) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def test_every_table_says_how_long_its_rows_stay() -> None:
    assert set(RULES) | set(STAYS) == set(metadata.tables)
    assert not set(RULES) & set(STAYS)


def test_old_rows_go_and_younger_ones_stay(engine: Engine) -> None:
    """Two rows a table, a week on either side of its limit; what they belong to is there."""
    week = timedelta(days=7)
    aging = [n for n, rule in RULES.items() if rule.column or "removed_at" in metadata.tables[n].c]
    parents = {rule.child_of[1] for rule in RULES.values() if rule.child_of}
    with engine.begin() as connection:
        for name in sorted(parents):
            connection.execute(insert(metadata.tables[name]), row(metadata.tables[name]))
        for name in aging:
            for age in (RULES[name].keep + week, RULES[name].keep - week):
                table = metadata.tables[name]
                connection.execute(insert(table), row(table, **aged(table, age)))
        assert not any(take_away_all(connection, "other").values())
        gone = take_away_all(connection, "acme")
    assert {name: gone[name] for name in aging} == dict.fromkeys(aging, 1)
    for name in aging:
        assert count(engine, metadata.tables[name]) == 1 + (name in parents), name


def test_what_belonged_to_a_deal_goes_with_it_and_an_open_deal_stays(engine: Engine) -> None:
    old = BUSINESS - RULES["crm_deal"].keep - DAY
    deal, change = metadata.tables["crm_deal"], metadata.tables["crm_deal_change"]
    with engine.begin() as connection:
        for id_, closed in (("won", True), ("open", False)):
            connection.execute(insert(deal), row(deal, id=id_, is_closed=closed, modified_at=old))
            connection.execute(insert(change), row(change, id=id_, deal_id=id_, at=old))
        gone = take_away_all(connection, "acme")
        kept = connection.scalars(select(change.c.deal_id)).all()
    assert (gone["crm_deal"], gone["crm_deal_change"], kept) == (1, 1, ["open"])


def entries(begin: Any, *ages: timedelta) -> None:
    with begin("acme") as state:
        for number, age in enumerate(ages):
            text = f"memo {number}"
            keep_texts(state, [text, "in all of them"])
            facts = {"before": digest_of("in all of them"), "after": digest_of(text)}
            at = BUSINESS - age
            note(state, [Entry(actor="w", what="write.confirm", subject="k", at=at, detail=facts)])
    seal(begin, "acme")


def test_a_shortened_trail_is_still_whole_and_forgets_the_texts(begin: Any, engine: Engine) -> None:
    entries(begin, TALKS + 30 * DAY, TALKS + 20 * DAY, TALKS + 10 * DAY, DAY)
    assert retire(begin, "acme", NOW)["audit"] == 2
    seal(begin, "acme")
    verdict = verify(begin, "acme")
    assert verdict.whole
    assert count(engine, work.audit) == 3
    with engine.connect() as connection:
        texts = set(connection.scalars(select(work.audit_text.c.text)))
    assert texts == {"memo 2", "memo 3", "in all of them"}
    assert "audit" not in retire(begin, "acme", NOW)


def test_a_trail_that_somebody_cut_is_noticed(begin: Any, engine: Engine) -> None:
    entries(begin, 3 * DAY, 2 * DAY, DAY)
    with engine.begin() as connection:
        connection.execute(delete(work.audit).where(work.audit.c.n == 1))
    assert verify(begin, "acme").broken_at == 1


def test_a_long_past_goes_in_parts_each_told_in_its_own_transaction(
    begin: Any, engine: Engine
) -> None:
    """Others who write never wait for the whole; a night that ends early is gone on with."""
    table = metadata.tables["agenda"]
    with engine.begin() as connection:
        old = [row(table, key=f"old{n}", rep=f"r{n}", week="2024-W01") for n in range(7)]
        connection.execute(insert(table), [*old, row(table, key="new", week="2026-W24")])
    entries(begin, *(TALKS + n * DAY for n in range(40, 33, -1)), DAY)
    transactions = []

    @contextmanager
    def counted(organisation: str) -> Iterator[State]:
        transactions.append(organisation)
        with begin(organisation) as state:
            yield state

    assert retire(counted, "acme", NOW, at_once=3) == {"agenda": 7, "audit": 6}
    with begin("acme") as state:
        told = [one.detail for one in state.trail.named("retention", "rows")]
    assert sorted(told) == ['{"agenda": 1}', '{"agenda": 3}', '{"agenda": 3}']
    assert len(transactions) > len(RULES) + 2
    assert count(engine, table) == 1
    seal(begin, "acme")
    assert verify(begin, "acme").whole


def test_a_trail_whose_shortening_was_cut_short_is_whole_and_shortened_next_time(
    begin: Any, engine: Engine
) -> None:
    entries(begin, *(TALKS + n * DAY for n in range(40, 33, -1)), DAY)

    class Killed(Exception):
        pass

    opened = []

    @contextmanager
    def dies_after_one_part(organisation: str) -> Iterator[State]:
        with begin(organisation) as state:
            if any(state.trail.named("audit.retired", str(n)) for n in range(10)) and opened:
                raise Killed
            opened.append(organisation)
            yield state

    with pytest.raises(Killed):
        retire(dies_after_one_part, "acme", NOW, at_once=3)
    assert verify(begin, "acme").whole
    assert 2 < count(engine, work.audit) < 9
    retire(begin, "acme", NOW, at_once=3)
    seal(begin, "acme")
    assert verify(begin, "acme").whole
    with engine.connect() as connection:
        texts = set(connection.scalars(select(work.audit_text.c.text)))
    assert texts == {"memo 6", "memo 7", "in all of them"}


def test_what_was_taken_away_stands_in_the_trail(begin: Any, engine: Engine) -> None:
    table = metadata.tables["agenda"]
    with engine.begin() as connection:
        connection.execute(insert(table), row(table, week="2024-W01"))
    assert retire(begin, "acme", NOW) == {"agenda": 1}
    with begin("acme") as state:
        (told,) = state.trail.named("retention", "rows")
    assert told.detail == '{"agenda": 1}'
    assert retire(begin, "acme", NOW) == {}

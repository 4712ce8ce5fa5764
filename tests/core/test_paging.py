"""Many rows come a few at a time, and nobody's transaction waits for whoever takes them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice

from sqlalchemy import Engine

from crm_loop.access.rights import LENGTH, Held
from crm_loop.records import Person, Subject
from crm_loop.store import State
from crm_loop.store.paging import AT_ONCE, Row, rows
from crm_loop.store.tables.crm import person as table

SHOWN = (table.c.id, table.c.name)


class Looking:
    """Counts transactions, and which are open."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.opened, self.open = engine, 0, 0

    @contextmanager
    def __call__(self) -> Iterator[State]:
        self.opened, self.open = self.opened + 1, self.open + 1
        with self.engine.begin() as connection:
            yield State(connection, "o")
        self.open -= 1


def fill(engine: Engine, ids: list[str]) -> None:
    with engine.begin() as connection:
        state = State(connection, "o")
        state.crm.remember("c", Subject.PEOPLE, [Person(id=i, name=i, email=f"{i}@x") for i in ids])


def test_each_row_comes_once_and_none_waits_with_an_open_transaction(engine: Engine) -> None:
    ids = [f"{number:05d}" for number in range(AT_ONCE * 2 + 1)]
    fill(engine, ids)
    look, seen = Looking(engine), []
    for row in rows(look, table, SHOWN, table.c.organisation == "o"):
        assert look.open == 0
        assert set(row) == {"id", "name"}
        seen.append(row["id"])
        if len(seen) == AT_ONCE:
            # Whoever comes in between, before and behind, shifts nobody.
            fill(engine, ["", "zzz"])
    assert seen == [*ids, "zzz"]
    assert look.opened == 3


def test_only_what_is_taken_is_read(engine: Engine) -> None:
    fill(engine, [f"{number:05d}" for number in range(AT_ONCE * 3)])
    look = Looking(engine)
    found = rows(look, table, SHOWN, table.c.organisation == "o")
    assert look.opened == 0
    assert len(list(islice(found, AT_ONCE))) == AT_ONCE
    assert look.opened == 1


def test_what_is_held_is_one_object() -> None:
    """Without tables that have nothing, and without anybody else's notes."""
    day = date(2026, 6, 1)
    parts: list[tuple[str, Iterator[Row]]] = [
        ("none", iter(())),
        ("one", iter([{"day": day, "said": "「\"'"}, {"day": day + timedelta(1), "said": None}])),
        ("private_note", iter([{"week": "W1", "author": "a"}, {"week": "W2", "author": "b"}])),
        ("two", iter([{"n": 1.5}])),
    ]
    held = Held(parts, lambda note: note["author"] == "a")
    assert json.loads("".join(held.json())) == {
        "tables": {
            "one": [{"day": "2026-06-01", "said": "「\"'"}, {"day": "2026-06-02", "said": None}],
            "two": [{"n": 1.5}],
        },
        "own_notes": ["W1"],
    }
    assert held.rows == {"one": 2, "two": 1}
    empty = Held([], lambda _: True)
    assert json.loads("".join(empty.json())) == {"tables": {}, "own_notes": []}


def test_much_that_is_held_leaves_in_pieces_before_all_of_it_is_read() -> None:
    read = 0

    def rows() -> Iterator[Row]:
        nonlocal read
        for read in range(1, 5_001):
            yield {"n": read, "said": "x" * 40}

    pieces = Held([("one", rows())], lambda _: True).json()
    first = next(pieces)
    assert LENGTH <= len(first) < LENGTH + 100
    assert read < 2_000
    rest = list(pieces)
    assert max(map(len, rest)) < LENGTH + 100
    assert len(json.loads(first + "".join(rest))["tables"]["one"]) == 5_000

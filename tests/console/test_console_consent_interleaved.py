"""Whatever two admins, a stranger and HubSpot do in whatever order: connected whole, or not at all.

`make consents` tries many more orders than a plain run.
"""

import logging
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from consent_page import token_end
from consent_world import KILLED, NOTHING, REVOKED, WHO, Looked, Moment, StrictEnd, World
from console_house import ADDRESS, account
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from opened_console import opened

from crm_loop.access.roles import ConsoleRole

HISTORIES = int(os.environ.get("CRM_LOOP_HISTORIES", "5"))
#: Processes that share them: each begins somewhere else.
PARTS = [
    pytest.param(n, marks=pytest.mark.xdist_group(f"histories{n}"))
    for n in range(int(os.environ.get("CRM_LOOP_PARTS", "1")))
]
SOME = st.integers(0, 5)
WHOSE = st.integers(0, len(WHO) - 1)
ADMIN = st.integers(0, 1)
STEP = st.one_of(
    st.tuples(st.just("ask"), ADMIN),
    st.tuples(st.just("agree"), SOME, ADMIN, st.sampled_from((NOTHING, KILLED, REVOKED))),
    st.tuples(st.just("agree"), SOME, ADMIN, st.just(NOTHING), SOME),
    st.tuples(st.just("agree"), SOME, WHOSE),
    st.tuples(st.just("forge"), SOME, WHOSE, SOME),
    st.tuples(st.just("wait"), SOME),
)


@pytest.fixture(scope="module")
def world(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One house for all of them; each begins with nothing connected."""
    moment, end = Moment(), StrictEnd()
    folder = tmp_path_factory.mktemp("consents") / "house"
    with (
        token_end(end),
        opened(
            seeded, folder, connector=partial(Looked, moment),
            allow_loopback_crm=True, console_bind=ADDRESS.removeprefix("http://"),
        ) as house,
    ):  # fmt: skip
        account(house.app, WHO[1], ConsoleRole.ADMIN)
        yield World(house, end, moment, [house.browser(one) for one in WHO])


@pytest.mark.parametrize("part", PARTS)
@settings(
    max_examples=-(-HISTORIES // len(PARTS)),
    deadline=None,
    derandomize="CRM_LOOP_HISTORIES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(steps=st.lists(STEP, min_size=6, max_size=10))
def test_a_consent_connects_whole_or_not_at_all(
    world: World, caplog: pytest.LogCaptureFixture, part: int, steps: list[tuple[str, int]]
) -> None:
    one = World(world.house, world.end, world.moment, world.browsers)
    one.begin()
    one.ask(0)
    one.ask(1)
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        for name, *facts in steps:
            getattr(one, name)(*facts)
            one.check()
    # The browser of these tests has a log of its own.
    ours = [it.getMessage() for it in caplog.records if not it.name.startswith("httpx")]
    assert one.leaked("\n".join(ours)) == []


def test_the_second_of_two_who_come_back_at_once_is_the_one_that_stands(world: World) -> None:
    """The outer one stores last, and stores all of its own."""
    one = World(world.house, world.end, world.moment, world.browsers)
    one.begin()
    one.ask(0)
    one.ask(1)
    one.agree(0, 0, NOTHING, 1)
    one.check()
    assert one.expected == world.end.given[0]
    assert len(world.end.given) == 2


@pytest.mark.parametrize("then", [KILLED, REVOKED])
def test_what_ends_between_exchange_and_storing_leaves_the_old_connection(
    world: World, then: str
) -> None:
    one = World(world.house, world.end, world.moment, world.browsers)
    one.begin()
    one.ask(0)
    one.agree(0, 0)
    before = one.row()
    one.ask(0)
    one.agree(1, 0, then)
    one.check()
    assert one.row() == before
    # Begun again it goes through, and the old answer counts for nothing.
    one.agree(1, 0)
    one.ask(0)
    one.agree(2, 0)
    one.check()
    assert one.row() != before

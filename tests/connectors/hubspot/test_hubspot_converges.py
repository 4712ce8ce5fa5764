"""Whatever people do and wherever pulls break off, the store ends up holding what the portal holds.

`make converge-hubspot` drives many more histories than a plain run.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from portal_history import STAGES, History, V

from crm_loop.records import Subject

HISTORIES = int(os.environ.get("CRM_LOOP_HISTORIES", "40"))
#: Processes that share them: each begins somewhere else.
PARTS = [
    pytest.param(n, marks=pytest.mark.xdist_group(f"histories{n}"))
    for n in range(int(os.environ.get("CRM_LOOP_PARTS", "1")))
]
EVENTS = 60


def happen(history: History, event: str, number: int) -> None:
    """One event of a history."""
    stage = {"dealstage": STAGES[number % len(STAGES)], "amount": str(number)}
    doings: dict[str, Callable[[], None]] = {
        "edit": lambda: history.edit("deals", number, **stage),
        "rename": lambda: history.edit("companies", number, name=f"会社 {number}"),
        "finish": lambda: history.edit("tasks", number, hs_task_status="COMPLETED"),
        "add": lambda: history.add(("deals", "calls", "tasks")[number % 3], number),
        "archive": lambda: history.archive(("deals", "tasks", "companies")[number % 3], number),
        "restore": lambda: history.restore(number),
        "merge": lambda: history.merge(number),
        "tie": lambda: history.tie(number),
        "tie_call": lambda: history.tie_call(number),
        "equal": lambda: history.fault("equal_stamp"),
        "lag": lambda: history.fault("index_lag", times=5),
        "late": lambda: history.late(number),
        "wait": lambda: history.minutes(number % 40),
        "pull": history.pull,
        "cut": lambda: history.pull(number % 60),
    }
    doings[event]()


#: Everyday edits are frequent, the rare things rare.
EVENT = st.tuples(
    st.sampled_from(
        ["edit", "add", "tie"] * 4
        + ["rename", "finish", "archive", "restore", "tie_call", "cut"] * 3
        + ["wait", "pull", "lag"] * 2
        + ["merge", "equal", "late"]
    ),
    st.integers(0, 9_999),
)


@pytest.fixture(scope="module")
def small_portal(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=4, weeks=2, rate_limits="off")


@pytest.mark.slow
@pytest.mark.long(60)
@pytest.mark.parametrize("part", PARTS)
@settings(
    max_examples=-(-HISTORIES // len(PARTS)),
    deadline=None,
    derandomize="CRM_LOOP_HISTORIES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    # A history takes seconds; the one that failed is printed and can be played again as it is.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(events=st.lists(EVENT, min_size=EVENTS, max_size=EVENTS))
def test_the_store_converges_to_what_the_portal_holds(
    small_portal: Any, part: int, events: list[tuple[str, int]]
) -> None:
    history = History(small_portal)
    history.pull()
    for event, number in events:
        happen(history, event, number)
    assert history.differences() == {}


def test_without_an_overlap_a_late_change_is_lost(small_portal: Any) -> None:
    """The control: such a connector must not pass the test above."""
    careless = History(small_portal, overlap_minutes=0)
    careless.pull()
    careless.late(1)
    assert careless.differences().keys() == {"deals"}


def test_with_its_overlap_the_same_change_is_found(small_portal: Any) -> None:
    careful = History(small_portal)
    careful.pull()
    careful.late(1)
    assert careful.differences() == {}


def an_open_deal_with_a_contact(history: History) -> tuple[str, str]:
    history.pull()
    open_ = {one.id for one in history.held(Subject.DEALS) if not one.is_closed}
    roles = sorted(history.held(Subject.CONTACT_ROLES), key=lambda one: one.id)
    return next((one.deal_id, one.contact_id) for one in roles if one.deal_id in open_)


def roles_of(history: History, deal: str) -> set[str]:
    roles = history.held(Subject.CONTACT_ROLES)
    return {one.contact_id for one in roles if one.deal_id == deal}


def test_a_contact_that_left_before_its_deal_was_archived_is_not_restored(
    small_portal: Any,
) -> None:
    history = History(small_portal)
    deal, contact = an_open_deal_with_a_contact(history)
    history.api("DELETE", f"objects/{V}/deals/{deal}/associations/contacts/{contact}")
    history.api("DELETE", f"objects/{V}/deals/{deal}")
    history.archived.append(("deals", deal))
    history.pull()
    history.restore(0)
    assert history.differences() == {}
    assert contact not in roles_of(history, deal)


def test_a_contact_that_left_a_closed_deal_is_gone_when_it_opens_again(small_portal: Any) -> None:
    history = History(small_portal)
    deal, contact = an_open_deal_with_a_contact(history)
    path = f"objects/{V}/deals/{deal}"
    history.api("PATCH", path, {"properties": {"dealstage": "closedlost"}})
    history.pull()
    history.api("DELETE", f"{path}/associations/contacts/{contact}")
    history.api("PATCH", path, {"properties": {"dealstage": STAGES[0]}})
    assert history.differences() == {}
    assert contact not in roles_of(history, deal)


def test_a_contact_who_came_before_a_pull_died_between_deals_and_roles_is_found(
    small_portal: Any,
) -> None:
    history = History(small_portal)
    deal, contact = an_open_deal_with_a_contact(history)
    path = f"objects/{V}/deals/{deal}/associations/contacts/{contact}"
    history.minutes(60)
    history.api("DELETE", path)
    history.pull(subjects=(Subject.STAGES, Subject.ACCOUNTS, Subject.DEALS))
    # So long that the next pull of the deals no longer covers what that one saw.
    history.minutes(60)
    assert history.differences() == {}
    assert contact not in roles_of(history, deal)


@pytest.mark.slow
@pytest.mark.long(10)
def test_more_changes_in_one_moment_than_a_search_can_page_through(small_portal: Any) -> None:
    history = History(small_portal)
    history.pull()
    history.minutes(60)
    props = {"hs_timestamp": history.now(), "hs_task_subject": "まとめて"}
    body = {"inputs": [{"properties": props}] * 100}
    for _ in range(101):
        history.api("POST", f"objects/{V}/tasks/batch/create", body)
    history.pull(calls=100)
    history.pull()
    assert len(history.held(Subject.TASKS)) > 10_000
    assert history.differences() == {}

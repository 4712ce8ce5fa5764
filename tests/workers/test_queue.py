"""Durable jobs on both databases: claimed once, resumed, parked, in order."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from crm_loop.bootstrap import App, real_now
from crm_loop.errors import NeedsAttention, Transient
from crm_loop.queue import Again, Job, JobState, NewJob, Park, decide
from crm_loop.queue.policy import MAX_CRASHES, TRANSIENT_ATTEMPTS, after_crash
from crm_loop.store.engine import open_engine
from crm_loop_workers.runner import run
from crm_loop_workers.worker import drain

LATER = timedelta(seconds=10)

done: list[str] = []


def note(_app: App, job: Job) -> None:
    done.append(job.id)


def fail_for_now(_app: App, _job: Job) -> None:
    raise Transient("Busy.", retry_after=60)


def need_somebody(_app: App, _job: Job) -> None:
    raise NeedsAttention("The token was refused.", code="connection.token_refused", do="Connect.")


HANDLERS = {name: f"{__name__}:{name}" for name in ("note", "fail_for_now", "need_somebody")}


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> None:
    done.clear()


def add(app: App, id_: str, kind: str = "note", *, waits_for: tuple[str, ...] = ()) -> None:
    with app.begin("acme") as state:
        state.jobs.add(NewJob(id=id_, kind=kind), now=real_now(), waits_for=waits_for)


def the_state(app: App, id_: str) -> JobState:
    with app.begin("acme") as state:
        return next(job.state for job in state.jobs.all() if job.id == id_)


def work_off(app: App) -> None:
    while due := app.claims.due(real_now()):
        for organisation, id_ in due:
            run(app, HANDLERS, organisation, id_)


def test_the_same_job_added_twice_is_one_job(app: App) -> None:
    add(app, "a")
    add(app, "a")
    work_off(app)
    assert done == ["a"]


def test_many_threads_claim_a_job_once(app: App) -> None:
    add(app, "a")
    claimed = []

    def claim() -> None:
        claimed.append(app.claims.claim("acme", "a", holder="me", now=real_now()))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(job is not None for job in claimed) == 1


def test_a_job_waits_for_those_before_it(app: App) -> None:
    add(app, "second", waits_for=("first",))
    work_off(app)
    assert done == []
    add(app, "first")
    work_off(app)
    assert done == ["first", "second"]


def test_a_job_whose_worker_died_is_taken_up_when_its_lease_ends(app: App) -> None:
    add(app, "a")
    app.claims.claim("acme", "a", holder="dead", now=real_now())
    assert app.claims.due(real_now()) == []
    assert app.claims.due(real_now() + LATER) == [("acme", "a")]


def test_a_lease_is_over_at_its_very_end(app: App) -> None:
    add(app, "a")
    now = real_now()
    app.claims.claim("acme", "a", holder="dead", now=now)
    end = now + app.claims.lease
    assert app.claims.due(end - timedelta(milliseconds=1)) == []
    assert app.claims.due(end) == [("acme", "a")]


def test_a_job_whose_worker_surely_died_is_taken_up_at_once(app: App) -> None:
    add(app, "a")
    app.claims.claim("acme", "a", holder="host:17:abc", now=real_now())
    assert app.claims.release("host:1", now=real_now()) == 0
    assert app.claims.release("host:17", now=real_now()) == 1
    work_off(app)
    assert done == ["a"]


def test_whoever_lost_the_lease_settles_nothing(app: App) -> None:
    add(app, "a")
    lost = app.claims.claim("acme", "a", holder="slow", now=real_now())
    app.claims.claim("acme", "a", holder="next", now=real_now() + LATER)
    assert lost is not None
    assert not app.claims.done(lost, now=real_now())


def test_a_busy_crm_is_tried_again_later(app: App) -> None:
    add(app, "a", "fail_for_now")
    work_off(app)
    assert the_state(app, "a") is JobState.READY
    assert app.claims.due(real_now() + timedelta(seconds=61)) == [("acme", "a")]


def test_a_job_is_due_from_its_very_moment_on(app: App) -> None:
    add(app, "a")
    now = real_now()
    job = app.claims.claim("acme", "a", holder="me", now=now)
    assert job is not None
    app.claims.failed(job, Again(timedelta(seconds=1)), error="busy", now=now)
    assert app.claims.due(now + timedelta(seconds=0.999)) == []
    assert app.claims.due(now + timedelta(seconds=1)) == [("acme", "a")]


def test_what_needs_a_person_is_parked_with_its_reason(app: App) -> None:
    add(app, "a", "need_somebody")
    work_off(app)
    with app.begin("acme") as state:
        (job,) = state.jobs.all(JobState.PARKED)
    assert "connection.token_refused" in (job.last_error or "")


def test_a_job_that_kills_its_worker_every_time_is_parked(app: App) -> None:
    add(app, "a")
    now = real_now()
    for _ in range(20):
        app.claims.claim("acme", "a", holder="dead", now=now)
        now += LATER
    assert the_state(app, "a") is JobState.PARKED


def test_the_job_after_the_last_crash_that_is_allowed_is_parked() -> None:
    assert after_crash(MAX_CRASHES) is None
    assert after_crash(MAX_CRASHES + 1) is not None


def test_what_is_always_busy_is_set_aside_in_the_end() -> None:
    assert isinstance(decide(Transient("x"), TRANSIENT_ATTEMPTS - 1), Again)
    assert isinstance(decide(Transient("x"), TRANSIENT_ATTEMPTS), Park)


def test_a_worker_for_some_kinds_leaves_the_others(app: App) -> None:
    add(app, "a")
    add(app, "b", "need_somebody")
    assert drain(app, HANDLERS, kinds=["note"]) == 1
    assert the_state(app, "b") is JobState.READY


def test_a_parked_job_can_be_made_ready_again(app: App) -> None:
    add(app, "a", "need_somebody")
    work_off(app)
    with app.begin("acme") as state:
        assert state.jobs.again(["a"], now=real_now()) == 1
    assert the_state(app, "a") is JobState.READY


def test_a_slow_account_leaves_threads_for_the_others(app: App) -> None:
    with app.begin("acme") as state:
        for connection, id_ in (("x", "1"), ("x", "2"), ("x", "3"), ("y", "4")):
            job = NewJob(id=id_, kind="note", connection=connection)
            state.jobs.add(job, now=real_now())
    taken = [app.claims.claim("acme", id_, holder="me", now=real_now()) for id_ in "123"]
    assert [job is not None for job in taken] == [True, True, False]
    assert app.claims.due(real_now()) == [("acme", "4")]
    assert taken[0] is not None
    app.claims.done(taken[0], now=real_now())
    assert ("acme", "3") in app.claims.due(real_now())


def test_two_connections_take_turns(app: App) -> None:
    with app.begin("acme") as state:
        for connection, id_ in (("x", "1"), ("x", "2"), ("x", "3"), ("y", "4")):
            job = NewJob(id=id_, kind="note", connection=connection)
            state.jobs.add(job, now=real_now())
    order = [id_ for _, id_ in app.claims.due(real_now())]
    assert order.index("4") == 1


def test_an_organisation_with_a_long_queue_keeps_no_other_waiting(app: App) -> None:
    """However many of its accounts and jobs have waited for longer."""
    earlier = real_now() - timedelta(hours=1)
    with app.begin("acme") as state:
        for number in range(120):
            job = NewJob(id=f"{number:03}", kind="note", connection=f"crm{number % 3}")
            state.jobs.add(job, now=earlier)
    for name in ("other", "third"):
        with app.begin(name) as state:
            state.jobs.add(NewJob(id="late", kind="note", connection="crm"), now=real_now())
    due = app.claims.due(real_now())
    assert len(due) == 100
    assert [organisation for organisation, _ in due[:4]] == ["acme", "other", "third", "acme"]
    assert {id_ for organisation, id_ in due[:5] if organisation == "acme"} == {"000", "001", "002"}


@pytest.mark.parametrize(
    ("error", "attempts", "expected"),
    [
        (Transient("x", retry_after=7), 1, Again(timedelta(seconds=7))),
        (Transient("x"), 3, Again(timedelta(seconds=4))),
        (ValueError("田中"), 1, Again(timedelta(seconds=1))),
        (ValueError("田中"), 3, Park("bug: ValueError")),
    ],
)
def test_what_to_do_next_follows_from_the_errors_meaning(
    error: Exception, attempts: int, expected: Again | Park
) -> None:
    assert decide(error, attempts) == expected


def test_a_transaction_inside_another_one_is_refused_at_once(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.begin(), pytest.raises(RuntimeError, match="transaction open"), engine.begin():
        pass
    engine.dispose()

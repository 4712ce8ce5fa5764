"""A process that hangs is found, says so, and ends so that it is started again."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace

from crm_loop.bootstrap import App, real_now
from crm_loop.queue import Job, NewJob
from crm_loop_workers.health import answer
from crm_loop_workers.own import Own
from crm_loop_workers.pulse import HUNG, JOB_SECONDS, LOOP_SECONDS, Pulse, Trouble, watched
from crm_loop_workers.scheduler import Schedule, schedule_until
from crm_loop_workers.unheard import PATIENCE_SECONDS, Unheard
from crm_loop_workers.worker import work

Wait = Callable[[Callable[[], bool]], None]


class Time:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_loop_that_comes_round_is_well_and_one_that_does_not_is_found() -> None:
    time = Time()
    pulse = Pulse(clock=time)
    time.now += LOOP_SECONDS
    assert pulse.trouble() is None
    time.now += 1
    assert pulse.trouble() is Trouble.LOOP
    pulse.beat()
    assert pulse.trouble() is None


def test_threads_are_stuck_only_when_all_of_them_are() -> None:
    time = Time()
    pulse = Pulse(2, clock=time)
    with pulse.at_a_job():
        time.now += JOB_SECONDS + 1
        pulse.beat()
        with pulse.at_a_job():
            assert pulse.busy == 2
            assert pulse.trouble() is None
            time.now += JOB_SECONDS + 1
            pulse.beat()
            assert pulse.trouble() is Trouble.JOBS
        assert pulse.trouble() is None


def test_livez_of_a_hung_loop_is_no_longer_well(app: App) -> None:
    time = Time()
    own = Own(Pulse(clock=time))
    assert answer(app, "/livez", own)[0] == 200
    time.now += LOOP_SECONDS + 1
    status, _, text = answer(app, "/livez", own)
    assert (status, "come round" in text) == (503, True)


def test_a_scheduler_that_hangs_in_a_tick_is_found_and_ended(app: App, wait_for: Wait) -> None:
    """The whole of it: the loop, its pulse, the watcher, and the end."""
    time, stop, freed, inside = Time(), threading.Event(), threading.Event(), threading.Event()
    ended: list[Trouble] = []
    pulse = Pulse(clock=time)

    def plan(_slot: object) -> list[object]:
        inside.set()
        freed.wait(60)
        return []

    always = Schedule("always", "* * * * *", plan)  # type: ignore[arg-type]  # it plans nothing
    assert app.settings.clock_file is not None
    app.settings.clock_file.write_text(real_now().isoformat())
    loop = threading.Thread(target=schedule_until, args=(app, [always], stop, pulse))
    with watched(pulse, stop, end=ended.append, every=0.01):
        loop.start()
        try:
            wait_for(inside.is_set)
            assert ended == []
            time.now += LOOP_SECONDS + 1
            wait_for(lambda: bool(ended))
        finally:
            freed.set()
            stop.set()
            loop.join(60)
    assert ended == [Trouble.LOOP]


def test_a_hung_process_ends_though_its_threads_do_not() -> None:
    program = (
        "import threading, time\n"
        "from crm_loop_workers.pulse import Pulse, watched\n"
        "pulse = Pulse(clock=lambda: time.monotonic() * 1e6)\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "with watched(pulse, threading.Event(), every=0.01):\n"
        "    threading.Event().wait()\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert told.returncode == HUNG
    assert "hangs and ends" in told.stderr


def test_rings_are_unheard_when_a_job_stays_due_though_it_was_rung_for() -> None:
    time = Time()
    unheard = Unheard(time)
    assert unheard.of([("acme", "a")]) == []
    time.now += PATIENCE_SECONDS + 1
    assert unheard.of([("acme", "a"), ("acme", "new")]) == [("acme", "a")]
    assert unheard.of([]) == []
    assert unheard.of([("acme", "a")]) == []


done: list[str] = []


def note(_app: App, job: Job) -> None:
    done.append(job.id)


class Swallows:
    """A bell as of a broker that takes rings and hands them to nobody."""

    def ring(self, _jobs: object) -> bool:
        return True


def test_work_that_a_broker_keeps_to_itself_is_done_all_the_same(app: App, wait_for: Wait) -> None:
    done.clear()
    with app.begin("acme") as state:
        state.jobs.add(NewJob(id="kept", kind="note"), now=real_now())
    time, stop = Time(), threading.Event()
    house = replace(app, bell=Swallows())
    handlers = {"note": f"{__name__}:note"}
    pulse = Pulse(1, clock=time)
    worker = threading.Thread(
        target=work, args=(house, handlers, None, stop), kwargs={"pulse": pulse}
    )
    worker.start()
    try:
        time.now += 1
        assert not done
        wait_for(lambda: _passed(time) and bool(done))
    finally:
        stop.set()
        worker.join(60)
    assert done == ["kept"]


def _passed(time: Time) -> bool:
    time.now += 10
    return True

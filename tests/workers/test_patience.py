"""A demonstration waits for as long as work goes on, and no longer."""

from crm_loop_workers.demo.conductor import Patience


def test_slow_work_is_waited_for_while_it_goes_on_and_no_longer() -> None:
    now = 0.0
    patience = Patience(120, clock=lambda: now)
    for done in range(10):
        now += 100
        assert patience.lasts(done)
    now += 119
    assert patience.lasts(done)
    now += 1
    assert not patience.lasts(done)

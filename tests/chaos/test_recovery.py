"""Work goes on soon after whatever happened to a worker, the broker or the database."""

import pytest
from recovery import LIMITS, measure


@pytest.mark.slow
@pytest.mark.long(30)
@pytest.mark.xdist_group("recovery")
def test_work_goes_on_within_the_promised_time() -> None:
    for what, seconds in measure(1, stops=0).items():
        assert max(seconds) <= LIMITS[what], what

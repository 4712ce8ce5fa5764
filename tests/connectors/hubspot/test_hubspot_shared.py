"""What several subjects need is asked for once."""

from itertools import count

from crm_loop_hubspot.shared import Shared


def test_one_answer_serves_everybody_once() -> None:
    numbers = count()
    shared = Shared(lambda: next(numbers))
    assert [shared.take(name) for name in ("people", "absences", "people", "absences")] == [
        *(0, 0),
        *(1, 1),
    ]

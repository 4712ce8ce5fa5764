"""A few of the planned weeks on one kind of account: `make links` in small."""

from collections.abc import Mapping

import pytest
from planned_weeks import lived

#: Few people and the first weeks, in which there is something of most kinds.
SMALL: Mapping[str, int] = {"each": 1, "reps": 12, "weeks": 4, "seed": 7, "history": 12}


@pytest.mark.slow
def test_planned_weeks_break_where_it_is_planned_and_nowhere_else() -> None:
    found = lived("hubspot_free", SMALL)
    assert found.wanted
    assert found.listed == found.wanted
    assert found.differ == []

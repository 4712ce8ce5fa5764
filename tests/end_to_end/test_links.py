"""A few of the planned weeks on two kinds of account: `make links` in small."""

from collections.abc import Mapping

import pytest
from planned_weeks import lived

#: Few people and a short past, so that it is over in seconds.
SMALL: Mapping[str, int] = {"each": 1, "reps": 12, "weeks": 4, "seed": 7, "history": 6}


@pytest.mark.slow
@pytest.mark.parametrize("account", ["salesforce_package", "hubspot_free"])
def test_planned_weeks_break_where_it_is_planned_and_nowhere_else(account: str) -> None:
    found = lived(account, SMALL)
    assert found.wanted
    assert found.listed == found.wanted
    assert found.differ == []

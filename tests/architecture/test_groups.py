"""Tests of a group share what is dear to set up, so they have to meet in one process."""

import pytest


@pytest.mark.xdist_group("together")
@pytest.mark.parametrize("number", range(2))
def test_the_group_is_part_of_the_name_by_which_processes_are_handed_their_tests(
    request: pytest.FixtureRequest, number: int
) -> None:
    handed_out = getattr(request.config.option, "loadgroup", False)
    assert request.node.nodeid.endswith(f"[{number}]@together" if handed_out else f"[{number}]")

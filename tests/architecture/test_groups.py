"""Tests of a group share what is dear to set up, so they have to meet in one process."""

import pytest
from groups import Piece, longest_first


@pytest.mark.xdist_group("together")
@pytest.mark.parametrize("number", range(2))
def test_the_group_is_part_of_the_name_by_which_processes_are_handed_their_tests(
    request: pytest.FixtureRequest, number: int
) -> None:
    handed_out = getattr(request.config.option, "loadgroup", False)
    assert request.node.nodeid.endswith(f"[{number}]@together" if handed_out else f"[{number}]")


def test_what_takes_longest_begins_first_with_all_that_belongs_to_it() -> None:
    quick, long = Piece("quick", 0), Piece("long", 60)
    pieces = [quick, Piece("longer", 0), long, Piece("longer", 61), quick]
    assert longest_first(pieces) == [1, 3, 2, 0, 4]

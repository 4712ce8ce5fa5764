"""The count of two minutes says no when it should."""

from dataclasses import replace

import pytest
from counted import Spent, excess, typed

FULL = Spent(taps=3, lines=1, characters=40, screens=4, notices=1)


def test_what_is_allowed_is_not_too_much() -> None:
    assert excess(FULL) == []
    assert excess(Spent(notices=1)) == []
    assert excess(Spent(taps=24, lines=8, notices=1), talks=8) == []
    assert excess(Spent(screens=3), talks=0) == []


@pytest.mark.parametrize(
    ("more", "name"),
    [({"taps": 4}, "taps"), ({"lines": 2}, "lines"), ({"mandatory": 1}, "mandatory"),
     ({"notices": 2}, "notices"), ({"notices": 0}, "notices")],
)  # fmt: skip
def test_one_more_of_anything_is_too_much(more: dict[str, int], name: str) -> None:
    assert excess(replace(FULL, **more)) == [name]


def test_an_admin_has_nothing_to_do_once_all_is_set_up() -> None:
    assert excess(Spent(taps=1), talks=0) == ["taps"]
    assert excess(Spent(notices=1), talks=0) == ["notices"]


def test_a_manager_has_as_much_for_each_rep() -> None:
    assert excess(Spent(taps=25, lines=9, notices=1), talks=8) == ["taps", "lines"]


def test_lines_are_counted_from_what_became_of_the_text() -> None:
    memo = "よかったこと：\n話したいこと：\n▼決めたこと："
    assert typed(memo, memo) == (0, 0)
    assert typed(memo, memo.replace("話したいこと：", "話したいこと：見積")) == (1, 2)
    assert typed(memo, f"{memo}\n一つ\n二つ") == (2, 4)

"""Every figure serves what the organisation is there for."""

import pytest

from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.tree import DEFAULT, Edge, cycle_in, orphans


@pytest.mark.parametrize("kpi", catalogue())
def test_every_kpi_reaches_the_purpose(kpi: str) -> None:
    assert orphans([kpi], DEFAULT, ["purpose"]) == []


def test_the_tree_is_of_known_figures_and_turns_nowhere_in_a_circle() -> None:
    assert {edge.kpi for edge in DEFAULT} == set(catalogue())
    assert {edge.parent for edge in DEFAULT} <= {*catalogue(), "purpose"}
    assert cycle_in(DEFAULT) == []


def test_a_figure_without_a_parent_serves_nothing() -> None:
    edges = [Edge(kpi="a", parent="b"), Edge(kpi="c", parent="purpose")]
    assert orphans(["a", "b", "c"], edges, ["purpose"]) == ["a", "b"]

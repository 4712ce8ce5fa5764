"""The bench of the measures: being quick with a wrong result is no success."""

import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.mark.parametrize(("same", "met"), [(True, True), (False, False)])
def test_a_kpi_that_is_not_what_sql_finds_fails_the_bench(
    monkeypatch: pytest.MonkeyPatch, *, same: bool, met: bool
) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    import bench_kpi
    from kpi_frames import Timed

    figure = bench_kpi.differing(
        {"won": Timed(1.0, 1.0, same=True), "lost": Timed(1.0, 1.0, same=same)}
    )
    assert (figure["id"], figure["met"]) == ("frames_differ", met)
    assert sys.modules["bench_kpi"].__file__ == str(BENCH / "bench_kpi.py")

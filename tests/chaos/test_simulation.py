"""The writer under a virtual clock: a few seeds here, thousands with `make simulate`."""

import pytest
from rig.naive import CONTROLS
from rig.simulation import Run

SEEDS = range(150)


def test_no_seed_shows_a_duplicate_a_loss_or_a_text_that_is_stale() -> None:
    verdicts = [Run(seed).run() for seed in SEEDS]
    assert sum(verdict.crashes for verdict in verdicts) > len(SEEDS)
    assert [verdict for verdict in verdicts if verdict.failed] == []


@pytest.mark.parametrize("name", sorted(CONTROLS))
def test_a_naive_writer_makes_duplicates_in_the_same_rig(name: str) -> None:
    verdicts = [CONTROLS[name](seed).run() for seed in range(40)]
    assert sum(verdict.duplicates > 0 for verdict in verdicts) >= len(verdicts) / 10


def test_a_seed_gives_the_same_run_every_time() -> None:
    assert Run(11).run() == Run(11).run()

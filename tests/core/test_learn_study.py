"""The study of actions on a few seeds: what helps is found, what does nothing rarely is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.long(30)
def test_on_five_seeds_the_helpful_kind_of_step_is_found(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "bench" / "study_actions.py"), "--seeds", "5", "counted"]
    subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    result = json.loads(
        (tmp_path / "var" / "bench" / "study-actions-counted.json").read_text("utf-8")
    )
    figures = {one["id"]: one["value"] for one in result["figures"]}
    for case in ("+40%, week 12", "+25%, week 26"):
        ours = figures[f"{case}: useless kind called working"]
        assert figures[f"{case}: helpful kind first"] >= 0.6
        assert ours <= 0.1
        assert figures[f"{case}: the same by plain before/after"] >= 2 * ours


@pytest.mark.slow
@pytest.mark.long(15)
def test_every_kind_of_record_that_the_study_writes_is_measured_and_learned_from() -> None:
    """A kind that the product no longer counts would leave a study of fewer kinds."""
    script = "from study_actions import run; print(run(0, 12, 0.4).learned)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT / "bench", check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 30

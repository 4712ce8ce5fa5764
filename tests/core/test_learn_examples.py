"""Every worked example of sections 6 to 9, compared as the examples' own rule says."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "golden"))

from adapter_loop import ADAPTERS


def same(expected: Any, got: Any, tolerance: float) -> bool:
    """Keys and order agree; numbers at twelve digits within the tolerance."""
    if isinstance(expected, dict):
        known = {key for key in (*expected, *got) if key not in ("rule", "note")}
        return all(
            key in expected and key in got and same(expected[key], got[key], tolerance)
            for key in known
        )
    if isinstance(expected, list):
        pairs = zip(expected, got, strict=False)
        return len(expected) == len(got) and all(same(a, b, tolerance) for a, b in pairs)
    if isinstance(expected, bool | str) or expected is None:
        return type(expected) is type(got) and bool(expected == got)
    if isinstance(got, bool) or not isinstance(got, int | float) or not math.isfinite(got):
        return False
    return abs(float(f"{got:.12g}") - expected) <= max(tolerance, 1e-11 * abs(expected))


@pytest.mark.parametrize("id_", sorted(ADAPTERS))
def test_the_product_agrees_with_the_worked_example(id_: str, shared: Path) -> None:
    file = shared / "spec" / "domain_examples.json"
    examples = json.loads(file.read_text("utf-8"))["examples"]
    one = next(example for example in examples if example["id"] == id_)
    got = ADAPTERS[id_](one["inputs"])
    assert same(one["expected"], got, one["abs_tol"]), got

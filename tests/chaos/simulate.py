"""`make simulate SEEDS=3000`: the product's writer under a virtual clock, and naive ones beside it.

Exit 5 when a seed shows a duplicate, a lost or a stale record, or when the rig is blind.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rig.naive import CONTROLS
from rig.simulation import Run, Verdict

FIGURES = ("duplicates", "lost", "stale", "overwritten")
#: Naive strategies must show duplicates in at least this share of their seeds.
BLIND_BELOW = 0.10
#: So many seeds of each control suffice to see that the rig is not blind.
CONTROL_SEEDS = 300
RESULT = Path("var/simulate/result.json")


def one(seed: int) -> Verdict:
    return Run(seed).run()


def summary(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    total: Counter[str] = Counter(dict.fromkeys((*FIGURES, "crashes", "pauses", "faults"), 0))
    failing = []
    for verdict in verdicts:
        total.update({name: getattr(verdict, name) for name in FIGURES})
        total.update(verdict.counts)
        failing += [verdict.seed] if verdict.failed else []
    return {**total, "failing_seeds": failing}


def controls(first: int, seeds: int) -> dict[str, dict[str, Any]]:
    found = {}
    for name, make in CONTROLS.items():
        verdicts = [make(seed).run() for seed in range(first, first + seeds)]
        counts = {figure: sum(getattr(v, figure) for v in verdicts) for figure in FIGURES[:3]}
        share = sum(verdict.duplicates > 0 for verdict in verdicts) / len(verdicts)
        found[name] = {**counts, "seeds": seeds, "share_with_duplicates": round(share, 3)}
    return found


def simulate(first: int, seeds: int, processes: int) -> dict[str, Any]:
    began = time.monotonic()
    with get_context("spawn").Pool(processes, maxtasksperchild=200) as pool:
        verdicts = pool.imap_unordered(one, range(first, first + seeds), chunksize=25)
        ours = summary(verdicts)
    return {
        "schema": 1,
        "seeds": seeds,
        "first_seed": first,
        **ours,
        "failing_seeds": sorted(ours["failing_seeds"]),
        "controls": controls(first, min(seeds, CONTROL_SEEDS)),
        "seconds": round(time.monotonic() - began, 1),
    }


def holds(result: Mapping[str, Any]) -> bool:
    sees = all(
        control["share_with_duplicates"] >= BLIND_BELOW for control in result["controls"].values()
    )
    return sees and not result["failing_seeds"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    wanted = parser.parse_args()
    result = simulate(wanted.first, wanted.seeds, wanted.processes)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result))
    return 0 if holds(result) else 5


if __name__ == "__main__":
    sys.exit(main())

"""`make study-targets SEEDS=200`: whether a promised chance comes true as often as it says."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from crm_loop.statistics import counts

PERIODS, REPS, DAYS = 12, 10, 20.0
BINS, ENOUGH, GAP = 10, 200, 0.07
#: Targets between an easy and a hard month, as shares of the team's usual count.
_EASY, _HARD = 0.5, 1.6


def team(seed: int) -> Iterator[tuple[float, bool]]:
    """One simulated team's next month: promised chance and whether it was reached, by rep.

    Reps differ (gamma), months vary more than by chance alone (gamma again), targets are set at
    random around the team's usual count.
    """
    random = np.random.default_rng(seed)
    usual = random.uniform(4, 25)
    rates = random.gamma(12.0, usual / 12.0, REPS)
    months = random.gamma(20.0, 1 / 20.0, (REPS, PERIODS + 1))
    seen = random.poisson(rates[:, None] * months)
    worked = random.integers(17, 23, PERIODS).astype(float)
    past = seen[:, :PERIODS] * 1.0
    team_rate = float(past.sum() / (worked.sum() * REPS))
    for rep in range(REPS):
        model = counts.fit(list(past[rep]), list(worked), team_rate=team_rate, next_exposure=DAYS)
        exposure = DAYS / float(worked.mean())
        target = max(1, round(float(random.uniform(_EASY, _HARD)) * usual * exposure))
        reached = random.poisson(rates[rep] * months[rep, PERIODS] * exposure) >= target
        yield model.at_least(target), bool(reached)


def main(seeds: int, rounds: int) -> int:
    began = monotonic()
    pairs = [one for seed in range(seeds * rounds) for one in team(seed)]
    chances = np.array([p for p, _ in pairs])
    reached = np.array([float(hit) for _, hit in pairs])
    lines = [
        "| promised | rep-periods | mean promised | reached | apart |",
        "|---|---|---|---|---|",
    ]
    gaps = []
    for place in range(BINS):
        inside = (np.minimum((chances * BINS).astype(int), BINS - 1)) == place
        n = int(inside.sum())
        if not n:
            continue
        promised, came = float(chances[inside].mean()), float(reached[inside].mean())
        if n >= ENOUGH:
            gaps.append(abs(promised - came))
        lines.append(
            f"| {place / BINS:.1f}–{(place + 1) / BINS:.1f} | {n} | {promised:.3f} | {came:.3f} "
            f"| {abs(promised - came):.3f} |"
        )
    brier = float(((chances - reached) ** 2).mean())
    base = float(((reached.mean() - reached) ** 2).mean())
    figures = [
        figure("furthest_apart", max(gaps, default=1.0), GAP),
        figure("brier", brier, base),
    ]
    held = all(one["met"] for one in figures)
    lines += ["", f"Brier score {brier:.4f}; always saying the base rate {base:.4f}."]
    print("\n".join(lines))
    print(f"{monotonic() - began:.0f} s", file=sys.stderr)
    out = Path("var/bench/study-targets.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    result = {"schema": 1, "bench": "study-targets", "scale": seeds, "cores": 1,
              "figures": figures}  # fmt: skip
    out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return 0 if held else 5


def figure(name: str, value: float, target: float) -> dict[str, Any]:
    return {"id": name, "value": round(value, 4), "unit": "", "target": round(target, 4),
            "better": "lower", "met": value <= target}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, 2))

"""`make study-causes SEEDS=200`: is a planted cause named, and nothing stated without one."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from kpi_world import RATES, Recipe, setting_of

from crm_loop.kpi.causes import decompose
from crm_loop.kpi.diagnosis import DRIVER, MIX
from crm_loop.kpi.history import pasts
from crm_loop.kpi.reviewing import all_cases, causes_of
from crm_loop.kpi.signals import trends
from crm_loop.loop_records import Form

#: A planted halving counts where the step had so many cases.
CASES = 20
GOALS = {"told": 0.80, "largest": 0.70, "false": 0.06}


@dataclass(slots=True)
class Tally:
    planted: int = 0
    told: int = 0
    largest: int = 0
    quiet: int = 0
    stated: int = 0
    by_step: dict[str, list[int]] = field(default_factory=dict)


def one_seed(seed: int, tally: Tally) -> None:
    """One team with one planted halving, and the same team with nothing planted."""
    step = list(RATES)[seed % len(RATES)]
    person = f"rep{seed % 10:02d}@example.com"
    setting = setting_of(Recipe(seed=seed, halved={person: step}))
    cases = {case.person: case for case in all_cases(setting, pasts(setting.frames))}
    found = causes_of(setting, list(cases.values()))
    case = cases[person]
    if case.comparisons[step].now[1] >= CASES and case.baseline is not None:
        mine = [one for one in found if one.person == person and one.rule in (DRIVER, MIX)]
        told = any(one.driver == step for one in mine)
        largest = decompose(case.baseline, case.actual).largest_negative == step
        tally.planted += 1
        tally.told += told
        tally.largest += largest
        counts = tally.by_step.setdefault(step, [0, 0, 0])
        for place, one in enumerate((True, told, largest)):
            counts[place] += one
    plain = setting_of(Recipe(seed=seed))
    history = pasts(plain.frames)
    quiet = all_cases(plain, history)
    concluded = [*causes_of(plain, quiet), *trends(plain, history)]
    said = {one.person for one in concluded if one.form is Form.STATED}
    tally.quiet += len(quiet)
    tally.stated += len(said)


def main(seeds: int) -> int:
    tally, began = Tally(), monotonic()
    for seed in range(seeds):
        one_seed(seed, tally)
    shares = {
        "told": tally.told / max(1, tally.planted),
        "largest": tally.largest / max(1, tally.planted),
        "false": tally.stated / max(1, tally.quiet),
    }
    figures = [
        {"id": name, "value": round(shares[name], 4), "unit": "share", "target": goal,
         "better": "lower" if name == "false" else "higher",
         "met": shares[name] <= goal if name == "false" else shares[name] >= goal}
        for name, goal in GOALS.items()
    ]  # fmt: skip
    held = all(figure["met"] for figure in figures)
    lines = [
        "| question | answer | goal |",
        "|---|---|---|",
        f"| teams whose halved step had {CASES} cases | {tally.planted} of {seeds} | |",
        f"| stated or asked | {shares['told']:.1%} | at least 80 % |",
        f"| named as the largest negative driver | {shares['largest']:.1%} | at least 70 % |",
        f"| rep-evaluations without a cause | {tally.quiet} | |",
        f"| something stated all the same (cause, trend) | {shares['false']:.1%} | at most 6 % |",
        "",
        "| halved step | teams | stated or asked | largest |",
        "|---|---|---|---|",
        *(f"| {step} | {n} | {told / n:.1%} | {largest / n:.1%} |"
          for step, (n, told, largest) in sorted(tally.by_step.items())),
    ]  # fmt: skip
    print("\n".join(lines))
    print(f"{monotonic() - began:.0f} s", file=sys.stderr)
    out = Path("var/bench/study-causes.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    result = {"schema": 1, "bench": "study-causes", "scale": seeds, "cores": 1,
              "figures": figures}  # fmt: skip
    out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return 0 if held else 5


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))

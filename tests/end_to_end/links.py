"""Name the links that break in twelve weeks, ten of each kind, and nothing else.

`make links` serves a sandbox whose people follow a plan, turns the product's own services week by
week, and compares what `crm-loop cycle --json` lists with the sandbox's truth; likewise which
steps there are, and what became of each. All of it for each kind of account. Ends with 5 where
they differ.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from planned_weeks import ACCOUNTS, EACH, HISTORY, REPS, SEED, WEEKS, Found, lived

DIFFERENT = 5
OUT = Path("var/links/result.json")


def told(some: Sequence[Found]) -> int:
    for one in some:
        print(f"\n{one.account}\n")
        _tell(one)
    result = {
        "schema": 1,
        "planted": sum(one.wanted.total() for one in some),
        "named": sum((one.wanted & one.listed).total() for one in some),
        "named_wrongly": sum((one.listed - one.wanted).total() for one in some),
        "states_differ": sum(len(one.differ) for one in some),
        "proved_by_records": sum(one.tried.total() for one in some),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return 0 if all(one.same for one in some) else DIFFERENT


def _tell(one: Found) -> None:
    wanted, found = one.wanted, one.listed
    kinds = sorted({kind for kind, _, _ in (*wanted, *found)})
    print("| kind | in the truth | listed | not listed | only listed |\n|---|---|---|---|---|")
    for kind in kinds:
        ours, theirs = ({one for one in side if one[0] == kind} for side in (found, wanted))
        print(f"| {kind} | {len(theirs)} | {len(ours)} | {len(theirs - ours)} |"
              f" {len(ours - theirs)} |")  # fmt: skip
    for name, several in (("not listed", wanted - found), ("only listed", found - wanted)):
        for place in sorted(several)[:40]:
            print(f"{name}: {' '.join(place)}")
    print(f"steps that records show: {one.tried.total()}, in {len(one.tried)} ways")
    for line in one.differ[:40]:
        print(f"step: {line}")
    print(f"links: {(wanted & found).total()} of {wanted.total()} named,"
          f" {(found - wanted).total()} more; {len(one.differ)} steps differ")  # fmt: skip


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--accounts", nargs="+", choices=ACCOUNTS, default=ACCOUNTS)
    sizes = {"each": EACH, "reps": REPS, "weeks": WEEKS, "seed": SEED, "history": HISTORY}
    for name, number in sizes.items():
        options.add_argument(f"--{name}", type=int, default=number)
    given = vars(options.parse_args())
    say = partial(print, file=sys.stderr)
    sys.exit(told([lived(account, given, say) for account in given["accounts"]]))

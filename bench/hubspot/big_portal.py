"""Serve a portal of a given size, made by the sandbox's own world."""

import sys
from dataclasses import replace
from itertools import islice
from typing import Any

from crm_loop_sandbox.kernel import Options
from crm_loop_sandbox.serve import serve
from crm_loop_sandbox.world.generate import generate
from crm_loop_sandbox.world.story import World

#: Deals that the recipe makes for one unit of its scale.
DEALS_A_SCALE = 2_000
HUBSPOT = frozenset({"hubspot"})


def main() -> None:
    """Arguments: deals, activities, latency in ms, whether limits hold (1 or 0)."""
    deals, activities, latency, limited = (int(one) for one in sys.argv[1:5])
    options = Options(seed=7, tier="pro", rate_limits=bool(limited), latency_ms=latency)
    serve(options, lambda seed: world(seed, deals, activities), 0)


def world(seed: int, deals: int, activities: int) -> World:
    """A world of HubSpot alone with so many deals, and activities spread over all of it."""
    made = generate(
        seed=seed,
        reps=40,
        weeks=26,
        scale=deals // DEALS_A_SCALE + 1,
        locale="ja_JP",
        start=None,
        faces="both",
    )
    step = max(1, len(made.activities) // activities)
    spread = islice(made.activities, 0, step * activities, step)
    return replace(
        made,
        people=_here(made.people),
        companies=_here(made.companies),
        contacts=_here(made.contacts),
        deals=_here(made.deals[:deals]),
        activities=_here(spread),
    )


def _here(stories: Any) -> tuple[Any, ...]:
    return tuple(replace(one, faces=HUBSPOT) for one in stories)


if __name__ == "__main__":
    main()

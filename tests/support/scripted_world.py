"""Serve a world in which nothing happens that only one of the two CRMs can tell."""

import sys
from dataclasses import replace

from crm_loop_sandbox.kernel import Options
from crm_loop_sandbox.serve import serve
from crm_loop_sandbox.world.generate import generate
from crm_loop_sandbox.world.story import DealStory, World

#: Salesforce keeps no outcome of a meeting, of an e-mail logged by hand no direction, and of a
#: deal that changed hands not who had it at first.
TOLD_BY_BOTH = frozenset({"held", "open", "closed"})


def main() -> None:
    """Argument: a seed. Everybody is in both CRMs, before any of the loop's own records."""
    serve(Options(seed=int(sys.argv[1]), rate_limits=False), world, 0)


def world(seed: int) -> World:
    made = generate(seed=seed, reps=4, weeks=10, scale=1, locale="ja_JP", start=None, faces="both")
    told = tuple(
        one
        for one in made.activities
        if one.status in TOLD_BY_BOTH and (one.outbound or one.kind != "email")
    )
    deals = tuple(one for one in made.deals if _owners(one) == 1)
    return replace(made, activities=told, deals=deals)


def _owners(deal: DealStory) -> int:
    return len({step.fields["owner"] for step in deal.steps if "owner" in step.fields})


if __name__ == "__main__":
    main()

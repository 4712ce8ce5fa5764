"""Serve an org of any size: the sandbox's own world, its rows copied until there are enough."""

import json
import sys
from itertools import cycle, islice
from typing import Any

from crm_loop_sandbox import salesforce
from crm_loop_sandbox.kernel import Options
from crm_loop_sandbox.salesforce.face import SalesforceFace
from crm_loop_sandbox.serve import serve
from crm_loop_sandbox.world.generate import generate
from crm_loop_sandbox.world.story import World

#: A small world whose rows are copied.
WORLD = {
    "reps": 12,
    "weeks": 26,
    "scale": 1,
    "locale": "ja_JP",
    "start": None,
    "faces": "both",
}
#: Which objects grow, and the field that names the deal a copy belongs to.
PARENTS = {
    "Opportunity": None,
    "OpportunityHistory": "OpportunityId",
    "Event": "WhatId",
    "Task": "WhatId",
}


def main() -> None:
    """Arguments: rows by object as JSON, latency in ms, seconds of a bulk job."""
    wanted, latency, bulk = json.loads(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])

    class BigFace(SalesforceFace):
        def load(self, world: World) -> None:
            super().load(world)
            for table, parent in PARENTS.items():
                grow(self.org, table, wanted[table], parent)

    salesforce.make = BigFace  # type: ignore[assignment]  # a face is made by its class
    options = Options(
        seed=7, rate_limits=False, latency_ms=latency, bulk_seconds=bulk, package="activity"
    )
    serve(options, lambda seed: generate(seed=seed, **WORLD), 0)


def grow(org: Any, table: str, wanted: int, parent: str | None) -> None:
    """Copy rows of an object until there are so many, each copy with an id of its own."""
    rows = org.tables[table]
    samples = [row.copied() for row in rows.values()]
    deals = cycle(org.tables["Opportunity"]) if parent else None
    for number, sample in enumerate(islice(cycle(samples), max(0, wanted - len(rows)))):
        row = org.blank(table)
        row |= sample
        row["Id"] = org.new_id(table, "copy", str(number))
        if parent is not None and deals is not None and sample[parent]:
            row[parent] = next(deals)
        rows[row["Id"]] = row


if __name__ == "__main__":
    main()

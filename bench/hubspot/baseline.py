"""The same records as a first script reads them: HubSpot's own client, `get_all` by `get_all`."""

import json
import resource
import sys
import time
from typing import Any

from hubspot import HubSpot
from hubspot.utils.objects import fetch_all

from crm_loop_hubspot.translate import kinds
from crm_loop_hubspot.translate.kinds import Kind

READ = (
    kinds.COMPANIES,
    kinds.DEALS,
    # a portal that has leads of its own is not asked for contacts by us either
    kinds.LEADS,
    kinds.CALLS,
    kinds.MEETINGS,
    kinds.EMAILS,
    kinds.KEYED_TASKS,
    kinds.QUOTES,
    kinds.GOALS,
)


def main() -> None:
    """Arguments: address, token."""
    url, token = sys.argv[1:3]
    client = HubSpot(access_token=token, host=url, base_url=url)
    began = time.perf_counter()
    rows = {kind.name: len(_all(client, kind)) for kind in READ}
    told = {
        "seconds": time.perf_counter() - began,
        "rows": rows,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(told) + "\n")


def _all(client: Any, kind: Kind) -> list[Any]:
    options: dict[str, Any] = {"properties": list(kind.properties)}
    if kind.history:
        options["properties_with_history"] = list(kind.history)
    if kind.links:
        options["associations"] = list(kind.links)
    # what `get_all` of each group is made of; the one for any type forgets the limit of history
    return list(fetch_all(client.crm.objects.basic_api, object_type=kind.name, **options))


if __name__ == "__main__":
    main()

"""Create many tasks with our connector; says what became of them."""

import json
import sys
import time
from collections import Counter
from datetime import date

from crm_loop.connector.contract import Account, Change, Op, TaskFields
from crm_loop.connector.memory import MemoryPorts
from crm_loop.records import Subject
from crm_loop_hubspot.connector import HubSpotConnector


def main() -> None:
    """Arguments: address, token, how many."""
    url, token, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    account = Account(
        organisation="acme",
        connection="hubspot",
        url=url,
        settings={"allow_loopback": True},
        credentials={"access_token": token},
    )
    connector = HubSpotConnector(account, MemoryPorts().ports)
    connector.provision()
    people = [one for batch in connector.pull(Subject.PEOPLE, None) for one in batch.rows]
    owners = [one.id for one in people if getattr(one, "active", False)]
    began = time.perf_counter()
    outcomes = connector.apply([_change(number, owners) for number in range(count)])
    told = {
        "seconds": time.perf_counter() - began,
        "results": dict(Counter(one.result.value for one in outcomes)),
    }
    sys.stdout.write(json.dumps(told) + "\n")


def _change(number: int, owners: list[str]) -> Change:
    fields = TaskFields(
        owner_id=owners[number % len(owners)],
        subject=f"見積を送る {number}",
        body="金曜までに送る",
        due=date(2026, 6, 19),
    )
    return Change(key=f"cl1t{number:040x}", op=Op.CREATE, fields=fields)


if __name__ == "__main__":
    main()

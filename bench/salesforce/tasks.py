"""Write many tasks with our connector; says what became of them."""

import json
import sys
import time
from collections import Counter
from datetime import timedelta

from crm_loop.connector.contract import Account, Change, Op, TaskFields
from crm_loop.connector.memory import MemoryPorts
from crm_loop.records import Person, Subject
from crm_loop_salesforce.connector import SalesforceConnector


def main() -> None:
    """Arguments: address, credentials as JSON, how many tasks."""
    url, credentials, wanted = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
    account = Account(
        organisation="acme",
        connection="salesforce",
        url=url,
        settings={"allow_loopback": True},
        credentials=credentials,
    )
    connector = SalesforceConnector(account, MemoryPorts().ports)
    found = [row for batch in connector.pull(Subject.PEOPLE, None) for row in batch.rows]
    owners = [one.id for one in found if isinstance(one, Person) and one.active]
    due = (connector.clock() + timedelta(days=3)).date()
    changes = [
        Change(
            key=f"cl1t{number:040x}",
            op=Op.CREATE,
            fields=TaskFields(
                owner_id=owners[number % len(owners)],
                subject=f"見積の前提を確かめる {number}",
                body="",
                due=due,
            ),
        )
        for number in range(wanted)
    ]
    began = time.perf_counter()
    outcomes = connector.apply(changes)
    told = {
        "seconds": time.perf_counter() - began,
        "results": Counter(one.result.value for one in outcomes),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()

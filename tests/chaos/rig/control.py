"""The control of the storm: a writer that creates and then marks, as most do; run as a process."""

import json
import sqlite3
import sys
import time
from datetime import date
from pathlib import Path
from uuid import uuid4

from crm_loop.bootstrap import build
from crm_loop.connector.contract import Change, Op, Result, TaskFields
from crm_loop.errors import CrmLoopError
from crm_loop.settings import Settings

SUBJECT = "control"


def main() -> int:
    spec = json.loads(sys.argv[1])
    settings = Settings(
        database_url=spec["database_url"],
        redis_url="none",
        secret_key_file=Path(spec["key_file"]),
        allow_loopback_crm=True,
    )
    app = build(settings)
    done = sqlite3.connect(spec["done"], timeout=30, isolation_level=None)
    done.execute("CREATE TABLE IF NOT EXISTS done (number INTEGER PRIMARY KEY)")
    while True:
        marked = {number for (number,) in done.execute("SELECT number FROM done")}
        for number in sorted(set(range(spec["records"])) - marked):
            face = ("salesforce", "hubspot")[number % 2]
            try:
                connector = app.connect("default", face)
                (outcome,) = connector.apply([_change(number, spec["owners"][face])])
            except CrmLoopError:
                continue
            if outcome.result is Result.DONE:
                # A crash here, or an answer that was lost above, makes the second record.
                time.sleep(spec["pause"])
                done.execute("INSERT OR IGNORE INTO done VALUES (?)", (number,))
        time.sleep(0.2)


def _change(number: int, owner: str) -> Change:
    """It has no key of its own: what tells its records apart is their subject."""
    fields = TaskFields(
        owner_id=owner, subject=f"{SUBJECT} {number}", body="", due=date(2026, 12, 1)
    )
    return Change(key=f"cl1e{uuid4().hex}{'0' * 8}", op=Op.CREATE, fields=fields)


if __name__ == "__main__":
    sys.exit(main())

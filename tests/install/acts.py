"""What a house of one version does, run as a process of that version: acts.py ACT SPEC."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rig.ground import ORGANISATION, Server, template

from crm_loop.access import chain
from crm_loop.bootstrap import App, build
from crm_loop.loop_records import Intent, WriteKind
from crm_loop.queue import NewJob
from crm_loop.settings import Settings
from crm_loop.write_back.service import approve, plan


def opened(spec: dict[str, Any]) -> App:
    return build(
        Settings(
            database_url=spec["database_url"],
            redis_url="none",
            secret_key_file=Path(spec["key_file"]),
            allow_loopback_crm=True,
        )
    )


def connect(spec: dict[str, Any]) -> Any:
    """Make the tables and connect both accounts."""
    url, folder = spec["database_url"], Path(spec["key_file"]).parent
    found = template(url, folder, Server(spec["server"]))
    return {"database_url": found.url, "key_file": str(found.key_file), "owners": found.owners}


def want(spec: dict[str, Any]) -> Any:
    """Plan these records at these revisions, let them through, and have them written."""
    app = opened(spec)
    for face, wishes in spec["wishes"].items():
        intents = [_intent(spec, face, key, revision) for key, revision in wishes.items()]
        plan(app.begin, ORGANISATION, intents, run=spec["name"])
        approve(app.begin, ORGANISATION, list(wishes), by="rule:case", at=app.now())
        with app.begin(ORGANISATION) as state:
            job = NewJob(id=f"{spec['name']}:{face}", kind="write", connection=face)
            state.jobs.add(job, now=app.clock())
    app.close()
    return {}


def look(spec: dict[str, Any]) -> Any:
    """How many writes are in which state or not worded as wanted; whether the trail is whole."""
    app = opened(spec)
    states: dict[str, int] = {}
    wanted = {key: n for keys in spec.get("wishes", {}).values() for key, n in keys.items()}
    other = 0
    with app.begin(ORGANISATION) as state:
        for row in state.writes.rows():
            states[row.state.value] = states.get(row.state.value, 0) + 1
            other += row.key in wanted and row.body != _body(wanted[row.key])
        jobs = state.jobs.counts()
    chain.seal(app.begin, ORGANISATION)
    whole = chain.verify(app.begin, ORGANISATION).whole
    app.close()
    return {
        "other": other,
        "writes": states,
        "jobs": {str(k): n for k, n in jobs.items()},
        "trail_whole": whole,
    }


def _body(revision: int) -> str:
    return f"revision {revision}\n"


def _intent(spec: dict[str, Any], face: str, key: str, revision: int) -> Intent:
    return Intent(
        key=key,
        connection=face,
        kind=WriteKind.MEMO,
        person=f"{key[4:10]}@example.com",
        owner_id=spec["owners"][face],
        subject="1on1",
        body=_body(revision),
        due=date(2026, 12, 1),
        reason="upgrade",
        not_before=datetime(2026, 1, 1, tzinfo=UTC),
    )


if __name__ == "__main__":
    act, given = sys.argv[1:]
    sys.stdout.write(json.dumps(globals()[act](json.loads(given))))

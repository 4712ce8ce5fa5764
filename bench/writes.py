"""`make bench-writes SCALE=10000`: from approved to confirmed by the product's own writer.

One process, a sandbox with 80 ms latency, no rate limits; a table and var/bench/writes.json.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rig.ground import FACES, ORGANISATION, Template, sandbox, template

from crm_loop.bootstrap import App, build
from crm_loop.cycle import turn as steps
from crm_loop.loop_records import Intent, KeyKind, WriteKind, key_of
from crm_loop.settings import Settings
from crm_loop.write_back.service import approve, plan

OUT = Path("var/bench/writes.json")
TARGETS = {"salesforce": 800.0, "hubspot": 400.0}
LATENCY_MS = 80
MEGABYTES = 200.0


def bench(records: int) -> dict[str, float]:
    """Writes a second by face, and the most memory that was used."""
    found = {}
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        sandbox(reps=4, weeks=1, rate_limits="off", latency_ms=LATENCY_MS) as server,
    ):
        folder = Path(name)
        ground = template(f"sqlite:///{folder / 'x.db'}", folder, server, read_timeout=60)
        app = _house(ground)
        for face in FACES:
            used = time.process_time()
            found[face] = round(_rate(app, ground, face, records), 1)
            # What a busy machine leaves us says less than what we use of it.
            found[f"{face}_cpu_ms"] = round((time.process_time() - used) / records * 1000, 3)
        app.close()
    found["rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    return found


def _house(ground: Template) -> App:
    settings = Settings(
        database_url=ground.url,
        redis_url="none",
        secret_key_file=ground.key_file,
        allow_loopback_crm=True,
    )
    return replace(build(settings))


def _rate(app: App, ground: Template, face: str, records: int) -> float:
    keys = [key_of(ORGANISATION, face, KeyKind.AGENDA, f"bench:{n}") for n in range(records)]
    for start in range(0, records, 5000):
        part = keys[start : start + 5000]
        plan(app.begin, ORGANISATION, [_intent(key, face, ground) for key in part], run="bench")
        approve(app.begin, ORGANISATION, part, by="rule:bench", at=app.now())
    began = time.monotonic()
    written = steps.write(app.turn(ORGANISATION), face)
    seconds = time.monotonic() - began
    if written["created"] != records:
        message = f"{face}: {written} instead of {records} created"
        raise AssertionError(message)
    return records / seconds


def _intent(key: str, face: str, ground: Template) -> Intent:
    return Intent(
        key=key,
        connection=face,
        kind=WriteKind.MEMO,
        person=f"{key[4:12]}@example.com",
        owner_id=ground.owners[face],
        subject="1on1",
        body="planned and approved\n",
        due=date(2026, 12, 1),
        reason="bench",
        not_before=datetime(2026, 1, 1, tzinfo=UTC),
    )


def figures(found: dict[str, float]) -> list[dict[str, Any]]:
    rows = [(face, found[face], "writes/s", target, "higher") for face, target in TARGETS.items()]
    rows.append(("rss", found["rss_mb"], "MB", MEGABYTES, "lower"))
    return [
        {
            "id": name,
            "value": value,
            "unit": unit,
            "target": target,
            "better": better,
            "met": value >= target if better == "higher" else value <= target,
        }
        for name, value, unit, target, better in rows
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=10_000)
    scale = parser.parse_args().scale
    found = bench(scale)
    rows = figures(found)
    print("| what | measured | target | met |\n|---|---|---|---|")
    for row in rows:
        met = "yes" if row["met"] else "no"
        print(f"| {row['id']} | {row['value']} {row['unit']} | {row['target']} | {met} |")
    result = {"schema": 1, "bench": "writes", "scale": scale, "cores": os.cpu_count()}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(
        json.dumps({**result, "figures": rows, "raw": found}, indent=1), encoding="utf-8"
    )
    missed = not all(row["met"] for row in rows)
    return 5 if missed and os.environ.get("CHECK") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())

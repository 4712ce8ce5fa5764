"""`make chaos DURATION=60 SEED=7`: real workers in a storm, judged by the sandbox's journal.

Exit 5 when a planned write is missing, doubled or stale, when a human edit was overwritten, when
draining takes too long, or when the control shows that the rig is blind.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from rig.database import postgres
from rig.ground import FACES, ORGANISATION, Server, Template, sandbox, template
from rig.storm import Crew, Storm
from rig.verdict import control_duplicates, judge
from rig.workload import Workload

from crm_loop.bootstrap import App, build
from crm_loop.loop_records import WriteState
from crm_loop.settings import Settings
from crm_loop_workers.broker import DramatiqBell, open_broker
from crm_loop_workers.embedded import embedded

OUT = Path("var/chaos/result.json")
LEASE_SECONDS = 3.0
DRAIN_SECONDS = 10.0
SAY_SECONDS = 2.0
PATIENCE_SECONDS = 120.0
MIN_KILLS, MIN_CONTROL = 20, 10
SETTLED = (WriteState.CONFIRMED, WriteState.DISMISSED)


def chaos(given: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        server = stack.enter_context(sandbox(reps=4, weeks=1, rate_limits="off", latency_ms=5))
        own = f"sqlite:///{folder / 'crm_loop.db'}"
        url = own if given.database == "sqlite" else stack.enter_context(postgres())
        ground = template(url, folder, server)
        control = template(f"sqlite:///{folder / 'control.db'}", folder, server)
        broker = stack.enter_context(embedded(folder / "broker"))
        assert broker is not None
        app = a_house(ground)
        stack.callback(app.close)
        app = replace(app, bell=DramatiqBell(open_broker(broker.url)))
        crew = Crew(app, environment(ground, broker.url), folder / "workers.log", [])
        crew.commands = [["crm_loop", "worker"]] * 2 + [_control(control, folder, given)]
        dice = random.Random(given.seed)
        kills = max(MIN_KILLS + 4, round(given.duration * 0.45))
        storm = Storm(server, crew, broker, dice, given.duration, kills)
        workload = Workload(
            app, server, ground.owners, _emails(server, ground), given.records or
            max(600, round(given.duration * 10.5)), given.duration, random.Random(given.seed + 1),
        )  # fmt: skip
        crew.start()
        stack.callback(crew.stop)
        threading.Thread(target=crew.watch, daemon=True).start()
        _strike(storm, workload, given.duration)
        drained = _drain(app, workload, storm.last_fault)
        crew.stop()
        return _result(given, server, workload, storm, drained)


def _strike(storm: Storm, workload: Workload, seconds: float) -> None:
    """The storm begins when the first work is done, however slowly processes start here."""
    over = threading.Event()
    thread = threading.Thread(target=workload.run, args=(over,), daemon=True)
    thread.start()
    until = time.monotonic() + seconds
    while not workload.begun() and time.monotonic() < until:
        time.sleep(0.1)
    # In this very thread: a broker ends with the thread that has started it.
    storm.run()
    over.set()
    thread.join(60)


def _drain(app: App, workload: Workload, since: float) -> float:
    """How long after the last fault everything that is wanted stands."""
    workload.finish()
    until = time.monotonic() + PATIENCE_SECONDS
    said = time.monotonic()
    while time.monotonic() < until:
        # The planner comes back with each turn: what was on its way is worded anew only then.
        workload.want_written(say=time.monotonic() - said > SAY_SECONDS)
        said = time.monotonic() if time.monotonic() - said > SAY_SECONDS else said
        with app.begin(ORGANISATION) as state:
            rows = state.writes.rows()
        if all(row.state in SETTLED for row in rows) and workload.accepted(rows):
            break
        time.sleep(0.25)
    return round(time.monotonic() - since, 1)


def a_house(ground: Template) -> App:
    return build(
        Settings(
            database_url=ground.url,
            redis_url="none",
            secret_key_file=ground.key_file,
            allow_loopback_crm=True,
            lease_seconds=LEASE_SECONDS,
        )
    )


def environment(ground: Template, broker_url: str) -> dict[str, str]:
    return {
        "CRM_LOOP_DATABASE_URL": ground.url,
        "CRM_LOOP_REDIS_URL": broker_url,
        "CRM_LOOP_SECRET_KEY_FILE": str(ground.key_file),
        "CRM_LOOP_ALLOW_LOOPBACK_CRM": "1",
        "CRM_LOOP_LEASE_SECONDS": str(LEASE_SECONDS),
        "CRM_LOOP_WORKER_THREADS": "3",
        "PYTHONPATH": str(Path(__file__).parent),
    }


def _control(ground: Template, folder: Path, given: argparse.Namespace) -> list[str]:
    spec = {
        "database_url": ground.url,
        "key_file": str(ground.key_file),
        "owners": ground.owners,
        "done": str(folder / "done.db"),
        "records": max(200, round(given.duration * 3)),
        "pause": 0.05,
    }
    return ["rig.control", json.dumps(spec)]


def _emails(server: Server, ground: Template) -> dict[str, str]:
    """Somebody in each CRM who writes into records: the first of the world's people there."""
    people = json.loads(json.dumps(server.get("/__truth"))).get("people", {})
    known = people if isinstance(people, dict) else {}
    return {face: known.get(ground.owners[face], _someone(server)) for face in FACES}


def _someone(server: Server) -> str:
    from urllib.request import urlopen

    with urlopen(f"{server.url}/__truth?file=people.csv", timeout=30) as answer:
        return str(answer.read().decode().splitlines()[1].split(",")[0])


def _result(
    given: argparse.Namespace, server: Server, workload: Workload, storm: Storm, drained: float
) -> dict[str, Any]:
    entries = server.get("/__journal?limit=10000000")["entries"]
    counts = storm.counts
    return {
        "schema": 1,
        "seed": given.seed,
        "seconds": given.duration,
        "database": given.database,
        **judge(entries, workload.wishes),
        "kills": {
            "worker": counts["kill"],
            "stopped": counts["stop"],
            "redis_wipe": counts["wipe"],
            "control": counts["control_kill"],
        },
        "storm_seconds": round(storm.took, 1),
        "connection_cuts": counts["cut"],
        "faults": dict(sorted(storm.fired.items())),
        "drain_seconds": drained,
        "control": {"strategy": "create_then_mark", "duplicates": control_duplicates(entries)},
    }


def failures(result: dict[str, Any]) -> list[str]:
    nothing = ("duplicates", "lost", "stale", "unplanned_writes", "human_edits_overwritten")
    wrong = [f"{name}: {result[name]}" for name in nothing if result[name]]
    if result["drain_seconds"] > DRAIN_SECONDS:
        wrong.append(f"drained after {result['drain_seconds']} s")
    if result["kills"]["worker"] < MIN_KILLS:
        wrong.append("too few kills")
    silent = [kind for kind, count in result["faults"].items() if not count]
    if silent:
        wrong.append(f"never struck: {', '.join(silent)}")
    if result["control"]["duplicates"] < MIN_CONTROL:
        wrong.append("the control shows too few duplicates: the rig is blind")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duration", type=float, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--records", type=int, default=0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    result = chaos(parser.parse_args())
    wrong = failures(result)
    for line in wrong:
        print(line, file=sys.stderr)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result) + "\n", encoding="utf-8")
    print(json.dumps(result))
    return 5 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

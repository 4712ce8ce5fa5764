"""How fast the console answers: 2,000 reps, 18 months of weeks, seeded straight into the store.

Every page of the route table, as each role that may open it: p95 of 50 requests a page, warm, one
worker, on SQLite.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from console_world import NOW, ORGANISATION, WEEKS, seed
from starlette.testclient import TestClient

from crm_loop.access.roles import ConsoleRole
from crm_loop.bootstrap import App, build
from crm_loop.calendars import week_of
from crm_loop.console.command import spare_what_is_loaded
from crm_loop.console.routes import ROUTES
from crm_loop.console.serving import create
from crm_loop.settings import Settings

REQUESTS, TARGET_MS = 50, 300
OK = 200
#: Further along in long lists.
FAR = {"admin": ("/jobs?page=30", "/writes?tab=written&page=900", "/audit?page=900")}
#: For scripts, which wait: it follows every entry there is (the page does so in parts).
LONG = ("/api/v1/audit/verify",)
#: Who opens a page that several may: each of them sees another part of it.
ROLES = (ConsoleRole.MANAGER, ConsoleRole.REP, ConsoleRole.ADMIN)


def main() -> int:
    reps = int(os.environ.get("SCALE") or 2000)
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as app:
        began = time.perf_counter()
        seed(app, reps)
        print(
            f"seeded {reps} reps and {WEEKS} weeks in {time.perf_counter() - began:.0f} s",
            flush=True,
        )
        figures = measure(app)
    return report(figures, reps)


@contextmanager
def house(folder: Path) -> Iterator[App]:
    clock = folder / "clock"
    clock.write_text(NOW.isoformat(), encoding="utf-8")
    app = build(
        Settings(
            database_url=f"sqlite:///{folder / 'crm_loop.db'}",
            secret_key_file=folder / "key",
            clock_file=clock,
            redis_url="none",
            _env_file=None,  # type: ignore[call-arg]  # a setting of the library
        )
    )
    yield app
    app.close()


def measure(app: App) -> list[dict[str, Any]]:
    served = create(app)
    spare_what_is_loaded()
    seal = app.seal.fingerprint
    places = {
        "person": seal(f"person|{ORGANISATION}|r0@x.example"),
        "kpi": "meetings_held",
        "week": week_of(NOW.date()),
    }
    asked = {"/api/v1/explain": "?rep=r0@x.example&kpi=meetings_held"}
    found = []
    for role in ROLES:
        with app.look(ORGANISATION) as state:
            user = state.users.get(role.value)
        client = TestClient(served, base_url="http://127.0.0.1:8710")
        client.cookies.set("crm_loop_session", app.doorkeeper.open(user))
        paths = [
            one.path.format(**places) + asked.get(one.path, "")
            for one in ROUTES
            if one.is_safe
            and role in one.roles
            and "{name}" not in one.path
            and one.path not in LONG
        ]
        for path in (*paths, *FAR.get(role.value, ())):
            found += _timed(client, role.value, path, places["person"])
    return found


def _timed(client: TestClient, role: str, path: str, rep: str) -> list[dict[str, Any]]:
    """The page's figure; none where this house has no such page, which is said."""
    name, taken = f"{role} {path.replace(rep, 'REP')}", []
    first = client.get(path, follow_redirects=False).status_code
    if first != OK:
        print(f"{name:56} not measured: {first}", flush=True)
        return []
    for number in range(REQUESTS + 3):
        began = time.perf_counter()
        status = client.get(path).status_code
        if number >= 3:
            taken.append((time.perf_counter() - began) * 1000)
        assert status == OK, (path, status)
    p95 = statistics.quantiles(taken, n=20)[18]
    print(f"{name:56} p50 {statistics.median(taken):6.0f} ms  p95 {p95:6.0f} ms", flush=True)
    figure = {
        "id": name, "value": round(p95, 1), "unit": "ms", "target": TARGET_MS, "better": "lower",
        "met": p95 < TARGET_MS,
    }  # fmt: skip
    return [figure]


def report(figures: list[dict[str, Any]], reps: int) -> int:
    folder = Path("var/bench")
    folder.mkdir(parents=True, exist_ok=True)
    said = {"schema": 1, "bench": "console", "scale": reps, "cores": os.cpu_count(),
            "figures": figures, "raw": {"weeks": WEEKS, "requests": REQUESTS}}  # fmt: skip
    (folder / "console.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    missed = [one["id"] for one in figures if not one["met"]]
    print(f"{len(figures) - len(missed)} of {len(figures)} pages below {TARGET_MS} ms at p95")
    return 5 if missed and os.environ.get("CHECK") else 0


if __name__ == "__main__":
    sys.exit(main())

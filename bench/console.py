"""How fast the console answers: 2,000 reps, 18 months of weeks, seeded straight into the store.

Every page of the route table, as each role that may open it: p95 of 50 requests a page, warm, one
worker, on SQLite. Nothing is frozen of the months before: they are those of a house that has just
begun. PAGES=text measures only the pages whose name has that text in it.
"""

import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from console_world import NIGHTS, NOW, ORGANISATION, WEEKS, seed
from starlette.testclient import TestClient

from crm_loop.access.roles import ConsoleRole
from crm_loop.bootstrap import App, build
from crm_loop.calendars import week_of
from crm_loop.connector.contract import Connector
from crm_loop.console.command import spare_what_is_loaded
from crm_loop.console.route import Scope
from crm_loop.console.routes import ROUTES
from crm_loop.console.serving import create
from crm_loop.errors import Transient
from crm_loop.settings import Settings

REQUESTS, TARGET_MS = 50, 300
ONLY = os.environ.get("PAGES", "")
PERSON = re.compile(r"/people/\w{12,}")
OK = 200
EXPLAIN = "/api/v1/explain?rep=r0@x.example"
#: Further along in long lists, and numbers that were kept in other ways.
FAR = {
    "admin": ("/jobs?page=30", "/writes?tab=written&page=900", "/audit?page=900", "/users?page=90"),
    "operator": ("/jobs?page=30", "/writes?tab=written&page=900"),
    "auditor": ("/audit?page=900",),
    "manager": (f"{EXPLAIN}&kpi=bookings&period=2025-12", f"{EXPLAIN}&kpi=next_step_hygiene"),
}
#: For scripts, which wait: it follows every entry there is (the page does so in parts).
LONG = ("api_audit_verify",)
#: A number of a day that nobody measured is counted again of everybody's records: said, not held
#: against the limit.
COUNTED = f"{EXPLAIN}&kpi=meetings_held&as_of={NOW.date() - timedelta(days=2)}"
#: Who opens a page that several may: each of them sees another part of it.
ROLES = tuple(ConsoleRole)
#: Before anybody has signed in.
NOBODY = ""
#: What has to be said behind an address, by the name of its route.
ASKED = {
    "write_undo": f"?run={week_of(NOW.date())}",
    "api_explain": "?rep=r0@x.example&kpi=meetings_held",
    "connect": "?kind=salesforce",
    "api_waterfall": "?from={}&to={}".format(*NIGHTS),
}
#: Answers that are no page, by the name of their route: sent elsewhere, what nobody made, a
#: CRM that is away (what is measured is our part of it), an answer to no question of ours.
ANSWERS = {
    "home": 303, "welcome": 410, "oidc": 404, "oidc_return": 404, "certificate": 404,
    "consent_return": 409,
}  # fmt: skip


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
        ),
        connectors={"salesforce": _away},
    )
    yield app
    app.close()


def _away(*_arguments: object) -> Connector:
    """The CRM's own time to answer is not what is measured."""
    raise Transient("The CRM is away.")


def measure(app: App) -> list[dict[str, Any]]:
    served = create(app)
    spare_what_is_loaded()
    places = {
        "person": app.seal.fingerprint(f"person|{ORGANISATION}|r0@x.example"),
        "kpi": "meetings_held",
        "week": week_of(NOW.date()),
        "name": "salesforce",
        "kind": "hubspot",
        "secret": "unknown",
    }
    found = []
    for role in (*ROLES, NOBODY):
        client = TestClient(served, base_url="http://127.0.0.1:8710", follow_redirects=False)
        if role:
            with app.look(ORGANISATION) as state:
                user = state.users.get(role)
            client.cookies.set("crm_loop_session", app.doorkeeper.open(user))
        for one in ROUTES:
            # What is open to everybody is measured as nobody.
            mine = role in one.roles if role else one.scope is Scope.DOOR
            if one.is_safe and mine and one.name not in LONG:
                path = one.path.format(**places) + ASKED.get(one.name, "")
                if ONLY in path:
                    found.append(_timed(client, role, path, ANSWERS.get(one.name, OK)))
        found += [_timed(client, role, path, OK) for path in FAR.get(role, ()) if ONLY in path]
        if role == "manager" and ONLY in COUNTED:
            began = time.perf_counter()
            client.get(COUNTED)
            print(f"counted again: {time.perf_counter() - began:.1f} s", flush=True)
    return found


def _timed(client: TestClient, role: str, path: str, wanted: int) -> dict[str, Any]:
    """The page's figure; a page that does not answer as it should ends the bench."""
    name, taken = f"{role or 'nobody'} {PERSON.sub('/people/REP', path)}", []
    for number in range(REQUESTS + 3):
        began = time.perf_counter()
        status = client.get(path).status_code
        if number >= 3:
            taken.append((time.perf_counter() - began) * 1000)
        if status != wanted:
            raise SystemExit(f"{name} answered {status} instead of {wanted}")
    p95 = statistics.quantiles(taken, n=20)[18]
    print(f"{name:56} p50 {statistics.median(taken):6.0f} ms  p95 {p95:6.0f} ms", flush=True)
    return {
        "id": name, "value": round(p95, 1), "unit": "ms", "target": TARGET_MS, "better": "lower",
        "met": p95 < TARGET_MS,
    }  # fmt: skip


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

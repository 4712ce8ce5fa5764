"""How fast the sandbox's HubSpot face answers, so that it flatters or spoils no other bench.

`make bench-sandbox-hubspot SCALE=20` serves a world twenty times as large. Prints a table, writes
`var/bench/sandbox-hubspot.json`; with CHECK=1 a missed target exits 5.
"""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
RUNS = 30
DEALS = "/crm/objects/2026-03/deals"
CALLS = "/crm/objects/2026-03/calls"
NAMES = (
    "amount,amount_in_home_currency,closedate,createdate,deal_currency_code,dealname,dealstage,"
    "dealtype,hs_is_closed,hs_is_closed_won,hs_lastmodifieddate,hubspot_owner_id,pipeline"
)
HISTORY = "amount,closedate,dealstage,hubspot_owner_id"
#: Milliseconds of the median answer, wire included.
TARGETS = {"list_100_deals": 10.0, "list_50_with_history": 15.0, "search_window": 25.0}


@dataclass(frozen=True, slots=True)
class Face:
    """One kept-alive connection to a served sandbox."""

    connection: http.client.HTTPConnection
    token: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body)
        self.connection.request(method, path, sent, headers)
        answer = self.connection.getresponse()
        read = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path} was answered {answer.status}: {read[:200]!r}")
        return json.loads(read or b"null")

    def ids(self, path: str) -> list[dict[str, str]]:
        return [{"id": one["id"]} for one in self.ask("GET", f"{path}?limit=100")["results"]]

    def total(self, kind: str) -> int:
        found = self.ask("POST", f"/crm/objects/2026-03/{kind}/search", {"limit": 1})
        return int(found["total"])


def window(low: int, high: int) -> dict[str, Any]:
    """A keyset search for what changed in a window."""
    changed = {"propertyName": "hs_lastmodifieddate", "operator": "BETWEEN"}
    above = {"propertyName": "hs_object_id", "operator": "GT", "value": "0"}
    filters = [changed | {"value": str(low), "highValue": str(high)}, above]
    sorts = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    return {"filterGroups": [{"filters": filters}], "sorts": sorts, "limit": 200}


def asked(face: Face) -> dict[str, Callable[[], Any]]:
    """Every kind of call that a connector makes often."""
    deals, calls = face.ids(DEALS), face.ids(CALLS)
    task = {"properties": {"hs_timestamp": "2026-06-20T00:00:00Z", "hs_task_subject": "x"}}
    day = 86_400_000
    now = int(time.time() * 1000)
    reads = {"properties": NAMES.split(","), "inputs": deals}
    joined = "/crm/associations/2026-03/calls/deals/batch/read"
    return {
        "list_100_deals": lambda: face.ask("GET", f"{DEALS}?limit=100&properties={NAMES}"),
        "list_50_with_history": lambda: face.ask(
            "GET", f"{DEALS}?limit=50&propertiesWithHistory={HISTORY}"
        ),
        "list_100_with_links": lambda: face.ask(
            "GET", f"{DEALS}?limit=100&associations=contacts,companies"
        ),
        "batch_read_100": lambda: face.ask("POST", f"{DEALS}/batch/read", reads),
        "links_of_100_calls": lambda: face.ask("POST", joined, {"inputs": calls}),
        "search_window": lambda: face.ask("POST", f"{CALLS}/search", window(0, now + day)),
        "create_100_tasks": lambda: face.ask(
            "POST", "/crm/objects/2026-03/tasks/batch/create", {"inputs": [task] * 100}
        ),
    }


def timed(call: Callable[[], Any]) -> float:
    """Milliseconds of the median call."""
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return round(median(taken), 2)


def memory_mb(pid: int) -> float | None:
    """Resident memory; None where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return None
    line = next(one for one in status.read_text().splitlines() if one.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)


def figure(name: str, value: float | None, unit: str) -> dict[str, Any]:
    target = TARGETS.get(name)
    met = None if target is None or value is None else value <= target
    return {"id": name, "value": value, "unit": unit, "target": target, "better": "lower",
            "met": met}  # fmt: skip


def measured(scale: str) -> tuple[list[dict[str, Any]], dict[str, int]]:
    options = ["--port", "0", "--scale", scale, "--rate-limits", "off", "--faces", "both"]
    began = time.perf_counter()
    served = subprocess.Popen(
        [sys.executable, "-m", "crm_loop_sandbox.cli", "serve", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if served.stdout is None:
            raise SystemExit("the sandbox does not say where it listens")
        host = json.loads(served.stdout.readline())["url"].partition("//")[2]
        started = round(time.perf_counter() - began, 1)
        connection = http.client.HTTPConnection(host)
        token = Face(connection, "").ask("GET", "/__access")["hubspot"]["access_token"]
        face = Face(connection, token)
        rows = {kind: face.total(kind) for kind in ("deals", "calls", "meetings", "emails")}
        figures = [figure(name, timed(call), "ms") for name, call in asked(face).items()]
        figures += [figure("start", started, "s")]
        figures += [figure("memory_of_both_faces", memory_mb(served.pid), "MB")]
        return figures, rows
    finally:
        served.terminate()
        served.wait()


def main() -> int:
    scale = os.environ.get("SCALE") or "1"
    figures, rows = measured(scale)
    for one in figures:
        target = "" if one["target"] is None else f"  (at most {one['target']:g})"
        sys.stdout.write(f"{one['id']:24} {one['value']!s:>10} {one['unit']}{target}\n")
    folder = ROOT / "var/bench"
    folder.mkdir(parents=True, exist_ok=True)
    report = {
        "schema": 1,
        "bench": "sandbox-hubspot",
        "scale": scale,
        "cores": os.cpu_count(),
        "figures": figures,
        "raw": {"rows": rows},
    }
    (folder / "sandbox-hubspot.json").write_text(json.dumps(report, indent=1) + "\n")
    missed = any(one["met"] is False for one in figures)
    return 5 if missed and os.environ.get("CHECK") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())

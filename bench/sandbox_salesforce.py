"""How fast a large sandbox starts and answers: prints and writes var/bench/sandbox-salesforce.json.

Usage: python bench/sandbox_salesforce.py [SCALE]; with CHECK=1 a missed target exits with 5.
Processor time is what counts where a machine is shared; the time on the wall is printed beside it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

#: At this scale both faces together hold a million rows.
MILLION = 36
TICKS = os.sysconf("SC_CLK_TCK")
FIELDS = (
    "Id, OwnerId, WhatId, WhoId, Subject, ActivityDate, Status, IsClosed, CreatedDate, "
    "SystemModstamp, TaskSubtype, CallDurationInSeconds, AccountId, IsDeleted, CompletedDateTime"
)
TABLES = ("Opportunity", "OpportunityHistory", "Task", "Event", "EmailMessage", "Quote",
          "OpportunitySplit", "OpportunityContactRole")  # fmt: skip
TARGETS = {"start_seconds": 60.0, "resident_mib": 2048.0, "page_cpu_ms": 15.0,
           "window_cpu_ms": 15.0, "bulk_cpu_ms_per_2000": 15.0}  # fmt: skip


class Served:
    """A sandbox of its own, and what it has used so far."""

    def __init__(self, child: subprocess.Popen[str], url: str) -> None:
        self.child = child
        self.url = url
        self.base = f"{url}/services/data/v67.0"
        access = requests.get(f"{url}/__access", timeout=60).json()["salesforce"]
        form = {name: access[name] for name in ("client_id", "client_secret")}
        form["grant_type"] = "client_credentials"
        token = requests.post(f"{url}/services/oauth2/token", form, timeout=60).json()
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token['access_token']}"

    def cpu(self) -> float:
        """Seconds of processor time."""
        parts = Path(f"/proc/{self.child.pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
        return (int(parts[11]) + int(parts[12])) / TICKS

    def resident_mib(self) -> float:
        """The most that was resident at any time."""
        status = Path(f"/proc/{self.child.pid}/status").read_text("ascii")
        line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def get(self, path: str, **params: Any) -> Any:
        answer = self.http.get(f"{self.base}/{path}", params=params, timeout=300)
        answer.raise_for_status()
        return answer

    def each(self, act: Callable[[], Any], times: int) -> float:
        """Milliseconds of processor time a call."""
        act()
        begin = self.cpu()
        for _ in range(times):
            act()
        return (self.cpu() - begin) * 1000 / times


@contextmanager
def served(scale: int) -> Iterator[Served]:
    command = [sys.executable, "-m", "crm_loop_sandbox.cli", "serve", "--port", "0", "--scale",
               str(scale), "--rate-limits", "off"]  # fmt: skip
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield Served(child, json.loads(child.stdout.readline())["url"])
    finally:
        child.terminate()
        child.wait(30)


def bulk(org: Served) -> tuple[int, float]:
    """Rows of a job over all tasks, and milliseconds of processor time for 2,000 of them."""
    begin = org.cpu()
    body = {"operation": "queryAll", "query": f"SELECT {FIELDS} FROM Task"}
    job = org.http.post(f"{org.base}/jobs/query", json=body, timeout=300).json()["id"]
    while org.get(f"jobs/query/{job}").json()["state"] != "JobComplete":
        time.sleep(0.2)
    rows, locator = 0, ""
    while locator != "null":
        page = org.get(f"jobs/query/{job}/results", maxRecords=25_000, locator=locator)
        rows += int(page.headers["Sforce-NumberOfRecords"])
        locator = page.headers["Sforce-Locator"]
    return rows, (org.cpu() - begin) * 1000 / rows * 2000


def measured(scale: int) -> dict[str, float]:
    began = time.perf_counter()
    with served(scale) as org:
        found = {"start_seconds": time.perf_counter() - began, "start_cpu_seconds": org.cpu()}
        counts = [org.get("query", q=f"SELECT COUNT() FROM {name}").json() for name in TABLES]
        found["salesforce_rows"] = sum(count["totalSize"] for count in counts)
        query = f"SELECT {FIELDS} FROM Task"
        locator = org.get("query", q=f"{query} ORDER BY SystemModstamp, Id").json()
        page = locator["nextRecordsUrl"].split("/", 4)[4]
        found["page_cpu_ms"] = org.each(lambda: org.get(page), 30)
        window = (
            f"{query} WHERE SystemModstamp >= 2026-06-04T00:00:00Z "
            "AND SystemModstamp < 2026-06-04T06:00:00Z ORDER BY SystemModstamp, Id"
        )
        found["window_cpu_ms"] = org.each(lambda: org.get("query", q=window), 20)
        found["bulk_rows"], found["bulk_cpu_ms_per_2000"] = bulk(org)
        found["resident_mib"] = org.resident_mib()
    return {name: round(value, 2) for name, value in found.items()}


def main() -> int:
    scale = int(sys.argv[1]) if len(sys.argv) > 1 else MILLION
    raw = measured(scale)
    figures = [
        {"id": name, "value": raw[name], "unit": name.rsplit("_", 1)[-1], "target": target,
         "better": "lower", "met": raw[name] <= target}
        for name, target in TARGETS.items()
    ]  # fmt: skip
    report = {"schema": 1, "bench": "sandbox-salesforce", "scale": scale, "cores": os.cpu_count(),
              "figures": figures, "raw": raw}  # fmt: skip
    place = Path("var/bench/sandbox-salesforce.json")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(report, indent=1), "utf-8")
    lines = [f"{name:24}{value:>14,}" for name, value in raw.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    missed = not all(figure["met"] for figure in figures)
    return 5 if missed and os.environ.get("CHECK") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())

"""Measure our HubSpot connector on a large portal; prints a table and writes JSON.

SCALE=full measures five times the size, SCALE=0.1 a tenth; CHECK=1 ends with 5 when a target was
missed. PARTS=free,all,share names what to measure: without limits, with all of what a portal
permits, with our own share of it and what follows the first load.

The limits are kept in real time: a portal of SCALE=1 takes some 1,500 calls to load, which are
80 seconds at the pace that a Professional portal permits and 130 at our share of it; with the
script that is compared with, all parts take about eight minutes, those of SCALE=full over half an
hour. Each part is printed when it is over.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import requests

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
DEALS, ACTIVITIES, TASKS = 20_000, 60_000, 10_000
FULL = 5.0
LATENCY_MS = 80
V = "2026-03"
#: Calls a second that a Professional portal allows an app; searches are counted apart.
PERMITTED = 19.0
DEFAULT_SHARE = 0.6
MISSED = 5


@dataclass(frozen=True)
class Figure:
    """One measured number; `met` is None where nothing was promised."""

    id: str
    value: float
    unit: str
    target: float | None
    better: str
    met: bool | None


def figure(name: str, value: float, unit: str, target: float | None, better: str) -> Figure:
    met = None
    if target is not None:
        met = value >= target if better == "higher" else value <= target
    return Figure(name, round(value, 3), unit, target, better, met)


class Served:
    """A sandbox of a size, and its log."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token = self.get("/__access")["hubspot"]["access_token"]

    def get(self, path: str) -> Any:
        return requests.get(self.url + path, timeout=600).json()

    def post(self, path: str, value: Any = None) -> Any:
        return requests.post(self.url + path, json=value or {}, timeout=600).json()

    def calls(self, part: str = "") -> int:
        return sum(number for call, number in self.get("/__log").items() if part in call)

    def touch(self, kind: str, share: float, **properties: str) -> int:
        """Change a share of the records as somebody's import would; how many those were."""
        ids = self._ids(kind)
        changed = ids[: int(len(ids) * share)]
        for start in range(0, len(changed), 100):
            inputs = [{"id": one, "properties": properties} for one in changed[start : start + 100]]
            self._api("POST", f"{kind}/batch/update", {"inputs": inputs})
        return len(changed)

    def _ids(self, kind: str) -> list[str]:
        ids, after = [], "0"
        while after:
            page = self._api("GET", f"{kind}?limit=100&after={after}")
            ids += [row["id"] for row in page["results"]]
            after = page.get("paging", {}).get("next", {}).get("after")
        return ids

    def _api(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.url}/crm/objects/{V}/{path}"
        return requests.request(method, url, json=body, headers=headers, timeout=600).json()


@contextmanager
def served(scale: float, *, limited: bool) -> Iterator[Served]:
    size = [str(int(DEALS * scale)), str(int(ACTIVITIES * scale)), str(LATENCY_MS)]
    command = [sys.executable, str(HERE / "big_portal.py"), *size, str(int(limited))]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if child.stdout is None:
            raise RuntimeError(command)
        yield Served(json.loads(child.stdout.readline())["url"])
    finally:
        child.terminate()
        child.wait(30)


def run(script: str, *arguments: str) -> dict[str, Any]:
    """What a process of its own says of what it did."""
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout))


def read(sandbox: Served, store: Path, *, share: float | None, keep: bool) -> dict[str, Any]:
    """A pull of everything that is due, and the calls that the sandbox counted."""
    sandbox.post("/__log/reset")
    wanted = {"url": sandbox.url, "token": sandbox.token, "store": str(store), "keep": keep}
    told = run("read.py", json.dumps(wanted | {"share": share}))
    calls, searches = sandbox.calls(), sandbox.calls("/search")
    return told | {"calls": calls, "searches": searches}


def without_limits(scale: float, folder: Path, raw: dict[str, Any]) -> list[Figure]:
    """Our first load against a plain script, and many tasks."""
    with served(scale, limited=False) as sandbox:
        raw["plain"] = run("baseline.py", sandbox.url, sandbox.token)
        raw["load"] = read(sandbox, folder / "free.db", share=None, keep=False)
        sandbox.post("/__log/reset")
        raw["tasks"] = run("tasks.py", sandbox.url, sandbox.token, str(int(TASKS * min(scale, 1))))
        creating = sandbox.calls("tasks/batch/create")
    faster = raw["plain"]["seconds"] / raw["load"]["seconds"]
    most = 115 * min(scale, 1) if scale < 1 else 115
    return [
        figure("first_load_against_get_all", faster, "times as fast", 3, "higher"),
        figure("creating_calls_of_the_tasks", creating, "calls", most, "lower"),
    ]


def with_limits(
    scale: float, folder: Path, raw: dict[str, Any], *, name: str, share: float
) -> list[Figure]:
    """How much of what is permitted is used; with our own share, a normal pull as well."""
    with served(scale, limited=True) as sandbox:
        store = folder / f"{name}.db"
        told = raw[name] = read(sandbox, store, share=share, keep=name == "share")
        used = (told["calls"] - told["searches"]) / told["seconds"] / (PERMITTED * share)
        refused = told["statuses"].get("429", 0)
        figures = [
            figure(f"used_of_{name}", used, "of the permitted calls a second", 0.9, "higher"),
            figure(f"refused_at_{name}", refused, "answers 429", 0, "lower"),
        ]
        return figures + later(sandbox, store, raw) if name == "share" else figures


def later(sandbox: Served, store: Path, raw: dict[str, Any]) -> list[Figure]:
    """A normal pull after one per cent has changed."""
    sandbox.post("/__clock", {"advance_days": 1})
    read(sandbox, store, share=DEFAULT_SHARE, keep=True)
    sandbox.post("/__clock", {"advance_days": 1})
    sandbox.touch("deals", 0.01, amount="4321000")
    for kind in ("calls", "meetings", "emails"):
        sandbox.touch(kind, 0.01, hs_timestamp="2026-06-01T01:00:00Z")
    sandbox.post("/__clock", {"advance_days": 1})
    raw["later"] = read(sandbox, store, share=DEFAULT_SHARE, keep=True)
    most = 0.05 * raw["share"]["calls"] + 30
    return [
        figure("calls_of_a_normal_pull", raw["later"]["calls"], "calls", most, "lower"),
        figure("memory_of_the_first_load", raw["share"]["peak_mb"], "MB", 300, "lower"),
    ]


def main() -> int:
    """Measure, print, write; 5 when CHECK is set and a target was missed."""
    asked = os.environ.get("SCALE") or "1"
    scale = FULL if asked == "full" else float(asked)
    raw: dict[str, Any] = {}
    parts = {
        "free": without_limits,
        "all": partial(with_limits, name="all", share=1.0),
        "share": partial(with_limits, name="share", share=DEFAULT_SHARE),
    }
    wanted = (os.environ.get("PARTS") or ",".join(parts)).split(",")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted:
            found = parts[name](scale, Path(folder), raw)
            figures += found
            show(found)
            keep(scale, figures, raw)
    missed = any(one.met is False for one in figures)
    return MISSED if missed and os.environ.get("CHECK") == "1" else 0


def keep(scale: float, figures: list[Figure], raw: dict[str, Any]) -> None:
    """Write what has been measured so far."""
    told = {
        "schema": 1,
        "bench": "hubspot",
        "scale": scale,
        "cores": os.cpu_count(),
        "figures": [asdict(one) for one in figures],
        "raw": raw,
    }
    target = ROOT / "var" / "bench" / "hubspot.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")


def show(figures: list[Figure]) -> None:
    for one in figures:
        mark = {True: "met", False: "MISSED", None: ""}[one.met]
        line = f"{one.id:32}{one.value:>10} {one.unit:34}{one.target or 0:>8} {mark}\n"
        sys.stdout.write(line)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

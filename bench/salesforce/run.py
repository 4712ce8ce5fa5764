"""Measure our Salesforce connector on a large org; prints a table and writes JSON.

SCALE=0.1 measures a tenth of the size, CHECK=1 ends with 5 when a target was missed.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
FULL = {"Opportunity": 100_000, "OpportunityHistory": 300_000, "Event": 150_000, "Task": 350_000}
LATENCY_MS, BULK_SECONDS = 80, 2.0
#: Rows of one result page and of one query page.
BULK_PAGE, PAGE = 25_000, 2_000
TASKS = 10_000
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
    """A sandbox of a size, its log, its clock and its processor time."""

    def __init__(self, child: "subprocess.Popen[str]", url: str) -> None:
        self.child = child
        self.url = url
        access = self.get("/__access")["salesforce"]
        self.credentials = {name: access[name] for name in ("client_id", "client_secret")}
        user = self.get(f"/__access?user={access['username']}")
        self.token = user["salesforce"]["access_token"]

    def get(self, path: str) -> Any:
        return requests.get(self.url + path, timeout=600).json()

    def post(self, path: str, value: Any = None) -> Any:
        return requests.post(self.url + path, json=value or {}, timeout=600).json()

    def calls(self, part: str = "") -> int:
        return sum(number for call, number in self.get("/__log").items() if part in call)

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.child.pid}/stat").read_text("ascii").split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def rows(self, table: str, count: int) -> list[str]:
        query = f"SELECT Id FROM {table} LIMIT {count}"
        answer = self._api("GET", "query", params={"q": query})
        return [row["Id"] for row in answer["records"]]

    def touch(self, table: str, ids: list[str], **fields: Any) -> None:
        """Change rows as somebody's data loader would."""
        for start in range(0, len(ids), 200):
            records = [
                {"attributes": {"type": table}, "Id": one, **fields}
                for one in ids[start : start + 200]
            ]
            self._api("PATCH", "composite/sobjects", json={"records": records})

    def _api(self, method: str, path: str, **options: Any) -> Any:
        return requests.request(
            method,
            f"{self.url}/services/data/v67.0/{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=600,
            **options,
        ).json()


@contextmanager
def served(scale: float) -> Iterator[Served]:
    wanted = {name: int(count * scale) for name, count in FULL.items()}
    command = [sys.executable, HERE / "big_org.py", json.dumps(wanted), str(LATENCY_MS),
               str(BULK_SECONDS)]  # fmt: skip
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if child.stdout is None:
            raise RuntimeError(command)
        yield Served(child, json.loads(child.stdout.readline())["url"])
    finally:
        child.terminate()
        child.wait(30)


def run(script: str, *arguments: str) -> dict[str, Any]:
    """What a process of its own says of what it did."""
    command = [sys.executable, HERE / script, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout))


def load(sandbox: Served, store: Path) -> dict[str, Any]:
    sandbox.post("/__log/reset")
    told = run("load.py", sandbox.url, json.dumps(sandbox.credentials), str(store))
    return told | {"calls": sandbox.calls(), "log": sandbox.get("/__log")}


def first_load(sandbox: Served, store: Path, rows: Mapping[str, int]) -> tuple[list[Figure], Any]:
    before = sandbox.cpu_seconds()
    sandbox.post("/__log/reset")
    plain = run("baseline.py", sandbox.url, sandbox.token)
    cpu = (sandbox.cpu_seconds() - before) * 1000 / max(1, sandbox.calls(" /services/"))
    ours = load(sandbox, store)
    # Tasks are read twice: as activities and as things to do.
    allowed = sum(4 + math.ceil(count / BULK_PAGE) for count in (*rows.values(), 0))
    jobs = len(rows) + 1
    figures = [
        figure("load_speedup", plain["seconds"] / ours["seconds"], "times", 4.0, "higher"),
        figure("load_seconds", ours["seconds"], "s", None, "lower"),
        figure("load_cpu_seconds", ours["cpu_seconds"], "s", None, "lower"),
        figure("plain_seconds", plain["seconds"], "s", None, "lower"),
        figure("load_calls", ours["calls"], "calls", 1.15 * allowed + 3 * jobs + 40, "lower"),
        figure("load_peak_memory", ours["peak_mb"], "MB", 300, "lower"),
        figure("sandbox_cpu_per_page", cpu, "ms", 15, "lower"),
    ]
    return figures, {"plain": plain, "load": ours}


def a_week(sandbox: Served, store: Path, rows: Mapping[str, int]) -> tuple[list[Figure], Any]:
    sandbox.post("/__clock", {"advance_days": 1})
    settled = load(sandbox, store)
    fields = {"Opportunity": {"NextStep": "見積"}, "Event": {"Location": "東京"},
              "Task": {"Priority": "High"}}  # fmt: skip
    changed = {table: rows[table] // 100 for table in fields}
    for table, values in fields.items():
        sandbox.touch(table, sandbox.rows(table, changed[table]), **values)
    sandbox.post("/__clock", {"advance_days": 5})
    week = load(sandbox, store)
    sandbox.post("/__clock", {"advance_days": 1.5})
    sweep = load(sandbox, store)
    allowed = sum(math.ceil(count / PAGE) for count in changed.values())
    figures = [
        figure("week_calls", week["calls"], "calls", allowed + 40, "lower"),
        figure("sweep_calls", sweep["calls"] - settled["calls"], "calls", 30, "lower"),
    ]
    return figures, {"settled": settled, "week": week, "sweep": sweep}


def many_tasks(sandbox: Served, scale: float) -> tuple[list[Figure], Any]:
    sandbox.post("/__log/reset")
    wanted = max(200, int(TASKS * scale))
    told = run("tasks.py", sandbox.url, json.dumps(sandbox.credentials), str(wanted))
    creating = sandbox.calls("POST /services/data/{v}/composite/sobjects")
    figures = [
        figure("task_creating_calls", creating, "calls", wanted / 200 + 5, "lower"),
        figure("task_other_calls", sandbox.calls() - creating, "calls", None, "lower"),
        figure("task_seconds", told["seconds"], "s", None, "lower"),
    ]
    return figures, told


def main() -> int:
    scale = float(os.environ.get("SCALE") or 1)
    rows = {name: int(count * scale) for name, count in FULL.items()}
    raw: dict[str, Any] = {"rows": rows}
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        with served(scale) as sandbox:
            for name, measure in (
                ("load", lambda: first_load(sandbox, store / "big.db", rows)),
                ("week", lambda: a_week(sandbox, store / "big.db", rows)),
                ("tasks", lambda: many_tasks(sandbox, scale)),
            ):
                found, raw[name] = measure()
                figures += found
                show(found)
        with served(scale / 10) as sandbox:
            raw["tenth"] = load(sandbox, store / "small.db")
    growth = raw["load"]["load"]["peak_mb"] - raw["tenth"]["peak_mb"]
    figures.append(figure("load_memory_growth", growth, "MB", 30, "lower"))
    show(figures[-1:])
    return tell(figures, raw, scale)


def show(figures: list[Figure]) -> None:
    """Each as soon as it is known."""
    words = {True: "met", False: "missed", None: ""}
    for one in figures:
        target = "" if one.target is None else f"{one.better} than {one.target:g}"
        line = f"{one.id:24}{one.value:>12,.2f} {one.unit:6} {target:22}{words[one.met]}"
        sys.stdout.write(line.rstrip() + "\n")
    sys.stdout.flush()


def tell(figures: list[Figure], raw: Mapping[str, Any], scale: float) -> int:
    told = {
        "schema": 1,
        "bench": "salesforce",
        "scale": scale,
        "cores": os.cpu_count(),
        "figures": [asdict(one) for one in figures],
        "raw": raw,
    }
    file = ROOT / "var" / "bench" / "salesforce.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    missed = any(one.met is False for one in figures)
    return MISSED if missed and os.environ.get("CHECK") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())

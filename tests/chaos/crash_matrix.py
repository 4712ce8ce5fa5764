"""`make crash-matrix`: a real worker dies at every point, on both databases and both faces.

Exit 5 when a case does not hold. MODES=kill is what CI runs; all: kill,exit,stop,broker (the
last: killed, with a broker that rings for the jobs). PORTAL=property and PORTAL=body run HubSpot
alone, in a free portal: our key stands in a property that may hold the same value twice, or in the
text's last line.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from queue import Queue
from typing import Any

from rig.case import LEASE_SECONDS, Case, Result, run
from rig.database import postgres
from rig.ground import FACES, Server, Template, sandbox, template
from rig.points import POINTS

MODES = ("kill", "exit", "stop", "broker")
#: What is served and what an admin has set, by where our key stands in HubSpot.
PORTALS: Mapping[str, tuple[Mapping[str, str], Mapping[str, Any]]] = {
    "unique": ({}, {}),
    "property": ({"tier": "free"}, {"key_property": True}),
    "body": ({"tier": "free"}, {}),
}
OUT = Path("var/crash-matrix/result.json")


def cases(modes: Sequence[str], points: Sequence[str], *, lease: float, portal: str) -> list[Case]:
    chosen = [point for point in POINTS if not points or point.name in points]
    faces = FACES if portal == "unique" else ("hubspot",)
    places = [(point, face) for point in chosen for face in faces]
    return [
        Case(*place, broker=True, lease=lease)
        if mode == "broker"
        else Case(*place, mode, lease=lease)
        for mode in modes
        for place in places
    ]


def modes_of(text: str) -> list[str]:
    modes = text.split(",")
    if unknown := set(modes) - set(MODES):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not of {MODES}")
    return modes


def matrix(
    wanted: Sequence[Case], databases: Sequence[str], width: int, portal: str
) -> list[Result]:
    """Every case on every database; so many at a time, each line with a sandbox of its own."""
    served, settings = PORTALS[portal]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crash-")))
        server_url = stack.enter_context(postgres()) if "postgresql" in databases else ""
        lines: Queue[tuple[Server, dict[str, Template]]] = Queue()
        for number in range(width):
            own = folder / str(number)
            own.mkdir()
            server = stack.enter_context(sandbox(reps=4, weeks=1, rate_limits="off", **served))
            urls = {"sqlite": f"sqlite:///{own / 'template.db'}", "postgresql": server_url}
            grounds = {name: template(urls[name], own, server, **settings) for name in databases}
            lines.put((server, grounds))

        def one(case: Case, database: str) -> Result:
            server, grounds = lines.get()
            try:
                result = run(case, server, grounds[database], folder)
            finally:
                server.clear_faults()
                lines.put((server, grounds))
            _tell(result)
            return result

        with ThreadPoolExecutor(width) as pool:
            jobs = [pool.submit(one, case, name) for case in wanted for name in databases]
            return [job.result() for job in jobs]


def _tell(result: Result) -> None:
    mark = "ok  " if result.holds else "FAIL"
    died = "" if result.died else " (it did not die)"
    line = f"{mark} {result.point:4} {result.face:10} {result.database:10} {result.mode:4}"
    print(f"{line} {result.seconds:5.1f} s{died} {'; '.join(result.wrong)}", file=sys.stderr)


def table(results: Sequence[Result]) -> str:
    what = {point.name: point.what for point in POINTS}
    lines = ["| point | what happens | cases | hold |", "|---|---|---|---|"]
    for point in POINTS:
        own = [result for result in results if result.point == point.name]
        if own:
            hold = sum(result.holds for result in own)
            lines.append(f"| {point.name} | {what[point.name]} | {len(own)} | {hold} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modes", type=modes_of, default=list(MODES))
    parser.add_argument("--points", default="")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--lease", type=float, default=LEASE_SECONDS, help="Seconds.")
    parser.add_argument("--portal", choices=sorted(PORTALS), default="unique")
    parser.add_argument("--width", type=int, default=min(3, (os.cpu_count() or 1) + 1))
    given = parser.parse_args()
    began = time.monotonic()
    points = [name for name in given.points.split(",") if name]
    wanted = cases(given.modes, points, lease=given.lease, portal=given.portal)
    results = matrix(wanted, given.databases.split(","), given.width, given.portal)
    failed = [result for result in results if not result.holds]
    summary: dict[str, Any] = {
        "schema": 1,
        "cases": len(results),
        "hold": len(results) - len(failed),
        "seconds": round(time.monotonic() - began, 1),
        "failed": [asdict(result) for result in failed],
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print(table(results))
    print(json.dumps({name: summary[name] for name in ("cases", "hold", "seconds")}))
    return 5 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

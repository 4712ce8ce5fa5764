"""`make soak MINUTES=20`: does a worker that writes without a break grow.

Memory, open files, threads and the write-ahead log, sampled every few seconds; exit 5 when memory
grows by more than a hundredth an hour after the warm-up, or files, threads or the log do not level.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chaos import a_house, environment
from rig.ground import FACES, ORGANISATION, sandbox, template
from rig.storm import Crew
from rig.verdict import judge
from rig.workload import Workload

from crm_loop.loop_records import WriteState

OUT = Path("var/soak/result.json")
EVERY_SECONDS = 5.0
#: What a process loads and keeps at its beginning is no growth.
WARM_UP = 0.4
#: What a machine of two cores does at leisure; one that does much besides falls behind.
WRITES_A_SECOND = 20.0
PERCENT_AN_HOUR = 1.0
#: Growth is told by a slope; less than this between the halves of the time is noise.
NOISE_MB = 4.0
LOG_MB = 64.0
#: So many files or threads more are one batch that was under way, no growth.
SPARE = 2
MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """The worker and its database at one moment; megabytes."""

    at: float
    rss: float
    files: int
    threads: int
    database: float
    log: float
    kinds: dict[str, int]


def sample(pid: int, file: Path, at: float) -> Sample:
    fields = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    )
    log = Path(f"{file}-wal")
    return Sample(
        at=round(at, 1),
        rss=round(int(fields["VmRSS"].split()[0]) / 1024, 2),
        files=sum((kinds := open_files(pid, file)).values()),
        threads=int(fields["Threads"]),
        database=round(file.stat().st_size / MB, 2),
        log=round(log.stat().st_size / MB, 2) if log.exists() else 0.0,
        kinds=kinds,
    )


def open_files(pid: int, database: Path) -> dict[str, int]:
    """How many files of each kind a process holds open."""
    kinds: Counter[str] = Counter()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            # One that is closed while we look is not open.
            place = str(one.readlink())
            ours = place.startswith(str(database))
            kinds["database" if ours else place.partition(":")[0].rpartition("/")[2]] += 1
    return dict(sorted(kinds.items()))


def soak(minutes: float, rate: float) -> dict[str, Any]:
    seconds = minutes * 60
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as name,
        sandbox(reps=4, weeks=1, rate_limits="off", latency_ms=20) as server,
    ):
        folder = Path(name)
        file = folder / "crm_loop.db"
        ground = template(f"sqlite:///{file}", folder, server)
        app = a_house(ground)
        crew = Crew(app, environment(ground, "none"), folder / "workers.log", [])
        crew.commands = [["crm_loop", "worker"]]
        records = round(seconds * rate)
        emails = dict.fromkeys(FACES, "")
        workload = Workload(app, server, ground.owners, emails, records, seconds, random.Random(7))
        crew.start()
        samples = _work(crew.running[0], workload, seconds, file)
        left = _finish(workload)
        crew.stop()
        entries = server.get("/__journal?limit=10000000")["entries"]
        app.close()
    return {
        "schema": 1,
        "minutes": minutes,
        "writes_a_second": rate,
        "left": left,
        **judge(entries, workload.wishes),
        **growth(samples),
        "samples": [asdict(one) for one in samples],
    }


def _work(
    worker: "subprocess.Popen[bytes]", workload: Workload, seconds: float, file: Path
) -> list[Sample]:
    """New wishes all the time, each batch said once; a sample now and then."""
    began = sampled = time.monotonic()
    samples = []
    while (passed := time.monotonic() - began) < seconds:
        workload.add_until(passed / seconds)
        if time.monotonic() - sampled >= EVERY_SECONDS:
            sampled = time.monotonic()
            samples.append(sample(worker.pid, file, passed))
        time.sleep(0.5)
    return samples


def _finish(workload: Workload) -> int:
    """Wait for the last ones; how many are not written."""
    until = time.monotonic() + 120
    workload.add_until(1.0)
    while time.monotonic() < until:
        with workload.app.begin(ORGANISATION) as state:
            rows = state.writes.rows()
        left = sum(row.state is not WriteState.CONFIRMED for row in rows)
        if not left:
            return 0
        time.sleep(1)
    return left


def growth(samples: Sequence[Sample]) -> dict[str, Any]:
    """What grew after the warm-up."""
    kept = samples[round(len(samples) * WARM_UP) :]
    slope, _ = statistics.linear_regression([one.at for one in kept], [one.rss for one in kept])
    half = len(kept) // 2
    early, late = kept[:half], kept[half:]
    return {
        "rss_mb": {"first": kept[0].rss, "last": kept[-1].rss},
        "rss_percent_an_hour": round(slope * 3600 / _mean_rss(kept) * 100, 2),
        "rss_between_halves_mb": round(
            statistics.fmean(one.rss for one in late) - statistics.fmean(one.rss for one in early),
            2,
        ),
        "files": {"early": max(one.files for one in early), "late": max(one.files for one in late)},
        "threads": {
            "early": max(one.threads for one in early),
            "late": max(one.threads for one in late),
        },
        "database_mb": kept[-1].database,
        "log_mb": max(one.log for one in kept),
    }


def _mean_rss(samples: Sequence[Sample]) -> float:
    return statistics.fmean(one.rss for one in samples)


def failures(result: dict[str, Any]) -> list[str]:
    wrong = [f"{name}: {result[name]}" for name in ("duplicates", "lost", "left") if result[name]]
    grows = result["rss_percent_an_hour"] > PERCENT_AN_HOUR
    if grows and result["rss_between_halves_mb"] > NOISE_MB:
        wrong.append(f"memory grows by {result['rss_percent_an_hour']} % an hour")
    wrong += [
        f"{name} grow"
        for name in ("files", "threads")
        if result[name]["late"] > result[name]["early"] + 2
    ]
    if result["log_mb"] > LOG_MB:
        wrong.append(f"the write-ahead log has {result['log_mb']} MB")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rate", type=float, default=WRITES_A_SECOND, help="Writes a second.")
    given = parser.parse_args()
    result = soak(given.minutes, given.rate)
    wrong = failures(result)
    for line in wrong:
        print(line, file=sys.stderr)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result) + "\n", encoding="utf-8")
    print(json.dumps({name: value for name, value in result.items() if name != "samples"}))
    return 5 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""`make bench-agenda [SCALE=10000]`: from findings in the store to both copies of each memo.

No CRM, no measuring: topics chosen, steps suggested, texts written in each reader's language,
checked, committed to a database on disk, and drawn as HTML. Two thirds of the 1on1s take 15
minutes; half of the pairs have two languages, so that their manager's copy is written apart.
"""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import memo_world

from crm_loop.one_on_one.page import html_of
from crm_loop.store import State
from crm_loop.store.engine import migrate, open_engine

OUT = Path("var/bench/agenda.json")
MISSED = 5
REPS = 200
WARM = 1_000
PER_SECOND, GROWTH_MB = 300.0, 20.0


def rss_mb() -> float:
    """Memory this process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def figure(id_: str, value: float, unit: str, target: float, better: str) -> dict[str, object]:
    met = value >= target if better == "higher" else value <= target
    return {
        "id": id_, "value": round(value, 1), "unit": unit, "target": target, "better": better,
        "met": met,
    }  # fmt: skip


def run(scale: int) -> tuple[float, float, dict[str, float]]:
    """Memos a second of CPU time, growth in MB, and what it was made of."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/bench.db")
        migrate(engine)

        @contextmanager
        def begin(organisation: str) -> Iterator[State]:
            with engine.begin() as connection:
                yield State(connection, organisation)

        world = memo_world.build(begin, reps=REPS)
        made, cpu, size, warm = 0, 0.0, 0, 0.0
        for week in memo_world.weeks(scale):
            if made >= scale:
                break
            memo_world.find(world, week)
            started = time.process_time()
            agendas = memo_world.prepared(world, week)
            size += sum(len(html_of(text)) for a in agendas for text in (a.text, a.manager_text))
            cpu += time.process_time() - started
            made += len(agendas)
            if not warm and made >= min(WARM, scale):
                warm = rss_mb()
        engine.dispose()
    raw = {"memos": made, "cpu_seconds": round(cpu, 2), "html_bytes": size, "rss_mb": rss_mb()}
    return made / cpu, rss_mb() - warm, raw


def main() -> int:
    scale = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] else 10_000
    speed, growth, raw = run(scale)
    figures = [
        figure("memos_per_cpu_second", speed, "1/s", PER_SECOND, "higher"),
        figure("rss_growth", growth, "MB", GROWTH_MB, "lower"),
    ]
    for one in figures:
        print(f"{one['id']:24}{one['value']:>10}{one['unit']:>6}  target {one['target']}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    found = {
        "schema": 1, "bench": "agenda", "scale": scale, "cores": os.cpu_count(),
        "figures": figures, "raw": raw,
    }  # fmt: skip
    OUT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    missed = any(not one["met"] for one in figures)
    return MISSED if missed and os.environ.get("CHECK") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())

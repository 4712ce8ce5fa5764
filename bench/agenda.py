"""`make bench-agenda [SCALE=10000]`: from findings in the store to both copies of each memo.

No CRM, no measuring: topics chosen, steps suggested, texts written in each reader's language,
checked, committed to a database on disk, and drawn as HTML. Two thirds of the 1on1s take 15
minutes; half of the pairs have two languages, so that their manager's copy is written apart.

A machine that others use too is twice as quick at one hour as at another. Before each week the same
piece of plain work is done beside the memos, out of what memos are made of (objects, texts, JSON,
rows of SQLite): `memos_per_plain` says how many memos take as long as one such piece, at any hour.
"""

import gc
import json
import os
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import memo_world

from crm_loop.one_on_one.page import html_of
from crm_loop.store import State
from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.heap import undisturbed

OUT = Path("var/bench/agenda.json")
MISSED = 5
REPS = 200
WARM = 1_000
PER_SECOND, GROWTH_MB = 300.0, 20.0


def rss_mb() -> float:
    """Memory this process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


@dataclass(frozen=True, slots=True)
class Line:
    """One line of plain work."""

    rep: str
    week: str
    number: int
    text: str


def plain_work() -> None:
    """Always the same, and nothing of ours: objects, texts, JSON and rows of SQLite."""
    lines = [Line(f"rep{n}", f"2026-W{n % 52:02d}", n, "") for n in range(1_000)]
    told = [replace(one, text=f"{one.rep} {one.week}: {one.number:,}") for one in lines]
    rows = [(one.rep, one.week, json.dumps(asdict(one))) for one in told]
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE line (rep TEXT, week TEXT, told TEXT)")
        database.executemany("INSERT INTO line VALUES (?, ?, ?)", rows)
        read = database.execute("SELECT told FROM line ORDER BY week, rep").fetchall()
    if {Line(**json.loads(text)) for (text,) in read} != set(told):
        raise RuntimeError("The plain work is not done.")


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
        made, cpu, size, warm, plain, pieces = 0, 0.0, 0, 0.0, 0.0, 0
        for week in memo_world.weeks(scale):
            if made >= scale:
                break
            memo_world.find(world, week)
            with undisturbed():
                started = time.process_time()
                plain_work()
                plain, pieces = plain + time.process_time() - started, pieces + 1
            started = time.process_time()
            agendas = memo_world.prepared(world, week)
            size += sum(len(html_of(text)) for a in agendas for text in (a.text, a.manager_text))
            # Garbage that nobody looked for meanwhile is looked for here, and counted.
            gc.collect(0)
            cpu += time.process_time() - started
            made += len(agendas)
            if not warm and made >= min(WARM, scale):
                warm = rss_mb()
        engine.dispose()
    raw = {"memos": made, "cpu_seconds": round(cpu, 2), "html_bytes": size, "rss_mb": rss_mb(),
           "plain_ms": round(1_000 * plain / pieces, 1),
           "memos_per_plain": round(plain / pieces * made / cpu, 2)}  # fmt: skip
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
    print(f"{'memos_per_plain':24}{raw['memos_per_plain']:>10}{'':>6}  {raw['plain_ms']} ms each")
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

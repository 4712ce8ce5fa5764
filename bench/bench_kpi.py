"""`make bench-kpi [SCALE=1]`: ten KPIs against SQL, and a night from the store."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import kpi_frames

OUT = Path("var/bench/kpi.json")
MISSED = 5


def figure(id_: str, value: float, unit: str, target: float) -> dict[str, object]:
    return {
        "id": id_, "value": round(value, 3), "unit": unit, "target": target, "better": "lower",
        "met": value <= target,
    }  # fmt: skip


def differing(timed: Mapping[str, kpi_frames.Timed]) -> dict[str, object]:
    """How many KPIs are not what SQL finds: being quick with something else is no success."""
    return figure("frames_differ", sum(not one.same for one in timed.values()), "KPIs", 0.0)


def main() -> int:
    scale = float(os.environ.get("SCALE", "1"))
    timed = kpi_frames.run(scale)
    print(f"{'KPI':22}{'ours s':>10}{'SQL s':>10}{'ratio':>8}  same")
    for kpi, one in timed.items():
        ratio = one.ours / one.sql
        print(f"{kpi:22}{one.ours:10.3f}{one.sql:10.3f}{ratio:8.2f}  {one.same}")
    ours, sql = (sum(getattr(one, side) for one in timed.values()) for side in ("ours", "sql"))
    print(f"{'sum':22}{ours:10.3f}{sql:10.3f}{ours / sql:8.2f}")
    worst = max(one.ours / one.sql for one in timed.values())
    figures = [
        figure("frames_sum", ours / sql, "x", 1.5),
        figure("frames_worst", worst, "x", 3.0),
        differing(timed),
    ]
    raw: dict[str, object] = {
        "frames": {kpi: [one.ours, one.sql, one.same] for kpi, one in timed.items()}
    }
    if os.environ.get("STORE", "1") != "0":
        import kpi_store

        night = kpi_store.run(scale)
        figures += [
            figure("store_seconds", night["full"]["seconds"], "s", 60.0),
            figure("store_rss", night["full"]["rss_gib"], "GiB", 3.0),
            figure("store_again", night["again"]["seconds"] / night["full"]["seconds"], "x", 0.1),
            figure("store_again_differs", not night["same_values"], "0 or 1", 0.0),
        ]
        raw["store"] = night
        print(json.dumps(night, indent=1))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    found = {
        "schema": 1, "bench": "kpi", "scale": scale, "cores": os.cpu_count(),
        "figures": figures, "raw": raw,
    }  # fmt: skip
    OUT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    missed = any(not one["met"] for one in figures)
    return MISSED if missed and os.environ.get("CHECK") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())

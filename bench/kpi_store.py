"""The store half of `make bench-kpi`: a new process, one night from what `pull` left there."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from crm_loop.kpi.service import measure
from crm_loop.loop_records import KpiValue, RecordLines
from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.scan_file import READERS

AS_OF = date(2026, 6, 14)
FILE = Path("var/bench/kpi.db")
_FROM = datetime(2024, 6, 1, tzinfo=UTC)
_DAYS = 743
_STAGES = ("S1", "S2", "S3", "S4", "won", "lost")
_CHUNK = 100_000
#: History rows a deal.
_CHANGES = 3


def run(scale: float) -> dict[str, Any]:
    """Fill a database, measure in a new process, change one per cent, measure again.

    What was changed is measured for the first time as well, in a copy that no night has seen.
    """
    build(scale)
    unseen = FILE.with_suffix(".unseen.db")
    shutil.copyfile(FILE, unseen)
    full, before = _night(FILE)
    changed = _change(FILE, scale)
    again, after = _night(FILE)
    _change(unseen, scale)
    _, first = _night(unseen)
    for part in FILE.parent.glob(f"{unseen.name}*"):
        part.unlink()
    return {
        "full": full,
        "again": again,
        "same_values": after == first,
        "changed_reps": changed,
        "moved": _moved(before, after),
        "database_mib": FILE.stat().st_size / 2**20,
        "kept_mib": _kept(FILE),
    }


def _kept(file: Path) -> dict[str, float]:
    """What one night adds to the file, and what the closed months before it take, with indexes."""
    with closing(sqlite3.connect(file)) as database:
        # What a night has just written still lies in its journal, which dbstat does not follow.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        night, closed = (
            sum(_size(database, table) for table in tables)
            for tables in (("kpi_value", "kpi_records", "insight", "pipeline_day"), ("kpi_frozen",))
        )
    return {"night": night / 2**20, "closed_months": closed / 2**20}


def _size(database: sqlite3.Connection, table: str) -> int:
    """Bytes of a table and its indexes."""
    named = "SELECT name FROM sqlite_master WHERE tbl_name = ? AND rootpage > 0"
    size = "SELECT sum(pgsize) FROM dbstat WHERE name = ?"
    trees = database.execute(named, (table,)).fetchall()
    return sum(int(database.execute(size, tree).fetchone()[0]) for tree in trees)


Digests = Mapping[str, str]


def _night(file: Path) -> tuple[dict[str, Any], Digests]:
    command = [sys.executable, __file__, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found, found.pop("digests")


def _moved(before: Digests, after: Digests) -> dict[str, float]:
    """Shares of what is another than before: of people with anything such, of values, of KPIs."""
    other = [key.split() for key in after if after[key] != before.get(key)]
    every = [key.split() for key in after]
    shares = {"values": len(other) / len(every)}
    for place, name in enumerate(("people", "kpis")):
        shares[name] = len({key[place] for key in other}) / len({key[place] for key in every})
    return shares


def night(file: Path) -> dict[str, Any]:
    """One night of one organisation, committed; the digests are of each value with its records.

    Seconds by the clock, and of the processors: on a machine that does other things as well only
    the second number says how much work it was.
    """
    from contextlib import contextmanager

    from crm_loop.store import State

    began = perf_counter()
    engine = open_engine(f"sqlite:///{file}")

    @contextmanager
    def begin(organisation: str) -> Any:
        with engine.begin() as connection:
            yield State(connection, organisation)

    values = measure(begin, "bench", as_of=AS_OF)
    engine.dispose()
    seconds = perf_counter() - began
    used, read = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "seconds": seconds,
        "cpu_seconds": sum(one.ru_utime + one.ru_stime for one in (used, read)),
        # The largest of the processes that read the file stands for each of them.
        "rss_gib": (_most_memory(used) + READERS * read.ru_maxrss) / 2**20,
        "values": len(values),
        "digests": {f"{one.person} {one.kpi}": _digest(one) for one in values},
    }


def _most_memory(used: resource.struct_rusage) -> int:
    """KiB at the worst moment; a process's `ru_maxrss` begins with what its parent once had."""
    status = Path("/proc/self/status")
    lines = status.read_text("ascii").splitlines() if status.exists() else []
    found = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return found[0] if found else used.ru_maxrss


def _digest(one: KpiValue) -> str:
    lines = one.records.text if isinstance(one.records, RecordLines) else ""
    return sha256(f"{replace(one, records=())!r}{lines}".encode()).hexdigest()[:16]


def build(scale: float) -> None:
    """2,000 reps, 1,000,000 deals, 3,000,000 changes, 10,000,000 activities at scale 1."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    # A journal that an earlier run left would be played into a new file of the same name.
    for old in FILE.parent.glob(f"{FILE.stem}.*db*"):
        old.unlink()
    engine = open_engine(f"sqlite:///{FILE}")
    migrate(engine)
    engine.dispose()
    with closing(sqlite3.connect(FILE)) as database:
        database.execute("PRAGMA synchronous=OFF")
        _people(database, max(12, int(2_000 * scale)))
        _records(database, scale)


def _people(database: sqlite3.Connection, reps: int) -> None:
    database.execute(
        "INSERT INTO organisation (organisation, time_zone, language, currency, country,"
        " fiscal_start, profile, purpose, writing) VALUES"
        " ('bench','Asia/Tokyo','ja','JPY','JP',4,'standard','',0)"
    )
    users = [
        ("bench", "crm", f"p{n}", f"p{n}@example.com", f"p{n}", 1, None if n < 1 else "p0")
        for n in range(reps + 1)
    ]
    database.executemany(
        "INSERT INTO crm_person (organisation, connection, id, email, name, active, manager_id)"
        " VALUES (?,?,?,?,?,?,?)",
        users,
    )
    stages = [("bench", "crm", "p", one, one, "default") for one in _STAGES]
    database.executemany(
        "INSERT INTO stage_map (organisation, connection, pipeline, stage, canonical, set_by)"
        " VALUES (?,?,?,?,?,?)",
        stages,
    )
    months = [
        ("bench", "crm", f"q{n}", f"p{n}", "bookings", "2026-06-01", "2026-06-30", 10**11, "JPY")
        for n in range(1, reps + 1)
    ]
    database.executemany(
        "INSERT INTO crm_quota (organisation, connection, id, owner_id, kpi, period_start,"
        " period_end, amount, currency) VALUES (?,?,?,?,?,?,?,?,?)",
        months,
    )


def _records(database: sqlite3.Connection, scale: float) -> None:
    random = np.random.default_rng(7)
    reps, deals, activities = (int(n * scale) for n in (2_000, 1_000_000, 10_000_000))
    reps = max(12, reps)
    for first in range(0, deals, _CHUNK):
        _deals(database, random, reps, range(first, min(deals, first + _CHUNK)))
    for first in range(0, activities, _CHUNK):
        _activities(database, random, (reps, deals), range(first, min(activities, first + _CHUNK)))


def _text(hours: int) -> str:
    return f"{_FROM + timedelta(hours=int(hours)):%Y-%m-%d %H:%M:%S.%f}"


def _deals(
    database: sqlite3.Connection, random: np.random.Generator, reps: int, ids: range
) -> None:
    rows, changes = [], []
    made = random.integers(0, _DAYS * 24, len(ids))
    for n, start in zip(ids, made, strict=True):
        path = ["S1", "S2", "S3", "S4"][: int(random.integers(1, 4))]
        moments = [int(start)]
        for _ in path[1:]:
            moments.append(moments[-1] + int(random.integers(24, 24 * 30)))
        end = moments[-1] + int(random.integers(24, 24 * 40))
        if end < _DAYS * 24:
            path = [*path[:2], "won" if random.random() < 0.3 else "lost"]
            moments = [*moments[:2], end]
        changes += [
            ("bench", "crm", f"d{n}c{k}", f"d{n}", _text(at), "stage", stage)
            for k, (at, stage) in enumerate(zip(moments, path, strict=False))
        ]
        closes = (_FROM + timedelta(hours=end)).date().isoformat()
        stage = path[min(len(path), len(moments)) - 1]
        rows.append(
            ("bench", "crm", f"d{n}", f"d{n}", f"p{1 + n % reps}", f"a{n // 3}", "p", stage,
             stage in ("won", "lost"), stage == "won", int(random.integers(1, 400)) * 10**8, "JPY",
             closes, _text(int(start)), _text(end))
        )  # fmt: skip
    # Amounts that were typed in when the deal was made: three changes a deal in all.
    changes += [
        ("bench", "crm", f"{row[2]}v", row[2], row[13], "amount", str(row[10] // 10_000))
        for row in rows[: _CHANGES * len(ids) - len(changes)]
    ]
    database.executemany(
        "INSERT INTO crm_deal (organisation, connection, id, name, owner_id, account_id, pipeline,"
        " stage, is_closed, is_won, amount, currency, close_date, created_at, modified_at)"
        f" VALUES ({','.join('?' * 15)})",
        rows,
    )
    database.executemany(
        "INSERT INTO crm_deal_change (organisation, connection, id, deal_id, at, field, value)"
        f" VALUES ({','.join('?' * 7)})",
        changes,
    )
    database.commit()


def _activities(
    database: sqlite3.Connection, random: np.random.Generator, sizes: tuple[int, int], ids: range
) -> None:
    reps, deals = sizes
    kinds = random.integers(0, 3, len(ids))
    starts = random.integers(0, (_DAYS + 20) * 24, len(ids))
    of = random.integers(0, deals, len(ids))
    rows = [
        ("bench", "crm", f"x{n}", ("call", "meeting", "email")[kind], f"p{1 + deal % reps}",
         f"d{deal}", f"a{deal // 3}", (text := _text(start)), text,
         "held" if start < _DAYS * 24 else "scheduled", 1, 90, 1)
        for n, kind, start, deal in zip(ids, kinds, starts, of, strict=True)
    ]  # fmt: skip
    database.executemany(
        "INSERT INTO crm_activity (organisation, connection, id, kind, owner_id, deal_id,"
        " account_id, start, logged_at, status, outbound, duration_seconds, external_attendees)"
        f" VALUES ({','.join('?' * 13)})",
        rows,
    )
    database.commit()


def _change(file: Path, scale: float) -> int:
    """One per cent of the deals, chosen by chance, get a tenth more; returns of how many reps."""
    count, reps = int(1_000_000 * scale), max(12, int(2_000 * scale))
    chosen = np.random.default_rng(11).choice(count, count // 100, replace=False)
    with closing(sqlite3.connect(file)) as database, database:
        database.executemany(
            "UPDATE crm_deal SET amount = amount * 11 / 10"
            " WHERE organisation = 'bench' AND connection = 'crm' AND id = ?",
            [(f"d{n}",) for n in chosen],
        )
    return len({n % reps for n in chosen.tolist()})


if __name__ == "__main__":
    sys.stdout.write(json.dumps(night(Path(sys.argv[1]))))
    sys.stdout.flush()
    os._exit(0)

"""When an export ends: a demonstration over it begins right after, not years later.

What is older than records are kept would be gone before anybody has looked at it.
"""

import csv
import re
from datetime import date, timedelta
from pathlib import Path

from crm_loop.errors import WrongUsage
from crm_loop.setup.encodings import decoded

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def monday_after(folder: Path) -> date:
    """The first Monday after the last day that any of the folder's CSV files names."""
    last = max((day for file in sorted(folder.glob("*.csv")) for day in _days(file)), default=None)
    if last is None:
        raise WrongUsage(
            f"There is no day in the CSV files of {folder}.",
            code="usage.demo",
            kept="Nothing was started.",
            do="Name the folder that holds the export.",
        )
    return last + timedelta(days=7 - last.weekday())


def _days(file: Path) -> list[date]:
    rows = csv.reader(decoded(file.read_bytes()).splitlines())
    return [date.fromisoformat(cell) for row in rows for cell in row if _DAY.fullmatch(cell)]

"""Who is rep and who is manager, by the file in which an organisation says so."""

import csv
from dataclasses import dataclass
from pathlib import Path

from crm_loop.errors import WrongUsage


@dataclass(frozen=True, slots=True)
class Listed:
    """E-mail addresses; a manager who sells too is in both."""

    reps: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()


def read_people(file: Path | None) -> Listed:
    """Everybody with a manager is a rep; whoever is named as one, or has that role, a manager.

    WrongUsage where the file cannot be read or has no column `email`.
    """
    if file is None:
        return Listed()
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError, csv.Error):
        rows = []
    if not rows or "email" not in rows[0]:
        raise WrongUsage(
            f"{file} is no people.csv.",
            code="usage.people",
            kept="Nothing was installed.",
            do="Write it with: crm-loop people export FILE.",
        )
    managers = {_text(row, "manager_email") for row in rows}
    managers |= {_text(row, "email") for row in rows if _text(row, "role") == "manager"}
    reps = {_text(row, "email") for row in rows if _text(row, "manager_email")}
    return Listed(tuple(sorted(reps - {""})), tuple(sorted(managers - {""})))


def _text(row: dict[str, str], name: str) -> str:
    return (row.get(name) or "").strip().lower()

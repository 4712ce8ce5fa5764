"""targets.csv: what people aim at where the CRM does not hold it; pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date

from crm_loop.errors import WrongUsage
from crm_loop.loop_records import Target

COLUMNS = ("email", "kpi", "period_start", "period_end", "target", "currency", "reason")

#: Results are the company's to set; the rest a team agrees on.
COMPANY = frozenset({"bookings", "won_count", "win_rate"})


def parse(text: str, kpis: Sequence[str]) -> list[Target]:
    """Targets of a file; WrongUsage names the line and what is wrong with it."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        missing = sorted(set(COLUMNS[:5]) - set(reader.fieldnames or ()))
        if missing:
            raise _wrong(1, f"the column {missing[0]!r} is missing")
        return [_target(number, line, kpis) for number, line in enumerate(reader, start=2)]
    except csv.Error as error:
        raise _wrong(reader.line_num, str(error)) from None


def _target(number: int, line: Mapping[str, str | None], kpis: Sequence[str]) -> Target:
    value = {name: (line.get(name) or "").strip() for name in COLUMNS}
    if "@" not in value["email"]:
        raise _wrong(number, f"{value['email']!r} is no e-mail address")
    if value["kpi"] not in kpis:
        raise _wrong(number, f"there is no KPI {value['kpi']!r}")
    try:
        start, end = (date.fromisoformat(value[name]) for name in ("period_start", "period_end"))
        amount = float(value["target"])
    except ValueError as error:
        raise _wrong(number, str(error)) from None
    if end < start or amount < 0:
        raise _wrong(number, "the period ends before it begins, or the target is negative")
    return Target(
        person=value["email"].lower(),
        kpi=value["kpi"],
        period_start=start,
        period_end=end,
        value=amount,
        set_by="company" if value["kpi"] in COMPANY else "team",
        source="file",
        currency=value["currency"] or None,
    )


def _wrong(line: int, what: str) -> WrongUsage:
    return WrongUsage(
        f"targets.csv, line {line}: {what}.",
        code="targets.csv",
        kept="Nothing was imported.",
        do="Correct the line and import the file again.",
    )

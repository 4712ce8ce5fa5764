"""targets.csv: what people aim at where the CRM does not hold it; pure."""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from crm_loop.calendars import parse_day
from crm_loop.errors import WrongUsage
from crm_loop.loop_records import Target
from crm_loop.setup.csv_cells import cell, value_of

COLUMNS = ("email", "kpi", "period_start", "period_end", "target", "currency", "reason")

_CURRENCY = re.compile("[A-Za-z]{3}")
#: Results are the company's to set; the rest a team agrees on.
COMPANY = frozenset({"bookings", "won_count", "win_rate"})


def parse(text: str, kpis: Sequence[str], file: str = "targets.csv") -> list[Target]:
    """Targets of a file; WrongUsage names line and column, and nothing is half-imported.

    Days may be 2026-04-01 or 2026/4/1, digits full-width, numbers with separators.
    """
    try:
        return _parsed(text, kpis)
    except _Wrong as wrong:
        raise wrong.said(file) from None


def _parsed(text: str, kpis: Sequence[str]) -> list[Target]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        missing = sorted(set(COLUMNS[:5]) - set(reader.fieldnames or ()))
        if missing:
            raise _wrong(1, "", f"the column {missing[0]!r} is missing")
        found: dict[tuple[object, ...], int] = {}
        targets = []
        for number, line in enumerate(reader, start=2):
            target = _target(number, line, kpis)
            key = (target.person, target.kpi, target.period_start, target.period_end)
            if key in found:
                raise _wrong(number, "email", f"this target stands on line {found[key]} already")
            found[key] = number
            targets.append(target)
    except csv.Error as error:
        raise _wrong(reader.line_num, "", str(error)) from None
    return targets


def write(targets: Iterable[Target]) -> str:
    """The same file of targets, in a fixed order, so that two of them can be compared."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in sorted(targets, key=lambda t: (t.person, t.kpi, t.period_start, t.period_end)):
        value = f"{one.value:.12g}"
        period = one.period_start, one.period_end
        texts = (one.currency or "", one.reason)
        writer.writerow([one.person, one.kpi, *period, value, *map(cell, texts)])
    return out.getvalue()


def _target(number: int, line: Mapping[str, str | None], kpis: Sequence[str]) -> Target:
    raw = {name: value_of(line.get(name) or "") for name in COLUMNS}
    value = {name: unicodedata.normalize("NFKC", one).strip() for name, one in raw.items()}
    if "@" not in value["email"]:
        raise _wrong(number, "email", f"{value['email']!r} is no e-mail address")
    if value["kpi"] not in kpis:
        raise _wrong(number, "kpi", f"there is no KPI {value['kpi']!r}")
    start, end = (_day(number, name, value[name]) for name in ("period_start", "period_end"))
    amount = _amount(number, value["target"])
    if end < start or amount < 0:
        what = "the period ends before it begins, or the target is negative"
        raise _wrong(number, "period_end", what)
    if value["currency"] and not _CURRENCY.fullmatch(value["currency"]):
        raise _wrong(number, "currency", f"{value['currency']!r} is no currency, as JPY")
    return Target(
        person=value["email"].lower(),
        kpi=value["kpi"],
        period_start=start,
        period_end=end,
        value=amount,
        set_by="company" if value["kpi"] in COMPANY else "team",
        source="file",
        currency=value["currency"].upper() or None,
        reason=value["reason"],
    )


def _day(number: int, column: str, text: str) -> date:
    try:
        return parse_day(text)
    except (ValueError, TypeError):
        raise _wrong(number, column, f"{text!r} is no day") from None


def _amount(number: int, text: str) -> float:
    try:
        amount = float(text.replace(",", "").lstrip("¥$€"))
    except ValueError:
        amount = math.nan
    if not math.isfinite(amount):
        raise _wrong(number, "target", f"{text!r} is no number")
    return amount


class _Wrong(Exception):
    """What is wrong in which line and column, before anybody says in which file."""

    def said(self, file: str) -> WrongUsage:
        line, column, what = self.args
        where = f", column {column}" if column else ""
        return WrongUsage(
            f"{file}, line {line}{where}: {what}.",
            code="targets.csv",
            kept="Nothing was imported.",
            do="Correct the line and import the file again.",
        )


def _wrong(line: int, column: str, what: str) -> _Wrong:
    return _Wrong(line, column, what)

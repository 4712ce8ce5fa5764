"""targets.csv: what people aim at where the CRM does not hold it; pure."""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from crm_loop.calendars import parse_day
from crm_loop.loop_records import Target
from crm_loop.setup.csv_cells import cell, value_of
from crm_loop.setup.csv_lines import Wrong, lines, wrong

COLUMNS = ("email", "kpi", "period_start", "period_end", "target", "currency", "reason", "set_by")

#: From here on twelve figures would not hold a whole number.
_EXACT = 1e12
SETTERS = ("company", "team")
#: Separators stand between thousands and nowhere else: 1,2,3 is no number.
_NUMBER = re.compile(r"[¥$€]?-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)
_CURRENCY = re.compile("[A-Za-z]{3}")
#: Results are the company's to set; the rest a team agrees on.
COMPANY = frozenset({"bookings", "won_count", "win_rate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What a file is held against: KPIs, which of them are shares, people and currencies.

    `aimless` are KPIs that nobody may aim at: gauges of the data, and what is made of others.
    `people` and `currencies` None: nobody knows yet who and what there is.
    """

    kpis: Collection[str]
    shares: Collection[str] = ()
    aimless: Collection[str] = ()
    people: Collection[str] | None = None
    currencies: Collection[str] | None = None


def parse(text: str, house: House, file: str = "targets.csv") -> list[Target]:
    """Targets of a file; WrongUsage names line and column, and nothing is half-imported.

    Days may be 2026-04-01 or 2026/4/1, digits full-width, numbers with separators between
    thousands, shares 0.4 or 40%. Without set_by, results are the company's and the rest the team's.
    """
    try:
        return _parsed(text, house)
    except Wrong as found:
        raise found.said(file, code="targets.csv") from None


def _parsed(text: str, house: House) -> list[Target]:
    found: dict[tuple[object, ...], int] = {}
    targets = []
    for number, line in lines(text, COLUMNS, COLUMNS[:5]):
        target = _target(number, line, house)
        key = (target.person, target.kpi, target.period_start, target.period_end)
        if key in found:
            raise wrong(number, "email", f"this target stands on line {found[key]} already")
        found[key] = number
        targets.append(target)
    return targets


def write(targets: Iterable[Target]) -> str:
    """The same file of targets, in a fixed order, so that two of them can be compared."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in sorted(targets, key=lambda t: (t.person, t.kpi, t.period_start, t.period_end)):
        value = f"{one.value:.12g}" if abs(one.value) < _EXACT else f"{one.value:.0f}"
        period = one.period_start, one.period_end
        texts = (one.currency or "", one.reason)
        writer.writerow([one.person, one.kpi, *period, value, *map(cell, texts), one.set_by])
    return out.getvalue()


def _target(number: int, line: Mapping[str, str], house: House) -> Target:
    raw = {name: value_of(line.get(name, "")) for name in COLUMNS}
    value = {name: unicodedata.normalize("NFKC", one).strip() for name, one in raw.items()}
    if "@" not in value["email"]:
        raise wrong(number, "email", f"{value['email']!r} is no e-mail address")
    person = value["email"].lower()
    if house.people is not None and person not in house.people:
        raise wrong(number, "email", f"nobody here has the address {person!r}")
    if value["kpi"] not in house.kpis:
        raise wrong(number, "kpi", f"there is no KPI {value['kpi']!r}")
    if value["kpi"] in house.aimless:
        raise wrong(number, "kpi", f"{value['kpi']!r} is no KPI that has a target")
    start, end = (_day(number, name, value[name]) for name in ("period_start", "period_end"))
    if end < start:
        raise wrong(number, "period_end", "the period ends before it begins")
    amount = _amount(number, value["target"], is_share=value["kpi"] in house.shares)
    set_by = value["set_by"] or ("company" if value["kpi"] in COMPANY else "team")
    if set_by not in SETTERS:
        raise wrong(number, "set_by", f"{set_by!r} is neither company nor team")
    return Target(
        person=person,
        kpi=value["kpi"],
        period_start=start,
        period_end=end,
        value=amount,
        set_by=set_by,
        source="file",
        currency=_currency(number, value["currency"].upper(), house),
        reason=value["reason"],
    )


def _day(number: int, column: str, text: str) -> date:
    try:
        return parse_day(text)
    except (ValueError, TypeError):
        raise wrong(number, column, f"{text!r} is no day") from None


def _currency(number: int, text: str, house: House) -> str | None:
    if text and not _CURRENCY.fullmatch(text):
        raise wrong(number, "currency", f"{text!r} is no currency, as JPY")
    if text and house.currencies is not None and text not in house.currencies:
        known = ", ".join(sorted(house.currencies))
        raise wrong(number, "currency", f"there is no rate for {text!r}; known are {known}")
    return text or None


def _amount(number: int, text: str, *, is_share: bool) -> float:
    """What the target is: a share as 0.4 or 40%, anything else as a number."""
    bare = text.removesuffix("%").strip() if is_share else text
    amount = float(re.sub("[,¥$€]", "", bare)) if _NUMBER.fullmatch(bare) else math.nan
    if not math.isfinite(amount):
        raise wrong(number, "target", f"{text!r} is no number")
    if amount < 0:
        raise wrong(number, "target", "the target is negative")
    if bare != text:
        amount /= 100
    if is_share and amount > 1:
        raise wrong(number, "target", f"{text!r} is more than all, write 40% or 0.4")
    return amount

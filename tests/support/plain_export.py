"""What a sales export says of each agent and span of days, in plain Python over its lines."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import median

KPIS = ("bookings", "won_count", "win_rate", "avg_deal_size", "sales_cycle_days")
QUARTERS = ("2016-Q4", "2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4")
Line = Mapping[str, str]


def lines_of(shared: Path) -> list[Line]:
    with (shared / "data" / "maven_crm" / "sales_pipeline.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def agents_of(shared: Path) -> list[str]:
    with (shared / "data" / "maven_crm" / "sales_teams.csv").open(newline="") as file:
        return sorted(line["sales_agent"] for line in csv.DictReader(file))


def plainly(lines: Sequence[Line], agent: str, first: date, last: date) -> dict[str, float | None]:
    """The five KPIs; None where nothing was decided (or won)."""
    closed = [
        one
        for one in lines
        if one["sales_agent"] == agent
        and one["deal_stage"] in ("Won", "Lost")
        and first <= date.fromisoformat(one["close_date"]) <= last
    ]
    won = [one for one in closed if one["deal_stage"] == "Won"]
    money = sum(float(one["close_value"]) for one in won)
    days = [
        (date.fromisoformat(one["close_date"]) - date.fromisoformat(one["engage_date"])).days
        for one in won
    ]
    return {
        "bookings": money,
        "won_count": len(won),
        "win_rate": len(won) / len(closed) if closed else None,
        "avg_deal_size": money / len(won) if won else None,
        "sales_cycle_days": median(days) if days else None,
    }

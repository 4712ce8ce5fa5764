"""A real-shaped pipeline export, straight into frames: nothing is lost and nothing twice."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from crm_loop.calendars import Period
from crm_loop.kpi import measures
from crm_loop.kpi.columns import ACTIVITIES, CHANGES, DEALS, TASKS
from crm_loop.kpi.frames import Frames, activity_frame, deal_frame, stage_frame

ALL_YEARS = Period(date(2016, 1, 1), date(2017, 12, 31), "year")
LAST = ALL_YEARS.end
STAGES = {"Won": "won", "Lost": "lost", "Engaging": "S2", "Prospecting": "S1"}
_START = datetime(2016, 10, 1, tzinfo=UTC)


def a_deal(line: dict[str, str]) -> dict[str, Any]:
    stage, closed = line["deal_stage"], line["close_date"]
    known = {
        "connection": "crm",
        "id": line["opportunity_id"],
        "owner_id": line["sales_agent"],
        "pipeline": "p",
        "stage": stage,
        "is_closed": stage in ("Won", "Lost"),
        "is_won": stage == "Won",
        "amount": float(line["close_value"]) if line["close_value"] else None,
        "close_date": date.fromisoformat(closed) if closed else None,
        "created_at": _START,
    }
    return dict.fromkeys(DEALS) | known


@pytest.fixture(scope="module")
def world(shared: Path) -> Frames:
    with (shared / "data" / "maven_crm" / "sales_pipeline.csv").open(newline="") as file:
        deals = pl.DataFrame([a_deal(line) for line in csv.DictReader(file)], schema=dict(DEALS))
    owners = deals.select("connection", "owner_id", pl.col("owner_id").alias("person")).unique()
    return Frames(
        deals=deal_frame(
            deals,
            pl.DataFrame(schema=dict(CHANGES)),
            owners=owners,
            stages=stage_frame({("crm", "p", name): one for name, one in STAGES.items()}),
            time_zone="UTC",
            currency="USD",
        ),
        activities=activity_frame(pl.DataFrame(schema=dict(ACTIVITIES)), owners, "UTC"),
        tasks=pl.DataFrame(schema=dict(TASKS)),
    )


def test_what_the_agents_won_adds_up_to_what_the_company_won(world: Frames) -> None:
    booked = measures.bookings(world, ALL_YEARS, LAST)
    # Thirty of the thirty-five agents have a deal in the export.
    assert booked.height == 30
    assert booked["numerator"].sum() == 10_005_534
    assert measures.won_count(world, ALL_YEARS, LAST)["numerator"].sum() == 4_238


def test_the_months_add_up_to_the_years(world: Frames) -> None:
    starts = pl.date_range(ALL_YEARS.start, LAST, "1mo", eager=True)
    months = [
        Period(first, last) for first, last in zip(starts, starts.dt.month_end(), strict=True)
    ]
    monthly = [measures.bookings(world, month, LAST)["numerator"].sum() for month in months]
    assert sum(monthly) == 10_005_534


def test_every_decided_deal_is_either_won_or_lost(world: Frames) -> None:
    decided = measures.win_rate(world, ALL_YEARS, LAST)
    assert decided["denominator"].sum() == 4_238 + 2_473
    assert (decided["numerator"] / decided["denominator"]).is_between(0, 1).all()


def test_every_open_deal_is_somebody_s(world: Frames) -> None:
    assert measures.stale_rate(world, ALL_YEARS, LAST)["denominator"].sum() == 2_089
    assert measures.next_step_hygiene(world, ALL_YEARS, LAST)["denominator"].sum() == 2_089

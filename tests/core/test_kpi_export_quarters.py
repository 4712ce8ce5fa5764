"""Every quarter of a real-shaped export, against plain Python over the same lines."""

from pathlib import Path
from typing import Any

import pytest
from plain_export import KPIS, QUARTERS, Line, agents_of, lines_of, plainly

from crm_loop.calendars import named_period
from crm_loop.kpi import measures
from crm_loop.kpi.columns import ACTIVITY_FACTS, CHANGES, DEALS, TASKS, table
from crm_loop.kpi.facts import OWNERS, deal_frame, stage_frame
from crm_loop.kpi.figures import figure_of, only
from crm_loop.kpi.frames import Frames

STAGES = {"Won": "won", "Lost": "lost", "Engaging": "S2", "Prospecting": "S1"}


@pytest.fixture(scope="module")
def lines(shared: Path) -> list[Line]:
    return lines_of(shared)


@pytest.fixture(scope="module")
def agents(shared: Path) -> list[str]:
    return agents_of(shared)


@pytest.fixture(scope="module")
def world(lines: list[Line], agents: list[str]) -> Frames:
    def deal(line: Line) -> dict[str, Any]:
        stage = line["deal_stage"]
        return {
            "id": line["opportunity_id"], "owner_id": line["sales_agent"], "stage": stage,
            "is_closed": stage in ("Won", "Lost"), "is_won": stage == "Won",
            "amount": float(line["close_value"]) if line["close_value"] else None,
            "close_date": line["close_date"] or None,
            "created_at": f"{line['engage_date'] or '2016-10-01'}T12:00:00Z",
        }  # fmt: skip

    owners = [{"owner_id": one, "person": one} for one in agents]
    deals = deal_frame(
        table([deal(one) for one in lines], DEALS, connection="crm", pipeline="p"),
        table([], CHANGES),
        owners=table(owners, OWNERS, connection="crm"),
        stages=stage_frame({("crm", "p", name): one for name, one in STAGES.items()}),
        time_zone="UTC",
        currency="USD",
    )
    return Frames(deals, table([], ACTIVITY_FACTS), table([], TASKS))


@pytest.mark.parametrize("name", QUARTERS)
def test_a_quarter_is_what_plain_python_finds(
    world: Frames, lines: list[Line], agents: list[str], name: str
) -> None:
    quarter = named_period(name, fiscal_start=1)
    found = {kpi: only(measures.MEASURES[kpi](world, quarter, quarter.end), agents) for kpi in KPIS}
    assert len(agents) == 35
    for agent in agents:
        expected = plainly(lines, agent, quarter.start, quarter.end)
        got = {kpi: figure_of(kpi, found[kpi][agent]).value for kpi in KPIS}
        assert got == pytest.approx(expected)
        nothing = [
            figure_of(kpi, found[kpi][agent]).status for kpi in KPIS if expected[kpi] is None
        ]
        assert set(nothing) <= {"no_data"}

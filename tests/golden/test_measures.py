"""KPI measures against worked examples."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from crm_loop.calendars import BusinessCalendar, Period
from crm_loop.kpi import measures, selection
from crm_loop.kpi.capacity import business_days, load
from crm_loop.kpi.columns import ACTIVITIES, CHANGES, DEALS, TASKS
from crm_loop.kpi.frames import Frames, activity_frame, deal_frame, owner_frame, stage_frame
from crm_loop.kpi.progress import Standing, attainment, boundaries, coverage, judge, ratio
from crm_loop.loop_records import Member, ProgressStatus, Role
from crm_loop.statistics import counts

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
STAGES = ("S1", "S2", "S3", "S4", "won", "lost")
Row = dict[str, Any]


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def a_deal(id_: str, *, owner: str = "A", stage: str = "S2", **known: Any) -> Row:
    closed = stage in ("won", "lost")
    return {
        "id": id_, "owner_id": owner, "pipeline": "p", "stage": stage, "is_closed": closed,
        "is_won": stage == "won", "created_at": LONG_AGO, **known,
    }  # fmt: skip


def moved(id_: str, stage: str, at: datetime) -> Row:
    return {"id": f"{id_}:{at}", "deal_id": id_, "at": at, "field": "stage", "value": stage}


def an_activity(id_: str, kind: str, start: datetime, **known: Any) -> Row:
    return {"id": id_, "kind": kind, "owner_id": "A", "start": start, "status": "held", **known}


def a_task(deal: str, due: str) -> Row:
    return {"id": f"{deal}{due}", "deal_id": deal, "due": day(due), "is_closed": False}


def table(rows: Sequence[Row], columns: Mapping[str, Any]) -> pl.DataFrame:
    full = [dict.fromkeys(columns) | {"connection": "crm"} | row for row in rows]
    return pl.DataFrame(full, schema=dict(columns))


def frames(
    deals: Sequence[Row] = (),
    changes: Sequence[Row] = (),
    activities: Sequence[Row] = (),
    tasks: Sequence[Row] = (),
) -> Frames:
    owners = owner_frame([a_member("A"), a_member("B")])
    return Frames(
        deals=deal_frame(
            table(deals, DEALS),
            table(changes, CHANGES),
            owners=owners,
            stages=stage_frame({("crm", "p", name): name for name in STAGES}),
            time_zone="Asia/Tokyo",
            currency="JPY",
        ),
        activities=activity_frame(table(activities, ACTIVITIES), owners, "Asia/Tokyo"),
        tasks=table(tasks, TASKS),
    )


def a_member(name: str) -> Member:
    return Member(
        person=name, name=name, family_name=name, role=Role.AE, manager="boss", language="ja",
        country="JP", time_zone="Asia/Tokyo", accounts={"crm": name},
    )  # fmt: skip


def by_person(frame: pl.DataFrame) -> dict[str, Row]:
    return {row["person"]: row for row in frame.iter_rows(named=True)}


def a_period(span: Sequence[str]) -> Period:
    return Period(date.fromisoformat(span[0]), date.fromisoformat(span[1]))


def won_world(given: Sequence[Row]) -> Frames:
    """USD has a plan rate in the example; here only the corporate currency carries money."""
    deals, changes = [], []
    for one in given:
        known = one["cur"] in ("JPY", "USD")
        amount = one["amount"] and one["amount"] * (150 if one["cur"] == "USD" else 1)
        deals.append(
            a_deal(one["id"], owner=one["owner_at_win"], amount=amount,
                   stage="won" if one["state"] == "won" else "S2",
                   currency="JPY" if known else one["cur"], close_date=day(one["close_date"]))
        )  # fmt: skip
        changes.append(moved(one["id"], "won", moment(one["won_at"])))
    return frames(deals, changes)


def test_bookings_count_where_and_when_a_deal_was_won(example: Any) -> None:
    case = example("E1.02")
    # A deleted record never reaches the frames.
    world = won_world([one for one in case["inputs"]["deals"] if not one["deleted"]])
    period = a_period(case["inputs"]["period"])
    booked = by_person(measures.bookings(world, period, period.end))
    counted = by_person(measures.won_count(world, period, period.end))
    assert set(booked) == set(case["expected"])
    for owner, expected in case["expected"].items():
        assert booked[owner]["numerator"] == pytest.approx(expected["bookings"])
        assert counted[owner]["numerator"] == expected["won_count"]
        assert sorted(one["id"] for one in booked[owner]["records"]) == expected["deal_ids"]
        assert booked[owner]["warnings"] == expected["warnings"]


def test_win_rate_is_won_among_decided(example: Any) -> None:
    case = example("E1.03")
    deals, changes = [], []
    for one in case["inputs"]["deals"]:
        end = one["won_on"] or one["lost_on"]
        stage = "won" if one["won_on"] else "lost" if one["lost_on"] else "S2"
        deals.append(
            a_deal(one["id"], stage=stage, close_date=day(end), lost_reason=one["lost_reason"])
        )
        if end:
            changes.append(moved(one["id"], stage, moment(f"{end}T03:00:00+00:00")))
    period = a_period(case["inputs"]["period"])
    found = by_person(measures.win_rate(frames(deals, changes), period, period.end))["A"]
    expected = case["expected"]["win_rate"]
    decided = expected["won"] + expected["lost"]
    assert (found["numerator"], found["denominator"]) == (expected["won"], decided)


def test_coverage_counts_open_money_of_the_period(example: Any) -> None:
    case = example("E1.04")
    given = case["inputs"]
    deals = [
        a_deal(one["id"], amount=one["amount"], close_date=day(one["close_date"]))
        for one in given["open_deals"]
    ]
    as_of = date.fromisoformat(given["as_of"])
    period = Period(as_of.replace(day=1), date.fromisoformat(given["period_end"]))
    (row,) = measures.open_in_period(frames(deals), period, as_of).iter_rows(named=True)
    assert row["numerator"] == case["expected"]["open_in_period"]
    found = [coverage(row["numerator"], one["target"], one["bookings"]) for one in given["cases"]]
    assert [share for share, _ in found] == case["expected"]["coverage"]
    assert [status.value for _, status in found] == case["expected"]["status"]


def touched_world(given: Sequence[Row]) -> Frames:
    deals, changes, activities, tasks = [], [], [], []
    for one in given:
        id_, stage = one["id"], one["stage"]
        deals.append(a_deal(id_, stage=stage, created_at=moment(one["created"])))
        if one["last_stage_advance"]:
            changes.append(moved(id_, stage, moment(one["last_stage_advance"])))
        if one["last_activity"]:
            start = moment(one["last_activity"])
            activities.append(an_activity(f"a{id_}", "call", start, deal_id=id_))
        tasks += [a_task(id_, due) for due in one["scheduled"]]
    return frames(deals, changes, activities, tasks)


def test_quiet_deals_and_next_steps_are_judged_by_their_days(example: Any) -> None:
    case = example("E1.07")
    expected = case["expected"]
    as_of = date.fromisoformat(case["inputs"]["as_of"])
    world = touched_world(case["inputs"]["deals"])
    quiet = selection.touched(world, as_of).filter("stale")
    assert quiet["id"].to_list() == expected["stale_ids"]
    stepped = selection.with_steps(world, as_of).filter("has_step")
    assert stepped["id"].to_list() == expected["next_step_ids"]
    period = Period(as_of.replace(day=1), as_of)
    for kpi in ("stale_rate", "next_step_hygiene"):
        row = by_person(measures.MEASURES[kpi](world, period, as_of))["A"]
        assert row["numerator"] / row["denominator"] == pytest.approx(expected[kpi])


def test_a_meeting_counts_once_when_held_with_somebody_from_outside(example: Any) -> None:
    case = example("E1.11")
    given = case["inputs"]
    activities = [
        an_activity(
            one["id"], "meeting", moment(one["start"]), owner_id=one["owner"],
            account_id=one["account"], status=one["status"],
            external_attendees=one["external"], calendar_uid=one["uid"],
        )
        for one in given["meetings"]
    ]  # fmt: skip
    period, as_of = a_period(given["period"]), date.fromisoformat(given["as_of"])
    found = by_person(measures.meetings_held(frames(activities=activities), period, as_of))
    assert found[given["owner"]]["numerator"] == case["expected"]["meetings_held"]


def test_capacity_is_ramp_times_share_times_presence(example: Any) -> None:
    case = example("E1.10")
    given, expected = case["inputs"], case["expected"]
    newcomer = replace(
        a_member("A"),
        country=given["country"],
        role_start=date.fromisoformat(given["hire_date"]),
        leave=[(date.fromisoformat(a), date.fromisoformat(b)) for a, b, *_ in given["leave"]],
    )
    shares = [(date.fromisoformat(since), fte) for since, fte in given["fte_changes"]]
    days = business_days(BusinessCalendar(given["country"]), a_period(given["period"]))
    loads = [
        load(one, replace(newcomer, fte=[fte for since, fte in shares if since <= one][-1]))
        for one in days
    ]
    assert len(days) == expected["business_days"]
    assert sum(loads) / len(days) == pytest.approx(expected["capacity"], abs=1e-9)


def test_nothing_of_nothing_is_no_data_and_attainment_knows_both_directions(example: Any) -> None:
    case = example("E1.13")
    given, expected = case["inputs"], case["expected"]
    ratios = [ratio(n, d) for n, d in given["ratios_num_den"]]
    assert [(v, s.value) for v, s in ratios] == [
        (pytest.approx(one["value"]), one["status"]) for one in expected["ratios"]
    ]
    reached = [attainment(*one) for one in given["attainment_dir_actual_target"]]
    assert reached == [None if x is None else pytest.approx(x) for x in expected["attainment"]]


def test_a_status_is_relative_to_how_hard_the_target_was(example: Any) -> None:
    case = example("E4.02")
    given, expected = case["inputs"], case["expected"]
    model = counts.CountModel(given["prior_size_r"], given["prior_mean_m"])
    limits = boundaries(model.at_least(given["target"]))
    assert limits == pytest.approx((expected["b1"], expected["b2"]), abs=1e-8)
    for (y, c, u), row in zip(given["cases_y_c_u"], expected["rows"], strict=True):
        seen = counts.land(model, so_far=y, share_done=c, target=given["target"])
        reached = y >= given["target"]
        standing = Standing(p=seen.p_attain, limits=limits, elapsed=u, reached=reached)
        assert judge(standing).value == row["status"]


def test_a_status_does_not_flicker_at_its_boundaries(example: Any) -> None:
    case = example("E4.04")
    limits = tuple(case["inputs"]["boundaries"])
    before: ProgressStatus | None = None
    seen = []
    for p in case["inputs"]["p_sequence"]:
        before = judge(Standing(p=p, limits=limits, before=before))
        seen.append(before.value)
    assert seen == case["expected"]["status"]

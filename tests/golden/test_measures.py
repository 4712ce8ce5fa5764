"""KPI measures against worked examples."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from crm_loop.calendars import Period
from crm_loop.kpi import measures
from crm_loop.kpi.frames import Frames, activity_frame, deal_frame, owner_frame, stage_frame
from crm_loop.kpi.progress import Standing, attainment, judge, ratio
from crm_loop.kpi.service import coverage
from crm_loop.loop_records import Member, ProgressStatus, Role

MOMENT = pl.Datetime("us", "UTC")
DEALS = {
    "connection": pl.String, "id": pl.String, "name": pl.String, "owner_id": pl.String,
    "account_id": pl.String, "pipeline": pl.String, "stage": pl.String, "is_closed": pl.Boolean,
    "is_won": pl.Boolean, "amount": pl.Float64, "currency": pl.String, "close_date": pl.Date,
    "created_at": MOMENT, "modified_at": MOMENT, "lost_reason": pl.String,
}  # fmt: skip
CHANGES = {
    "connection": pl.String, "id": pl.String, "deal_id": pl.String, "at": MOMENT,
    "field": pl.String, "value": pl.String,
}  # fmt: skip
ACTIVITIES = {
    "connection": pl.String, "id": pl.String, "kind": pl.String, "owner_id": pl.String,
    "deal_id": pl.String, "account_id": pl.String, "start": MOMENT, "logged_at": MOMENT,
    "status": pl.String, "outbound": pl.Boolean, "duration_seconds": pl.Int64,
    "external_attendees": pl.Int64, "calendar_uid": pl.String,
}  # fmt: skip
TASKS = {
    "connection": pl.String, "id": pl.String, "deal_id": pl.String, "due": pl.Date,
    "is_closed": pl.Boolean, "key": pl.String,
}  # fmt: skip
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def a_deal(id_: str, *, owner: str = "A", stage: str = "S2", **known: Any) -> dict[str, Any]:
    closed = stage in ("won", "lost")
    return {
        "connection": "crm", "id": id_, "name": id_, "owner_id": owner, "account_id": None,
        "pipeline": "p", "stage": stage, "is_closed": closed, "is_won": stage == "won",
        "amount": None, "currency": None, "close_date": None, "created_at": LONG_AGO,
        "modified_at": LONG_AGO, "lost_reason": None, **known,
    }  # fmt: skip


def moved(id_: str, stage: str, at: datetime) -> dict[str, Any]:
    return {"connection": "crm", "id": f"{id_}:{stage}:{at}", "deal_id": id_, "at": at,
            "field": "stage", "value": stage}  # fmt: skip


def frames(
    deals: Sequence[dict[str, Any]],
    changes: Sequence[dict[str, Any]] = (),
    activities: Sequence[dict[str, Any]] = (),
    tasks: Sequence[dict[str, Any]] = (),
    *,
    currency: str = "JPY",
    time_zone: str = "Asia/Tokyo",
) -> Frames:
    owners = owner_frame([a_member("A"), a_member("B")])
    names = ("S1", "S2", "S3", "S4", "won", "lost")
    stages = stage_frame({("crm", "p", name): name for name in names})
    return Frames(
        deals=deal_frame(
            pl.DataFrame(list(deals), schema=DEALS, orient="row"),
            pl.DataFrame(list(changes), schema=CHANGES, orient="row"),
            owners=owners,
            stages=stages,
            time_zone=time_zone,
            currency=currency,
        ),
        activities=activity_frame(
            pl.DataFrame(list(activities), schema=ACTIVITIES, orient="row"), owners, time_zone
        ),
        tasks=pl.DataFrame(list(tasks), schema=TASKS, orient="row"),
    )


def a_member(name: str) -> Member:
    return Member(
        person=name, name=name, family_name=name, role=Role.AE, manager="boss", language="ja",
        country="JP", time_zone="Asia/Tokyo", accounts={"crm": name},
    )  # fmt: skip


def by_person(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["person"]: row for row in frame.iter_rows(named=True)}


def a_period(span: list[str]) -> Period:
    return Period(date.fromisoformat(span[0]), date.fromisoformat(span[1]))


def test_bookings_count_where_and_when_a_deal_was_won(example: Any) -> None:
    """USD has a plan rate there; here a foreign amount carries no money until rates are pulled."""
    case = example("E1.02")
    deals, changes = [], []
    for one in case["inputs"]["deals"]:
        if one["deleted"]:
            continue
        rate = 150 if one["cur"] == "USD" else 1
        amount = None if one["amount"] is None else one["amount"] * rate
        cur = "EUR" if one["cur"] == "EUR" else "JPY"
        stage = "won" if one["state"] == "won" else "S2"
        deals.append(
            a_deal(one["id"], owner=one["owner_at_win"], stage=stage, amount=amount,
                   currency=cur, close_date=day(one["close_date"]))
        )  # fmt: skip
        changes.append(moved(one["id"], "won", moment(one["won_at"])))
    period = a_period(case["inputs"]["period"])
    world = frames(deals, changes)
    found = by_person(measures.bookings(world, period, period.end))
    counted = by_person(measures.won_count(world, period, period.end))
    for owner, expected in case["expected"].items():
        assert found[owner]["numerator"] == pytest.approx(expected["bookings"])
        assert counted[owner]["numerator"] == expected["won_count"]
        ids = sorted(record["id"] for record in found[owner]["records"])
        assert ids == expected["deal_ids"]
    assert found["A"]["missing_amount"] == ["d8"]
    assert found["A"]["missing_fx"] == ["d9"]


def test_win_rate_is_won_among_decided(example: Any) -> None:
    case = example("E1.03")["inputs"]
    deals, changes = [], []
    for one in case["deals"]:
        end = one["won_on"] or one["lost_on"]
        stage = "won" if one["won_on"] else "lost" if one["lost_on"] else "S2"
        deals.append(
            a_deal(one["id"], stage=stage, close_date=day(end), lost_reason=one["lost_reason"])
        )
        if end:
            changes.append(moved(one["id"], stage, moment(f"{end}T03:00:00+00:00")))
    period = a_period(case["period"])
    (row,) = measures.win_rate(frames(deals, changes), period, period.end).iter_rows(named=True)
    assert (row["numerator"], row["denominator"]) == (3, 5)


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
    shares = [coverage(row["numerator"], one["target"], one["bookings"]) for one in given["cases"]]
    assert [share for share, _ in shares] == case["expected"]["coverage"]
    assert [status.value for _, status in shares] == case["expected"]["status"]


def test_quiet_deals_and_next_steps_are_judged_by_their_days(example: Any) -> None:
    case = example("E1.07")
    given, expected = case["inputs"], case["expected"]
    as_of = date.fromisoformat(given["as_of"])
    world = frames(*_world_of_touches(given["deals"]))
    touched = measures.touched(world, as_of)
    assert touched.filter(pl.col("stale"))["id"].to_list() == expected["stale_ids"]
    period = Period(as_of.replace(day=1), as_of)
    (row,) = measures.next_step_hygiene(world, period, as_of).iter_rows(named=True)
    assert row["numerator"] / row["denominator"] == expected["next_step_hygiene"]
    lacking = set(measures.without_next_step(world, as_of)["id"])
    assert sorted({one["id"] for one in given["deals"]} - lacking) == expected["next_step_ids"]


def _world_of_touches(
    given: list[dict[str, Any]],
) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    deals, changes, activities, tasks = [], [], [], []
    for one in given:
        id_ = one["id"]
        deals.append(
            a_deal(id_, stage=one["stage"], created_at=moment(f"{one['created']}T00:00+00:00"))
        )
        if one["last_stage_advance"]:
            at = moment(f"{one['last_stage_advance']}T00:00:00+00:00")
            changes.append(moved(id_, one["stage"], at))
        if one["last_activity"]:
            start = moment(f"{one['last_activity']}T03:00:00+00:00")
            activities.append(_activity(f"a{id_}", "call", start, deal_id=id_))
        tasks += [
            {"connection": "crm", "id": f"t{id_}{due}", "deal_id": id_, "due": day(due),
             "is_closed": False, "key": None}
            for due in one["scheduled"]
        ]  # fmt: skip
    return deals, changes, activities, tasks


def _activity(id_: str, kind: str, start: datetime, **known: Any) -> dict[str, Any]:
    return {
        "connection": "crm", "id": id_, "kind": kind, "owner_id": "A", "deal_id": None,
        "account_id": None, "start": start, "logged_at": start, "status": "held",
        "outbound": True, "duration_seconds": None, "external_attendees": None,
        "calendar_uid": None, **known,
    }  # fmt: skip


def test_a_meeting_counts_once_when_held_with_somebody_from_outside(example: Any) -> None:
    case = example("E1.11")
    given = case["inputs"]
    activities = [
        _activity(
            one["id"], "meeting", moment(one["start"]), owner_id=one["owner"],
            account_id=one["account"], status=one["status"],
            external_attendees=one["external"], calendar_uid=one["uid"],
        )
        for one in given["meetings"]
    ]  # fmt: skip
    period = a_period(given["period"])
    world = frames([], activities=activities)
    found = by_person(measures.meetings_held(world, period, date.fromisoformat(given["as_of"])))
    assert found[given["owner"]]["numerator"] == case["expected"]["meetings_held"]


def test_nothing_of_nothing_is_no_data_and_attainment_knows_both_directions(example: Any) -> None:
    case = example("E1.13")
    given, expected = case["inputs"], case["expected"]
    ratios = [ratio(n, d) for n, d in given["ratios_num_den"]]
    assert [(v, s.value) for v, s in ratios] == [
        (pytest.approx(one["value"]), one["status"]) for one in expected["ratios"]
    ]
    reached = [attainment(*one) for one in given["attainment_dir_actual_target"]]
    assert reached == [None if x is None else pytest.approx(x) for x in expected["attainment"]]


def test_a_status_does_not_flicker_at_its_boundaries(example: Any) -> None:
    given = example("E4.04")["inputs"]
    before: ProgressStatus | None = None
    seen = []
    for p in given["p_sequence"]:
        before = judge(Standing(p=p, limits=tuple(given["boundaries"]), before=before))
        seen.append(before.value)
    assert seen == example("E4.04")["expected"]["status"]

"""Closed periods: frozen on their freeze day, later changes listed; rebuilt where nobody looked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from crm_loop.calendars import BusinessCalendar, Period
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.closing import ACCURACY, FORECAST, by_id, is_whole, looked_at, to_freeze
from crm_loop.kpi.figures import NOTHING, Row, amounts_by_person, figure_of, only
from crm_loop.kpi.forecast import accuracy, bias
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures import MEASURES
from crm_loop.kpi.restating import Restatement, restate, restate_value
from crm_loop.kpi.selection import credited, open_deals
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import AmountLines, FrozenValue

#: A deal in negotiation is what its owner commits to, where the CRM does not say so itself.
_COMMITTED = ("S4",)

Key = tuple[str, str, date, date]


def freeze_day_of(period: Period, calendar: BusinessCalendar, day: int) -> date:
    """The business day after the period on which it is frozen, by its number."""
    return calendar.add(period.end, day)


def due(
    periods: Sequence[Period],
    known: frozenset[tuple[date, date]],
    as_of: date,
    calendar: BusinessCalendar,
    day: int,
) -> list[Period]:
    """Closed periods that are to be frozen now, on this business day, and are not yet."""
    return [
        one
        for one in periods
        if (one.start, one.end) not in known and freeze_day_of(one, calendar, day) <= as_of
    ]


def freeze(setting: Setting, period: Period, calendar: BusinessCalendar) -> list[FrozenValue]:
    """The period's values with amounts by record; late ones are marked as rebuilt."""
    day = setting.organisation.counting.freeze_day
    rebuilt = setting.as_of > calendar.add(period.end, day + 1)
    people = [rep.person for rep in setting.reps]
    known = by_id(setting)
    return [
        FrozenValue(
            person=person,
            kpi=kpi,
            period_start=period.start,
            period_end=period.end,
            frozen_on=setting.as_of,
            rebuilt=rebuilt,
            value=figure.value,
            numerator=figure.numerator,
            denominator=figure.denominator,
            n=figure.n,
            value_status=figure.status.value,
            amounts=amounts,
        )
        for kpi in to_freeze(setting, period)
        for person, row, amounts in rows_of(setting, known[kpi], period, people)
        for figure in [figure_of(known[kpi], row)]
    ]


def rows_of(
    setting: Setting, kpi: Kpi, period: Period, people: Sequence[str]
) -> Iterator[tuple[str, Row, AmountLines]]:
    """Everybody's row of a figure in a period, and what each record gives to it."""
    rows = setting.measure(kpi.id)(setting.frames, period, setting.as_of)
    if kpi.value == "share":
        rows = given_to_shares(rows)
    found = amounts_by_person(rows)
    for person in people:
        row = found.get(person, NOTHING)
        yield person, row, AmountLines(row["lines"] or "")


def given_to_shares(rows: pl.DataFrame) -> pl.DataFrame:
    """The same with what each record gave to a share: 1 where it counts, 0 where it does not."""
    every = rows.select("person", pl.col("records").alias("one")).explode("one").drop_nulls()
    hits = rows.select("person", pl.col("hits").alias("one")).explode("one").drop_nulls()
    hits = hits.with_columns(pl.lit(1.0).alias("amounts"))
    both = every.join(hits, on=["person", "one"], how="left", maintain_order="left")
    given = both.group_by("person", maintain_order=True).agg(pl.col("amounts").fill_null(0.0))
    none = pl.lit([], dtype=pl.List(pl.Float64))
    known = rows.drop("amounts").join(given, on="person", how="left", maintain_order="left")
    return known.with_columns(pl.col("amounts").fill_null(none))


def knows_its_records(one: FrozenValue) -> bool:
    """Whether a frozen value can be told by record; win rates of long ago lack their hits."""
    if one.kpi != "win_rate":
        return True
    hits = sum(one.amounts.values()) == (one.numerator or 0.0)
    return hits and len(one.amounts) == one.n


def restatements(setting: Setting, frozen: Sequence[FrozenValue]) -> dict[Key, Restatement]:
    """What is different now of frozen periods; nothing where nothing is."""
    found: dict[Key, Restatement] = {}
    known, tonight = by_id(setting), looked_at(setting)
    grouped: dict[tuple[str, date, date], list[FrozenValue]] = {}
    for one in frozen:
        period = Period(one.period_start, one.period_end)
        if one.kpi in tonight and one.kpi in known and is_whole(setting, one.kpi, period):
            grouped.setdefault((one.kpi, one.period_start, one.period_end), []).append(one)
    for (kpi, start, end), values in sorted(grouped.items()):
        people = [one.person for one in values]
        rows = rows_of(setting, known[kpi], Period(start, end), people)
        for one, (_, row, live) in zip(values, rows, strict=True):
            seen = _restated(one, known[kpi], row, live) if knows_its_records(one) else None
            if seen is not None:
                found[one.person, kpi, start, end] = seen
    return found


def _restated(one: FrozenValue, kpi: Kpi, row: Row, live: AmountLines) -> Restatement | None:
    """What became different of one value; None where nothing did."""
    value = figure_of(kpi, row).value
    is_same = isinstance(one.amounts, AmountLines) and one.amounts.text == live.text
    if is_same and value == one.value:
        return None
    if kpi.value == "sum":
        seen = restate(one.amounts, live)
        return seen if seen.changes else None
    seen = restate_value(one.amounts, live, one.value, value)
    return seen if seen.changes or seen.net else None


def committed_deals(frames: Frames, period: Period) -> pl.DataFrame:
    """Open deals due in the period that their owner commits to, in the CRM's word or by stage."""
    said = pl.col("forecast") == "commit"
    return open_deals(frames).filter(
        pl.when(pl.col("forecast").is_null())
        .then(pl.col("canonical").is_in(_COMMITTED))
        .otherwise(said),
        pl.col("close_date").is_between(period.start, period.end),
    )


def forecast(setting: Setting, period: Period) -> list[FrozenValue]:
    """Money won to date and committed for the period, as of the lock day."""
    committed = credited(setting.frames, committed_deals(setting.frames, period), "person")
    open_money = dict(
        committed.drop_nulls("person").group_by("person").agg(pl.col("money").sum()).iter_rows()
    )
    people = [rep.person for rep in setting.reps]
    won = only(MEASURES["bookings"](setting.frames, period, setting.as_of), people)
    return [
        _plain(
            setting,
            period,
            person,
            FORECAST,
            (won[person]["numerator"] or 0.0) + open_money.get(person, 0.0),
        )
        for person in people
    ]


def booked(setting: Setting, period: Period) -> dict[str, float]:
    """Everybody's bookings of a period."""
    people = [rep.person for rep in setting.reps]
    won = only(MEASURES["bookings"](setting.frames, period, setting.as_of), people)
    return {person: row["numerator"] or 0.0 for person, row in won.items()}


def forecast_results(
    setting: Setting, period: Period, promised: Mapping[str, float], actual: Mapping[str, float]
) -> list[FrozenValue]:
    """How close each forecast came; the numerator holds the bias."""
    found = []
    for person, money in sorted(promised.items()):
        done = actual.get(person, 0.0)
        one = _plain(setting, period, person, ACCURACY, accuracy(money, done))
        found.append(_with_bias(one, bias(money, done)))
    return found


def _with_bias(one: FrozenValue, off: float | None) -> FrozenValue:
    return FrozenValue(
        person=one.person,
        kpi=one.kpi,
        period_start=one.period_start,
        period_end=one.period_end,
        frozen_on=one.frozen_on,
        rebuilt=one.rebuilt,
        value=one.value,
        numerator=off,
        denominator=None,
        n=one.n,
        value_status=one.value_status,
    )


def _plain(
    setting: Setting, period: Period, person: str, kpi: str, value: float | None
) -> FrozenValue:
    return FrozenValue(
        person=person,
        kpi=kpi,
        period_start=period.start,
        period_end=period.end,
        frozen_on=setting.as_of,
        rebuilt=False,
        value=value,
        numerator=value,
        denominator=None,
        n=1,
        value_status="ok" if value is not None else "no_data",
    )

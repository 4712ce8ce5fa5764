"""From a measured row to a value with its status: one place for what nothing and little mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from crm_loop.kpi import given
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.progress import ratio, ratio_status
from crm_loop.loop_records import ValueStatus

Row = Mapping[str, Any]

#: What a person has of whom nothing was found.
NOTHING: Row = {
    "numerator": None,
    "denominator": None,
    "n": 0,
    "records": (),
    "hits": (),
    "counted": (),
    "amounts": (),
    "warnings": (),
    "lines": "",
    "given": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured value; shares are 0..1, money in the corporate currency."""

    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    status: ValueStatus

    @property
    def hits(self) -> int:
        return round(self.numerator or 0.0)

    @property
    def misses(self) -> int:
        return round((self.denominator or 0.0) - (self.numerator or 0.0))


def figure_of(kpi: str | Kpi, row: Row) -> Figure:
    """Read a row as the KPI's form says: 0 of 0 is no data, a sum of nothing is 0."""
    known = catalogue()[kpi] if isinstance(kpi, str) else kpi
    numerator, denominator, n = row["numerator"], row["denominator"], int(row["n"] or 0)
    if known.value == "sum" or known.unit == "times":
        return Figure(
            value=numerator or 0.0,
            numerator=numerator or 0.0,
            denominator=denominator,
            n=n,
            status=ValueStatus.OK,
        )
    if known.value == "told":
        found = ValueStatus.OK if n and numerator is not None else ValueStatus.NO_DATA
        return Figure(
            value=numerator if n else None,
            numerator=numerator,
            denominator=denominator,
            n=n,
            status=found,
        )
    if known.value == "median":
        value = numerator if n else None
        denominator = None
    else:
        numerator, denominator = numerator or 0.0, denominator or 0.0
        value, _ = ratio(numerator, denominator)
    status = ratio_status(n) if value is not None else ValueStatus.NO_DATA
    return Figure(value=value, numerator=numerator, denominator=denominator, n=n, status=status)


def rows_by_person(frame: pl.DataFrame) -> dict[str, Row]:
    return {row["person"]: row for row in frame.iter_rows(named=True)}


def lines_by_person(frame: pl.DataFrame) -> dict[str, Row]:
    """The same with the records as lines of text, and what each of them gave as a short one."""
    named = [pl.element().struct.field(name) for name in ("connection", "object", "id")]
    lines = pl.col("records").list.eval(pl.concat_str(named, separator="\t")).list.join("\n")
    texts = (lines.alias("lines"), given.written(frame))
    slim = frame.select("person", "numerator", "denominator", "n", "warnings", *texts)
    return {row["person"]: row for row in slim.iter_rows(named=True)}


def amounts_by_person(frame: pl.DataFrame) -> dict[str, Row]:
    """The same with what each record gave, as lines of text (record, tab, amount)."""
    record = [pl.col("records").struct.field(name) for name in ("connection", "object", "id")]
    given = pl.col("amounts").fill_null(0.0).cast(pl.String)
    line = pl.concat_str([pl.concat_str(record, separator=":"), given], separator="\t")
    lines = (
        frame.select("person", "records", "amounts")
        .explode("records", "amounts")
        .drop_nulls("records")
        .group_by("person")
        .agg(line.str.join("\n").alias("lines"))
    )
    slim = frame.select("person", "numerator", "denominator", "n", "warnings")
    both = slim.join(lines, on="person", how="left")
    return {row["person"]: row for row in both.iter_rows(named=True)}


def only(frame: pl.DataFrame, people: Sequence[str]) -> dict[str, Row]:
    """One row for each of these people, whether anything was found of them or not."""
    found = rows_by_person(frame)
    return {person: found.get(person, NOTHING) for person in people}

"""What each record gave to a figure, as one short text beside its records.

Two lines: for each record 1 or 0, whether it counts in the numerator; and its amounts between tabs
("-" where one is not known). Each line is empty where every record counts, and where each gave 1,
as most do.
"""

from collections.abc import Sequence

import polars as pl

_COUNTS, _UNKNOWN, _ONE = "1", "-", 1.0


def written(frame: pl.DataFrame) -> pl.Expr:
    """The text for each row of measured figures (`counted` and `amounts` in, `given` out)."""
    parts = [_flags(frame), pl.lit("\n"), _amounts(frame)]
    return pl.concat_str(parts).str.strip_chars_end("\n").alias("given")


def _flags(frame: pl.DataFrame) -> pl.Expr:
    # Most figures count everything that was looked at: they cost nothing.
    if frame["counted"].explode().drop_nulls().all():
        return pl.lit("")
    flag = pl.element().cast(pl.UInt8).cast(pl.String)
    return pl.col("counted").list.eval(flag).list.join("").fill_null("")


def _amounts(frame: pl.DataFrame) -> pl.Expr:
    every = frame["amounts"].explode()
    # An empty list explodes to nothing known, as does an amount that is not known.
    listed = frame["amounts"].list.len().sum()
    if (every == _ONE).sum() == listed:
        return pl.lit("")
    amount = pl.element().cast(pl.String).fill_null(_UNKNOWN)
    return pl.col("amounts").list.eval(amount).list.join("\t").fill_null("")


def read(text: str, count: int) -> list[tuple[bool, float | None]] | None:
    """Whether each of so many records counts, and its amount; None where the text is of others."""
    flags, _, amounts = text.partition("\n")
    counted = [one == _COUNTS for one in flags] if flags else [True] * count
    gave: Sequence[float | None] = [_ONE] * count
    if amounts:
        gave = [None if one == _UNKNOWN else float(one) for one in amounts.split("\t")]
    if len(counted) != count or len(gave) != count:
        return None
    return list(zip(counted, gave, strict=True))

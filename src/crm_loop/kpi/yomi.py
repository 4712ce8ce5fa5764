"""How sure open deals are in the words that Japanese sales teams use: A, B, C and neta."""

from collections.abc import Mapping

import polars as pl

from crm_loop.kpi.selection import open_deals
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Form, Insight
from crm_loop.records import Forecast

RULE = "yomi"
#: A: as good as promised; B: likely; C: possible; neta: an idea as yet.
RANKS: Mapping[Forecast, str] = {
    Forecast.COMMIT: "A",
    Forecast.MOST_LIKELY: "B",
    Forecast.BEST_CASE: "B",
    Forecast.PIPELINE: "C",
    Forecast.OMITTED: "neta",
}
NAMES: Mapping[str, Mapping[str, str]] = {
    "ja": {"A": "Aヨミ", "B": "Bヨミ", "C": "Cヨミ", "neta": "ネタ"},
    "en": {"A": "A", "B": "B", "C": "C", "neta": "ideas"},
}
#: Where the CRM knows no forecast, a stage stands for one.
_OF_STAGE: Mapping[str, str] = {"S4": "A", "S3": "B", "S2": "C", "S1": "neta"}


def rank() -> pl.Expr:
    """The rank of an open deal; null where neither forecast nor stage says anything."""
    said = pl.col("forecast").replace_strict(
        {one.value: name for one, name in RANKS.items()}, default=None, return_dtype=pl.String
    )
    of_stage = pl.col("canonical").replace_strict(
        dict(_OF_STAGE), default=None, return_dtype=pl.String
    )
    return pl.coalesce(said, of_stage)


def yomi(setting: Setting) -> list[Insight]:
    """Each rep's open deals due in the month, by rank: how many and how much."""
    month = setting.month
    due = open_deals(setting.frames).filter(
        pl.col("close_date").is_between(setting.as_of, month.end)
    )
    ranked = (
        due.with_columns(rank().alias("rank"))
        .drop_nulls(["rank", "person"])
        .group_by("person", "rank")
        .agg(pl.len().alias("deals"), pl.col("money").sum().alias("money"))
        .sort("person", "rank")
    )
    found: dict[str, dict[str, dict[str, float]]] = {}
    for person, name, deals, money in ranked.iter_rows():
        found.setdefault(person, {})[name] = {"deals": deals, "money": money}
    reps = {rep.person for rep in setting.reps}
    return [
        Insight(
            person=person,
            as_of=setting.as_of,
            rule=RULE,
            driver="bookings",
            form=Form.STATED,
            facts={
                "ranks": ranks,
                "sure": int(ranks.get("A", {}).get("deals", 0)),
                "likely": int(ranks.get("B", {}).get("deals", 0)),
            },
        )
        for person, ranks in found.items()
        if person in reps
    ]

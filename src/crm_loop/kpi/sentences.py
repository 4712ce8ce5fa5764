"""One sentence for every insight, in the reader's language."""

import math
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crm_loop.kpi.catalogue import catalogue
from crm_loop.loop_records import Insight
from crm_loop.statistics.guarded import half_up

_WHOLE_PERCENT = 100


@lru_cache(maxsize=1)
def templates() -> Mapping[str, Mapping[str, str]]:
    """Language to templates by rule, most special first: rule.driver.form, rule.driver, rule."""
    text = files("crm_loop.kpi").joinpath("sentences.toml").read_text("utf-8")
    found: Mapping[str, Mapping[str, str]] = tomllib.loads(text)
    return found


def sentence(insight: Insight, language: str) -> str:
    """Say an insight; KeyError when its rule has no sentence."""
    known = templates()[language]
    direction = str(insight.facts.get("direction"))
    for key in (
        f"{insight.rule}.{_variant(insight)}",
        f"{insight.rule}.{insight.driver}.{insight.form}",
        f"{insight.rule}.{insight.driver}",
        f"{insight.rule}.{direction}",
        f"{insight.rule}.{insight.facts.get('unit')}",
        insight.rule,
    ):
        if key in known:
            return known[key].format(**_written(insight))
    raise KeyError(insight.rule)


def warned(warnings: Iterable[str], language: str) -> list[str]:
    """What a figure's warnings mean, one sentence a kind with how many records it is about."""
    known = templates()[language]
    kinds = Counter(one.partition(":")[0] for one in warnings)
    return [
        known[f"warning.{kind}"].format(n=n) if f"warning.{kind}" in known else kind
        for kind, n in sorted(kinds.items())
    ]


def _variant(insight: Insight) -> str | None:
    """What is said where the usual words would be wrong: of no number, or the other way round."""
    if insight.rule == "mix":
        return "existing" if insight.facts.get("grown") == "existing" else None
    if insight.rule == "backtest":
        return "calibrating" if insight.facts.get("calibrating") else None
    if insight.rule == "trend":
        known = catalogue().get(insight.driver)
        worse = known is not None and known.unit == "days" and not known.higher_is_better
        return "longer" if worse and insight.facts["direction"] == "declining" else None
    return _without_number(insight)


def _without_number(insight: Insight) -> str | None:
    """What is said where the number of the sentence is none, or nothing is left of it."""
    if insight.rule == "speed_to_lead":
        return None if math.isfinite(insight.facts.get("median", 0.0)) else "unanswered"
    if insight.rule == "company_targets":
        return None if insight.facts["out_of_reach"] else "none"
    if insight.rule == "requirement":
        wins = (insight.facts.get("required") or {}).get("wins")
        return "unknown" if wins is None else (None if half_up(wins) else "covered")
    return None


def _written(insight: Insight) -> dict[str, Any]:
    """Facts as people write them: whole numbers, shares in per cent."""
    facts: dict[str, Any] = {**insight.facts, "count": len(insight.facts.get("flags", ()))}
    required = insight.facts.get("required") or {}
    facts["wins"] = required.get("wins")
    if isinstance(facts.get("share"), float):
        facts["share"] = f"{half_up(facts['share'] * _WHOLE_PERCENT)}%"
    if facts.get("unit") == "ratio":
        shares = {name: half_up(facts[name] * _WHOLE_PERCENT) for name in ("now", "usual")}
        facts |= {name: f"{share}%" for name, share in shares.items()}
    if isinstance(facts.get("attainers"), list):
        # The chance of none, of one, of two …: what is told is how many there are on average.
        facts["attainers"] = half_up(sum(n * p for n, p in enumerate(facts["attainers"])))
    if "brier" in facts:
        facts["brier"] = f"{facts['brier']:.2f}"
        facts |= {
            name: half_up(facts["cases"] * facts[of])
            for name, of in (("expected", "promised"), ("came", "reached"))
        }
    if isinstance(facts.get("times"), float):
        facts["times"] = f"{facts['times']:.1f}"
    return {
        name: half_up(one) if isinstance(one, float) and abs(one) < float("inf") else one
        for name, one in facts.items()
    }

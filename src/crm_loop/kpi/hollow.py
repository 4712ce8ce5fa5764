"""KPIs that guide nobody any more: looked at as a whole, never by person."""

from collections.abc import Mapping, Sequence

from crm_loop.kpi.choice import shown_together
from crm_loop.kpi.history import Past
from crm_loop.kpi.pitfalls import KpiLife, hollow_flags, hollow_label
from crm_loop.kpi.setting import Setting
from crm_loop.kpi.targets import Key
from crm_loop.kpi.tree import DEFAULT, cycle_in, orphans
from crm_loop.loop_records import Form, Insight, KpiValue
from crm_loop.statistics.ordered import median

RULE = "hollow_kpi"
#: Without a single case for this long, as far as is known.
_SILENT = 4


def hollow_kpis(
    setting: Setting,
    values: Mapping[Key, KpiValue],
    history: Mapping[str, Past],
    discussed: Mapping[str, int],
) -> list[Insight]:
    """One insight a KPI that is shown and hollow; `discussed` is how many 1on1s ago."""
    shown = shown_together(setting.organisation, (one.role for one in setting.reps))
    edges = [*DEFAULT, *(edge for one in setting.custom.values() for edge in one.edges)]
    lost = set(orphans(shown, edges, ["purpose"])) | set(cycle_in(edges))
    found = []
    by_kpi: dict[str, list[KpiValue]] = {}
    for (_, kpi), one in values.items():
        by_kpi.setdefault(kpi, []).append(one)
    for kpi in shown:
        of_kpi = by_kpi.get(kpi, [])
        life = KpiLife(
            purpose=bool(setting.organisation.purpose) and kpi not in lost,
            last_review_days=_since_review(setting, kpi),
            sessions_since_discussed=discussed.get(kpi),
            median_p=median([one.p_attain for one in of_kpi if one.p_attain is not None]),
            stale_weeks=0 if _speaks(setting, kpi, of_kpi, history) else _SILENT,
            has_driver=any(kpi in (edge.kpi, edge.parent) for edge in edges),
        )
        flags = hollow_flags(life)
        if hollow_label(flags) == "hollow":
            found.append(_insight(setting, kpi, flags))
    return found


def _speaks(
    setting: Setting, kpi: str, values: Sequence[KpiValue], history: Mapping[str, Past]
) -> bool:
    """Whether there was any case; of a period that has just begun the weeks before it tell."""
    weeks = history[kpi].weeks(setting.as_of, _SILENT).totals if kpi in history else ()
    return any(one.n for one in values) or any(week for week in weeks)


def _since_review(setting: Setting, kpi: str) -> float | None:
    """A target that was set for this period was looked at when it began."""
    starts = [one.period_start for (_, id_), one in setting.targets.items() if id_ == kpi]
    return (setting.as_of - max(starts)).days if starts else None


def _insight(setting: Setting, kpi: str, flags: list[str]) -> Insight:
    return Insight(
        person="",
        as_of=setting.as_of,
        rule=RULE,
        driver=kpi,
        form=Form.TEAM,
        facts={"flags": flags},
    )

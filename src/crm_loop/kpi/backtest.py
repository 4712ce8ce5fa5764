"""Did chances come true as often as they said? Closed periods, as they were promised; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from crm_loop.kpi.catalogue import catalogue
from crm_loop.loop_records import Form, Insight, KpiValue
from crm_loop.statistics.guarded import at_least
from crm_loop.statistics.ordered import mean

RULE = "backtest"
#: So many closed periods of people say something, and so far apart the two may be.
ENOUGH, APART = 20, 0.15
#: Where the three bins of promised chances begin.
BINS = (0.0, 1 / 3, 2 / 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Promised chances against what came: Brier's score (1950), and by bin both as means."""

    cases: int
    brier: float
    promised: float
    reached: float
    bins: Sequence[tuple[int, float, float]]

    @property
    def calibrating(self) -> bool:
        """Whether what is promised is too far from what comes to name a zone."""
        far = abs(self.promised - self.reached) > APART
        return self.cases >= ENOUGH and far


def calibrating(insights: Iterable[Insight]) -> frozenset[str]:
    """The KPIs of which no zone is named for now."""
    told = (one for one in insights if one.rule == RULE)
    return frozenset(one.driver for one in told if one.facts.get("calibrating"))


def kept(pairs: Sequence[tuple[float, bool]]) -> Kept | None:
    """Pairs of a chance at the start and whether the target was reached; None of none."""
    if not pairs:
        return None
    return Kept(
        cases=len(pairs),
        brier=sum((p - reached) ** 2 for p, reached in pairs) / len(pairs),
        promised=sum(p for p, _ in pairs) / len(pairs),
        reached=sum(reached for _, reached in pairs) / len(pairs),
        bins=[_bin([one for one in pairs if _place(one[0]) == n]) for n in range(len(BINS))],
    )


def _place(chance: float) -> int:
    return max(n for n, begins in enumerate(BINS) if at_least(chance, begins))


def _bin(pairs: Sequence[tuple[float, bool]]) -> tuple[int, float, float]:
    promised = mean([p for p, _ in pairs]) or 0.0
    reached = mean([float(reached) for _, reached in pairs]) or 0.0
    return len(pairs), promised, reached


def backtests(closed: Sequence[KpiValue], as_of: date) -> list[Insight]:
    """One line a KPI for the page about methods; never about a person."""
    volumes = {kpi.id for kpi in catalogue().values() if kpi.is_volume and kpi.higher_is_better}
    by_kpi: dict[str, list[tuple[float, bool]]] = {}
    for one in closed:
        promised, target, value = one.p_start, one.target, one.value
        if one.kpi in volumes and promised is not None and target is not None and value is not None:
            by_kpi.setdefault(one.kpi, []).append((promised, at_least(value, target)))
    found = []
    for kpi, pairs in sorted(by_kpi.items()):
        seen = kept(pairs)
        if seen is not None:
            facts = {
                "cases": seen.cases,
                "brier": seen.brier,
                "promised": seen.promised,
                "reached": seen.reached,
                "bins": [list(one) for one in seen.bins],
                "calibrating": seen.calibrating,
            }
            found.append(
                Insight(person="", as_of=as_of, rule=RULE, driver=kpi, form=Form.TEAM, facts=facts)
            )
    return found

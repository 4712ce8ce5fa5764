"""What is believed of shares, and that nothing is said of averages and medians."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_loop.kpi.courses import Models, Projection, Rows
from crm_loop.loop_records import KpiValue, Member
from crm_loop.statistics import shares, shrinkage


@dataclass(frozen=True, slots=True)
class ShareCourse:
    """Shares: the belief about the true share, shrunk towards the team; they have no pace."""

    prior: tuple[float, float]
    higher_is_better: bool

    def expected(self, target: float) -> float | None:  # noqa: ARG002 - all courses are asked alike
        return None

    def chance(self, value: KpiValue, target: float) -> float | None:
        if not value.denominator:
            return None
        hits = value.numerator or 0.0
        successes, failures = self.prior[0] + hits, self.prior[1] + value.denominator - hits
        if self.higher_is_better:
            return shares.beta_tail(successes, failures, target)
        return shares.beta_tail(failures, successes, 1 - target)

    def chance_at_start(self, person: str, target: float) -> float | None:  # noqa: ARG002 - as above
        return None

    def projection(self, value: KpiValue) -> Projection | None:  # noqa: ARG002 - as above
        return None

    def aim(self, person: str, share: float) -> float | None:  # noqa: ARG002 - as above
        return None

    def reachable(self, value: KpiValue, share: float) -> float | None:  # noqa: ARG002 - as above
        return None

    @property
    def models(self) -> Models:
        return {}


class UnknownCourse:
    """Averages, medians and the like: nothing is said of where they will be."""

    def expected(self, target: float) -> float | None:  # noqa: ARG002 - all courses are asked alike
        return None

    def chance(self, value: KpiValue, target: float) -> float | None:  # noqa: ARG002 - as above
        return None

    def chance_at_start(self, person: str, target: float) -> float | None:  # noqa: ARG002 - as above
        return None

    def projection(self, value: KpiValue) -> Projection | None:  # noqa: ARG002 - as above
        return None

    def aim(self, person: str, share: float) -> float | None:  # noqa: ARG002 - as above
        return None

    def reachable(self, value: KpiValue, share: float) -> float | None:  # noqa: ARG002 - as above
        return None

    @property
    def models(self) -> Models:
        return {}


def share_course(reps: Sequence[Member], rows: Rows, *, higher_is_better: bool) -> ShareCourse:
    team = [rows[rep.person] for rep in reps if rep.person in rows]
    counted = [row for row in team if (row["denominator"] or 0) > 0]
    hits = [row["numerator"] for row in counted]
    cases = [row["denominator"] for row in counted]
    return ShareCourse(shrinkage.prior(hits, cases), higher_is_better)

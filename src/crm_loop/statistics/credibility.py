"""How much to trust a person's own average size: Buhlmann credibility over the team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_loop.statistics.ordered import percentile

LEAST, MOST = 2.0, 50.0
#: From so many sizes on, the largest are cut to the 95th percentile.
WINSORISED_FROM, WINSORISED_AT = 20, 0.95

Sizes = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credibility:
    """Variances within and between people, and the weight `k` of the team in records.

    `within`, `between` and `raw_k` are None where there is nothing to estimate them from.
    """

    within: float | None
    between: float | None
    k: float
    raw_k: float | None
    team_mean: float | None
    shrunk: Mapping[str, float | None]


def credibility(sizes: Sizes) -> Credibility:
    """Shrink everybody's average towards the team's; who has none gets the team's.

    Source: Buhlmann, ASTIN Bulletin 4 (1967), with the unbiased moment estimators.
    """
    cut = _winsorised(sizes)
    groups = [group for group in cut.values() if group]
    total = sum(map(len, groups))
    if total == 0:
        return Credibility(
            within=None,
            between=None,
            k=MOST,
            raw_k=None,
            team_mean=None,
            shrunk=dict.fromkeys(sizes),
        )
    mean = sum(map(sum, groups)) / total
    within, between = _variances(groups, mean, total)
    raw = within / between if within is not None and between is not None and between > 0 else None
    k = MOST if raw is None else min(max(raw, LEAST), MOST)
    shrunk = {name: (sum(group) + k * mean) / (len(group) + k) for name, group in cut.items()}
    return Credibility(
        within=within, between=between, k=k, raw_k=raw, team_mean=mean, shrunk=shrunk
    )


def _variances(
    groups: Sequence[Sequence[float]], mean: float, total: int
) -> tuple[float | None, float | None]:
    people = len(groups)
    if people in (1, total):
        return None, None
    means = [sum(group) / len(group) for group in groups]
    squares = sum(
        (size - own) ** 2 for group, own in zip(groups, means, strict=True) for size in group
    )
    within = squares / (total - people)
    spread = sum(len(group) * (own - mean) ** 2 for group, own in zip(groups, means, strict=True))
    spare = total - sum(len(group) ** 2 for group in groups) / total
    return within, (spread - (people - 1) * within) / spare


def _winsorised(sizes: Sizes) -> dict[str, list[float]]:
    every = [size for group in sizes.values() for size in group]
    limit = percentile(every, WINSORISED_AT) if len(every) >= WINSORISED_FROM else None
    if limit is None:
        return {name: list(group) for name, group in sizes.items()}
    return {name: [min(size, limit) for size in group] for name, group in sizes.items()}

"""What the loop did, and what is learned from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

#: A 1on1 that becomes shorter, or is called off so often in four weeks, is losing its time.
DECLINING, OFTEN = "declining", 2
#: From so many people on, what was seen of them together is about nobody.
MIN_REPS = 3


class Use(StrEnum):
    """What becomes of an observation: it teaches, or why it does not."""

    LEARNED = "learned"
    FEW_PEERS = "few_peers"
    MIXED = "mixed"
    NO_BASE = "no_base"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a figure did around one verified action; means a week, in the figure's own unit.

    `step` is the kind of step, `week` the last one that was looked at. `relative` is signed so
    that more is better. `before_after` is the plain difference, kept as a contrast.
    """

    action: str
    person: str
    step: str
    kpi: str
    week: str
    pre: float
    post: float
    before_after: float
    use: Use
    peers: int = 0
    expected: float | None = None
    effect: float | None = None
    error: float | None = None
    relative: float | None = None
    relative_error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What is believed of a kind of step for a KPI as of a week, of `n` steps by `reps` people."""

    week: str
    step: str
    kpi: str
    n: int
    reps: int
    mean: float
    sd: float
    p: float
    verdict: str

    @property
    def may_be_used(self) -> bool:
        """Of fewer people than three nothing is shown or used: it would be about one of them."""
        return self.reps >= MIN_REPS


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionQuality:
    """One 1on1 by its components (0..1, None where not known); `quality` 0..100 or None.

    What the rep answered about it is in `own` alone, the same mean with it, which is the rep's to
    read and nobody else's.
    """

    rep: str
    manager: str
    week: str
    quality: float | None
    weight: float
    own: float | None = None
    parts: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRhythm:
    """How regularly a pair met up to a week.

    `recorded` is the share of eligible weeks of which anything is known; what is not recorded is
    in no ratio, and below 60 % nothing is said (`adherence` None). `called_off` are 1on1s of the
    last eight weeks that did not take place, `by_manager` those of them that the manager took out
    of the calendar, `lately` those of these in the last four weeks. `minutes` says where their
    length is going: improving, declining, flat, or None where too few are known.
    """

    rep: str
    manager: str
    week: str
    eligible: int
    recorded: float | None
    adherence: float | None
    streak: int
    max_gap_days: int | None
    called_off: int = 0
    by_manager: int = 0
    lately: int = 0
    minutes: str | None = None

    @property
    def cancelled_share(self) -> float | None:
        """The share of the weeks that offered a 1on1 in which the manager called it off."""
        offered = self.eligible + self.called_off
        return self.by_manager / offered if offered else None

    @property
    def is_squeezed(self) -> bool:
        """Whether the time for it has become hard to find."""
        return self.minutes == DECLINING or self.lately >= OFTEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """What a manager put into the 1on1s: the mean of the parts that are known, 0..1."""

    manager: str
    week: str
    value: float | None
    parts: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingTogether:
    """Whether `what` (adherence or quality) goes with attainment, in a team or in all ('')."""

    week: str
    team: str
    what: str
    n: int
    rho: float | None
    p: float | None
    low: float | None
    high: float | None
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What followed steps of one kind that were done, and steps of it that were not.

    Means of the relative effect, each of so many steps by so many people. Who does a step and
    who does not differ in other ways too: this is an association and no cause.
    """

    week: str
    step: str
    kpi: str
    done: int
    done_reps: int
    done_mean: float | None
    missed: int
    missed_reps: int
    missed_mean: float | None

    @property
    def may_be_used(self) -> bool:
        """Of fewer people than three on either side nothing is shown."""
        return min(self.done_reps, self.missed_reps) >= MIN_REPS


@dataclass(frozen=True, slots=True, kw_only=True)
class WithinRep:
    """How much higher the next week's process score is after a 1on1 than after a week without.

    In points, the mean of the reps' own differences; None with fewer than five such reps.
    """

    week: str
    reps: int
    estimate: float | None
    low: float | None
    high: float | None
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """How far the organisation has come as of a week; indices and components by name."""

    week: str
    stage: str
    symptoms: tuple[str, ...]
    first_action: str | None
    largest_shortfall: str | None
    weeks_in_a_row: int
    indices: Mapping[str, float | None]
    components: Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfAssessment:
    """The article's three questions as somebody answered them before there were data."""

    answered_on: date
    kpi_not_operated: bool
    one_on_one_ineffective: bool
    disconnected: bool

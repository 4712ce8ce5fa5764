"""What each night concludes and keeps beside the values: reads, decides by the rules, writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm_loop.calendars import Period, kind_of, previous_period
from crm_loop.kpi import freezing, pipeline_history
from crm_loop.kpi.backtest import backtests
from crm_loop.kpi.chance_moved import chances_moved
from crm_loop.kpi.closing import FORECAST, looked_at, watched_from
from crm_loop.kpi.forecast_bias import forecast_biases
from crm_loop.kpi.history import Past, pasts
from crm_loop.kpi.hollow import hollow_kpis
from crm_loop.kpi.interim import interim_goals
from crm_loop.kpi.managers import manager_parts
from crm_loop.kpi.outlook import Outlook
from crm_loop.kpi.own_kpis import broken_files, load_warning
from crm_loop.kpi.pitfalls import SessionLife, small_talk_label
from crm_loop.kpi.rates import rates
from crm_loop.kpi.requirements import requirements, tree_gaps
from crm_loop.kpi.restating import Restatement
from crm_loop.kpi.review_calendar import reviews_due
from crm_loop.kpi.reviewing import causes, repeated_failures
from crm_loop.kpi.setting import Setting
from crm_loop.kpi.signals import signals
from crm_loop.kpi.state_freezing import freeze_states
from crm_loop.kpi.target_reviews import (
    Reviewed,
    Series,
    allocations,
    proposals,
    share_targets,
    team_view,
)
from crm_loop.kpi.targets import Key
from crm_loop.kpi.telling import kept
from crm_loop.kpi.tiers import tiers
from crm_loop.kpi.trust import enough
from crm_loop.kpi.yomi import yomi
from crm_loop.loop_records import Form, FrozenValue, Insight, KpiValue, TargetProposal
from crm_loop.store import State

#: A whole pipeline is kept once a month; in between, only what changed.
WHOLE_EVERY = timedelta(days=28)
#: A proposal that lapsed is not made again for four weeks.
RESTING = timedelta(days=28)
#: How far back closed periods are rebuilt on the first night.
REBUILT = 12
TRUST = "missing_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows of earlier nights; `spans` are closed periods that targets are of."""

    frozen: frozenset[tuple[date, date]]
    lately: Sequence[FrozenValue]
    spans: frozenset[tuple[date, date]]
    series: Series
    aims: Mapping[Key, tuple[date, float]]
    changed: Mapping[Key, date]
    closed: Sequence[KpiValue]
    before: Mapping[str, Sequence[Insight]]
    acted: frozenset[str]
    discussed: Mapping[str, int]
    sessions: Sequence[SessionLife]


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What one night concludes."""

    insights: Sequence[Insight]
    proposals: Sequence[TargetProposal]
    frozen: Sequence[FrozenValue]
    restated: Mapping[freezing.Key, Restatement]
    purposeful: int


def conclude(setting: Setting, values: Sequence[KpiValue], known: Known, outlook: Outlook) -> Night:
    """Everything that follows from the values; pure."""
    history = pasts(setting.frames)
    by_key = {(one.person, one.kpi): one for one in values}
    drivers = causes(setting, history, outlook)
    frozen = _frozen(setting, history, known)
    return Night(
        insights=_once(
            kept(
                [
                    *drivers,
                    *repeated_failures(drivers, known.before, known.acted),
                    *requirements(setting, by_key, history, outlook),
                    *rates(setting, history, outlook),
                    *tree_gaps(setting, by_key),
                    *signals(setting, by_key, history),
                    *team_view(setting, by_key),
                    *allocations(setting),
                    *backtests(known.closed, setting.as_of),
                    *reviews_due(setting),
                    *interim_goals(setting, by_key, history, outlook),
                    *yomi(setting),
                    *forecast_biases(setting),
                    *share_targets(setting, by_key),
                    *tiers(setting, history),
                    *chances_moved(by_key, known.series),
                    *_hollow(setting, by_key, history, known),
                    *_trust(setting),
                    *broken_files(setting),
                    *load_warning(setting),
                    *manager_parts(setting),
                ],
                setting.organisation.profile,
            )
        ),
        proposals=proposals(setting, by_key, history, _reviewed(known)),
        frozen=[*frozen, *freeze_states(setting, values)],
        restated=freezing.restatements(setting, known.lately),
        # Only their number leaves this place: it is nobody's verdict.
        purposeful=sum(small_talk_label(one) == "purposeful" for one in known.sessions),
    )


def _hollow(
    setting: Setting, values: Mapping[Key, KpiValue], history: Mapping[str, Past], known: Known
) -> list[Insight]:
    """Of what nobody has talked about in any 1on1 yet nothing is worn out."""
    return hollow_kpis(setting, values, history, known.discussed) if known.sessions else []


def _reviewed(known: Known) -> Reviewed:
    closed = {(one.person, one.kpi, one.period_end): one for one in known.closed}
    return Reviewed(known.series, known.aims, known.changed, closed)


def _once(insights: Sequence[Insight]) -> list[Insight]:
    found = {(one.person, one.rule, one.driver): one for one in insights}
    return [found[key] for key in sorted(found)]


def _frozen(setting: Setting, history: Mapping[str, Past], known: Known) -> list[FrozenValue]:
    """What is closed by now and not frozen yet.

    Every month, any other period that somebody had a target for, and the running month's forecast
    on its lock day.
    """
    calendar, rules = setting.organisation.calendar(), setting.organisation.counting
    months = history["bookings"].periods(setting.month)[-REBUILT:]
    last = previous_period(setting.month, fiscal_start=setting.organisation.fiscal_start)
    asked = [
        Period(start, end, kind_of(start, end))
        for start, end in known.spans
        if months and start >= months[0].start
    ]
    wanted = sorted({*months, *([last] if months else []), *asked})
    found = [
        value
        for period in freezing.due(wanted, known.frozen, setting.as_of, calendar, rules.freeze_day)
        for value in [
            *freezing.freeze(setting, period, calendar),
            *_forecast_results(setting, period, known.lately),
        ]
    ]
    lock = calendar.add(setting.month.start - timedelta(days=1), rules.forecast_lock_day)
    return [*found, *(freezing.forecast(setting, setting.month) if setting.as_of >= lock else [])]


def _forecast_results(
    setting: Setting, period: Period, lately: Sequence[FrozenValue]
) -> list[FrozenValue]:
    span = (period.start, period.end)
    mine = [one for one in lately if (one.period_start, one.period_end) == span]
    promised = {one.person: one.value or 0.0 for one in mine if one.kpi == FORECAST}
    if not promised:
        return []
    return freezing.forecast_results(setting, period, promised, freezing.booked(setting, period))


def _trust(setting: Setting) -> list[Insight]:
    """A measure of the data, for the administrator: never of a rep."""
    trust, parts = setting.trust, dict(setting.trust_parts)
    if trust is None:
        return []
    return [
        Insight(
            person="",
            as_of=setting.as_of,
            rule=TRUST,
            driver="data_trust",
            form=Form.TEAM,
            facts={"trust": trust, "enough": enough(trust), "parts": parts},
        )
    ]


def keep(state: State, setting: Setting, night: Night) -> None:
    """Keep what a night concluded; doing it twice changes nothing."""
    state.insights.keep(setting.as_of, night.insights)
    monday = setting.as_of - timedelta(days=setting.as_of.weekday())
    state.insights.lapse(monday)
    state.insights.propose(night.proposals, resting=setting.as_of - RESTING)
    state.frozen.keep(night.frozen)
    state.frozen.restate(
        setting.as_of,
        {key: (one.net, one.changes) for key, one in night.restated.items()},
        kpis=looked_at(setting),
        since=watched_from(setting),
    )
    _keep_pipeline(state, setting)


def _keep_pipeline(state: State, setting: Setting) -> None:
    now = pipeline_history.pipeline_of(setting.frames)
    kept = state.frozen.pipelines(setting.as_of - timedelta(days=1))
    if not kept or setting.as_of - kept[0][0] >= WHOLE_EVERY:
        state.frozen.keep_pipeline(setting.as_of, pipeline_history.packed(now), whole=True)
        return
    before = pipeline_history.applied([pipeline_history.unpacked(one) for _, _, one in kept])
    moved = pipeline_history.changed_since(before, now)
    state.frozen.keep_pipeline(setting.as_of, pipeline_history.packed(moved), whole=False)

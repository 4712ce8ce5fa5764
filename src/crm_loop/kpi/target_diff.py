"""What other targets would change: each difference, and whom it puts on another footing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from crm_loop.kpi.evaluation import evaluate
from crm_loop.kpi.outlook import outlook
from crm_loop.kpi.service import read_setting
from crm_loop.kpi.targets import in_force
from crm_loop.loop_records import KpiValue, ProgressStatus, Target
from crm_loop.store import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDiff:
    """Changed targets (old None: new), changed statuses, and how many are off track only now.

    Of a change `overruled` says that a quota of the CRM stays in force whatever the file says.
    `staying` are targets of periods that are not over which the file does not name: an import
    takes nothing away.
    """

    changes: list[dict[str, Any]]
    statuses: list[dict[str, Any]]
    staying: list[dict[str, Any]]

    @property
    def turned_off_track(self) -> list[str]:
        return off_track_now(self.statuses)


def diff(begin: Begin, organisation: str, targets: Sequence[Target], *, as_of: date) -> TargetDiff:
    """Compare the targets of a file with those in force, as of a day; nothing is kept."""
    setting = read_setting(begin, organisation, as_of)
    with begin(organisation) as state:
        kept = state.figures.all_targets()
    known = {_key(one): one for one in kept}
    quotas = {key for key, one in setting.targets.items() if one.source == "crm"}
    changes = [
        {
            **_named(one),
            "old": old.value if old else None,
            "new": one.value,
            "set_by": one.set_by,
            "overruled": one.period_start <= as_of <= one.period_end
            and (one.person, one.kpi) in quotas,
        }
        for one in targets
        if (old := known.get(_key(one))) is None
        or (old.value, old.set_by) != (one.value, one.set_by)
    ]
    named = {_key(one) for one in targets}
    staying = [
        {**_named(one), "value": one.value}
        for one in kept
        if one.period_end >= as_of and _key(one) not in named
    ]
    holding = [one for one in targets if one.period_start <= as_of <= one.period_end]
    # A quota of the CRM stays in force whatever the file says.
    merged = {**setting.targets, **in_force(holding)}
    merged |= {k: one for k, one in setting.targets.items() if one.source == "crm"}
    ahead = outlook(setting.frames, as_of)
    before = evaluate(setting, ahead)
    after = evaluate(replace(setting, targets=merged), ahead)
    return TargetDiff(changes=changes, statuses=moved(before, after), staying=staying)


def _key(one: Target) -> tuple[str, str, date, date]:
    return one.person, one.kpi, one.period_start, one.period_end


def _named(one: Target) -> dict[str, Any]:
    return {"rep": one.person, "kpi": one.kpi, "period": [one.period_start, one.period_end]}


def off_track_now(statuses: Sequence[dict[str, Any]]) -> list[str]:
    """Who would be off track and is not yet."""
    off = ProgressStatus.OFF_TRACK.value
    return sorted({one["rep"] for one in statuses if one["after"] == off})


def moved(before: Sequence[KpiValue], after: Sequence[KpiValue]) -> list[dict[str, Any]]:
    """Every status that is another one, with the one that it was."""
    earlier = {(one.person, one.kpi): one.progress for one in before}
    return [
        {
            "rep": one.person,
            "kpi": one.kpi,
            "before": was.value if was else None,
            "after": one.progress.value if one.progress else None,
        }
        for one in after
        if (was := earlier.get((one.person, one.kpi))) != one.progress
    ]

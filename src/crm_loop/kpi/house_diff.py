"""What other settings of the house would change: whom they put on another footing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from crm_loop.kpi.evaluation import evaluate
from crm_loop.kpi.outlook import outlook
from crm_loop.kpi.service import Parts, read_parts, setting_of
from crm_loop.kpi.target_diff import moved
from crm_loop.loop_records import KpiValue
from crm_loop.store import Begin
from crm_loop.store.connections import Organisation


def moved_by(
    begin: Begin,
    organisation: str,
    own: Organisation,
    stages: Mapping[tuple[str, str, str], str],
    *,
    as_of: date,
) -> list[dict[str, Any]]:
    """Statuses that would be other ones with these settings, as of a day; nothing is kept."""
    parts = read_parts(begin, organisation, as_of)
    now = parts.setting.organisation.counting.assume_past_meetings_held
    if own.counting.assume_past_meetings_held != now:
        other = read_parts(begin, organisation, as_of, tried=own)
    else:
        other = replace(parts, setting=replace(parts.setting, organisation=own))
    return moved(_evaluated(parts), _evaluated(replace(other, mapping=stages)))


def _evaluated(parts: Parts) -> list[KpiValue]:
    setting = setting_of(parts)
    return evaluate(setting, outlook(setting.frames, setting.as_of))

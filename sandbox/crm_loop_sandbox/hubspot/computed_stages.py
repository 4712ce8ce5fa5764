"""When a deal entered and left each stage, and how long it stayed: four properties a stage."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

from crm_loop_sandbox.hubspot.moments import iso
from crm_loop_sandbox.hubspot.object_types import DEAL
from crm_loop_sandbox.hubspot.pipeline import Pipeline, Stage
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.properties import PropertyDef, PropertyGroup
from crm_loop_sandbox.hubspot.rows import Row

#: Of one stage: its id and the record.
_OfStage = Callable[[str, Row], str | None]
_GROUP = PropertyGroup(
    name="deal_stages_calculated_properties", label="Deal stage calculated properties"
)


def define(portal: Portal, pipeline: Pipeline, stage: Stage) -> None:
    """Add the properties of one deal stage."""
    deals, suffix = portal.table(DEAL), _suffix(portal, stage.id)
    deals.groups[_GROUP.name] = _GROUP
    for word, said, kind, compute in _kinds(portal):
        name = f"hs_v2_{word}_{suffix}"
        deals.computed[name] = partial(compute, stage.id)
        deals.later.add(name)
        deals.define(
            PropertyDef(
                name=name,
                label=f'{said} "{stage.label} ({pipeline.label})"',
                type=kind,
                field_type="date" if kind == "datetime" else "number",
                group=_GROUP.name,
                computed=True,
                calculated=True,
            )
        )


def undefine(portal: Portal, stage: Stage) -> None:
    deals, suffix = portal.table(DEAL), _suffix(portal, stage.id)
    for word, *_ in _kinds(portal):
        name = f"hs_v2_{word}_{suffix}"
        deals.computed.pop(name, None)
        if name in deals.properties:
            deals.undefine(name)


def _kinds(portal: Portal) -> tuple[tuple[str, str, str, _OfStage], ...]:
    return (
        ("date_entered", "Date entered", "datetime", _entered),
        ("date_exited", "Date exited", "datetime", _exited),
        ("latest_time_in", "Latest time in", "number", partial(_latest, portal)),
        ("cumulative_time_in", "Cumulative time in", "number", partial(_cumulative, portal)),
    )


def _entered(stage_id: str, row: Row) -> str | None:
    """When the stage was entered last."""
    moments = [version.at for version in row.versions("dealstage") if version.value == stage_id]
    return iso(moments[-1]) if moments else None


def _exited(stage_id: str, row: Row) -> str | None:
    versions = row.versions("dealstage")
    moments = [after.at for before, after in pairwise(versions) if before.value == stage_id]
    return iso(moments[-1]) if moments else None


def _stays(portal: Portal, stage_id: str, row: Row) -> Iterator[int]:
    """Milliseconds of each stay; the last one may still go on."""
    versions = row.versions("dealstage")
    ends = [*(one.at for one in versions[1:]), portal.now()]
    for version, end in zip(versions, ends, strict=False):
        if version.value == stage_id:
            yield max(end - version.at, 0)


def _latest(portal: Portal, stage_id: str, row: Row) -> str | None:
    stays = list(_stays(portal, stage_id, row))
    return str(stays[-1]) if stays else None


def _cumulative(portal: Portal, stage_id: str, row: Row) -> str | None:
    stays = list(_stays(portal, stage_id, row))
    return str(sum(stays)) if stays else None


def _suffix(portal: Portal, stage_id: str) -> str:
    """A stage id with odd characters becomes a name that cannot be derived from it."""
    if re.fullmatch(r"[a-z]+", stage_id):
        return stage_id
    safe = re.sub(r"[^a-z0-9]", "_", stage_id.lower())
    return f"{safe}_{portal.ids.small('stage', stage_id)}"

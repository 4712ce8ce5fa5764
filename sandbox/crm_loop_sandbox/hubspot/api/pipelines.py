"""Pipelines and their stages: reading, making, changing, removing, and who did it."""

from dataclasses import replace
from typing import Any

from crm_loop_sandbox.hubspot import computed_stages
from crm_loop_sandbox.hubspot.api.pipeline_bodies import new_stage, stage_changes, text_of
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import bad_request, not_found
from crm_loop_sandbox.hubspot.moments import iso
from crm_loop_sandbox.hubspot.object_types import DEAL, LEAD, TICKET, ObjectType
from crm_loop_sandbox.hubspot.pipeline import Pipeline, Stage
from crm_loop_sandbox.hubspot.pipelines import PLACES
from crm_loop_sandbox.hubspot.routing import Rule

_WRITE = {
    DEAL.id: "crm.schemas.deals.write",
    TICKET.id: "tickets",
    LEAD.id: "crm.objects.leads.write",
}
_STAGES_MOST = 100


def _kind(call: Call, *, write: bool = False) -> ObjectType:
    kind = call.kind()
    if write:
        if not call.portal.pipelines.has(kind):
            raise bad_request(f"{kind.label} has no pipelines")
        call.require(_WRITE[kind.id])
    return kind


def _pipeline(call: Call, kind: ObjectType) -> Pipeline:
    found = call.portal.pipelines.of(kind).get(call.names["pipeline"])
    if found is None:
        raise not_found()
    return found


def _stage(call: Call, pipeline: Pipeline) -> Stage:
    found = pipeline.stages.get(call.names["stage"])
    if found is None:
        raise not_found()
    return found


def _note(call: Call, pipeline: Pipeline, action: str, shape: dict[str, Any]) -> None:
    """Write the audit, which the newest entry begins."""
    entry = {
        "identifier": shape["id"],
        "action": action,
        "timestamp": iso(call.portal.now()),
        "portalId": call.portal.portal_id,
        "message": f"{action.capitalize()} {shape['label']}",
        "rawObject": shape,
    }
    if call.caller.user_id is not None:
        entry["fromUserId"] = call.caller.user_id
    pipeline.audit.insert(0, entry)
    call.portal.pipelines.changed()


def _list(call: Call) -> Reply:
    pipelines = sorted(call.portal.pipelines.of(_kind(call)).values(), key=lambda one: one.order)
    renamed = call.strikes("rename_status")
    return Reply({"results": [_shape(one, renamed=renamed) for one in pipelines]})


def _shape(pipeline: Pipeline, *, renamed: bool) -> dict[str, Any]:
    """`renamed`: an admin gave every stage another label; ids never change."""
    shape = pipeline.shape()
    for stage in shape["stages"] if renamed else ():
        stage["label"] = f"{stage['label']} (renamed)"
    return shape


def _read(call: Call) -> Reply:
    shape = _shape(_pipeline(call, _kind(call)), renamed=call.strikes("rename_status"))
    return Reply(shape)


def _create(call: Call) -> Reply:
    kind, body = _kind(call, write=True), call.json()
    pipelines = call.portal.pipelines.of(kind)
    if len(pipelines) >= call.portal.tier.pipelines:
        raise bad_request(f"Your account allows {call.portal.tier.pipelines} pipelines at most.")
    now = call.portal.now()
    label = text_of(body, "label")
    if any(label == one.label for one in pipelines.values()):
        raise bad_request(f"A pipeline with the label {label} exists already.")
    made = Pipeline(
        id=str(call.portal.ids.small("pipeline", kind.id, len(pipelines), label)),
        label=label,
        order=int(body.get("displayOrder") or 0),
        created=now,
        updated=now,
    )
    stages = [new_stage(call.portal, kind, made, one) for one in body.get("stages") or []]
    pipelines[made.id] = made
    for stage in stages:
        _put_stage(call, kind, made, stage)
    _note(call, made, "CREATE", made.shape())
    return Reply(made.shape(), 201)


def _put_stage(call: Call, kind: ObjectType, pipeline: Pipeline, stage: Stage) -> None:
    pipeline.stages[stage.id] = stage
    if kind is DEAL:
        computed_stages.define(call.portal, pipeline, stage)


def _change(call: Call) -> Reply:
    kind = _kind(call, write=True)
    pipeline, body = _pipeline(call, kind), call.json()
    pipeline.label = str(body.get("label") or pipeline.label)
    pipeline.order = int(body.get("displayOrder", pipeline.order))
    pipeline.updated = call.portal.now()
    _note(call, pipeline, "UPDATE", pipeline.shape())
    return Reply(pipeline.shape())


def _replace(call: Call) -> Reply:
    """The pipeline holds these stages and no others afterwards."""
    kind = _kind(call, write=True)
    pipeline, body = _pipeline(call, kind), call.json()
    listed = body.get("stages") or []
    stages = [new_stage(call.portal, kind, pipeline, one) for one in listed]
    for gone in [one for one in pipeline.stages.values() if one.id not in {s.id for s in stages}]:
        _drop_stage(call, kind, pipeline, gone)
    for stage in stages:
        _put_stage(call, kind, pipeline, stage)
    return _change(call)


def _remove(call: Call) -> Reply:
    kind = _kind(call, write=True)
    pipeline = _pipeline(call, kind)
    if pipeline is call.portal.pipelines.sales:
        raise bad_request("The default pipeline cannot be deleted.")
    for stage in list(pipeline.stages.values()):
        _drop_stage(call, kind, pipeline, stage)
    _note(call, pipeline, "DELETE", pipeline.shape())
    del call.portal.pipelines.of(kind)[pipeline.id]
    call.portal.pipelines.changed()
    return Reply(status=204)


def _drop_stage(call: Call, kind: ObjectType, pipeline: Pipeline, stage: Stage) -> None:
    """Refused while a record stands there."""
    name = PLACES[kind.id][1]
    used = [row.id for row in call.portal.table(kind).living() if row.props.get(name) == stage.id]
    if used:
        raise bad_request(f"Stage {stage.id} is in use by {len(used)} {kind.plural}.")
    del pipeline.stages[stage.id]
    if kind is DEAL:
        computed_stages.undefine(call.portal, stage)


def _stages(call: Call) -> Reply:
    pipeline = _pipeline(call, _kind(call))
    return Reply({"results": [stage.shape() for stage in pipeline.in_order()]})


def _read_stage(call: Call) -> Reply:
    return Reply(_stage(call, _pipeline(call, _kind(call))).shape())


def _create_stage(call: Call) -> Reply:
    kind = _kind(call, write=True)
    pipeline = _pipeline(call, kind)
    if len(pipeline.stages) >= _STAGES_MOST:
        raise bad_request(f"A pipeline has {_STAGES_MOST} stages at most.")
    stage = new_stage(call.portal, kind, pipeline, call.json())
    _put_stage(call, kind, pipeline, stage)
    _note(call, pipeline, "CREATE", stage.shape())
    return Reply(stage.shape(), 201)


def _change_stage(call: Call) -> Reply:
    kind = _kind(call, write=True)
    pipeline = _pipeline(call, kind)
    held = _stage(call, pipeline)
    changes = stage_changes(kind, held, call.json())
    stage = replace(held, updated=call.portal.now(), **changes)
    _put_stage(call, kind, pipeline, stage)
    _note(call, pipeline, "UPDATE", stage.shape())
    return Reply(stage.shape())


def _remove_stage(call: Call) -> Reply:
    kind = _kind(call, write=True)
    pipeline = _pipeline(call, kind)
    stage = _stage(call, pipeline)
    _drop_stage(call, kind, pipeline, stage)
    _note(call, pipeline, "DELETE", stage.shape())
    return Reply(status=204)


def _audit(call: Call) -> Reply:
    return Reply({"results": _pipeline(call, _kind(call)).audit})


def _stage_audit(call: Call) -> Reply:
    pipeline = _pipeline(call, _kind(call))
    name = call.names["stage"]
    return Reply({"results": [one for one in pipeline.audit if one["identifier"] == name]})


_BASE = "crm/pipelines/{type}"
_ONE = f"{_BASE}/{{pipeline}}"
_STAGE = f"{_ONE}/stages/{{stage}}"
RULES = (
    Rule("GET", _BASE, _list),
    Rule("POST", _BASE, _create),
    Rule("GET", _ONE, _read),
    Rule("PATCH", _ONE, _change),
    Rule("PUT", _ONE, _replace),
    Rule("DELETE", _ONE, _remove),
    Rule("GET", f"{_ONE}/audit", _audit),
    Rule("GET", f"{_ONE}/stages", _stages),
    Rule("POST", f"{_ONE}/stages", _create_stage),
    Rule("GET", _STAGE, _read_stage),
    Rule("PATCH", _STAGE, _change_stage),
    Rule("PUT", _STAGE, _change_stage),
    Rule("DELETE", _STAGE, _remove_stage),
    Rule("GET", f"{_STAGE}/audit", _stage_audit),
)

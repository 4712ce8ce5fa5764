"""Pipelines and their stages, read only."""

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import not_found
from crm_loop_sandbox.hubspot.object_types import DEAL
from crm_loop_sandbox.hubspot.pipeline import Pipeline
from crm_loop_sandbox.hubspot.routing import Rule


def _pipelines(call: Call) -> list[Pipeline]:
    return [call.portal.pipeline] if call.kind() is DEAL else []


def _pipeline(call: Call) -> Pipeline:
    for pipeline in _pipelines(call):
        if pipeline.id == call.names["pipeline"]:
            return pipeline
    raise not_found()


def _list(call: Call) -> Reply:
    return Reply({"results": [pipeline.shape() for pipeline in _pipelines(call)]})


def _read(call: Call) -> Reply:
    return Reply(_pipeline(call).shape())


def _stages(call: Call) -> Reply:
    return Reply({"results": [stage.shape() for stage in _pipeline(call).stages.values()]})


def _stage(call: Call) -> Reply:
    stage = _pipeline(call).stages.get(call.names["stage"])
    if stage is None:
        raise not_found()
    return Reply(stage.shape())


_BASE = "crm/pipelines/{type}"
RULES = (
    Rule("GET", _BASE, _list),
    Rule("GET", f"{_BASE}/{{pipeline}}", _read),
    Rule("GET", f"{_BASE}/{{pipeline}}/stages", _stages),
    Rule("GET", f"{_BASE}/{{pipeline}}/stages/{{stage}}", _stage),
)
